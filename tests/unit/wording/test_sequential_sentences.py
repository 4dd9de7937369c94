"""Early readings and plans in words: never a result, and never "no effect"."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.results import Direction, NotComputable, Side
from analytics.results_sequential import (
    ConfidenceSequence,
    DeclaredLooks,
    DetectableByDate,
    DetectableEffect,
    EarlySignal,
    EValue,
    Look,
    SignalWord,
)
from data.types import Metric
from tests.unit.wording.test_effects_sentences import PLAIN
from wording import LANGUAGES, finding, look_name, sentence, signal_name

METRIC = Metric(id="m", name_fr="Délai", name_en="Cycle time", unit="d", decimals=1, direction=Direction.DOWN)
NEVER_SAID_EARLY = re.compile(r"no effect|no change was|aucun effet|proven|prouvé|significant|significatif", re.I)

SIGNAL = EarlySignal(
    signal=SignalWord.PROMISING, estimate=-4.2, lower=-7.9, upper=-0.5, confidence=0.99, relative=-0.35,
    relative_lower=-0.66, relative_upper=-0.04, level_before=12.0, p_value=0.004, alpha=0.01, phi=0.3, n_before=60,
    n_after=3, last_period=dt.date(2026, 3, 8), terms=("level", "trend", "weekday"), method="ar1_gls_phi_integrated",
)  # fmt: skip
QUIET = replace(SIGNAL, signal=SignalWord.NO_SIGNAL_YET, upper=0.6)
START = dt.date(2026, 3, 6)
NOT_DUE = NotComputable("look_not_due", {"date": dt.date(2026, 4, 5)})


def looks(*outcomes) -> DeclaredLooks:
    plans = ((3, 0.01), (14, 0.01), (30, 0.03))
    made = tuple(
        Look(days, alpha, START + dt.timedelta(days=days), 60, days, outcome)
        for (days, alpha), outcome in zip(plans, outcomes, strict=True)
    )
    return DeclaredLooks(START, made, 0.05)


EVIDENCE = EValue(
    periods=pd.date_range(START, periods=2, freq="D"), e_values=np.array([3.2, 48.0]),
    running_maximum=np.array([3.2, 48.0]), line=20.0, alpha=0.05, crossed_on=dt.date(2026, 3, 7),
    signal=SignalWord.HARM, side=Side.ABOVE, p_value=1 / 48, phi=0.2, n_before=60, n_after=2, terms=("level",),
)  # fmt: skip
WAITING = replace(EVIDENCE, e_values=np.array([3.2, 1.4]), crossed_on=None, signal=SignalWord.NO_SIGNAL_YET)
SEEN = DetectableEffect(
    effect=1.23, relative=0.1025, level_before=12.0, sigma=2.0, phi=0.2, n_before=60, n_after=30, start=START,
    end=dt.date(2026, 4, 4), alpha=0.05, power=0.8, terms=("level", "trend"),
)  # fmt: skip
CURVE = DetectableByDate(
    START, (dt.date(2026, 3, 8), SEEN.end),
    (NotComputable("too_few_after", {"found": 3, "needed": 8}), SEEN),
)  # fmt: skip
GROUPS = ConfidenceSequence(0.5, 0.4, 0.6, 0.95, 0.03, 0.001, 6461, relative=True)
EVERY = (
    SIGNAL, QUIET, replace(SIGNAL, signal=SignalWord.HARM), replace(SIGNAL, signal=SignalWord.CHANGE),
    looks(QUIET, SIGNAL, NOT_DUE), looks(QUIET, NOT_DUE, NOT_DUE), looks(NOT_DUE, NOT_DUE, NOT_DUE),
    looks(NotComputable("too_few_at_look", {"found": 0, "needed": 3}), QUIET, QUIET), EVIDENCE, WAITING, SEEN, CURVE,
    GROUPS, replace(GROUPS, relative=False),
)  # fmt: skip


def said(result, language="en") -> str:
    return sentence(result, language, METRIC).translate(PLAIN)


@pytest.mark.accepts("5.11", "5.18")
def test_a_promising_signal_says_its_size_its_points_and_that_it_is_no_result():
    assert said(SIGNAL) == (
        "Promising: −4.2 d since the start (99% interval from −7.9 d to −0.5 d). Points after the start: 3, up to 8 Mar "
        "2026; before: 60. This is an early reading, not a result: of experiments that change nothing, 1% raise a signal "
        "here."
    )
    assert said(SIGNAL, "fr") == (
        "Prometteur : −4,2 j depuis le début (intervalle à 99 % de −7,9 j à −0,5 j). Points après le début : 3, jusqu'au "
        "8 mars 2026 ; avant : 60. C'est une lecture précoce, pas un résultat : parmi les essais qui ne changent rien, "
        "1 % donnent un signal ici."
    )


@pytest.mark.accepts("5.11")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("result", EVERY, ids=lambda result: type(result).__name__)
def test_nothing_early_is_said_to_have_no_effect_or_to_be_proven(result, language):
    assert not NEVER_SAID_EARLY.search(said(result, language))
    assert "{" not in said(result, language)
    assert said(result, language).startswith(finding(result, language, METRIC).translate(PLAIN))


def test_looks_name_the_first_signal_the_latest_figures_and_the_next_date():
    words = said(looks(QUIET, SIGNAL, NOT_DUE))

    assert words.startswith("Promising, at the look of 20 Mar 2026 (14 days after the start). Promising: −4.2 d")
    assert "Next look: 5 Apr 2026." in words
    assert words.endswith("at most 5% raise a signal at any of them. None is a result.")


def test_a_look_without_enough_points_is_named_and_the_next_one_speaks():
    words = said(looks(NotComputable("too_few_at_look", {"found": 0, "needed": 3}), QUIET, NOT_DUE))

    assert words.startswith("No signal yet at the look of 20 Mar 2026")
    assert "The look at 72 hours (9 Mar 2026) cannot be computed." in words


def test_looks_before_the_first_one_say_when_it_is():
    assert said(looks(NOT_DUE, NOT_DUE, NOT_DUE), "fr").startswith(
        "Aucune lecture n'a encore pu dire quoi que ce soit. Prochaine lecture : 9 mars 2026."
    )


def test_evidence_names_the_day_it_reached_the_line_or_how_far_it_is():
    assert finding(EVIDENCE, "en", METRIC) == "Harm: the evidence reached the line (20) on 7 Mar 2026."
    assert finding(WAITING, "en", METRIC) == "No signal yet: the evidence stands at 1.4, and the line is 20."


@pytest.mark.accepts("5.18")
def test_a_detectable_effect_is_said_before_the_start_in_both_languages():
    assert finding(SEEN, "en", METRIC).translate(PLAIN) == (
        "With this site's noise, by 4 Apr 2026, an effect of 1.2 d (10% of the level before) or more would be seen 4 "
        "times in 5."
    )
    assert finding(replace(SEEN, relative=None), "fr", METRIC).translate(PLAIN) == (
        "Avec le bruit de ce site, d'ici au 4 avril 2026, un effet de 1,2 j ou plus serait vu 4 fois sur 5."
    )
    between = replace(SEEN, n_treated=3, n_comparison=12)
    assert "(3 treated, 12 to compare with)" in said(between)
    assert said(replace(between, method="imputation")).startswith(
        "With these sites' noise and 3 sites adopting one after another, by 4 Apr 2026,"
    )


def test_a_curve_names_its_first_and_last_date_or_says_that_there_is_none():
    sooner = replace(SEEN, end=dt.date(2026, 3, 20), effect=2.0)
    both = DetectableByDate(START, (sooner.end, SEEN.end), (sooner, SEEN))
    none = DetectableByDate(START, (SEEN.end,), (NOT_DUE,))

    assert "By 20 Mar 2026, an effect of 2.0 d" in said(both)
    assert "by 4 Apr 2026, one of 1.2 d" in said(both)
    assert said(none) == "Up to 4 Apr 2026, nothing can be said of what would be seen."


def test_a_signal_and_a_look_have_names():
    assert [signal_name(word, "fr") for word in SignalWord] == [
        "Dégradation", "Prometteur", "Pas encore de signal", "Quelque chose a bougé",
    ]  # fmt: skip
    assert [look_name(days, "fr").translate(PLAIN) for days in (3, 14, 30)] == ["72 heures", "14 jours", "30 jours"]


def test_too_early_to_speak_is_worded_as_such():
    few = NotComputable("too_few_at_look", {"found": 2, "needed": 3})

    assert said(few).startswith("Too early to say anything: 2 points since the start, at least 3 needed.")
