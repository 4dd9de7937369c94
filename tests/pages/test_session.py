"""Who is asking is looked up at every run: roles that end and accounts that close count at once."""

from __future__ import annotations

import datetime as dt
import stat

import pytest
from streamlit.testing.v1 import AppTest

from data.access import actor_for
from data.people import (
    assign,
    choose_language,
    disable_person,
    edit_person,
    end_assignment,
    first_person,
    register_person,
)
from data.store import close_store, the_store
from data.types import Role
from pages.shared.exports import own_name
from pages.web import signing

NOW = dt.datetime(2026, 5, 18, 9, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
    close_store()
    yield the_store()
    close_store()


@pytest.fixture
def admin(store):
    founder = first_person(store, "Ada")
    with store.read() as cursor:
        return actor_for(cursor, founder.id, store.today())


def page_for_uploaders():
    import streamlit as st

    from data.access import Permission
    from pages.shared.session import require

    visit = require(Permission.UPLOAD)
    st.text(f"open to {visit.actor.name} in {visit.language}")


def opened(person_id, monkeypatch):
    monkeypatch.setenv("ESSAIM_PERSON", person_id)
    return AppTest.from_function(page_for_uploaders, default_timeout=30).run()


def texts(page):
    return [element.value for element in page.text]


@pytest.mark.promises("A3")
def test_a_role_that_ends_closes_the_page_at_the_next_run(store, admin, monkeypatch):
    lea = register_person(store, admin, name="Léa", language="en")
    role = assign(store, admin, person_id=lea.id, role=Role.METRIC_KEEPER)
    page = opened(lea.id, monkeypatch)
    assert texts(page) == ["open to Léa in en"]

    end_assignment(store, admin, role.id, store.today() - dt.timedelta(days=1))

    assert texts(page.run()) == []


@pytest.mark.promises("A6")
def test_somebody_who_leaves_is_a_stranger_at_the_next_run(store, admin, monkeypatch):
    lea = register_person(store, admin, name="Léa", language="en")
    assign(store, admin, person_id=lea.id, role=Role.METRIC_KEEPER)
    page = opened(lea.id, monkeypatch)

    disable_person(store, admin, lea.id)
    page.run()

    assert texts(page) == []


@pytest.mark.accepts("9.5")
def test_the_address_chooses_the_language_before_the_persons_own(store, admin, monkeypatch):
    choose_language(store, admin, "en")
    page = opened(admin.person_id, monkeypatch)
    assert texts(page) == ["open to Ada in en"]

    page.query_params["lang"] = "fr"

    assert texts(page.run()) == ["open to Ada in fr"]


def test_a_token_names_its_person_for_twelve_hours():
    token = signing.sign("léa", NOW)

    assert signing.read(token, NOW) == ("léa", NOW)
    assert signing.read(token, NOW + dt.timedelta(hours=11, minutes=59)) == ("léa", NOW)
    assert signing.read(token, NOW + dt.timedelta(hours=12)) is None


@pytest.mark.promises("A5")
@pytest.mark.parametrize("forged", [None, "", "x", "..", "a.b.c", "bMOpYQ.MTc3OTA5NDgwMA.", "é.é.é"])
def test_a_token_that_was_not_signed_here_is_nobody(forged):
    assert signing.read(forged, NOW) is None


@pytest.mark.promises("A5")
def test_a_token_with_another_person_in_it_is_nobody():
    mine, hers = signing.sign("mallory", NOW).split("."), signing.sign("admin", NOW).split(".")

    assert signing.read(".".join([hers[0], *mine[1:]]), NOW) is None


def test_a_token_of_another_installation_is_nobody(tmp_path, monkeypatch):
    token = signing.sign("léa", NOW)

    monkeypatch.setenv("ESSAIM_FOLDER", str(tmp_path / "elsewhere"))

    assert signing.read(token, NOW) is None


def test_the_secret_is_readable_by_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_FOLDER", str(tmp_path / "new"))

    signing.sign("léa", NOW)

    assert stat.S_IMODE((tmp_path / "new" / "cookie.secret").stat().st_mode) == 0o600


@pytest.mark.promises("A8")
def test_two_downloads_of_one_name_never_share_an_address():
    names = {own_name("Nantes", "csv") for _ in range(100)}

    assert len(names) == 100


class Account(dict):
    """What the firm's sign-in says of whoever is at the browser: the claims of their token."""

    is_logged_in = True


@pytest.fixture
def firm_sign_in(monkeypatch):
    """`firm_sign_in("u-7")` opens a page for an account of the firm, with or without a person behind it."""
    monkeypatch.setenv("ESSAIM_OIDC_CLIENT_ID", "essaim")

    def at(subject, issued):
        account = Account(iss="https://login.example/", sub=subject, iat=issued.timestamp(), email="lea@example.org")
        monkeypatch.setattr("streamlit.user", account)
        return AppTest.from_function(page_for_uploaders, default_timeout=30).run()

    return at


def shown(page):
    return " ".join(element.proto.body for element in page.get("html")).replace("\u00a0", " ")


@pytest.mark.accepts("10.6")
@pytest.mark.promises("A5")
def test_an_unknown_account_is_shown_its_own_issuer_and_subject_and_nobody_elses(store, admin, firm_sign_in):
    register_person(store, admin, name="Other", issuer="https://login.example/", subject="u-secret")

    page = firm_sign_in("u-<7>", store.now())

    assert texts(page) == []
    assert "https://login.example/" in shown(page)
    assert "u-&lt;7&gt;" in shown(page)
    assert "u-secret" not in shown(page)
    assert len(page.error) == 1


@pytest.mark.accepts("10.6")
def test_an_account_linked_on_the_people_screen_comes_in_without_signing_in_again(store, admin, firm_sign_in):
    lea = register_person(store, admin, name="Léa", language="en")
    assign(store, admin, person_id=lea.id, role=Role.METRIC_KEEPER)
    issued = store.now() - dt.timedelta(minutes=5)
    assert texts(firm_sign_in("u-7", issued)) == []

    edit_person(store, admin, lea.id, issuer="https://login.example/", subject="u-7")

    assert texts(firm_sign_in("u-7", issued)) == ["open to Léa in en"]
