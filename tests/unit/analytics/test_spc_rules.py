"""The four rules, held against small series and against a slow retelling of the package's own."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.results import Direction, PointType, Rule, Side, XmrChart
from analytics.spc import xmr_chart
from analytics.spc_rules import RULES, Limits, outside_limits, run, signal_starts, trend, two_of_three

MEAN, LOWER, UPPER = 10.0, 4.0, 16.0  # two thirds of the way: 6 and 14


def marked(rule, *values) -> str:
    """One sign a point: + above or rising, - below or falling, . none."""
    columns = (np.array([[value]]) for value in (MEAN, LOWER, UPPER, 0.0))
    marks = rule(np.array([values], dtype=float), Limits(*columns))
    return "".join(
        "*" if high and low else "+" if high else "-" if low else "."
        for high, low in zip(marks.high[0], marks.low[0], strict=True)
    )


def signals(series, direction=Direction.UP, **arguments):
    chart = xmr_chart(series, direction=direction, **arguments)
    assert isinstance(chart, XmrChart)
    return [(s.rule, s.side, s.start, s.n_points, s.point_type) for s in chart.signals]


@pytest.mark.accepts("2.3")
def test_the_rules_stand_in_the_packages_priority_order():
    assert [rule for rule, _ in RULES] == [Rule.OUTSIDE_LIMITS, Rule.TREND, Rule.TWO_OF_THREE, Rule.RUN]


@pytest.mark.accepts("2.3")
def test_a_point_on_a_limit_is_within():
    assert marked(outside_limits, 16, 16.1, 4, 3.9) == ".+.-"


@pytest.mark.accepts("2.3")
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4, 5, 6], "......"),
        ([1, 2, 3, 4, 5, 6, 7], "+++++++"),
        ([7, 6, 5, 4, 3, 2, 1], "-------"),
        ([5, 1, 2, 3, 4, 5, 6, 7, 8, 2], ".++++++++."),
        ([1, 2, 3, 3, 4, 5, 6], "......."),
        ([1, 2, 3, 4, nan, 5, 6, 7], "........"),
        ([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1], "++++++*------"),
    ],
)
def test_a_trend_is_seven_points_that_move_one_way_at_each_step(values, expected):
    assert marked(trend, *values) == expected


@pytest.mark.accepts("2.3")
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([11] * 6, "......"),
        ([11] * 7, "+++++++"),
        ([9] * 9, "---------"),
        ([11, 11, 11, 10, 11, 11, 11, 11], "........"),
        ([11, 11, 11, 11, nan, 11, 11, 11], "........"),
        ([9, 11, 11, 11, 11, 11, 11, 11, 9], ".+++++++."),
    ],
)
def test_a_run_is_seven_points_on_one_side_of_the_mean(values, expected):
    assert marked(run, *values) == expected


@pytest.mark.accepts("2.3")
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([15, 15, 11], "++."),
        ([15, 11, 15], "+.+"),
        ([11, 5, 5], "..."),
        ([9, 5, 5], ".--"),
        ([15, 9, 15], "..."),
        ([15, 5, 15], "..."),
        ([15, 11, 11, 15], "...."),
        ([14, 14, 14], "..."),
        ([15, nan, 15], "..."),
        ([15, 17, 15], "+.+"),
        ([15, 17, 11], "..."),
        ([15, 15], ".."),
    ],
)
def test_two_of_three_lie_near_one_and_the_same_limit_with_the_third_on_their_side(values, expected):
    assert marked(two_of_three, *values) == expected


def test_series_shorter_than_a_rule_have_no_marks():
    for _, rule in RULES:
        assert marked(rule) == ""
        assert marked(rule, 11) == "."


@pytest.mark.accepts("2.3", "2.13")
def test_a_signal_tells_its_rule_side_dates_length_and_what_it_means(weekly):
    series = weekly(*[9, 11] * 7, *[12] * 8)

    [(rule, side, start, n_points, meaning)] = signals(series, Direction.DOWN)

    assert (rule, side, n_points, meaning) == (Rule.RUN, Side.ABOVE, 9, PointType.CONCERN)
    assert start == dt.date(2026, 4, 6)


@pytest.mark.accepts("2.13")
@pytest.mark.parametrize(
    ("direction", "meaning"),
    [
        (Direction.UP, PointType.IMPROVEMENT),
        (Direction.DOWN, PointType.CONCERN),
        (Direction.NEUTRAL, PointType.NEUTRAL),
    ],
)
def test_what_a_high_point_means_depends_on_the_good_direction(weekly, direction, meaning):
    chart = xmr_chart(weekly(*[9, 11] * 8, 20), direction=direction)

    assert chart.point_types[-1] is meaning
    assert chart.signals[-1].point_type is meaning


@pytest.mark.accepts("2.3")
def test_a_rising_trend_below_the_mean_is_an_improvement_where_up_is_good(weekly):
    series = weekly(*[30, 32] * 8, 10, 11, 12, 13, 14, 15, 16, *[30, 32] * 8)

    chart = xmr_chart(series, direction=Direction.UP)

    outside = {s.start for s in chart.signals if s.rule is Rule.OUTSIDE_LIMITS}
    assert outside == {dt.date(2026, 4, 27)}
    assert set(chart.point_types[16:23]) == {PointType.CONCERN}  # outside the limits comes first
    assert (Rule.TREND, Side.RISING, dt.date(2026, 4, 27), 9, PointType.IMPROVEMENT) in signals(series)


@pytest.mark.accepts("2.16")
def test_a_gap_ends_a_signal(weekly):
    alternating = [9, 11] * 12
    joined = weekly(*alternating, *[10.5] * 8)
    parted = weekly(*alternating, *[10.5] * 4, nan, *[10.5] * 4)

    assert (Rule.RUN, Side.ABOVE) in {s[:2] for s in signals(joined)}
    assert signals(parted) == []


def test_the_turn_between_two_trends_belongs_to_the_later_one(weekly):
    series = weekly(*[-30, 30] * 9, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1, *[30, -30] * 4)

    chart = xmr_chart(series, direction=Direction.UP)

    assert chart.point_types[23:26] == (PointType.IMPROVEMENT, PointType.CONCERN, PointType.CONCERN)
    trends = [s for s in chart.signals if s.rule is Rule.TREND]
    assert [s.side for s in trends] == [Side.RISING, Side.FALLING]
    assert trends[0].end == trends[1].start


def test_two_trends_that_meet_in_a_tie_are_two_signals(weekly):
    series = weekly(*[-30, 30] * 9, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12, 13, *[30, -30] * 4)

    trends = [s for s in xmr_chart(series, direction=Direction.UP).signals if s.rule is Rule.TREND]

    assert [s.start for s in trends] == [series.index[17].date() + dt.timedelta(days=7), series.index[25].date()]


def test_near_points_belong_together_over_one_other_point_but_not_over_a_gap():
    near = np.array([[True, True, False, True, True]])
    whole, parted = np.array([[15, 15, 11, 15, 15.0]]), np.array([[15, 15, nan, 15, 15.0]])

    assert signal_starts(near, whole, Rule.TWO_OF_THREE, high=True)[0, -1] == 0
    assert signal_starts(near, parted, Rule.TWO_OF_THREE, high=True)[0, -1] == 3


def test_an_excluded_point_ends_a_run_and_is_no_signal(weekly):
    series = weekly(*[9, 11] * 12, *[10.5] * 9)

    assert signals(series, excluded=[series.index[28].date()]) == []


def slow_marks(values: list[float], mean: float, lower: float, upper: float) -> dict[Rule, list[int]]:
    """The package's rules point by point: 1 for marked; side is not told."""
    n = len(values)
    side = [int(np.sign(value - mean)) for value in values]
    outside = [value > upper or value < lower for value in values]
    third = (upper - mean) * 2 / 3
    near = [not out and abs(value - mean) > third for value, out in zip(values, outside, strict=True)]
    marks = {rule: [0] * n for rule in Rule}
    marks[Rule.OUTSIDE_LIMITS] = [int(out) for out in outside]
    for first in range(n - 6):
        window = range(first, first + 7)
        steps = {np.sign(values[b] - values[a]) for a, b in pairwise(window)}
        for place in window:
            marks[Rule.TREND][place] |= steps in ({1}, {-1})
            marks[Rule.RUN][place] |= {side[p] for p in window} in ({1}, {-1})
    for first in range(n - 2):
        window = range(first, first + 3)
        if abs(sum(side[p] for p in window)) == 3 and sum(near[p] for p in window) >= 2:
            for place in window:
                marks[Rule.TWO_OF_THREE][place] |= near[place]
    return marks


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(1, 19), min_size=0, max_size=30))
def test_the_rules_agree_with_a_slow_retelling_of_the_package(values):
    expected = slow_marks([float(value) for value in values], MEAN, LOWER, UPPER)

    for rule, function in RULES:
        assert [int(sign != ".") for sign in marked(function, *values)] == expected[rule]


@pytest.mark.accepts("2.3")
def test_only_the_chosen_rules_mark_points(weekly):
    series = weekly(*[9, 11] * 8, 20, *[9, 11] * 4, *[10] * 9)

    assert {s[0] for s in signals(series)} == {Rule.OUTSIDE_LIMITS, Rule.RUN}
    assert {s[0] for s in signals(series, rules=[Rule.RUN])} == {Rule.RUN}
    assert signals(series, rules=[]) == []
