"""Control charts of many series at once: the one place where limits are computed and points named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.results import Assurance, Direction, LimitsKind, NotComputable, PointType, Variation
from analytics.spc_phases import Dates, Flags, Floats, PhasePlan, Places
from analytics.spc_rules import ROUNDING, RULES, Limits, all_marks, first_rule, mark_bit, signal_starts

LIMIT_FACTOR = 2.66  # 3 / d2, d2 = 1.128 for moving ranges of two points (Wheeler, Understanding Variation, 1993)
RANGE_LIMIT_FACTOR = 3.267  # D4 for ranges of two points (Wheeler, Understanding Variation, 1993)
MINIMUM_POINTS = 6  # below: no limits (acceptance 2.4)
MINIMUM_RANGES = 5  # what six points in a row give; gaps leave fewer
TRIAL_POINTS = 12  # below: trial limits (NHS England, Making Data Count, 2019)
_BLOCK_CELLS = 1 << 16  # series are worked on in blocks that stay in the processor's cache

POINT_TYPES = tuple(PointType)  # what the codes in XmrTable.point_types stand for
VARIATIONS: tuple[Variation | None, ...] = (None, *Variation)  # XmrTable.variation; None = not computable
ASSURANCES: tuple[Assurance | None, ...] = (None, *Assurance)  # what `assurances` answers with

Codes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class XmrTable:
    """Individuals charts of many series on one calendar. NaN = not measured or no limits; places count from 0.

    Per point, shape (n_series, n_periods): values, moving_ranges, point_types (codes into POINT_TYPES), marks
    (bits of `spc_rules.mark_bit`). Per phase, phases of one series together, oldest first: phase_*.
    Per series: last_phase, last_point, and what that point says: variation (code into VARIATIONS),
    signal_rule (counts RULES from 1; 0 = none), signal_side (1 above or rising, -1 below or falling, 0 none),
    signal_start and signal_points (-1 and 0 where none), reasons (None where the last phase has limits).
    """

    values: Floats
    moving_ranges: Floats
    point_types: Codes
    marks: npt.NDArray[np.uint8]
    phase_series: Places
    phase_start: Places
    phase_end: Places  # exclusive
    phase_frozen: Places  # last period that sets the limits; -1 = not frozen
    phase_points: Places  # points that set the limits
    phase_mean: Floats
    phase_lower: Floats
    phase_upper: Floats
    phase_moving_range: Floats
    last_phase: Places
    last_point: Places  # last measured point that is not excluded; -1 = none
    variation: Codes
    signal_rule: Codes
    signal_side: Codes
    signal_start: Places
    signal_points: Places
    reasons: tuple[NotComputable | None, ...]

    @property
    def mean(self) -> Floats:
        """Centre line in force at the last period, shape (n_series,)."""
        return self.phase_mean[self.last_phase]

    @property
    def lower_limit(self) -> Floats:
        """Lower limit in force at the last period, shape (n_series,)."""
        return self.phase_lower[self.last_phase]

    @property
    def upper_limit(self) -> Floats:
        """Upper limit in force at the last period, shape (n_series,)."""
        return self.phase_upper[self.last_phase]

    @property
    def limits_kinds(self) -> list[LimitsKind]:
        """How much the limits in force can be trusted, one a series."""
        return [limits_kind(n, mean) for n, mean in zip(self.phase_points[self.last_phase], self.mean, strict=True)]


def xmr_charts(
    values: Floats,
    *,
    directions: Direction | Sequence[Direction],
    periods: pd.DatetimeIndex | None = None,
    steps: Dates | None = None,
    baselines: Mapping[int, dt.date] | None = None,
    excluded: Dates | None = None,
    screen: bool = True,
) -> XmrTable:
    """Chart many series on one calendar.

    values: shape (n_series, n_periods), each series in its own unit, oldest first. NaN = not measured; no moving
        range spans it and it ends every run. A series with an infinite value has no limits.
    directions: one for all, or one a series.
    periods: the start of each period; needed by the three dated arguments, whose keys are row numbers:
    steps: a phase begins with the first period that starts on or after the date; earlier limits stay.
    baselines: of the phase this date falls in, only periods that start on or before it set the limits.
    excluded: period starts left out of limits and rules; their points stay.
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
    return _charted(values, plan, direction_signs(directions, values.shape[0]), screen=screen)


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


