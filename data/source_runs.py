"""What each run of a source came to, what was taken from it already, who asked for one, and which process runs them.

None of it is of the record: a run that finds nothing new leaves the data version as it is.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb

from data import audit, records
from data.access import Actor, Permission, actor_for, allowed
from data.gate import Conflict, is_conflict
from data.schedules import Schedule
from data.sources import sources
from data.store import Store
from data.types import RunOutcome, Source

KEPT_RUNS = 200  # of each source; the loads themselves are of the record and stay
PATIENT_FAILURES = 3  # in a row, before a source is said to be in trouble
LATE_RUNS = 2  # times missed, before a source is said to be late
CLOCKS_APART = dt.timedelta(minutes=5)  # at most, between two processes that share a store
TROUBLED = (RunOutcome.FAULT, RunOutcome.STOPPED, RunOutcome.QUESTION)
COLUMNS = (
    "id, source_id, started_at, ended_at, outcome, code, details, n_files, n_new, n_same, n_restated, n_left_out, "
    "batch_id, again_at"
)


@dataclass(frozen=True, slots=True)
class SourceRun:
    """One run. code, details: why it is a question, fault or stop, to be worded; never a secret.

    batch_id: the last load that it made. again_at: when to look again before the schedule says so.
    """

    source_id: str
    started_at: dt.datetime
    ended_at: dt.datetime
    outcome: RunOutcome
    code: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    n_files: int = 0
    n_new: int = 0
    n_same: int = 0
    n_restated: int = 0
    n_left_out: int = 0
    batch_id: str | None = None
    again_at: dt.datetime | None = None
    id: str = field(default_factory=records.new_id)

    @property
    def n_loaded(self) -> int:
        """Values that entered the record."""
        return self.n_new + self.n_restated


@dataclass(frozen=True, slots=True)
class Mark:
    """What was taken from a source under one name: its size, time or version there, and the hash of its bytes.

    file_hash: "" for what was fetched and could not be taken; it is fetched again after what was never tried.
    """

    name: str
    mark: str
    file_hash: str


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """A source and how it stands. failures: runs in a row that brought nothing for want of something."""

    source: Source
    last: SourceRun | None
    last_loaded: SourceRun | None
    failures: int
    linked_at: dt.datetime
    asked_at: dt.datetime | None

    @property
    def in_trouble(self) -> bool:
        """Whether a person has to look: a question, a right that ended, a fault that waiting does not mend, or many."""
        if self.last is None or self.source.paused:
            return False
        lasting = self.last.outcome is RunOutcome.FAULT and self.last.again_at is None
        waits = self.last.outcome in (RunOutcome.QUESTION, RunOutcome.STOPPED)
        return waits or lasting or self.failures >= PATIENT_FAILURES

    def next_at(self, now: dt.datetime) -> dt.datetime | None:
        """Say when it runs next, in UTC; None while it is paused.

        What happened later than now happened by a clock that has been set back since: it is due at once.
        """
        if self.asked_at is not None:
            return min(self.asked_at, now)
        if self.source.paused:
            return None
        if self.last is None:
            return min(self.linked_at, now)
        if self.last.started_at > now:
            return now
        planned = Schedule.read(self.source.schedule).next_after(self.last.started_at)
        return min(planned, self.last.again_at) if self.last.again_at else planned

    def is_late(self, now: dt.datetime) -> bool:
        """Tell whether it missed its time more than once: the runner is not at work."""
        due = self.next_at(now)
        if due is None or due > now:
            return False
        schedule, missed = Schedule.read(self.source.schedule), due
        for _ in range(LATE_RUNS):
            missed = schedule.next_after(missed)
        return missed <= now


def standings(cursor: duckdb.DuckDBPyConnection) -> list[SourceStanding]:
    """Read every source with its last runs."""
    asked = {row[0]: _utc(row[1]) for row in cursor.execute(
        "SELECT source_id, min(asked_at) FROM source_ask GROUP BY source_id").fetchall()}  # fmt: skip
    last, last_loaded = _newest(cursor), _newest(cursor, "outcome = 'loaded'")
    failures = _failures(cursor)
    return [
        SourceStanding(
            source, last.get(source.id), last_loaded.get(source.id), failures.get(source.id, 0),
            records.recorded(cursor, Source, source.id).recorded_at, asked.get(source.id),
        )
        for source in sources(cursor)
    ]  # fmt: skip


def _newest(cursor: duckdb.DuckDBPyConnection, of: str = "true") -> dict[str, SourceRun]:
    """Read the newest run of each source, of those that `of` says; never all of them: loads are kept for years."""
    rows = cursor.execute(
        f"SELECT {COLUMNS} FROM source_run WHERE rowid IN "
        f"(SELECT max(rowid) FROM source_run WHERE {of} GROUP BY source_id)"
    ).fetchall()
    return {row[1]: _run(row) for row in rows}


def standing(cursor: duckdb.DuckDBPyConnection, source_id: str) -> SourceStanding | None:
    """Read how one source stands; None when it is not linked."""
    return next((one for one in standings(cursor) if one.source.id == source_id), None)


def runs_of(cursor: duckdb.DuckDBPyConnection, source_id: str, most: int = 10) -> list[SourceRun]:
    """Read a source's newest runs, newest first."""
    rows = cursor.execute(
        f"SELECT {COLUMNS} FROM source_run WHERE source_id = ? ORDER BY rowid DESC LIMIT ?", [source_id, most]
    ).fetchall()
    return [_run(row) for row in rows]


