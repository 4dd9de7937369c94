"""A small file beside the store that remembers the audit's newest link, so that a lost log of the store is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from data.audit import Head
from data.engine import StoreDamaged


def witness_path(catalogue: str) -> Path | None:
    """Where the witness of a store stands; None for a store in memory."""
    return None if catalogue == ":memory:" else Path(catalogue + ".head")


def bear_witness(path: Path, newest: Head) -> None:
    """Write down the newest link, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(json.dumps({"seq": newest.seq, "hash": newest.hash}), encoding="utf-8")
    draft.replace(path)


def check_witness(path: Path, cursor: duckdb.DuckDBPyConnection) -> None:
    """Check that the store still holds the link written down last; without a witness there is nothing to check.

    Raises StoreDamaged when changes that were sealed are no longer there.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        newest = Head(int(told["seq"]), str(told["hash"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return
    row = cursor.execute("SELECT hash FROM seal WHERE seq = ?", [newest.seq]).fetchone()
    if newest.seq and (row is None or row[0] != newest.hash):
        raise StoreDamaged(str(path.with_suffix("")), f"the change sealed as number {newest.seq} is no longer there")
