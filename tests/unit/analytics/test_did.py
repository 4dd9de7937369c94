"""Treated sites beside comparison sites."""

from __future__ import annotations

import datetime as dt
import itertools
from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.did import ALL_ASSIGNMENTS, compare_sites, comparison_effect, site_changes
from analytics.results import NotComputable
from analytics.results_effects import ComparisonEffect
from benchmarks.noise import ar1

START = dt.date(2026, 1, 26)  # three weeks before it, three after


def table(**sites) -> pd.DataFrame:
    n_periods = len(next(iter(sites.values())))
    return pd.DataFrame(sites, index=pd.date_range("2026-01-05", periods=n_periods, freq="7D"), dtype=float)


def several(changes: dict[str, float], n_periods: int = 6) -> pd.DataFrame:
    """Sites at a level of 10 before, with a change of their own at START, and an even wobble."""
    wobble = np.tile([0.5, -0.5, 0.0], n_periods // 3)
    after = np.arange(n_periods) >= n_periods // 2
    return table(**{site: 10 + change * after + wobble for site, change in changes.items()})


def effect_of(values: pd.DataFrame, *treated: str, start: dt.date = START, **arguments) -> ComparisonEffect:
    arguments.setdefault("rng", np.random.default_rng(0))
    effect = comparison_effect(values, treated_sites=treated, intervention_date=start, **arguments)
    assert isinstance(effect, ComparisonEffect)
    return effect


def reason(values: pd.DataFrame, *treated: str, start: dt.date = START) -> NotComputable:
    gap = comparison_effect(values, treated_sites=treated, intervention_date=start, rng=np.random.default_rng(0))
    assert isinstance(gap, NotComputable)
    return gap


FIVE = {"Brest": -2.0, "Lyon": -1.6, "Nantes": 0.1, "Lille": -0.3, "Metz": 0.2}


def test_what_all_sites_share_cancels_and_the_sites_are_named():
    shared = several({site: change + 5 for site, change in FIVE.items()})

    effect = effect_of(shared, "Brest", "Lyon")

    assert effect.estimate == pytest.approx(-1.8 - 0.0)
    assert effect.treated_sites == ("Brest", "Lyon")
    assert effect.comparison_sites == ("Nantes", "Lille", "Metz")
    assert effect.site_changes["Lille"] == pytest.approx(4.7)


@pytest.mark.accepts("5.3")
def test_an_effect_is_given_in_the_unit_and_as_a_share_of_the_treated_sites_level_before():
    effect = effect_of(several(FIVE), "Brest", "Lyon")

    assert effect.level_before == pytest.approx(10)
    assert effect.relative == pytest.approx(-0.18)
    assert effect.relative_lower == pytest.approx(effect.lower / 10)
    assert effect_of(several(FIVE) - 30, "Brest", "Lyon").relative is None


def test_the_intervals_are_those_of_the_textbook_t_tests():
    effect = effect_of(several(FIVE), "Brest", "Lyon")

    pooled = stats.ttest_ind([-2.0, -1.6], [0.1, -0.3, 0.2])
    welch = stats.ttest_ind([-2.0, -1.6], [0.1, -0.3, 0.2], equal_var=False)
    assert (effect.t, effect.t_p_value) == (pytest.approx(pooled.statistic), pytest.approx(pooled.pvalue))
    assert (effect.lower, effect.upper) == pytest.approx(tuple(pooled.confidence_interval()))
    assert (effect.welch.t, effect.welch.p_value) == (pytest.approx(welch.statistic), pytest.approx(welch.pvalue))
    assert (effect.welch.lower, effect.welch.upper) == pytest.approx(tuple(welch.confidence_interval()))


def test_every_way_to_pick_the_treated_sites_is_counted():
    effect = effect_of(several(FIVE), "Brest", "Lyon")

    changes = list(FIVE.values())
    differences = [
        np.mean([changes[i] for i in pair]) - np.mean([changes[i] for i in range(5) if i not in pair])
        for pair in itertools.combinations(range(5), 2)
    ]
    assert effect.n_assignments == 10
    assert effect.all_assignments
    assert effect.p_value == np.mean(np.abs(differences) >= 1.8 - 1e-9) == effect.smallest_p == 0.1


def test_one_treated_site_of_fifteen_cannot_have_a_p_below_one_in_fifteen_and_the_interval_is_still_given():
    changes = {f"site {number}": 0.1 * (number % 5) for number in range(14)} | {"pilot": -5.0}

    effect = effect_of(several(changes), "pilot")

    assert effect.p_value == effect.smallest_p == 1 / 15
    assert effect.welch is None
    assert effect.upper < 0
    assert effect.decided


def test_equal_groups_have_twice_the_smallest_p():
    effect = effect_of(several({"A": 3, "B": 3.2, "C": 0, "D": 0.1}), "A", "B")

    assert effect.p_value == effect.smallest_p == 2 / 6


def test_an_interval_beside_zero_is_not_enough_when_the_assignments_say_otherwise():
    treated = {"A": 0.068, "B": -0.507, "C": -0.740}
    others = [0.017, -0.188, -0.382, 0.480, -0.371, 0.566, -0.137, 0.378, 0.872, 0.580, 0.171, 0.223]
    values = several(treated | {f"site {number}": change for number, change in enumerate(others)})

    effect = effect_of(values, *treated)

    assert effect.upper < 0
    assert effect.p_value == pytest.approx(23 / 455)
    assert not effect.decided


def test_more_ways_than_can_be_made_are_drawn_and_the_true_one_is_among_them():
    changes = {f"site {number:02}": 0.1 * (number % 7) for number in range(24)}
    treated = [f"site {number:02}" for number in range(0, 24, 2)]
    values = several(changes | dict.fromkeys(treated, 9.0))

    effect = effect_of(values, *treated)

    assert not effect.all_assignments
    assert effect.n_assignments == ALL_ASSIGNMENTS
    assert 1 / ALL_ASSIGNMENTS <= effect.p_value < 1e-3


def test_drawn_assignments_agree_with_all_of_them(monkeypatch):
    values = several({f"site {number}": np.cos(3.0 * number) for number in range(14)})
    every = effect_of(values, "site 0", "site 2", "site 3")

    monkeypatch.setattr("analytics.did.math.comb", lambda *_: ALL_ASSIGNMENTS + 1)
    drawn = effect_of(values, "site 0", "site 2", "site 3")

    assert (every.all_assignments, drawn.all_assignments) == (True, False)
    assert drawn.p_value == pytest.approx(every.p_value, abs=0.01)


def test_fewer_than_two_comparison_sites_are_refused():
    gap = reason(several({"A": 1, "B": 0.1, "C": 0.3}), "A", "B")

    assert gap == NotComputable("too_few_comparison_sites", {"found": 1, "needed": 2})


def test_a_site_not_measured_on_both_sides_is_left_out_and_named():
    values = several(FIVE | {"Nice": 8.0})
    values.loc[values.index[3:], "Nice"] = nan

    effect = effect_of(values, "Brest", "Lyon")

    assert effect.left_out_sites == ("Nice",)
    assert "Nice" not in effect.comparison_sites
    assert effect.n_missing == 0


def test_a_missing_week_is_counted_and_leaves_the_mean_of_the_others():
    values = several(FIVE)
    values.loc[values.index[2], "Metz"] = nan  # its value was the mean of the other two

    effect = effect_of(values, "Brest", "Lyon")

    assert effect.n_missing == 1
    assert effect.site_changes["Metz"] == pytest.approx(0.2)


def test_excluded_periods_count_at_no_site():
    values = several(FIVE)
    spoilt = values.copy()
    spoilt.iloc[2] = 99

    effect = effect_of(spoilt, "Brest", "Lyon", excluded=[spoilt.index[2].date()])

    assert (effect.n_before, effect.n_after) == (2, 3)
    assert effect.estimate == pytest.approx(-1.8)


def test_a_ratio_is_averaged_by_its_denominators():
    values = table(A=[10, 40, 20, 20], B=[1, 1.5, 1, 1], C=[1, 1, 1, 2])
    weights = table(A=[3, 1, 1, 1], B=[1, 1, 1, 1], C=[1, 1, 0, 1])

    effect = effect_of(values, "A", start=dt.date(2026, 1, 19), weights=weights)

    assert effect.site_changes["A"] == pytest.approx(20 - 17.5)
    assert effect.site_changes["C"] == pytest.approx(1)
    assert effect.level_before == pytest.approx(17.5)
    assert effect.n_missing == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (several(dict.fromkeys("ABCD", 1.0)), "no_noise"),
        (several(dict.fromkeys("ABCD", 0.0)) * 0 + 7, "constant"),
        (several(dict.fromkeys("ABCD", 0.0)) * nan, "too_few_before"),
        (several(FIVE | {"A": 1.0}).replace(10, inf), "infinite_values"),
        (several(FIVE | {"A": nan}), "no_treated_site"),
        (several({"A": 1.0}), "too_few_comparison_sites"),
    ],
)
def test_what_cannot_be_computed_says_why(values, code):
    assert reason(values, "A").code == code


