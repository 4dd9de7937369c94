"""Proposed changes of level: which, when, and how sure their date is."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.change_points import MINIMUM_SEGMENT, ChangePoints, change_points, date_interval, optimal_partition
from analytics.results import NotComputable
from benchmarks.noise import ar1

NAN = float("nan")
CALM = np.random.default_rng(11).normal(0, 1, size=60)
STEP = CALM + 4 * (np.arange(60) >= 30)


def in_weeks(values) -> pd.Series:
    index = pd.date_range("2026-01-05", periods=len(values), freq="7D")
    return pd.Series(np.asarray(values, dtype=float), index=index)


def answer(result) -> ChangePoints:
    assert isinstance(result, ChangePoints), result
    return result


def cost_of(values, starts, penalty) -> float:
    bounds = [0, *starts, len(values)]
    within = sum(((values[a:b] - values[a:b].mean()) ** 2).sum() for a, b in itertools.pairwise(bounds))
    return within + penalty * len(starts)


def test_a_step_is_found_with_its_date_and_both_levels():
    (change,) = answer(change_points(in_weeks(STEP))).changes

    assert change.date == dt.date(2026, 8, 3)
    assert change.earliest <= change.date <= change.latest
    assert (change.latest - change.earliest).days <= 28
    assert change.change == pytest.approx(4, abs=0.6)
    assert (change.n_before, change.n_after) == (30, 30)


def test_a_calm_series_has_one_level():
    found = answer(change_points(in_weeks(CALM)))

    assert found.changes == ()
    assert found.levels == pytest.approx((CALM.mean(),))
    assert found.spread == pytest.approx(1, abs=0.3)


def test_two_steps_are_two_proposals():
    rows = np.concatenate([CALM[:20], CALM[20:40] + 5, CALM[40:] - 2])

    found = answer(change_points(in_weeks(rows)))

    assert [change.n_before for change in found.changes] == [20, 20]
    assert found.levels == pytest.approx((0, 5, -2), abs=0.8)


def test_one_wild_point_is_no_change():
    rows = CALM.copy()
    rows[30] += 6

    assert answer(change_points(in_weeks(rows))).changes == ()


def test_missing_weeks_do_not_move_the_date():
    rows = STEP.copy()
    rows[[5, 6, 28, 40]] = NAN

    found = answer(change_points(in_weeks(rows)))

    assert [change.date for change in found.changes] == [dt.date(2026, 8, 3)]
    assert (found.n, found.n_missing) == (56, 4)


def test_a_date_is_less_sure_where_noise_lingers():
    plain = date_interval(CALM[:30], CALM[:30] + 2)
    lingering = date_interval(CALM[:30], CALM[:30] + 2, inflation=3)

    assert plain is not None
    assert lingering is not None
    assert lingering > plain


def test_a_step_between_two_constants_has_a_sure_date():
    (change,) = answer(change_points(in_weeks([5] * 20 + [8] * 20))).changes

    assert (change.date, change.level_before, change.level_after) == (dt.date(2026, 5, 25), 5, 8)


@given(
    rows=st.lists(st.integers(-9, 9).map(float), min_size=6, max_size=11),
    penalty=st.sampled_from([1.0, 5.0, 40.0]),
    shortest=st.integers(1, 4),
)
@settings(deadline=None, max_examples=60)
def test_no_other_partition_is_better(rows, penalty, shortest):
    values = np.array(rows)
    all_starts = [
        starts
        for n in range(len(rows))
        for starts in itertools.combinations(range(1, len(rows)), n)
        if min(np.diff([0, *starts, len(rows)])) >= shortest
    ]

    found = optimal_partition(values, penalty=penalty, minimum_segment=shortest)

    assert min(np.diff([0, *found, len(rows)])) >= shortest
    assert cost_of(values, found, penalty) == pytest.approx(
        min(cost_of(values, starts, penalty) for starts in all_starts), abs=1e-8
    )


@given(shift=st.integers(-500, 500), scale=st.sampled_from([-4.0, -1.0, 0.5, 8.0]))
@settings(deadline=None, max_examples=15)
def test_shift_scale_and_sign_leave_the_dates(shift, scale):
    plain, moved = answer(change_points(in_weeks(STEP))), answer(change_points(in_weeks(STEP * scale + shift)))

    assert [change.date for change in moved.changes] == [change.date for change in plain.changes]
    assert moved.levels == pytest.approx(tuple(scale * level + shift for level in plain.levels))


def test_told_backwards_the_changes_stand_mirrored():
    rows = np.concatenate([CALM[:20], CALM[20:45] + 6, CALM[45:] + 1])

    forwards, backwards = answer(change_points(in_weeks(rows))), answer(change_points(in_weeks(rows[::-1])))

    assert [change.n_before for change in forwards.changes] == [20, 25]
    assert [change.n_after for change in backwards.changes[::-1]] == [20, 25]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "all_missing"),
        ([NAN] * 30, "all_missing"),
        (range(2 * MINIMUM_SEGMENT - 1), "short_history"),
        ([7] * 30, "constant"),
        ([*CALM, float("inf")], "infinite_values"),
    ],
)
def test_what_cannot_be_searched_has_a_reason(rows, code):
    found = change_points(in_weeks(list(rows)))

    assert isinstance(found, NotComputable)
    assert found.code == code


def test_an_empty_segment_is_the_callers_mistake():
    with pytest.raises(ValueError, match="segment"):
        change_points(in_weeks(CALM), minimum_segment=0)


@pytest.mark.slow
@pytest.mark.parametrize(("phi", "most"), [(0.0, 0.02), (0.3, 0.04), (0.6, 0.08)])
def test_a_quiet_series_seldom_has_a_change_proposed(phi, most):
    rows = ar1(np.random.default_rng(20260105), 250, 180, phi)

    proposed = [bool(answer(change_points(in_weeks(row))).changes) for row in rows]

    assert np.mean(proposed) <= most


@pytest.mark.slow
def test_the_date_interval_holds_the_true_date_as_often_as_it_says():
    rows = ar1(np.random.default_rng(20260105), 250, 100, 0.3) + 2 * (np.arange(100) >= 50)
    true_date = dt.date(2026, 12, 21)

    found = [answer(change_points(in_weeks(row))).changes for row in rows]
    held = [changes[0].earliest <= true_date <= changes[0].latest for changes in found if len(changes) == 1]

    assert len(held) > 150
    assert np.mean(held) >= 0.9
