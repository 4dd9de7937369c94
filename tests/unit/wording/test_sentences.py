import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.results import (
    Direction,
    LimitsKind,
    NotComputable,
    Pace,
    Phase,
    PointType,
    Progress,
    Rule,
    Side,
    Signal,
    SiteEffect,
    Variation,
    XmrChart,
)
from data.types import Metric
from wording import finding, sentence, signal_sentence

MARCH_30 = dt.date(2026, 3, 30)
CYCLE_TIME = Metric(id="m", name_fr="Délai", name_en="Cycle time", unit="d", direction=Direction.DOWN)
SIDES = {Rule.TREND: (Side.RISING, Side.FALLING)}
SEEN = {
    PointType.IMPROVEMENT: Variation.IMPROVING,
    PointType.CONCERN: Variation.CONCERN,
    PointType.NEUTRAL: Variation.NEUTRAL,
}


def chart(*signals, n=7, freq="W-MON", start="2026-03-30", kind=LimitsKind.FULL, missing=(), excluded=(), limits_of=24):
    """A chart of n periods from the start, its signals as given; variation follows the last point's signal."""
    periods = pd.date_range(start, periods=n, freq=freq)
    days = [day.date() for day in periods]
    last = max(day for i, day in enumerate(days) if i not in (*missing, *excluded))
    now = [signal for signal in signals if signal.end >= last]
    types = [PointType.MISSING if i in missing else PointType.COMMON_CAUSE for i in range(n)]
    for i in excluded:
        types[i] = PointType.EXCLUDED
    return XmrChart(
        periods=periods,
        values=np.array([np.nan if i in missing else 1.0 for i in range(n)]),
        moving_ranges=np.zeros(n),
        point_types=tuple(types),
        phases=(Phase(days[0], days[-1], limits_of, kind, 12.0, 8.0, 16.0, 1.5, 4.9),),
        signals=signals,
        variation=SEEN[now[0].point_type] if now else Variation.COMMON_CAUSE,
        direction=Direction.DOWN,
        missing_periods=tuple(days[i] for i in missing),
    )


def signal(rule=Rule.RUN, side=Side.BELOW, start=MARCH_30, end=dt.date(2026, 5, 11), n=7, kind=PointType.IMPROVEMENT):
    return Signal(rule, side, start, end, n, kind)


def french(result, metric=None, **more):
    return sentence(result, "fr", metric, **more).replace("\u00a0", " ")


@pytest.mark.accepts("2.18", "9.7")
def test_a_run_says_how_long_which_side_since_when_and_whether_it_is_good():
    weekly = chart(signal())

    assert sentence(weekly, "en") == "Seven weeks below the mean since 30 March: a real change, in the good direction."
    assert french(weekly) == "Sept semaines sous la moyenne depuis le 30 mars : un vrai changement, dans le bon sens."


@pytest.mark.accepts("2.18")
@pytest.mark.parametrize(
    ("freq", "start", "n", "words_fr", "words_en"),
    [
        ("D", "2026-04-01", 8, "Huit jours sous la moyenne depuis le 1er avril", "Eight days below the mean since 1 April"),
        ("MS", "2025-10-01", 7, "Sept mois sous la moyenne depuis octobre", "Seven months below the mean since October"),
        ("QS", "2024-04-01", 9, "Neuf trimestres sous la moyenne depuis le T2 2024", "Nine quarters below the mean since Q2 2024"),
        ("YS", "2015-01-01", 11, "11 années sous la moyenne depuis 2015", "11 years below the mean since 2015"),
        ("MS", "2024-08-01", 12, "12 mois sous la moyenne depuis août 2024", "12 months below the mean since August 2024"),
    ],
)  # fmt: skip
def test_periods_are_counted_and_named_by_their_grain(freq, start, n, words_fr, words_en):
    days = pd.date_range(start, periods=n, freq=freq)
    run = signal(start=days[0].date(), end=days[-1].date(), n=n)
    series = chart(run, n=n, freq=freq, start=start)

    assert french(series) == f"{words_fr} : un vrai changement, dans le bon sens."
    assert sentence(series, "en") == f"{words_en}: a real change, in the good direction."


