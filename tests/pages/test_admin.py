"""What an administrator can do: people and their roles, and reading the log."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from data.access import actor_for
from data.people import assignments_of, first_person, people, register_person
from data.store import close_store, the_store
from data.types import Role


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
    close_store()
    yield the_store()
    close_store()


@pytest.fixture
def admin(store, monkeypatch):
    founder = first_person(store, "=Ada", language="en")
    monkeypatch.setenv("ESSAIM_PERSON", founder.id)
    with store.read() as cursor:
        return actor_for(cursor, founder.id, store.today())


def people_page():
    from pages.admin import people

    people.render()


def audit_page():
    from pages.admin import audit

    audit.render()


def log():
    import streamlit as st

    from pages.admin.audit import whole_log

    st.text(whole_log().decode())


def opened(page):
    shown = AppTest.from_function(page, default_timeout=30).run()
    assert not shown.exception
    return shown


def press(page, name):
    next(button for button in page.button if name in button.key).click()
    shown = page.run()
    assert not shown.exception
    return shown


@pytest.mark.accepts("10.1")
def test_a_person_is_added_given_a_role_and_shut_out(store, admin):
    page = opened(people_page)
    page.text_input(key="person-name").set_value("Léa")
    page = press(page, "people-add")
    with store.read() as cursor:
        lea = next(person for person in people(cursor) if person.name == "Léa")

    page.selectbox(key="person-to-give").set_value(lea.id)
    page.selectbox(key="role-role").set_value(Role.MEMBER)
    page = press(page, "people-give")
    page.selectbox(key="person-to-close").set_value(lea.id)
    press(page, "people-close")

    with store.read() as cursor:
        assert [held.role for held in assignments_of(cursor, lea.id)] == [Role.MEMBER]
        assert next(person for person in people(cursor) if person.id == lea.id).disabled


def test_a_person_without_a_name_is_refused_in_a_sentence(store, admin):
    page = press(opened(people_page), "people-add")

    assert [message.value for message in page.error] == ["A name is missing."]


def test_the_last_administrator_cannot_shut_themselves_out(store, admin):
    page = press(opened(people_page), "people-close")

    assert len(page.error) == 1
    with store.read() as cursor:
        assert not any(person.disabled for person in people(cursor))


@pytest.mark.accepts("10.5")
def test_the_log_is_exported_with_names_that_no_spreadsheet_runs(store, admin):
    register_person(store, admin, name="Léa")

    rows = opened(log).text[0].value.splitlines()

    assert len(rows) == 3
    assert "'=Ada" in rows[1]
    assert ",=Ada" not in rows[1]


@pytest.mark.promises("S5")
def test_the_audit_page_names_a_change_that_was_edited(store, admin):
    register_person(store, admin, name="Léa")
    store.seal()
    assert not opened(audit_page).error
    with store.read() as cursor:
        cursor.execute("UPDATE change SET note = 'nothing to see' WHERE actions = 'person.register'")

    message = opened(audit_page).error[0].value

    assert message.startswith("Change 2 was altered after it was recorded.")
