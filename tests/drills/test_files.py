"""What a server does with a store that it must not serve: damaged, cut short, foreign, or held by another process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data import records
from data.store import open_store
from data.types import Person
from tests.drills import acting
from tests.tools.running import ROOT, free_port, running

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
HELD = 3
SECONDS_TO_REFUSE = 60


def refused(folder: Path, store: Path, **env: str) -> tuple[int, str]:
    """Start a server that is expected not to come up; return its exit code and what it said."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(free_port())]
    variables = {**os.environ, "ESSAIM_FOLDER": str(folder), "ESSAIM_STORE": str(store), **env}
    ended = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=SECONDS_TO_REFUSE, check=False
    )
    return ended.returncode, ended.stderr


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A store with one load and one decision, its server stopped as it should be."""
    folder = tmp_path_factory.mktemp("sound")
    path = folder / "store" / "essaim.duckdb"
    with running(folder=folder / "app", store=path, **acting.founded(path)) as server:
        acting.load(server.address, 0)
        acting.pin(server.address, "Try another carrier")
    return path


def foreign(content: bytes) -> bytes:
    return b"PK\x03\x04" + content[4:]


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def header_flipped(content: bytes) -> bytes:
    return content[:4200] + bytes([content[4200] ^ 0xFF]) + content[4201:]


def emptied(content: bytes) -> bytes:
    return bytes(len(content))


@pytest.mark.promises("S3")
@pytest.mark.parametrize("harm", [foreign, cut_short, header_flipped, emptied], ids=lambda harm: harm.__name__)
def test_a_damaged_store_is_refused_and_left_as_it_was(harm, sound, tmp_path):
    store = tmp_path / "essaim.duckdb"
    store.write_bytes(harm(sound.read_bytes()))
    shutil.copy(f"{sound}.head", f"{store}.head")
    before = store.read_bytes()

    code, said = refused(tmp_path / "app", store)

    assert code == HELD
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    assert store.read_bytes() == before


@pytest.mark.promises("S3")
def test_a_store_that_lost_what_was_sealed_is_refused(sound, tmp_path):
    store = tmp_path / "essaim.duckdb"
    shutil.copy(sound, store)
    shutil.copy(f"{sound}.head", f"{store}.head")
    people = {"ESSAIM_PERSON": _person(store), "ESSAIM_TODAY": acting.TODAY.isoformat()}
    with running(folder=tmp_path / "app", store=store, **people) as server:
        acting.pin(server.address, "Only in the log yet")
        _wait_for_seal(store, sound)
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()
    log = Path(f"{store}.wal")
    assert log.exists()
    log.unlink()

    code, said = refused(tmp_path / "app", store)

    assert code == HELD
    assert "Traceback" not in said


@pytest.mark.promises("S4")
def test_a_second_server_on_the_file_names_the_first(sound, tmp_path):
    store = tmp_path / "essaim.duckdb"
    shutil.copy(sound, store)
    with running(folder=tmp_path / "app", store=store) as server:
        code, said = refused(tmp_path / "second", store)

        assert code == HELD
        assert str(server.process.pid) in said
        assert "Traceback" not in said
        assert server.process.poll() is None


@pytest.mark.promises("S4")
def test_the_command_line_on_a_held_file_names_its_server(sound, tmp_path):
    store = tmp_path / "essaim.duckdb"
    shutil.copy(sound, store)
    file = tmp_path / "more.csv"
    file.write_bytes(acting.file_bytes(1))
    with running(folder=tmp_path / "app", store=store) as server:
        variables = {**os.environ, "ESSAIM_STORE": str(store), "ESSAIM_PERSON": "ada"}
        command = [sys.executable, "-m", "loaders", "load", str(file)]
        ended = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)

        assert ended.returncode == HELD
        assert str(server.process.pid) in ended.stderr
        assert "Traceback" not in ended.stderr


def _person(store: Path) -> str:
    opened = open_store(str(store))
    with opened.read() as cursor:
        found = records.current(cursor, Person)[0].id
    opened.close()
    return found


def _wait_for_seal(store: Path, sound: Path) -> None:
    """Wait until the pin is sealed and its link written down beside the store."""
    before = Path(f"{sound}.head").read_text()
    until = time.monotonic() + 20
    while Path(f"{store}.head").read_text() == before and time.monotonic() < until:
        time.sleep(0.05)
    assert Path(f"{store}.head").read_text() != before
