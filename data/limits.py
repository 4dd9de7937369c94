"""What people decided of a series' limits: where they start again, where they stay, which points they leave out.

Three types of decision, each of one metric at one site and keyed by date, so that no late or restated row moves them:
a step starts the limits again on applies_on; a baseline freezes them, applies_on being its last day; an exclusion
leaves out the period of its datum (period_start at its grain), or all periods from there to the one of period_end.
A decision that stands in the place of one lifts it. Segments share what was decided of their metric and site.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from data import periods, records
from data.types import Decision, DecisionType, Grain

Pair = tuple[str, str]  # metric and site
LIMIT_TYPES = frozenset({DecisionType.STEP, DecisionType.BASELINE, DecisionType.EXCLUSION})


@dataclass(frozen=True, slots=True)
class LimitDecisions:
    """What stands of one series' limits, each kind by its day, oldest first."""

    steps: tuple[Decision, ...] = ()
    baselines: tuple[Decision, ...] = ()
    exclusions: tuple[Decision, ...] = ()

    @classmethod
    def among(cls, decisions: Iterable[Decision]) -> LimitDecisions:
        """Sort out the decisions of one series; those that another replaced are already left out."""
        by_day = sorted(decisions, key=lambda decision: decision.applies_on)
        kinds = (DecisionType.STEP, DecisionType.BASELINE, DecisionType.EXCLUSION)
        return cls(*(tuple(d for d in by_day if d.type is kind) for kind in kinds))

    @property
    def step_days(self) -> list[dt.date]:
        """The days from which limits start again, each once."""
        return sorted({decision.applies_on for decision in self.steps})

    @property
    def baseline_days(self) -> list[dt.date]:
        """The last days of the frozen baselines, each once."""
        return sorted({decision.applies_on for decision in self.baselines})

    def left_out(self, starts: pd.DatetimeIndex, grain: Grain) -> list[dt.date]:
        """Tell which of these periods, given by their first days, the limits leave out."""
        return sorted({day for decision in self.exclusions for day in left_out(decision, starts, grain)})


def not_replaced(known: Collection[Decision]) -> list[Decision]:
    """Leave out the decisions that another one replaced; the others keep their order."""
    replaced = {decision.supersedes_id for decision in known}
    return [decision for decision in known if decision.id not in replaced]


def by_series(decisions: Iterable[Decision]) -> dict[Pair, LimitDecisions]:
    """Sort those on limits, among decisions that stand, by the metric and site they are of."""
    found: dict[Pair, list[Decision]] = {}
    for decision in decisions:
        if decision.type in LIMIT_TYPES and decision.metric_id is not None and decision.site_id is not None:
            found.setdefault((decision.metric_id, decision.site_id), []).append(decision)
    return {pair: LimitDecisions.among(those) for pair, those in found.items()}


def limits_on(
    cursor: duckdb.DuckDBPyConnection, *, site_id: str, metric_id: str, as_known_on: dt.datetime | None = None
) -> LimitDecisions:
    """Read what was decided of one series' limits and stands."""
    known = not_replaced(records.current(cursor, Decision, as_known_on=as_known_on))
    return by_series(known).get((metric_id, site_id), LimitDecisions())


def left_out(exclusion: Decision, starts: pd.DatetimeIndex, grain: Grain) -> list[dt.date]:
    """Tell which of these periods of a grain lie whole in an exclusion; a coarser one than its own never does."""
    if exclusion.period_start is None or exclusion.grain is None or not len(starts):
        return []
    last = periods.period_end(exclusion.period_end or exclusion.period_start, exclusion.grain)
    first_days = starts.to_numpy().astype("datetime64[D]")
    last_days = periods.starts(periods.ordinals(first_days, grain) + 1, grain) - np.timedelta64(1, "D")
    inside = (first_days >= np.datetime64(exclusion.period_start, "D")) & (last_days <= np.datetime64(last, "D"))
    return [periods.as_date(day) for day in first_days[inside]]
