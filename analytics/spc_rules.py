"""The rules that tell a real change from noise on an XmR chart, over many series at once.

They follow NHSRplotthedots 0.2.2 (NHS Making Data Count), with two stated differences: a period without a value
ends every run, where the package would join its neighbours; and of two trends that meet in a tie each point keeps
its own trend's direction, where the package calls the last point of the first one decreasing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.results import Rule, Side

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

TREND_LENGTH = 7  # points that rise or fall without a tie (NHS England, Making Data Count, 2019)
RUN_LENGTH = 7  # points on one side of the mean (same)
NEAR_SHARE = 2 / 3  # of the way from the mean to a limit, the two-sigma line (same)
NEAR_WINDOW, NEAR_NEEDED = 3, 2  # two of three (same)
# Two numbers nearer than this share of the largest value differ by rounding only: 8 units in the last place.
ROUNDING = 8 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Lines of many series: shape (n_series, 1), or (n_series, n_periods) where they differ from point to point.

    NaN where there are none; rounding: in the same unit. near_*: where a point begins to be near a limit, for lines of
    another make than NEAR_SHARE of the way.
    """

    mean: Floats
    lower: Floats
    upper: Floats
    rounding: Floats
    near_lower: Floats | None = None
    near_upper: Floats | None = None

    @property
    def near(self) -> tuple[Floats, Floats]:
        """The lines beyond which a point is near the lower and the upper limit."""
        if self.near_lower is not None and self.near_upper is not None:
            return self.near_lower, self.near_upper
        below, above = self.lower - self.mean, self.upper - self.mean
        return self.mean + NEAR_SHARE * below, self.mean + NEAR_SHARE * above


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The points one rule marks, shape (n_series, n_periods): `high` above or rising, `low` below or falling."""

    high: Flags
    low: Flags


RuleFunction = Callable[[Floats, Limits], Marks]


def outside_limits(values: Floats, limits: Limits) -> Marks:
    """Mark the points beyond a limit; a point on the limit is within."""
    return Marks(values > limits.upper + limits.rounding, values < limits.lower - limits.rounding)


def trend(values: Floats, limits: Limits) -> Marks:
    """Mark every point of TREND_LENGTH or more that rise, or fall, at each step; a tie or a gap ends a trend."""
    steps = np.diff(values, axis=1)
    return Marks(
        _spread(_whole_windows(steps > limits.rounding, TREND_LENGTH - 1), TREND_LENGTH, values.shape),
        _spread(_whole_windows(steps < -limits.rounding, TREND_LENGTH - 1), TREND_LENGTH, values.shape),
    )


def two_of_three(values: Floats, limits: Limits) -> Marks:
    """Mark two points of three beyond two thirds of the way to one limit, all three on that side of the mean.

    A point beyond the limit itself is on the side but not one of the two, as in the package.
    """
    beyond = outside_limits(values, limits)
    over, under = _sides(values, limits)
    near_low, near_high = limits.near
    return Marks(
        _near_pairs((values > near_high + limits.rounding) & ~beyond.high, over),
        _near_pairs((values < near_low - limits.rounding) & ~beyond.low, under),
    )


def run(values: Floats, limits: Limits) -> Marks:
    """Mark every point of RUN_LENGTH or more in a row on one side of the mean; a point on the mean ends a run."""
    over, under = _sides(values, limits)
    return Marks(
        _spread(_whole_windows(over, RUN_LENGTH), RUN_LENGTH, values.shape),
        _spread(_whole_windows(under, RUN_LENGTH), RUN_LENGTH, values.shape),
    )


# In priority order: the first rule that marks a point names it.
RULES: tuple[tuple[Rule, RuleFunction], ...] = (
    (Rule.OUTSIDE_LIMITS, outside_limits),
    (Rule.TREND, trend),
    (Rule.TWO_OF_THREE, two_of_three),
    (Rule.RUN, run),
)


def mark_bit(rule: Rule, *, high: bool) -> int:
    """Tell which bit of `all_marks` stands for this rule on this side.

    >>> mark_bit(Rule.OUTSIDE_LIMITS, high=True), mark_bit(Rule.RUN, high=False)
    (1, 128)
    """
    place = [name for name, _ in RULES].index(rule)
    return 1 << (2 * place + (0 if high else 1))


def all_marks(values: Floats, limits: Limits, chosen: Collection[Rule] = tuple(Rule)) -> npt.NDArray[np.uint8]:
    """Apply the chosen rules, at first all: one byte a point, bits as `mark_bit` says.

    values: shape (n_series, n_periods), oldest first; NaN = not measured, ends every run.
    """
    marks = np.zeros(values.shape, dtype=np.uint8)
    for rule, function in RULES:
        if rule not in chosen:
            continue
        found = function(values, limits)
        for flags, high in ((found.high, True), (found.low, False)):
            marks |= flags.view(np.uint8) << np.uint8(mark_bit(rule, high=high).bit_length() - 1)
    return marks


def first_rule(marks: npt.NDArray[np.uint8], values: Floats) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Name each point by the first rule that marks it.

    Returns (rule, side): rule counts RULES from 1, 0 = no signal; side is 1 for above or rising, -1 for below or
    falling. At the turn of two trends the later one counts.
    """
    rule, side = _FIRST_RULE[marks], _FIRST_SIDE[marks]
    for series, point in np.argwhere(side == _BOTH):
        side[series, point] = 1 if values[series, point + 1] > values[series, point] else -1
    return rule, side


