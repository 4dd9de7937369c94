"""The audit's seal: a hash chain over committed changes in the order they were committed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from data.records import stored_time

CHANGE_COLUMNS = "id, recorded_at, person_id, person_name, permission, actions, site_id, cohort_id, note, body"  # in the order that the hash takes them


@dataclass(frozen=True, slots=True)
class BadEntry:
    """The first entry of the audit that does not hold. seq: its place in the chain, from 1; None = not in it."""

    reason: Literal["edited", "missing", "unsealed", "broken_link", "cut_short"]
    seq: int | None
    change_id: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of the chain: write it down elsewhere, and nobody can rewrite what stands before it."""

    seq: int
    hash: str


def head(cursor: duckdb.DuckDBPyConnection) -> Head:
    """Read the chain's newest link; seq 0 = nothing sealed yet."""
    row = cursor.execute("SELECT seq, hash FROM seal_head").fetchone()
    return Head(row[0], row[1]) if row else Head(0, "")


def unsealed(cursor: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Read the committed changes that the chain does not hold yet, in commit order."""
    return cursor.execute(
        f"SELECT {CHANGE_COLUMNS} FROM change WHERE id NOT IN (SELECT change_id FROM seal) ORDER BY rowid"
    ).fetchall()


def extend_chain(cursor: duckdb.DuckDBPyConnection, now: dt.datetime) -> list[str]:
    """Seal what was committed since; return those changes. One transaction of its own.

    Every sealer moves the head, so of two at once one fails (a TransactionException) and leaves nothing.
    """
    cursor.execute("BEGIN TRANSACTION")
    try:
        start = head(cursor)
        rows = unsealed(cursor)
        if rows:
            _seal(cursor, start, rows, now)
        cursor.execute("COMMIT")
    except BaseException:
        roll_back(cursor)
        raise
    return [row[0] for row in rows]


def roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """Undo the transaction under way, if a failed commit has not already ended it."""
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error:
        return


def verify(cursor: duckdb.DuckDBPyConnection, pending: Collection[str] = ()) -> BadEntry | None:
    """Walk the chain; return the first entry that does not hold, or None.

    pending: changes committed a moment ago that may not be sealed yet.
    """
    changes = {row[0]: row for row in cursor.execute(f"SELECT {CHANGE_COLUMNS} FROM change").fetchall()}
    links = cursor.execute("SELECT seq, change_id, previous_hash, hash FROM seal ORDER BY seq").fetchall()
    previous = ""
    for place, (seq, change_id, previous_hash, stored) in enumerate(links, start=1):
        change = changes.pop(change_id, None)
        if seq != place or previous_hash != previous:
            return BadEntry("broken_link", place, change_id)
        if change is None:
            return BadEntry("missing", seq, change_id)
        if link_hash(seq, previous, change) != stored:
            return BadEntry("edited", seq, change_id)
        previous = stored
    newest = head(cursor)
    if newest != Head(len(links), previous):
        return BadEntry("cut_short", len(links) + 1, "")
    strangers = sorted(changes.keys() - set(pending))
    return BadEntry("unsealed", None, strangers[0]) if strangers else None


def link_hash(seq: int, previous_hash: str, change: Sequence[Any]) -> str:
    """Hash a change row together with the link before it (SHA-256, hexadecimal)."""
    text = json.dumps([seq, previous_hash, *change], default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _seal(cursor: duckdb.DuckDBPyConnection, start: Head, rows: Sequence[tuple[Any, ...]], now: dt.datetime) -> None:
    links: list[object] = []
    previous = start.hash
    for seq, row in enumerate(rows, start=start.seq + 1):
        link = link_hash(seq, previous, row)
        links += [seq, row[0], previous, link, stored_time(now)]
        previous = link
    values = ", ".join(["(?, ?, ?, ?, ?)"] * len(rows))
    cursor.execute(f"INSERT INTO seal VALUES {values}", links)
    cursor.execute("UPDATE seal_head SET seq = ?, hash = ?", [start.seq + len(rows), previous])
