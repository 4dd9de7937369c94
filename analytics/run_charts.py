"""Run charts: a median, and two rules that tell from its runs and crossings whether chance alone is at work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analytics.results import Direction, NotComputable, Variation
from analytics.results_charts import RunChart, RunPhase
from analytics.spc_phases import Dates, Flags, Floats, PhasePlan, Places, Until
from analytics.spc_reading import MINIMUM_POINTS, POINT_TYPES, VARIATIONS, Codes, named_points, named_variations
from analytics.spc_rules import ROUNDING
from analytics.spc_single import calendar, missing_periods
from analytics.spc_table import direction_signs

# A run longer than round(log2 n + 3) (Schilling, Mathematics Magazine 85(2), 2012), fewer crossings than the 5 % point of
# the binomial with n - 1 chances (Chen, Biometrics 2010), n the points off the median: Anhoej and Olesen, PLoS ONE 9(11), 2014.
LONGER_THAN_LOG2 = 3
CROSSINGS_SHARE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class RunTable:
    """Run charts of many series on one calendar. Per phase: phase_*; -1 = no limit. Per series: the rest.

    runs, shape (n_series, n_periods): the side of the points of a run that is too long, 1 above, -1 below, 0 else.
    """

    values: Floats
    point_types: Codes
    runs: Codes
    phase_series: Places
    phase_start: Places
    phase_end: Places  # exclusive
    phase_frozen: Places
    phase_points: Places
    phase_median: Floats
    phase_useful: Places
    phase_longest: Places
    phase_longest_limit: Places
    phase_crossings: Places
    phase_fewest: Places
    last_phase: Places
    variation: Codes
    reasons: tuple[NotComputable | None, ...]

    @property
    def signal(self) -> Flags:
        """Whether either rule speaks in the last phase, shape (n_series,)."""
        long = (self.phase_longest_limit >= 0) & (self.phase_longest > self.phase_longest_limit)
        return (long | (self.phase_crossings < self.phase_fewest))[self.last_phase]


def run_chart(
    values: pd.Series,
    *,
    direction: Direction,
    steps: Sequence[dt.date] = (),
    baseline_until: Until | None = None,
    excluded: Collection[dt.date] = (),
) -> RunChart | NotComputable:
    """Chart one series against its median.

    values: shape (n_periods,), the metric's own unit, indexed by period start, oldest first, each once; NaN = not measured.
    A point on the median counts neither way and ends no run. A missing or excluded period ends a run, and no crossing
        spans it: the chances of a crossing are counted without it. Dates as for `analytics.spc.xmr_chart`.
    Returns NotComputable "all_missing", "too_few_for_runs" (below MINIMUM_POINTS) or "infinite_values".
    Raises ValueError if the index is not of dates, is unsorted or repeats a period.
    Source: Anhoej and Olesen (2014), PLoS ONE 9(11) e113825.

    >>> weeks = pd.date_range("2026-01-05", periods=9, freq="7D")
    >>> run_chart(pd.Series([3, 5, 4, 3, 6, 4, 5, 2, 4.0], index=weeks), direction=Direction.DOWN).latest.signal
    False
    """
    periods = calendar(values)
    observed = values.to_numpy(dtype=np.float64, na_value=np.nan)
    table = run_charts(
        observed[None, :],
        directions=direction,
        periods=periods,
        steps={0: steps},
        baselines={} if baseline_until is None else {0: baseline_until},
        excluded={0: excluded},
    )
    reason = table.reasons[0]
    if reason is not None and np.isnan(table.phase_median).all():
        return reason
    days = [stamp.date() for stamp in periods]
    return RunChart(
        periods=periods,
        values=observed,
        point_types=tuple(POINT_TYPES[code] for code in table.point_types[0]),
        phases=tuple(_phase(table, place, days) for place in range(len(table.phase_series))),
        variation=VARIATIONS[table.variation[0]] or Variation.COMMON_CAUSE,
        direction=direction,
        missing_periods=missing_periods(observed, days),
    )


def run_charts(
    values: Floats,
    *,
    directions: Direction | Sequence[Direction],
    periods: pd.DatetimeIndex | None = None,
    steps: Dates | None = None,
    baselines: Mapping[int, Until] | None = None,
    excluded: Dates | None = None,
) -> RunTable:
    """Chart many series on one calendar: shape (n_series, n_periods), oldest first, NaN = not measured.

    What is dated needs periods, and its keys are row numbers.

    >>> table = run_charts(np.array([[1, 2, 1, 2, 1, 2, 1, 2.0]]), directions=Direction.UP)
    >>> table.phase_median, table.phase_crossings, table.signal
    (array([1.5]), array([7]), array([False]))
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError("values must have the shape (n_series, n_periods)")
    plan = PhasePlan.of(values, periods, steps or {}, baselines or {}, excluded or {})
    everything = slice(0, len(plan.series))
    rows = plan.rows(everything)
    points, median = _medians(plan.setting_limits(rows, everything))
    side = _sides(rows, median)
    longest, crossings, chances, length = _runs(side, np.isnan(rows))
    useful = (side != 0).sum(axis=1)
    limit = np.where(useful > 0, np.rint(np.log2(np.maximum(useful, 1)) + LONGER_THAN_LOG2), -1).astype(np.intp)
    fewest = np.where(useful > 0, _crossings_line(chances), -1).astype(np.intp)
    too_long = np.where((length > limit[:, None]) & (useful > 0)[:, None], side, 0).astype(np.int8)
    runs = np.zeros(values.shape, dtype=np.int8)
    for row, series, start, end in zip(too_long, plan.series, plan.start, plan.end, strict=True):
        runs[series, start:end] = row[start:end]
    signs, last_phase = direction_signs(directions, len(values)), plan.last_phase
    last_side = _last_side(plan.clean, runs) * np.asarray(plan.start[last_phase] <= _last_place(plan.clean))
    return RunTable(
        values=values,
        point_types=named_points(values, runs, signs, plan.excluded),
        runs=runs,
        phase_series=plan.series,
        phase_start=plan.start,
        phase_end=plan.end,
        phase_frozen=plan.frozen,
        phase_points=points,
        phase_median=median,
        phase_useful=useful,
        phase_longest=longest,
        phase_longest_limit=limit,
        phase_crossings=crossings,
        phase_fewest=fewest,
        last_phase=last_phase,
        variation=named_variations(last_side * signs, np.abs(last_side), np.isnan(median[last_phase])),
        reasons=_reasons(plan, points[last_phase]),
    )


