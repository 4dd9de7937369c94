"""How the store's tables come to be and move forward: numbered SQL files, each applied once, whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data.engine import StoreDamaged, StoreNewer

FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema: data/migrations/NNNN_name.sql."""

    version: int
    name: str
    sql: str


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Read the schema's steps, oldest first."""
    return [
        Migration(int(path.stem[:4]), path.stem[5:], path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    ]


def migrate(cursor: duckdb.DuckDBPyConnection, place: str, now: dt.datetime, folder: Path = FOLDER) -> int:
    """Bring the schema forward to the newest version and return it; a store already there is left alone.

    Raises StoreNewer when the store is ahead of this code, StoreDamaged when its tables are not ours.
    """
    steps = migrations(folder)
    found = schema_version(cursor, place)
    if found > steps[-1].version:
        raise StoreNewer(place, f"{found} > {steps[-1].version}")
    for step in steps:
        if step.version > found:
            _apply(cursor, step, now)
    return steps[-1].version


def schema_version(cursor: duckdb.DuckDBPyConnection, place: str) -> int:
    """Read the version of the store's schema; 0 = an empty store."""
    tables = {name for (name,) in cursor.execute("SELECT table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND NOT internal").fetchall()}  # fmt: skip
    if not tables:
        return 0
    if "schema_version" not in tables:
        raise StoreDamaged(place, "foreign tables")
    row = cursor.execute("SELECT max(version) FROM schema_version").fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _apply(cursor: duckdb.DuckDBPyConnection, step: Migration, now: dt.datetime) -> None:
    cursor.execute("BEGIN TRANSACTION")
    try:
        cursor.execute(step.sql)
        stamp = now.astimezone(dt.UTC).replace(tzinfo=None)
        cursor.execute("INSERT INTO schema_version VALUES (?, ?, ?)", [step.version, step.name, stamp])
        cursor.execute("COMMIT")
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