@pytest.mark.parametrize(
    ("freq", "start", "words_fr", "words_en"),
    [
        ("D", "2026-05-01", "le 1er mai", "on 1 May"),
        ("W-MON", "2026-05-18", "la semaine du 18 mai", "in the week of 18 May"),
        ("MS", "2026-04-01", "en avril", "in April"),
        ("QS", "2026-04-01", "au T2 2026", "in Q2 2026"),
        ("YS", "2026-01-01", "en 2026", "in 2026"),
    ],
)
def test_a_single_point_outside_the_limits_says_when_it_was(freq, start, words_fr, words_en):
    last = dt.date.fromisoformat(start)
    outside = signal(Rule.OUTSIDE_LIMITS, Side.ABOVE, last, last, 1, PointType.CONCERN)
    days = pd.date_range(end=start, periods=8, freq=freq)
    series = chart(outside, n=8, freq=freq, start=str(days[0].date()))

    assert french(series) == f"Au-dessus de la limite haute {words_fr} : un vrai changement, dans le mauvais sens."
    assert sentence(series, "en") == f"Above the upper limit {words_en}: a real change, in the bad direction."


@pytest.mark.parametrize("kind", list(SEEN))
@pytest.mark.parametrize("n", [1, 2, 7, 23])
@pytest.mark.parametrize(
    ("rule", "side"), [(rule, side) for rule in Rule for side in SIDES.get(rule, (Side.ABOVE, Side.BELOW))]
)
def test_every_rule_side_and_direction_has_its_sentence(rule, side, n, kind):
    series = chart(signal(rule, side, n=n, kind=kind))

    words = french(series)
    assert words[0].isupper() or words[0].isdigit()
    assert words.endswith(".")
    assert "{" not in words
    assert words != sentence(series, "en")


def test_a_trend_says_which_way_it_goes():
    rise = chart(signal(Rule.TREND, Side.RISING, kind=PointType.CONCERN))

    assert sentence(rise, "en").startswith("Seven weeks of steady rise since 30 March")
    assert french(rise).startswith("Sept semaines de hausse continue depuis le 30 mars")


def test_the_sentence_agrees_with_the_icon_when_two_signals_meet():
    fall = signal(Rule.TREND, Side.FALLING, n=7, kind=PointType.IMPROVEMENT)
    outside = signal(Rule.OUTSIDE_LIMITS, Side.ABOVE, dt.date(2026, 5, 11), n=1, kind=PointType.CONCERN)
    series = chart(outside, fall)

    assert series.variation is Variation.CONCERN
    assert sentence(series, "en") == "Above the upper limit in the week of 11 May: a real change, in the bad direction."


@pytest.mark.accepts("2.18")
def test_a_quiet_chart_says_since_when_and_names_its_site():
    assert sentence(chart(), "en", site="Nantes") == "Nothing unusual at Nantes since 30 March."
    assert french(chart(), site="Nantes") == "Rien d’inhabituel à Nantes depuis le 30 mars."
    assert french(chart(), site="Le Havre") == "Rien d’inhabituel au Havre depuis le 30 mars."
    assert french(chart(), site="Les Ulis") == "Rien d’inhabituel aux Ulis depuis le 30 mars."
    assert french(chart()) == "Rien d’inhabituel depuis le 30 mars."


def test_a_quiet_chart_tells_what_was_unusual_before():
    series = chart(signal(), n=10)

    assert finding(series, "en") == "Nothing unusual since 18 May."
    assert sentence(series, "en") == (
        "Nothing unusual since 18 May. Before that: seven weeks below the mean from 30 March to the week of 11 May."
    )
    assert french(series).endswith("Avant cela : sept semaines sous la moyenne du 30 mars à la semaine du 11 mai.")


def test_a_single_point_of_before_is_told_without_counting_it():
    series = chart(signal(Rule.OUTSIDE_LIMITS, Side.BELOW, end=MARCH_30, n=1))

    assert sentence(series, "en").endswith("Before that: below the lower limit in the week of 30 March.")
    assert french(series).endswith("Avant cela : sous la limite basse la semaine du 30 mars.")


