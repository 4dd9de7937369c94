"""The chart of a series: the one that fits its metric, or the one asked for, with what was decided of its limits."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.results import Direction, LimitsKind, NotComputable, PointType, Rule, XmrChart
from analytics.results_charts import AttributeChart, ChartKind, RareEventChart, RunChart
from data.charted import chart_as_asked, fitting
from data.limits import LimitDecisions
from data.series import MetricSeries
from data.types import Decision, DecisionType, Grain, Metric, MetricKind

FIRST = dt.date(2026, 1, 5)
UNIT = {MetricKind.RATIO: "%"}
nan = float("nan")


def series_of(kind: MetricKind, values, weights=None, *, grain=Grain.WEEK, direction=Direction.DOWN) -> MetricSeries:
    index = pd.date_range(FIRST, periods=len(values), freq="D" if grain is Grain.DAY else "7D")
    metric = Metric(
        id="m", name_fr="m", name_en="m", unit=UNIT.get(kind, ""), kind=kind, direction=direction, frequency=grain
    )
    exposure = [nan] * len(values) if weights is None else weights
    return MetricSeries(
        metric, None, None, grain, pd.Series([float(v) for v in values], index=index),
        pd.Series([float(w) for w in exposure], index=index), index[-1].date(),
    )  # fmt: skip


def drawn(series: MetricSeries, **asked):
    return chart_as_asked(series, series, **asked)


def decision(kind: DecisionType, week: int) -> Decision:
    day = FIRST + dt.timedelta(weeks=week)
    return Decision(
        id=f"{kind}-{week}", number=1, type=kind, title="t", note="why", owner_id="ada", applies_on=day, site_id="s",
        metric_id="m", period_start=day, grain=Grain.WEEK,
    )  # fmt: skip


@pytest.mark.accepts("2.2")
@pytest.mark.parametrize(
    ("series", "kind", "form"),
    [
        (series_of(MetricKind.MEASURE, [12, 11, 13] * 8), ChartKind.XMR, XmrChart),
        (series_of(MetricKind.RATIO, [90, 88, 92] * 8, [100, 150, 50] * 8), ChartKind.P, AttributeChart),
        (series_of(MetricKind.RATIO, [190, 88, 92] * 8, [100, 150, 50] * 8), ChartKind.U, AttributeChart),
        (series_of(MetricKind.COUNT, [12, 9, 14] * 8), ChartKind.C, AttributeChart),
        (series_of(MetricKind.RATIO, [0, 0, 0, 1] * 9, [100] * 36), ChartKind.G, RareEventChart),
        (series_of(MetricKind.COUNT, [0, 0, 0, 1] * 9), ChartKind.T, RareEventChart),
    ],
)
def test_a_series_takes_the_chart_of_its_metrics_kind(series, kind, form):
    found, chart = drawn(series)

    assert found is kind
    assert isinstance(chart, form)


@pytest.mark.accepts("2.2", "2.4")
def test_a_short_series_has_trial_limits_until_somebody_takes_the_run_chart_that_is_suggested():
    short = series_of(MetricKind.MEASURE, [12, 11, 13, 12] * 2)

    kind, chart = drawn(short)
    _, asked = drawn(short, kind=ChartKind.RUN)

    assert (kind, chart.latest.kind) == (ChartKind.XMR, LimitsKind.TRIAL)
    assert fitting(short).choice.kind is ChartKind.RUN
    assert isinstance(asked, RunChart)
    assert asked.latest.median == 12


def test_a_chart_that_does_not_fit_is_passed_over():
    assert drawn(series_of(MetricKind.MEASURE, [12, 11] * 8), kind=ChartKind.P)[0] is ChartKind.XMR


@pytest.mark.accepts("2.21")
@pytest.mark.parametrize("share", [0, 100])
def test_a_share_that_never_varies_still_has_its_individual_values(share):
    kind, chart = drawn(series_of(MetricKind.RATIO, [share] * 24, [50] * 24))

    assert kind is ChartKind.XMR
    assert (chart.latest.lower_limit, chart.latest.upper_limit) == (share, share)


def test_the_reason_stands_where_the_chart_that_was_asked_for_cannot_be_had():
    kind, chart = drawn(series_of(MetricKind.RATIO, [100] * 24, [50] * 24), kind=ChartKind.P)

    assert (kind, chart) == (ChartKind.P, NotComputable("all_events", {"found": 24}))


@pytest.mark.parametrize(
    ("values", "direction", "gaps"),
    [
        ([0, 0, 1, 0, 0] * 8, Direction.DOWN, Direction.UP),
        ([100, 100, 99, 100, 100] * 8, Direction.UP, Direction.UP),
        ([0, 0, 1, 0, 0] * 8, Direction.UP, Direction.DOWN),
        ([0, 0, 1, 0, 0] * 8, Direction.NEUTRAL, Direction.NEUTRAL),
    ],
)
def test_gaps_are_wanted_long_where_the_event_is_not_wanted(values, direction, gaps):
    _, chart = drawn(series_of(MetricKind.RATIO, values, [100] * 40, direction=direction), kind=ChartKind.G)

    assert chart.direction is gaps
    assert set(chart.values) == {499}


def test_days_between_events_are_read_at_the_finest_grain_and_count_the_day_itself():
    weeks = series_of(MetricKind.COUNT, [1] * 8)
    days = series_of(MetricKind.COUNT, [0, 0, 1, 0, 0, 0, 0] * 8, grain=Grain.DAY)

    _, chart = chart_as_asked(weeks, days, kind=ChartKind.T)

    assert set(chart.values) == {7}
    assert chart.periods[0] == pd.Timestamp("2026-01-14")


def test_a_missing_day_loses_count_of_the_gap_that_holds_it():
    values = [0, 0, 1, 0, 0, nan, 1, *[0, 0, 1] * 8]

    _, chart = drawn(series_of(MetricKind.COUNT, values, grain=Grain.DAY), kind=ChartKind.T)

    assert np.isnan(chart.values[0])  # noqa: PD011
    assert set(chart.values[1:]) == {3}  # noqa: PD011


@pytest.mark.accepts("2.5", "2.8", "2.15")
@pytest.mark.parametrize("kind", list(ChartKind))
def test_steps_frozen_limits_and_left_out_points_hold_on_every_kind_of_chart(kind):
    draw = np.random.default_rng(4)
    events = draw.poisson(1, 60)
    series = {
        ChartKind.P: series_of(MetricKind.RATIO, events * 2, [50] * 60),
        ChartKind.G: series_of(MetricKind.RATIO, events * 2, [50] * 60),
        ChartKind.U: series_of(MetricKind.COUNT, events, [3, 4] * 30),
    }.get(kind, series_of(MetricKind.COUNT, events))
    event = int(np.flatnonzero(events)[-3])
    decided = LimitDecisions(
        steps=(decision(DecisionType.STEP, 20),),
        baselines=(decision(DecisionType.BASELINE, 40),),
        exclusions=(decision(DecisionType.EXCLUSION, event),),
    )

    found, chart = drawn(series, kind=kind, decided=decided)

    assert found is kind
    assert len(chart.phases) == 2
    left_out = {day.date() for day, k in zip(chart.periods, chart.point_types, strict=True) if k is PointType.EXCLUDED}
    assert left_out == {FIRST + dt.timedelta(weeks=event)}
    assert chart.phases[0].frozen_until is None
    assert dt.timedelta(0) <= FIRST + dt.timedelta(weeks=40) - chart.phases[1].frozen_until <= dt.timedelta(weeks=4)


@pytest.mark.accepts("2.8", "2.15")
def test_a_late_or_restated_row_moves_neither_a_step_nor_frozen_limits_nor_a_point_left_out():
    values = [10, 12, 11] * 8 + [15, 17, 16] * 8
    decided = LimitDecisions(
        (decision(DecisionType.STEP, 24),),
        (decision(DecisionType.BASELINE, 36),),
        (decision(DecisionType.EXCLUSION, 5),),
    )
    late, restated = [nan, *values[1:]], [13, *values[1:]]

    for told in (values, late, restated):
        _, chart = drawn(series_of(MetricKind.MEASURE, told), decided=decided)
        assert chart.phases[1].start == FIRST + dt.timedelta(weeks=24)
        assert chart.phases[1].frozen_until == FIRST + dt.timedelta(weeks=36)
        assert [i for i, k in enumerate(chart.point_types) if k is PointType.EXCLUDED] == [5]


@pytest.mark.accepts("2.3")
def test_only_the_chosen_rules_mark_points():
    series = series_of(MetricKind.MEASURE, [10, 12] * 10 + [12.5, 13, 12.8, 12.9, 13, 12.7, 12.6, 13])

    _, all_of_them = drawn(series)
    _, limits_alone = drawn(series, rules=(Rule.OUTSIDE_LIMITS,))

    assert {signal.rule for signal in all_of_them.signals} == {Rule.RUN}
    assert limits_alone.signals == ()
