"""The loads that were committed, and which of them still stand."""

from __future__ import annotations

import duckdb

from data import records
from data.types import Batch, BatchUndo


class AlreadyLoaded(Exception):
    """The same bytes, read the same way, are in the record: nothing was changed. batch: that load."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch.file_name, batch.id)
        self.batch = batch


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
