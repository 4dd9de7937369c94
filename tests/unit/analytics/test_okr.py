"""Key results against the straight line from baseline to target."""

from __future__ import annotations

import datetime as dt
from math import inf, nan

import pytest

from analytics.okr import PACE_TOLERANCE, key_result_progress
from analytics.results import NotComputable, Pace, Progress

# From 20 days on 1 January down to 10 days, 100 days later.
KEY_RESULT = {
    "baseline_value": 20.0,
    "baseline_date": dt.date(2026, 1, 1),
    "target_value": 10.0,
    "due_date": dt.date(2026, 4, 11),
}
HALF_WAY = dt.date(2026, 2, 20)


def progress(current_value: float | None, today: dt.date = HALF_WAY, **others) -> Progress | NotComputable:
    arguments = {**KEY_RESULT, "current_value": current_value, "current_date": today, "today": today, **others}
    return key_result_progress(**arguments)


@pytest.mark.accepts("4.6")
def test_the_line_says_what_is_expected_today():
    answer = progress(17)

    assert answer.share == pytest.approx(0.3)
    assert (answer.expected_share, answer.expected_value, answer.days_left) == (0.5, 15, 50)


@pytest.mark.accepts("4.6")
def test_how_old_the_data_are_stands_beside_the_expected_value_of_today():
    answer = progress(17, current_date=HALF_WAY - dt.timedelta(days=9))

    assert (answer.data_age_days, answer.data_date) == (9, dt.date(2026, 2, 11))
    assert answer.expected_share == 0.5


@pytest.mark.accepts("4.6")
@pytest.mark.parametrize(
    ("current", "pace"),
    [(13.9, Pace.AHEAD), (14, Pace.AHEAD), (14.1, Pace.ON_PACE), (15, Pace.ON_PACE), (15.9, Pace.ON_PACE),
     (16, Pace.BEHIND), (16.1, Pace.BEHIND)],
)  # fmt: skip
def test_a_tenth_of_the_way_from_the_line_is_no_longer_on_pace(current, pace):
    assert PACE_TOLERANCE == 0.1
    assert progress(current).pace is pace


@pytest.mark.accepts("4.6")
def test_a_metric_that_should_rise_is_measured_the_same_way():
    answer = progress(12, baseline_value=10.0, target_value=20.0)

    assert (answer.share, answer.expected_value, answer.pace) == (0.2, 15, Pace.BEHIND)


@pytest.mark.accepts("4.14")
def test_a_value_worse_than_the_baseline_shows_a_negative_share():
    assert progress(25).share == -0.5


@pytest.mark.accepts("4.14")
def test_a_value_beyond_the_target_shows_more_than_the_whole_way():
    answer = progress(5)

    assert answer.share == 1.5
    assert answer.pace is Pace.AHEAD


@pytest.mark.parametrize(("current", "pace"), [(10, Pace.ON_PACE), (10.1, Pace.BEHIND), (8, Pace.AHEAD)])
def test_from_the_due_date_on_any_shortfall_is_behind(current, pace):
    due, later = KEY_RESULT["due_date"], dt.date(2026, 6, 1)

    assert progress(current, due).pace is pace
    assert progress(current, later).pace is pace
    assert progress(current, later).expected_value == 10
    assert progress(current, later).days_left == -51


def test_before_the_baseline_date_nothing_is_expected_yet():
    early = dt.date(2025, 12, 20)

    assert progress(20, early, current_date=dt.date(2026, 1, 1)).expected_share == 0


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"current_value": None}, NotComputable("no_data")),
        ({"current_value": nan}, NotComputable("no_data")),
        ({"current_date": None}, NotComputable("no_data")),
        ({"current_value": inf}, NotComputable("infinite_values", {"found": 1})),
        ({"baseline_value": nan}, NotComputable("infinite_values", {"found": 1})),
        ({"target_value": 20.0}, NotComputable("baseline_is_target", {"value": 20.0})),
        (
            {"due_date": dt.date(2026, 1, 1)},
            NotComputable("due_before_baseline", {"due": dt.date(2026, 1, 1), "baseline": dt.date(2026, 1, 1)}),
        ),
        (
            {"current_date": dt.date(2025, 12, 31)},
            NotComputable("data_before_baseline", {"data": dt.date(2025, 12, 31), "baseline": dt.date(2026, 1, 1)}),
        ),
    ],
)
def test_a_key_result_that_cannot_be_followed_says_why(others, reason):
    assert progress(**{"current_value": 15, **others}) == reason


def test_a_target_away_from_a_baseline_of_nothing_is_no_rounding():
    assert progress(0.0, baseline_value=0.0, target_value=1e-3).share == 0
