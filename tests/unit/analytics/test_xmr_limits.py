"""What an individuals chart sets its limits from."""

from __future__ import annotations

import datetime as dt
from math import inf, nan

import numpy as np
import pandas as pd
import pytest

from analytics.results import Direction, LimitsKind, NotComputable, PointType, Variation, XmrChart
from analytics.spc import variation, xmr_chart


def day(series: pd.Series, place: int) -> dt.date:
    return series.index[place].date()


def chart_of(series: pd.Series, **arguments) -> XmrChart:
    chart = xmr_chart(series, direction=Direction.UP, **arguments)
    assert isinstance(chart, XmrChart)
    return chart


@pytest.mark.accepts("2.1")
def test_limits_stand_two_point_six_six_mean_moving_ranges_from_the_mean(weekly):
    phase = chart_of(weekly(10, 12, 10, 12, 10, 12)).latest

    assert (phase.mean, phase.mean_moving_range) == (11, 2)
    assert phase.lower_limit == pytest.approx(11 - 2.66 * 2)
    assert phase.upper_limit == pytest.approx(11 + 2.66 * 2)
    assert phase.moving_range_limit == pytest.approx(3.267 * 2)


@pytest.mark.accepts("2.1")
def test_each_moving_range_stands_at_the_later_of_its_two_points(weekly):
    chart = chart_of(weekly(10, 12, 9, 12, 10, 12))

    assert np.isnan(chart.moving_ranges[0])
    assert chart.moving_ranges[1:].tolist() == [2, 3, 3, 2, 2]


@pytest.mark.accepts("2.16")
def test_a_missing_week_is_never_bridged_by_a_moving_range(weekly):
    chart = chart_of(weekly(10, 12, 10, 12, 10, 12, nan, 50, 52, 50, 52, 50))

    assert chart.latest.mean_moving_range == 2
    assert np.isnan(chart.moving_ranges[6:8]).all()
    assert chart.point_types[6] is PointType.MISSING
    assert chart.missing_periods == (dt.date(2026, 2, 16),)


def test_an_outlying_moving_range_is_screened_unless_asked_otherwise(weekly):
    series = weekly(10, 12, 10, 12, 10, 12, 10, 40, 10, 12, 10, 12, 10, 12)

    assert chart_of(series).latest.mean_moving_range == 2
    assert chart_of(series, screen=False).latest.mean_moving_range == pytest.approx((11 * 2 + 2 * 30) / 13)


def test_a_moving_range_exactly_at_the_screen_is_left_out(weekly):
    at_the_screen = weekly(*np.cumsum([0, 3267, -733, 1000, -1000, 1000, -1000, 0, 0]))  # their mean is 1000
    just_below = weekly(*np.cumsum([0, 3266, -734, 1000, -1000, 1000, -1000, 0, 0]))

    assert chart_of(at_the_screen).latest.mean_moving_range == pytest.approx((8000 - 3267) / 7)
    assert chart_of(just_below).latest.mean_moving_range == 1000


@pytest.mark.accepts("2.4")
@pytest.mark.parametrize(
    ("n_points", "kind"),
    [(6, LimitsKind.TRIAL), (11, LimitsKind.TRIAL), (12, LimitsKind.FULL)],
)
def test_limits_of_fewer_than_twelve_points_are_trial_limits(weekly, n_points, kind):
    assert chart_of(weekly(*[10, 12] * 6).iloc[:n_points]).latest.kind is kind


@pytest.mark.accepts("2.4", "2.21")
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], NotComputable("all_missing")),
        ([nan], NotComputable("all_missing")),
        ([nan] * 20, NotComputable("all_missing")),
        ([5], NotComputable("too_few_points", {"found": 1, "needed": 6})),
        ([5, 5], NotComputable("too_few_points", {"found": 2, "needed": 6})),
        ([1, 2, 3, 4, 5], NotComputable("too_few_points", {"found": 5, "needed": 6})),
        ([1, 2, nan, 3, 4, 5, 6], NotComputable("too_few_ranges", {"found": 4, "needed": 5})),
        ([1, nan] * 9, NotComputable("too_few_ranges", {"found": 0, "needed": 5})),
        ([1, 2, inf, 3, -inf, 4, 5, 6, 7, 8], NotComputable("infinite_values", {"found": 2})),
    ],
)
def test_a_series_that_cannot_have_limits_says_why(weekly, values, reason):
    assert xmr_chart(weekly(*values), direction=Direction.UP) == reason


@pytest.mark.accepts("2.21")
@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 99.9, -1e9])
def test_a_constant_series_has_its_limits_on_the_mean_and_no_signal(weekly, value):
    chart = chart_of(weekly(*[value] * 30))

    assert chart.latest.lower_limit == chart.latest.mean == chart.latest.upper_limit == value
    assert set(chart.point_types) == {PointType.COMMON_CAUSE}
    assert chart.signals == ()


@pytest.mark.accepts("2.21")
def test_a_constant_that_only_rounding_disturbs_has_no_signal(weekly):
    assert chart_of(weekly(*[0.3, 0.1 + 0.2] * 10)).signals == ()
    assert chart_of(weekly(*[0.1 + 0.2] * 10, *[0.3] * 10)).signals == ()


@pytest.mark.accepts("2.21")
def test_one_change_after_a_constant_baseline_is_outside_its_limits(weekly):
    series = weekly(*[100] * 10, 99)

    assert chart_of(series, baseline_until=day(series, 9)).point_types[-1] is PointType.CONCERN


