"""What an administrator can do: people and their roles, and reading the log."""

from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Permission, actor_for, allowed
from data.people import assignments_of, first_person, people, person_by_identity, register_person
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


def known(store, person_id):
    with store.read() as cursor:
        return next(person for person in people(cursor) if person.id == person_id)


def edited(page, person, **fields):
    """Fill in the form that changes a person, and press its button."""
    page.selectbox(key="person-to-edit").set_value(person.id).run()
    for name, value in fields.items():
        page.text_input(key=f"edit-{person.id}-{name}").set_value(value)
    return press(page, "people-edit")


@pytest.mark.accepts("10.6")
@pytest.mark.promises("A5")
def test_a_person_is_linked_to_the_firms_account_on_the_screen(store, admin):
    lea = register_person(store, admin, name="Léa")

    page = edited(opened(people_page), lea, name="Léa Roux", mail="lea@example.org", issuer="https://login.example/",
                  subject=" u-7 ")  # fmt: skip

    with store.read() as cursor:
        found = person_by_identity(cursor, "https://login.example/", "u-7")
    assert (found.id, found.name, found.email) == (lea.id, "Léa Roux", "lea@example.org")
    assert found.session_valid_after is None
    assert [message.value for message in page.success] == ["Recorded."]


def test_an_account_belongs_to_one_person_and_is_whole(store, admin):
    register_person(store, admin, name="Léa", issuer="https://login.example/", subject="u-7")
    cy = register_person(store, admin, name="Cy")

    half = edited(opened(people_page), cy, issuer="https://login.example/")
    taken = edited(opened(people_page), cy, issuer="https://login.example/", subject="u-7")

    assert [message.value for message in half.error] == ["An identity needs both its issuer and its subject."]
    assert [message.value for message in taken.error] == ["Another person already signs in with this identity."]
    assert known(store, cy.id).subject is None


@pytest.mark.promises("A6")
def test_another_account_for_a_person_signs_the_former_one_out(store, admin):
    lea = register_person(store, admin, name="Léa", issuer="https://login.example/", subject="u-7")

    edited(opened(people_page), lea, subject="u-8")

    assert known(store, lea.id).session_valid_after is not None


def test_a_closed_account_can_be_opened_again(store, admin):
    lea = register_person(store, admin, name="Léa")
    page = opened(people_page)
    for closed in (True, False):
        page.selectbox(key="person-to-edit").set_value(lea.id).run()
        page.checkbox(key=f"edit-{lea.id}-closed").set_value(closed)
        page = press(page, "people-edit")

        assert known(store, lea.id).disabled is closed


@pytest.mark.accepts("10.1")
def test_a_role_is_given_for_a_time_and_ended_on_a_day(store, admin):
    lea = register_person(store, admin, name="Léa")
    today = store.today()
    page = opened(people_page)
    page.selectbox(key="person-to-give").set_value(lea.id)
    page.selectbox(key="role-role").set_value(Role.FACILITATOR)
    page.date_input(key="role-from").set_value(today)
    page.date_input(key="role-to").set_value(today + dt.timedelta(days=90))
    page = press(page, "people-give")
    with store.read() as cursor:
        (held,) = assignments_of(cursor, lea.id)
    assert (held.starts_on, held.ends_on) == (today, today + dt.timedelta(days=90))

    page.selectbox(key="end-role").set_value(held.id)
    page.date_input(key="end-on").set_value(today + dt.timedelta(days=7))
    press(page, "people-end")

    with store.read() as cursor:
        assert assignments_of(cursor, lea.id)[0].ends_on == today + dt.timedelta(days=7)


def test_the_first_person_can_set_targets_and_publish_too(store, admin):
    for permission in (Permission.SET_TARGET, Permission.MANAGE_KEY_RESULTS, Permission.MANAGE_ROLLOUT, Permission.PUBLISH,
                       Permission.MANAGE_CATALOGUE, Permission.UPLOAD):  # fmt: skip
        assert allowed(admin, permission)


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
