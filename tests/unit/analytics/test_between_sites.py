"""Is a site really different, is it becoming one standard, and who stands where: laws, limits of what can be said, honesty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.between_sites import (
    counted_funnel,
    funnel,
    funnel_limits,
    mean_funnel,
    quantile_limits,
    site_means,
    site_ranks,
)
from analytics.dispersion import dispersion_over_time, paired_spread
from analytics.results import NotComputable
from analytics.results_between import Change, FunnelKind, Standing, Widening
from analytics.variance import site_components, variance_components
from benchmarks import honesty_between
from benchmarks.noise import ar1

CASES = np.array([34, 60, 85, 110, 150, 210, 260, 330, 400, 520, 610, 700, 820, 950, 1200])
NAMES = [f"S{place}" for place in range(len(CASES))]
WEEKS = pd.date_range("2025-01-06", periods=60, freq="7D")


def spread_out(seed=4, tau=0.04):
    rng = np.random.default_rng(seed)
    return rng.binomial(CASES, np.clip(rng.normal(0.12, tau, len(CASES)), 0.01, 1))


def test_limits_are_quantiles_of_what_chance_gives():
    low, high = (quantile_limits(FunnelKind.SHARE, 0.3, [2000], share)[0] for share in (0.025, 0.975))
    rate = quantile_limits(FunnelKind.RATE, 2.0, [50.0], 0.999)[0]

    assert abs(low - stats.binom.ppf(0.025, 2000, 0.3) / 2000) <= 1 / 2000
    assert abs(high - stats.binom.ppf(0.975, 2000, 0.3) / 2000) <= 1 / 2000
    assert abs(rate - stats.poisson.ppf(0.999, 100) / 50) <= 1 / 50


def test_a_funnel_has_its_limits_at_ninety_five_and_ninety_nine_point_eight_per_cent():
    found = funnel(spread_out(), CASES, sites=NAMES, widening=Widening.NONE)

    for limits, share in ((found.limits.inner_lower, 0.025), (found.limits.outer_upper, 0.999)):
        assert limits == pytest.approx(quantile_limits(FunnelKind.SHARE, found.centre, CASES, share).clip(0, 1))


@pytest.mark.accepts("7.13")
def test_a_small_site_with_an_extreme_share_is_inside_and_a_large_one_with_the_same_share_is_not():
    counts = np.array([3, 250, 96, 100, 104, 99, 101, 98, 102, 100])
    cases = np.array([12, 1000, *[1000] * 8])

    found = funnel(counts, cases, sites=list("abcdefghij"))

    assert (counts / cases)[:2].tolist() == [0.25, 0.25]
    assert found.standings[0] is Standing.INSIDE
    assert found.outside == ("b",)


@pytest.mark.accepts("7.13")
def test_ordinary_differences_between_sites_widen_the_limits_until_few_are_called_unusual():
    counts = spread_out()

    plain = funnel(counts, CASES, sites=NAMES, widening=Widening.NONE)
    widened = funnel(counts, CASES, sites=NAMES)

    assert plain.phi > 2
    assert len(plain.outside) >= 3
    assert widened.outside == ()
    assert widened.tau > 0
    assert (widened.limits.outer_upper > plain.limits.outer_upper).all()


def test_one_far_site_does_not_hide_itself_by_widening_the_limits():
    counts = np.rint(CASES * 0.12).astype(int)
    counts[10] = int(CASES[10] * 0.3)

    found = funnel(counts, CASES, sites=NAMES)

    assert found.outside == ("S10",)


def test_with_few_sites_the_limits_are_those_of_chance():
    found = funnel([10, 40, 90], [100, 200, 300], sites=["a", "b", "c"])

    assert found.widening is Widening.NONE
    assert found.tau == 0


def test_multiplied_limits_grow_by_the_root_of_phi():
    plain = funnel(spread_out(), CASES, sites=NAMES, widening=Widening.NONE, centre=0.12)
    times = funnel(spread_out(), CASES, sites=NAMES, widening=Widening.MULTIPLICATIVE, centre=0.12)

    grown = (times.limits.inner_upper - 0.12) / (plain.limits.inner_upper - 0.12)
    assert np.allclose(grown[-5:], np.sqrt(times.factor))


def test_the_lines_pass_through_the_limits_of_the_sites():
    found = funnel(spread_out(), CASES, sites=NAMES, per=100)

    assert np.allclose(funnel_limits(found, CASES).outer_lower, found.limits.outer_lower)
    assert (found.limits.outer_lower >= 0).all()


def test_a_rate_has_no_upper_end():
    found = funnel([1000, 10, 12, 90], [1000, 10.5, 12, 60], sites=list("abcd"), kind=FunnelKind.RATE)

    assert found.limits.outer_upper[1] > 1
    assert found.outside == ("d",)


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(15)), st.sampled_from([1.0, 100.0, 1000.0]))
def test_the_order_of_sites_and_the_way_a_share_is_written_change_nothing(order, per):
    counts, order = spread_out(), list(order)

    first = funnel(counts, CASES, sites=NAMES)
    other = funnel(counts[order], CASES[order], sites=[NAMES[place] for place in order], per=per)

    assert [other.standings[order.index(place)] for place in range(15)] == list(first.standings)
    assert other.tau == pytest.approx(first.tau * per)


@pytest.mark.parametrize(
    ("counts", "cases", "code"),
    [
        ([1, 2], [10, 10], "too_few_sites_between"),
        ([1, 2, 0, np.nan], [10, 10, 0, 5], "too_few_sites_between"),
        ([0, 0, 0], [0, 0, np.nan], "no_cases_at_sites"),
        ([0, 0, 0], [10, 20, 30], "no_event_at_sites"),
        ([10, 20, 30], [10, 20, 30], "all_events_at_sites"),
    ],
)
def test_what_has_no_funnel_says_why(counts, cases, code):
    found = funnel(counts, cases, sites=[str(place) for place in range(len(counts))])

    assert isinstance(found, NotComputable)
    assert found.code == code


def test_a_site_without_cases_is_left_out_and_counted():
    assert funnel([1, 2, 3, 0], [10, 10, 10, 0], sites=list("abcd")).n_left_out == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: funnel([11], [10], sites=["a"]),
        lambda: funnel([-1], [10], sites=["a"]),
        lambda: funnel([1, 2], [10], sites=["a"]),
        lambda: mean_funnel([1.0], [1.0, 2.0], sites=["a"], unit_sd=1),
        lambda: mean_funnel([1.0], [-1.0], sites=["a"], unit_sd=1),
        lambda: site_ranks([1.0], [1.0, 2.0], sites=["a"], highest_first=True, rng=np.random.default_rng()),
        lambda: variance_components([1.0, 2.0], ["a"]),
    ],
)
def test_a_callers_mistake_is_an_error(wrong):
    with pytest.raises(ValueError, match="must"):
        wrong()


def test_shown_shares_are_added_up_to_counts_and_rates_stay_rates():
    nan = np.nan
    kind, counts, cases = counted_funnel(np.array([[90.0, 95, nan]]), np.array([[10.0, 20, 30]]), per=100)
    rate, events, exposure = counted_funnel(np.array([[2.0, 3.0]]), np.array([[10.5, 1.0]]), per=1)

    assert (kind, counts.tolist(), cases.tolist()) == (FunnelKind.SHARE, [28], [30])
    assert (rate, events.tolist(), exposure.tolist()) == (FunnelKind.RATE, [24], [11.5])


def test_the_site_with_ten_times_the_noise_is_not_called_different():
    rng = np.random.default_rng(8)
    values = rng.normal(10, 1, (9, 40))
    values[0] = rng.normal(11, 10, 40)

    found = site_means(values)
    placed = mean_funnel(found.means, found.standard_errors, sites=NAMES[:9], unit_sd=found.unit_sd)

    assert placed.standings[0] is Standing.INSIDE
    assert placed.sizes[0] == placed.sizes.min()


def test_a_site_measured_too_seldom_or_never_varying_has_no_error_of_its_own():
    values = np.random.default_rng(2).normal(10, 1, (4, 20))
    values[1, 5:] = np.nan
    values[2] = 10.0

    errors = site_means(values).standard_errors

    assert np.isfinite(errors).tolist() == [True, False, False, True]
    assert mean_funnel([1.0, 2, np.nan], [1.0, 1, 1], sites=list("abc"), unit_sd=1).code == "too_few_sites_between"


def test_neighbours_that_are_alike_make_a_mean_less_sure():
    rng = np.random.default_rng(1)
    plain = rng.normal(size=(5, 200))
    alike = ar1(rng, 5, 200, 0.8)

    assert site_means(alike).standard_errors.mean() > 2 * site_means(plain).standard_errors.mean()


@settings(deadline=None, max_examples=25)
@given(st.floats(-100, 100), st.floats(0.1, 50))
def test_components_shift_and_scale_with_the_values(shift, scale):
    rng = np.random.default_rng(3)
    sites = np.repeat(np.arange(5), [3, 5, 4, 6, 2])
    values = rng.normal(0, 1, 20) + sites

    first, other = variance_components(values, sites), variance_components(shift + scale * values, sites)

    assert other.icc == pytest.approx(first.icc, abs=1e-6)
    assert other.between == pytest.approx(first.between * scale**2, rel=1e-5)


def test_a_negative_component_is_zero_and_said_so():
    found = variance_components([1, 9, 2, 8, 1.5, 8.5], ["a", "a", "b", "b", "c", "c"])

    assert (found.negative, found.between, found.icc) == (True, 0.0, 0.0)
    assert found.raw_between < 0
    assert found.lower < 0


def test_components_agree_with_a_plain_analysis_of_variance():
    groups = [np.array([4.0, 5, 6, 9]), np.array([7.0, 8]), np.array([1.0, 2, 2])]
    sites = np.repeat(["a", "b", "c"], [4, 2, 3])

    found, reference = variance_components(np.concatenate(groups), sites), stats.f_oneway(*groups)

    assert found.f == pytest.approx(reference.statistic)
    assert found.p_value == pytest.approx(reference.pvalue)
    assert found.n0 == pytest.approx((9 - (16 + 4 + 9) / 9) / 2)


@pytest.mark.parametrize(
    ("values", "sites", "code"),
    [
        ([1.0, 2], ["a", "a"], "too_few_sites_between"),
        ([], [], "too_few_sites_between"),
        ([1.0, 2], ["a", "b"], "no_repeats"),
        ([3.0] * 4, ["a", "a", "b", "b"], "sites_alike"),
    ],
)
def test_what_has_no_components_says_why(values, sites, code):
    assert variance_components(values, sites).code == code


def test_series_of_one_site_have_no_components():
    assert site_components(np.ones((1, 20))).code == "too_few_sites_between"


def test_sites_that_never_vary_but_differ_are_all_between():
    found = variance_components([1.0, 1, 5, 5], ["a", "a", "b", "b"])

    assert (found.icc, found.lower, found.upper, found.p_value) == (1.0, 1.0, 1.0, 0.0)


def table(late_spread, *, seed=0, n_sites=9, level=20.0, noise=1.0):
    rng = np.random.default_rng(seed)
    width = np.linspace(3, late_spread, len(WEEKS))[:, None]
    return pd.DataFrame(
        level + width * rng.normal(0, 1, n_sites) + rng.normal(0, noise, (len(WEEKS), n_sites)), index=WEEKS
    )


@pytest.mark.accepts("2.22")
def test_sites_that_come_closer_are_told_and_their_spreads_drawn_with_intervals():
    found = dispersion_over_time(table(0.2), ratio_scale=True)

    assert found.change is Change.LESS
    assert found.between.upper < 1
    assert found.blocks[0].between > 4 * found.blocks[-1].between
    assert all(block.between_lower <= block.between <= block.between_upper for block in found.blocks)
    assert 0.8 < found.blocks[-1].within < 1.2
    assert found.blocks[0].cv_between == pytest.approx(found.blocks[0].between / found.blocks[0].level)


@pytest.mark.accepts("2.22")
def test_sites_that_drift_apart_or_stay_are_told_as_such():
    assert dispersion_over_time(table(9.0)).change is Change.MORE
    assert dispersion_over_time(table(3.0)).change is Change.UNCLEAR


def test_read_backwards_in_time_the_ratio_is_turned_over():
    forth = dispersion_over_time(table(0.5))
    back = dispersion_over_time(pd.DataFrame(table(0.5).to_numpy()[::-1], index=WEEKS))

    assert back.between.ratio == pytest.approx(1 / forth.between.ratio)
    assert back.between.lower == pytest.approx(1 / forth.between.upper)


def test_a_spread_that_falls_with_the_level_is_not_less_as_a_share_of_it():
    rng = np.random.default_rng(5)
    level = np.linspace(40, 10, len(WEEKS))[:, None]
    found = dispersion_over_time(
        pd.DataFrame(level * (1 + rng.normal(0, 0.1, 9)) + rng.normal(0, 0.1, (60, 9)), index=WEEKS), ratio_scale=True
    )

    assert found.change is Change.LESS
    assert found.relative.change is Change.UNCLEAR


def test_no_coefficient_of_variation_without_a_true_zero_or_with_values_below_it():
    assert dispersion_over_time(table(1.0)).blocks[0].cv_between is None
    assert dispersion_over_time(table(1.0, level=0.0), ratio_scale=True).relative is None


def test_two_sites_that_join_late_are_left_out_of_the_answer_and_drawn():
    joined = table(0.2)
    joined.iloc[:30, :2] = np.nan

    found = dispersion_over_time(joined)

    assert (found.n_sites, found.n_left_out) == (7, 2)
    assert (found.blocks[0].n_sites, found.blocks[-1].n_sites) == (7, 9)


def test_three_sites_are_answered_with_a_very_wide_interval():
    found = dispersion_over_time(table(0.5, n_sites=3))

    assert found.between.upper / found.between.lower > 20


def constant():
    return pd.DataFrame(np.full((60, 4), 5.0), index=WEEKS)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (pd.DataFrame(np.full((60, 4), np.nan), index=WEEKS), "all_missing"),
        (pd.DataFrame(np.ones((0, 0))), "all_missing"),
        (table(1.0).iloc[:11], "short_over_time"),
        (table(1.0).iloc[:, :2], "too_few_sites_between"),
        (constant(), "sites_alike"),
    ],
)
def test_what_has_no_dispersion_over_time_says_why(values, code):
    assert dispersion_over_time(values).code == code


def test_sites_that_do_not_vary_within_have_no_change_within():
    flat = pd.DataFrame(np.tile(np.arange(5.0), (60, 1)) * np.linspace(1, 2, 60).round()[:, None], index=WEEKS)

    assert dispersion_over_time(flat).within is None


def test_the_ends_of_a_change_of_spread_are_where_the_test_of_pairs_turns():
    early, late = np.array([1.0, 4, 2, 7, 5, 9, 3]), np.array([2.0, 3, 3, 5, 4, 6, 1])
    found = paired_spread(early, late)

    for end in (found.lower, found.upper):
        assert stats.pearsonr(late / end + early, late / end - early).pvalue == pytest.approx(0.05)


def test_two_spreads_that_are_perfectly_alike_are_told_without_doubt():
    wide = np.array([1.0, 2, 3, 4, 5])

    assert paired_spread(wide, wide / 2).change is Change.LESS
    assert paired_spread(wide, np.full(5, 3.0)) is None


def ranks(estimates, errors, **more):
    names = [str(place) for place in range(len(estimates))]
    given = {"sites": names, "highest_first": True, "rng": np.random.default_rng(1), **more}
    return site_ranks(estimates, errors, **given)


def test_sites_that_cannot_be_told_apart_may_stand_anywhere():
    found = ranks(np.linspace(10, 10.2, 12), np.ones(12))

    assert (found.upper - found.lower).min() >= 9
    assert found.surely_first_half == found.surely_second_half == ()


def test_sites_that_are_far_apart_stand_where_they_stand_and_the_other_way_round_turned():
    highest = ranks([1.0, 5, 9, 13], [0.1] * 4)
    lowest = ranks([1.0, 5, 9, 13], [0.1] * 4, highest_first=False)

    assert highest.rank.tolist() == [4, 3, 2, 1] == highest.lower.tolist()
    assert lowest.rank.tolist() == [1, 2, 3, 4] == lowest.upper.tolist()
    assert highest.surely_first_half == ("2", "3")
    assert highest.surely_second_half == ("0", "1")


def test_an_estimate_with_a_large_error_is_drawn_towards_the_mean_and_may_stand_anywhere():
    found = ranks([10.0, 11, 9, 10.5, 20], [0.5, 0.5, 0.5, 0.5, 10])

    assert found.shrunk[4] < 12
    assert (found.lower[4], found.upper[4]) == (1, 5)


def test_the_same_seed_gives_the_same_ranks_and_two_sites_are_not_ranked():
    assert ranks([1.0, 2, 3], [1.0] * 3).upper.tolist() == ranks([1.0, 2, 3], [1.0] * 3).upper.tolist()
    assert ranks([1.0, np.nan, 3], [1.0, 1, 0]).code == "too_few_sites_between"


@pytest.mark.slow
def test_funnels_components_spreads_and_ranks_are_as_often_wrong_as_they_say():
    rows = honesty_between.rows(20261122, 100)

    slack = 0.025  # of a share in 100 tables, or in 25 of them with fifteen sites each
    off = [row for row in rows if not row[1][0] - slack <= row[2] <= row[1][1] + slack]
    assert not off, off