def test_a_date_beyond_the_data_leaves_nothing_after():
    assert reason(several(FIVE), "Brest", start=dt.date(2027, 1, 1)).code == "too_few_after"
    assert reason(several(FIVE), "Brest", start=dt.date(2025, 1, 1)).code == "too_few_before"


def test_a_site_ten_times_as_noisy_moves_its_own_side_only():
    rng = np.random.default_rng(4)
    noisy = pd.DataFrame(
        rng.normal(10, [10, 1, 1, 1, 1, 1, 1, 1], (60, 8)),
        index=pd.date_range("2025-01-06", periods=60, freq="7D"),
        columns=list("ABCDEFGH"),
    )

    effect = effect_of(noisy, "B", "C", start=dt.date(2025, 8, 4))

    assert effect.lower < 0 < effect.upper
    assert effect.upper - effect.lower > effect_of(noisy.drop(columns="A"), "B", "C", start=dt.date(2025, 8, 4)).upper


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (several(FIVE).reset_index(drop=True), "period start"),
        (several(FIVE).iloc[::-1], "oldest first"),
        (pd.concat([several(FIVE), several(FIVE)], axis=1), "one column"),
        (several({"A": 1, "B": 2, "C": 3}), "without a column"),
    ],
)
def test_a_caller_s_mistake_raises(values, words):
    with pytest.raises(ValueError, match=words):
        comparison_effect(values, treated_sites=["Brest"], intervention_date=START, rng=np.random.default_rng(0))


