"""The effect of a change at one site."""

from __future__ import annotations

import datetime as dt
from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.its import period_numbers, single_site_effect
from analytics.results import NotComputable, SiteEffect

QUIET = [0.4, -0.3, -0.1, 0.2, -0.4, 0.1, 0.3, -0.2, 0.0, 0.35, -0.25, 0.15, -0.05]  # no two neighbours alike


def noise(n: int) -> np.ndarray:
    return np.resize(QUIET, n) + 0.1 * np.sin(np.arange(n) ** 2)


def weeks_around(n_before: int, n_after: int, step: float = 0.0, level: float = 10.0) -> pd.Series:
    index = pd.DatetimeIndex(pd.date_range("2025-01-06", periods=n_before + n_after, freq="7D"))
    after = np.arange(n_before + n_after) >= n_before
    return pd.Series(level + step * after + noise(n_before + n_after), index=index)


def start(series: pd.Series, n_before: int) -> dt.date:
    return series.index[n_before].date()


def effect_of(series: pd.Series, n_before: int, **arguments) -> SiteEffect:
    effect = single_site_effect(series, intervention_date=start(series, n_before), **arguments)
    assert isinstance(effect, SiteEffect)
    return effect


@pytest.mark.accepts("5.3", "5.4")
def test_a_step_is_given_in_the_metrics_unit_and_as_a_share_of_the_level_before():
    effect = effect_of(weeks_around(30, 20, step=-2), 30, trend=False)

    assert effect.lower < -2 < effect.upper < 0
    assert effect.estimate == pytest.approx(-2, abs=0.1)
    assert effect.relative == pytest.approx(effect.estimate / effect.level_before)
    assert effect.relative_lower == pytest.approx(effect.lower / effect.level_before)
    assert effect.relative_upper == pytest.approx(effect.upper / effect.level_before)
    assert (effect.level_before, effect.level_after) == (pytest.approx(10, abs=0.1), pytest.approx(8, abs=0.1))


@pytest.mark.accepts("5.3")
def test_no_share_is_given_of_a_level_that_is_not_positive():
    effect = effect_of(weeks_around(30, 20, step=-2, level=-5), 30)

    assert (effect.relative, effect.relative_lower, effect.relative_upper) == (None, None, None)


@pytest.mark.accepts("5.5")
def test_the_method_and_its_correlation_are_told():
    effect = effect_of(weeks_around(30, 20), 30)

    assert effect.method == "ar1_gls_phi_integrated"
    assert -0.5 <= effect.phi < 0.95
    assert effect.terms == ("level", "trend")


@pytest.mark.accepts("5.5")
def test_lingering_noise_widens_the_interval():
    rng = np.random.default_rng(8)
    shocks = rng.normal(size=90)
    lingering = np.zeros(90)
    for place in range(1, 90):
        lingering[place] = 0.7 * lingering[place - 1] + shocks[place]
    index = pd.date_range("2026-01-05", periods=90, freq="7D")
    apart, together = (pd.Series(10 + cells / cells.std(), index=index) for cells in (shocks, lingering))

    alone, linked = effect_of(apart, 60, trend=False), effect_of(together, 60, trend=False)

    assert linked.phi > 0.4 > alone.phi
    assert linked.upper - linked.lower > 1.5 * (alone.upper - alone.lower)


def test_the_intervention_date_is_the_first_day_of_after():
    series = weeks_around(30, 20)

    assert effect_of(series, 30).n_before == 30
    later = single_site_effect(series, intervention_date=start(series, 30) + dt.timedelta(days=1))
    assert (later.n_before, later.n_after) == (31, 19)


def test_days_of_the_week_are_told_apart_from_three_weeks_on_each_side(daily):
    weekend = np.tile([0, 0, 0, 0, 0, -6, -6], 10)
    series = daily(*(20 + weekend + noise(70)))

    assert effect_of(series, 49).terms == ("level", "trend", "weekday")
    assert effect_of(series, 50).terms == ("level", "trend")
    assert effect_of(series.iloc[:69], 49).terms == ("level", "trend")
    assert effect_of(series.iloc[29:], 20).terms == ("level", "trend")
    assert effect_of(series, 49, weekday=False, trend=False).terms == ("level",)


def test_a_step_on_a_weekday_is_not_taken_for_the_weekday(daily):
    weekend = np.tile([0, 0, 0, 0, 0, -6, -6], 10)
    series = daily(*(20 + weekend + noise(70) + 3 * (np.arange(70) >= 39)))

    assert effect_of(series, 39, trend=False).estimate == pytest.approx(3, abs=0.2)


