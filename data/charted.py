"""The chart of a series: which kinds fit it, and the one asked for, with what people decided of its limits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.results import Direction, NotComputable, Rule
from analytics.results_charts import ChartChoice, ChartKind, ControlChart, RunChart
from analytics.spc import (
    c_chart,
    cases_between,
    chart_for,
    charts_that_fit,
    counts_behind,
    g_chart,
    p_chart,
    run_chart,
    t_chart,
    u_chart,
    xmr_chart,
)
from analytics.spc_choices import Choices
from data import periods
from data.combine import Floats
from data.limits import LimitDecisions
from data.series import MetricSeries
from data.types import Metric, MetricKind

Chart = ControlChart | RunChart
RARE = frozenset({ChartKind.G, ChartKind.T})  # one point an event, at the finest grain there is
COUNTED = frozenset({MetricKind.RATIO, MetricKind.COUNT})  # whose charts follow what is counted
ALL_RULES = tuple(Rule)
_PER = {"%": 100.0, "‰": 1000.0}  # what a share in this unit is shown per
_OPPOSITE = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP, Direction.NEUTRAL: Direction.NEUTRAL}


@dataclass(frozen=True, slots=True)
class Fitting:
    """Which chart is suggested and why, and all that may be chosen, the metric's own limits first."""

    choice: ChartChoice
    kinds: tuple[ChartKind, ...]

    @property
    def unasked(self) -> ChartKind:
        """The chart drawn when nobody chooses."""
        return _unasked(self.choice, lambda: self.kinds)


def fitting(series: MetricSeries) -> Fitting:
    """Find which charts fit a series, from its metric's kind and its values and denominators."""
    kind, per = str(series.metric.kind), shown_per(series.metric)
    values, denominators = series.values.to_numpy(np.float64), series.weights.to_numpy(np.float64)  # noqa: PD011
    choice = chart_for(kind, values, denominators, per=per)
    kinds = charts_that_fit(kind, values, denominators, per=per)
    return Fitting(choice, kinds if choice.kind in kinds else (choice.kind, *kinds))


def unasked_kind(metric: Metric, values: Floats, denominators: Floats) -> ChartKind:
    """Find the chart of a series drawn when nobody chooses, as `fitting` does, and no other that fits."""
    kind, per = str(metric.kind), shown_per(metric)
    choice = chart_for(kind, values, denominators, per=per)
    return _unasked(choice, lambda: charts_that_fit(kind, values, denominators, per=per))


def _unasked(choice: ChartChoice, kinds: Callable[[], Sequence[ChartKind]]) -> ChartKind:
    """The suggested one, but the first that fits, with limits called trial limits, while the series is short."""
    return kinds()[0] if choice.reason == "short" else choice.kind


def chart_as_asked(
    series: MetricSeries,
    finest: MetricSeries,
    *,
    kind: ChartKind | None = None,
    decided: LimitDecisions = LimitDecisions(),  # noqa: B008 frozen
    rules: Collection[Rule] = ALL_RULES,
) -> tuple[ChartKind, Chart | NotComputable]:
    """Chart a series as asked for, or as fits it best; what is asked for and does not fit is passed over.

    finest: the same series as it is stored, for the gaps between rare events.
    kind: None = the one that fits, and individual values where that one cannot be had.
    """
    found = fitting(series)
    if kind is not None and kind in found.kinds:
        return kind, charted(finest if kind in RARE else series, kind, decided=decided, rules=rules)
    unasked = found.unasked
    chart = charted(finest if unasked in RARE else series, unasked, decided=decided, rules=rules)
    if isinstance(chart, NotComputable) and unasked is not ChartKind.XMR:
        return ChartKind.XMR, charted(series, ChartKind.XMR, decided=decided, rules=rules)
    return unasked, chart


def charted(
    series: MetricSeries, kind: ChartKind, *, decided: LimitDecisions, rules: Collection[Rule] = ALL_RULES
) -> Chart | NotComputable:
    """Draw the limits of one kind of chart, with the steps, frozen baselines and left-out points decided on."""
    values, direction = series.values, series.metric.direction  # noqa: PD011
    steps, until = decided.step_days, decided.baseline_days
    excluded = decided.left_out(pd.DatetimeIndex(values.index), series.grain)
    choices: Choices = {"steps": steps, "baseline_until": until, "excluded": excluded, "rules": rules}
    match kind:
        case ChartKind.RUN:
            return run_chart(values, direction=direction, steps=steps, baseline_until=until, excluded=excluded)
        case ChartKind.P | ChartKind.U:
            draw, per = (p_chart if kind is ChartKind.P else u_chart), shown_per(series.metric)
            return draw(_counts(series), series.weights, direction=direction, per=per, **choices)
        case ChartKind.C:
            return c_chart(values, direction=direction, **choices)
        case ChartKind.G | ChartKind.T:
            return _rare(series, kind, choices)
    return xmr_chart(values, direction=direction, steps=steps, baseline_until=until, excluded=excluded, rules=rules)


def shown_per(metric: Metric) -> float:
    """Tell what a share of this metric is shown per: 100 for per cent."""
    return _PER.get(metric.unit, 1.0)


def _counts(series: MetricSeries) -> pd.Series:
    counts = counts_behind(series.values.to_numpy(), series.weights.to_numpy(), shown_per(series.metric))  # noqa: PD011
    return pd.Series(counts, index=series.values.index)  # noqa: PD011


def _rare(series: MetricSeries, kind: ChartKind, choices: Choices) -> Chart | NotComputable:
    """Chart the gaps between events; of shares near the whole, between those that were not."""
    events, of_a_share = series.values, series.weights.notna().any()  # noqa: PD011
    wanted = _OPPOSITE[series.metric.direction]
    if of_a_share:
        events = _counts(series)
        if (2 * events > series.weights).mean() > 1 / 2:
            events, wanted = series.weights - events, series.metric.direction
    if kind is ChartKind.G:
        return g_chart(cases_between(events.round(), series.weights), direction=wanted, **choices)
    # An event ends its share of its period's days, as a case does of its period's cases: the day itself counts.
    return t_chart(cases_between(events.round(), _days(series)) + 1, direction=wanted, **choices)


def _days(series: MetricSeries) -> pd.Series:
    """Count the days from each period's first to the next one's."""
    starts = series.weights.index.to_numpy().astype("datetime64[D]")
    last = periods.period_end(periods.as_date(starts[-1]), series.grain)
    ends = np.append(starts[1:], np.datetime64(last, "D") + np.timedelta64(1, "D"))
    return pd.Series((ends - starts).astype(np.float64), index=series.weights.index)
