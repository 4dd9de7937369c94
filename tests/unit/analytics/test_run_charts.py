"""Run charts: medians, runs and crossings, held against a slow retelling of the rules and against chance."""

from __future__ import annotations

from itertools import groupby
from math import inf, log2, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.results import Direction, NotComputable, PointType, Variation
from analytics.results_charts import RunChart
from analytics.spc import VARIATIONS, run_chart, run_charts, variation

QUIET = [3, 5, 4, 3, 6, 4, 5, 2, 4, 6, 3, 5]


def weeks(*values: float) -> pd.Series:
    return pd.Series(
        [float(value) for value in values], index=pd.date_range("2026-01-05", periods=len(values), freq="7D")
    )


def drawn(series: pd.Series, direction: Direction = Direction.DOWN, **dated) -> RunChart:
    chart = run_chart(series, direction=direction, **dated)
    assert isinstance(chart, RunChart)
    return chart


@pytest.mark.accepts("2.3")
def test_points_on_the_median_count_neither_way():
    phase = drawn(weeks(1, 3, 2, 1, 2, 1, 3, 3, 2)).latest

    assert (phase.median, phase.n_useful) == (2, 6)
    assert (phase.longest_run, phase.n_crossings) == (2, 3)


@pytest.mark.accepts("2.3")
def test_a_run_longer_than_chance_allows_is_a_signal_and_its_points_are_marked():
    chart = drawn(weeks(*[1, 3] * 6, *[4] * 9))

    assert (chart.latest.longest_run, chart.latest.longest_run_limit) == (9, 7)
    assert chart.latest.signal
    assert chart.point_types[12:] == (PointType.CONCERN,) * 9
    assert chart.point_types[11] is PointType.COMMON_CAUSE  # it stands on the median
    assert variation(chart) is Variation.CONCERN


@pytest.mark.accepts("2.3")
def test_a_run_exactly_as_long_as_chance_allows_is_none():
    values = [*[1, 9] * 4, *[8] * 6, *[2, 1] * 3]

    chart = drawn(weeks(*values))

    assert chart.latest.longest_run == chart.latest.longest_run_limit == 7
    assert not chart.latest.long_run
    assert set(chart.point_types) == {PointType.COMMON_CAUSE}


@pytest.mark.accepts("2.3")
def test_fewer_crossings_than_chance_makes_are_a_signal_without_a_side():
    chart = drawn(weeks(*[1] * 5, *[9] * 5, *[2] * 5, *[8] * 5))

    assert (chart.latest.n_crossings, chart.latest.fewest_crossings) == (3, 6)
    assert (chart.latest.few_crossings, chart.latest.long_run) == (True, False)
    assert set(chart.point_types) == {PointType.COMMON_CAUSE}


@pytest.mark.accepts("2.16")
def test_a_gap_ends_a_run_and_no_crossing_spans_it():
    joined, parted = drawn(weeks(*[1, 3] * 6, *[4] * 8)), drawn(weeks(*[1, 3] * 6, *[4] * 4, nan, *[4] * 4))
    around = drawn(weeks(1, 9, 1, nan, 9, 1, 9, 1, 9)).latest

    assert joined.latest.long_run
    assert not parted.latest.long_run
    assert parted.missing_periods == (parted.periods[16].date(),)
    assert around.n_crossings == 6
    assert around.fewest_crossings == stats.binom.ppf(0.05, 6, 0.5)  # six neighbours, not seven


@pytest.mark.accepts("2.6", "2.8")
def test_baseline_steps_and_excluded_points_hang_on_dates():
    series = weeks(*QUIET, *[value + 10 for value in QUIET])
    days = [stamp.date() for stamp in series.index]

    frozen = drawn(series, baseline_until=days[11])
    stepped = drawn(series, steps=[days[12]])
    without = drawn(weeks(*QUIET, 99), excluded=[days[12]])

    assert (frozen.latest.median, frozen.latest.frozen_until) == (4, days[11])
    assert frozen.latest.long_run
    assert [phase.median for phase in stepped.phases] == [4, 14]
    assert not stepped.latest.signal
    assert without.latest.n_points == 12
    assert without.point_types[12] is PointType.EXCLUDED


