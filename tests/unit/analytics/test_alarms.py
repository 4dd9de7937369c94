"""Drift charts after the textbook, alarms on what the model does not explain, and cautions about limits."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.alarms import (
    CUSUM_LIMIT,
    MINIMUM_BASELINE,
    WATCHED_PERIODS,
    Alarm,
    AlarmKind,
    alarm_table,
    cusum,
    drift_alarms,
    ewma,
)
from analytics.cautions import Caution, CautionKind, cautions
from analytics.results import NotComputable, Side
from benchmarks.noise import ar1

NAN = float("nan")
CALM = np.random.default_rng(11).normal(50, 2, size=120)


def in_days(values, start="2026-01-05") -> pd.Series:
    return pd.Series(np.asarray(values, dtype=float), index=pd.date_range(start, periods=len(values), freq="D"))


def answer(result):
    """The result, sure that it is one."""
    assert not isinstance(result, NotComputable), result
    return result


def kinds(result) -> list[CautionKind]:
    return [caution.kind for caution in answer(result)]


def test_an_average_that_forgets_waits_over_a_missing_week(weekly):
    whole = answer(ewma(weekly(52, 47, 53), target=50, sigma=2, weight=0.3))
    gap = answer(ewma(weekly(52, NAN, 47, 53), target=50, sigma=2, weight=0.3))

    assert gap.average[[0, 2, 3]] == pytest.approx(whole.average)
    assert np.isnan(gap.average[1])
    assert gap.upper[-1] == whole.upper[-1]


def test_the_limits_of_an_average_grow_to_their_final_width(weekly):
    chart = answer(ewma(weekly(*[50] * 60), target=50, sigma=2, weight=0.2, width=3))

    assert chart.upper[0] == pytest.approx(50 + 3 * 2 * 0.2)
    assert chart.upper[-1] == pytest.approx(chart.final_upper)
    assert (chart.final_upper, chart.final_lower) == (52, 48)
    assert chart.signals == ()


def test_a_point_on_the_limit_is_within(weekly):
    assert answer(ewma(weekly(3), target=0, sigma=1, weight=1, width=3)).signals == ()
    assert answer(ewma(weekly(3.01), target=0, sigma=1, weight=1, width=3)).signals == (dt.date(2026, 1, 5),)
    assert answer(cusum(weekly(5.5), target=0, sigma=1)).signals == ()
    assert answer(cusum(weekly(5.51), target=0, sigma=1)).signals == (dt.date(2026, 1, 5),)


def test_sums_keep_still_over_a_missing_week(weekly):
    chart = answer(cusum(weekly(12, NAN, 12, 7), target=10, sigma=1))

    assert chart.above[[0, 2, 3]].tolist() == [1.5, 3, 0]
    assert chart.below[[0, 2, 3]].tolist() == [0, 0, 2.5]
    assert np.isnan(chart.above[1])


@given(
    rows=st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=30),
    shift=st.integers(-100, 100),
    scale=st.sampled_from([0.5, 2.0, 4.0]),
)
@settings(deadline=None, max_examples=30)
def test_drift_charts_pass_shift_and_scale_through(rows, shift, scale):
    moved = in_days(np.array(rows) * scale + shift)
    plain_sums, moved_sums = (
        cusum(in_days(rows), target=1, sigma=2),
        cusum(moved, target=scale + shift, sigma=2 * scale),
    )
    plain_mean, moved_mean = ewma(in_days(rows), target=1, sigma=2), ewma(moved, target=scale + shift, sigma=2 * scale)

    assert answer(moved_sums).above == pytest.approx(scale * answer(plain_sums).above)
    assert answer(moved_mean).average == pytest.approx(scale * answer(plain_mean).average + shift)
    mirrored = answer(cusum(in_days(-np.array(rows)), target=-1, sigma=2))
    assert mirrored.below == pytest.approx(answer(plain_sums).above)


def test_a_slow_drift_is_seen_before_any_single_point_is_wild():
    drifting = in_days(CALM + 2.4 * (np.arange(120) >= 95))

    alarms = answer(drift_alarms(drifting)).alarms

    assert [(alarm.kind, alarm.side) for alarm in alarms] == [(AlarmKind.DRIFT, Side.ABOVE)]
    assert dt.date(2026, 4, 6) <= alarms[0].since <= dt.date(2026, 4, 14)
    assert alarms[0].since < alarms[0].date


def test_a_drift_older_than_the_watched_days_is_said_to_be_so():
    older, later = (
        answer(drift_alarms(in_days(CALM + 3.6 * (np.arange(120) >= start)))).alarms[0] for start in (85, 95)
    )

    assert (older.or_before, older.since) == (True, dt.date(2026, 4, 5))
    assert not later.or_before


def test_one_wild_point_is_an_alarm_of_its_own():
    rows = CALM.copy()
    rows[100] -= 20

    alarms = answer(drift_alarms(in_days(rows))).alarms

    day = dt.date(2026, 4, 15)
    assert alarms == (Alarm(AlarmKind.WILD_POINT, Side.BELOW, day, day),)


def test_a_slow_week_end_is_no_alarm():
    rows = CALM - 30 * (np.arange(120) % 7 >= 5)

    found = answer(drift_alarms(in_days(rows)))

    assert found.alarms == ()
    assert found.weekday
    assert found.expected[:7] == pytest.approx([20, 50, 50, 50, 50, 50, 20], abs=2)
    assert (found.n_baseline, found.baseline_end) == (90, dt.date(2026, 4, 4))


def test_a_quiet_series_raises_nothing_and_a_gap_creates_nothing():
    rows = CALM.copy()
    rows[[20, 21, 97, 98, 99, 110]] = NAN

    found = answer(drift_alarms(in_days(rows)))

    assert found.alarms == ()
    assert np.isnan(found.residuals[7])
    assert found.n_baseline == 88


def test_a_series_without_week_ends_is_watched_too():
    working = in_days(CALM)
    working = working[working.index.day_of_week < 5]

    found = answer(drift_alarms(pd.concat([working[:-15], working[-15:] + 4]), watched=15))

    assert any(alarm.kind is AlarmKind.DRIFT for alarm in found.alarms)


def test_where_neighbours_resemble_each_other_less_is_tolerated_and_more_is_needed():
    values = ar1(np.random.default_rng(5), 2, 180, 0.8)
    values[0] = np.random.default_rng(6).normal(size=180)

    table = alarm_table(values)

    assert table.limit[0] == CUSUM_LIMIT
    assert table.limit[1] > CUSUM_LIMIT
    assert table.phi == pytest.approx([0, 0.8], abs=0.2)


def test_many_series_are_watched_as_each_one_alone():
    rng = np.random.default_rng(8)
    values = ar1(rng, 12, 120, 0.3) + 2 * (np.arange(120) >= 100)
    values[rng.random(values.shape) < 0.1] = NAN
    weekdays = np.arange(120) % 7

    table = alarm_table(values, weekdays=weekdays)

    for row, raised, phi in zip(values, table.raised, table.phi, strict=True):
        alone = answer(drift_alarms(in_days(row)))
        assert bool(alone.alarms) == raised
        assert alone.phi == phi


@given(shift=st.integers(-1000, 1000), scale=st.sampled_from([-2.0, -1.0, 0.5, 4.0]))
@settings(deadline=None, max_examples=20)
def test_alarms_pass_shift_and_scale_through(shift, scale):
    rows = ar1(np.random.default_rng(9), 5, 110, 0.4) + 1.2 * (np.arange(110) >= 90)

    plain, moved = alarm_table(rows), alarm_table(rows * scale + shift)

    assert moved.residuals == pytest.approx(np.sign(scale) * plain.residuals)
    assert moved.raised.tolist() == plain.raised.tolist()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "all_missing"),
        ([NAN] * 120, "all_missing"),
        ([*CALM[:119], float("inf")], "infinite_values"),
        ([*CALM[: MINIMUM_BASELINE + WATCHED_PERIODS - 1]], "short_history"),
        ([*CALM[:90], *[NAN] * 30], "nothing_watched"),
        ([7] * 120, "constant"),
        ([*[7] * 90, *CALM[:30]], "constant"),
        ([float(n % 7) for n in range(120)], "no_noise"),
    ],
)
def test_what_cannot_be_watched_has_a_reason(rows, code):
    assert drift_alarms(in_days(rows)).code == code


@pytest.mark.parametrize(
    "draw", [lambda values: ewma(values, target=0, sigma=1), lambda values: cusum(values, target=0, sigma=1)]
)
def test_what_cannot_be_drawn_has_a_reason(draw):
    assert draw(in_days([NAN, NAN])).code == "all_missing"
    assert draw(in_days([1, float("inf")])).code == "infinite_values"


def test_a_spread_of_nothing_is_the_callers_mistake(weekly):
    with pytest.raises(ValueError, match="sigma"):
        ewma(weekly(1, 2), target=0, sigma=0)
    with pytest.raises(ValueError, match="weight"):
        ewma(weekly(1, 2), target=0, sigma=1, weight=0)
    with pytest.raises(ValueError, match="sigma"):
        cusum(weekly(1, 2), target=0, sigma=-1)


@pytest.mark.slow
@pytest.mark.parametrize(("phi", "caught"), [(0.0, 0.98), (0.3, 0.84), (0.6, 0.56)])
def test_quiet_windows_raise_few_alarms_and_a_shift_is_caught(phi, caught):
    quiet = ar1(np.random.default_rng(20260105), 4000, MINIMUM_BASELINE + WATCHED_PERIODS, phi)
    shifted = quiet + 1.5 * (np.arange(quiet.shape[1]) >= MINIMUM_BASELINE)

    assert alarm_table(quiet).raised.mean() <= 0.023 + 0.004  # and its Monte-Carlo error
    assert alarm_table(quiet, weekdays=np.arange(quiet.shape[1]) % 7).raised.mean() <= 0.03
    assert alarm_table(shifted).raised.mean() >= caught


def test_limits_that_would_mislead_are_named():
    resembling = in_days(ar1(np.random.default_rng(3), 1, 100, 0.7)[0])
    week_ends = in_days(CALM - 8 * (np.arange(120) % 7 >= 5))
    months = pd.date_range("2023-01-01", periods=36, freq="MS")
    seasonal = pd.Series(10 + 4 * np.sin(np.arange(36) * np.pi / 6) + CALM[:36] / 4, index=months)

    assert kinds(cautions(resembling)) == [CautionKind.RESEMBLING_NEIGHBOURS]
    assert kinds(cautions(week_ends)) == [CautionKind.WEEKDAYS_DIFFER]
    assert CautionKind.SEASON in kinds(cautions(seasonal))
    assert cautions(in_days(CALM)) == ()


def test_a_season_waits_for_two_years():
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    seasonal = pd.Series(10 + 4 * np.sin(np.arange(24) * np.pi / 6) + CALM[:24] / 8, index=months)

    assert CautionKind.SEASON in kinds(cautions(seasonal))
    assert CautionKind.SEASON not in kinds(cautions(seasonal[1:]))


def test_a_caution_tells_how_strong_it_is():
    (caution,) = answer(cautions(in_days(ar1(np.random.default_rng(3), 1, 100, 0.7)[0])))

    assert caution == Caution(CautionKind.RESEMBLING_NEIGHBOURS, phi=caution.phi)
    assert caution.phi == pytest.approx(0.7, abs=0.15)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "all_missing"),
        (range(19), "short_history"),
        ([7] * 40, "constant"),
        ([*CALM[:40], float("-inf")], "infinite_values"),
        ([float(n % 7) for n in range(70)], "no_noise"),
    ],
)
def test_a_series_that_cannot_be_judged_has_a_reason(rows, code):
    assert cautions(in_days(list(rows))).code == code
