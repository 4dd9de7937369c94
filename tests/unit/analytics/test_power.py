"""How small an effect could be seen by a date, by the method that will really be used."""

from __future__ import annotations

import datetime as dt
from math import inf, nan

import numpy as np
import pandas as pd
import pytest

from analytics import power
from analytics.power import (
    detectable_by_date,
    minimum_detectable_difference,
    minimum_detectable_effect,
    needed_beyond_known_noise,
)
from analytics.power_algebra import known_noise_errors, mean_difference_errors, t_multiple, t_power
from analytics.power_rollout import minimum_detectable_rollout
from analytics.power_table import ALPHAS, FACTORS, N_AFTER, N_BEFORE, PHIS
from analytics.results import NotComputable
from analytics.results_sequential import DetectableEffect
from analytics.staggered import rollout_effect
from benchmarks.power_table import cell

START = dt.date(2026, 3, 9)
END = dt.date(2026, 4, 7)


def history(n: int = 60, *, phi: float = 0.0, sigma: float = 1.0, seed: int = 1, freq: str = "D") -> pd.Series:
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=n)
    for place in range(1, n):
        noise[place] = phi * noise[place - 1] + np.sqrt(1 - phi**2) * noise[place]
    step = pd.Timedelta(days=7 if freq == "7D" else 1)
    return pd.Series(20 + sigma * noise, index=pd.date_range(pd.Timestamp(START) - n * step, periods=n, freq=freq))


def seen(values: pd.Series, **arguments) -> DetectableEffect:
    said = minimum_detectable_effect(values, **{"start": START, "end": END, **arguments})
    assert isinstance(said, DetectableEffect)
    return said


@pytest.mark.accepts("5.12")
def test_the_detectable_effect_comes_with_the_noise_and_the_points_it_counts_on():
    said = seen(history())

    assert (said.n_before, said.n_after, said.end, said.power, said.alpha) == (60, 30, END, 0.8, 0.05)
    assert said.relative == pytest.approx(said.effect / said.level_before)
    assert said.sigma == pytest.approx(1, abs=0.3)
    assert "weekday" in said.terms
    assert 0.9 < said.effect < 1.6  # known noise, trend and weekdays allowed for: 1.16


def test_more_time_less_noise_and_no_trend_let_one_see_less():
    values = history(phi=0.3)

    by_date = detectable_by_date(values, start=START, ends=[dt.date(2026, 3, 22), END, dt.date(2026, 5, 7)])

    effects = [outcome.effect for outcome in by_date.outcomes]
    assert effects == sorted(effects, reverse=True)
    assert seen(values, trend=False).effect < seen(values).effect
    assert seen(values, alpha=0.01).effect > seen(values).effect
    assert seen(20 + 3 * (values - 20)).effect == pytest.approx(3 * seen(values).effect)
    assert seen(values + 100).effect == pytest.approx(seen(values).effect)


@pytest.mark.accepts("5.12")
def test_at_72_hours_only_effects_of_two_to_three_standard_deviations_are_seen():
    said = seen(history(), end=dt.date(2026, 3, 11), early=True, alpha=0.01)

    assert said.n_after == 3
    assert 2 < said.effect / said.sigma < 3.5


def test_with_little_history_the_real_method_needs_more_than_known_noise_would(monkeypatch):
    short = history(14)
    real = seen(short, trend=False, alpha=0.01).effect

    monkeypatch.setattr(power, "needed_beyond_known_noise", lambda phi, *_, **__: np.ones(len(phi)))

    assert real > 1.1 * seen(short, trend=False, alpha=0.01).effect


def test_a_start_that_lies_ahead_counts_on_the_periods_until_then():
    late = dt.date(2026, 3, 23)

    said = seen(history(), start=late, end=dt.date(2026, 4, 21))

    assert (said.n_before, said.n_after) == (74, 30)


def test_days_of_the_week_that_are_never_measured_are_not_counted_on():
    whole = history(70)
    working = whole.index.day_of_week < 5

    assert seen(whole[working]).n_after == 22
    assert seen(whole.where(working)).n_after == 22


def test_weeks_and_months_are_counted_when_they_are_over():
    weeks = history(60, freq="7D")
    months = pd.Series(history(40).to_numpy(), index=pd.date_range("2022-11-01", periods=40, freq="MS"))

    assert seen(weeks, end=dt.date(2026, 5, 9)).n_after == 8  # the ninth week ends on the 10th
    assert seen(months, start=dt.date(2026, 3, 1), end=dt.date(2026, 11, 29)).n_after == 8


