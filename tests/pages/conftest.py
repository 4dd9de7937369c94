"""Stores of several sizes, made once a run; a test opens a copy as the one store of its process."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from data.access import actor_for
from data.people import first_person, people
from data.store import close_store, the_store
from tests.tools.stores import TODAY, filled
from tests.tools.worked_example import copied


@pytest.fixture(scope="session")
def sized(tmp_path_factory):
    """`sized(15)` is the path of a store with 15 sites; nobody writes to it."""
    made: dict[int, Path] = {}

    def of(n_sites: int) -> Path:
        if n_sites not in made:
            made[n_sites] = tmp_path_factory.mktemp(f"sites-{n_sites}") / "essaim.duckdb"
            filled(made[n_sites], n_sites)
        return made[n_sites]

    return of


@pytest.fixture
def visiting(sized, tmp_path, monkeypatch):
    """`visiting(15)` makes a copy of that store the process's own and signs its founder in; returns the store."""

    def at(n_sites: int):
        close_store()
        monkeypatch.setenv("ESSAIM_STORE", str(copied(sized(n_sites), tmp_path)))
        monkeypatch.setenv("ESSAIM_TODAY", TODAY.isoformat())
        store = the_store()
        with store.read() as cursor:
            monkeypatch.setenv("ESSAIM_PERSON", people(cursor)[0].id)
        return store

    yield at
    close_store()


@pytest.fixture
def own_store(tmp_path, monkeypatch):
    """`own_store("member", "2026-06-01")` is an empty record of the process's own, for that person on that day."""

    def of(person: str, today: str):
        monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
        monkeypatch.setenv("ESSAIM_TODAY", today)
        monkeypatch.setenv("ESSAIM_PERSON", person)
        close_store()
        return the_store()

    yield of
    close_store()


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty record of the process's own."""
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
    monkeypatch.setenv("ESSAIM_TODAY", "2026-03-30")
    close_store()
    st.cache_resource.clear()
    yield the_store()
    close_store()


@pytest.fixture
def keeper(store, monkeypatch):
    """The one who asks: founder and keeper of everything."""
    founder = first_person(store, "Ana", language="en")
    monkeypatch.setenv("ESSAIM_PERSON", founder.id)
    with store.read() as cursor:
        return actor_for(cursor, founder.id, store.today())


@pytest.fixture
def admin(store):
    """Who founds the record and does not ask; others do."""
    founder = first_person(store, "Ada", language="en")
    with store.read() as cursor:
        return actor_for(cursor, founder.id, store.today())
