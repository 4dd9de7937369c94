"""Control charts of many series at once: the one place where limits are computed and points named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.results import Assurance, Direction, NotComputable, Rule
from analytics.spc_phases import Dates, Floats, PhasePlan, Places, Until
from analytics.spc_reading import ALL_RULES, MINIMUM_POINTS, Codes, ControlTable, Lines, drawn
from analytics.spc_rules import ROUNDING, Limits

LIMIT_FACTOR = 2.66  # 3 / d2, d2 = 1.128 for moving ranges of two points (Wheeler, Understanding Variation, 1993)
RANGE_LIMIT_FACTOR = 3.267  # D4 for ranges of two points (Wheeler, Understanding Variation, 1993)
MINIMUM_RANGES = 5  # what six points in a row give; gaps leave fewer

ASSURANCES: tuple[Assurance | None, ...] = (None, *Assurance)  # what `assurances` answers with


@dataclass(frozen=True, slots=True, eq=False)
class XmrTable(ControlTable):
    """Individuals charts of many series on one calendar; moving_ranges of shape (n_series, n_periods)."""

    moving_ranges: Floats
    phase_moving_range: Floats


def xmr_charts(
    values: Floats,
    *,
    directions: Direction | Sequence[Direction],
    periods: pd.DatetimeIndex | None = None,
    steps: Dates | None = None,
    baselines: Mapping[int, Until] | None = None,
    excluded: Dates | None = None,
    screen: bool = True,
    rules: Collection[Rule] = ALL_RULES,
) -> XmrTable:
    """Chart many series on one calendar.

    values: shape (n_series, n_periods), each series in its own unit, oldest first. NaN = not measured; no moving
        range spans it and it ends every run. A series with an infinite value has no limits.
    directions: one for all, or one a series.
    periods: the start of each period; needed by the three dated arguments, whose keys are row numbers:
    steps: a phase begins with the first period that starts on or after the date; earlier limits stay.
    baselines: of the phase this date falls in, only periods that start on or before it set the limits. Several dates
        freeze several phases.
    excluded: period starts left out of limits and rules; their points stay.
    rules: those that mark points.
    screen: leave out moving ranges of RANGE_LIMIT_FACTOR times their mean and above, then average again.
    Source: Wheeler (1993), ch. 3; NHSRplotthedots 0.2.2.

    >>> table = xmr_charts(np.array([[10, 12, 10, 12, 10, 12.0]]), directions=Direction.DOWN)
    >>> table.mean, table.upper_limit
    (array([11.]), array([16.32]))
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError("values must have the shape (n_series, n_periods)")
    plan = PhasePlan.of(values, periods, steps or {}, baselines or {}, excluded or {})
    return _charted(values, plan, direction_signs(directions, values.shape[0]), screen=screen, rules=rules)


def assurances(
    lower_limits: Floats, upper_limits: Floats, targets: Floats, directions: Direction | Sequence[Direction]
) -> Codes:
    """Name the assurance icons of many series: codes into ASSURANCES, 0 = not computable.

    All of shape (n_series,), in each series' own unit; NaN = no limits, no target.

    >>> assurances(np.array([5.0]), np.array([16.0]), np.array([4.0]), Direction.UP)
    array([1], dtype=int8)
    """
    sign = direction_signs(directions, len(targets))
    side = np.where(targets > upper_limits, -1, np.where(targets < lower_limits, 1, 0)) * sign
    known = ~(np.isnan(lower_limits) | np.isnan(upper_limits) | np.isnan(targets)) & (sign != 0)
    code_of_side = np.array([ASSURANCES.index(Assurance.WILL_FAIL), ASSURANCES.index(Assurance.HIT_AND_MISS),
                             ASSURANCES.index(Assurance.WILL_PASS)], dtype=np.int8)  # fmt: skip
    return np.where(known, code_of_side[side + 1], np.int8(0))


def direction_signs(directions: Direction | Sequence[Direction], n_series: int) -> Codes:
    """Give 1 for up, -1 for down, 0 for neutral, shape (n_series,)."""
    sign = {Direction.UP: 1, Direction.DOWN: -1, Direction.NEUTRAL: 0}
    if isinstance(directions, Direction):
        return np.full(n_series, sign[directions], dtype=np.int8)
    if len(directions) != n_series:
        raise ValueError("directions and series differ in number")
    return np.array([sign[direction] for direction in directions], dtype=np.int8)


