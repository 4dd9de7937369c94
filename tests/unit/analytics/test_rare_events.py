"""Charts of rare events: one point an event, and what its gap to the one before says."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.results import Direction, NotComputable, PointType, Rule, Side, Variation
from analytics.results_charts import ChartKind, LimitsForm, RareEventChart
from analytics.spc import cases_between, days_between, g_chart, g_charts, t_chart, t_charts, variation, xmr_chart
from analytics.spc_discrete import LINES, geometric_line, tail

UP = Direction.UP
GAPS = [12, 30, 5, 18, 41, 14, 9, 26, 3, 22, 17, 11]


def events(*gaps: float) -> pd.Series:
    return pd.Series([float(gap) for gap in gaps], index=pd.date_range("2026-01-05", periods=len(gaps), freq="9D"))


def drawn(chart) -> RareEventChart:
    assert isinstance(chart, RareEventChart)
    return chart


def test_the_limits_of_a_g_chart_are_the_tails_of_the_geometric_distribution_around_its_median():
    phase = drawn(g_chart(events(*GAPS), direction=UP)).latest

    chance = 1 / (1 + np.mean(GAPS))
    assert phase.mean_gap == pytest.approx(np.mean(GAPS))
    assert phase.mean == stats.geom.ppf(0.5, chance) - 1
    assert phase.upper_limit == stats.geom.ppf(stats.norm.cdf(3), chance) - 1
    assert phase.lower_limit == 0


def test_the_textbook_s_g_chart_stands_three_sigma_from_its_mean_around_the_median():
    phase = drawn(g_chart(events(*GAPS), direction=UP, limits=LimitsForm.THREE_SIGMA)).latest

    mean = np.mean(GAPS)
    assert phase.upper_limit == pytest.approx(mean + 3 * np.sqrt(mean * (mean + 1)))
    assert phase.mean == pytest.approx(0.693 * mean)


def test_a_t_chart_is_an_xmr_chart_of_gaps_made_nearly_normal():
    chart = drawn(t_chart(events(*GAPS), direction=UP))

    phase = xmr_chart(events(*GAPS) ** (1 / 3.6), direction=UP).latest
    assert chart.kind is ChartKind.T
    assert chart.latest.mean == pytest.approx(phase.mean**3.6)
    assert chart.latest.upper_limit == pytest.approx(phase.upper_limit**3.6)
    assert chart.latest.lower_limit == pytest.approx(max(phase.lower_limit, 0) ** 3.6)


@pytest.mark.parametrize("kind", [g_chart, t_chart])
def test_events_that_come_less_often_are_an_improvement_where_the_event_is_unwanted(kind):
    chart = drawn(kind(events(*GAPS, 700), direction=UP))

    assert chart.point_types[-1] is PointType.IMPROVEMENT
    assert variation(chart) is Variation.IMPROVING
    assert (Rule.OUTSIDE_LIMITS, Side.ABOVE) in {(s.rule, s.side) for s in chart.signals}


@pytest.mark.parametrize("kind", [g_chart, t_chart])
def test_events_that_come_more_often_are_seen_by_a_run_of_short_gaps(kind):
    chart = drawn(kind(events(*GAPS, *GAPS, 2, 1, 3, 2, 4, 1, 2), direction=UP))

    assert chart.point_types[-1] is PointType.CONCERN
    assert chart.signals[-1].rule is Rule.RUN


def test_a_stable_process_has_as_many_gaps_above_the_centre_line_as_below():
    gaps = np.random.default_rng(6).geometric(0.03, (800, 60)) - 1.0

    g, t = g_charts(gaps, directions=UP), t_charts(gaps + 0.5, directions=UP)

    assert (gaps > g.mean[:, None]).mean() == pytest.approx(0.5, abs=0.02)
    assert (gaps + 0.5 > t.mean[:, None]).mean() == pytest.approx(0.5, abs=0.02)
    outside = g_charts(gaps, directions=UP, rules=[Rule.OUTSIDE_LIMITS])
    assert (outside.marks != 0).mean() < 0.0025
    textbook = g_charts(gaps, directions=UP, rules=[Rule.OUTSIDE_LIMITS], limits=LimitsForm.THREE_SIGMA)
    assert 0.012 < (textbook.marks != 0).mean() < 0.024


@settings(deadline=None, max_examples=60)
@given(st.floats(0.05, 400))
def test_exact_lines_are_the_quantiles_of_the_geometric(mean):
    for line in (*LINES, 0.0):
        assert geometric_line(line, np.array([mean]))[0] == stats.geom.ppf(tail(line), 1 / (1 + mean)) - 1


@pytest.mark.accepts("2.6", "2.16")
def test_baseline_steps_excluded_points_and_gaps_are_as_on_every_chart():
    series = events(*GAPS, nan, *[gap * 4 for gap in GAPS])
    days = [stamp.date() for stamp in series.index]

    stepped = drawn(g_chart(series, direction=UP, steps=[days[13]]))
    frozen = drawn(g_chart(series, direction=UP, baseline_until=days[11]))
    without = drawn(g_chart(events(*GAPS, 900), direction=UP, excluded=[days[12]]))

    assert [phase.mean_gap for phase in stepped.phases] == [np.mean(GAPS), 4 * np.mean(GAPS)]
    assert frozen.latest.mean_gap == np.mean(GAPS)
    assert frozen.latest.frozen_until == days[11]
    assert frozen.missing_periods == (days[12],)
    assert without.latest.mean_gap == np.mean(GAPS)
    assert without.point_types[12] is PointType.EXCLUDED


@pytest.mark.accepts("2.21")
@pytest.mark.parametrize("kind", [g_chart, t_chart])
@pytest.mark.parametrize(
    ("gaps", "reason"),
    [
        ([0] * 8, NotComputable("no_gaps", {"found": 8})),
        ([nan] * 8, NotComputable("all_missing")),
        ([12], NotComputable("too_few_points", {"found": 1, "needed": 6})),
        ([12, 12], NotComputable("too_few_points", {"found": 2, "needed": 6})),
        ([*GAPS, -1], NotComputable("impossible_gaps", {"found": 1})),
        ([*GAPS, inf], NotComputable("infinite_values", {"found": 1})),
        ([], NotComputable("all_missing")),
    ],
)
def test_gaps_without_limits_say_why(kind, gaps, reason):
    assert kind(events(*gaps), direction=UP) == reason


@pytest.mark.accepts("2.21")
def test_gaps_that_are_all_the_same_have_a_defined_result():
    assert drawn(g_chart(events(*[20] * 12), direction=UP)).latest.mean_gap == 20
    same = drawn(t_chart(events(*[20] * 12), direction=UP)).latest
    assert (same.lower_limit, same.upper_limit) == (pytest.approx(20), pytest.approx(20))


def test_too_few_neighbours_leave_a_t_chart_without_limits():
    scattered = [10, nan, 12, nan, 9, nan, 14, nan, 8, nan, 11]

    assert t_chart(events(*scattered), direction=UP) == NotComputable("too_few_ranges", {"found": 0, "needed": 5})


def test_several_events_may_share_a_day():
    moments = pd.DatetimeIndex(
        ["2026-01-05", "2026-01-08", "2026-01-08", *pd.date_range("2026-02-01", periods=9, freq="7D")]
    )

    chart = drawn(t_chart(days_between(moments), direction=UP))

    assert len(chart.values) == len(moments) - 1
    assert list(chart.values)[1] == 0


def test_cases_are_counted_from_event_to_event_and_not_over_a_period_that_was_not_measured():
    weeks = pd.date_range("2026-01-05", periods=7, freq="7D")
    happened = pd.Series([1, 0, 1, nan, 1, 0, 1], index=weeks)

    gaps = cases_between(happened, pd.Series([10] * 7, index=weeks))

    assert gaps.index.tolist() == [weeks[2], weeks[4], weeks[6]]
    assert gaps.tolist() == pytest.approx([19, nan, 19], nan_ok=True)


def test_the_callers_mistakes_raise():
    with pytest.raises(ValueError, match="Laney"):
        g_chart(events(*GAPS), direction=UP, limits=LimitsForm.LANEY)
    with pytest.raises(ValueError, match="oldest first"):
        t_chart(events(*GAPS)[::-1], direction=UP)
    with pytest.raises(ValueError, match="n_series"):
        g_charts(np.ones(5), directions=UP)


gap_lists = st.lists(st.integers(0, 60), min_size=6, max_size=30).filter(any)


@settings(deadline=None, max_examples=60)
@given(gap_lists, st.floats(0.01, 100))
def test_the_unit_of_time_changes_no_finding(gaps, scale):
    chart, scaled = (drawn(t_chart(events(*gaps) * factor, direction=UP)) for factor in (1, scale))

    assert scaled.latest.upper_limit == pytest.approx(chart.latest.upper_limit * scale)
    assert scaled.signals == chart.signals


@settings(deadline=None, max_examples=60)
@given(gap_lists)
def test_limits_do_not_know_which_way_time_runs(gaps):
    for kind in (g_chart, t_chart):
        there, back = (drawn(kind(events(*order), direction=UP)).latest for order in (gaps, gaps[::-1]))
        assert back.upper_limit == pytest.approx(there.upper_limit)


@settings(deadline=None, max_examples=40)
@given(st.lists(gap_lists, min_size=1, max_size=4))
def test_many_series_at_once_are_the_same_charts_as_one_by_one(lists):
    longest = max(map(len, lists))
    table = np.array([[*gaps, *[nan] * (longest - len(gaps))] for gaps in lists], dtype=float)

    for many, single in ((g_charts, g_chart), (t_charts, t_chart)):
        found = many(table, directions=UP)
        for row, gaps in enumerate(table):
            one = drawn(single(events(*gaps), direction=UP))
            assert found.upper_limit[row] == one.latest.upper_limit
            assert found.reasons[row] is None
