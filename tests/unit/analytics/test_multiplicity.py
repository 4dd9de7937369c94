"""The p values of one family, judged together."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.multiplicity import benjamini_hochberg
from analytics.results import NotComputable

# Benjamini and Hochberg (1995), section 3.2: fifteen hypotheses on a treatment of the heart.
PAPER = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]  # fmt: skip


def test_the_paper_s_example_lets_four_stand_and_bonferroni_three():
    family = benjamini_hochberg(PAPER)

    assert family.discoveries.tolist() == [True] * 4 + [False] * 11
    assert (family.bonferroni <= 0.05).sum() == 3
    assert family.raw.tolist() == PAPER


def test_adjusted_values_are_those_of_another_implementation():
    p_values = np.random.default_rng(1).random(50) ** 3

    family = benjamini_hochberg(p_values)

    np.testing.assert_allclose(family.benjamini_hochberg, stats.false_discovery_control(p_values, method="bh"))
    np.testing.assert_allclose(family.benjamini_yekutieli, stats.false_discovery_control(p_values, method="by"))


def test_holm_multiplies_the_smallest_by_all_and_the_next_by_one_less():
    family = benjamini_hochberg([0.03, 0.01, 0.02])

    assert family.holm.tolist() == pytest.approx([0.04, 0.03, 0.04])


def test_an_experiment_that_was_not_tested_counts_for_nothing_and_stays_empty():
    family = benjamini_hochberg([nan, 0.04, nan])

    assert family.n_tested == 1
    assert family.bonferroni[1] == 0.04
    assert np.isnan(family.holm[[0, 2]]).all()
    assert family.discoveries.tolist() == [False, True, False]


def test_a_value_on_the_rate_stands():
    assert benjamini_hochberg([0.05]).discoveries.all()
    assert not benjamini_hochberg([0.05], rate=0.0499).discoveries.any()


def test_nothing_tested_is_told_and_what_is_no_p_value_raises():
    assert benjamini_hochberg([nan, nan]) == NotComputable("no_p_values")
    assert benjamini_hochberg([]) == NotComputable("no_p_values")
    for wrong in (-0.01, 1.01):
        with pytest.raises(ValueError, match="between 0 and 1"):
            benjamini_hochberg([0.5, wrong])


FAMILIES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@settings(deadline=None)
@given(p_values=FAMILIES, order=st.randoms(use_true_random=False))
def test_order_does_not_matter_ties_stay_tied_and_strict_methods_are_stricter(p_values, order):
    places = list(range(len(p_values)))
    order.shuffle(places)

    family = benjamini_hochberg(p_values)
    shuffled = benjamini_hochberg([p_values[place] for place in places])

    np.testing.assert_allclose(shuffled.benjamini_hochberg, family.benjamini_hochberg[places])
    assert len(set(family.holm[np.array(p_values) == p_values[0]])) == 1
    assert (family.raw <= family.benjamini_hochberg + 1e-12).all()
    assert (family.benjamini_hochberg <= family.holm + 1e-12).all()
    assert (family.holm <= family.bonferroni + 1e-12).all()
    assert (family.benjamini_yekutieli >= family.benjamini_hochberg - 1e-12).all()


@pytest.mark.slow
@pytest.mark.accepts("5.22")
def test_of_the_effects_that_stand_the_stated_share_is_false():
    rng = np.random.default_rng(20260105)
    z = rng.normal(size=(4000, 40)) + np.where(np.arange(40) < 10, 3.0, 0.0)
    p_values = 2 * stats.norm.sf(np.abs(z))

    stands = np.array([benjamini_hochberg(family).discoveries for family in p_values])

    false_share = stands[:, 10:].sum(axis=1) / np.maximum(stands.sum(axis=1), 1)
    assert 0.03 <= false_share.mean() <= 0.045  # rate times the share of true nulls, 0.05 x 30 / 40
