"""What people decided of the limits of a block of series, as places of its grids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.portfolio import Decided
from data import periods
from data.limits import LimitDecisions, Pair, left_out
from data.score_grid import Block, Grid
from data.types import Decision

EPOCH = np.datetime64("1970-01-01", "D")  # a grid's places as days: every series begins on it
Strings = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class DecidedBlock:
    """The decisions that count in a block; ids: of each series, comma between, "" = none counts."""

    decided: Decided
    steps: Strings
    baselines: Strings
    exclusions: Strings

    @classmethod
    def of(cls, block: Block, grid: Grid, limits: Mapping[Pair, LimitDecisions]) -> DecidedBlock:
        """Find them. Those after a series' last measured period do not count yet."""
        found = _Found(len(block.names))
        for series, decided in concerned(block, limits):
            calendar = grid.calendar(series, block.grain)
            found.add_steps(grid, series, decided)
            found.add_baselines(calendar, series, decided)
            found.add_exclusions(block, calendar, series, decided)
        days = pd.DatetimeIndex(EPOCH + np.arange(grid.length.max()))
        return cls(Decided(days, found.steps, found.baselines, found.excluded), *found.ids)


def concerned(block: Block, limits: Mapping[Pair, LimitDecisions]) -> list[tuple[int, LimitDecisions]]:
    """List the series of a block that people decided on, by their numbers."""
    if not limits:
        return []
    pairs = zip(block.names["metric_id"], block.names["site_id"], strict=True)
    return [(series, limits[pair]) for series, pair in enumerate(pairs) if pair in limits]


@dataclass(slots=True, eq=False)
class _Found:
    n_series: int
    steps: dict[int, list[dt.date]] = field(default_factory=dict)
    baselines: dict[int, list[dt.date]] = field(default_factory=dict)
    excluded: dict[int, list[dt.date]] = field(default_factory=dict)
    ids: tuple[Strings, Strings, Strings] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = tuple(np.full(self.n_series, "", dtype=object) for _ in range(3))  # type: ignore[assignment]

    def add_steps(self, grid: Grid, series: int, decided: LimitDecisions) -> None:
        for step in decided.steps:
            row = grid.row_from(series, step.applies_on)
            if row is not None:
                self._add(0, self.steps, series, step, [int(grid.place[row])])

    def add_baselines(self, calendar: NDArray[np.datetime64], series: int, decided: LimitDecisions) -> None:
        for baseline in decided.baselines:
            before = int(np.searchsorted(calendar, np.datetime64(baseline.applies_on, "D"), side="right"))
            if 0 < before < len(calendar):
                self._add(1, self.baselines, series, baseline, [before - 1])

    def add_exclusions(
        self, block: Block, calendar: NDArray[np.datetime64], series: int, decided: LimitDecisions
    ) -> None:
        for exclusion in decided.exclusions:
            days = left_out(exclusion, pd.DatetimeIndex(calendar), block.grain)
            places = np.searchsorted(calendar, np.array(days, "datetime64[D]")).tolist()
            if places:
                self._add(2, self.excluded, series, exclusion, places)

    def _add(
        self, kind: int, days: dict[int, list[dt.date]], series: int, decision: Decision, places: list[int]
    ) -> None:
        days.setdefault(series, []).extend(periods.as_date(EPOCH + place) for place in places)
        ids = self.ids[kind]
        ids[series] = ",".join(filter(None, [ids[series], decision.id]))
