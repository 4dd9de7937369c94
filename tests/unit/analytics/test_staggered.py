"""Sites that adopt one after another."""

from __future__ import annotations

import datetime as dt
from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.imputation import estimates_by_order, imputation_weights
from analytics.results import NotComputable
from analytics.results_effects import EventStudy, RolloutEffect
from analytics.staggered import event_study, order_tests, rollout_effect
from benchmarks.noise import ar1

NAMES = ("Brest", "Lyon", "Nantes", "Lille", "Metz", "Nice")


def weeks(n: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.date_range("2026-01-05", periods=n, freq="7D"))


def table(noise: np.ndarray, first_treated: list[int | None], effect: float = 0.0):
    """Sites in columns with levels and weeks of their own, and the effect from each one's first treated week on."""
    n_periods, n_sites = noise.shape
    index = weeks(n_periods)
    shared = 3 * np.sin(np.arange(n_periods))[:, None] + 10 * np.arange(1, n_sites + 1)
    treated = np.column_stack(
        [np.arange(n_periods) >= (n_periods if place is None else place) for place in first_treated]
    )
    sites = NAMES[:n_sites] if n_sites <= len(NAMES) else [f"site {number:02}" for number in range(n_sites)]
    values = pd.DataFrame(shared + noise + effect * treated, index=index, columns=list(sites))
    dates = {
        site: None if place is None else index[place].date() for site, place in zip(sites, first_treated, strict=True)
    }
    return values, dates


def quiet(n_periods: int, n_sites: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n_periods, n_sites))


def effect_of(values: pd.DataFrame, dates: dict[str, dt.date | None], **arguments) -> RolloutEffect:
    arguments = {"drawn_by_lot": True, "rng": np.random.default_rng(0), **arguments}
    effect = rollout_effect(values, adoption_dates=dates, **arguments)
    assert isinstance(effect, RolloutEffect)
    return effect


def reason(values: pd.DataFrame, dates: dict[str, dt.date | None], **arguments) -> NotComputable:
    arguments = {"drawn_by_lot": True, "rng": np.random.default_rng(0), **arguments}
    gap = rollout_effect(values, adoption_dates=dates, **arguments)
    assert isinstance(gap, NotComputable)
    return gap


def study_of(values: pd.DataFrame, dates: dict[str, dt.date | None], **arguments) -> EventStudy:
    arguments = {"drawn_by_lot": True, "rng": np.random.default_rng(0), **arguments}
    study = event_study(values, adoption_dates=dates, **arguments)
    assert isinstance(study, EventStudy)
    return study


FIVE_WAVES = [6, 9, 12, 15, 18]


def test_what_sites_and_weeks_have_in_common_is_not_taken_for_an_effect():
    noise = 0.01 * quiet(20, 6)
    values, dates = table(noise, [*FIVE_WAVES, None], effect=-2)

    effect = effect_of(values, dates)

    assert effect.estimate == pytest.approx(-2, abs=0.02)
    assert effect.lower < effect.estimate < effect.upper < 0
    assert effect.adopters == NAMES[:5]
    assert effect.comparison_sites == ("Nice",)
    assert (effect.n_waves, effect.n_orders, effect.all_orders) == (5, 120, True)
    assert effect.p_value == effect.smallest_p == 1 / 120


def test_once_every_site_is_treated_the_effect_is_that_up_to_the_horizon():
    values, dates = table(0.01 * quiet(24, 5), FIVE_WAVES, effect=-2)
    values.iloc[18:] += 100  # nobody untreated is left to tell this from an effect

    effect = effect_of(values, dates)

    assert effect.estimate == pytest.approx(-2, abs=0.02)
    assert effect.horizon == values.index[17].date()
    assert effect.n_treated == 12 + 9 + 6 + 3
    assert effect.n_beyond_horizon == 5 * 6
    assert effect.comparison_sites == ()


def test_the_estimate_is_that_of_a_regression_on_untreated_cells():
    values, dates = table(quiet(20, 6), [*FIVE_WAVES, None], effect=1.5)
    values = values.mask(np.random.default_rng(5).random(values.shape) < 0.15)

    effect = effect_of(values, dates)

    measured = values.to_numpy()
    cells = [(site, week) for site in range(6) for week in range(20) if not np.isnan(measured[week, site])]
    first = [*FIVE_WAVES, 20]
    free = [(site, week) for site, week in cells if week < first[site]]
    design = np.zeros((len(free), 26))
    for row, (site, week) in enumerate(free):
        design[row, [site, 6 + week]] = 1
    fitted = np.linalg.lstsq(design, [measured[week, site] for site, week in free], rcond=None)[0]
    beyond = [measured[week, site] - fitted[site] - fitted[6 + week] for site, week in cells if week >= first[site]]
    assert effect.estimate == pytest.approx(np.mean(beyond))
    assert effect.n_treated == len(beyond)
    assert effect.n_missing == 120 - len(cells)