def test_on_a_logarithmic_scale_the_effect_is_given_back_in_the_unit():
    values = np.exp(history() / 10)

    said = seen(values, scale="log")

    assert said.relative == pytest.approx(np.expm1(np.log1p(said.effect / said.level_before)))
    assert 0.09 < said.relative < 0.18


def reason(values: pd.Series, **arguments) -> str:
    said = minimum_detectable_effect(values, **{"start": START, "end": END, **arguments})
    assert isinstance(said, NotComputable)
    return said.code


def test_a_plan_says_why_nothing_can_be_told():
    values = history()
    wander = history(400)
    wander[:] = np.cumsum(np.random.default_rng(3).normal(size=400))

    assert reason(values.iloc[-13:]) == "too_few_before"
    assert reason(values * nan) == "too_few_before"
    assert reason(values, end=dt.date(2026, 3, 15)) == "too_few_after"
    assert reason(values, end=dt.date(2026, 3, 10), early=True) == "too_few_after"
    assert reason(values * 0 + 3) == "constant"
    assert reason(values.replace(values.iloc[0], inf)) == "infinite_values"
    assert reason(values - 100, scale="log") == "outside_scale"
    assert reason(pd.Series(np.arange(60.0), index=values.index)) == "no_noise"
    assert reason(wander, trend=False) == "random_walk_like"
    with pytest.raises(ValueError, match="end"):
        minimum_detectable_effect(values, start=END, end=START)


def test_what_lies_after_the_start_is_not_used():
    values = history(90)
    values.index = values.index + pd.Timedelta(days=30)
    changed = values + 9 * (values.index >= pd.Timestamp(START))

    assert seen(changed) == seen(values)


@pytest.fixture
def sites() -> pd.DataFrame:
    common = history(seed=99)
    return pd.DataFrame({f"S{place:02d}": history(seed=place, phi=0.3) + 3 * common for place in range(15)})


def difference(sites: pd.DataFrame, treated=("S00", "S01", "S02"), **arguments):
    return minimum_detectable_difference(sites, treated_sites=treated, **{"start": START, "end": END, **arguments})


@pytest.mark.accepts("5.12")
def test_comparison_sites_take_away_what_all_sites_share(sites):
    said = difference(sites)

    assert (said.n_treated, said.n_comparison, said.method, said.terms) == (3, 12, "collapsed_did", ())
    assert (said.n_before, said.n_after) == (60, 30)
    assert said.sigma == pytest.approx(1, abs=0.2)
    error = mean_difference_errors(np.arange(90) >= 60, places=np.arange(90), phi=np.array([0.3]))[0]
    assert said.effect == pytest.approx(t_multiple(13, 0.05) * error * np.sqrt(1 / 3 + 1 / 12), rel=0.2)
    assert said.effect < seen(sites["S00"], trend=False).effect
    assert difference(sites, treated=[f"S{place:02d}" for place in range(3, 15)]).effect == pytest.approx(said.effect)


def test_a_comparison_says_why_nothing_can_be_told(sites):
    assert difference(sites, treated=()).code == "no_treated_site"
    assert difference(sites[["S00", "S01"]], treated=["S00"]).code == "too_few_comparison_sites"
    assert difference(sites.iloc[:5]).code == "too_few_before"
    assert difference(sites * 0 + 1).code == "no_noise"
    assert difference(sites.replace(sites.iloc[0, 0], inf)).code == "infinite_values"
    with pytest.raises(ValueError, match="column"):
        difference(sites, treated=["nowhere"])
    with pytest.raises(ValueError, match="end"):
        difference(sites, end=dt.date(2026, 1, 1))


def test_sites_that_wander_and_an_end_before_the_first_period_say_so(sites):
    wander = sites.apply(lambda site: np.cumsum(site - site.mean()) * 9)

    assert difference(wander).code == "random_walk_like"
    weeks = sites.set_axis(pd.date_range(end=pd.Timestamp(START) - pd.Timedelta(days=7), periods=60, freq="7D"))
    assert difference(weeks, end=dt.date(2026, 3, 12)).code == "too_few_after"