def test_a_step_starts_a_phase_and_the_earlier_limits_stay(weekly):
    series = weekly(*[10, 12] * 6, *[20, 24] * 6)

    before, after = chart_of(series, steps=[day(series, 12)]).phases

    assert (before.mean, after.mean) == (11, 22)
    assert (before.end, after.start) == (day(series, 11), day(series, 12))
    assert (before.n_points, after.n_points) == (12, 12)


def test_no_moving_range_and_no_run_crosses_a_step(weekly):
    series = weekly(*[10, 12] * 6, *[20, 24] * 6)

    chart = chart_of(series, steps=[day(series, 12)])

    assert np.isnan(chart.moving_ranges[12])
    assert chart.latest.mean_moving_range == 4
    assert chart.signals == ()


def test_a_step_within_a_period_begins_with_the_next_one(weekly):
    series = weekly(*[10, 12] * 12)

    chart = chart_of(series, steps=[day(series, 12) - dt.timedelta(days=3)])

    assert chart.latest.start == day(series, 12)


def test_steps_outside_the_series_and_steps_told_twice_change_nothing(weekly):
    series = weekly(*[10, 12] * 12)
    within = day(series, 12)

    chart = chart_of(series, steps=[within, dt.date(2020, 1, 1), within, dt.date(2030, 1, 1), day(series, 0)])

    assert [phase.start for phase in chart.phases] == [day(series, 0), within]


def test_a_phase_too_short_for_limits_has_none_and_no_variation(weekly):
    series = weekly(*[10, 12] * 6, 20, 24, 20)

    chart = chart_of(series, steps=[day(series, 12)])

    assert chart.latest.kind is LimitsKind.NONE
    assert (chart.latest.mean, chart.latest.lower_limit, chart.latest.moving_range_limit) == (None, None, None)
    assert chart.point_types[-1] is PointType.COMMON_CAUSE
    assert variation(chart) == NotComputable("too_few_points", {"found": 3, "needed": 6})


def test_a_frozen_baseline_alone_sets_the_limits_that_later_points_are_held_against(weekly):
    series = weekly(*[10, 12] * 6, *[20] * 3)

    chart = chart_of(series, baseline_until=day(series, 11))

    assert chart.latest.mean == 11
    assert chart.latest.n_points == 12
    assert chart.latest.frozen_until == day(series, 11)
    assert chart.point_types[-3:] == (PointType.IMPROVEMENT,) * 3


def test_a_baseline_that_ends_between_two_periods_keeps_the_earlier(weekly):
    series = weekly(*[10, 12] * 6, *[20] * 3)

    chart = chart_of(series, baseline_until=day(series, 11) + dt.timedelta(days=6))

    assert chart.latest.frozen_until == day(series, 11)


def test_a_baseline_freezes_its_own_phase_only(weekly):
    series = weekly(*[10, 12] * 6, *[30] * 3, *[20, 24] * 6)

    first, second = chart_of(series, baseline_until=day(series, 11), steps=[day(series, 15)]).phases

    assert (first.mean, first.frozen_until) == (11, day(series, 11))
    assert (second.mean, second.frozen_until) == (22, None)


def test_several_baselines_freeze_a_phase_each_and_of_two_in_one_phase_the_later_counts(weekly):
    series = weekly(*[10, 12] * 6, *[30] * 3, *[20, 24] * 6, 50)
    ends = [day(series, 11), day(series, 24), day(series, 26)]

    first, second = chart_of(series, baseline_until=ends, steps=[day(series, 15)]).phases

    assert (first.mean, first.frozen_until) == (11, day(series, 11))
    assert (second.mean, second.frozen_until) == (22, day(series, 26))


def test_a_later_baseline_that_ends_with_its_phase_thaws_an_earlier_one(weekly):
    series = weekly(*[10, 12] * 6, *[20, 24] * 6)

    chart = chart_of(series, baseline_until=[day(series, 11), day(series, 23)])

    assert (chart.latest.mean, chart.latest.frozen_until) == (16.5, None)


def test_a_baseline_that_has_not_ended_yet_freezes_nothing(weekly):
    series = weekly(*[10, 12] * 6)

    assert chart_of(series, baseline_until=dt.date(2030, 1, 1)).latest.frozen_until is None


@pytest.mark.accepts("2.15")
def test_an_excluded_point_stays_drawn_and_sets_nothing(weekly):
    series = weekly(10, 12, 10, 12, 10, 90, 10, 12, 10, 12, 10, 12, 10)

    chart = chart_of(series, excluded=[day(series, 5)], screen=False)

    assert chart.values[5] == 90  # noqa: PD011 - an array, not a frame
    assert chart.point_types[5] is PointType.EXCLUDED
    assert chart.latest.n_points == 12
    assert chart.latest.mean_moving_range == 2
    assert chart.missing_periods == ()


def test_a_missing_point_that_is_excluded_is_missing(weekly):
    series = weekly(10, 12, 10, 12, 10, 12, nan, 10, 12)

    assert chart_of(series, excluded=[day(series, 6)]).point_types[6] is PointType.MISSING


def test_an_index_that_is_not_a_calendar_is_the_callers_mistake(weekly):
    series = weekly(*[10, 12] * 6)

    for wrong in (series.iloc[::-1], pd.concat([series, series.iloc[-1:]]), series.reset_index(drop=True)):
        with pytest.raises(ValueError, match="period"):
            xmr_chart(wrong, direction=Direction.UP)


def test_the_variation_is_that_of_the_last_measured_point(weekly):
    series = weekly(*[10, 12] * 6, 30, nan, nan)

    assert chart_of(series).variation is Variation.IMPROVING
