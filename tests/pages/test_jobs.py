"""The schedule: what is due runs once, beside the others; one process at a time; a stop leaves nothing half done."""

from __future__ import annotations

import threading
import time

import pytest

from data import source_runs
from data.source_runs import SourceRun
from data.sources import ask_for_run, link_source, pause_source
from data.store import open_store
from data.types import RunOutcome
from pages.admin import jobs as schedule
from pages.admin.jobs import Jobs
from tests.tools.stores import founder

PATIENCE_SECONDS = 20


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_SOURCE_FOLDERS", f'["{tmp_path}"]')
    opened = open_store(":memory:")
    yield opened
    opened.close()


@pytest.fixture
def keeper(store):
    return founder(store)


@pytest.fixture
def link(store, keeper, tmp_path):
    return lambda name, **more: link_source(
        store, keeper, name=name, kind="folder", address=str(tmp_path), schedule="every 15 min", **more
    )


@pytest.fixture
def started(store):
    """`started()` begins to look ten times a second; all are stopped after the test."""
    begun: list[Jobs] = []

    def start() -> Jobs:
        begun.append(Jobs(store, look_seconds=0.1))
        begun[-1].start()
        return begun[-1]

    yield start
    for one in begun:
        one.stop()


@pytest.fixture
def running(monkeypatch, store):
    """Names of the sources that are run, in order, by a stand-in that takes as long as `running.seconds` says."""

    class Running(list):
        seconds = 0.0
        at_once = 0
        most_at_once = 0

    ran, lock = Running(), threading.Lock()

    def run(store, source_id, *, pause):
        with lock:
            ran.append(source_id)
            ran.at_once += 1
            ran.most_at_once = max(ran.at_once, ran.most_at_once)
        try:
            if ran.seconds:
                pause(ran.seconds)
        finally:
            with lock:
                ran.at_once -= 1
        now = store.now()
        source_runs.note_run(store, SourceRun(source_id, now, now, RunOutcome.UNCHANGED))

    monkeypatch.setattr(schedule, "run_source", run)
    return ran


def until(condition) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


@pytest.mark.accepts("1.21")
def test_a_source_whose_time_has_come_runs_once_by_itself(store, link, started, tmp_path):
    source = link("ERP", pattern="*.csv")
    started()

    def runs():
        with store.read() as cursor:
            return source_runs.runs_of(cursor, source.id)

    until(runs)
    time.sleep(0.5)
    assert [run.outcome for run in runs()] == [RunOutcome.UNCHANGED]


def test_each_source_runs_once_and_at_most_two_at_once(store, link, started, running):
    running.seconds = 0.3
    names = {link(f"S{n}").id for n in range(5)}

    started()

    until(lambda: len(running) == 5 and running.at_once == 0)
    assert set(running) == names
    assert running.most_at_once == 2


def test_of_two_processes_one_runs_the_sources(store, link, started, running):
    for n in range(3):
        link(f"S{n}")

    started()
    started()

    until(lambda: len(running) == 3)
    time.sleep(0.5)
    assert len(running) == 3


@pytest.mark.accepts("1.21")
def test_a_run_asked_for_begins_within_seconds_though_the_source_is_paused(store, keeper, link, started, running):
    source = link("ERP")
    pause_source(store, keeper, source.id, paused=True)
    started()
    time.sleep(0.3)
    assert running == []

    ask_for_run(store, keeper, source.id)

    until(lambda: len(running) == 1)


def test_a_stop_calls_off_what_is_under_way_and_gives_the_lease_back(store, link, started, running):
    running.seconds = 60
    source = link("ERP")
    one = started()
    until(lambda: running.at_once == 1)

    begun = time.monotonic()
    one.stop()

    assert time.monotonic() - begun < 5
    with store.read() as cursor:
        assert source_runs.runs_of(cursor, source.id) == []
    assert source_runs.hold_lease(store, "another", 1)


def test_a_run_that_fails_in_a_way_nobody_thought_of_stops_no_other(store, link, started, monkeypatch):
    bad, good = link("Bad"), link("Good")
    ran = []

    def run(store, source_id, *, pause):
        if source_id == bad.id:
            raise RuntimeError("secret")
        ran.append(source_id)
        now = store.now()
        source_runs.note_run(store, SourceRun(source_id, now, now, RunOutcome.UNCHANGED))

    monkeypatch.setattr(schedule, "run_source", run)
    started()

    until(lambda: ran == [good.id])
