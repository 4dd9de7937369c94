"""The data-quality screen: late and missing by site and metric, and whether the loads get better."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from data.access import actor_for
from data.observations import commit_load, undo_load
from data.people import assign, people, register_person
from data.types import Batch, Role
from tests.tools.screen import charts, opened, primary_buttons, rows, title, words
from tests.tools.stores import TODAY

QUALITY = "pages.keepers.quality"
SITES = {"en": "Each site: last period received", "fr": "Chaque site : dernière période reçue"}
METRICS = {"en": "Each metric of the site", "fr": "Chaque métrique du site"}


@pytest.fixture(autouse=True)
def nothing_kept():
    st.cache_resource.clear()


def founder(store):
    with store.read() as cursor:
        return actor_for(cursor, people(cursor)[0].id, store.today())


def load(store, site, weeks, name, *, metric="cycle", value=12.0):
    """Bring the values of one site for some weeks before today."""
    days = [TODAY - dt.timedelta(weeks=week) for week in weeks]
    rows = pd.DataFrame({
        "site_id": site, "metric_id": metric, "segment": "", "period_start": days, "grain": "week", "value": value,
        "weight": np.nan, "source_row": range(2, 2 + len(days)), "source_column": "B", "mark": "",
    })  # fmt: skip
    actor = founder(store)
    batch = Batch(id=name, file_name=name, file_hash=name, person_id=actor.person_id)
    return commit_load(store, actor, batch=batch, frame=rows, reason="corrected")


def backdate(store):
    """Spread the loads over as many weeks, as if each had come in its own."""
    with store._transaction(founder(store).person_id, "upload", "") as tx:  # what nobody may do, a test may
        tx.cursor.execute(
            "UPDATE batch SET recorded_at = batch.recorded_at - to_days(CAST(7 * n.place AS INTEGER)) FROM "
            "(SELECT id, row_number() OVER (ORDER BY recorded_at DESC) AS place FROM batch) n WHERE n.id = batch.id"
        )
        tx.say("test.backdate")


@pytest.mark.accepts("1.18", "9.5")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("n_sites", [1, 15])
def test_every_site_stands_with_its_last_period_and_its_lateness(visiting, n_sites, language):
    visiting(n_sites)

    page = opened(QUALITY, lang=language)

    assert not page.exception
    assert len(rows(page, SITES[language])) == n_sites
    assert len(primary_buttons(page)) <= 1
    assert not charts(page)  # one load is no trend yet


@pytest.mark.parametrize("language", ["fr", "en"])
def test_without_a_value_the_screen_says_who_brings_the_first(visiting, language):
    visiting(0)

    page = opened(QUALITY, lang=language)

    said = {"en": "No value has been received yet", "fr": "Aucune valeur reçue pour le moment"}[language]
    assert title(page) == said
    assert primary_buttons(page) == [{"en": "Bring a file", "fr": "Apporter un fichier"}[language]]


@pytest.mark.accepts("1.18")
def test_of_three_hundred_sites_those_to_look_at_stand_first(visiting):
    visiting(300)

    page = opened(QUALITY, lang="en")
    few = rows(page, SITES["en"])
    page.checkbox(key="quality-every").check().run()

    assert 0 < len(few) <= 20
    assert len(rows(page, SITES["en"])) == 300


@pytest.mark.accepts("1.18")
def test_the_latest_site_is_the_finding_and_its_metric_the_next_step(visiting):
    store = visiting(15)
    with store._transaction(founder(store).person_id, "upload", "") as tx:  # what nobody may do, a test may
        tx.cursor.execute(
            "UPDATE score SET stored_last = stored_last - 14 WHERE site_id = 's003' AND metric_id = 'cycle'"
        )
        tx.append(Batch(id="b", file_name="x", file_hash="x", person_id=founder(store).person_id))

    page = opened(QUALITY, lang="en")

    assert title(page) == "Site 003 is late by 7 days"
    assert "ask Site 003 for Cycle time, received up to: week of" in words(page)
    assert rows(page, SITES["en"])[0][0] == "Site 003"
    assert "Cycle time" in rows(page, SITES["en"])[0][2]
    assert rows(page, METRICS["en"])[0][:1] + rows(page, METRICS["en"])[0][2:3] == ["Cycle time", "7 days"]


@pytest.mark.accepts("1.17", "1.18")
def test_missing_periods_are_listed_metric_by_metric_for_the_site_chosen(visiting):
    visiting(15)

    page = opened(QUALITY, lang="en", site="s000")

    assert title(page) == "Every site is up to date; 8 periods are missing"
    assert "bring the 8 missing periods of Site 000" in words(page)
    missing = [cells[3] for cells in rows(page, METRICS["en"])]
    assert len(missing) == 4
    assert set(missing) == {"week of 11 Aug 2025 to week of 18 Aug 2025 (2)"}


def test_what_loads_came_to_is_counted_and_drawn_over_time(visiting):
    store = visiting(1)
    load(store, "s000", [1, 2], "late.csv", value=55.0)
    done = load(store, "s000", [3], "wrong.csv", value=99.0)
    undo_load(store, founder(store), done.id, "wrong file")

    page = opened(QUALITY, lang="en", measure="restated", by="week")
    assert len(charts(page)) == 1
    counted = {cells[0]: cells[1:] for cells in rows(page, "What the loads of the last three months came to")}

    assert counted["Loads"][0] == "3"
    assert counted["Loads undone"][0] == "1"
    assert counted["Values that replaced another"][0] == "3"
    assert "most of these by late.csv" in words(page)


def test_the_loads_of_many_weeks_are_a_chart_with_natural_limits(visiting, monkeypatch):
    store = visiting(1)
    for week in range(12):
        load(store, "s000", [week + 1], f"{week}.csv", value=50.0 + week)
    backdate(store)

    page = opened(QUALITY, lang="fr", measure="restated", by="week")

    (chart,) = charts(page)
    assert "bande pâle : limites naturelles" in words(page)
    assert chart["height"] == 260


@pytest.mark.accepts("10.7")
def test_a_member_is_shown_nothing(visiting, monkeypatch):
    store = visiting(1)
    person = register_person(store, founder(store), name="Vera", language="en")
    assign(store, founder(store), person_id=person.id, role=Role.MEMBER)
    monkeypatch.setenv("ESSAIM_PERSON", person.id)

    page = opened(QUALITY, lang="en")

    assert title(page).startswith("This page is not open to you.")
    assert not charts(page)


@pytest.mark.accepts("1.18")
def test_a_keeper_of_one_site_sees_that_site_and_may_look_at_all(visiting, monkeypatch):
    store = visiting(15)
    person = register_person(store, founder(store), name="Bo", language="en")
    assign(store, founder(store), person_id=person.id, role=Role.METRIC_KEEPER, site_id="s004")
    monkeypatch.setenv("ESSAIM_PERSON", person.id)

    own = opened(QUALITY, lang="en")
    every = opened(QUALITY, lang="en", which="all")

    assert [cells[0] for cells in rows(own, SITES["en"])] == ["Site 004"]
    assert len(rows(every, SITES["en"])) == 15


def test_the_screen_stands_in_the_navigation_of_keepers():
    from pages.screens import SCREENS

    assert next(screen for screen in SCREENS if screen.path == "quality").module == QUALITY
