"""What is said between sites is said in both languages, with the size of what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.between_sites import funnel, site_ranks
from analytics.dispersion import dispersion_over_time
from analytics.results import Direction, NotComputable
from analytics.variance import variance_components
from data.types import Metric
from wording import finding, sentence

DELAY = Metric(id="m", name_fr="Délai", name_en="Delay", unit="d", decimals=1, direction=Direction.DOWN)
ERRORS = Metric(id="e", name_fr="Erreurs", name_en="Errors", unit="%", decimals=1, direction=Direction.DOWN)
SITES = ["Brest", "Lyon", "Metz", "Nice", "Caen", "Tours", "Dax", "Lens", "Albi"]
WEEKS = pd.date_range("2025-01-06", periods=60, freq="7D")


def sites_at(shares, cases=1000):
    return funnel(
        [round(share * cases) for share in shares], [cases] * len(shares), sites=SITES[: len(shares)], per=100
    )


def over_time(late, n_sites=9, ratio_scale=False):
    rng = np.random.default_rng(0)
    width = np.linspace(3, late, 60)[:, None]
    noise = rng.normal(0, 1, (60, n_sites))
    return dispersion_over_time(
        pd.DataFrame(20 + width * rng.normal(0, 1, n_sites) + noise, index=WEEKS), ratio_scale=ratio_scale
    )


def ranks(levels, errors=0.1):
    names = SITES[: len(levels)]
    return site_ranks(levels, [errors] * len(levels), sites=names, highest_first=False, rng=np.random.default_rng(0))


SAID = [
    (sites_at([0.1] * 9), ERRORS, "None of the 9 sites is really different. Chance alone", "Aucun des 9 sites n’est vraiment différent. Le hasard seul"),
    (sites_at([0.1, 0.1, 0.3]), ERRORS, "Metz (higher)", "Metz (plus haut)"),
    (sites_at([0.1] * 8 + [0.3]), ERRORS, "Albi (higher)", "Albi (plus haut)"),
    (sites_at([0.08, 0.09, 0.1, 0.11, 0.12, 0.1, 0.13, 0.07, 0.1]), ERRORS, "have a standard deviation of about", "écart-type d’environ"),
    (sites_at([0.1, 0.12, 0.1]), ERRORS, "With fewer than 8 sites", "Avec moins de 8 sites"),
    (variance_components([1, 2, 7, 8.0], list("aabb")), DELAY, "of the variation lies between sites (95% interval", "se trouve entre les sites (intervalle à 95 %"),
    (variance_components([1, 9, 2, 8.0], list("aabb")), DELAY, "comes out below 0 and is given as 0", "sous 0 et donnée comme 0"),
    (over_time(0.2), DELAY, "Yes: the sites are coming closer.", "Oui : les sites se rapprochent."),
    (over_time(9.0), DELAY, "No: the sites are drifting apart.", "Non : les sites s’écartent."),
    (over_time(3.0), DELAY, "It cannot be told yet.", "On ne peut pas encore le dire."),
    (over_time(0.2, ratio_scale=True), DELAY, "As a share of the level the spread shrank too", "Rapporté au niveau, l’écart diminue aussi"),
    (ranks([1.0, 5, 9, 13]), DELAY, "Brest and Lyon surely stand in the better half.", "Brest et Lyon sont sûrement dans la meilleure moitié."),
    (ranks([1.0, 5, 9, 13]), None, "surely stand in the lower half", "moitié basse"),
    (ranks([1.0, 1.1, 1.0, 1.1], 5.0), DELAY, "No site surely stands in either half", "Aucun site n’est sûrement dans une moitié"),
]  # fmt: skip


@pytest.mark.parametrize(("result", "metric", "english", "french"), SAID)
def test_each_result_is_said_in_both_languages(result, metric, english, french):
    assert english in sentence(result, "en", metric)
    assert french in sentence(result, "fr", metric).replace("\N{NO-BREAK SPACE}", " ")
    assert sentence(result, "en", metric).startswith(finding(result, "en", metric))


def test_a_spread_of_a_share_is_told_in_points_and_a_change_of_it_in_per_cent_with_its_interval():
    said = sentence(over_time(0.2), "en", ERRORS)

    assert "points, against" in said
    assert "−" in said
    assert "95% interval" in said


def test_many_sites_are_counted_once_four_are_named():
    names = [f"S{place}" for place in range(80)]
    found = funnel([100] * 73 + [400] * 7, [1000] * 80, sites=names)

    assert "and 3 other sites are really different" in sentence(found, "en", ERRORS)


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("too_few_sites_between", {"n": 1, "needed": 3}),
        ("no_cases_at_sites", {"found": 3}),
        ("no_event_at_sites", {"found": 3}),
        ("all_events_at_sites", {"found": 3}),
        ("no_repeats", {"found": 3}),
        ("sites_alike", {"value": 3.0}),
        ("short_over_time", {"found": 3, "needed": 12}),
    ],
)
def test_every_reason_has_words(code, args):
    gap = NotComputable(code, args)

    assert "3" in sentence(gap, "en", DELAY) + sentence(gap, "fr", DELAY)
    assert sentence(gap, "en", DELAY) != sentence(gap, "fr", DELAY)
