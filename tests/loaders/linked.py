"""What the tests of linked sources share: a store with a keeper, a source of any kind, a run that does not wait."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from data import records, source_runs
from data.access import Actor, actor_for
from data.people import first_person
from data.source_runs import SourceRun
from data.sources import link_source
from data.store import Store, open_store
from data.types import Batch, Source
from loaders.sources import fetch
from loaders.sources.job import Job
from loaders.sources.running import run_source

NOW = dt.datetime(2026, 3, 30, 9, tzinfo=dt.UTC)
WEEKS = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"]


def weekly(*values: str, site: str = "Lyon") -> bytes:
    """A small export: one week a row."""
    lines = ["semaine;site;délai (j)", *(f"{week};{site};{value}" for week, value in zip(WEEKS, values, strict=False))]
    return "\n".join(lines).encode()


def settled(path: Path, data: bytes, seconds: float = 60) -> Path:
    """Write a file that nobody has touched for a while."""
    path.write_bytes(data)
    return aged(path, seconds)


def aged(path: Path, seconds: float = 60) -> Path:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))
    return path


@pytest.fixture
def here(monkeypatch):
    """Fetch in this process, which is quicker and seen by the measure of coverage; the rest fetch as the app does."""

    def do(job, taken, _):
        fetch.do(Job(**json.loads(job.to_json())), taken)

    monkeypatch.setattr("loaders.sources.fetching._run", do)


@pytest.fixture
def store(monkeypatch):
    for name in [name for name in os.environ if name.startswith("ESSAIM_SOURCE")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("loaders.sources.fetching.SETTLED_SECONDS", 0.0)  # files of a test are whole at once
    opened = open_store(":memory:", clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def keeper(store) -> Actor:
    person = first_person(store, "Ana", language="en")
    with store.read() as cursor:
        return actor_for(cursor, person.id, store.today())


@pytest.fixture
def link(store, keeper) -> Callable[..., Source]:
    def one(kind: str, address: str, *, name: str = "ERP", actor: Actor | None = None, **fields: object) -> Source:
        given = {"schedule": "hourly", **fields}
        return link_source(store, actor or keeper, name=name, kind=kind, address=address, **given)

    return one


def run(store: Store, source: Source) -> SourceRun:
    """Run a source once; a pause between two tries takes no time."""
    done = run_source(store, source.id, pause=lambda _: None)
    assert done is not None
    with store.read() as cursor:
        assert source_runs.runs_of(cursor, source.id, 1) == [done]
    return done


def batches(store: Store) -> list[Batch]:
    with store.read() as cursor:
        return records.current(cursor, Batch)


def values(store: Store) -> list[float]:
    """Every current value, in order of site and period."""
    with store.read() as cursor:
        return [row[0] for row in cursor.execute("SELECT value FROM cur ORDER BY site_id, period_start").fetchall()]


__all__ = ["NOW", "aged", "batches", "here", "keeper", "link", "run", "settled", "store", "values", "weekly"]
