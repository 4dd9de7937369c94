"""Which chart each series of a block is drawn as; those of rare events, a point an event, are read one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analytics.results import NotComputable, PointType, Signal
from analytics.results_charts import ChartKind, RareEventChart
from analytics.spc import variation
from analytics.spc_rules import RULES
from data import periods
from data.charted import COUNTED, RARE, chart_as_asked, unasked_kind
from data.limits import LimitDecisions, Pair
from data.score_grid import Block, Grid
from data.series import MetricSeries
from data.types import Grain, Metric

Laid = tuple[Block, Grid]  # a block and how it is laid out
_GOOD = {PointType.IMPROVEMENT: True, PointType.CONCERN: False}
_PRIORITY = [name for name, _ in RULES]


def chart_kinds(grid: Grid, metrics: Sequence[Metric]) -> list[ChartKind]:
    """Choose each series' chart as its page does when nobody asks for another."""
    found = [ChartKind.XMR] * len(metrics)
    for series, metric in enumerate(metrics):
        if metric.kind in COUNTED and grid.n_points[series]:
            own = slice(grid.first_row[series], grid.last_row[series] + 1)
            found[series] = unasked_kind(metric, grid.rows.value[own], grid.rows.weight[own])
    return found


def read_rare(
    charted: Laid, stored: Laid, kinds: Sequence[ChartKind], metrics: Sequence[Metric],
    limits: Mapping[Pair, LimitDecisions], columns: dict[str, Any],
) -> None:  # fmt: skip
    """Write what the charts of rare events say into the columns of a block's scores."""
    those = [series for series, kind in enumerate(kinds) if kind in RARE]
    if not those:
        return
    names = charted[0].names
    pairs = list(zip(names["metric_id"], names["site_id"], strict=True))
    for series in those:
        decided = limits.get(pairs[series], LimitDecisions())
        own, finest = (_series(grid, series, block.grain, metrics[series]) for block, grid in (charted, stored))
        kind, chart = chart_as_asked(own, finest, decided=decided)
        if isinstance(chart, RareEventChart):
            columns["chart"][series] = str(kind)
            for name, value in _read(chart).items():
                columns[name][series] = value


def _series(grid: Grid, series: int, grain: Grain, metric: Metric) -> MetricSeries:
    calendar = grid.calendar(series, grain)
    own = slice(grid.first_row[series], grid.last_row[series] + 1)
    index = pd.DatetimeIndex(calendar, name="period_start").as_unit("s")
    place = np.searchsorted(calendar, grid.rows.day[own])
    values, weights = np.full(len(calendar), np.nan), np.full(len(calendar), np.nan)
    values[place], weights[place] = grid.rows.value[own], grid.rows.weight[own]
    return MetricSeries(
        metric=metric, site=None, segment=None, grain=grain, values=pd.Series(values, index, name="value"),
        weights=pd.Series(weights, index, name="weight"),
        data_date=periods.period_end(periods.as_date(calendar[-1]), grain),
    )  # fmt: skip


def _read(chart: RareEventChart) -> dict[str, Any]:
    last, said = chart.latest, variation(chart)
    signal = _in_force(chart)
    return {
        "mean": np.nan if last.mean is None else last.mean,
        "lower_limit": np.nan if last.lower_limit is None else last.lower_limit,
        "upper_limit": np.nan if last.upper_limit is None else last.upper_limit,
        "limits_kind": str(last.kind),
        "variation": None if isinstance(said, NotComputable) else str(said),
        "assurance": None,  # a target is in the metric's unit, these limits are in cases or days between events
        "phase_start": np.datetime64(last.start, "D"),
        "signal_rule": None if signal is None else str(signal.rule),
        "signal_side": None if signal is None else str(signal.side),
        "signal_start": np.datetime64("NaT", "D") if signal is None else np.datetime64(signal.start, "D"),
        "signal_points": 0 if signal is None else signal.n_points,
        "signal_good": None if signal is None else _GOOD.get(signal.point_type),
    }


def _in_force(chart: RareEventChart) -> Signal | None:
    """The longest signal that the newest event stands in; of equal lengths, the first rule."""
    newest = chart.periods[-1].date()
    standing = [s for s in chart.signals if s.end >= newest and s.start >= chart.latest.start]
    return max(standing, key=lambda s: (s.n_points, -_PRIORITY.index(s.rule)), default=None)
