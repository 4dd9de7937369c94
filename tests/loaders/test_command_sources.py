"""`python -m loaders sources`: sources linked, listed, run and taken away, in sentences and exit codes."""

from __future__ import annotations

import pytest

from data import source_runs
from data.store import open_store
from loaders.command import run
from tests.loaders.linked import settled, weekly


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "exports"
    place.mkdir()
    for name in ("ESSAIM_TODAY", "ESSAIM_PERSON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ESSAIM_SOURCE_FOLDERS", f'["{place}"]')
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
    monkeypatch.setenv("ESSAIM_LANGUAGE", "en")
    monkeypatch.setattr("loaders.sources.fetching.SETTLED_SECONDS", 0.0)
    return place


@pytest.fixture
def say_to(capsys):
    def one(*arguments: str):
        code = run(["sources", *arguments])
        told = capsys.readouterr()
        return code, told.out.strip(), told.err.strip()

    return one


@pytest.mark.accepts("1.21")
def test_a_source_is_linked_run_listed_paused_and_removed_from_the_command_line(folder, say_to):
    settled(folder / "delais.csv", weekly("4,5", "5,5"))

    code, out, _ = say_to("add", "ERP", "--folder", str(folder), "--pattern", "*.csv", "--every", "every 15 min")
    assert (code, "ERP is linked: it runs every 15 minutes while the app is running" in out) == (0, True)
    assert say_to("run", "erp") == (0, "ERP: 2 values entered the record.", "")
    assert say_to("run")[:2] == (0, "ERP: Nothing new since the last time.")
    code, out, _ = say_to("list")
    assert (code, out.startswith(f"ERP · a folder · {folder} *.csv · every 15 minutes · ")) == (0, True)
    assert say_to("pause", "ERP")[1] == "ERP is paused."
    assert "· paused ·" in say_to("list")[1]
    assert say_to("resume", "ERP")[1] == "ERP runs again."
    assert say_to("remove", "ERP")[1] == "ERP is removed."
    assert say_to("list")[1] == "No source is linked yet"


def test_a_run_that_fails_ends_with_two_and_the_others_still_run(folder, say_to):
    settled(folder / "delais.csv", weekly("4,5"))
    say_to("add", "Good", "--folder", str(folder), "--pattern", "*.csv")
    settled(folder / "image.dat", b"\x89PNG\r\n\x1a\n no table")
    say_to("add", "Bad", "--folder", str(folder), "--pattern", "*.dat")

    code, out, _ = say_to("run", "Bad", "Good")

    assert code == 2
    assert "Bad: image.dat: " in out
    assert "Good: 1 value entered the record." in out


@pytest.mark.parametrize(
    "arguments",
    [["add"], ["add", "ERP"], ["add", "ERP", "--folder", "/x", "--http", "http://x"], ["pause"], ["list", "--sql", "x"], ["x"]],
)  # fmt: skip
def test_a_line_that_is_not_understood_is_refused(folder, say_to, arguments):
    code, out, err = say_to(*arguments)

    assert (code, out) == (2, "")
    assert err


def test_what_the_record_refuses_is_one_sentence(folder, say_to):
    assert "ESSAIM_SOURCE_FOLDERS" in say_to("add", "ERP", "--folder", "/etc")[2]
    assert "There is no source of this name" in say_to("run", "nobody")[2]
    assert "not on record" in say_to("add", "ERP", "--folder", str(folder), "--site", "Nowhere")[2]


def test_a_source_of_a_site_is_linked_by_the_name_of_the_site(folder, say_to, tmp_path):
    settled(folder / "delais.csv", weekly("4,5"))
    say_to("add", "All", "--folder", str(folder), "--pattern", "*.csv")
    say_to("run")

    say_to("add", "One", "--folder", str(folder), "--site", "lyon", "--ask-corrections", "--register")

    store = open_store(str(tmp_path / "essaim.duckdb"))
    with store.read() as cursor:
        (one,) = [found.source for found in source_runs.standings(cursor) if found.source.name == "One"]
    store.close()
    assert one.site_id is not None
    assert (one.takes_corrections, one.register_sites, one.schedule) == (False, True, "daily 06:00")


def test_a_store_that_the_app_holds_is_left_to_it(folder, say_to, tmp_path):
    holder = open_store(str(tmp_path / "essaim.duckdb"))
    try:
        code, _, err = say_to("list")
    finally:
        holder.close()

    assert code == 3
    assert err