def test_a_share_is_given_of_the_adopters_level_before():
    values, dates = table(0.01 * quiet(20, 6), [*FIVE_WAVES, None], effect=-2)

    effect = effect_of(values, dates)

    before = [values.iloc[:place, column].mean() for column, place in enumerate(FIVE_WAVES)]
    assert effect.level_before == pytest.approx(np.mean(before))
    assert effect.relative_upper == pytest.approx(effect.upper / effect.level_before)
    assert effect_of(values - 500, dates).relative is None


def test_the_interval_holds_the_constant_effects_that_the_orders_do_not_contradict():
    values, dates = table(quiet(20, 6), [*FIVE_WAVES, None], effect=-2)
    effect = effect_of(values, dates)
    treated = np.column_stack([np.arange(20) >= place for place in [*FIVE_WAVES, 20]])

    def p_of(supposed: float) -> float:
        return effect_of(values - supposed * treated, dates).p_value

    width = 1e-6 * (effect.upper - effect.lower)
    assert p_of(effect.lower - width) <= 0.05 < p_of(effect.lower + width)
    assert p_of(effect.upper + width) <= 0.05 < p_of(effect.upper - width)


def test_without_a_missing_value_the_quick_way_gives_what_each_order_fitted_anew_gives():
    values, dates = quiet(20, 7).T[None], np.array([6, 9, 9, 12, 15, 20, 20])
    orders = np.random.default_rng(1).permuted(np.tile(np.arange(7), (30, 1)), axis=1)

    quick = estimates_by_order(values, dates, orders)
    dates_by_order = np.empty_like(orders)
    np.put_along_axis(dates_by_order, orders, np.tile(dates, (30, 1)), axis=1)
    weights, known = imputation_weights(np.ones((7, 20), dtype=bool), dates_by_order)

    assert known.all()
    np.testing.assert_allclose(quick.others[0], np.einsum("nit,it->n", weights, values[0]))
    treated = np.arange(20) >= dates[:, None]
    np.testing.assert_allclose(quick.exposure, np.einsum("nit,it->n", weights, treated))


def test_more_sites_than_weeks_are_solved_by_weeks():
    values, dates = table(0.01 * quiet(8, 12), [3, 3, 4, 4, 5, 5, 6, 6, None, None, None, None], effect=4)

    assert effect_of(values, dates).estimate == pytest.approx(4, abs=0.02)


def test_more_orders_than_wanted_are_drawn():
    values, dates = table(quiet(20, 6), [*FIVE_WAVES, None])

    effect = effect_of(values, dates, n_orders=60)

    assert (effect.n_orders, effect.all_orders, effect.smallest_p) == (60, False, 1 / 60)
    assert effect.p_value == pytest.approx(effect_of(values, dates).p_value, abs=0.15)


def test_an_order_that_was_not_drawn_by_lot_is_told():
    values, dates = table(quiet(20, 6), [*FIVE_WAVES, None])

    assert not effect_of(values, dates, drawn_by_lot=False).drawn_by_lot
    assert effect_of(values, dates).drawn_by_lot


def test_a_site_never_seen_untreated_is_left_out_and_named():
    values, dates = table(quiet(20, 6), [0, 6, 9, 12, 15, None])

    effect = effect_of(values, dates)

    assert effect.left_out_sites == ("Brest",)
    assert "Brest" not in effect.adopters


def test_a_site_that_adopts_after_the_data_is_not_treated_yet_but_had_its_place_in_the_draw():
    values, dates = table(quiet(20, 6), [4, 8, 12, 16, None, None])
    dates["Metz"] = dt.date(2030, 1, 1)

    effect = effect_of(values, dates)

    assert effect.adopters == NAMES[:5]
    assert effect.comparison_sites == ("Nice",)
    assert (effect.n_orders, effect.n_beyond_horizon) == (120, 0)


