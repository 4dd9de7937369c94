"""The loads that were committed, and which of them still stand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from data import records
from data.types import Batch, BatchUndo


class AlreadyLoaded(Exception):
    """The same bytes, read the same way, are in the record: nothing was changed. batch: that load."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch.file_name, batch.id)
        self.batch = batch


@dataclass(frozen=True, slots=True)
class PastLoad:
    """One load: who made it and when, what brought it, and who took it back.

    source: name of the linked source, "" when a person brought the file. undone_at: None = it stands.
    """

    batch: Batch
    loaded_at: dt.datetime
    person: str
    source: str = ""
    undo: BatchUndo | None = None
    undone_at: dt.datetime | None = None
    undone_by: str = ""


def past_loads(cursor: duckdb.DuckDBPyConnection, *, most: int | None = None) -> list[PastLoad]:
    """Read the newest loads, newest first; most: None = all of them."""
    every = batches(cursor)
    newest = list(reversed(every[-most:] if most is not None else every))
    names = dict(cursor.execute("SELECT id, arg_max(name, recorded_at) FROM person GROUP BY id").fetchall())
    sources = dict(cursor.execute("SELECT id, arg_max(name, recorded_at) FROM source GROUP BY id").fetchall())
    loaded = _first_recorded(cursor, "batch")
    taken_back, undone = undos(cursor), _first_recorded(cursor, "batch_undo")
    found = []
    for batch in newest:
        undo = taken_back.get(batch.id)
        undone_at, undone_by = undone[undo.id] if undo else (None, None)
        found.append(
            PastLoad(
                batch, loaded[batch.id][0], names.get(batch.person_id, ""), sources.get(batch.source_id, ""), undo,
                undone_at, names.get(undone_by or "", ""),
            )
        )  # fmt: skip
    return found


def _first_recorded(cursor: duckdb.DuckDBPyConnection, table: str) -> dict[str, tuple[dt.datetime, str | None]]:
    rows = cursor.execute(f"SELECT id, min(recorded_at), arg_min(recorded_by, recorded_at) FROM {table} GROUP BY id")
    return {key: (moment.replace(tzinfo=dt.UTC), person) for key, moment, person in rows.fetchall()}


def batches(cursor: duckdb.DuckDBPyConnection) -> list[Batch]:
    """Read every load, undone ones too, oldest first."""
    return records.current(cursor, Batch)


def undos(cursor: duckdb.DuckDBPyConnection) -> dict[str, BatchUndo]:
    """Read what was undone, by the id of the load."""
    return {undo.batch_id: undo for undo in records.current(cursor, BatchUndo)}


def already_loaded(cursor: duckdb.DuckDBPyConnection, *, file_hash: str, reading_hash: str) -> Batch | None:
    """Find the load that makes loading these bytes again pointless; None when there is none.

    A load counts while it stands and nothing was undone since: an undo may have taken back values that this file
    holds too, so that it must be compared with the record again.
    """
    row = cursor.execute(
        "SELECT b.id FROM batch b WHERE b.file_hash = ? AND b.reading_hash = ? "
        "AND b.id NOT IN (SELECT batch_id FROM batch_undo) "
        "AND NOT EXISTS (SELECT 1 FROM batch_undo u WHERE u.recorded_at > b.recorded_at "
        "OR (u.recorded_at = b.recorded_at AND u.change_id > b.change_id)) "
        "ORDER BY b.recorded_at DESC, b.change_id DESC LIMIT 1",
        [file_hash, reading_hash],
    ).fetchone()
    return None if row is None else records.one(cursor, Batch, row[0])
