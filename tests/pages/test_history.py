"""The loads so far: who, when, which file and what came of it; one summed up for an e-mail; one taken back as foreseen."""

from __future__ import annotations

import pytest
import streamlit as st

from data.people import assign, person_names, register_person
from data.types import Role
from tests.pages.upload_screen import loaded, opened, press, ran, text, weekly

HEADS = "When Who File New Known Restated Left out State"


@pytest.fixture(autouse=True)
def nothing_kept():
    st.cache_resource.clear()


@pytest.mark.accepts("1.14")
def test_each_load_stands_with_who_when_file_and_what_came_of_it(store, keeper):
    loaded(store, keeper, weekly("4,5", "oui", "5,5"), leave_out=True)
    loaded(store, keeper, weekly("4,5", "6", "6,5"), "later.csv", reason="late orders")

    said = text(opened())

    assert HEADS in said
    assert "Ana later.csv late orders 1 1 1 0 stands" in said
    assert "Ana delais.csv 2 0 0 1 stands" in said


@pytest.mark.accepts("1.13")
def test_before_an_undo_its_effects_are_told(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    loaded(store, keeper, weekly("4,5", "6,5", "7"), "later.csv", reason="late orders")

    shown = press(opened(), "upload-undo")

    said = text(shown)
    assert "later.csv, loaded on" in said
    assert "1 value would vanish: nothing stood there before" in said
    assert "1 earlier value would come back" in said
    assert "Lyon délai week of 12 Jan 2026 6.5 d 5.5 d −1.0 d" in said


@pytest.mark.accepts("1.13", "9.5")
def test_an_undo_is_told_in_french_too(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))

    said = text(press(opened("fr"), "upload-undo"))

    assert "2 valeurs disparaîtraient : rien n’existait avant" in said


@pytest.mark.accepts("1.13")
def test_the_values_that_a_later_load_replaced_are_told_to_stay(store, keeper):
    first = loaded(store, keeper, weekly("4,5", "5,5"))
    loaded(store, keeper, weekly("4,5", "6,5"), "later.csv", reason="late orders")
    shown = opened()

    shown.selectbox(key="upload-undo-which").select(first.batch.id)
    said = text(press(ran(shown), "upload-undo"))

    assert "1 value was replaced since by later.csv, and stays so" in said


@pytest.mark.accepts("10.4")
def test_a_load_with_a_site_of_others_cannot_be_undone(store, keeper, monkeypatch):
    both = weekly("4,5", "5,5") + b"\n2026-01-05;Nice;4\n2026-01-12;Nice;5"
    report = loaded(store, keeper, both)
    lyon = next(site for site in report.new_sites if site.name == "Lyon")
    other = register_person(store, keeper, name="Bo", language="en")
    assign(store, keeper, person_id=other.id, role=Role.METRIC_KEEPER, site_id=lyon.id)
    monkeypatch.setenv("ESSAIM_PERSON", other.id)

    shown = press(opened(), "upload-undo")

    assert "values of 1 site where you may not undo" in text(shown)
    assert not [button for button in shown.button if button.key == "upload-undo-confirm"]


@pytest.mark.accepts("1.23")
def test_a_load_is_summed_up_for_an_email(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    shown = opened()
    shown.session_state["upload-letter"] = True

    shown = ran(shown)

    with store.read() as cursor:
        assert set(person_names(cursor).values()) == {"Ana"}
    (code,) = shown.code
    assert code.value.startswith("delais.csv: 2 values taken, no new signal\n\ndelais.csv was loaded by Ana on ")
    assert "- 2 new values" in code.value