def individual_lines(rows: Floats, plan: PhasePlan, block: slice, *, screen: bool = True) -> Lines:
    """Find the XmR lines of a block of phases; phase numbers mean, moving_range and n_ranges, points moving_ranges."""
    moving = _moving_ranges(rows)
    points, mean = _shifted_mean(plan.setting_limits(rows, block))
    n_ranges, mean_range = _mean_moving_range(plan.setting_limits(moving, block), screen=screen)
    unknown = (points < MINIMUM_POINTS) | (n_ranges < MINIMUM_RANGES)
    mean[unknown] = np.nan
    mean_range[unknown] = np.nan
    numbers = {"mean": mean, "moving_range": mean_range, "n_ranges": n_ranges}
    return Lines(points, _limits(rows, mean, mean_range), numbers, {"moving_ranges": moving})


def _charted(values: Floats, plan: PhasePlan, direction: Codes, *, screen: bool, rules: Collection[Rule]) -> XmrTable:
    def lines_of(rows: Floats, block: slice) -> Lines:
        return individual_lines(rows, plan, block, screen=screen)

    found = drawn(plan, lines_of, rules)
    mean, spread = found.phase["mean"], LIMIT_FACTOR * found.phase["moving_range"]
    return XmrTable.read(
        values,
        plan,
        found,
        direction,
        phase_mean=mean,
        phase_lower=mean - spread,
        phase_upper=mean + spread,
        phase_moving_range=found.phase["moving_range"],
        moving_ranges=found.point["moving_ranges"],
        reasons=_reasons(plan, found.points, found.phase["n_ranges"]),
    )


def _moving_ranges(rows: Floats) -> Floats:
    moving = np.full(rows.shape, np.nan)
    np.abs(np.diff(rows, axis=1), out=moving[:, 1:])
    return moving


def _shifted_mean(rows: Floats) -> tuple[Places, Floats]:
    """Count and average; around the first value, so that the mean of a constant is exactly that constant."""
    measured = ~np.isnan(rows)
    count = measured.sum(axis=1)
    if rows.shape[1] == 0:
        return count, np.full(len(rows), np.nan)
    first = np.where(count > 0, rows[np.arange(len(rows)), measured.argmax(axis=1)], np.nan)
    total = np.where(measured, rows - first[:, None], 0.0).sum(axis=1)
    return count, first + total / np.maximum(count, 1)


def _mean_moving_range(moving: Floats, *, screen: bool) -> tuple[Places, Floats]:
    """Count them, and average those that stand after screening."""
    measured = ~np.isnan(moving)
    count = measured.sum(axis=1)
    moving = np.where(measured, moving, 0.0)
    average = moving.sum(axis=1) / np.maximum(count, 1)
    if screen:
        outlying = moving >= RANGE_LIMIT_FACTOR * average[:, None]
        outlying &= (average > 0)[:, None]
        kept = count - outlying.sum(axis=1)
        average = np.where(outlying, 0.0, moving).sum(axis=1) / np.maximum(kept, 1)
    return count, average


def _limits(rows: Floats, mean: Floats, mean_range: Floats) -> Limits:
    size = np.nanmax(np.abs(rows), axis=1, initial=0.0)
    spread = LIMIT_FACTOR * mean_range
    return Limits(*(column[:, None] for column in (mean, mean - spread, mean + spread, ROUNDING * size)))


def _reasons(plan: PhasePlan, points: Places, n_ranges: Places) -> tuple[NotComputable | None, ...]:
    last_phase = plan.last_phase
    reasons: list[NotComputable | None] = [None] * len(last_phase)
    lacking = (points[last_phase] < MINIMUM_POINTS) | (n_ranges[last_phase] < MINIMUM_RANGES)
    for series in np.flatnonzero(lacking):
        n_points, found_ranges = int(points[last_phase[series]]), int(n_ranges[last_phase[series]])
        if plan.infinite[series]:
            reasons[series] = NotComputable("infinite_values", {"found": int(plan.infinite[series])})
        elif np.isnan(plan.clean[series]).all():
            reasons[series] = NotComputable("all_missing")
        elif n_points < MINIMUM_POINTS:
            reasons[series] = NotComputable("too_few_points", {"found": n_points, "needed": MINIMUM_POINTS})
        else:
            reasons[series] = NotComputable("too_few_ranges", {"found": found_ranges, "needed": MINIMUM_RANGES})
    return tuple(reasons)
