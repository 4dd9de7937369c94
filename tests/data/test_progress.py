"""Work that a person can watch and call off: nothing of a change that was called off is kept."""

from __future__ import annotations

import threading

import duckdb
import pytest

from data import progress
from data.access import Permission, actor_for
from data.people import first_person
from data.progress import Cancelled, Stage, Watch, watched
from data.store import open_store
from data.types import Process


@pytest.fixture
def store(tmp_path):
    opened = open_store(str(tmp_path / "essaim.duckdb"))
    yield opened
    opened.close()


def founder(store):
    person = first_person(store, "Ana")
    with store.read() as cursor:
        return actor_for(cursor, person.id, store.today())


def test_work_that_nobody_watches_runs_as_ever():
    progress.at(Stage.READING)

    with progress.stoppable(lambda: pytest.fail("nobody asked")):
        pass


def test_a_stage_is_seen_from_outside_and_none_begins_once_called_off():
    watch = Watch()

    with watched(watch):
        progress.at(Stage.READING)
        seen = watch.stage
        watch.cancel()
        with pytest.raises(Cancelled):
            progress.at(Stage.UNDERSTANDING)

    assert (seen, watch.stage) == (Stage.READING, Stage.READING)


def test_what_can_be_stopped_is_stopped_and_ends_as_called_off():
    watch, stopped = Watch(), threading.Event()

    def work():
        with watched(watch), progress.stoppable(stopped.set):
            watch.cancel()
            raise OSError("the reader is gone")

    with pytest.raises(Cancelled):
        work()
    assert stopped.is_set()


def test_an_error_of_its_own_stays_that_error():
    with watched(Watch()), pytest.raises(OSError, match="broken"), progress.stoppable(lambda: None):
        raise OSError("broken")


def test_nothing_begins_after_a_cancel():
    watch = Watch()
    watch.cancel()

    with watched(watch), pytest.raises(Cancelled), progress.stoppable(lambda: None):
        pytest.fail("it began")


@pytest.mark.accepts("1.20")
def test_a_change_called_off_while_a_query_runs_leaves_the_record_as_it_was(store):
    keeper = founder(store)
    version, watch = store.data_version(), Watch()

    def long_change():
        with store.change(keeper, Permission.REGISTER_SITE) as tx:
            tx.append(Process(id="p-1", name="Planning"))
            threading.Timer(0.2, watch.cancel).start()
            tx.cursor.execute("SELECT sum(a.i * b.i) FROM range(3000000) a(i), range(3000000) b(i)").fetchall()

    with watched(watch), pytest.raises(Cancelled) as called_off:
        long_change()

    assert isinstance(called_off.value.__cause__, duckdb.InterruptException)
    assert store.data_version() == version
    with store.change(keeper, Permission.REGISTER_SITE) as tx:
        tx.append(Process(id="p-1", name="Planning"))
