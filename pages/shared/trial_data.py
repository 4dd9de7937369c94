"""The values that a plan is judged by: its window, of each of its sites and of the treated ones together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from data import records
from data.access import Refused
from data.series import MetricSeries, many_series, metric_series, whole_metric
from data.types import Analysis, Grain, Metric, MetricKind, Plan

SMALLEST_GROUP = 5  # a ratio over fewer cases than this can point at a person (common statistical disclosure rule)


@dataclass(frozen=True, slots=True, eq=False)
class TrialData:
    """The analysed window. NaN = not measured, or held back as a ratio over too few cases.

    values, weights: the treated sites together; by_site, site_weights: a column a site id, the treated first, of a
    plan with several sites to tell apart, otherwise empty.
    """

    metric: Metric
    series: MetricSeries | None  # the treated sites together, whole
    values: pd.Series
    weights: pd.Series
    by_site: pd.DataFrame
    site_weights: pd.DataFrame
    n_held_back: int

    @property
    def grain(self) -> Grain:
        """How far apart the periods lie."""
        return self.series.grain if self.series else self.metric.frequency

    @property
    def n_measured(self) -> int:
        """How many values there are."""
        return int((self.values.to_frame() if self.by_site.empty else self.by_site).notna().sum().sum())


def trial_data(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    *,
    until: dt.date | None = None,
    metric_id: str | None = None,
    as_known_on: dt.datetime | None = None,
) -> TrialData:
    """Read what a plan is judged by. Raises Refused("unknown_record") for a metric that is not there.

    until: the last day that counts, where that is before the plan's end; metric_id: another metric, for a guardrail;
    as_known_on: the moment whose knowledge is asked for, inclusive.
    """
    chosen = metric_id or plan.metric_id
    metric = records.one(cursor, Metric, chosen)
    if metric is None:
        raise Refused("unknown_record", kind=Metric.table, id=chosen)
    grain = plan.grain if chosen == plan.metric_id else None
    series = _together(cursor, plan, chosen, grain, as_known_on)
    last_day = min(plan.ends_on, until or plan.ends_on)
    if series is None:
        nothing = pd.Series([], index=pd.DatetimeIndex([]), dtype=float)
        values, weights, held_back = nothing, nothing.copy(), 0
    else:
        window = slice(_stamp(plan.baseline_from), _stamp(last_day))
        values, weights = series.values.loc[window].copy(), series.weights.loc[window].copy()  # noqa: PD011
        held_back = _hold_back(values, weights, metric)
    by_site, site_weights, more_held_back = _each_site(cursor, plan, metric, grain, last_day, as_known_on)
    return TrialData(metric, series, values, weights, by_site, site_weights, more_held_back or held_back)


def _together(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, metric_id: str, grain: Grain | None, as_known_on: dt.datetime | None
) -> MetricSeries | None:
    if len(plan.site_ids) == 1:
        return metric_series(
            cursor, site_id=plan.site_ids[0], metric_id=metric_id, grain=grain, as_known_on=as_known_on
        )
    return whole_metric(cursor, metric_id=metric_id, site_ids=plan.site_ids, grain=grain, as_known_on=as_known_on)


def _each_site(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, metric: Metric, grain: Grain | None, last_day: dt.date,
    as_known_on: dt.datetime | None,
) -> tuple[pd.DataFrame, pd.DataFrame, int]:  # fmt: skip
    nothing = pd.DataFrame(index=pd.DatetimeIndex([]))
    if plan.analysis is Analysis.SINGLE_SITE:
        return nothing, nothing.copy(), 0
    sites = [*plan.site_ids, *plan.comparison_site_ids]
    table = many_series(cursor, metric_id=metric.id, site_ids=sites, grain=grain, as_known_on=as_known_on)
    if table is None:
        return nothing, nothing.copy(), 0
    window = slice(_stamp(plan.baseline_from), _stamp(last_day))
    values, weights = (
        pd.DataFrame(cells.T, index=table.periods, columns=list(table.site_ids))[sites].loc[window]
        for cells in (table.values, table.weights)  # noqa: PD011
    )
    held_back = 0
    for site in sites:
        of_site, cases = values[site].copy(), weights[site].copy()
        held_back += _hold_back(of_site, cases, metric)
        values[site], weights[site] = of_site, cases
    return values, weights, held_back


def _hold_back(values: pd.Series, weights: pd.Series, metric: Metric) -> int:
    """Blank the ratios over fewer than SMALLEST_GROUP cases, and count them."""
    if metric.kind is not MetricKind.RATIO:
        return 0
    small = (weights < SMALLEST_GROUP) & values.notna()
    values[small], weights[small] = np.nan, np.nan
    return int(small.sum())


def _stamp(day: dt.date | None) -> pd.Timestamp | None:
    return None if day is None else pd.Timestamp(day)
