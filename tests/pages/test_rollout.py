"""The rollout screen: which sites are live, which are late and by how many days; saying that one went live."""

from __future__ import annotations

import re

import pytest

from data.access import actor_for
from data.people import assign, people, register_person
from data.rollout import stages
from data.types import Role, Stage
from tests.tools.screen import charts, opened, primary_buttons, rows, title, words
from tests.tools.stores import TODAY

ROLLOUT = "pages.leadership.rollout"
TABLE = {"en": "Go-live of each site", "fr": "Mise en service de chaque site"}


def with_role(store, role):
    """Register somebody with a role everywhere and return their id."""
    with store.read() as cursor:
        admin = actor_for(cursor, people(cursor)[0].id, store.today())
    person = register_person(store, admin, name="Vera", language="en")
    assign(store, admin, person_id=person.id, role=role)
    return person.id


@pytest.mark.accepts("7.1", "7.11", "9.5")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("n_sites", [1, 15])
def test_every_site_stands_with_its_planned_and_actual_day(visiting, n_sites, language):
    visiting(n_sites)

    page = opened(ROLLOUT, lang=language)

    assert not page.exception
    assert title(page)
    assert len(primary_buttons(page)) <= 1
    assert len(charts(page)) == {1: 1, 15: 5}[n_sites]
    assert len(rows(page, TABLE[language])) == n_sites


@pytest.mark.accepts("7.11")
def test_of_three_hundred_sites_those_in_need_stand_first_and_any_other_is_found_by_name(visiting):
    visiting(300)

    page = opened(ROLLOUT, lang="en")
    narrowed = len(rows(page, TABLE["en"]))
    found = page.text_input(key="board-search").set_value("Site 299").run()

    assert 0 < narrowed < 300
    assert len(rows(found, TABLE["en"])) == 1


@pytest.mark.parametrize(("language", "finding"), [("en", "No wave is planned yet."), ("fr", "Aucune vague")])
def test_without_a_plan_the_screen_says_so(visiting, language, finding):
    visiting(0)

    page = opened(ROLLOUT, lang=language)

    assert not page.exception
    assert title(page).startswith(finding)
    assert charts(page) == []


@pytest.mark.accepts("7.1")
def test_a_slip_is_counted_in_days(visiting):
    store = visiting(15)
    with store.read() as cursor:
        (late,) = [p for p in stages(cursor) if p.site_id == "s007"]
    days = (TODAY - late.planned_on).days

    table = rows(opened(ROLLOUT, lang="en"), TABLE["en"])

    (line,) = [line for line in table if line[0].startswith("Site 007")]
    assert line[3:] == ["not yet", f"+{days} days"]
    assert all(line[4] in ("–", f"+{days} days") or re.match(r"\+\d+ days", line[4]) for line in table)


@pytest.mark.accepts("7.1")
def test_a_go_live_that_is_told_stands_in_the_table_at_once(visiting, monkeypatch):
    store = visiting(15)
    monkeypatch.setenv("ESSAIM_PERSON", with_role(store, Role.LEADER))
    page = opened(ROLLOUT, lang="en")

    page.selectbox(key="go-live-site").select("s007")
    page.button(key="go-live-save").click()
    page.run()

    assert not page.exception
    (line,) = [line for line in rows(page, TABLE["en"]) if line[0].startswith("Site 007")]
    assert line[1] == "live"
    assert line[3] == "18 May 2026"


@pytest.mark.accepts("7.3")
def test_a_leader_says_that_a_live_site_is_mature_and_may_not_say_it_of_one_to_come(visiting, monkeypatch):
    store = visiting(15)
    monkeypatch.setenv("ESSAIM_PERSON", with_role(store, Role.LEADER))
    page = opened(ROLLOUT, lang="en")

    page = page.selectbox(key="go-live-stage").select(Stage.MATURE).run()
    assert "Site 007" not in page.selectbox(key="go-live-site").options
    page.selectbox(key="go-live-site").select("s001")
    page.button(key="go-live-save").click()
    page.run()

    assert not page.exception
    (line,) = [line for line in rows(page, TABLE["en"]) if line[0].startswith("Site 001")]
    assert line[1] == "mature"
    with store.read() as cursor:
        assert [p.actual_on for p in stages(cursor, site_id="s001") if p.stage is Stage.MATURE] == [TODAY]


def test_who_may_not_manage_the_rollout_reads_it_without_the_form(visiting, monkeypatch):
    store = visiting(15)
    monkeypatch.setenv("ESSAIM_PERSON", with_role(store, Role.VIEWER))

    page = opened(ROLLOUT, lang="en")

    assert not page.exception
    assert list(page.button) == []
    assert "Site 007" in words(page)
    assert "say when it goes live" not in words(page)
    assert "Leadership says when it goes live." in words(page)
