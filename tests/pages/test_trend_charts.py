"""The pictures of a trend, a drift and the levels of a series, drawn on data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.alarms import drift_alarms
from analytics.change_points import change_points
from analytics.results import Direction, PointType, Side
from analytics.trend import theil_sen, trend
from data.types import Grain, Metric
from pages.shared.trend_charts import alarm_point, drift_chart, levels_chart, trend_chart
from tests.tools.screen import inside

METRIC = Metric(id="m", name_fr="délai", name_en="delay", unit="d", direction=Direction.DOWN, frequency=Grain.WEEK)
WEEKS = pd.date_range("2025-01-06", periods=100, freq="7D")
NOISE = np.random.default_rng(4).normal(0, 1, 100)
LOOK = {"metric": METRIC, "grain": "week", "language": "en", "theme": "light", "description": "as it is said"}


def marks_of(chart, kind):
    described = chart.to_dict()
    assert described["description"] == "as it is said"
    return [part for part in inside(described) if part.get("type") == kind]


def texts(chart):
    return {part["t"] for part in inside(chart.to_dict()) if isinstance(part.get("t"), str)}


@pytest.mark.parametrize(("slope", "dashed"), [(0.2, False), (0.0, True)])
def test_the_line_of_a_trend_goes_through_gaps_and_is_dashed_where_no_trend_is_possible_too(slope, dashed):
    values = pd.Series(20 + NOISE + slope * np.arange(100), index=WEEKS)
    values.iloc[[0, 40, 41]] = np.nan

    chart = trend_chart(values, theil_sen(values), trend(values), **LOOK)

    lines = marks_of(chart, "line")
    assert [("strokeDash" in line) for line in lines] == [False, dashed]
    ends = [
        layer["data"]["values"]
        for layer in chart.to_dict()["layer"]
        if len(layer.get("data", {}).get("values", [])) == 2
    ]
    assert round((ends[-1][1]["y"] - ends[-1][0]["y"]) / 98, 6) == round(theil_sen(values).slope, 6)
    assert any(text.startswith("Line ") for text in texts(chart))


def test_a_drift_shows_both_decision_lines_and_marks_where_it_crossed():
    values = pd.Series(20 + NOISE + 2.0 * (np.arange(100) >= 75), index=WEEKS)
    found = drift_alarms(values)

    chart = drift_chart(found, **LOOK)

    dashed = [mark for mark in marks_of(chart, "rule") if mark.get("strokeDash") == [3, 3]]
    assert len(dashed) == 2
    kinds = [part["k"] for part in inside(chart.to_dict()) if "k" in part]
    assert kinds.count("concern") == len(found.alarms)
    assert len(kinds) == 30 + 1
    assert {"Upward 10", "Downward 10"} <= set(texts(chart))


def test_levels_are_drawn_with_a_band_where_each_change_may_lie():
    values = pd.Series(20 + NOISE - 6 * (np.arange(100) >= 50), index=WEEKS)
    found = change_points(values)

    assert len(found.changes) == 1
    assert len(marks_of(levels_chart(values, found, **LOOK), "rect")) == 1
    assert (
        len(marks_of(levels_chart(values, found, **{**LOOK, "phone": True, "theme": "dark", "language": "fr"}), "rect"))
        == 1
    )
    assert (
        marks_of(
            levels_chart(pd.Series(20 + NOISE, index=WEEKS), change_points(pd.Series(20 + NOISE, index=WEEKS)), **LOOK),
            "rect",
        )
        == []
    )


@pytest.mark.parametrize(
    ("direction", "side", "kind"),
    [
        (Direction.UP, Side.ABOVE, PointType.IMPROVEMENT),
        (Direction.DOWN, Side.ABOVE, PointType.CONCERN),
        (Direction.DOWN, Side.BELOW, PointType.IMPROVEMENT),
        (Direction.NEUTRAL, Side.BELOW, PointType.NEUTRAL),
    ],
)
def test_an_alarm_is_good_or_bad_by_the_metrics_direction(direction, side, kind):
    assert alarm_point(side, METRIC.model_copy(update={"direction": direction})) is kind
