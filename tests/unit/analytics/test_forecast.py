"""Where a key result will stand if the trend holds, and whether such forecasts came true."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.autoregression import Mixture, fits_at
from analytics.forecast import MINIMUM_FORECASTS, MINIMUM_POINTS, Calibration, Forecast, Outlook, calibration
from analytics.okr import key_result_forecast
from analytics.results import NotComputable
from benchmarks.noise import ar1

NAN = float("nan")
NOISE = np.random.default_rng(11).normal(0, 1, size=26)
FALLING = 30 - np.arange(26) / 2 + NOISE  # the last of 26 weeks begins on 29 June 2026
DUE = dt.date(2026, 8, 31)  # nine weeks on


def in_weeks(values) -> pd.Series:
    index = pd.date_range("2026-01-05", periods=len(values), freq="7D")
    return pd.Series(np.asarray(values, dtype=float), index=index)


def forecast(values, *, target=15.0, baseline=30.0, due=DUE, **others):
    series = values if isinstance(values, pd.Series) else in_weeks(values)
    return key_result_forecast(series, baseline_value=baseline, target_value=target, due_date=due, **others)


def answer(result) -> Forecast:
    assert isinstance(result, Forecast), result
    return result


def test_a_trend_that_holds_is_carried_to_the_due_date():
    found = answer(forecast(FALLING))

    assert found.estimate == pytest.approx(30 - 34 / 2, abs=1.5)
    assert found.lower < found.estimate < found.upper
    assert (found.n_ahead, found.period, found.confidence) == (9, DUE, 0.8)


def test_the_last_period_that_begins_by_the_due_date_counts():
    assert answer(forecast(FALLING, due=dt.date(2026, 9, 6))).period == DUE
    assert answer(forecast(FALLING, due=dt.date(2026, 9, 7))).period == dt.date(2026, 9, 7)


@pytest.mark.parametrize(
    ("above", "chance", "outlook"),
    [(8, 0.95, Outlook.ON_TRACK), (0, 0.5, Outlook.WATCH), (-8, 0.05, Outlook.OFF_TRACK)],
)
def test_the_chance_is_rounded_and_never_certain(above, chance, outlook):
    estimate = answer(forecast(FALLING)).estimate

    found = answer(forecast(FALLING, target=estimate + above))

    assert (found.chance, found.outlook) == (chance, outlook)


def test_the_outlook_follows_the_chance_that_is_shown():
    for target in np.linspace(10, 18, 40):
        found = answer(forecast(FALLING, target=float(target)))
        expected = (
            Outlook.ON_TRACK if found.chance > 0.79 else Outlook.WATCH if found.chance > 0.49 else Outlook.OFF_TRACK
        )

        assert found.outlook is expected


def test_upwards_and_downwards_are_the_same_road():
    down, up = answer(forecast(FALLING)), answer(forecast(-FALLING, target=-15.0, baseline=-30.0))

    assert up.chance == down.chance
    assert (up.lower, up.upper) == pytest.approx((-down.upper, -down.lower), rel=1e-6)


def test_a_mean_counts_what_is_known_and_is_surer():
    point = answer(forecast(FALLING))
    mean = answer(forecast(FALLING, mean_from=dt.date(2026, 6, 1)))

    known = FALLING[-5:].mean()
    assert mean.upper - mean.lower < point.upper - point.lower
    assert point.estimate < mean.estimate < known
    assert mean.mean_from == dt.date(2026, 6, 1)


def test_a_mean_over_one_period_to_come_is_that_period():
    point, mean = answer(forecast(FALLING)), answer(forecast(FALLING, mean_from=DUE))

    assert (mean.estimate, mean.lower, mean.upper) == pytest.approx((point.estimate, point.lower, point.upper))


def test_months_are_counted_by_the_calendar():
    months = pd.Series(FALLING, index=pd.date_range("2024-01-01", periods=26, freq="MS"))

    found = answer(forecast(months, due=dt.date(2026, 6, 15)))

    assert (found.n_ahead, found.period) == (4, dt.date(2026, 6, 1))


def test_a_day_that_is_never_measured_is_not_forecast():
    days = pd.date_range("2026-01-05", periods=60, freq="D")
    working = pd.Series(np.resize(NOISE, 60), index=days)[days.day_of_week < 5]

    found = answer(forecast(working, target=5.0, baseline=0.0, due=dt.date(2026, 3, 15)))  # a Sunday

    assert found.period == dt.date(2026, 3, 13)


def test_a_slow_week_end_is_expected_at_the_due_date():
    days = pd.date_range("2026-01-05", periods=84, freq="D")
    busy = pd.Series(np.resize(NOISE, 84) - 20 * (days.day_of_week >= 5), index=days)

    friday, saturday = (answer(forecast(busy, target=5.0, baseline=0.0, due=dt.date(2026, 4, day))) for day in (10, 11))

    assert friday.estimate - saturday.estimate == pytest.approx(20, abs=1.5)


@given(shift=st.integers(-500, 500), scale=st.sampled_from([0.5, 2.0, 8.0]))
@settings(deadline=None, max_examples=15)
def test_shift_and_scale_pass_through(shift, scale):
    plain = answer(forecast(FALLING))
    moved = answer(forecast(FALLING * scale + shift, target=15 * scale + shift, baseline=30 * scale + shift))

    assert moved.estimate == pytest.approx(plain.estimate * scale + shift)
    assert moved.upper - moved.lower == pytest.approx(scale * (plain.upper - plain.lower), rel=1e-5)
    assert moved.chance == plain.chance


@pytest.mark.parametrize(
    ("values", "others", "code"),
    [
        ([], {}, "all_missing"),
        ([NAN] * 30, {}, "all_missing"),
        (FALLING[: MINIMUM_POINTS - 1], {}, "short_history"),
        ([7] * 26, {}, "constant"),
        (np.arange(26), {}, "no_noise"),
        ([*FALLING, float("inf")], {}, "infinite_values"),
        (FALLING, {"target": float("nan")}, "infinite_values"),
        (FALLING, {"target": 30.0}, "baseline_is_target"),
        (FALLING, {"due": dt.date(2026, 7, 5)}, "due_reached"),
        (FALLING, {"due": dt.date(2026, 1, 5)}, "due_reached"),
        (FALLING, {"due": dt.date(2027, 1, 4)}, "horizon_too_long"),
    ],
)
def test_what_cannot_be_forecast_has_a_reason(values, others, code):
    found = forecast(values, **others)

    assert isinstance(found, NotComputable)
    assert found.code == code


def test_a_horizon_as_long_as_the_history_is_still_forecast():
    assert answer(forecast(FALLING, due=dt.date(2026, 12, 28))).n_ahead == 26


def test_a_mean_that_begins_after_its_end_is_the_callers_mistake():
    with pytest.raises(ValueError, match="mean_from"):
        forecast(FALLING, mean_from=dt.date(2026, 9, 1))


@pytest.mark.slow
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_four_bands_in_five_hold_what_came(phi):
    n, ahead = 60, 10
    rows = ar1(np.random.default_rng(20260105), 2500, n + ahead, phi)
    places = np.append(np.arange(n), n + ahead - 1)
    design = np.column_stack([np.ones(n + 1), places, places >= n]).astype(float)

    fits = fits_at(np.hstack([rows[:, :n], np.zeros((2500, 1))]), design, column=2, gaps=np.diff(places))
    mixture = Mixture.of(fits)
    lower, upper = -mixture.quantile(0.9), -mixture.quantile(0.1)

    assert 0.78 <= ((lower < rows[:, -1]) & (rows[:, -1] < upper)).mean() <= 0.85
    alone = answer(forecast(in_weeks(rows[0, :n]), target=9.0, baseline=0.0, due=dt.date(2027, 5, 3)))
    assert (alone.lower, alone.upper) == pytest.approx((lower[0], upper[0]), abs=1e-6)


def judged(*arguments) -> Calibration:
    found = calibration(*arguments)
    assert isinstance(found, Calibration), found
    return found


@pytest.mark.accepts("4.9")
def test_stated_chances_are_compared_with_what_happened():
    found = judged([0.9] * 10 + [0.3] * 10, [True] * 9 + [False] + [True] * 3 + [False] * 7)

    assert found.brier == pytest.approx((9 * 0.01 + 0.81 + 3 * 0.49 + 7 * 0.09) / 20)
    assert [(row.n, row.stated, row.happened) for row in found.rows] == [
        (10, pytest.approx(0.3), 0.3), (10, pytest.approx(0.9), 0.9),
    ]  # fmt: skip
    assert not found.is_off


def test_chances_that_promise_too_much_are_found_out():
    found = judged([0.9] * 20, [True] * 9 + [False] * 11)

    assert found.is_off
    assert not found.rows[0].agrees
    assert (found.rows[0].lowest, found.rows[0].highest) == (0.8, 1.0)


def test_a_chance_on_the_edge_of_a_bin_belongs_above():
    assert [row.lowest for row in judged([0.2, 0.4, 0.6, 0.8, 1.0] * 2, [True] * 10).rows] == [0.2, 0.4, 0.6, 0.8]


def test_certain_and_wrong_is_as_wrong_as_can_be():
    assert judged([1.0] * 10, [False] * 10).p_value == 0
    assert judged([1.0] * 10, [True] * 10).p_value == 1
    assert judged([1.0] * 10, [True] * 10).brier == 0


@given(rows=st.lists(st.tuples(st.sampled_from([0.05, 0.3, 0.5, 0.8, 0.95]), st.booleans()), min_size=10, max_size=60))
@settings(deadline=None, max_examples=30)
def test_order_and_the_opposite_question_change_nothing(rows):
    chances, outcomes = [row[0] for row in rows], [row[1] for row in rows]
    found = judged(chances, outcomes)
    reordered = judged(chances[::-1], outcomes[::-1])
    opposite = judged([1 - chance for chance in chances], [not outcome for outcome in outcomes])

    assert reordered.brier == pytest.approx(found.brier)
    assert opposite.brier == pytest.approx(found.brier)
    assert opposite.p_value == pytest.approx(found.p_value)
    assert all(row.lower <= row.happened <= row.upper for row in found.rows)


def test_a_record_that_cannot_be_judged_says_so():
    found = calibration([0.5] * (MINIMUM_FORECASTS - 1), [True] * (MINIMUM_FORECASTS - 1))

    assert isinstance(found, NotComputable)
    assert found.code == "short_record"
    with pytest.raises(ValueError, match="outcome"):
        calibration([0.5], [])
    with pytest.raises(ValueError, match="0 to 1"):
        calibration([80.0], [True])
