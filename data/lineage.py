"""Where values come from, how fresh they are, and which are missing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import duckdb

from data import numbering, periods, records
from data.series import metric_series
from data.types import Batch, Decision, Grain

LONGEST_PERIOD = dt.timedelta(days=366)
STANDING = "load NOT IN (SELECT load FROM loaded WHERE batch_id IN (SELECT batch_id FROM batch_undo))"
SHOWN = 200  # values that an undo brings back, listed; the counts hold them all


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


@dataclass(frozen=True, slots=True)
class ComesBack:
    """One value that an undo gives back: what stands now, and what stood before."""

    site_id: str
    metric_id: str
    segment: str
    period_start: dt.date
    grain: Grain
    now: float
    before: float


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing a load would do.

    n_vanish: values with nothing before them. n_come_back: values that give way to earlier ones, the first SHOWN listed.
    n_overtaken: values that a later load replaced already: they stay. later: standing loads after it that touch the
        same values. decisions: pinned on a value that would change. site_ids: the sites that need the right.
    """

    n_vanish: int
    n_come_back: int
    n_overtaken: int
    come_back: tuple[ComesBack, ...]
    later: tuple[Batch, ...]
    decisions: tuple[Decision, ...]
    site_ids: tuple[str, ...]


def undo_preview(cursor: duckdb.DuckDBPyConnection, batch_id: str) -> UndoPreview:
    """Say what undoing a load would do, changing nothing."""
    load = numbering.load_of(cursor, batch_id)
    if load is None:
        return UndoPreview(0, 0, 0, (), (), (), ())
    _foresee(cursor, load)
    leaving = _count(cursor, "SELECT count(*) FROM leaving")
    back = _count(cursor, "SELECT count(*) FROM returning_values")
    brought = _count(cursor, "SELECT count(*) FROM obs_row WHERE load = ?", load)
    rows = cursor.execute(
        "SELECT s.site_id, s.metric_id, s.segment, r.period_start, s.grain, l.value, r.before FROM returning_values r "
        "JOIN leaving l USING (series, period_start) JOIN series s USING (series) "
        f"ORDER BY s.metric_id, s.site_id, s.segment, r.period_start LIMIT {SHOWN}"
    ).fetchall()
    later = cursor.execute(
        "SELECT DISTINCT l.batch_id FROM obs_row n JOIN obs_row o ON n.series = o.series AND n.period_start = o.period_start "
        f"JOIN loaded l ON n.load = l.load WHERE o.load = ? AND n.load_number > o.load_number AND n.{STANDING}",
        [load],
    ).fetchall()
    sites = cursor.execute(
        "SELECT DISTINCT site_id FROM series SEMI JOIN obs_row o ON series.series = o.series AND o.load = ? ORDER BY 1",
        [load],
    ).fetchall()
    found = UndoPreview(
        n_vanish=leaving - back, n_come_back=back, n_overtaken=brought - leaving,
        come_back=tuple(
            ComesBack(site, metric, segment, start, Grain(grain), now, before)
            for site, metric, segment, start, grain, now, before in rows
        ),
        later=tuple(batch for batch in records.current(cursor, Batch) if (batch.id,) in later),
        decisions=_pinned_on(cursor), site_ids=tuple(site for (site,) in sites),
    )  # fmt: skip
    cursor.execute("DROP TABLE temp.leaving")
    cursor.execute("DROP TABLE temp.returning_values")
    return found


def _foresee(cursor: duckdb.DuckDBPyConnection, load: int) -> None:
    """Keep in temporary tables which values would leave with a load, and which would return."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE leaving AS SELECT series, period_start, value FROM cur_row WHERE load = ?", [load]
    )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE returning_values AS SELECT o.series, o.period_start, arg_max(o.value, o.load_number) "
        f"AS before FROM obs_row o SEMI JOIN leaving USING (series, period_start) WHERE o.load <> ? AND o.{STANDING} "
        "GROUP BY ALL",
        [load],
    )


def _count(cursor: duckdb.DuckDBPyConnection, asked: str, *bound: object) -> int:
    return int(cursor.execute(asked, bound).fetchall()[0][0])


def _pinned_on(cursor: duckdb.DuckDBPyConnection) -> tuple[Decision, ...]:
    """Find the decisions about a value of `leaving`: of its site and metric, in its period."""
    pinned = [d for d in records.current(cursor, Decision) if d.site_id is not None]
    found = []
    for decision in pinned:
        day = decision.period_start or decision.applies_on
        rows = cursor.execute(
            "SELECT DISTINCT s.grain, l.period_start FROM leaving l JOIN series s USING (series) WHERE s.site_id = ? "
            "AND (? IS NULL OR s.metric_id = ?) AND l.period_start BETWEEN ? AND ?",
            [decision.site_id, decision.metric_id, decision.metric_id, day - LONGEST_PERIOD, day],
        ).fetchall()
        if any(periods.period_end(start, Grain(grain)) >= day for grain, start in rows):
            found.append(decision)
    return tuple(found)


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


def stored_within(
    cursor: duckdb.DuckDBPyConnection,
    *,
    site_id: str,
    metric_id: str,
    first: dt.date,
    last: dt.date,
    segment: str | None = None,
) -> list[tuple[str, dt.date, Grain]]:
    """List the keys that ever had a value between two days, inclusive, newest first: segment, period and grain.

    segment: one of them, or None = all.
    """
    rows = cursor.execute(
        "SELECT DISTINCT segment, period_start, grain FROM obs WHERE site_id = ? AND metric_id = ? "
        "AND period_start BETWEEN ? AND ? AND (? IS NULL OR segment = ?) ORDER BY period_start DESC, segment, grain",
        [site_id, metric_id, first, last, segment, segment],
    ).fetchall()
    return [(of_segment, start, Grain(grain)) for of_segment, start, grain in rows]


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