@pytest.mark.accepts("2.4")
def test_trial_limits_are_called_so():
    trial = chart(kind=LimitsKind.TRIAL, limits_of=8)

    assert sentence(trial, "en").endswith("Trial limits: they rest on eight weeks only.")
    assert french(trial).endswith("Limites provisoires : elles ne reposent que sur huit semaines.")


@pytest.mark.parametrize(
    ("found", "words_fr", "words_en"),
    [
        (0, "aucune semaine de mesures", "no weeks measured"),
        (1, "une semaine de mesures", "one week measured"),
        (4, "quatre semaines de mesures", "four weeks measured"),
    ],
)
def test_a_chart_without_limits_says_that_it_is_too_early(found, words_fr, words_en):
    early = chart(kind=LimitsKind.NONE, limits_of=found)

    assert french(early, site="Reims") == f"Trop tôt pour juger à Reims : {words_fr}, trop peu pour des limites."
    assert sentence(early, "en") == f"Too early to judge: {words_en} so far, too few for limits."


def test_missing_periods_are_counted_in_words():
    assert sentence(chart(missing=(2, 3)), "en").endswith("Two weeks are missing.")
    assert french(chart(missing=(2,))).endswith("Il manque une semaine.")
    assert french(chart(missing=(2, 3))).endswith("Il manque deux semaines.")


def test_a_gap_or_a_point_left_out_at_the_end_does_not_hide_the_signal_before_it():
    run = signal(n=7)

    assert sentence(chart(run, n=8, missing=(7,)), "en").startswith("Seven weeks below the mean")
    assert sentence(chart(run, n=8, excluded=(7,)), "en").startswith("Seven weeks below the mean")


def test_the_grain_of_a_chart_of_one_period_comes_from_its_metric():
    one = chart(n=1, freq="MS", start="2026-04-01")

    assert french(one, CYCLE_TIME) == "Rien d’inhabituel depuis avril."


def effect(estimate=-1.8, lower=-2.9, upper=-0.7, *, relative=True, **changes):
    shares = (estimate / 10, lower / 10, upper / 10) if relative else (None, None, None)
    fields = {
        "confidence": 0.95, "relative": shares[0], "relative_lower": shares[1], "relative_upper": shares[2],
        "level_before": 14.6, "level_after": 12.8, "p_value": 0.002, "phi": 0.3, "n_before": 60, "n_after": 30,
        "n_missing": 0, "terms": ("level",), "scale": "identity", "counterfactual": (),
    } | changes  # fmt: skip
    return SiteEffect(estimate=estimate, lower=lower, upper=upper, **fields)


@pytest.mark.accepts("5.3", "5.5")
def test_an_effect_is_in_the_metrics_unit_and_in_per_cent_with_its_interval():
    assert finding(effect(), "en", CYCLE_TIME).replace("\u00a0", " ") == (
        "Difference after the change: −1.8 d, or −18.0% (95% interval from −2.9 d to −0.7 d, or −29.0% to −7.0%)."
    )
    assert finding(effect(), "fr", CYCLE_TIME).replace("\u00a0", " ") == (
        "Écart après le changement : −1,8 j, soit −18,0 % "
        "(intervalle à 95 % : de −2,9 j à −0,7 j, soit de −29,0 % à −7,0 %)."
    )


def test_an_effect_without_a_level_to_compare_with_has_no_per_cent():
    assert finding(effect(relative=False), "en", CYCLE_TIME).replace("\u00a0", " ") == (
        "Difference after the change: −1.8 d (95% interval from −2.9 d to −0.7 d)."
    )


@pytest.mark.accepts("5.3")
def test_an_interval_that_includes_no_effect_says_so():
    assert "The interval includes “no effect”: these data cannot tell" in sentence(effect(upper=0.4), "en", CYCLE_TIME)
    assert "L’intervalle comprend « aucun effet » : ces données" in french(effect(upper=0.4), CYCLE_TIME)


