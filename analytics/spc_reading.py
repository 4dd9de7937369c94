"""What any control chart says once its lines stand: which rule marks which point, and what the last point tells.

Every kind of chart gives its lines (`LinesOf`); phases, rules, point types and icons are found here, once for all kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analytics.results import LimitsKind, NotComputable, PointType, Rule, Variation
from analytics.spc_phases import Flags, Floats, PhasePlan, Places
from analytics.spc_rules import RULES, Limits, all_marks, first_rule, mark_bit, signal_starts

MINIMUM_POINTS = 6  # below: no limits (acceptance 2.4)
TRIAL_POINTS = 12  # below: trial limits (NHS England, Making Data Count, 2019)
ALL_RULES = tuple(Rule)
_BLOCK_CELLS = 1 << 16  # series are worked on in blocks that stay in the processor's cache

POINT_TYPES = tuple(PointType)  # what the codes in ControlTable.point_types stand for
VARIATIONS: tuple[Variation | None, ...] = (None, *Variation)  # ControlTable.variation; None = not computable

Codes = npt.NDArray[np.int8]
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of one block of phases, and what else its kind of chart wants kept.

    points: how many points set the limits, one a phase. phase, point: named arrays, one number a phase or one a point.
    """

    points: Places
    limits: Limits
    phase: Mapping[str, Array] = field(default_factory=dict)
    point: Mapping[str, Array] = field(default_factory=dict)


LinesOf = Callable[[Floats, slice], Lines]  # rows of a block of phases, NaN outside each phase -> their lines


@dataclass(frozen=True, slots=True, eq=False)
class ControlTable:
    """Control charts of many series on one calendar. NaN = not measured or no limits; places count from 0.

    Per point, shape (n_series, n_periods): values, point_types (codes into POINT_TYPES), marks (bits of
    `spc_rules.mark_bit`). Per phase, phases of one series together, oldest first: phase_*.
    Per series: last_phase, last_point, and what that point says: variation (code into VARIATIONS),
    signal_rule (counts RULES from 1; 0 = none), signal_side (1 above or rising, -1 below or falling, 0 none),
    signal_start and signal_points (-1 and 0 where none), reasons (None where the last phase has limits).
    Limits that differ from point to point stand in phase_lower and phase_upper as at the phase's last measured point.
    """

    values: Floats
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

    @classmethod
    def read(cls, values: Floats, plan: PhasePlan, found: Drawn, direction: Codes, **own: object) -> Self:
        """Name points and read the last ones; own: the phases' numbers, reasons and what the subclass adds."""
        last_phase = plan.last_phase
        rule, side = first_rule(found.marks, plan.clean)
        last_point, last = _latest(plan.clean, found.marks, rule, side, plan.start[last_phase])
        given: dict[str, Any] = own
        return cls(
            values=values,
            point_types=named_points(values, side, direction, plan.excluded),
            marks=found.marks,
            phase_series=plan.series,
            phase_start=plan.start,
            phase_end=plan.end,
            phase_frozen=plan.frozen,
            phase_points=found.points,
            last_phase=last_phase,
            last_point=last_point,
            variation=named_variations(last[1] * direction, last[0], np.isnan(given["phase_mean"][last_phase])),
            signal_rule=last[0].astype(np.int8),
            signal_side=last[1].astype(np.int8),
            signal_start=last[2],
            signal_points=last[3],
            **given,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The marks of every point, and what `LinesOf` found, phases and points in their own order again."""

    marks: npt.NDArray[np.uint8]
    points: Places
    phase: dict[str, Array]
    point: dict[str, Array]


def drawn(plan: PhasePlan, lines_of: LinesOf, rules: Collection[Rule] = ALL_RULES) -> Drawn:
    """Draw the lines of every phase block by block, and mark its points by the chosen rules."""
    n_phases, shape = len(plan.series), plan.clean.shape
    found = Drawn(np.zeros(shape, dtype=np.uint8), np.zeros(n_phases, dtype=np.intp), {}, {})
    for block in _blocks(n_phases, shape[1]):
        rows = plan.rows(block)
        lines = lines_of(rows, block)
        found.points[block] = lines.points
        _place(found.marks, all_marks(rows, lines.limits, rules), plan, block)
        for name, numbers in lines.phase.items():
            found.phase.setdefault(name, np.empty(n_phases, dtype=numbers.dtype))[block] = numbers
        for name, numbers in lines.point.items():
            _place(found.point.setdefault(name, np.empty(shape, dtype=numbers.dtype)), numbers, plan, block)
    return found


def limits_kind(n_points: int, mean: float) -> LimitsKind:
    """Name how far limits set by this many points can be trusted; mean NaN = there are none."""
    if np.isnan(mean):
        return LimitsKind.NONE
    return LimitsKind.TRIAL if n_points < TRIAL_POINTS else LimitsKind.FULL


def _blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    height = max(1, _BLOCK_CELLS // max(1, n_columns))
    for first in range(0, max(n_rows, 1), height):  # one empty block where there is nothing, so that names stand
        yield slice(first, first + height)


def _place(whole: Array, part: Array, plan: PhasePlan, block: slice) -> None:
    if plan.one_phase_each:
        whole[block] = part
        return
    for row, series, start, end in zip(part, plan.series[block], plan.start[block], plan.end[block], strict=True):
        whole[series, start:end] = row[start:end]


def named_points(values: Floats, side: Codes, direction: Codes, excluded: Flags | None) -> Codes:
    """Name points by the side of the signal they stand in: codes into POINT_TYPES."""
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


def named_variations(oriented: Codes, rule: Codes, unknown: Flags) -> Codes:
    """Name what a last point says; oriented: its side, 1 good and -1 bad; rule: 0 = no signal. Codes into VARIATIONS."""
    code = {name: np.int8(place) for place, name in enumerate(VARIATIONS)}
    found = np.where(rule == 0, code[Variation.COMMON_CAUSE], code[Variation.NEUTRAL])
    found[oriented > 0] = code[Variation.IMPROVING]
    found[oriented < 0] = code[Variation.CONCERN]
    found[unknown] = code[None]
    return found