def test_a_week_without_a_row_and_an_excluded_one_leave_the_calendar_as_it_is():
    values, dates = table(quiet(20, 6), [*FIVE_WAVES, None])
    holed = values.copy()
    holed.iloc[7] = nan

    absent = effect_of(values.drop(index=values.index[7]), dates)
    excluded = effect_of(values, dates, excluded=[values.index[7].date()])

    assert absent == excluded == effect_of(holed, dates)


CONSTANT = pd.DataFrame(7.0, index=weeks(20), columns=NAMES)


@pytest.mark.parametrize(
    ("values", "first_treated", "code"),
    [
        (None, [None] * 6, "no_adopter"),
        (None, [8, 8, 8, None, None, None], "one_wave"),
        (None, [6, 9, 12, None, None, None], "too_few_orders"),
        (None, [8] * 6, "nothing_untreated"),
        (CONSTANT, [*FIVE_WAVES, None], "constant"),
        (CONSTANT.replace(7.0, inf), [*FIVE_WAVES, None], "infinite_values"),
        (CONSTANT * nan, [*FIVE_WAVES, None], "no_adopter"),
    ],
)
def test_what_cannot_be_computed_says_why(values, first_treated, code):
    made, dates = table(quiet(20, 6), first_treated)

    assert reason(made if values is None else values, dates).code == code


def test_effects_without_any_noise_have_no_interval():
    values, dates = table(np.zeros((20, 6)), [*FIVE_WAVES, None], effect=-2)

    assert reason(values, dates).code == "no_noise"


def test_too_few_orders_say_how_many_there_are():
    values, dates = table(quiet(20, 6), [6, 9, 12, None, None, None])

    assert reason(values, dates).args == {"found": 6, "needed": 20}


def test_sites_measured_in_different_years_cannot_be_compared():
    values, dates = table(quiet(20, 6), [6, 6, 9, 18, 18, 18])
    values.iloc[10:, :3] = nan
    values.iloc[:10, 3:] = nan

    gap = reason(values.iloc[:, [0, 1, 3, 4]], {site: dates[site] for site in ("Brest", "Lyon", "Lille", "Metz")})

    assert gap.code == "nothing_untreated"


@pytest.mark.parametrize("change", [lambda values: values.iloc[::-1], lambda values: values.reset_index(drop=True)])
def test_a_caller_s_mistake_raises(change):
    values, dates = table(quiet(20, 6), [*FIVE_WAVES, None])

    with pytest.raises(ValueError, match="period"):
        effect_of(change(values), dates)
    with pytest.raises(ValueError, match="without a column"):
        effect_of(values, {**dates, "Sète": dt.date(2026, 2, 2)})


@settings(deadline=None, max_examples=20)
@given(shift=st.floats(-20, 20), scale=st.floats(0.5, 4), seed=st.integers(0, 99))
def test_a_shift_moves_nothing_and_a_scale_scales(shift, scale, seed):
    values, dates = table(quiet(20, 6, seed), [*FIVE_WAVES, None], effect=-1)

    plain, moved = effect_of(values, dates), effect_of(shift + scale * values, dates)

    assert (moved.lower, moved.upper) == pytest.approx((scale * plain.lower, scale * plain.upper), abs=1e-6)
    assert moved.p_value == plain.p_value


@settings(deadline=None, max_examples=20)
@given(order=st.permutations(range(6)), seed=st.integers(0, 99))
def test_the_order_of_columns_does_not_matter(order, seed):
    values, dates = table(quiet(20, 6, seed), [*FIVE_WAVES, None], effect=-1)

    plain, again = effect_of(values, dates), effect_of(values.iloc[:, list(order)], dates)

    assert (again.estimate, again.lower) == (pytest.approx(plain.estimate), pytest.approx(plain.lower))
    assert again.p_value == plain.p_value


def test_an_event_study_shows_the_effect_from_adoption_on_and_nothing_before():
    values, dates = table(0.1 * quiet(24, 6), [*FIVE_WAVES, None], effect=-2)

    study = study_of(values, dates)

    by_time = {point.periods_after: point for point in study.points}
    assert study.base_periods == 8
    assert all(by_time[time].upper < -1.5 for time in range(6))
    assert all(abs(by_time[time].estimate) < 0.3 for time in range(-6, 0))
    assert by_time[0].n_sites == 5
    assert by_time[17].n_sites == 1
    assert max(by_time) == 17


def test_an_event_study_ends_where_no_untreated_site_is_left():
    values, dates = table(0.1 * quiet(24, 5), FIVE_WAVES, effect=-2)

    study = study_of(values, dates)

    last = study.points[-1]
    assert (last.periods_after, last.n_sites) == (11, 1)  # the first adopter, until the last one adopts


