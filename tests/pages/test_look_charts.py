"""The pictures of looks, of evidence and of what could be seen by when, drawn on data."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.power import detectable_by_date
from analytics.results import Direction
from analytics.sequential import declared_looks, e_value
from data.types import Grain, Metric
from pages.shared.look_charts import detectable_chart, evidence_chart, looks_chart
from tests.tools.screen import inside
from wording import sentence

METRIC = Metric(
    id="m", name_fr="délai", name_en="delay", unit="d", decimals=1, direction=Direction.DOWN, frequency=Grain.DAY
)
DAYS = pd.date_range("2026-01-05", periods=95, freq="D")
START = DAYS[60].date()
LOOK = {"language": "en", "theme": "light"}


def series(step: float) -> pd.Series:
    noise = np.random.default_rng(2).normal(0, 1.2, len(DAYS))
    return pd.Series(12 + noise + step * (np.arange(len(DAYS)) >= 60), DAYS)


def texts(chart) -> set[str]:
    return {part["t"] for part in inside(chart.to_dict()) if isinstance(part.get("t"), str)}


def points(chart) -> list[str]:
    return [part["shape"] for part in inside(chart.to_dict()) if part.get("type") == "point" and "shape" in part]


def rules(chart, **style) -> list[dict]:
    found = [part for part in inside(chart.to_dict()) if part.get("type") == "rule"]
    return [rule for rule in found if all(rule.get(name) == value for name, value in style.items())]


def looked(step: float, today: dt.date):
    return declared_looks(series(step), intervention_date=START, direction=Direction.DOWN, today=today)


@pytest.mark.parametrize(("step", "shape"), [(-4, "diamond"), (4, "square"), (0, "circle")])
def test_each_look_stands_at_its_date_with_its_interval_and_its_shape(step, shape):
    made = looked(step, DAYS[-1].date())

    chart = looks_chart(made, metric=METRIC, **LOOK)

    assert points(chart) == [shape] * 3
    assert len(rules(chart, strokeWidth=7)) == 3
    assert {"72 hours", "14 days", "30 days", "start", "no change"} <= texts(chart)
    assert chart.to_dict()["description"] == sentence(made, "en", METRIC)


def test_looks_to_come_and_looks_without_enough_points_are_rings_with_a_word():
    few = series(-4).copy()
    few.iloc[61:63] = np.nan
    made = declared_looks(few, intervention_date=START, direction=Direction.DOWN, today=DAYS[64].date())

    chart = looks_chart(made, metric=METRIC, phone=True, **LOOK)

    assert points(chart) == ["circle"]
    assert rules(chart, strokeWidth=7) == []
    assert {"too few", "due"} <= texts(chart)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_evidence_is_drawn_by_powers_of_ten_beside_its_line_and_marked_where_it_reaches_it(theme):
    read = e_value(series(-2), intervention_date=START, direction=Direction.DOWN)

    chart = evidence_chart(read, language="en", theme=theme)

    heights = [
        part["y"] for part in chart.to_dict()["layer"][3]["data"]["values"]
    ]  # fmt: skip
    assert heights == pytest.approx(np.log10(np.clip(read.e_values, 0.01, 1e6)), abs=1e-4)
    assert points(chart) == ["circle", "diamond"]
    assert {"signal from 20", "no evidence: 1"} <= texts(chart)
    assert chart.to_dict()["description"] == sentence(read, "en")


def test_evidence_that_has_not_reached_the_line_carries_no_signal():
    read = e_value(series(0), intervention_date=START, direction=Direction.DOWN)

    assert points(evidence_chart(read, language="fr", theme="light", phone=True)) == ["circle"]


def test_what_could_be_seen_falls_with_time_beside_what_is_worthwhile():
    ends = [START + dt.timedelta(days=days) for days in (2, 13, 29, 59)]
    curve = detectable_by_date(series(0)[:60], start=START, ends=ends)

    chart = detectable_chart(curve, metric=METRIC, worthwhile=-1.5, **LOOK)

    path = chart.to_dict()["layer"][3]["data"]["values"]
    assert [row["y"] for row in path] == [round(outcome.effect, 6) for outcome in curve.outcomes[1:]]
    assert len(rules(chart, strokeDash=[10, 4])) == 1
    assert "worthwhile from 1.5\N{NO-BREAK SPACE}d" in texts(chart)
    assert chart.to_dict()["description"] == sentence(curve, "en", METRIC)


def test_when_nothing_can_be_told_there_are_no_points_and_the_words_say_so():
    curve = detectable_by_date(series(0)[:8], start=START, ends=[DAYS[-1].date()])

    chart = detectable_chart(curve, metric=METRIC, language="fr", theme="dark")

    assert chart.to_dict()["description"].startswith("Jusqu")
    assert chart.to_dict()["layer"][3]["data"]["values"] == []
