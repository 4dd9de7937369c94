"""Series as they stand, or as they were known at a moment: one site's, many sites', or a whole metric's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from data import combine, periods, records
from data.combine import Floats, Rows, Rules
from data.types import Grain, Metric, Site

COMBINED = "*"  # the segment under which several segments of a series, put together, are scored


@dataclass(frozen=True, slots=True, eq=False)
class MetricSeries:
    """One metric of one site, or of all sites together (site None), on its complete calendar. NaN = not measured.

    values, weights: indexed by period start, oldest first; weights are the denominators of a ratio.
    segment: None = combined. data_date: last day, inclusive, of the last measured period.
    """

    metric: Metric
    site: Site | None
    segment: str | None
    grain: Grain
    values: pd.Series
    weights: pd.Series
    data_date: dt.date


@dataclass(frozen=True, slots=True, eq=False)
class SeriesTable:
    """One metric of many sites on one calendar. values, weights: shape (n_sites, n_periods), NaN = not measured.

    data_date: last day, inclusive, of the last period measured anywhere.
    """

    metric: Metric
    grain: Grain
    periods: pd.DatetimeIndex
    site_ids: tuple[str, ...]
    values: Floats
    weights: Floats
    data_date: dt.date


@dataclass(frozen=True, slots=True)
class _Question:
    metric: Metric
    site_ids: Sequence[str] | None
    segment: str | None
    grain: Grain | None
    as_known_on: dt.datetime | None


def metric_series(
    cursor: duckdb.DuckDBPyConnection,
    *,
    site_id: str,
    metric_id: str,
    segment: str | None = None,
    grain: Grain | None = None,
    as_known_on: dt.datetime | None = None,
) -> MetricSeries | None:
    """Read one metric of one site; None where nothing is known.

    segment: one of them, or None = all combined (counts added, others averaged, ratios by their denominators).
    grain: None = as stored; the rules for a coarser one stand in data.combine; there is no finer one (None).
    as_known_on: the moment whose knowledge is asked for, inclusive; None = now.
    """
    site = records.one(cursor, Site, site_id, as_known_on=as_known_on)
    table = many_series(
        cursor, metric_id=metric_id, site_ids=[site_id], segment=segment, grain=grain, as_known_on=as_known_on
    )
    return None if table is None or site is None else one_site(table, 0, site, segment)


def many_series(
    cursor: duckdb.DuckDBPyConnection,
    *,
    metric_id: str,
    site_ids: Sequence[str] | None = None,
    segment: str | None = None,
    grain: Grain | None = None,
    as_known_on: dt.datetime | None = None,
) -> SeriesTable | None:
    """Read one metric of many sites on one calendar; None where nothing is known.

    site_ids: None = every site with data, by id; a site asked for that has none is a row of NaN.
    The other arguments mean what they mean for `metric_series`.
    """
    metric = records.one(cursor, Metric, metric_id, as_known_on=as_known_on)
    if metric is None:
        return None
    question = _Question(metric, site_ids, None if segment == COMBINED else segment, grain, as_known_on)
    found = _site_rows(cursor, question)
    if found is None:
        return None
    sites, source, rows = found
    rules = Rules.of([metric] * len(sites))
    rows = combine.coarsen(rows, rules, source=source, grain=grain or source)
    return _table(metric, grain or source, sites, rows)


def whole_metric(
    cursor: duckdb.DuckDBPyConnection,
    *,
    metric_id: str,
    site_ids: Sequence[str] | None = None,
    grain: Grain | None = None,
    as_known_on: dt.datetime | None = None,
) -> MetricSeries | None:
    """Read all sites of a metric together, as key results do; None where nothing is known.

    A mean needs half of the sites that report at the time (from their first to their last period), a sum all.
    """
    metric = records.one(cursor, Metric, metric_id, as_known_on=as_known_on)
    found = metric and _site_rows(cursor, _Question(metric, site_ids, None, grain, as_known_on))
    if metric is None or not found:
        return None
    _, source, rows = found
    rules = Rules.of([metric])
    order = np.lexsort((rows.series, rows.day))
    together = Rows(
        np.zeros(len(order), np.int64), rows.series[order], rows.day[order], rows.value[order], rows.weight[order]
    )
    whole = combine.combine_members(together, rules, half=True)
    whole = combine.coarsen(whole, rules, source=source, grain=grain or source)
    table = _table(metric, grain or source, ("",), whole)
    return None if table is None else one_site(table, 0, None)


def one_site(table: SeriesTable, place: int, site: Site | None, segment: str | None = None) -> MetricSeries:
    """Take the series at one place of a table; site: whose it is, None = of several together."""
    return MetricSeries(
        metric=table.metric,
        site=site,
        segment=None if segment == COMBINED else segment,
        grain=table.grain,
        values=pd.Series(table.values[place], index=table.periods, name="value"),  # noqa: PD011
        weights=pd.Series(table.weights[place], index=table.periods, name="weight"),
        data_date=table.data_date,
    )


def native_grain(metric: Metric, grains: Sequence[str]) -> Grain:
    """Choose the grain a series is read at when it has values of several: the metric's own, else the finest.

    >>> native_grain(Metric(id="m", name_fr="délai", name_en="delay", unit="d"), ["day", "month"])
    <Grain.MONTH: 'month'>
    """
    if metric.frequency in grains:
        return metric.frequency
    return min((Grain(grain) for grain in grains), key=periods.FINEST_FIRST.index)


def _site_rows(cursor: duckdb.DuckDBPyConnection, question: _Question) -> tuple[tuple[str, ...], Grain, Rows] | None:
    """Read the rows of each site, its segments combined, at the grain they are stored."""
    known, bound = _known(question)
    parts = cursor.execute(f"SELECT DISTINCT site_id, segment, grain FROM ({known})", bound).fetchall()
    source = _source_grain(question, sorted({grain for _, _, grain in parts}))
    if source is None:
        return None
    parts = [(site, segment) for site, segment, grain in parts if grain == source]
    sites = tuple(sorted({site for site, _ in parts})) if question.site_ids is None else tuple(question.site_ids)
    segments = sorted({segment for _, segment in parts})
    found = cursor.execute(
        f"SELECT n.series, n.member, k.period_start, k.value, k.weight FROM ({known}) k JOIN (SELECT "
        "unnest(?) AS site_id, unnest(?) AS segment, unnest(?) AS series, unnest(?) AS member) n "
        "ON k.site_id = n.site_id AND k.segment = n.segment WHERE k.grain = ? "
        "ORDER BY n.series, k.period_start, n.member",
        [*bound, *_numbered(parts, sites, segments), str(source)],
    ).fetchnumpy()
    rows = rows_of(found)
    if len(segments) > 1:
        rows = combine.combine_members(rows, Rules.of([question.metric] * len(sites)), half=False)
    return sites, source, rows


def _numbered(
    parts: Sequence[tuple[str, str]], sites: Sequence[str], segments: Sequence[str]
) -> tuple[list[str], list[str], list[int], list[int]]:
    """Number the parts of series: site, segment, and the place of each among sites and segments."""
    series = {site: place for place, site in enumerate(sites)}
    member = {segment: place for place, segment in enumerate(segments)}
    return (
        [site for site, _ in parts],
        [segment for _, segment in parts],
        [series[site] for site, _ in parts],
        [member[segment] for _, segment in parts],
    )


def rows_of(found: dict[str, Any]) -> Rows:
    """Turn fetched columns (series, member, period_start, value, weight) into rows."""
    return Rows(
        np.asarray(found["series"], np.int64),
        np.asarray(found["member"], np.int64),
        np.asarray(found["period_start"]).astype("datetime64[D]"),
        np.asarray(found["value"], np.float64),
        filled(found["weight"]),
    )


def filled(column: Any) -> Floats:
    """Turn a fetched column of numbers into an array with NaN where there is none."""
    return np.asarray(np.ma.filled(column.astype(np.float64), np.nan), np.float64)


def _known(question: _Question) -> tuple[str, list[object]]:
    """Write the relation of the values that are known, and what is bound in it."""
    where, bound = "metric_id = ?", [question.metric.id]
    if question.site_ids is not None:
        where += f" AND site_id IN ({', '.join('?' * len(question.site_ids)) or 'NULL'})"
        bound += question.site_ids
    if question.segment is not None:
        where += " AND segment = ?"
        bound.append(question.segment)
    columns = "site_id, segment, grain, period_start, value, weight"
    if question.as_known_on is None:
        return f"SELECT {columns} FROM cur WHERE {where}", list(bound)
    moment = records.stored_time(question.as_known_on)
    return (
        f"SELECT {columns} FROM obs WHERE {where} AND {STANDING_THEN} QUALIFY {NEWEST_LOAD}",
        [*bound, moment, moment],
    )


# Values recorded by a moment, of loads not undone by then.
STANDING_THEN = "recorded_at <= ? AND batch_id NOT IN (SELECT batch_id FROM batch_undo WHERE recorded_at <= ?)"
NEWEST_LOAD = (
    "row_number() OVER (PARTITION BY metric_id, site_id, segment, period_start, grain ORDER BY load_number DESC) = 1"
)


def _source_grain(question: _Question, grains: list[str]) -> Grain | None:
    if question.grain is not None:
        coarsest = periods.FINEST_FIRST.index(question.grain)
        grains = [grain for grain in grains if periods.FINEST_FIRST.index(Grain(grain)) <= coarsest]
    if not grains:
        return None
    return question.grain if question.grain in grains else native_grain(question.metric, grains)


def _table(metric: Metric, grain: Grain, sites: tuple[str, ...], rows: Rows) -> SeriesTable | None:
    if len(rows.series) == 0:
        return None
    number = periods.ordinals(rows.day, grain)
    first, last = int(number.min()), int(number.max())
    values = np.full((len(sites), last - first + 1), np.nan)
    weights = values.copy()
    values[rows.series, number - first] = rows.value
    weights[rows.series, number - first] = rows.weight
    calendar = periods.starts(np.arange(first, last + 1), grain)
    if grain is Grain.DAY:
        usual = np.any(combine.usual_weekdays(rows, len(sites)), axis=0, keepdims=True)[0]
        kept = usual[periods.weekdays(calendar)] | np.isfinite(values).any(axis=0)
        calendar, values, weights = calendar[kept], values[:, kept], weights[:, kept]
    return SeriesTable(
        metric=metric,
        grain=grain,
        periods=pd.DatetimeIndex(calendar, name="period_start").as_unit("s"),
        site_ids=sites,
        values=values,
        weights=weights,
        data_date=periods.period_end(periods.as_date(rows.day.max()), grain),
    )
