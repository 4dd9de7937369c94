"""The loads so far, and what undoing one would do: told before it is done, and then so."""

from __future__ import annotations

import datetime as dt

import pytest

from data.access import Forbidden, Permission
from data.batches import past_loads
from data.lineage import undo_preview
from data.observations import undo_load
from data.types import Decision, DecisionType, Role
from tests.data.loads import frame, known, load, table

JANUARY, FEBRUARY, MARCH = "2026-01-01", "2026-02-01", "2026-03-01"


@pytest.fixture
def first(store, admin):
    return load(store, admin, frame({JANUARY: 12, FEBRUARY: 13}), new=known("lyon", "nice"))


def preview(store, batch):
    with store.read() as cursor:
        return undo_preview(cursor, batch.id)


@pytest.mark.accepts("1.13")
def test_a_preview_says_what_vanishes_and_which_values_come_back(store, admin, first):
    second = load(store, admin, frame({FEBRUARY: 14, MARCH: 15}))

    told = preview(store, second)

    assert (told.n_vanish, told.n_come_back, told.n_overtaken) == (1, 1, 0)
    (back,) = told.come_back
    assert (back.site_id, back.metric_id, str(back.period_start), back.now, back.before) == (
        "lyon", "delay", FEBRUARY, 14.0, 13.0,
    )  # fmt: skip
    assert told.site_ids == ("lyon",)


@pytest.mark.accepts("1.13")
def test_a_preview_names_the_later_loads_whose_values_stay(store, admin, first):
    later = load(store, admin, frame({FEBRUARY: 14}), name="later.csv")

    told = preview(store, first)

    assert [batch.id for batch in told.later] == [later.id]
    assert (told.n_vanish, told.n_come_back, told.n_overtaken) == (1, 0, 1)


def test_a_later_load_that_was_undone_is_not_named(store, admin, first):
    later = load(store, admin, frame({FEBRUARY: 14}))
    undo_load(store, admin, later.id, "wrong file")

    assert preview(store, first).later == ()


@pytest.mark.accepts("1.13")
def test_a_preview_names_the_decisions_pinned_on_the_values_concerned(store, admin, first):
    second = load(store, admin, frame({MARCH: 15}))

    def decision(key, day, site="lyon"):
        return Decision(
            id=key, number=len(key), type=DecisionType.DECISION, title=key, owner_id="ada", applies_on=day, site_id=site,
            metric_id="delay",
        )  # fmt: skip

    with store.change(admin, Permission.UPLOAD, somewhere=True) as tx:
        tx.append_all([
            decision("on", dt.date(2026, 3, 18)), decision("before", dt.date(2026, 2, 18)),
            decision("elsewhere", dt.date(2026, 3, 18), "nice"),
        ])  # fmt: skip

    assert [one.id for one in preview(store, second).decisions] == ["on"]


@pytest.mark.accepts("1.13")
def test_an_undo_does_what_its_preview_said_and_leads_exactly_back(store, admin, first):
    names = "cur_row", "score"
    before = [table(store, name) for name in names]
    second = load(store, admin, frame({FEBRUARY: 14, MARCH: 15}), frame({MARCH: 9}, site="nice"))
    told = preview(store, second)

    undo_load(store, admin, second.id, "wrong file")

    assert (told.n_vanish, told.n_come_back) == (2, 1)
    assert [table(store, name) for name in names] == before


def test_a_preview_changes_nothing(store, admin, first):
    before = store.data_version(), table(store, "cur_row")

    preview(store, first)

    assert (store.data_version(), table(store, "cur_row")) == before


@pytest.mark.accepts("1.13", "10.4")
def test_undo_is_a_right_of_its_own(store, admin, first, someone):
    member = someone(Role.MEMBER)

    with pytest.raises(Forbidden):
        undo_load(store, member, first.id, "not mine")


@pytest.mark.accepts("1.14")
def test_the_history_says_who_when_which_file_and_what_came_of_it(store, admin, first, clock):
    clock.pass_(days=1)
    second = load(store, admin, frame({FEBRUARY: 14, MARCH: 15}), name="march.csv")
    clock.pass_(days=1)
    undo_load(store, admin, second.id, "wrong file")

    with store.read() as cursor:
        newest, oldest = past_loads(cursor)

    assert (newest.batch.file_name, newest.person, newest.loaded_at.day) == ("march.csv", "Ada", 5)
    assert (newest.batch.n_new, newest.batch.n_restated, newest.undone_by, newest.undone_at.day) == (1, 1, "Ada", 6)
    assert (newest.undo.reason, oldest.undo, oldest.source) == ("wrong file", None, "")


def test_the_history_can_stop_at_the_newest(store, admin, first):
    load(store, admin, frame({MARCH: 15}), name="march.csv")

    with store.read() as cursor:
        assert [one.batch.file_name for one in past_loads(cursor, most=1)] == ["march.csv"]