@pytest.mark.parametrize(
    ("estimate", "direction", "words"),
    [
        (-1.8, Direction.DOWN, "a real change, in the good direction."),
        (1.8, Direction.DOWN, "a real change, in the bad direction."),
        (1.8, Direction.UP, "a real change, in the good direction."),
        (1.8, Direction.NEUTRAL, "a real change."),
    ],
)
def test_an_effect_says_whether_it_goes_the_good_way(estimate, direction, words):
    metric = CYCLE_TIME.model_copy(update={"direction": direction})
    result = effect(estimate, *sorted((estimate / 2, estimate * 2)))

    assert f"The interval excludes “no effect”: {words}" in sentence(result, "en", metric)


@pytest.mark.accepts("5.5")
def test_an_effect_says_how_it_was_found_and_what_it_cannot_tell():
    words = sentence(effect(terms=("level", "trend", "weekday"), n_missing=2), "en", CYCLE_TIME)

    assert "(60 points before, 30 after)" in words
    assert "allows for each point resembling the one before it" in words
    assert "Allowed for as well: a steady trend and the day of the week." in words
    assert "2 periods were not measured and are left out." in words
    assert words.endswith("cannot tell this change from anything else that happened there at the same time.")


def progress(share=0.62, expected=0.7, pace=Pace.BEHIND, days_left=42, age=3):
    return Progress(share, expected, 10.2, 9.8, MARCH_30, age, days_left, pace)


@pytest.mark.accepts("4.6")
def test_a_key_result_says_its_pace_its_share_of_the_way_and_the_age_of_its_data():
    assert sentence(progress(), "en", CYCLE_TIME).replace("\u00a0", " ") == (
        "Behind: 62% of the way to the target, 70% expected by now (10.2 d, 9.8 d expected). "
        "42 days left. Data up to 30 Mar 2026, 3 days old."
    )
    assert french(progress(), CYCLE_TIME) == (
        "En retard : 62 % du chemin vers la cible, 70 % attendus à ce jour (10,2 j, 9,8 j attendus). "
        "Il reste 42 jours. Données jusqu’au 30 mars 2026, vieilles de 3 jours."
    )


@pytest.mark.accepts("4.14")
def test_progress_is_never_clipped():
    assert "−20% of the way" in sentence(progress(share=-0.2), "en", CYCLE_TIME)
    assert "130% of the way" in sentence(progress(share=1.3, pace=Pace.AHEAD), "en", CYCLE_TIME)


@pytest.mark.parametrize(
    ("days_left", "words"), [(1, "1 day left."), (0, "Due today."), (-1, "Due 1 day ago."), (-9, "Due 9 days ago.")]
)
def test_a_due_date_is_ahead_today_or_past(days_left, words):
    assert words in sentence(progress(days_left=days_left), "en", CYCLE_TIME)


def test_fresh_data_say_only_their_date():
    assert sentence(progress(age=0), "en", CYCLE_TIME).endswith("Data up to 30 Mar 2026.")


@pytest.mark.accepts("2.21")
def test_a_reason_is_worded_with_its_numbers():
    reason = NotComputable("too_few_points", {"found": 4, "needed": 6})

    assert sentence(reason, "en") == "Too few points to set limits: 4 measured, at least 6 needed."
    assert french(reason) == "Trop peu de points pour fixer des limites : 4 sur les 6 qu’il faut au moins."
    assert finding(NotComputable("all_missing"), "fr") == "Rien n’a encore été mesuré."


def test_a_reason_gives_its_value_in_the_metrics_unit_and_its_scale_in_words():
    flat = NotComputable("constant", {"value": 12.0})
    scale = NotComputable("outside_scale", {"found": 3, "scale": "log"})

    assert "12,0 j" in french(flat, CYCLE_TIME)
    assert "values above zero" in sentence(scale, "en")


def test_a_signal_of_the_board_is_worded_as_its_chart_words_it():
    words = signal_sentence(signal(), "en", grain="week", today=dt.date(2026, 5, 13), site="Nantes")

    assert words == "Seven weeks below the mean at Nantes since 30 March: a real change, in the good direction."


def test_a_signal_of_another_year_says_its_year():
    words = signal_sentence(signal(n=60), "en", grain="week", today=dt.date(2027, 5, 13))

    assert words.startswith("60 weeks below the mean since 30 Mar 2026:")