def limits_kind(n_points: int, mean: float) -> LimitsKind:
    """Name how far limits set by this many points can be trusted; mean NaN = there are none."""
    if np.isnan(mean):
        return LimitsKind.NONE
    return LimitsKind.TRIAL if n_points < TRIAL_POINTS else LimitsKind.FULL


def _charted(values: Floats, plan: PhasePlan, direction: Codes, *, screen: bool) -> XmrTable:
    n_phases = len(plan.series)
    ranges, marks = np.full(values.shape, np.nan), np.zeros(values.shape, dtype=np.uint8)
    points = np.zeros(n_phases, dtype=np.intp)
    n_ranges = np.zeros(n_phases, dtype=np.intp)
    mean, mean_range = np.full(n_phases, np.nan), np.full(n_phases, np.nan)
    for block in _blocks(n_phases, values.shape[1]):
        rows = plan.rows(block)
        moving = _moving_ranges(rows)
        base, base_ranges = _baseline(rows, moving, plan.frozen[block])
        points[block], mean[block] = _shifted_mean(base)
        n_ranges[block], mean_range[block] = _mean_moving_range(base_ranges, screen=screen)
        enough = (points[block] >= MINIMUM_POINTS) & (n_ranges[block] >= MINIMUM_RANGES)
        mean[block][~enough] = np.nan
        mean_range[block][~enough] = np.nan
        found = all_marks(rows, _limits(rows, mean[block], mean_range[block]))
        _place(ranges, moving, plan, block)
        _place(marks, found, plan, block)
    last_phase = np.searchsorted(plan.series, np.arange(len(values)), side="right") - 1
    rule, side = first_rule(marks, plan.clean)
    last_point, last = _latest(plan.clean, marks, rule, side, plan.start[last_phase])
    spread = LIMIT_FACTOR * mean_range
    return XmrTable(
        values=values,
        moving_ranges=ranges,
        point_types=_point_types(values, side, direction, plan.excluded),
        marks=marks,
        phase_series=plan.series,
        phase_start=plan.start,
        phase_end=plan.end,
        phase_frozen=plan.frozen,
        phase_points=points,
        phase_mean=mean,
        phase_lower=mean - spread,
        phase_upper=mean + spread,
        phase_moving_range=mean_range,
        last_phase=last_phase,
        last_point=last_point,
        variation=_variations(last[1] * direction, last[0], np.isnan(mean[last_phase])),
        signal_rule=last[0].astype(np.int8),
        signal_side=last[1].astype(np.int8),
        signal_start=last[2],
        signal_points=last[3],
        reasons=_reasons(plan, last_phase, points, n_ranges, last_point),
    )


