"""Twenty kills (-9) while people load and pin through the app: nothing acknowledged is lost, nothing is torn."""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import websocket

from data.store import open_store
from tests.drills import acting
from tests.drills.acting import DAYS, SITES, Acknowledged
from tests.tools.running import Running, running

pytestmark = [pytest.mark.drill, pytest.mark.timeout(2400)]
KILLS = 20
SEED = 20261122
EARLIEST, LATEST = 0.2, 3.0  # seconds before a kill: of work, or after people were told something
PATIENCE_SECONDS = 30
CUT_OFF = (OSError, websocket.WebSocketException)  # what people see when the server dies


@pytest.mark.accepts("11.2")
@pytest.mark.promises("S1")
def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "store" / "essaim.duckdb"
    settings = acting.founded(path)
    told, chance = Acknowledged(), random.Random(SEED)
    people = People(told)
    with running(folder=tmp_path / "app", store=path, **settings) as server:
        acting.load(server.address, 0)
        told.files.append(acting.file_name(0))

    for number in range(KILLS):
        with running(folder=tmp_path / "app", store=path, **settings) as server:
            seconds = chance.uniform(EARLIEST, LATEST)
            people.work_until_killed(server, seconds=seconds, told_first=bool(number % 2))
        check(path, told)
        assert people.faults == []

    assert len(told.files) + len(told.titles) >= KILLS / 2
    assert told.titles


class People:
    """A keeper and a member who work on until the server dies."""

    def __init__(self, told: Acknowledged) -> None:
        self.told = told
        self.files, self.pins = itertools.count(1), itertools.count(1)
        self.faults: list[BaseException] = []
        self.dead, self.heard = threading.Event(), threading.Event()

    def work_until_killed(self, server: Running, *, seconds: float, told_first: bool) -> None:
        """Kill the server after some seconds; told_first: only after people were told that something is recorded."""
        self.dead.clear()
        self.heard.clear()
        workers = [threading.Thread(target=self._again, args=(act, server.address)) for act in (self._load, self._pin)]
        for worker in workers:
            worker.start()
        if told_first:
            self.heard.wait(PATIENCE_SECONDS)
        time.sleep(seconds)
        self.dead.set()
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()
        for worker in workers:
            worker.join()

    def _again(self, act: Callable[[str], None], address: str) -> None:
        while not self.dead.is_set():
            try:
                act(address)
            except CUT_OFF:
                return
            except BaseException as fault:  # noqa: BLE001 shown by the drill's assertion
                if not self.dead.is_set():
                    self.faults.append(fault)
                return
            self.heard.set()

    def _load(self, address: str) -> None:
        number = next(self.files)
        acting.load(address, number)
        self.told.files.append(acting.file_name(number))

    def _pin(self, address: str) -> None:
        title = f"Try number {next(self.pins)}"
        acting.pin(address, title)
        self.told.titles.append(title)


def check(path: Path, told: Acknowledged) -> None:
    """Open the store as the next start does: all that was told is there, each load is whole, the chain holds."""
    store = open_store(str(path))
    try:
        store.seal()
        assert store.verify_audit() is None
        with store.read() as cursor:
            loads = dict(
                cursor.execute(
                    "SELECT b.file_name, count(*) FROM batch b JOIN obs o ON o.batch_id = b.id GROUP BY b.file_name"
                ).fetchall()
            )
            every = cursor.execute("SELECT count(*) FROM obs").fetchall()[0][0]
            now = cursor.execute("SELECT count(*) FROM cur").fetchall()[0][0]
            titles = [title for (title,) in cursor.execute("SELECT title FROM decision").fetchall()]
            numbers = [number for (number,) in cursor.execute("SELECT number FROM decision").fetchall()]
    finally:
        store.close()
    assert set(told.files) <= loads.keys()
    assert set(loads.values()) == {SITES * DAYS}
    assert every == now == SITES * DAYS * len(loads)
    assert set(told.titles) <= set(titles)
    assert len(titles) == len(set(titles))
    assert len(numbers) == len(set(numbers))
