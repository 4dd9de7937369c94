"""Files that leave a page: pictures with the decisions on them, each under a name of its own."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.spc import xmr_chart
from data.types import Grain, Metric
from pages.shared.chart_marks import Pin
from pages.shared.charts import control_chart
from pages.shared.exports import own_name
from pages.shared.pictures import to_png, to_svg

METRIC = Metric(id="cycle", name_fr="Délai", name_en="Cycle time", unit="d", direction="down", frequency=Grain.WEEK)


def chart(pins):
    weeks = pd.date_range("2026-01-05", periods=20, freq="7D")
    values = pd.Series(12 + np.sin(np.arange(20)), index=weeks)
    result = xmr_chart(values, direction=METRIC.direction)
    return control_chart(result, metric=METRIC, grain="week", language="en", theme="light", pins=pins)


@pytest.mark.accepts("9.2", "3.14")
def test_the_picture_of_a_chart_carries_the_label_of_each_decision():
    pinned = chart(
        [Pin("D-12", "decision", dt.date(2026, 3, 2), 12.4), Pin("I-03", "incident", dt.date(2026, 4, 6), 11.5)]
    )

    drawn = to_svg(pinned, "en")
    picture = to_png(pinned, "en")

    assert ">D-12<" in drawn
    assert ">I-03<" in drawn
    assert picture.startswith(b"\x89PNG")
    assert ">D-12<" not in to_svg(chart([]), "en")


@pytest.mark.promises("A8")
def test_no_two_downloads_share_a_name():
    names = {own_name("Nantes · délai", "png") for _ in range(50)}

    assert len(names) == 50
    assert all(name.startswith("Nantes-délai-") and name.endswith(".png") for name in names)
