"""The mR chart on demand: the ranges that set the limits, held to their own limit."""

import numpy as np
import pandas as pd
import pytest

from analytics.results import Direction, PointType
from analytics.spc import xmr_chart
from pages.cohort.metric_picture import moving_ranges
from tests.tools.screen import charts, opened

METRIC = "pages.cohort.metric"


@pytest.mark.accepts("2.1")
def test_a_jump_stands_above_the_limit_of_the_moving_ranges_and_a_gap_has_none():
    weeks = pd.date_range("2026-01-05", periods=16, freq="7D")
    values = [10, 11, 10, 11, 10, np.nan, 11, 10, 11, 10, 11, 10, 11, 10, 40, 41]

    ranges = moving_ranges(xmr_chart(pd.Series(values, index=weeks), direction=Direction.DOWN))

    assert ranges.point_types[14] is PointType.NEUTRAL
    assert [i for i, x in enumerate(ranges.values) if np.isnan(x)] == [0, 5, 6]
    assert ranges.latest.lower_limit == 0
    assert ranges.latest.mean == 1
    assert ranges.latest.upper_limit == pytest.approx(3.267, abs=0.001)


@pytest.mark.accepts("2.1")
def test_the_moving_ranges_are_drawn_when_asked_for(visiting):
    visiting(1)

    page = opened(METRIC, lang="en")
    before = len(charts(page))
    asked = page.toggle(key="metric-ranges").set_value(True).run()

    assert not asked.exception
    assert len(charts(asked)) == before + 1
