"""A record in memory, on a day of June 2026, and the keeper who founds it."""

from __future__ import annotations

import datetime as dt

import pytest

from data.access import actor_for
from data.people import first_person
from data.store import open_store


@pytest.fixture
def store():
    opened = open_store(":memory:", clock=lambda: dt.datetime(2026, 6, 30, 9, tzinfo=dt.UTC))
    yield opened
    opened.close()


@pytest.fixture
def keeper(store):
    person = first_person(store, "Ana")
    with store.read() as cursor:
        return actor_for(cursor, person.id, store.today())