def side_name(rule: Rule, *, high: bool) -> Side:
    """Name the side: a trend rises or falls, other signals stand above or below."""
    if rule is Rule.TREND:
        return Side.RISING if high else Side.FALLING
    return Side.ABOVE if high else Side.BELOW


def signal_starts(marked: Flags, values: Floats, rule: Rule, *, high: bool) -> npt.NDArray[np.intp]:
    """Find for each marked point where its signal begins; shape as given, meaningless at unmarked points.

    marked: the points of one rule on one side. Neighbours belong together; two near points of three may have one
    unmarked point between them; two trends that meet in a tie are two signals.
    """
    joined = np.zeros_like(marked)
    joined[:, 1:] = marked[:, 1:] & marked[:, :-1]
    if rule is Rule.TREND:
        steps = np.diff(values, axis=1)
        joined[:, 1:] &= (steps > 0) if high else (steps < 0)
    if rule is Rule.TWO_OF_THREE and marked.shape[1] >= NEAR_WINDOW:
        joined[:, 2:] |= marked[:, 2:] & marked[:, :-2] & ~np.isnan(values[:, 1:-1])
    positions = np.arange(marked.shape[1], dtype=np.intp)
    starts: npt.NDArray[np.intp] = np.maximum.accumulate(np.where(marked & ~joined, positions, 0), axis=1)
    return starts


def _sides(values: Floats, limits: Limits) -> tuple[Flags, Flags]:
    return values > limits.mean + limits.rounding, values < limits.mean - limits.rounding


def _whole_windows(flags: Flags, width: int) -> Flags:
    """True where a window of `width` true flags begins; doubles the window instead of visiting each place."""
    if flags.shape[1] < width:
        return np.zeros((flags.shape[0], 0), dtype=np.bool_)
    covered = 1
    while covered < width:
        step = min(covered, width - covered)
        flags = flags[:, :-step] & flags[:, step:]
        covered += step
    return flags


def _spread(starts: Flags, width: int, shape: tuple[int, ...]) -> Flags:
    """True at each of the `width` points that follow from a start, the start included."""
    flags = np.zeros(shape, dtype=np.bool_)
    flags[:, : starts.shape[1]] = starts
    covered = 1
    while covered < width:
        step = min(covered, width - covered)
        flags[:, step:] |= flags[:, :-step].copy()
        covered += step
    return flags


def _near_pairs(near: Flags, on_side: Flags) -> Flags:
    if near.shape[1] < NEAR_WINDOW:
        return np.zeros_like(near)
    first, second, third = near[:, :-2], near[:, 1:-1], near[:, 2:]
    pairs = (first & second) | (second & third) | (first & third)
    return near & _spread(pairs & _whole_windows(on_side, NEAR_WINDOW), NEAR_WINDOW, near.shape)


_BOTH = 2


def _first_by_byte() -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """For each of the 256 marks the first rule and its side, so that naming a point is one look-up."""
    rules, sides = np.zeros(256, dtype=np.int8), np.zeros(256, dtype=np.int8)
    for byte in range(1, 256):
        place = next(place for place in range(len(RULES)) if byte >> (2 * place) & 3)
        rules[byte] = place + 1
        sides[byte] = {1: 1, 2: -1, 3: _BOTH}[byte >> (2 * place) & 3]
    return rules, sides


_FIRST_RULE, _FIRST_SIDE = _first_by_byte()
