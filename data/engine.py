"""How a DuckDB instance is opened, closed to everything but the record, and what can be wrong with its file."""

from __future__ import annotations

import importlib
import os
import re
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import duckdb

CATALOGUE = "essaim"
STORAGE_VERSION = "v1.5.0"  # files that every DuckDB 1.5 reads; the lock of requirements.txt
DUCKLAKE_PREFIX = "ducklake:"
# The other half of the processors is for the pages. DuckDB's threads wait for one another by spinning: on two, a load
# takes a third more CPU than on one and is no sooner done.
THREADS = max(1, (os.cpu_count() or 1) // 2)
# "postgres:…", "s3://…", "md:…"; a single letter may be a disk.
ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+]+:")
HOLDER = re.compile(r"held in (?P<command>\S+) \(PID (?P<pid>\d+)\)")


class StoreProblem(Exception):
    """The store cannot be opened; nothing was changed or created in its place."""

    def __init__(self, place: str, detail: str = "") -> None:
        super().__init__(place, detail)
        self.place = place
        self.detail = detail


class StoreHeld(StoreProblem):
    """Another process holds the store. holder: its command and process id, as far as known."""

    def __init__(self, place: str, holder: str) -> None:
        super().__init__(place, holder)
        self.holder = holder


class StoreDamaged(StoreProblem):
    """The file is damaged, or is not one of ours."""


class StoreNewer(StoreProblem):
    """The store was written by a newer version of Essaim."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store stands: an embedded file, memory, or a DuckLake catalogue with its data folder."""

    catalogue: str  # a path, or ":memory:"
    lake: Path | None = None  # the folder of its Parquet files; None = embedded

    @property
    def database(self) -> str:
        """The DuckDB database whose log is the store's: for DuckLake its catalogue."""
        return CATALOGUE if self.lake is None else f"__ducklake_metadata_{CATALOGUE}"

    @property
    def in_memory(self) -> bool:
        """Tell whether nothing of it outlives the process."""
        return self.catalogue == ":memory:"


def address(url: str) -> Address:
    """Read a store's address.

    Raises ValueError for a DuckLake address without its data folder, and for an engine that is not there yet.

    >>> address("ducklake:/srv/essaim/catalogue.ducklake;data=/srv/essaim/lake").lake.name
    'lake'
    """
    if not url.startswith(DUCKLAKE_PREFIX):
        _check_a_file(url)
        return Address(url if url == ":memory:" else str(Path(url).expanduser().absolute()))
    catalogue, _, rest = url.removeprefix(DUCKLAKE_PREFIX).partition(";")
    name, _, folder = rest.partition("=")
    if name != "data" or not folder:
        raise ValueError('a DuckLake store is written "ducklake:<catalogue file>;data=<folder>"')
    _check_a_file(catalogue)
    return Address(str(Path(catalogue).expanduser().absolute()), Path(folder).expanduser().absolute())


def _check_a_file(text: str) -> None:
    """Refuse the address of a server, which would otherwise be made a file of that name."""
    if text != ":memory:" and ELSEWHERE.match(text):
        raise ValueError(f"not a file: {text.partition(':')[0]}:… is not supported yet")


@dataclass(frozen=True, slots=True)
class Instance:
    """An open DuckDB instance and the folders it may touch. Never used itself: each call takes a cursor."""

    connection: duckdb.DuckDBPyConnection
    staging: Path
    backups: Path
    temporary: tempfile.TemporaryDirectory[str] | None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Open a connection of the caller's own, looking at the record."""
        cursor = self.connection.cursor()
        cursor.execute(f"USE {CATALOGUE}")
        return cursor

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
        if self.temporary is not None:
            self.temporary.cleanup()


def open_instance(where: Address, *, memory_limit: str) -> Instance:
    """Open the store's file, creating it when there is none, and close the instance to the rest of the disk.

    Raises StoreHeld when another process has it, StoreDamaged when it is not a store.
    """
    temporary = tempfile.TemporaryDirectory(prefix="essaim-") if where.in_memory else None
    folder = Path(temporary.name) if temporary else Path(where.catalogue).parent
    staging, backups, spill = folder / "staging", folder / "backups", folder / "spill"
    for path in (staging, backups, *([where.lake] if where.lake else [])):
        path.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "extension_directory": str(folder / "extensions"),
            "temp_directory": str(spill),
            "memory_limit": memory_limit,
            "threads": str(THREADS),
        },
    )
    try:
        _attach(connection, where)
        _close_to_the_rest(connection, [staging, backups, *([where.lake] if where.lake else [])])
    except duckdb.Error as error:
        connection.close()
        if temporary:
            temporary.cleanup()
        raise problem(where, error) from error
    return Instance(connection, staging, backups, temporary)


def _attach(connection: duckdb.DuckDBPyConnection, where: Address) -> None:
    cursor = connection.cursor()
    if where.lake is None:
        cursor.execute(f"ATTACH {quoted(where.catalogue)} AS {CATALOGUE} (STORAGE_VERSION '{STORAGE_VERSION}')")
        return
    for extension in _lake_extensions():
        cursor.execute(f"LOAD {quoted(str(extension))}")
    # The folder may have been moved since: its files are named relative to it.
    place = f"DATA_PATH {quoted(f'{where.lake}/')}, OVERRIDE_DATA_PATH true"
    cursor.execute(f"ATTACH {quoted(DUCKLAKE_PREFIX + where.catalogue)} AS {CATALOGUE} ({place})")


def _lake_extensions() -> list[Path]:
    packages = (importlib.import_module(f"duckdb_extension_{name}") for name in ("parquet", "ducklake"))
    return [next(Path(package.__path__[0]).rglob("*.duckdb_extension")) for package in packages]


def _close_to_the_rest(connection: duckdb.DuckDBPyConnection, folders: list[Path]) -> None:
    allowed = ", ".join(quoted(str(folder)) for folder in folders)
    cursor = connection.cursor()
    cursor.execute(f"SET allowed_directories = [{allowed}]")
    cursor.execute("SET enable_external_access = false")
    cursor.execute("SET lock_configuration = true")


def copy_out(cursor: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    """Copy the whole record into a new file in a folder that the instance may write; the cursor is closed after."""
    name = f"copy_{uuid.uuid4().hex}"
    path = folder / f"{name}.duckdb"
    try:
        cursor.execute(f"ATTACH {quoted(str(path))} AS {name} (STORAGE_VERSION '{STORAGE_VERSION}')")
        try:
            cursor.execute(f"COPY FROM DATABASE {CATALOGUE} TO {name}")
        finally:
            cursor.execute(f"DETACH {name}")
    except duckdb.Error:
        path.unlink(missing_ok=True)
        raise
    finally:
        cursor.close()
    return path


def quoted(text: str) -> str:
    """Quote a text for the few statements that cannot bind a value (ATTACH, LOAD, SET)."""
    return "'" + text.replace("'", "''") + "'"


def problem(where: Address, error: duckdb.Error) -> StoreProblem:
    """Tell what an error of DuckDB says about a store that does not open."""
    text = str(error)
    if "Could not set lock" in text:
        found = HOLDER.search(text)
        return StoreHeld(where.catalogue, f"{found['command']} (PID {found['pid']})" if found else "")
    if "Unique file handle conflict" in text:
        return StoreHeld(where.catalogue, "this process")
    return StoreDamaged(where.catalogue, text.splitlines()[0])
