"""Charts of counts, of rare events and run charts say what they show, in both languages."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.results import Direction, PointType, Rule, Side
from analytics.results_charts import ChartChoice, ChartKind, LimitsForm
from analytics.spc import c_chart, chart_for, g_chart, p_chart, run_chart, t_chart
from data.types import Metric
from wording import LANGUAGES, finding, sentence

DELAYED = Metric(id="m", name_fr="Retards", name_en="Delays", unit="%", direction=Direction.DOWN)
GAPS = [12, 30, 5, 18, 41, 14, 9, 26, 3, 22, 17, 11]
ALTERNATING = [22, 18] * 6


def weeks(*values: float) -> pd.Series:
    return pd.Series([float(v) for v in values], index=pd.date_range("2026-01-05", periods=len(values), freq="7D"))


def french(result, **more) -> str:
    return sentence(result, "fr", DELAYED, **more).replace("\u00a0", " ")


def shares(*counts: float, of: float = 100, **choices):
    return p_chart(weeks(*counts), weeks(*[of] * len(counts)), direction=Direction.DOWN, **choices)


@pytest.mark.accepts("2.18")
def test_a_share_speaks_as_every_control_chart_does():
    chart = shares(*ALTERNATING, *[24] * 8)

    assert sentence(chart, "en") == "Eight weeks above the mean since 30 March: a real change, in the bad direction."
    assert (
        french(chart)
        == "Huit semaines au-dessus de la moyenne depuis le 30 mars : un vrai changement, dans le mauvais sens."
    )
    assert finding(chart, "en") == sentence(chart, "en")


@pytest.mark.accepts("2.18")
def test_widened_narrowed_and_exact_limits_say_so():
    wild = shares(*[300, 380, 290, 400, 310, 390] * 2, of=1000)
    tame = shares(*[20, 21] * 12, limits=LimitsForm.LANEY)
    few = shares(*[1, 2] * 6, of=20)

    assert "Neighbouring points differ 5.3 times as much as chance alone makes them" in sentence(wild, "en")
    assert "Des points voisins diffèrent 5,3 fois autant que le seul hasard le ferait" in french(wild)
    assert "differ only 0.2 times as much" in sentence(tame, "en")
    assert "ne diffèrent que de 0,2 fois" in french(tame)
    assert sentence(few, "en").endswith("Few events a period: the limits are counted out exactly, not approximated.")
    assert french(few).endswith(
        "Peu d’événements par période : les limites sont calculées exactement, sans approximation."
    )


@pytest.mark.accepts("2.18")
def test_a_rare_event_is_told_by_the_gap_before_it():
    quiet, late = g_chart(weeks(*GAPS), direction=Direction.UP), g_chart(weeks(*GAPS, 700), direction=Direction.UP)
    days = t_chart(weeks(*GAPS), direction=Direction.UP)

    assert sentence(quiet, "en") == "Nothing unusual: half of the events come more than 12 cases apart."
    assert (
        french(quiet, site="Le Havre")
        == "Rien d’inhabituel au Havre : la moitié des événements sont séparés de plus de 12 cas."
    )
    assert sentence(days, "en").endswith("days apart.")
    assert sentence(late, "en") == (
        "The last gap between events, 700 cases, is longer than the limit: a real change, in the good direction."
    )
    assert (
        french(late)
        == "Le dernier écart entre événements, 700 cas, dépasse la limite : un vrai changement, dans le bon sens."
    )


def test_every_rule_of_a_rare_event_has_its_sentence():
    rising = [5, 9, 14, 20, 27, 35, 44]
    series = {
        (Rule.RUN, Side.BELOW): [*GAPS, *GAPS, 2, 1, 3, 2, 4, 1, 2],
        (Rule.RUN, Side.ABOVE): [*GAPS, *GAPS, 21, 25, 22, 24, 23, 26, 22],
        (Rule.TREND, Side.RISING): [*GAPS, 3, *rising],
        (Rule.TREND, Side.FALLING): [*GAPS, 50, *rising[::-1]],
        (Rule.TWO_OF_THREE, Side.ABOVE): [*GAPS, *GAPS, 110, 20, 120],
    }

    for (rule, side), gaps in series.items():
        chart = g_chart(weeks(*gaps), direction=Direction.UP)
        assert (rule, side) in {(s.rule, s.side) for s in chart.signals}
        assert ("gap" in sentence(chart, "en"), "écart" in french(chart)) == (True, True)
        assert chart.point_types[-1] is not PointType.COMMON_CAUSE


@pytest.mark.accepts("2.18")
@pytest.mark.parametrize(
    ("values", "english", "french_words"),
    [
        (
            [3, 5, 4, 3, 6, 4, 5, 2, 4, 6, 3, 5],
            "Nothing unusual: the longest run on one side of the median is 2 points, and chance alone makes up to 6.",
            "Rien d’inhabituel : la plus longue série d’un côté de la médiane compte 2 points, et le seul hasard en fait jusqu’à 6.",
        ),
        (
            [*[1, 3] * 6, *[4] * 9],
            "9 points in a row on one side of the median, where chance alone makes at most 7: a real change, in the bad direction.",
            "9 points de suite du même côté de la médiane, alors que le seul hasard en fait au plus 7 : un vrai changement, dans le mauvais sens.",
        ),
        (
            [*[4] * 9, *[1, 3] * 6],
            "Earlier, 9 points in a row stood on one side of the median, where chance alone makes at most 7: a real change.",
            "Plus tôt, 9 points de suite sont restés du même côté de la médiane, alors que le seul hasard en fait au plus 7 : un vrai changement.",
        ),
        (
            [*[1] * 5, *[9] * 5, *[2] * 5, *[8] * 5],
            "The points change sides of the median 3 times, where chance alone makes at least 6: they do not vary by chance alone.",
            "Les points changent de côté de la médiane 3 fois, alors que le seul hasard en fait au moins 6 : ils ne varient pas par le seul hasard.",
        ),
        (
            [100] * 8,
            "Every point stands on the median, 100.0%: nothing varies.",
            "Tous les points sont sur la médiane, 100,0 % : rien ne varie.",
        ),
    ],
)  # fmt: skip
def test_a_run_chart_says_what_its_runs_and_crossings_mean(values, english, french_words):
    chart = run_chart(weeks(*values), direction=Direction.DOWN)

    assert sentence(chart, "en", DELAYED) == english
    assert french(chart) == french_words


def test_a_new_phase_too_short_for_a_median_or_for_limits_says_so():
    series = weeks(*[*GAPS, 4, 5, 3])
    step = [series.index[12].date()]

    assert sentence(run_chart(series, direction=Direction.UP, steps=step), "en") == (
        "Too early to judge: 3 points since the last change of level."
    )
    assert french(g_chart(series, direction=Direction.UP, steps=step)) == (
        "Trop tôt pour juger : 3 écarts entre événements, trop peu pour des limites."
    )


@pytest.mark.accepts("2.21")
@pytest.mark.parametrize(
    ("result", "english", "french_words"),
    [
        (shares(*[100] * 8), "100% in all 8 periods: nothing varies", "100 % sur les 8 périodes : rien ne varie"),
        (shares(*[0] * 8), "Not one event in 8 periods", "Aucun événement en 8 périodes"),
        (shares(*[0] * 8, of=0), "the denominator is 0 in all 8 periods", "le dénominateur vaut 0 dans les 8 périodes"),
        (shares(*[5] * 7, 200), "Some counts cannot be (1)", "Des nombres sont impossibles (1)"),
        (g_chart(weeks(*[0] * 8), direction=Direction.UP), "All 8 events follow one another", "Les 8 événements se suivent"),
        (g_chart(weeks(*GAPS, -1), direction=Direction.UP), "the events are not in order", "ne sont pas dans l’ordre"),
        (run_chart(weeks(4), direction=Direction.UP), "Too few points for a median", "Trop peu de points pour qu’une médiane"),
    ],
)  # fmt: skip
def test_what_cannot_be_charted_says_why(result, english, french_words):
    assert english in sentence(result, "en")
    assert french_words in french(result)


@pytest.mark.parametrize(
    "choice",
    [
        chart_for("measure", [1.5] * 5),
        chart_for("measure", [1.5] * 20),
        chart_for("ratio", [0.5] * 20),
        chart_for("ratio", [-0.5] * 20, [10.0] * 20),
        chart_for("ratio", [0.5] * 20, [10.0] * 20),
        chart_for("ratio", [1.5] * 20, [10.0] * 20),
        chart_for("ratio", [*[0.0] * 15, *[0.1] * 5], [10.0] * 20),
        chart_for("ratio", [*[1.0] * 15, *[0.9] * 5], [10.0] * 20),
        chart_for("count", [4, 5] * 10),
    ],
    ids=lambda choice: choice.reason,
)
def test_every_choice_of_a_chart_gives_its_reason(choice):
    assert isinstance(choice, ChartChoice)
    for language in LANGUAGES:
        assert sentence(choice, language)[0].isalpha()
    assert sentence(ChartChoice(ChartKind.P, "share"), "en") == (
        "P chart: a share of so many cases, with limits that follow the number of cases."
    )


def test_a_count_speaks_too():
    assert sentence(c_chart(weeks(*[14, 18] * 6), direction=Direction.DOWN), "en") == "Nothing unusual since 5 January."
