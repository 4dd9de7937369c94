"""Long work is shown, can be called off at any time, and a file in hand outlives the page that took it."""

from __future__ import annotations

import threading

import pytest

from data.batches import batches
from data.people import assign, register_person
from data.progress import Stage, at
from data.types import Role
from loaders import ingest
from pages.keepers import kept, work
from pages.keepers.desk import Desk
from tests.pages.upload_screen import (
    at_work,
    given,
    keys,
    loaded,
    opened,
    press,
    ran,
    run,
    text,
    title,
    weekly,
)


@pytest.fixture
def slow(monkeypatch):
    """Reading waits until the test lets it go on."""
    monkeypatch.setattr(work, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(work.Work.finished_within, "__defaults__", (0.05,))
    gate = threading.Event()
    understand = ingest.understand

    def waiting(*given, **how):
        at(Stage.READING)
        assert gate.wait(20)
        return understand(*given, **how)

    monkeypatch.setattr(ingest, "understand", waiting)
    yield gate
    gate.set()


def taken(data, name="delais.csv", shown=None):
    """Give a file and run once, without waiting."""
    shown = shown or opened()
    shown.get("file_uploader")[0].upload(name, data)
    return run(shown)


def test_long_reading_is_shown_by_its_stages_and_goes_on_by_itself(keeper, slow):
    shown = taken(weekly("4,5", "5,5"))

    assert title(shown) == "Reading delais.csv"
    assert "Read the cells Understand and check them Compare with the record" in text(shown)
    assert "upload-cancel" in keys(shown)

    slow.set()
    assert title(ran(shown)) == "We understood 1 site, 1 metric, 2 weeks: is it right?"


def test_reading_is_called_off_and_the_file_put_away(store, keeper, slow):
    shown = taken(weekly("4,5", "5,5"))

    shown.button(key="upload-cancel").click()
    shown = run(shown)

    assert title(shown) == "Bring a site’s file"
    assert "Cancelled: nothing has been stored." in text(shown)
    assert shown.session_state["upload-desk"].given is None


@pytest.mark.accepts("1.20")
def test_a_load_is_called_off_and_the_record_stays_as_it_was(store, keeper, monkeypatch):
    monkeypatch.setattr(work.Work.finished_within, "__defaults__", (0.05,))
    begun, gate = threading.Event(), threading.Event()
    commit = ingest.commit_load

    def held_up(the_store, *given, **how):
        with the_store.read():  # as long as a big comparison would take
            begun.set()
            assert gate.wait(20)
        return commit(the_store, *given, **how)

    monkeypatch.setattr(ingest, "commit_load", held_up)
    shown = press(given(weekly("4,5", "5,5")), "upload-right")
    version = store.data_version()
    shown.button(key="upload-load").click()
    shown = run(shown)
    assert begun.wait(20)
    assert title(shown) == "Loading delais.csv"

    shown.button(key="upload-cancel").click()
    gate.set()
    shown = ran(shown)

    assert title(shown) == "2 new values are ready to be loaded"
    assert "Cancelled: nothing has been stored." in text(shown)
    assert store.data_version() == version
    monkeypatch.setattr(ingest, "commit_load", commit)
    assert title(press(shown, "upload-load")) == "2 values entered the record from delais.csv"


def test_another_choice_does_not_read_the_bytes_again(keeper, monkeypatch):
    shown = given(weekly("4,5", "5,5"))
    monkeypatch.setattr(ingest, "understand", lambda *_, **__: pytest.fail("the bytes were read again"))

    shown.selectbox(key="upload-decimal").select(".")
    shown = ran(shown)

    assert title(shown).startswith("This file cannot be read") or "upload-decimal" in {
        box.key for box in shown.selectbox
    }


@pytest.mark.parametrize("step", ["understood", "check", "done"])
def test_a_file_in_hand_outlives_a_switch_of_language(keeper, step):
    shown = given(weekly("4,5", "5,5"))
    if step != "understood":
        shown = press(shown, "upload-right")
    if step == "done":
        shown = press(shown, "upload-load")

    french = opened("fr", file=shown.query_params["file"])

    assert (
        title(french)
        == {
            "understood": "Nous avons compris 1 site, 1 métrique, 2 semaines : est-ce juste ?",
            "check": "2 nouvelles valeurs sont prêtes à être chargées",
            "done": "2 valeurs de delais.csv sont entrées au registre",
        }[step]
    )


@pytest.mark.accepts("10.2")
def test_a_file_in_hand_is_found_by_nobody_else(store, keeper, monkeypatch):
    shown = given(weekly("4,5", "5,5"))
    other = register_person(store, keeper, name="Bo", language="en")
    assign(store, keeper, person_id=other.id, role=Role.METRIC_KEEPER)
    monkeypatch.setenv("ESSAIM_PERSON", other.id)

    theirs = opened("en", file=shown.query_params["file"])

    assert title(theirs) == "Bring a site’s file"


def test_a_file_put_away_is_gone_from_memory_and_address(keeper):
    shown = given(weekly("4,5", "5,5"))
    word = shown.query_params["file"]

    shown = press(shown, "upload-other")

    assert "file" not in shown.query_params
    assert kept.find(word, keeper.person_id) is None


def test_a_kept_file_is_forgotten_after_its_time_and_a_third_pushes_out_the_oldest(monkeypatch):
    words = [kept.keep(Desk(), "ana") for _ in range(3)]
    found = [kept.find(word, "ana") is not None for word in words]
    monkeypatch.setattr(kept, "KEPT_SECONDS", -1.0)
    late = kept.keep(Desk(), "ana")

    assert found == [False, True, True]
    assert kept.find(late, "ana") is None


def test_two_files_at_most_are_worked_on_at_once():
    gate, running = threading.Event(), threading.Semaphore(0)

    def act():
        running.release()
        return gate.wait(20)

    begun = [work.Work(act) for _ in range(3)]
    both = [running.acquire(timeout=10) for _ in range(2)]
    third = running.acquire(timeout=0.2)
    gate.set()

    assert (both, third) == ([True, True], False)
    assert all(one.result() for one in begun)


@pytest.mark.accepts("9.8")
def test_a_long_file_sends_few_cells_to_the_browser(store, keeper):
    rows = "\n".join(f"{2000 + n // 365}-01-01;Site {n % 365};{n}" for n in range(60_000))
    shown = press(given(f"an;site;n\n{rows}\n".encode(), "long.csv"), "upload-right")

    sent = sum(len(element.proto.body) for element in shown.get("html")) + sum(
        len(chart.proto.SerializeToString()) for chart in shown.get("vega_lite_chart")
    )

    assert sent < 200_000
    assert batches_of(store) == 0


def batches_of(store):
    with store.read() as cursor:
        return len(batches(cursor))


def test_a_load_that_others_overtook_is_looked_at_again(store, keeper):
    shown = press(given(weekly("4,5", "5,5")), "upload-right")
    loaded(store, keeper, weekly("4,5", "9,5"), "autre.csv")

    shown = ran(shown)

    assert title(shown) == "1 value on record would change"
    assert not at_work(shown)