def test_weekly_series_have_no_days_of_the_week_even_when_asked():
    assert effect_of(weeks_around(30, 20), 30, weekday=True).terms == ("level", "trend")


def test_a_missing_period_counts_the_same_as_a_row_left_out():
    series = weeks_around(30, 20, step=1)
    blank = series.copy()
    blank.iloc[[5, 6, 40]] = nan

    with_blanks, without_rows = effect_of(blank, 30), effect_of(blank.dropna(), 28)

    assert with_blanks.estimate == pytest.approx(without_rows.estimate)
    assert with_blanks.n_missing == without_rows.n_missing == 3
    assert np.isnan(with_blanks.counterfactual[10])
    assert len(with_blanks.counterfactual) == 20


def test_periods_before_the_first_and_after_the_last_measured_one_are_not_missing():
    series = weeks_around(33, 22)
    series.iloc[[0, 1, 2, 53, 54]] = nan

    assert effect_of(series, 33).n_missing == 0


def test_an_excluded_period_is_left_out_and_not_called_missing():
    series = weeks_around(30, 20)
    series.iloc[29] = 500.0

    effect = effect_of(series, 30, excluded=[start(series, 29)])

    assert (effect.n_before, effect.n_missing) == (29, 0)
    assert abs(effect.estimate) < 1


def test_the_counterfactual_follows_the_level_and_trend_before():
    series = weeks_around(40, 20, step=5)
    series += 0.5 * np.arange(60)

    effect = effect_of(series, 40)

    assert effect.counterfactual == pytest.approx(10 + 0.5 * np.arange(40, 60), abs=0.5)


@pytest.mark.accepts("5.3")
def test_on_the_log_scale_the_effect_is_a_ratio():
    series = np.exp(weeks_around(30, 20, step=np.log(0.8) * 10) / 10)

    effect = effect_of(series, 30, scale="log", trend=False)

    assert effect.relative == pytest.approx(-0.2, abs=0.01)
    assert effect.estimate == pytest.approx(effect.relative * effect.level_before)
    assert effect.counterfactual == pytest.approx([np.e] * 20, rel=0.01)


def test_on_the_logit_scale_a_share_stays_between_nothing_and_all():
    index = pd.date_range("2025-01-06", periods=50, freq="7D")
    sizes = pd.Series(200.0, index=index)
    shares = pd.Series(np.where(np.arange(50) < 30, 0.9, 0.97) + noise(50) / 40, index=index)

    effect = effect_of(shares, 30, scale="logit", weights=sizes, trend=False)

    assert effect.estimate == pytest.approx(0.07, abs=0.01)
    assert 0 < effect.lower < effect.upper < 1 - effect.level_before
    assert effect.scale == "logit"


def test_a_period_with_a_large_denominator_weighs_more():
    series = weeks_around(30, 20)
    series.iloc[-1] = 10.8
    sizes = pd.Series(100.0, index=series.index)
    small, large = sizes.copy(), sizes.copy()
    small.iloc[-1], large.iloc[-1] = 1.0, 400.0

    estimates = [effect_of(series, 30, weights=weights, trend=False).estimate for weights in (small, sizes, large)]

    assert estimates == sorted(estimates)
    assert abs(estimates[0]) < 0.1


def test_a_rate_of_nothing_counts_as_not_measured():
    series = weeks_around(30, 20)
    sizes = pd.Series(100.0, index=series.index)
    sizes.iloc[[3, 45]] = [0.0, nan]

    assert effect_of(series, 30, weights=sizes).n_missing == 2


@pytest.mark.accepts("2.21")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: s * nan, NotComputable("too_few_before", {"found": 0, "needed": 14})),
        (lambda s: s.iloc[17:], NotComputable("too_few_before", {"found": 13, "needed": 14})),
        (lambda s: s.iloc[:31], NotComputable("too_few_after", {"found": 1, "needed": 8})),
        (lambda s: s.iloc[:37], NotComputable("too_few_after", {"found": 7, "needed": 8})),
        (lambda s: s * 0 + 100.0, NotComputable("constant", {"value": 100.0})),
        (lambda s: s * 0 + np.where(np.arange(50) < 30, 1.0, 2.0), NotComputable("no_noise")),
        (lambda s: s * 0 + np.arange(50.0), NotComputable("no_noise")),
        (lambda s: s.replace(s.iloc[4], inf), NotComputable("infinite_values", {"found": 1})),
    ],
)
def test_an_effect_that_cannot_be_had_says_why(change, reason):
    series = weeks_around(30, 20)

    assert single_site_effect(change(series), intervention_date=start(series, 30)) == reason