def test_an_event_study_from_one_base_period_beside_sites_never_treated():
    values, dates = table(quiet(24, 6), [6, 9, 9, 12, 12, None])

    study = study_of(values, dates, base_periods=1, comparison="never")

    column = [6, 9, 9, 12, 12]
    differences = [
        (values.iloc[place + 2, site] - values.iloc[place - 1, site])
        - (values.iloc[place + 2, 5] - values.iloc[place - 1, 5])
        for site, place in enumerate(column)
    ]
    found = next(point for point in study.points if point.periods_after == 2)
    assert found.estimate == pytest.approx(np.mean(differences))
    assert found.n_sites == 5


def test_before_adoption_a_site_treated_within_the_base_is_no_comparison():
    values, dates = table(0.1 * quiet(24, 6), [6, 7, 14, 15, 16, None])
    values.iloc[7:, 1] += 50  # the second adopter leaps within the base of the third

    by_time = {point.periods_after: point for point in study_of(values, dates).points}

    assert all(abs(by_time[time].estimate) < 0.5 for time in range(-14, 0))


def test_an_event_study_reaches_as_far_as_asked():
    values, dates = table(quiet(24, 6), [*FIVE_WAVES, None])

    times = [point.periods_after for point in study_of(values, dates, reach=3).points]

    assert times == [-3, -2, -1, 0, 1, 2, 3]


def test_an_event_study_with_gaps_keeps_its_points():
    values, dates = table(0.1 * quiet(24, 6), [*FIVE_WAVES, None], effect=-2)
    gaps = values.mask(np.random.default_rng(2).random(values.shape) < 0.1)

    by_time = {point.periods_after: point for point in study_of(gaps, dates, n_orders=120).points}

    assert by_time[1].upper < -1.5
    assert by_time[1].lower > -2.5


def test_an_event_study_needs_four_periods_of_base():
    values, dates = table(quiet(20, 6), [1, 2, 2, 3, 3, None])

    gap = event_study(values, adoption_dates=dates, drawn_by_lot=True, rng=np.random.default_rng(0))

    assert gap == NotComputable("too_few_base_periods", {"needed": 4})


def test_an_event_study_gives_the_same_reasons():
    values, dates = table(quiet(20, 6), [8, 8, 8, None, None, None])

    gap = event_study(values, adoption_dates=dates, drawn_by_lot=True, rng=np.random.default_rng(0))

    assert gap == NotComputable("one_wave")


def waves_of_three(n_never: int) -> np.ndarray:
    """Fifteen sites over 26 weeks: waves of three, the last sites never treated."""
    dates = np.repeat([8, 12, 16, 20, 24], 3)
    dates[15 - n_never :] = 26
    return dates


@pytest.mark.slow
@pytest.mark.accepts("5.22")
@pytest.mark.parametrize("n_never", [0, 3])
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_false_alarms_and_coverage_are_what_the_orders_promise(phi, n_never):
    rng = np.random.default_rng(20260105)
    n_series, dates = 3000, waves_of_three(n_never)
    values = ar1(rng, n_series * 15, 26, phi).reshape(n_series, 15, 26)
    adopters = np.flatnonzero(dates < 26)
    orders = np.tile(np.arange(15), (400, 1))
    orders[1:, adopters] = rng.permuted(np.tile(adopters, (399, 1)), axis=1)

    found = order_tests(estimates_by_order(values, dates, orders))

    assert 0.04 <= (found.p_value <= 0.05).mean() <= 0.06
    assert 0.94 <= ((found.lower < 0) & (found.upper > 0)).mean() <= 0.96


def test_an_interval_without_an_end_is_no_interval():
    weeks = pd.date_range("2026-01-05", periods=20, freq="7D")
    found = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n_sites = int(rng.integers(4, 8))
        names = [f"s{n}" for n in range(n_sites)]
        values = pd.DataFrame(rng.normal(size=(20, n_sites)), weeks, names)
        values = values.mask(rng.random(values.shape) < 0.3)
        dates = {name: weeks[rng.integers(1, 20)].date() for name in names}
        effect = rollout_effect(values, adoption_dates=dates, drawn_by_lot=True, rng=rng, n_orders=200)
        if isinstance(effect, NotComputable):
            found.add(effect.code)
        else:
            assert np.isfinite([effect.lower, effect.upper]).all()
    assert "no_limit" in found