@pytest.mark.accepts("2.21")
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([nan] * 8, NotComputable("all_missing")),
        ([], NotComputable("all_missing")),
        ([4], NotComputable("too_few_for_runs", {"found": 1, "needed": 6})),
        ([4, 4], NotComputable("too_few_for_runs", {"found": 2, "needed": 6})),
        ([*QUIET, inf], NotComputable("infinite_values", {"found": 1})),
    ],
)
def test_a_series_without_a_median_says_why(values, reason):
    assert run_chart(weeks(*values), direction=Direction.DOWN) == reason


@pytest.mark.accepts("2.21")
def test_a_constant_series_has_a_median_and_nothing_to_judge():
    chart = drawn(weeks(*[100] * 12))

    assert (chart.latest.median, chart.latest.n_useful, chart.latest.longest_run_limit) == (100, 0, None)
    assert not chart.latest.signal
    assert variation(chart) is Variation.COMMON_CAUSE


def retold(values: list[float]) -> tuple[int, int, int, bool]:
    """The rules as published, on a series without gaps: useful points, longest run, crossings, signal."""
    sides = [np.sign(value - np.median(values)) for value in values if value != np.median(values)]
    runs = [len(list(points)) for _, points in groupby(sides)]
    n = len(sides)
    if not n:
        return 0, 0, 0, False
    fewest = stats.binom.ppf(0.05, n - 1, 0.5) if n > 1 else 0
    return n, max(runs), len(runs) - 1, max(runs) > round(log2(n) + 3) or len(runs) - 1 < fewest


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(1, 12), min_size=6, max_size=70))
def test_the_rules_agree_with_a_slow_retelling(values):
    phase = drawn(weeks(*values)).latest

    assert (phase.n_useful, phase.longest_run, phase.n_crossings, phase.signal) == retold([float(v) for v in values])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-30, 30), min_size=6, max_size=40), st.integers(-100, 100), st.floats(0.01, 100))
def test_shift_and_scale_change_no_finding(values, shift, scale):
    plain, moved = drawn(weeks(*values)).latest, drawn(weeks(*values) * scale + shift).latest

    assert (moved.longest_run, moved.n_crossings, moved.signal) == (plain.longest_run, plain.n_crossings, plain.signal)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.integers(0, 9).map(float), st.just(nan)), min_size=6, max_size=40))
def test_runs_and_crossings_do_not_know_which_way_time_runs(values):
    there, back = (run_chart(weeks(*order), direction=Direction.UP) for order in (values, values[::-1]))

    if isinstance(there, NotComputable):
        assert there == back
        return
    assert (there.latest.longest_run, there.latest.n_crossings) == (back.latest.longest_run, back.latest.n_crossings)
    assert there.point_types == back.point_types[::-1]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.one_of(st.integers(0, 9).map(float), st.just(nan)), min_size=20, max_size=20), max_size=4),
    st.data(),
)
def test_many_series_at_once_are_the_same_charts_as_one_by_one(rows, data):
    table = np.array(rows, dtype=float).reshape(len(rows), 20)
    periods = weeks(*range(20)).index
    steps = {row: [periods[data.draw(st.integers(0, 19))].date()] for row in range(len(rows))}

    found = run_charts(table, directions=Direction.UP, periods=periods, steps=steps)

    for row, values in enumerate(table):
        one = run_chart(pd.Series(values, index=periods), direction=Direction.UP, steps=steps[row])
        if isinstance(one, NotComputable):
            assert found.reasons[row] == one
            continue
        assert found.signal[row] == one.latest.signal
        last = VARIATIONS[found.variation[row]]
        assert (last or Variation.COMMON_CAUSE) is one.variation


def test_chance_alone_signals_in_fewer_than_one_series_in_twenty():
    values = np.random.default_rng(8).normal(size=(4000, 24))

    assert 0.02 < run_charts(values, directions=Direction.UP).signal.mean() < 0.05


def test_a_table_of_another_shape_is_the_callers_mistake():
    with pytest.raises(ValueError, match="n_series"):
        run_charts(np.ones(5), directions=Direction.UP)