def due(cursor: duckdb.DuckDBPyConnection, now: dt.datetime) -> list[Source]:
    """Choose the sources whose time has come, the longest due first."""
    waiting = [(at, one.source) for one in standings(cursor) if (at := one.next_at(now)) is not None and at <= now]
    return [source for _, source in sorted(waiting, key=lambda pair: pair[0])]


def owner_of(cursor: duckdb.DuckDBPyConnection, source: Source, today: dt.date) -> Actor | None:
    """Look up whose rights a source acts with, as they are today; None when they may no longer load there."""
    owner = actor_for(cursor, source.owner_id, today)
    rights = (Permission.UPLOAD, Permission.MANAGE_SOURCES)
    return owner if all(allowed(owner, right, site_id=source.site_id) for right in rights) else None


def marks_of(cursor: duckdb.DuckDBPyConnection, source_id: str) -> dict[str, Mark]:
    """Read what was taken from a source, or tried in vain, by name; the longest ago first."""
    rows = cursor.execute(
        "SELECT name, mark, file_hash FROM source_mark WHERE source_id = ? ORDER BY seen_at, name", [source_id]
    ).fetchall()
    return {name: Mark(name, mark, file_hash) for name, mark, file_hash in rows}


def note_run(store: Store, run: SourceRun, marks: Sequence[Mark] = ()) -> None:
    """Keep what a run came to and what it took; a question answered and a wish for a run are settled by it."""
    row = [run.id, run.source_id, _stored(run.started_at), _stored(run.ended_at), str(run.outcome), run.code,
           json.dumps(dict(run.details), default=str), run.n_files, run.n_new, run.n_same, run.n_restated,
           run.n_left_out, run.batch_id, _stored(run.again_at)]  # fmt: skip
    holes = ", ".join("?" * len(row))

    def write() -> None:
        with _aside(store) as cursor:
            cursor.execute(f"INSERT INTO source_run ({COLUMNS}) VALUES ({holes})", row)
            cursor.execute(
                "DELETE FROM source_ask WHERE source_id = ? AND (asked_at <= ? OR asked_at > ?)",
                [run.source_id, _stored(run.started_at), _stored(run.ended_at)],
            )
            for mark in marks:
                cursor.execute("DELETE FROM source_mark WHERE source_id = ? AND name = ?", [run.source_id, mark.name])
                held = [run.source_id, mark.name, mark.mark, mark.file_hash, _stored(run.ended_at)]
                cursor.execute("INSERT INTO source_mark VALUES (?, ?, ?, ?, ?)", held)
            kept = "SELECT id FROM source_run WHERE source_id = ? ORDER BY rowid DESC LIMIT ?"
            cursor.execute(
                f"DELETE FROM source_run WHERE source_id = ? AND outcome <> 'loaded' AND id NOT IN ({kept})",
                [run.source_id, run.source_id, KEPT_RUNS],
            )

    store.retrying(write)


def hold_lease(store: Store, holder: str, seconds: float) -> bool:
    """Take or keep the lease on a store's jobs; False while another process holds it."""
    now = store.now()
    try:
        with _aside(store) as cursor:
            row = cursor.execute("SELECT holder, until FROM job_lease WHERE name = 'jobs'").fetchone()
            longest = dt.timedelta(seconds=seconds) + CLOCKS_APART
            # A lease that ends later than one can was taken by a clock that has been set back since.
            if row is None or (row[0] != holder and now < _utc(row[1]) <= now + longest):
                return False
            until = _stored(now + dt.timedelta(seconds=seconds))
            cursor.execute("UPDATE job_lease SET holder = ?, until = ? WHERE name = 'jobs'", [holder, until])
    except Conflict:
        return False
    return True


def release_lease(store: Store, holder: str) -> None:
    """Give the lease back, so that another process need not wait for its end."""
    with _aside(store) as cursor:
        past = _stored(store.now() - dt.timedelta(seconds=1))
        cursor.execute("UPDATE job_lease SET until = ? WHERE name = 'jobs' AND holder = ?", [past, holder])


@contextmanager
def _aside(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a transaction on what stands beside the record. Raises Conflict when another process came first."""
    with store.read() as cursor:
        try:
            cursor.execute("BEGIN TRANSACTION")
            yield cursor
            cursor.execute("COMMIT")
        except BaseException as error:
            audit.roll_back(cursor)
            if isinstance(error, duckdb.Error) and is_conflict(error):
                raise Conflict(str(error)) from error
            raise


def _failures(cursor: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count each source's runs since the last one that went well."""
    troubled = ", ".join(f"'{outcome}'" for outcome in TROUBLED)
    rows = cursor.execute(
        "SELECT r.source_id, count(*) FROM source_run r LEFT JOIN (SELECT source_id, max(rowid) AS place FROM source_run "
        f"WHERE outcome NOT IN ({troubled}) GROUP BY source_id) well ON r.source_id = well.source_id "
        "WHERE r.rowid > coalesce(well.place, -1) GROUP BY r.source_id"
    ).fetchall()
    return {source_id: int(n) for source_id, n in rows}


def _stored(moment: dt.datetime | None) -> dt.datetime | None:
    return None if moment is None else records.stored_time(moment)


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC)


def _run(row: Sequence[Any]) -> SourceRun:
    (key, source_id, started, ended, outcome, code, details, n_files, n_new, n_same, n_restated, n_left_out,
     batch_id, again) = row  # fmt: skip
    return SourceRun(
        source_id, _utc(started), _utc(ended), RunOutcome(outcome), code, json.loads(details), n_files, n_new, n_same,
        n_restated, n_left_out, batch_id, _utc(again) if again else None, key,
    )  # fmt: skip