def test_weights_of_other_sites_raise():
    with pytest.raises(ValueError, match="same periods and sites"):
        effect_of(several(FIVE), "Brest", weights=several({"A": 1}))


CHANGES = st.lists(st.floats(-5, 5).map(lambda x: round(x, 2)), min_size=5, max_size=9, unique=True)


@settings(deadline=None, max_examples=40)
@given(changes=CHANGES, shift=st.floats(-20, 20), scale=st.floats(0.5, 4))
def test_a_shift_moves_nothing_and_a_scale_scales(changes, shift, scale):
    values = several({f"s{number}": change for number, change in enumerate(changes)})

    plain, moved = effect_of(values, "s0", "s1"), effect_of(shift + scale * values, "s0", "s1")

    assert moved.estimate == pytest.approx(scale * plain.estimate, abs=1e-6)
    assert moved.upper - moved.lower == pytest.approx(scale * (plain.upper - plain.lower), abs=1e-6)
    assert moved.t_p_value == pytest.approx(plain.t_p_value, abs=1e-6)
    assert moved.p_value == plain.p_value


@settings(deadline=None, max_examples=40)
@given(changes=CHANGES, order=st.randoms(use_true_random=False))
def test_the_order_of_sites_does_not_matter_and_swapped_roles_turn_the_sign(changes, order):
    values = several({f"s{number}": change for number, change in enumerate(changes)})
    shuffled = list(values.columns)
    order.shuffle(shuffled)

    plain = effect_of(values, "s0", "s1")
    again = effect_of(values[shuffled], "s0", "s1")
    swapped = effect_of(values, *[site for site in values if site not in ("s0", "s1")])

    assert again.estimate == pytest.approx(plain.estimate)
    assert again.p_value == swapped.p_value == plain.p_value
    assert (swapped.estimate, swapped.lower) == (pytest.approx(-plain.estimate), pytest.approx(-plain.upper))


def test_time_reversed_the_effect_turns_its_sign():
    values = several(FIVE)
    reversed_ = pd.DataFrame(values.to_numpy()[::-1], index=values.index, columns=values.columns)

    plain, turned = effect_of(values, "Brest", "Lyon"), effect_of(reversed_, "Brest", "Lyon")

    assert turned.estimate == pytest.approx(-plain.estimate)
    assert turned.p_value == plain.p_value


def test_many_series_give_what_each_gives_alone():
    rng = np.random.default_rng(7)
    values, after = rng.normal(size=(4, 6, 20)), np.arange(20) >= 12
    treated = np.array([True, True, False, False, False, False])

    together = compare_sites(site_changes(values, after), treated, rng=rng)
    alone = [compare_sites(site_changes(one[None], after), treated, rng=rng) for one in values]

    np.testing.assert_allclose(together.lower, [one.lower[0] for one in alone])
    np.testing.assert_array_equal(together.p_value, [one.p_value[0] for one in alone])


@pytest.mark.slow
@pytest.mark.accepts("5.22")
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_false_alarms_and_coverage_are_what_the_interval_and_the_assignments_promise(phi):
    rng = np.random.default_rng(20260105)
    n_series, n_sites = 6000, 15  # the standard error of a 5 % share is 0.28 %
    values = ar1(rng, n_series * n_sites, 90, phi).reshape(n_series, n_sites, 90)
    treated = np.arange(n_sites) < 3

    nothing = compare_sites(site_changes(values, np.arange(90) >= 60), treated, rng=rng)

    assert 0.04 <= (nothing.t_p_value < 0.05).mean() <= 0.06
    assert 0.04 <= (nothing.p_value <= 0.05).mean() <= 0.06
    assert 0.94 <= ((nothing.lower < 0) & (nothing.upper > 0)).mean() <= 0.96