def test_fourteen_points_before_and_eight_after_are_enough():
    effect = effect_of(weeks_around(14, 8), 14)

    assert (effect.n_before, effect.n_after) == (14, 8)


def test_a_series_that_wanders_is_given_no_verdict():
    series = pd.Series(np.cumsum(np.cumsum(noise(90))) + np.arange(90) ** 1.5, index=weeks_around(60, 30).index)

    reason = single_site_effect(series, intervention_date=start(series, 60))

    assert isinstance(reason, NotComputable)
    assert reason.code == "random_walk_like"
    assert reason.args["phi"] >= 0.95


def test_a_change_that_falls_together_with_the_days_of_the_week_is_not_separable(daily):
    mondays_then_tuesdays = [place % 7 == (0 if place < 140 else 1) for place in range(210)]
    series = daily(*np.where(mondays_then_tuesdays, 10 + noise(210), nan))

    reason = single_site_effect(series, intervention_date=start(series, 140), weekday=True)

    assert reason == NotComputable("not_separable")


@pytest.mark.parametrize(("scale", "value"), [("log", 0.0), ("log", -1.0), ("logit", 0.0), ("logit", 1.0)])
def test_a_value_outside_its_scale_is_told(scale, value):
    series = weeks_around(30, 20) / 20
    series.iloc[7] = value

    reason = single_site_effect(series, intervention_date=start(series, 30), scale=scale)

    assert reason == NotComputable("outside_scale", {"found": 1, "scale": scale})


def test_a_share_above_all_is_outside_the_logit_even_with_its_denominator():
    series = weeks_around(30, 20) / 20
    series.iloc[7] = 1.01

    reason = single_site_effect(series, intervention_date=start(series, 30), scale="logit", weights=series * 0 + 50)

    assert reason == NotComputable("outside_scale", {"found": 1, "scale": "logit"})


def test_an_index_that_is_not_a_calendar_is_the_callers_mistake():
    series = weeks_around(30, 20)

    for wrong in (series.iloc[::-1], pd.concat([series, series.iloc[-1:]]), series.reset_index(drop=True)):
        with pytest.raises(ValueError, match="period"):
            single_site_effect(wrong, intervention_date=dt.date(2025, 8, 4))
    with pytest.raises(ValueError, match="same periods"):
        single_site_effect(series, intervention_date=dt.date(2025, 8, 4), weights=series.iloc[1:])


@settings(deadline=None, max_examples=25)
@given(st.integers(-500, 500), st.sampled_from([0.01, 0.5, 3.0, 1000.0]))
def test_the_effect_follows_shift_and_scale(shift, factor):
    series = weeks_around(20, 10, step=1)
    plain, moved = effect_of(series, 20), effect_of(series * factor + shift, 20)

    assert moved.estimate == pytest.approx(plain.estimate * factor, rel=1e-6)
    assert moved.lower == pytest.approx(plain.lower * factor, rel=1e-5)
    assert moved.p_value == pytest.approx(plain.p_value, rel=1e-5)


def test_read_backwards_a_rise_is_a_fall():
    series = weeks_around(20, 20, step=1)
    backwards = pd.Series(series.to_numpy()[::-1], index=series.index)

    forth, back = effect_of(series, 20, trend=False), effect_of(backwards, 20, trend=False)

    assert back.estimate == pytest.approx(-forth.estimate)
    assert back.lower == pytest.approx(-forth.upper)


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        (["2026-01-05", "2026-01-06", "2026-01-09"], [0, 1, 4]),
        (["2026-01-05", "2026-01-12", "2026-02-02"], [0, 1, 4]),
        (["2025-11-01", "2025-12-01", "2026-03-01"], [0, 1, 4]),
        (["2025-10-01", "2026-01-01", "2026-07-01"], [0, 1, 3]),
        (["2023-01-01", "2024-01-01", "2026-01-01"], [0, 1, 3]),
        (["2026-01-05", "2026-02-02", "2026-03-30"], [0, 1, 3]),
        (["2026-01-05"], [0]),
        ([], []),
    ],
)
def test_periods_are_numbered_by_their_own_length(starts, expected):
    assert period_numbers(pd.DatetimeIndex(starts)).tolist() == expected
