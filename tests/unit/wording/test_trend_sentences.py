"""Trends, alarms, change points and forecasts are said in both languages, each in its own words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.alarms import cusum, drift_alarms, ewma
from analytics.cautions import Caution, CautionKind
from analytics.change_points import change_points
from analytics.forecast import calibration
from analytics.okr import key_result_forecast
from analytics.results import Direction
from analytics.trend import mann_kendall, theil_sen, trend
from data.types import Metric
from wording import sentence

DELAY = Metric(id="m", name_fr="Délai", name_en="Delay", unit="d", decimals=1, direction=Direction.DOWN)
CALM = np.random.default_rng(11).normal(20, 1, size=120)
DAYS = pd.date_range("2026-01-05", periods=120, freq="D")
QUIET = pd.Series(CALM, index=DAYS)
STEPPED = QUIET + 4.0 * (np.arange(120) >= 100)
DRIFTING = QUIET + 2.0 * (np.arange(120) >= 95)
OLD = QUIET + 3.0 * (np.arange(120) >= 85)
TWICE = STEPPED - 9.0 * (np.arange(120) >= 40)
WILD = QUIET + 20.0 * (np.arange(120) == 110)
RISING = QUIET + np.arange(120) / 5


def ahead(target, values=RISING):
    return key_result_forecast(values, baseline_value=20, target_value=target, due_date=dt.date(2026, 5, 31))


SAID = [
    (trend(RISING), "A rising trend: +0.2 d per period (95%", "Tendance à la hausse"),
    (trend(-RISING), "A falling trend", "Tendance à la baisse"),
    (trend(QUIET), "No clear trend", "Pas de tendance nette"),
    (theil_sen(RISING), "+0.2 d per period (120 points)", "+0,2 j par période"),
    (mann_kendall(RISING), "tend to be higher (p = 0.000)", "plutôt plus hautes"),
    (mann_kendall(-RISING), "tend to be lower", "plutôt plus basses"),
    (mann_kendall(QUIET), "neither higher nor lower", "ni plus hautes ni plus basses"),
    (ewma(QUIET, target=20, sigma=9), "No drift away", "Aucune dérive par rapport"),
    (cusum(STEPPED, target=20, sigma=1), "points beyond the limits", "points hors limites"),
    (drift_alarms(QUIET), "No drift since 5 Apr 2026", "Aucune dérive depuis le 5\xa0avril 2026"),
    (drift_alarms(DRIFTING), "Drifting upwards", "Dérive vers le haut"),
    (drift_alarms(40 - DRIFTING), "Drifting downwards", "Dérive vers le bas"),
    (drift_alarms(OLD), "since 5 Apr 2026 or before (alarm", "depuis le 5\xa0avril 2026 ou avant (alerte"),
    (drift_alarms(40 - OLD), "Drifting downwards, it seems since 5 Apr 2026 or before", "2026 ou avant"),
    (drift_alarms(WILD), "The value of 25 Apr 2026 is far above", "La valeur du 25\xa0avril 2026 est très au-dessus"),
    (drift_alarms(40 - WILD), "far below", "très au-dessous"),
    (Caution(CautionKind.RESEMBLING_NEIGHBOURS, phi=0.52), "(correlation 0.5)", "(corrélation 0,5)"),
    (Caution(CautionKind.WEEKDAYS_DIFFER, p_value=0.001), "chart this metric by week", "par semaine"),
    (Caution(CautionKind.SEASON, p_value=0.001), "same months", "mêmes mois"),
    (change_points(QUIET), "No change of level", "Aucun changement de niveau"),
    (change_points(STEPPED), "seems to have changed on 15 Apr 2026, from", "semble avoir changé le 15\xa0avril 2026, de"),
    (change_points(TWICE), "2 changes of level to propose; the latest follows. The level", "2\xa0changements"),
    (ahead(40), "On track if the current trend holds: 95% chance", "En bonne voie si la tendance actuelle"),
    (ahead(ahead(40).estimate), "To watch if the current trend holds: 50%", "À surveiller si la tendance"),
    (ahead(90), "Off track if the current trend holds: 5% chance of reaching 90.0 d by 31 May 2026", "En retard si"),
    (calibration([0.8] * 10, [True] * 8 + [False] * 2), "agree with what happened so far: 80%", "concordent avec les faits"),
    (calibration([0.9] * 20, [False] * 20), "promised too much: 90% on average, 0% came true", "promettaient trop"),
    (calibration([0.1] * 20, [True] * 20), "disagree with what happened", "ne concordent pas"),
]  # fmt: skip


@pytest.mark.parametrize(("result", "english", "french"), SAID, ids=lambda part: part if isinstance(part, str) else "")
def test_each_result_is_said_in_both_languages(result, english, french):
    assert english in sentence(result, "en", DELAY).replace("\xa0", " ")
    assert french.replace("\xa0", " ") in sentence(result, "fr", DELAY).replace("\xa0", " ")


def test_a_forecast_of_what_wanders_says_how_far_to_trust_it():
    walk = pd.Series(np.cumsum(np.random.default_rng(2).normal(size=120)), index=DAYS)

    assert "6 to 7 times in 10" in sentence(ahead(40, walk), "en")
