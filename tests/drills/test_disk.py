"""A disk that fills up: the app says so, goes on answering, and takes up again when there is room."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import open_store
from tests.drills import acting
from tests.tools.running import running
from tests.tools.sessions import Session
from wording import say

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
SIZE = "48m"


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 48 MiB of its own; skipped where one may not mount."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Write until nothing more fits."""
    ballast = place / "ballast"
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(64 * 1024))
            file.flush()
    return ballast


def load_until_refused(address: str) -> str:
    """Load file after file; return what the page says when it takes no more."""
    for number in range(1, 40):
        try:
            acting.load(address, number)
        except AssertionError as refusal:
            return str(refusal)
    raise AssertionError("the disk never filled")


@pytest.mark.promises("S2")
def test_a_full_disk_stops_loads_with_a_sentence_and_nothing_else(small_disk, tmp_path):
    store = small_disk / "essaim.duckdb"
    people = acting.founded(store)
    with running(folder=tmp_path / "app", store=store, **people) as server:
        acting.load(server.address, 0)
        acting.pin(server.address, "Try another carrier")
        ballast = fill(small_disk)

        said = load_until_refused(server.address)
        with Session(server.address, "metric") as reading:
            reading.run()
            shown, faults = reading.text, reading.faults

        assert say("keepers.problem.store", "en") in said
        assert say("shared.error.nothing_stored", "en") in said
        assert "Traceback" not in said
        assert faults == []
        assert "Try another carrier" in shown
        assert server.process.poll() is None

        ballast.unlink()
        acting.load(server.address, 50)
        acting.pin(server.address, "Room again")
    opened = open_store(str(store))
    try:
        assert opened.verify_audit() is None
    finally:
        opened.close()