def _medians(setting: Floats) -> tuple[Places, Floats]:
    """Count the points and take their median; NaN where they are too few to tell anything."""
    points = (~np.isnan(setting)).sum(axis=1)
    median = np.full(len(setting), np.nan)
    enough = np.flatnonzero(points >= MINIMUM_POINTS)
    ranked = np.sort(setting[enough], axis=1)  # NaN last
    n = points[enough]
    here = np.arange(len(enough))
    low, high = ranked[here, (n - 1) // 2], ranked[here, n // 2]
    median[enough] = (low + high) / 2
    return points, median


def _sides(rows: Floats, median: Floats) -> Codes:
    apart = rows - median[:, None]
    rounding = ROUNDING * np.nanmax(np.abs(rows), axis=1, initial=0.0)[:, None]
    sides: Codes = (apart > rounding).astype(np.int8) - (apart < -rounding).astype(np.int8)
    return sides


def _runs(side: Codes, gap: Flags) -> tuple[Places, Places, Places, Places]:
    """Per phase the longest run, the crossings and the chances of one; per point the length of the run it stands in."""
    n_phases, n_periods = side.shape
    previous = np.zeros(n_phases, dtype=np.int8)  # side of the useful point before; 0 = none since a gap
    run = np.zeros(n_phases, dtype=np.intp)
    crossings, chances = np.zeros(n_phases, dtype=np.intp), np.zeros(n_phases, dtype=np.intp)
    so_far = np.zeros((n_phases, n_periods), dtype=np.intp)
    for place in range(n_periods):
        here, useful = side[:, place], side[:, place] != 0
        neighbours = useful & (previous != 0)
        chances += neighbours
        crossings += neighbours & (here != previous)
        run = np.where(useful, np.where(neighbours & (here == previous), run + 1, 1), np.where(gap[:, place], 0, run))
        previous = np.where(useful, here, np.where(gap[:, place], 0, previous)).astype(np.int8)
        so_far[:, place] = np.where(useful, run, 0)
    length, after, whole = so_far.copy(), np.zeros(n_phases, dtype=np.int8), np.zeros(n_phases, dtype=np.intp)
    for place in range(n_periods - 1, -1, -1):  # back from each run's last point, whose count is the whole run's
        here, count = side[:, place], so_far[:, place]
        inside = (here != 0) & (here == after)
        whole = np.where(inside, whole, np.where(here != 0, count, np.where(gap[:, place], 0, whole)))
        after = np.where(here != 0, here, np.where(gap[:, place], 0, after)).astype(np.int8)
        length[:, place] = np.where(here != 0, whole, 0)
    return so_far.max(axis=1, initial=0), crossings, chances, length


def _crossings_line(chances: Places) -> Floats:
    """The fewest crossings chance allows: the smallest k with P(X <= k) >= CROSSINGS_SHARE, X binomial with p 1/2."""
    lines = np.zeros(int(chances.max(initial=0)) + 1)
    for n in range(1, len(lines)):
        k = np.arange(n + 1, dtype=np.float64)
        lines[n] = np.searchsorted(special.bdtr(k, n, 0.5), CROSSINGS_SHARE, side="left")
    return lines[chances]


def _last_place(clean: Floats) -> Places:
    measured = ~np.isnan(clean)
    if clean.shape[1] == 0:
        return np.full(len(clean), -1, dtype=np.intp)
    return np.where(measured.any(axis=1), clean.shape[1] - 1 - measured[:, ::-1].argmax(axis=1), -1)


def _last_side(clean: Floats, runs: Codes) -> Codes:
    if clean.shape[1] == 0:
        return np.zeros(len(clean), dtype=np.int8)
    return np.asarray(runs[np.arange(len(clean)), _last_place(clean)], dtype=np.int8)


def _reasons(plan: PhasePlan, points: Places) -> tuple[NotComputable | None, ...]:
    reasons: list[NotComputable | None] = [None] * len(points)
    for series in np.flatnonzero(points < MINIMUM_POINTS):
        if plan.infinite[series]:
            reasons[series] = NotComputable("infinite_values", {"found": int(plan.infinite[series])})
        elif np.isnan(plan.clean[series]).all():
            reasons[series] = NotComputable("all_missing")
        else:
            reasons[series] = NotComputable(
                "too_few_for_runs", {"found": int(points[series]), "needed": MINIMUM_POINTS}
            )
    return tuple(reasons)


def _phase(table: RunTable, place: int, days: list[dt.date]) -> RunPhase:
    median, frozen = float(table.phase_median[place]), int(table.phase_frozen[place])
    limit, fewest = int(table.phase_longest_limit[place]), int(table.phase_fewest[place])
    return RunPhase(
        start=days[table.phase_start[place]],
        end=days[table.phase_end[place] - 1],
        n_points=int(table.phase_points[place]),
        median=None if np.isnan(median) else median,
        n_useful=int(table.phase_useful[place]),
        longest_run=int(table.phase_longest[place]),
        longest_run_limit=None if limit < 0 else limit,
        n_crossings=int(table.phase_crossings[place]),
        fewest_crossings=None if fewest < 0 else fewest,
        frozen_until=days[frozen] if frozen >= 0 else None,
    )
