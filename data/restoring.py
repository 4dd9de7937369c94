"""Looking into a backup without changing it, and putting one in the place of a store."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data import audit, engine, schema
from data.engine import CATALOGUE, Address, StoreDamaged, StoreHeld, StoreNewer, quoted
from data.witness import bear_witness, witness_path

SETTLED = ("", ".wal", ".head")  # the files that together are a store


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store's file holds. prints: of each table its rows and one number over all their values."""

    version: int
    head: audit.Head
    prints: Mapping[str, tuple[int, int]]

    @property
    def changes(self) -> int:
        """How many changes were recorded."""
        return self.prints["change"][0]

    @property
    def observations(self) -> int:
        """How many values stand in the record, those restated and undone too."""
        return self.prints["obs_row"][0]


def contents(path: Path) -> Contents:
    """Read a store's file from end to end without changing it, and check its schema, its audit chain and its blocks.

    Raises StoreDamaged when it is not one of ours, cannot be read or its chain does not hold, StoreNewer, StoreHeld.
    """
    if not path.is_file():
        raise StoreDamaged(str(path), "no such file")
    try:
        with _reading(path) as cursor:
            return _contents(cursor, path)
    except duckdb.Error as error:
        problem = engine.problem(Address(str(path)), error)
        raise problem from error


def restore(backup: Path, where: Address, now: dt.datetime) -> tuple[Contents, Path | None]:
    """Put a backup in a store's place; return what it holds, and where the files that stood there are now (None = none).

    The backup is read through before anything moves, and its copy once more; the copy then takes the store's name in
    one step, and its witness is written anew. Changes recorded after the backup are in the files set aside only.
    Raises StoreDamaged or StoreNewer for the backup, StoreHeld when a process has the store; then all is as it was.
    """
    place = Path(where.catalogue)
    found = contents(backup)
    if place.exists() and place.samefile(backup):
        raise StoreDamaged(str(backup), "the backup is the store itself")
    _check_free(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(place.name + ".restoring")
    try:
        shutil.copyfile(backup, draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        if contents(draft) != found:
            raise StoreDamaged(str(backup), "the copy differs from the backup")
        aside = _set_aside(place, now)
        for suffix in (".head", ".wal"):
            Path(f"{place}{suffix}").unlink(missing_ok=True)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
    witness = witness_path(where.catalogue)
    if witness is not None and found.head.seq:
        bear_witness(witness, found.head)
    return found, aside


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    try:
        cursor = connection.cursor()
        cursor.execute(f"ATTACH {quoted(str(path.absolute()))} AS {CATALOGUE} (READ_ONLY)")
        cursor.execute("SET enable_external_access = false")
        cursor.execute(f"USE {CATALOGUE}")
        yield cursor
    finally:
        connection.close()


def _contents(cursor: duckdb.DuckDBPyConnection, path: Path) -> Contents:
    version, newest = schema.schema_version(cursor, str(path)), schema.migrations()[-1].version
    if version > newest:
        raise StoreNewer(str(path), f"{version} > {newest}")
    if version == 0:
        raise StoreDamaged(str(path), "an empty file")
    bad = audit.verify(cursor)
    # The last changes of a store that was killed may not be sealed yet: its next start seals them.
    if bad is not None and bad.reason != "unsealed":
        raise StoreDamaged(str(path), f"audit: {bad.reason}")
    tables = cursor.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal ORDER BY 1"
    ).fetchall()
    return Contents(version, audit.head(cursor), {name: _print(cursor, name) for (name,) in tables})


def _print(cursor: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int]:
    """Read every value of a table: a damaged block shows itself."""
    row = cursor.execute(f'SELECT count(*), coalesce(bit_xor(hash(t)), 0) FROM "{table}" t').fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _check_free(place: Path) -> None:
    """Refuse as long as a process has the store; a damaged one may be replaced."""
    if not place.exists():
        return
    try:
        with _reading(place):
            return
    except duckdb.Error as error:
        problem = engine.problem(Address(str(place)), error)
        if isinstance(problem, StoreHeld):
            raise problem from error


def _set_aside(place: Path, now: dt.datetime) -> Path | None:
    """Give the store's files a second name among the backups, so that the first can be taken over."""
    if not place.exists():
        return None
    folder = place.parent / "backups"
    folder.mkdir(exist_ok=True)
    aside = folder / f"replaced-{now:%Y%m%d-%H%M%S}-{place.name}"
    for suffix in SETTLED:
        file = Path(f"{place}{suffix}")
        if file.exists():
            shutil.copyfile(file, f"{aside}{suffix}")
    return aside
