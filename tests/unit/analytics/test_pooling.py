"""One practice at several sites, and many experiments together."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from analytics.pooling import pooled_effect, portfolio_total, standard_error_of
from analytics.results import NotComputable
from analytics.results_effects import PooledEffect, PortfolioTotal

ESTIMATES = (-2.0, -0.4, -3.0, -1.5, 0.2)
ERRORS = (0.5, 0.4, 0.9, 0.6, 0.3)
SITES = ("Brest", "Lyon", "Metz", "Nice", "Lille")


def pooled(estimates=ESTIMATES, errors=ERRORS, sites=None, **arguments) -> PooledEffect:
    sites = [f"site {number}" for number in range(len(estimates))] if sites is None else sites
    effect = pooled_effect(estimates, errors, sites=sites, **arguments)
    assert isinstance(effect, PooledEffect)
    return effect


def total_of(estimates, errors, **arguments) -> PortfolioTotal:
    names = [f"trial {number}" for number in range(len(estimates))]
    total = portfolio_total(estimates, errors, names=names, **arguments)
    assert isinstance(total, PortfolioTotal)
    return total


def test_the_mean_its_interval_and_the_spread_are_those_of_another_implementation():
    ours = pooled()

    theirs = combine_effects(np.array(ESTIMATES), np.array(ERRORS) ** 2, method_re="iterated", atol=1e-12, use_t=True)
    assert ours.tau_squared == pytest.approx(theirs.tau2, rel=1e-6)
    assert ours.estimate == pytest.approx(theirs.mean_effect_re, rel=1e-6)
    assert ours.standard_error == pytest.approx(theirs.sd_eff_w_re_hksj, rel=1e-6)
    assert (ours.q, ours.i_squared) == (pytest.approx(theirs.q), pytest.approx(theirs.i2))
    half = stats.t.ppf(0.975, 4) * theirs.sd_eff_w_re_hksj
    assert (ours.lower, ours.upper) == pytest.approx((ours.estimate - half, ours.estimate + half), rel=1e-6)
    assert ours.p_value == pytest.approx(2 * stats.t.sf(abs(ours.estimate) / ours.standard_error, 4))
    assert ours.shares == pytest.approx(theirs.weights_rel_re.tolist(), rel=1e-6)


def test_the_next_site_is_less_certain_than_the_mean():
    ours = pooled(sites=SITES)

    assert ours.sites == SITES
    assert ours.next_lower < ours.lower < ours.upper < ours.next_upper
    assert ours.plug_in_lower < ours.lower < ours.upper < ours.plug_in_upper


def test_sites_that_agree_leave_nothing_between_them():
    agreeing = pooled([1.0, 1.1, 0.9, 1.05], [0.5] * 4)

    assert (agreeing.tau_squared, agreeing.i_squared) == (0, 0)
    assert agreeing.q_p_value > 0.9
    assert agreeing.next_upper > agreeing.upper


def test_equal_effects_have_their_own_value():
    same = pooled([2.0, 2.0, 2.0], [1.0, 1.0, 1.0])

    assert (same.estimate, same.standard_error, same.p_value) == (2, 0, 0)
    assert same.next_lower < 2 < same.next_upper


def test_two_sites_give_a_wide_mean_and_nothing_about_the_next():
    two = pooled([1.0, 2.0], [0.3, 0.3])

    assert two.lower < 0 < two.upper
    assert (two.next_lower, two.next_upper, two.plug_in_lower) == (None, None, None)


def test_sites_that_agree_by_luck_are_no_certainty():
    estimates, errors = [0.02, 0.021], [0.5, 0.5]
    fixed = 1.959964 * 0.5 / 2**0.5

    plain, modified = pooled(estimates, errors), pooled(estimates, errors, at_least_fixed=True)

    assert plain.lower > 0, "a difference of nothing at all, far from zero"
    assert modified.upper - modified.estimate >= fixed
    assert modified.lower < 0 < modified.upper
    assert modified.p_value > 0.9
    assert modified.estimate == plain.estimate


def test_sites_that_differ_are_pooled_alike_either_way():
    assert pooled(at_least_fixed=True).upper == pytest.approx(pooled().upper, rel=1e-9)


def test_a_site_without_an_effect_is_left_out():
    assert pooled([*ESTIMATES, nan], [*ERRORS, nan], [*SITES, "Nantes"]) == pooled(sites=SITES)


def test_one_site_is_not_several():
    assert pooled_effect([1.0, nan], [1.0, 1.0], sites="AB") == NotComputable(
        "too_few_sites", {"found": 1, "needed": 2}
    )


@pytest.mark.parametrize(("estimates", "errors"), [([1, 2], [1, 0]), ([1, 2], [1, nan]), ([1, 2, 3], [1, 1])])
def test_a_caller_s_mistake_raises(estimates, errors):
    with pytest.raises(ValueError, match=r"above 0|as many"):
        pooled_effect(estimates, errors, sites="AB")


def test_a_standard_error_is_read_from_an_interval():
    assert standard_error_of(-1.0, 3.0, 0.95) == pytest.approx(4 / 3.919928)


FAMILIES = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.2, 3)), min_size=3, max_size=8)


@settings(deadline=None, max_examples=40)
@given(family=FAMILIES, shift=st.floats(-9, 9), scale=st.floats(0.5, 3), order=st.randoms(use_true_random=False))
def test_shift_scale_and_order(family, shift, scale, order):
    estimates, errors = np.array(family).T
    places = list(range(len(family)))
    order.shuffle(places)

    plain = pooled(estimates, errors)
    moved = pooled(shift + scale * estimates[places], scale * errors[places])

    assert moved.estimate == pytest.approx(shift + scale * plain.estimate, abs=1e-6)
    assert moved.upper - moved.lower == pytest.approx(scale * (plain.upper - plain.lower), abs=1e-6)
    assert moved.next_upper == pytest.approx(shift + scale * plain.next_upper, abs=1e-6)
    assert moved.i_squared == pytest.approx(plain.i_squared, abs=1e-9)


def test_each_effect_is_drawn_towards_the_mean_the_uncertain_ones_further():
    total = total_of([6.0, 6.0, 0.0, 1.0, -1.0, 0.5], [0.5, 4.0, 0.5, 0.5, 0.5, 0.5])

    assert total.shrunk[1] < total.shrunk[0] < 6
    assert total.shrunk_lower[1] < total.shrunk_lower[0]
    assert total.raw_total == 12.5
    assert 0 < total.share_positive < 1


def test_effects_that_differ_no_more_than_by_chance_are_all_the_mean():
    total = total_of([1.0, 1.2, 0.8, 1.1, 0.9], [3.0] * 5)

    assert max(total.shrunk) - min(total.shrunk) < 0.05
    assert total.total == pytest.approx(5, abs=1e-6)


def test_only_those_that_count_are_added_and_an_experiment_without_an_effect_is_left_out():
    total = total_of([3.0, 2.0, -1.0, nan], [0.1, 0.1, 0.1, nan], counted=[True, True, False, True])

    assert total.names == ("trial 0", "trial 1", "trial 2")
    assert total.counted == (True, True, False)
    assert total.raw_total == 5
    assert total.lower < total.total < total.upper


def test_two_experiments_are_too_few_to_know_luck():
    gap = portfolio_total([1.0, 2.0], [1, 1], names="AB")

    assert gap == NotComputable("too_few_experiments", {"found": 2, "needed": 3})


def families(rng, n_families: int, n_sites: int, tau: float):
    variances = rng.uniform(0.3, 2, (n_families, n_sites))
    truth = tau * rng.normal(size=(n_families, n_sites))
    seen = truth + np.sqrt(variances) * rng.normal(size=truth.shape)
    known = variances * rng.chisquare(60, truth.shape) / 60
    return truth, seen, np.sqrt(known)


@pytest.mark.slow
@pytest.mark.accepts("5.22")
@pytest.mark.parametrize(("n_sites", "tau"), [(4, 0.0), (4, 1.0), (8, 1.0), (15, 0.5)])
def test_the_mean_and_the_next_site_lie_where_their_intervals_promise(n_sites, tau):
    rng = np.random.default_rng(20260105)
    _, seen, errors = families(rng, 600, n_sites, tau)
    following = tau * rng.normal(size=600)

    found = [pooled(*family) for family in zip(seen, errors, strict=True)]

    holds_mean = np.mean([effect.lower < 0 < effect.upper for effect in found])
    holds_next = np.mean(
        [effect.next_lower < x < effect.next_upper for effect, x in zip(found, following, strict=True)]
    )
    plug_in = np.mean(
        [effect.plug_in_lower < x < effect.plug_in_upper for effect, x in zip(found, following, strict=True)]
    )
    assert 0.925 <= holds_mean <= 0.975
    assert holds_next >= 0.91  # 93.5 at worst, give or take what 600 families can tell
    assert plug_in < holds_next


@pytest.mark.slow
def test_the_total_of_picked_experiments_lies_where_its_interval_promises_and_their_plain_sum_does_not():
    rng = np.random.default_rng(20260105)
    truth, seen, errors = families(rng, 500, 16, tau=0.7)
    picked = seen > np.median(seen, axis=1, keepdims=True)

    found = [total_of(family, error, counted=those) for family, error, those in zip(seen, errors, picked, strict=True)]

    true_total = (truth * picked).sum(axis=1)
    holds = np.mean([total.lower < x < total.upper for total, x in zip(found, true_total, strict=True)])
    assert 0.92 <= holds <= 0.985
    assert np.mean([total.total for total in found]) == pytest.approx(true_total.mean(), rel=0.12)
    assert np.mean([total.raw_total for total in found]) > 1.5 * true_total.mean()
