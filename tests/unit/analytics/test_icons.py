"""The variation and assurance icons, as NHSRplotthedots gives them."""

from __future__ import annotations

import datetime as dt
from math import inf, nan

import numpy as np
import pytest

from analytics.results import Assurance, Direction, LimitsKind, NotComputable, Phase, Variation
from analytics.spc import ASSURANCES, assurance, assurances, variation, xmr_chart


def phase(lower: float | None, upper: float | None) -> Phase:
    start, end = dt.date(2026, 1, 5), dt.date(2026, 6, 1)
    if lower is None or upper is None:
        return Phase(start, end, 4, LimitsKind.NONE, None, None, None, None, None)
    return Phase(start, end, 20, LimitsKind.FULL, (lower + upper) / 2, lower, upper, 1.0, 3.0)


@pytest.mark.accepts("2.11", "2.13")
@pytest.mark.parametrize(
    ("direction", "high", "low"),
    [
        (Direction.UP, Variation.IMPROVING, Variation.CONCERN),
        (Direction.DOWN, Variation.CONCERN, Variation.IMPROVING),
        (Direction.NEUTRAL, Variation.NEUTRAL, Variation.NEUTRAL),
    ],
)
def test_the_variation_icon_reads_the_last_point_by_the_good_direction(weekly, direction, high, low):
    quiet = [9, 11] * 8

    assert variation(xmr_chart(weekly(*quiet, 30), direction=direction)) is high
    assert variation(xmr_chart(weekly(*quiet, -10), direction=direction)) is low
    assert variation(xmr_chart(weekly(*quiet), direction=direction)) is Variation.COMMON_CAUSE


@pytest.mark.accepts("2.11")
def test_a_signal_that_is_over_leaves_common_cause(weekly):
    assert xmr_chart(weekly(*[9, 11] * 8, 30, 9), direction=Direction.UP).variation is Variation.COMMON_CAUSE


@pytest.mark.accepts("2.11", "2.13")
@pytest.mark.parametrize(
    ("target", "where_up_is_good", "where_down_is_good"),
    [
        (17, Assurance.WILL_FAIL, Assurance.WILL_PASS),
        (16, Assurance.HIT_AND_MISS, Assurance.HIT_AND_MISS),
        (10, Assurance.HIT_AND_MISS, Assurance.HIT_AND_MISS),
        (4, Assurance.HIT_AND_MISS, Assurance.HIT_AND_MISS),
        (3, Assurance.WILL_PASS, Assurance.WILL_FAIL),
    ],
)
def test_the_assurance_icon_says_whether_the_limits_keep_to_one_side_of_the_target(
    target, where_up_is_good, where_down_is_good
):
    assert assurance(phase(4, 16), target, Direction.UP) is where_up_is_good
    assert assurance(phase(4, 16), target, Direction.DOWN) is where_down_is_good


@pytest.mark.accepts("2.11", "2.13")
def test_no_assurance_without_a_target_a_good_direction_or_limits():
    assert assurance(phase(4, 16), None, Direction.UP) == NotComputable("no_target")
    assert assurance(phase(4, 16), nan, Direction.UP) == NotComputable("no_target")
    assert assurance(phase(4, 16), inf, Direction.UP) == NotComputable("no_target")
    assert assurance(phase(4, 16), 10, Direction.NEUTRAL) == NotComputable("neutral_direction")
    assert assurance(phase(None, None), 10, Direction.UP) == NotComputable("too_few_points", {"found": 4, "needed": 6})


def test_many_assurances_at_once_leave_out_what_is_not_known():
    lower, upper = np.array([4, 4, nan, 4.0]), np.array([16, 16, nan, 16.0])
    targets = np.array([17, nan, 10, 3.0])

    codes = assurances(lower, upper, targets, [Direction.UP, Direction.UP, Direction.UP, Direction.NEUTRAL])

    assert [ASSURANCES[code] for code in codes] == [Assurance.WILL_FAIL, None, None, None]
