"""Many charts at once are the same charts, and charts keep to the laws of shift, scale and time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analytics.results import Direction, LimitsKind, NotComputable, XmrChart
from analytics.spc import POINT_TYPES, VARIATIONS, variation, xmr_chart, xmr_charts
from analytics.spc_rules import RULES, side_name

DIRECTIONS = [Direction.UP, Direction.DOWN, Direction.NEUTRAL]
# Small whole numbers make ties, runs and gaps likely.
cells = st.one_of(st.integers(0, 12).map(float), st.just(np.nan))
tables = st.tuples(st.integers(1, 4), st.integers(0, 30)).flatmap(lambda shape: arrays(float, shape, elements=cells))
lines = st.lists(st.integers(-50, 50), min_size=6, max_size=40).map(lambda values: np.array(values, dtype=float))


def weeks(n_periods: int) -> pd.DatetimeIndex:
    return pd.date_range("2026-01-05", periods=n_periods, freq="7D")


@settings(deadline=None, max_examples=60)
@given(tables, st.data())
def test_many_series_at_once_are_the_same_charts_as_one_by_one(values, data):
    periods = weeks(values.shape[1])
    days = [stamp.date() for stamp in periods] or [pd.Timestamp("2026-01-05").date()]
    dates = st.lists(st.sampled_from(days), max_size=2)
    rows = range(len(values))
    steps = {row: data.draw(dates) for row in rows}
    excluded = {row: data.draw(dates) for row in rows}
    baselines = {row: data.draw(st.sampled_from(days)) for row in rows if data.draw(st.booleans())}
    directions = [DIRECTIONS[row % 3] for row in rows]

    table = xmr_charts(
        values, directions=directions, periods=periods, steps=steps, excluded=excluded, baselines=baselines
    )

    for row in rows:
        single = xmr_chart(
            pd.Series(values[row], index=periods),
            direction=directions[row],
            steps=steps[row],
            excluded=excluded[row],
            baseline_until=baselines.get(row),
        )
        if isinstance(single, NotComputable):
            assert table.reasons[row] == single
            continue
        assert_same_chart(table, row, single)


def assert_same_chart(table, row, single: XmrChart):
    assert tuple(POINT_TYPES[code] for code in table.point_types[row]) == single.point_types
    assert np.array_equal(table.moving_ranges[row], single.moving_ranges, equal_nan=True)
    assert table.limits_kinds[row] is single.latest.kind
    known = variation(single)
    assert VARIATIONS[table.variation[row]] is (None if isinstance(known, NotComputable) else known)
    if single.latest.kind is not LimitsKind.NONE:
        assert table.upper_limit[row] == single.latest.upper_limit
        assert table.lower_limit[row] == single.latest.lower_limit
        assert table.mean[row] == single.latest.mean
    if table.signal_rule[row]:
        rule, high = RULES[table.signal_rule[row] - 1][0], table.signal_side[row] > 0
        days = [stamp.date() for stamp in single.periods]
        those = [s for s in single.signals if s.rule is rule and s.side is side_name(rule, high=high)]
        assert (those[-1].start, those[-1].end) == (days[table.signal_start[row]], days[table.last_point[row]])
        assert those[-1].n_points == table.signal_points[row]
        standing = [s for s in single.signals if s.end == those[-1].end and s.point_type is those[-1].point_type]
        assert table.signal_points[row] == max(s.n_points for s in standing)


def limits(values: np.ndarray) -> tuple[float, float, float]:
    chart = xmr_chart(pd.Series(values, index=weeks(len(values))), direction=Direction.UP)
    assert isinstance(chart, XmrChart)
    return chart.latest.lower_limit, chart.latest.mean, chart.latest.upper_limit


@settings(deadline=None, max_examples=60)
@given(lines, st.integers(-1000, 1000))
def test_limits_move_with_the_series(values, shift):
    assert limits(values + shift) == pytest.approx([limit + shift for limit in limits(values)], abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(lines, st.floats(0.01, 1000))
def test_limits_stretch_with_the_series(values, scale):
    assert limits(values * scale) == pytest.approx([limit * scale for limit in limits(values)], rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(lines)
def test_limits_do_not_know_which_way_time_runs(values):
    assert limits(values[::-1]) == pytest.approx(limits(values), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(lines)
def test_the_good_direction_upside_down_gives_the_same_point_types(values):
    up = xmr_charts(values[None], directions=Direction.UP)
    down = xmr_charts(-values[None], directions=Direction.DOWN)

    assert (up.point_types == down.point_types).all()


def test_the_values_given_are_not_changed():
    values = np.array([[10, 12, np.inf, 12, 10, 12, 10.0], [10, 12, 10, 12, 10, 12, 90.0]])
    given_values = values.copy()
    periods = weeks(7)

    xmr_charts(values, directions=Direction.UP, periods=periods, excluded={1: [periods[6].date()]})

    assert np.array_equal(values, given_values)


def test_no_series_at_all_is_an_empty_table():
    table = xmr_charts(np.empty((0, 12)), directions=Direction.UP)

    assert (len(table.mean), table.reasons, table.limits_kinds) == (0, (), [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"directions": [Direction.UP]}, "directions and series differ in number"),
        ({"directions": Direction.UP, "periods": weeks(3)}, "periods and values differ in length"),
        ({"directions": Direction.UP, "steps": {0: [weeks(2)[1].date()]}}, "give periods"),
    ],
)
def test_arguments_that_do_not_fit_are_the_callers_mistake(arguments, message):
    with pytest.raises(ValueError, match=message):
        xmr_charts(np.zeros((2, 12)), **arguments)


def test_one_row_without_its_table_is_the_callers_mistake():
    with pytest.raises(ValueError, match="shape"):
        xmr_charts(np.zeros(12), directions=Direction.UP)
