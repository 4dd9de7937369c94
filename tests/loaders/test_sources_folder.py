"""A watched folder: each file loaded once, when it is whole; nothing outside the folder is ever read."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time

import pytest

from data import source_runs
from data.access import actor_for
from data.people import assign, end_assignment, register_person
from data.sources import edit_source, pause_source
from data.types import Role, RunOutcome
from loaders import ingest
from loaders.dates import DateOrder
from loaders.sources import folder as watched
from loaders.sources.job import Trouble
from loaders.sources.words import again_words, run_words
from tests.loaders.linked import NOW, aged, batches, here, keeper, link, run, settled, store, values, weekly

__all__ = ["here", "keeper", "link", "store"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "exports"
    place.mkdir()
    monkeypatch.setenv("ESSAIM_SOURCE_FOLDERS", f'["{place}"]')
    return place


@pytest.fixture
def source(link, folder):
    return link("folder", str(folder), pattern="*.csv")


@pytest.mark.accepts("1.21")
@pytest.mark.usefixtures("here")
def test_a_file_put_into_the_folder_loads_itself_once(store, source, folder):
    settled(folder / "delais.csv", weekly("4,5", "5,5"))

    first, second = run(store, source), run(store, source)

    assert (first.outcome, first.n_files, first.n_new) == (RunOutcome.LOADED, 1, 2)
    assert run_words(first, "en") == "2 values entered the record."
    assert (second.outcome, second.n_files) == (RunOutcome.UNCHANGED, 0)
    assert run_words(second, "fr") == "Rien de nouveau depuis la dernière fois."
    assert values(store) == [4.5, 5.5]
    assert [(batch.file_name, batch.reason) for batch in batches(store)] == [("delais.csv", "Source “ERP”")]


@pytest.mark.accepts("1.10", "1.21")
@pytest.mark.usefixtures("here")
def test_a_file_that_changes_is_loaded_again_and_its_corrections_are_restatements(store, source, folder):
    settled(folder / "delais.csv", weekly("4,5", "5,5"))
    run(store, source)

    settled(folder / "delais.csv", weekly("4,5", "6,5", "7"), seconds=30)
    done = run(store, source)

    assert (done.n_new, done.n_same, done.n_restated) == (1, 1, 1)
    assert run_words(done, "en") == "2 values entered the record. 1 of them replaces an earlier value."
    assert values(store) == [4.5, 6.5, 7]


def test_corrections_wait_for_a_person_where_the_source_may_not_take_them(store, keeper, source, folder):
    settled(folder / "delais.csv", weekly("4,5", "5,5"))
    run(store, source)
    edit_source(store, keeper, source.id, takes_corrections=False)

    settled(folder / "delais.csv", weekly("4,5", "6,5"), seconds=30)
    done = run(store, source)

    assert (done.outcome, values(store)) == (RunOutcome.QUESTION, [4.5, 5.5])
    assert run_words(done, "en").startswith("delais.csv: 1 value differs from the record. Load the file with a reason")


def test_the_same_values_in_other_bytes_leave_no_load_behind(store, source, folder):
    settled(folder / "delais.csv", weekly("4,5", "5,5"))
    run(store, source)
    version = store.data_version()

    settled(folder / "delais.csv", weekly("4,50", "5,50"), seconds=30)
    done = run(store, source)

    assert (done.outcome, done.n_same) == (RunOutcome.UNCHANGED, 2)
    assert store.data_version() == version


@pytest.mark.usefixtures("here")
def test_only_the_files_that_match_are_taken_and_the_others_never_stop_them(store, source, folder):
    settled(folder / "a.csv", b"\x89PNG\r\n\x1a\n no table")
    settled(folder / "B.CSV", weekly("4,5"))
    for name in ("notes.txt", ".hidden.csv", "~$open.csv", "delais.csv.part"):
        settled(folder / name, weekly("9"))
    (folder / "sub.csv").mkdir()

    done = run(store, source)

    assert (done.outcome, done.n_files, values(store)) == (RunOutcome.FAULT, 2, [4.5])
    assert run_words(done, "en").startswith("a.csv: ")


@pytest.mark.usefixtures("here")
def test_a_file_at_fault_is_tried_again_and_one_that_was_taken_is_not(store, source, folder):
    settled(folder / "a.csv", b"\x89PNG\r\n\x1a\n no table")
    settled(folder / "b.csv", weekly("4,5"))
    run(store, source)

    settled(folder / "a.csv", weekly("8", site="Metz"))
    done = run(store, source)

    assert (done.outcome, done.n_files) == (RunOutcome.QUESTION, 1)
    assert "Metz" in run_words(done, "en")


@pytest.mark.promises("F9")
def test_half_a_file_is_waited_for(store, source, folder, monkeypatch):
    monkeypatch.setattr("loaders.sources.fetching.SETTLED_SECONDS", 3.0)
    path = folder / "delais.csv"
    whole = weekly("4,5", "5,5", "6,5", "7,5")
    path.write_bytes(whole[: len(whole) // 2])

    def write_the_rest() -> None:
        time.sleep(1.5)
        path.write_bytes(whole)

    writer = threading.Thread(target=write_the_rest)
    writer.start()
    done = run(store, source)
    writer.join()

    assert (done.outcome, values(store)) == (RunOutcome.LOADED, [4.5, 5.5, 6.5, 7.5])


@pytest.mark.promises("F9")
@pytest.mark.usefixtures("here")
def test_a_file_that_keeps_being_written_is_left_for_the_next_minute(store, source, folder, monkeypatch):
    monkeypatch.setattr("loaders.sources.fetching.SETTLED_SECONDS", 3.0)
    path, stop = folder / "delais.csv", threading.Event()

    def keep_writing() -> None:
        with path.open("wb") as file:
            while not stop.wait(0.2):
                file.write(weekly("4,5"))
                file.flush()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        done = run(store, source)
    finally:
        stop.set()
        writer.join()

    assert (done.outcome, done.n_files, values(store)) == (RunOutcome.UNCHANGED, 0, [])
    assert done.again_at == NOW + dt.timedelta(minutes=1)
    assert run_words(done, "en") == "A file is still being written; it will be taken when it is whole."


@pytest.mark.promises("F6")
@pytest.mark.usefixtures("here")
def test_a_link_inside_the_folder_is_never_followed(store, source, folder, tmp_path):
    settled(tmp_path / "private.csv", weekly("4,5"))
    (folder / "way-out.csv").symlink_to(tmp_path / "private.csv")
    os.mkfifo(folder / "pipe.csv")

    done = run(store, source)

    assert (done.outcome, done.n_files, values(store)) == (RunOutcome.UNCHANGED, 0, [])


@pytest.mark.promises("F6")
def test_a_folder_that_becomes_a_link_out_is_refused_at_the_next_run(store, link, folder, tmp_path):
    (folder / "lyon").mkdir()
    source = link("folder", str(folder / "lyon"), pattern="*")
    settled(tmp_path / "private.csv", weekly("4,5"))

    (folder / "lyon").rmdir()
    (folder / "lyon").symlink_to(tmp_path)
    done = run(store, source)

    assert (done.outcome, done.code, values(store)) == (RunOutcome.FAULT, "folder_not_allowed", [])


@pytest.mark.promises("F6")
@pytest.mark.promises("F6")
def test_a_folder_on_the_way_that_becomes_a_link_is_not_followed(folder, tmp_path):
    inside, outside = folder / "lyon" / "mai", tmp_path / "private" / "mai"
    inside.mkdir(parents=True)
    outside.mkdir(parents=True)
    with watched._opened(str(inside)):
        pass
    (folder / "lyon").rename(folder / "old")
    (folder / "lyon").symlink_to(tmp_path / "private")

    with pytest.raises(Trouble) as refused, watched._opened(str(inside)):
        pass

    assert refused.value.code == "folder_missing"


def test_a_folder_on_the_way_need_not_be_readable(folder):
    inside = folder / "lyon" / "mai"
    inside.mkdir(parents=True)
    (folder / "lyon").chmod(0o311)

    try:
        with watched._opened(str(inside)) as opened:
            assert os.fstat(opened)
    finally:
        (folder / "lyon").chmod(0o755)


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_opened(folder, tmp_path):
    settled(tmp_path / "private.csv", weekly("4,5"))
    (folder / "delais.csv").symlink_to(tmp_path / "private.csv")
    opened = os.open(folder, os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="symbolic"):
            os.open("delais.csv", watched.PLAINLY, dir_fd=opened)
    finally:
        os.close(opened)


@pytest.mark.usefixtures("here")
def test_a_folder_that_went_away_is_a_fault_that_says_how_to_mend_it(store, source, folder):
    folder.rmdir()

    done = run(store, source)

    assert run_words(done, "en") == "The folder is not there. Check its address, or ask whoever keeps the disk."


@pytest.mark.usefixtures("here")
def test_a_file_beyond_the_cap_is_named_and_the_others_are_taken(store, source, folder, monkeypatch):
    monkeypatch.setattr("loaders.sources.fetching.MEGABYTE", 100)
    settled(folder / "a.csv", weekly("4,5") + b"\n" * 3000)
    settled(folder / "b.csv", weekly("4,5"))

    done = run(store, source)

    assert values(store) == [4.5]
    assert run_words(done, "en").startswith("a.csv: It weighs ")


@pytest.mark.usefixtures("here")
def test_more_files_than_one_run_takes_are_left_for_the_next_minute(store, source, folder, monkeypatch):
    limits = ingest.read_book.__globals__["caps"]().model_copy(update={"source_files": 2})
    monkeypatch.setattr("loaders.sources.fetching.caps", lambda: limits)
    for number, week in enumerate(["2026-01-05", "2026-01-12", "2026-01-19"]):
        settled(folder / f"{number}.csv", f"semaine;site;délai (j)\n{week};Lyon;{number + 1}".encode(), 60 - number)

    first, second = run(store, source), run(store, source)

    assert (first.n_files, second.n_files) == (2, 1)
    assert first.again_at is not None
    assert values(store) == [1, 2, 3]


@pytest.mark.accepts("1.21")
@pytest.mark.usefixtures("here")
def test_files_that_wait_for_a_person_never_keep_new_ones_waiting(store, source, folder, monkeypatch):
    limits = ingest.read_book.__globals__["caps"]().model_copy(update={"source_files": 2})
    monkeypatch.setattr("loaders.sources.fetching.caps", lambda: limits)
    for number in range(5):
        settled(folder / f"asks-{number}.csv", f"date;site;d (j)\n0{number + 3}/02/2026;Lyon;4,5\n".encode(), 600)
    runs = [run(store, source) for _ in range(3)]

    settled(folder / "new.csv", weekly("4,5"))
    done = run(store, source)

    assert [one.n_files for one in runs] == [2, 2, 2]
    assert [one.again_at is not None for one in runs] == [True, True, False]  # nothing untried is left
    assert (done.outcome, values(store)) == (RunOutcome.QUESTION, [4.5])
    with store.read() as cursor:
        tried = [mark.name for mark in source_runs.marks_of(cursor, source.id).values() if not mark.file_hash]
    assert len(tried) == 5


# --- questions, rights, scope -------------------------------------------------------------------------------------


@pytest.mark.accepts("1.21")
def test_a_question_stops_the_source_until_a_person_has_answered_it_once(store, keeper, source, folder):
    ambiguous = b"date;site;d\xc3\xa9lai (j)\n01/02/2026;Lyon;4,5\n01/03/2026;Lyon;5,5\n"
    settled(folder / "fevrier.csv", ambiguous)
    asked = run(store, source)
    assert (asked.outcome, values(store)) == (RunOutcome.QUESTION, [])
    assert run_words(asked, "en") == (
        "fevrier.csv: One point must be settled before it can be read: A “date” 01/02/2026. It is asked once."
    )

    answer = ingest.Choices(date_order=DateOrder.DAY_FIRST)
    ingest.load(ingest.understand(ambiguous, "fevrier.csv", store, keeper, answer), store, keeper)
    after = run(store, source)
    settled(folder / "avril.csv", b"date;site;d\xc3\xa9lai (j)\n01/04/2026;Lyon;6,5\n")
    later = run(store, source)

    assert (after.outcome, later.outcome) == (RunOutcome.UNCHANGED, RunOutcome.LOADED)
    assert values(store) == [4.5, 5.5, 6.5]


@pytest.mark.promises("A3")
def test_a_source_whose_owner_lost_the_role_stops_with_a_sentence(store, keeper, link, folder):
    lea = register_person(store, keeper, name="Léa")
    role = assign(store, keeper, person_id=lea.id, role=Role.METRIC_KEEPER)
    with store.read() as cursor:
        owner = actor_for(cursor, lea.id, store.today())
    source = link("folder", str(folder), pattern="*.csv", actor=owner)
    settled(folder / "delais.csv", weekly("4,5"))

    end_assignment(store, keeper, role.id, store.today() - dt.timedelta(days=1))
    done = run(store, source)

    assert (done.outcome, values(store)) == (RunOutcome.STOPPED, [])
    assert run_words(done, "en").startswith("It loads with the rights of Léa, who may no longer load here.")


@pytest.mark.promises("A2")
def test_a_source_of_one_site_takes_rows_of_no_other(store, keeper, link, folder):
    settled(folder / "lyon.csv", weekly("4,5"))
    run(store, link("folder", str(folder), pattern="lyon.csv"))
    settled(folder / "metz.csv", weekly("5,5", site="Metz"))
    run(store, link("folder", str(folder), pattern="metz.csv", name="Metz", register_sites=True))
    with store.read() as cursor:
        lyon = cursor.execute("SELECT id FROM site WHERE name = 'Lyon'").fetchone()[0]

    source = link("folder", str(folder), pattern="other.csv", name="Only Lyon", site_id=lyon)
    settled(folder / "other.csv", b"semaine;site;d\xc3\xa9lai (j)\n2026-02-02;Lyon;4,5\n2026-02-02;Metz;6,5\n")
    done = run(store, source)

    assert (done.outcome, len(values(store))) == (RunOutcome.QUESTION, 2)
    assert run_words(done, "en") == (
        "other.csv: It holds rows of Metz, for which this source was not linked. Change its scope, or the file."
    )


def test_a_file_without_a_site_is_of_the_site_of_its_source(store, keeper, link, folder):
    settled(folder / "lyon.csv", weekly("4,5"))
    run(store, link("folder", str(folder), pattern="lyon.csv"))
    with store.read() as cursor:
        lyon = cursor.execute("SELECT id FROM site WHERE name = 'Lyon'").fetchone()[0]

    settled(folder / "own.csv", b"semaine;d\xc3\xa9lai (j)\n2026-02-02;1\n2026-02-09;2\n")
    nobody = run(store, link("folder", str(folder), pattern="own.csv", name="Whose"))
    source = link("folder", str(folder), pattern="own.csv", name="Own", site_id=lyon)
    assert run_words(nobody, "en") == "own.csv: No column names the site. Choose it in the source."

    assert run(store, source).outcome is RunOutcome.LOADED
    assert values(store) == [4.5, 1, 2]


@pytest.mark.usefixtures("here")
def test_three_faults_in_a_row_are_said_kindly_and_in_both_languages(store, source, folder):
    settled(folder / "delais.csv", weekly("4,5"))
    run(store, source)
    folder.joinpath("delais.csv").unlink()
    folder.rmdir()

    for _ in range(3):
        run(store, source)

    with store.read() as cursor:
        found = source_runs.standing(cursor, source.id)
    assert found.in_trouble
    assert again_words(found, NOW, "en").startswith(
        "3 runs in a row brought nothing; the last values came on 30 Mar 2026"
    )
    assert again_words(found, NOW, "fr").startswith("3 passages de suite n’ont rien apporté")
    assert again_words(found, NOW + dt.timedelta(days=1), "en") != ""


def test_a_source_that_missed_its_time_says_that_the_app_must_run(store, source):
    run(store, source)
    with store.read() as cursor:
        found = source_runs.standing(cursor, source.id)

    assert again_words(found, NOW, "en") == ""
    assert "sources run while the app is running" in again_words(found, NOW + dt.timedelta(days=1), "en")


# --- nothing twice ------------------------------------------------------------------------------------------------


@pytest.mark.promises("F9")
def test_a_source_and_an_upload_of_the_same_file_at_once_load_it_once(store, keeper, source, folder):
    data = weekly("4,5", "5,5", "6,5")
    settled(folder / "delais.csv", data)
    gate, ended = threading.Barrier(2), []

    def upload() -> None:
        understanding = ingest.understand(data, "delais.csv", store, keeper)
        gate.wait()
        ingest.load(understanding, store, keeper)
        ended.append("loaded")

    person = threading.Thread(target=upload)
    person.start()
    gate.wait()
    done = run(store, source)
    person.join()

    assert ended == ["loaded"]
    assert done.outcome in (RunOutcome.LOADED, RunOutcome.UNCHANGED)
    assert values(store) == [4.5, 5.5, 6.5]
    assert len(batches(store)) == 1
    with store.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM site").fetchone() == (1,)


def test_a_removed_source_does_not_run(store, source):
    from loaders.sources.running import run_source

    assert run_source(store, "unknown") is None


def test_a_paused_source_can_still_be_run_by_hand(store, keeper, source, folder):
    settled(folder / "delais.csv", weekly("4,5"))
    pause_source(store, keeper, source.id, paused=True)

    assert run(store, source).outcome is RunOutcome.LOADED
    assert aged(folder / "delais.csv").exists()
