"""Which series have values, in which segments, and over which time."""

from __future__ import annotations

import datetime as dt

import duckdb


def measured_segments(cursor: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[str, ...]]:
    """Name the segments of each (site_id, metric_id) that has values, in order; a plain series has the segment ""."""
    rows = cursor.execute(
        "SELECT site_id, metric_id, list(DISTINCT segment ORDER BY segment) FROM score WHERE segment <> '*' "
        "GROUP BY ALL ORDER BY 1, 2"
    ).fetchall()
    return {(site, metric): tuple(segments) for site, metric, segments in rows}


def measured_spans(cursor: duckdb.DuckDBPyConnection) -> dict[str, tuple[dt.date, dt.date]]:
    """Read the first and the last period's start of each metric that has values, over all its sites."""
    rows = cursor.execute(
        "SELECT metric_id, min(period_start), max(period_start) FROM cur GROUP BY metric_id ORDER BY metric_id"
    ).fetchall()
    return {metric_id: (first, last) for metric_id, first, last in rows}