def _blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    height = max(1, _BLOCK_CELLS // max(1, n_columns))
    for first in range(0, n_rows, height):
        yield slice(first, first + height)


def _place(whole: npt.NDArray[np.generic], part: npt.NDArray[np.generic], plan: PhasePlan, block: slice) -> None:
    if plan.one_phase_each:
        whole[block] = part
        return
    for row, series, start, end in zip(part, plan.series[block], plan.start[block], plan.end[block], strict=True):
        whole[series, start:end] = row[start:end]


def _moving_ranges(rows: Floats) -> Floats:
    moving = np.full(rows.shape, np.nan)
    np.abs(np.diff(rows, axis=1), out=moving[:, 1:])
    return moving


def _baseline(rows: Floats, moving: Floats, frozen: Places) -> tuple[Floats, Floats]:
    if (frozen < 0).all():
        return rows, moving
    after = (frozen[:, None] >= 0) & (np.arange(rows.shape[1]) > frozen[:, None])
    return np.where(after, np.nan, rows), np.where(after, np.nan, moving)


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


def _point_types(values: Floats, side: Codes, direction: Codes, excluded: Flags | None) -> Codes:
    code = {kind: np.int8(place) for place, kind in enumerate(POINT_TYPES)}
    good_bad = np.array([code[PointType.CONCERN], code[PointType.COMMON_CAUSE], code[PointType.IMPROVEMENT]])
    types: Codes = good_bad[side * direction[:, None] + 1]
    neutral = direction == 0
    if neutral.any():
        types[neutral] = np.where(side[neutral] != 0, code[PointType.NEUTRAL], code[PointType.COMMON_CAUSE])
    if excluded is not None:
        types[excluded] = code[PointType.EXCLUDED]
    types[np.isnan(values)] = code[PointType.MISSING]
    return types


def _latest(
    values: Floats, marks: npt.NDArray[np.uint8], rule: Codes, side: Codes, phase_start: Places
) -> tuple[Places, tuple[Codes, Codes, Places, Places]]:
    """Find the last measured point of each series and the longest signal it stands in: rule, side, start, points."""
    n_series, n_periods = values.shape
    last_point = np.full(n_series, -1, dtype=np.intp)
    last_rule, last_side = np.zeros(n_series, dtype=np.int8), np.zeros(n_series, dtype=np.int8)
    start, n_points = np.full(n_series, -1, dtype=np.intp), np.zeros(n_series, dtype=np.intp)
    if n_periods:
        measured = ~np.isnan(values)
        last_point = np.where(measured.any(axis=1), n_periods - 1 - measured[:, ::-1].argmax(axis=1), -1)
        here = np.arange(n_series), last_point
        in_force = last_point >= phase_start
        last_rule, last_side = rule[here] * in_force, side[here] * in_force
    for place, (name, _) in enumerate(RULES):
        for high in (True, False):
            stands = (marks[here] & mark_bit(name, high=high)) != 0 if n_periods else np.zeros(n_series, dtype=np.bool_)
            those = np.flatnonzero(stands & (last_side == (1 if high else -1)))
            if not len(those):
                continue
            marked = (marks[those] & mark_bit(name, high=high)) != 0
            marked &= np.arange(n_periods) >= phase_start[those, None]
            at = np.arange(len(those)), last_point[those]
            begins = signal_starts(marked, values[those], name, high=high)[at]
            lengths = (marked & (np.arange(n_periods) >= begins[:, None])).sum(axis=1)
            longer = lengths > n_points[those]  # of equal lengths, the rule first in RULES
            chosen = those[longer]
            last_rule[chosen], start[chosen], n_points[chosen] = place + 1, begins[longer], lengths[longer]
    return last_point, (last_rule, last_side, start, n_points)


def _variations(oriented: Codes, rule: Codes, unknown: Flags) -> Codes:
    code = {name: np.int8(place) for place, name in enumerate(VARIATIONS)}
    found = np.where(rule == 0, code[Variation.COMMON_CAUSE], code[Variation.NEUTRAL])
    found[oriented > 0] = code[Variation.IMPROVING]
    found[oriented < 0] = code[Variation.CONCERN]
    found[unknown] = code[None]
    return found


def _reasons(
    plan: PhasePlan, last_phase: Places, points: Places, n_ranges: Places, last_point: Places
) -> tuple[NotComputable | None, ...]:
    reasons: list[NotComputable | None] = [None] * len(last_phase)
    lacking = (points[last_phase] < MINIMUM_POINTS) | (n_ranges[last_phase] < MINIMUM_RANGES)
    for series in np.flatnonzero(lacking):
        n_points, found_ranges = int(points[last_phase[series]]), int(n_ranges[last_phase[series]])
        if plan.infinite[series]:
            reasons[series] = NotComputable("infinite_values", {"found": int(plan.infinite[series])})
        elif last_point[series] < 0:
            reasons[series] = NotComputable("all_missing")
        elif n_points < MINIMUM_POINTS:
            reasons[series] = NotComputable("too_few_points", {"found": n_points, "needed": MINIMUM_POINTS})
        else:
            reasons[series] = NotComputable("too_few_ranges", {"found": found_ranges, "needed": MINIMUM_RANGES})
    return tuple(reasons)
