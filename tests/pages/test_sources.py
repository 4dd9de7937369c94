"""The page of sources: how each one goes in words, what waits for whom, and every act through the gate."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from streamlit.testing.v1 import AppTest

from data import records, source_runs
from data.access import actor_for
from data.people import assign, people, register_person
from data.schedules import Every
from data.source_runs import Mark, SourceRun
from data.sources import link_source, pause_source, sources
from data.types import Role, RunOutcome, Source, SourceKind
from loaders.sources.fetching import fetched
from loaders.sources.folder import mark_of
from pages.keepers.sources_view import taken_from
from pages.keepers.sources_words import piece_of
from tests.tools.screen import SECONDS, markup, opened, primary_buttons, rows, title, words
from tests.tools.stores import TODAY

PAGE = "pages.keepers.sources"
NOON = dt.datetime.combine(TODAY, dt.time(12), tzinfo=dt.UTC)
STATES = "How do the sources go?"


def founder(store):
    with store.read() as cursor:
        return actor_for(cursor, people(cursor)[0].id, store.today())


@pytest.fixture
def store(visiting, tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_SOURCE_FOLDERS", f'["{tmp_path}"]')
    return visiting(1)


@pytest.fixture
def link(store, tmp_path):
    return lambda name="ERP Lyon", **more: link_source(
        store, founder(store), name=name, kind="folder",
        **{"address": str(tmp_path), "pattern": "*.csv", "schedule": "hourly", **more},
    )  # fmt: skip


def ran(store, source, outcome, **more):
    now = store.now()
    source_runs.note_run(store, SourceRun(source.id, now, now, outcome, **more))


def linked(store):
    with store.read() as cursor:
        return sources(cursor)


def act(page, key):
    page.button(key=key).click().run()
    assert not page.exception, page.exception
    return page


def _form_alone():
    import streamlit as st

    from data.sources import sources
    from data.store import the_store
    from pages.keepers.sources_form import SAVED, open_source
    from pages.keepers.sources_view import sources_view
    from pages.shared.session import visit

    if SAVED in st.session_state:
        st.stop()
    with the_store().read() as cursor:
        known = {source.id: source for source in sources(cursor)}
    now = visit()
    open_source(now, sources_view(now), known.get(st.query_params.get("of", "")))


def form(of="", language="en"):
    """The form of a source, or of a new one, on a page that holds nothing else: AppTest runs no dialog by itself."""
    page = AppTest.from_function(_form_alone, default_timeout=SECONDS)
    page.query_params["of"], page.query_params["lang"] = of, language
    return page.run()


def test_without_a_source_the_page_says_what_may_be_linked_and_offers_it(store):
    page = opened(PAGE, lang="en")

    assert title(page) == "No source is linked yet"
    assert "link a folder, a web address, an S3 bucket or a query" in words(page)
    assert primary_buttons(page) == ["Link a source"]


@pytest.mark.accepts("1.21")
def test_each_source_shows_its_state_its_last_run_its_rows_and_its_next_run(store, link):
    ran(store, link(), RunOutcome.LOADED, n_new=12, n_restated=1)
    ran(store, link("Metz"), RunOutcome.UNCHANGED)
    ran(store, link("Brest"), RunOutcome.FAULT, code="folder_missing")
    link("Nancy")
    pause_source(store, founder(store), link("Reims").id, paused=True)

    found = {row[0].split(" a folder")[0]: row[1:] for row in rows(opened(PAGE, lang="en"), STATES)}

    assert list(found) == ["ERP Lyon", "Metz", "Brest", "Nancy", "Reims"]
    assert found["ERP Lyon"][0].startswith("loaded 13 values entered the record. 1 of them replaces an earlier value.")
    assert found["ERP Lyon"][2] == "13"
    assert found["ERP Lyon"][3].endswith("every hour")
    assert found["Metz"][0] == "nothing new"
    assert found["Brest"][0].startswith("fault The folder is not there. Check its address")
    assert found["Nancy"][:2] == ["not run yet", "not yet"]
    assert found["Reims"][0] == "paused"


def test_a_question_is_the_next_step_with_the_file_in_hand(store, link, tmp_path):
    ambiguous = "date;site;délai (j)\n01/02/2026;Site 000;4,5\n01/03/2026;Site 000;5,5\n".encode()
    (tmp_path / "delais.csv").write_bytes(ambiguous)
    source = link()
    ran(store, source, RunOutcome.QUESTION, code="refusal:loaders:question_date_order",
        details={"column": "A “date”", "found": "01/02/2026", "n": 1, "file": "delais.csv"})  # fmt: skip

    page = opened(PAGE, lang="en")

    assert title(page) == "1 source waits for you"
    assert "see what ERP Lyon needs." in words(page)
    assert primary_buttons(page) == ["Answer with the file in hand"]
    assert "delais.csv: " in words(page)


def test_the_file_a_question_is_about_is_found_behind_those_that_were_taken(store, link, tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_MAX_SOURCE_FILES", "2")
    monkeypatch.setattr("loaders.sources.fetching.SETTLED_SECONDS", 0.0)
    source = link()
    for n in range(4):
        made = tmp_path / f"{n}.csv"
        made.write_bytes(f"date;site;délai (j)\n0{n + 1}/02/2026;Site 000;4,5\n".encode())
        os.utime(made, (n, n))
    marks = [Mark(f"{n}.csv", mark_of((tmp_path / f"{n}.csv").stat()), "hash") for n in range(3)]
    source_runs.note_run(store, SourceRun(source.id, store.now(), store.now(), RunOutcome.LOADED), marks)
    ran(store, source, RunOutcome.QUESTION, code="refusal:loaders:question_date_order", details={"file": "3.csv"})
    with store.read() as cursor:
        standing = source_runs.standing(cursor, source.id)

    with fetched(source, taken_from(source)) as delivery:
        piece = piece_of(standing, delivery.pieces)

    assert (piece.name, piece.data) == ("3.csv", (tmp_path / "3.csv").read_bytes())


@pytest.mark.accepts("1.21")
def test_a_keeper_links_a_source_in_the_form(store, tmp_path):
    assert act(opened(PAGE, lang="en"), "sources-link").text_input(key="source-new-name") is not None
    page = form()
    page.text_input(key="source-new-name").set_value("ERP")
    page.text_input(key="source-new-folder-address").set_value(str(tmp_path))
    page.text_input(key="source-new-pattern").set_value("*.xlsx")
    act(page, "source-new-save")

    (source,) = linked(store)
    assert (source.name, source.address, source.pattern, source.schedule) == (
        "ERP",
        str(tmp_path),
        "*.xlsx",
        "daily 06:00",
    )
    assert page.session_state["sources-saved"] == "ERP is linked and runs within seconds."


def test_what_is_wrong_with_a_source_is_said_in_the_form_and_nothing_is_kept(store):
    page = form(language="fr")
    page.text_input(key="source-new-name").set_value("ERP")
    page.text_input(key="source-new-folder-address").set_value("/etc")
    act(page, "source-new-save")

    assert "ESSAIM_SOURCE_FOLDERS" in page.error[0].value
    assert linked(store) == []


@pytest.mark.parametrize("kind", ["folder", "http", "s3", "sql"])
@pytest.mark.parametrize("every", ["minutes", "hour", "day", "week"])
def test_the_form_asks_for_what_each_kind_and_schedule_needs(store, kind, every):
    page = form(language="fr")
    page.selectbox(key="source-new-kind").select_index(list(SourceKind).index(kind)).run()
    page.selectbox(key="source-new-every").select_index(list(Every).index(every)).run()

    assert not page.exception
    asked = {field.key for field in [*page.text_input, *page.text_area, *page.number_input, *page.time_input]}
    assert f"source-new-{kind}-address" in asked
    assert ("source-new-minutes" in asked) == (every == "minutes")
    assert ("source-new-at" in asked) == (every in ("day", "week"))
    assert ("source-new-query" in asked) == (kind == "sql")


def test_a_source_is_paused_run_changed_and_removed_from_the_page(store, link):
    source = link()
    page = act(opened(PAGE, lang="en"), "sources-pause")
    assert [message.value for message in page.success] == ["ERP Lyon is paused."]
    assert linked(store)[0].paused

    act(page, "sources-run")
    with store.read() as cursor:
        assert source_runs.standing(cursor, source.id).asked_at is not None

    changing = form(source.id)
    changing.text_input(key=f"source-{source.id}-name").set_value("ERP Sud")
    act(changing, f"source-{source.id}-save")
    assert linked(store)[0].name == "ERP Sud"

    asked = act(opened(PAGE, lang="en"), "sources-remove")
    assert "What it has loaded stays." in words(asked)
    with store.read() as cursor:
        assert len(records.history(cursor, Source, source.id)) == 3


@pytest.mark.promises("A1")
def test_a_keeper_of_one_site_sees_the_sources_of_that_site_only(store, link, monkeypatch):
    link("Everywhere")
    link("Of the site", site_id="s000")
    lea = register_person(store, founder(store), name="Léa", language="en")
    assign(store, founder(store), person_id=lea.id, role=Role.METRIC_KEEPER, site_id="s000")
    monkeypatch.setenv("ESSAIM_PERSON", lea.id)

    page = opened(PAGE)
    act(page, "sources-link")

    assert "Of the site" in words(page)
    assert "Everywhere" not in markup(page)
    assert list(page.selectbox(key="source-new-scope").options) == ["Site 000"]


def test_an_administrator_who_keeps_nothing_may_pause_and_not_change(store, link, monkeypatch):
    link()
    clerk = register_person(store, founder(store), name="Clerk", language="en")
    assign(store, founder(store), person_id=clerk.id, role=Role.ADMIN)
    monkeypatch.setenv("ESSAIM_PERSON", clerk.id)

    page = opened(PAGE)

    keys = {button.key for button in page.button}
    assert {"sources-pause", "sources-run"} <= keys
    assert not keys & {"sources-edit", "sources-link"}


def test_a_viewer_is_shown_no_source(store, link, monkeypatch):
    link("Secret name")
    viewer = register_person(store, founder(store), name="V", language="en")
    assign(store, founder(store), person_id=viewer.id, role=Role.VIEWER)
    monkeypatch.setenv("ESSAIM_PERSON", viewer.id)

    assert "Secret name" not in markup(opened(PAGE))


def test_fifteen_sources_with_hostile_names_are_shown_as_text(store, link):
    for number in range(15):
        link(f"<img src=x onerror=alert({number})>")

    page = opened(PAGE, lang="fr")

    assert title(page) == "Les 15 sources passent comme prévu"
    assert "<img" not in markup(page)
    assert len(rows(page, "Comment vont les sources")) == 15