WAVES = {f"S{place:02d}": START + dt.timedelta(days=7 * (place // 3)) for place in range(12)}


def rollout(sites: pd.DataFrame, dates=WAVES, end=dt.date(2026, 5, 3), n_panels: int = 100):
    rng = np.random.default_rng(1)
    return minimum_detectable_rollout(sites, adoption_dates=dates, end=end, rng=rng, n_panels=n_panels)


@pytest.mark.accepts("5.12")
def test_a_rollout_in_waves_says_what_its_own_test_would_see(sites):
    said = rollout(sites)

    assert (said.n_treated, said.n_comparison, said.method) == (12, 3, "imputation")
    assert (said.n_before, said.n_after, said.start) == (60, 56, START)
    sooner, noisier = rollout(sites, end=dt.date(2026, 3, 17)), rollout(20 + 3 * (sites - 20))
    assert sooner.effect > said.effect
    assert noisier.effect == pytest.approx(3 * said.effect)
    found = []
    rng = np.random.default_rng(2)
    days = pd.date_range(sites.index[0], dt.date(2026, 5, 3), freq="D")
    for seed in range(40):
        drawn = {site: history(len(days), phi=0.3, seed=100 * seed + place) for place, site in enumerate(sites)}
        panel = pd.DataFrame({site: values.to_numpy() for site, values in drawn.items()}, index=days)
        for site, date in WAVES.items():
            panel.loc[days >= pd.Timestamp(date), site] += said.effect
        effect = rollout_effect(panel, adoption_dates=WAVES, drawn_by_lot=True, rng=rng, n_orders=200)
        found.append(effect.lower > 0)
    assert 0.6 <= np.mean(found) <= 0.97  # 0.8 but for three standard errors of 40


def test_a_rollout_says_why_nothing_can_be_told(sites):
    one_date = dict.fromkeys(["S00", "S01"], START)

    assert rollout(sites, dates={"S00": None}).code == "no_adopter"
    assert rollout(sites, dates=one_date).code == "one_wave"
    assert rollout(sites, dates={"S00": START, "S01": END}).code == "too_few_orders"
    assert rollout(sites.iloc[:9]).code == "too_few_before"
    assert rollout(sites.apply(lambda site: np.cumsum(site - site.mean()) * 9)).code == "random_walk_like"
    with pytest.raises(ValueError, match="end"):
        rollout(sites, end=dt.date(2026, 1, 1))
    with pytest.raises(ValueError, match="column"):
        rollout(sites, dates={**WAVES, "nowhere": END})


def test_a_term_that_cannot_be_told_apart_has_no_known_error():
    step = np.repeat([0.0, 1.0], 10)

    assert known_noise_errors(np.column_stack([step, step]), places=np.arange(20), phi=np.zeros(1)) == [inf]
    assert known_noise_errors(np.column_stack([step * 0 + 1, step * 0]), places=np.arange(20), phi=np.zeros(1)) == [inf]


def test_power_and_its_multiple_undo_each_other():
    assert t_power(t_multiple(13, 0.05), 13, 0.05) == pytest.approx(0.8)
    assert t_multiple(inf, 0.05) == pytest.approx(t_multiple(1e6, 0.05), rel=1e-4)


@pytest.mark.parametrize(("trend", "p", "b", "a"), [(0, 1, 3, 4), (1, 2, 0, 0)])
def test_the_table_is_what_its_script_simulates(trend, p, b, a):
    found = cell(np.random.default_rng(8), 600, PHIS[p], N_BEFORE[b], N_AFTER[a], trend=bool(trend))

    stored = np.array(FACTORS)[trend, :, p, b, a]

    assert found == pytest.approx(stored, rel=0.1)  # some three standard errors of 600 series
    at_cell = [
        needed_beyond_known_noise(np.array([PHIS[p]]), N_BEFORE[b], N_AFTER[a], alpha=alpha, trend=bool(trend))[0]
        for alpha in ALPHAS
    ]
    assert at_cell == pytest.approx(stored)


def test_between_and_beyond_the_tables_rows_nothing_jumps():
    phi = np.linspace(-0.5, 0.99, 60)
    factors = needed_beyond_known_noise(phi, 45, 10)

    assert np.abs(np.diff(factors)).max() < 0.02
    assert needed_beyond_known_noise(phi, 5000, 5000) == pytest.approx(needed_beyond_known_noise(phi, 365, 120))
