"""Effects over several sites, families of them, placebos and doubts, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from analytics import guards
from analytics.multiplicity import benjamini_hochberg
from analytics.pooling import pooled_effect, portfolio_total
from analytics.results import Direction
from analytics.results_effects import ComparisonEffect, Guard, GuardLevel, Placebos, RolloutEffect, WelchInterval
from analytics.staggered import event_study
from data.types import Metric
from tests.unit.analytics.test_staggered import quiet, table
from wording import LANGUAGES, codes, finding, sentence

METRIC = Metric(id="m", name_fr="Délai", name_en="Cycle time", unit="d", decimals=1, direction=Direction.DOWN)

PLAIN = str.maketrans(
    {"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}
)


def said(result, language="en", metric=METRIC) -> str:
    return sentence(result, language, metric).translate(PLAIN)


COMPARED = ComparisonEffect(
    estimate=-1.8, lower=-2.9, upper=-0.7, confidence=0.95, relative=-0.15, relative_lower=-0.24, relative_upper=-0.06,
    level_before=12.0, standard_error=0.5, t=-3.6, degrees_of_freedom=13, t_p_value=0.003, p_value=2 / 455,
    smallest_p=1 / 455, n_assignments=455, all_assignments=True, welch=WelchInterval(-3, -0.5, -3.4, 4.0, 0.01),
    treated_sites=("Brest", "Lyon"), comparison_sites=("Metz", "Nice", "Lille"), left_out_sites=(),
    site_changes={}, n_before=26, n_after=12, n_missing=0,
)  # fmt: skip

ROLLED_OUT = RolloutEffect(
    estimate=-1.8, lower=-2.9, upper=-0.7, confidence=0.95, relative=None, relative_lower=None, relative_upper=None,
    level_before=-1.0, p_value=0.001, smallest_p=0.0005, n_orders=2000, all_orders=False, drawn_by_lot=True,
    adopters=("Brest", "Lyon"), comparison_sites=(), left_out_sites=(), n_waves=2, n_treated=40, n_beyond_horizon=0,
    horizon=dt.date(2026, 6, 29), n_missing=0,
)  # fmt: skip


@pytest.mark.accepts("5.3", "5.18")
def test_a_comparison_says_its_size_its_sites_and_what_it_supposes():
    assert said(COMPARED) == (
        "The treated sites changed by −1.8 d compared with the other sites, or −15.0% (95% interval from −2.9 d to "
        "−0.7 d, or −24.0% to −6.0%). The interval excludes “no effect”: a change in the good direction. Treated: Brest, "
        "Lyon. Compared with: Metz, Nice, Lille. Among all 455 ways to pick as many sites, 0.4% show a difference at "
        "least as large; the least possible is 0.2%. Method: each site counts once, as its mean after less its mean "
        "before (26 periods before, 12 after). It supposes that both groups would have changed alike without the "
        "change."
    )
    assert said(COMPARED, "fr").startswith(
        "Les sites traités ont changé de −1,8 j par rapport aux autres sites, soit −15,0 % (intervalle à 95 % de −2,9 j "
        "à −0,7 j, soit −24,0 % à −6,0 %)."
    )


def test_a_title_is_the_first_sentence():
    assert finding(COMPARED, "en", METRIC).translate(PLAIN).startswith("The treated sites changed by −1.8 d")
    assert finding(COMPARED, "en", METRIC).count(". ") == 0


def test_a_comparison_whose_two_readings_disagree_does_not_decide():
    words = said(replace(COMPARED, p_value=0.0505))

    assert "but 5% of the ways to pick the treated sites show a difference as large" in words.replace("5.1%", "5%")
    assert "good direction" not in words


def test_drawn_assignments_left_out_sites_and_missing_values_are_told():
    many = tuple(f"site {number}" for number in range(12))
    words = said(
        replace(COMPARED, all_assignments=False, left_out_sites=("Nantes",), n_missing=3, comparison_sites=many)
    )

    assert "Among 455 drawn ways" in words
    assert "Left out, for want of measurements on both sides: Nantes." in words
    assert "3 values were not measured." in words
    assert "site 6 and 5 others" in words


@pytest.mark.parametrize(
    ("lower", "upper", "direction", "words"),
    [
        (-3, 1, Direction.DOWN, "cannot tell"),
        (-3, -1, Direction.UP, "bad direction"),
        (-3, -1, Direction.NEUTRAL, "something changed"),
    ],
)
def test_an_interval_is_read_by_the_good_direction(lower, upper, direction, words):
    metric = METRIC.model_copy(update={"direction": direction})

    assert words in said(replace(ROLLED_OUT, lower=lower, upper=upper), metric=metric)


@pytest.mark.accepts("5.18")
def test_a_rollout_says_how_far_it_is_known_and_whether_its_order_was_drawn():
    assert said(ROLLED_OUT) == (
        "Mean effect since adoption: −1.8 d (95% interval from −2.9 d to −0.7 d). The interval excludes “no effect”: "
        "a change in the good direction. With the adoption dates dealt out to the same 2 sites in 2,000 orders, 0.1% "
        "show an effect at least as large. The order was drawn by lot: the test is exact. Known up to 29 Jun 2026, "
        "the last period with a site not treated yet. Method: what each site would have measured is taken from its "
        "own level and from sites not treated yet. The interval supposes an effect that stays the same."
    )
    elsewise = said(
        replace(ROLLED_OUT, drawn_by_lot=False, n_beyond_horizon=4, left_out_sites=("Metz",), n_missing=1), "fr"
    )
    assert "c'est un test placebo" in elsewise
    assert "4 valeurs ultérieures" in elsewise
    assert "jamais mesurés avant leur adoption : Metz" in elsewise
    assert "1 valeur n'a pas été mesurée" in elsewise


def test_an_event_study_counts_the_points_apart_from_zero():
    values, dates = table(0.1 * quiet(24, 6), [6, 9, 12, 15, 18, None], effect=-2)
    study = event_study(values, adoption_dates=dates, drawn_by_lot=True, rng=np.random.default_rng(0), reach=4)

    words = said(study)

    assert "5 of 5 points after adoption lie apart from zero, and" in words
    assert "The first treated period shows −2" in words
    assert "from a base of 8 periods" in words


@pytest.mark.accepts("5.18")
def test_a_pooled_effect_says_what_the_next_site_should_expect():
    sites = ["Brest", "Lyon", "Metz", "Nice"]
    differ = pooled_effect([-2.0, -1.0, -3.0, -1.5], [0.2, 0.2, 0.3, 0.2], sites=sites)
    alike = pooled_effect([-2.0, -2.1], [0.5, 0.4], sites=sites[:2])

    assert said(differ).startswith("Mean effect over 4 sites: −1.9 d")
    assert "The next site should expect an effect between" in said(differ)
    assert "of the spread between them is more than chance" in said(differ)
    assert "Two sites cannot tell" in said(alike)
    assert "no more than chance alone" in said(alike)
    assert said(differ, "fr").startswith("Effet moyen sur 4 sites")


@pytest.mark.accepts("5.18")
def test_a_family_says_how_many_stand_together_and_alone():
    family = benjamini_hochberg([0.001, 0.03, 0.04, 0.2, 0.6])

    assert said(family).startswith("Of 5 effects judged together, 1 stand; one by one, 3 would.")
    assert "au plus 5 %" in said(family, "fr")


@pytest.mark.accepts("5.18")
def test_a_total_says_what_was_measured_and_what_is_left_without_luck():
    total = portfolio_total(
        [-6.0, -4.0, 0.0, 1.0], [1.0, 2.0, 1.0, 1.0], names="ABCD", counted=[True, True, False, False]
    )

    words = said(total)

    assert words.startswith("2 experiments together brought −")
    assert "as measured, −10.0 d" in words
    assert "all 4 experiments" in words


def test_placebos_cast_doubt_only_when_they_alarm():
    quiet_ones = Placebos("starts", tuple("ABCDEFGHIJ"), (0.1,) * 10, (0.5,) * 10, 0, 0.5, 1, 0.05)

    assert said(quiet_ones) == (
        "At 10 false starts before the true one, 0 seem to show an effect (0.5 expected by chance), and 1 show one as "
        "large. The method finds nothing where nothing was done."
    )
    assert "doubt this effect" in said(replace(quiet_ones, kind="sites", n_alarms=3))
    assert "doubt" not in said(replace(quiet_ones, n_alarms=1))


GUARDS = {
    "extreme_before_start": {"n": 2, "value": 19.5, "usual": 12.0, "dates": (dt.date(2026, 3, 2),)},
    "chosen_after_extreme": {"n": 2, "value": 19.5, "usual": 12.0, "dates": (dt.date(2026, 3, 2),)},
    "site_extreme_before_start": {"site": "Brest", "departure": 3.2},
    "overlap": {"change": "new desk", "date": dt.date(2026, 3, 2), "n": 12, "needed": 8},
    "overlap_elsewhere": {"n": 2, "changes": "D-04, E-03"},
    "overlap_inseparable": {"change": "new desk", "date": dt.date(2026, 3, 2), "n": 1, "needed": 8},
    "definition_changed": {"date": dt.date(2026, 3, 2)},
    "definition_mixed": {"date": dt.date(2026, 3, 2)},
    "definition_restated": {"date": dt.date(2026, 3, 2)},
    "too_few_before": {"found": 3, "needed": 14},
    "too_few_after": {"found": 3, "needed": 8},
    "few_before": {"found": 20, "needed": 26},
    "uneven_site": {"site": "Brest", "times": 4.0},
    "different_trends_before": {"slope": -0.2, "p_value": 0.01},
}


@pytest.mark.accepts("5.18")
@pytest.mark.parametrize("code", GUARDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_doubt_has_its_sentence_with_its_numbers(code, language):
    words = said(Guard(code, GuardLevel.WARNING, GUARDS[code]), language)

    assert words.endswith(".")
    assert "{" not in words


def test_a_doubt_gives_values_in_the_metrics_unit():
    guard = Guard("extreme_before_start", GuardLevel.WARNING, GUARDS["extreme_before_start"])

    assert said(guard) == (
        "The change began right after 2 unusual points (up to 19.5 d, usually 12.0 d). Such points fall back by "
        "themselves: the effect is computed without them."
    )


def test_every_worded_doubt_is_one_that_a_guard_can_give():
    source = {name for name in codes("analytics_effects", "en") if ".guard." in name}

    assert {name.rpartition(".")[2] for name in source} == set(GUARDS)
    assert guards.few_points(20, 8)[0].code in GUARDS
