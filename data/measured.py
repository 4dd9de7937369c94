"""Which series have values, and in which segments."""

from __future__ import annotations

import duckdb


def measured_segments(cursor: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[str, ...]]:
    """Name the segments of each (site_id, metric_id) that has values, in order; a plain series has the segment ""."""
    rows = cursor.execute(
        "SELECT site_id, metric_id, list(DISTINCT segment ORDER BY segment) FROM score WHERE segment <> '*' "
        "GROUP BY ALL ORDER BY 1, 2"
    ).fetchall()
    return {(site, metric): tuple(segments) for site, metric, segments in rows}
