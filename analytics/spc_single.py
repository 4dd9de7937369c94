"""One series' chart out of the table of many: its calendar checked, its signals gathered with their dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TypedDict

import numpy as np
import pandas as pd

from analytics.results import Direction, LimitsKind, PointType, Rule, Signal, Variation
from analytics.spc_phases import Floats
from analytics.spc_reading import POINT_TYPES, VARIATIONS, ControlTable, limits_kind
from analytics.spc_rules import RULES, mark_bit, side_name, signal_starts
from analytics.spc_table import direction_signs


def calendar(values: pd.Series, *, each_once: bool = True) -> pd.DatetimeIndex:
    """Give the period starts; raises ValueError unless they are dates, oldest first, and each_once no date repeats."""
    periods = values.index
    if not isinstance(periods, pd.DatetimeIndex):
        raise ValueError("values must be indexed by period start")
    if not periods.is_monotonic_increasing or (each_once and not periods.is_unique):
        raise ValueError("periods must stand oldest first, each once")
    return periods


def missing_periods(values: Floats, days: list[dt.date]) -> tuple[dt.date, ...]:
    """List the periods that were not measured."""
    return tuple(days[place] for place in np.flatnonzero(np.isnan(values)))


def _signals(table: ControlTable, values: Floats, days: list[dt.date], direction: Direction) -> tuple[Signal, ...]:
    """Gather the marks of the only series into signals, oldest start first; days: its period starts."""
    excluded = table.point_types[0] == POINT_TYPES.index(PointType.EXCLUDED)
    clean: Floats = np.where(excluded, np.nan, values)
    sign = int(direction_signs(direction, 1)[0])
    kind_of = {1: PointType.IMPROVEMENT, -1: PointType.CONCERN, 0: PointType.NEUTRAL}
    found = []
    for rule, high, start, end in _phase_rule_sides(table):
        marked = (table.marks[:1, start:end] & mark_bit(rule, high=high)) != 0
        starts = signal_starts(marked, clean[None, start:end], rule, high=high)[0]
        points = np.flatnonzero(marked[0])
        for first in np.unique(starts[points]):
            those = points[starts[points] == first] + start
            found.append(
                Signal(
                    rule=rule,
                    side=side_name(rule, high=high),
                    start=days[those[0]],
                    end=days[those[-1]],
                    n_points=len(those),
                    point_type=kind_of[sign if high else -sign],
                )
            )
    order = {rule: place for place, (rule, _) in enumerate(RULES)}
    return tuple(sorted(found, key=lambda signal: (signal.start, order[signal.rule])))


def _phase_rule_sides(table: ControlTable) -> Iterator[tuple[Rule, bool, int, int]]:
    for start, end in zip(table.phase_start, table.phase_end, strict=True):
        present = int(np.bitwise_or.reduce(table.marks[0, start:end], initial=0))
        for rule, _ in RULES:
            for high in (True, False):
                if present & mark_bit(rule, high=high):
                    yield rule, high, int(start), int(end)


class SinglePoints(TypedDict):
    """What every chart of one series says of its points, whatever its kind."""

    point_types: tuple[PointType, ...]
    signals: tuple[Signal, ...]
    variation: Variation
    direction: Direction
    missing_periods: tuple[dt.date, ...]


def single_points(table: ControlTable, values: Floats, days: list[dt.date], direction: Direction) -> SinglePoints:
    """Gather what is said of the points of the only series; days: its period starts.

    variation: what its last measured point says; common cause where there are no limits.
    """
    return {
        "point_types": tuple(POINT_TYPES[code] for code in table.point_types[0]),
        "signals": _signals(table, values, days, direction),
        "variation": VARIATIONS[table.variation[0]] or Variation.COMMON_CAUSE,
        "direction": direction,
        "missing_periods": missing_periods(values, days),
    }


class PhaseNumbers(TypedDict):
    """What every phase has, whatever the kind of its chart."""

    start: dt.date
    end: dt.date
    n_points: int
    kind: LimitsKind
    mean: float | None
    lower_limit: float | None
    upper_limit: float | None
    mean_moving_range: float | None
    moving_range_limit: float | None
    frozen_until: dt.date | None


def phase_numbers(table: ControlTable, place: int, days: list[dt.date]) -> PhaseNumbers:
    """Give the numbers of one phase of the only series, None where there are no limits, moving ranges left out."""
    mean, n_points, frozen = float(table.phase_mean[place]), int(table.phase_points[place]), table.phase_frozen[place]
    known = not np.isnan(mean)
    return {
        "start": days[table.phase_start[place]],
        "end": days[table.phase_end[place] - 1],
        "n_points": n_points,
        "kind": limits_kind(n_points, mean),
        "mean": mean if known else None,
        "lower_limit": float(table.phase_lower[place]) if known else None,
        "upper_limit": float(table.phase_upper[place]) if known else None,
        "mean_moving_range": None,
        "moving_range_limit": None,
        "frozen_until": days[frozen] if frozen >= 0 else None,
    }
