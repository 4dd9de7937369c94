"""The values that a plan is judged by: its window, of each of its sites and of the treated ones together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from data import records
from data.access import Refused
from data.periods import period_end, period_start
from data.series import MetricSeries, many_series, metric_series, whole_metric
from data.types import Analysis, Grain, Metric, MetricKind, Plan

SMALLEST_GROUP = 5  # a ratio over fewer cases than this can point at a person (common statistical disclosure rule)


@dataclass(frozen=True, slots=True, eq=False)
class TrialData:
    """The analysed window. NaN = not measured, or held back as a ratio over too few cases.

    values, weights: the treated sites together; by_site, site_weights: a column a site id, the treated first, of a
    plan with several sites to tell apart, otherwise empty.
    excluded: measured periods that the analysis leaves out at every site, as the trial began or ended within them;
    partial: all such periods, also those left out (blank in by_site) only at the site that started within them.
    """

    metric: Metric
    series: MetricSeries | None  # the treated sites together, whole
    values: pd.Series
    weights: pd.Series
    by_site: pd.DataFrame
    site_weights: pd.DataFrame
    n_held_back: int
    excluded: tuple[dt.date, ...] = ()
    partial: tuple[dt.date, ...] = ()

    @property
    def counted(self) -> TrialData:
        """The same without the excluded periods."""
        if not self.excluded:
            return self
        left_out = pd.DatetimeIndex(list(self.excluded))
        kept = {name: cells[~cells.index.isin(left_out)] for name, cells in self._cells().items()}
        return replace(self, **kept)

    def _cells(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("values", "weights", "by_site", "site_weights")}

    @property
    def grain(self) -> Grain:
        """How far apart the periods lie."""
        return self.series.grain if self.series else self.metric.frequency

    @property
    def n_measured(self) -> int:
        """How many values there are."""
        return int(self.measured_cells.notna().sum().sum())

    def on_both_sides(self, day: dt.date) -> bool:
        """Whether something that counts was measured before a day, and something from it on."""
        after = self.counted.values.dropna().index >= str(day)  # noqa: PD011 - a field of ours
        return bool(after.any() and not after.all())

    @property
    def measured_cells(self) -> pd.DataFrame:
        """What is analysed: a column a site where they are told apart, otherwise the treated ones together."""
        return self.values.to_frame() if self.by_site.empty else self.by_site


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
    found = TrialData(metric, series, values, weights, by_site, site_weights, more_held_back or held_back)
    return _without_partial(found, plan, last_day)


def _without_partial(data: TrialData, plan: Plan, last_day: dt.date) -> TrialData:
    """Leave out the periods that lie only partly before a start, or only partly before the last day."""
    ends = _measured_part(data, last_day, data.grain) if period_end(last_day, data.grain) > last_day else ()
    if plan.analysis is not Analysis.STAGGERED:
        excluded = tuple(sorted({*_begun(data, plan.starts_on), *ends}))
        return replace(data, excluded=excluded, partial=excluded)
    by_site, site_weights, partial = data.by_site.copy(), data.site_weights.copy(), set(ends)
    for site, start in zip(plan.site_ids, plan.site_starts, strict=True):
        for day in _begun(data, start) if site in by_site else ():
            by_site.loc[_stamp(day), site] = site_weights.loc[_stamp(day), site] = np.nan
            partial.add(day)
    return replace(data, by_site=by_site, site_weights=site_weights, excluded=ends, partial=tuple(sorted(partial)))


def _begun(data: TrialData, starts_on: dt.date) -> tuple[dt.date, ...]:
    """Give the measured period that a start cuts in two; none for a start on a period's first day."""
    grain = data.grain
    return () if period_start(starts_on, grain) == starts_on else _measured_part(data, starts_on, grain)


def _measured_part(data: TrialData, day: dt.date, grain: Grain) -> tuple[dt.date, ...]:
    """Give the period that holds a day, if anything was measured in it."""
    first = period_start(day, grain)
    cells = data.measured_cells
    known = _stamp(first) in cells.index and bool(np.any(cells.loc[[_stamp(first)]].notna()))
    return (first,) if known else ()


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
