"""Where values come from, how fresh they are, and which are missing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import duckdb

from data import periods
from data.series import metric_series
from data.types import Grain


@dataclass(frozen=True, slots=True)
class KnownValue:
    """One value that a load brought for a key, and where it stood in the file. stands: it is the current one.

    mended: the cells of its row that the keeper mended: place -> (what stood there, what was read).
    """

    value: float
    weight: float | None
    mark: str
    batch_id: str
    file_name: str
    sheet: str | None
    source_row: int | None
    source_column: str | None
    person_id: str
    recorded_at: dt.datetime
    reason: str
    undone: bool
    stands: bool
    mended: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a series is. days_late: days since the next period should have been there; 0 = on time."""

    site_id: str
    metric_id: str
    grain: Grain
    last_period: dt.date
    days_late: int


def provenance(
    cursor: duckdb.DuckDBPyConnection,
    *,
    site_id: str,
    metric_id: str,
    period_start: dt.date,
    grain: Grain,
    segment: str = "",
) -> list[KnownValue]:
    """Read each value that was ever known for a key, oldest first: file, row, column, who loaded it and when."""
    rows = cursor.execute(
        "SELECT o.value, o.weight, o.mark, b.id, b.file_name, b.sheet, o.source_row, o.source_column, b.person_id, "
        "o.recorded_at, b.reason, b.id IN (SELECT batch_id FROM batch_undo) AS undone "
        "FROM obs o JOIN batch b ON o.batch_id = b.id WHERE o.site_id = ? AND o.metric_id = ? AND o.segment = ? "
        "AND o.period_start = ? AND o.grain = ? ORDER BY o.load_number",
        [site_id, metric_id, segment, period_start, str(grain)],
    ).fetchall()
    standing = [place for place, row in enumerate(rows) if not row[-1]]
    fields = [field.name for field in dataclasses.fields(KnownValue)]
    mends = _mends(cursor, {row[3] for row in rows})
    return [
        KnownValue(
            **{**dict(zip(fields, row, strict=False)), "recorded_at": row[9].replace(tzinfo=dt.UTC)},
            stands=standing[-1:] == [place],
            mended=_of_row(mends.get(row[3], {}), row[6]),
        )
        for place, row in enumerate(rows)
    ]


def _mends(cursor: duckdb.DuckDBPyConnection, batch_ids: Collection[str]) -> dict[str, dict[str, tuple[str, str]]]:
    marks = ", ".join("?" * len(batch_ids)) or "NULL"
    found = cursor.execute(f"SELECT id, mended FROM batch WHERE mended <> '' AND id IN ({marks})", [*batch_ids])
    return {
        batch_id: {place: (before, after) for place, (before, after) in json.loads(text).items()}
        for batch_id, text in found.fetchall()
    }


def _of_row(mends: Mapping[str, tuple[str, str]], row: int | None) -> dict[str, tuple[str, str]]:
    return {place: texts for place, texts in mends.items() if place.lstrip(string.ascii_uppercase) == str(row)}


def freshness(cursor: duckdb.DuckDBPyConnection, today: dt.date) -> list[Freshness]:
    """Read how late each series is, by site and metric: late once the period after its last one is over.

    For a daily series that period is its next usual weekday.
    """
    rows = cursor.execute(
        "SELECT site_id, metric_id, stored_grain, max(stored_last), max(weekdays) FROM score "
        "GROUP BY site_id, metric_id, stored_grain ORDER BY site_id, metric_id"
    ).fetchall()
    return [
        Freshness(site, metric, Grain(grain), last, _days_late(last, Grain(grain), weekdays, today))
        for site, metric, grain, last, weekdays in rows
    ]


def missing_periods(cursor: duckdb.DuckDBPyConnection, *, site_id: str, metric_id: str) -> list[dt.date]:
    """List the periods between the first and the last of a series that have no value, segments combined."""
    series = metric_series(cursor, site_id=site_id, metric_id=metric_id)
    if series is None:
        return []
    return [stamp.date() for stamp in series.values.index[series.values.isna()]]


def _days_late(last: dt.date, grain: Grain, weekdays: str | None, today: dt.date) -> int:
    following = periods.period_end(last, grain) + dt.timedelta(days=1)
    while weekdays and "1" in weekdays and weekdays[following.weekday()] == "0":
        following += dt.timedelta(days=1)
    return max(0, (today - periods.period_end(following, grain)).days - 1)
