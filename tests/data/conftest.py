"""Every test of the record runs on both engines: an embedded file, and DuckLake with a local catalogue."""

from __future__ import annotations

import datetime as dt
import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data import records
from data.access import Actor, Permission, actor_for
from data.engine import address
from data.people import first_person
from data.store import Store, open_store
from data.types import Assignment, Person, Role, Site

ENGINES = ("embedded", "ducklake")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.moment

    def pass_(self, **time: float) -> dt.datetime:
        self.moment += dt.timedelta(**time)
        return self.moment


@pytest.fixture(autouse=True)
def _no_choices_from_outside(monkeypatch, tmp_path):
    for name in ("ESSAIM_STORE", "ESSAIM_TODAY", "ESSAIM_PERSON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ESSAIM_FOLDER", str(tmp_path / "folder"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def url_of(engine: str, folder: Path) -> str:
    if engine == "embedded":
        return str(folder / "essaim.duckdb")
    return f"ducklake:{folder}/catalogue.ducklake;data={folder}/lake"


@pytest.fixture(params=ENGINES)
def url(request, tmp_path: Path) -> str:
    """The address of a store that does not exist yet."""
    return url_of(request.param, tmp_path)


@pytest.fixture(scope="session")
def founded(tmp_path_factory) -> Callable[[str], Path]:
    """The file of a store with its first person, Ada, made once for each engine."""

    @functools.cache
    def make(engine: str) -> Path:
        url = url_of(engine, tmp_path_factory.mktemp(engine))
        made = open_store(url, clock=Clock())
        first_person(made, "Ada")
        made.seal()
        made.checkpoint()
        made.close()
        return Path(address(url).catalogue)

    return make


@pytest.fixture
def store(url, clock, founded) -> Iterator[Store]:
    """A store in which nobody but Ada is registered."""
    where = address(url)
    shutil.copy(founded("ducklake" if where.lake else "embedded"), where.catalogue)
    opened = open_store(url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def admin(store) -> Actor:
    """Ada, the first person: admin and metric keeper everywhere."""
    with store.read() as cursor:
        return actor_for(cursor, records.current(cursor, Person)[0].id, store.today())


@pytest.fixture
def someone(store, admin) -> Callable[..., Actor]:
    """Register a person with a role: everywhere, at a site or in a cohort."""

    def register(role: Role, name: str = "Bo", **scope: str) -> Actor:
        person = Person(id=records.new_id(), name=name)
        held = Assignment(
            id=records.new_id(), person_id=person.id, role=role, starts_on=store.today() - dt.timedelta(days=1), **scope
        )
        with store.change(admin, Permission.MANAGE_PEOPLE) as tx:
            tx.append_all([person, held])
        with store.read() as cursor:
            return actor_for(cursor, person.id, store.today())

    return register


@pytest.fixture
def site(store, admin) -> Callable[..., Site]:
    """Register a site."""

    def register(site_id: str = "lyon", name: str = "") -> Site:
        made = Site(id=site_id, name=name or site_id.title())
        with store.change(admin, Permission.REGISTER_SITE) as tx:
            tx.append(made)
        return made

    return register
