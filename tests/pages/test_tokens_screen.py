"""The screens of tokens: a keeper makes and ends their own, an administrator sees and ends everybody's."""

from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from data.access import actor_for
from data.people import assign, register_person
from data.sites import register_site
from data.store import close_store, the_store
from data.tokens import FORM, TokenRefused, bearer, issue_token, tokens
from data.types import Role
from wording import say


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
    close_store()
    yield the_store()
    close_store()


@pytest.fixture
def keeper(store, admin, monkeypatch):
    lyon = register_site(store, admin, name="Lyon <b>Sud</b>")
    register_site(store, admin, name="Lille")
    bo = register_person(store, admin, name="Bo", language="en")
    assign(store, admin, person_id=bo.id, role=Role.METRIC_KEEPER, site_id=lyon.id)
    monkeypatch.setenv("ESSAIM_PERSON", bo.id)
    with store.read() as cursor:
        return actor_for(cursor, bo.id, store.today())


def own_tokens():
    from pages.keepers import tokens

    tokens.render()


def all_tokens():
    from pages.admin import tokens

    tokens.render()


def opened(page):
    shown = AppTest.from_function(page, default_timeout=30).run()
    assert not shown.exception
    return shown


def press(page, label):
    next(button for button in page.button if button.label == say(label, "en")).click()
    shown = page.run()
    assert not shown.exception
    return shown


def known(store):
    with store.read() as cursor:
        return tokens(cursor)


@pytest.mark.accepts("1.22")
def test_a_token_is_made_shown_once_and_serves(store, keeper):
    page = opened(own_tokens)
    page.text_input(key="token-name").set_value("ERP")
    page = press(page, "api.tokens.make_button")

    (text,) = [block.value for block in page.code if FORM.fullmatch(block.value)]
    _, actor = bearer(store, text)
    page = press(page, "api.tokens.hide")

    assert actor.person_id == keeper.person_id
    assert not [block for block in page.code if FORM.fullmatch(block.value)]
    assert not [block for block in opened(own_tokens).code if FORM.fullmatch(block.value)]


@pytest.mark.promises("A2")
def test_only_the_keepers_own_sites_are_offered(store, keeper):
    offered = opened(own_tokens).multiselect(key="token-sites").options

    assert offered == ["Lyon <b>Sud</b>"]


def test_a_token_without_a_name_is_refused_in_a_sentence(store, keeper):
    page = press(opened(own_tokens), "api.tokens.make_button")

    assert [error.value for error in page.error] == ["A name is missing."]
    assert known(store) == []


@pytest.mark.promises("F4")
def test_names_are_shown_as_text(store, keeper):
    (site,) = [role.site_id for role in keeper.assignments]
    issue_token(store, keeper, name="<script>x</script>", expires_on=store.today(), site_ids=[site])

    shown = "".join(block.proto.body for block in opened(own_tokens).get("html"))

    assert "&lt;script&gt;x" in shown
    assert "<script>x" not in shown
    assert "Lyon &lt;b&gt;Sud" in shown


def test_a_keeper_ends_their_own_token_and_sees_no_other(store, admin, keeper):
    issued = issue_token(store, keeper, name="ERP", expires_on=store.today())
    issue_token(store, admin, name="another", expires_on=store.today())

    page = opened(own_tokens)
    shown = "".join(block.proto.body for block in page.get("html"))
    page = press(page, "api.tokens.revoke_button")

    assert "another" not in shown
    assert [message.value for message in page.success] == [say("api.tokens.done_revoked", "en")]
    with pytest.raises(TokenRefused, match="revoked"):
        bearer(store, issued.text)


def test_an_administrator_sees_whose_each_is_and_when_it_was_used_and_ends_it(store, admin, keeper, monkeypatch):
    issued = issue_token(store, keeper, name="ERP", expires_on=store.today() + dt.timedelta(days=1))
    bearer(store, issued.text)
    monkeypatch.setenv("ESSAIM_PERSON", admin.person_id)

    page = opened(all_tokens)
    shown = "".join(block.proto.body for block in page.get("html"))
    press(page, "api.tokens.revoke_button")

    assert "Bo" in shown
    assert issued.token.handle in shown
    assert say("api.tokens.never", "en") not in shown
    assert [one.token.revoked for one in known(store)] == [True]


@pytest.mark.promises("A1")
def test_a_keeper_does_not_see_everybodys(store, keeper):
    page = opened(all_tokens)

    assert not page.button
    assert say("shared.error.forbidden_page", "en") in "".join(block.proto.body for block in page.get("html"))


def test_the_title_says_how_many_programs_load_and_the_form_stands_open_only_for_the_first(store, keeper):
    def said(shown):
        return " ".join(part.proto.body for part in shown.get("html"))

    before = opened(own_tokens)
    issue_token(store, keeper, name="night export", expires_on=store.today())
    after = opened(own_tokens)

    assert "No program loads in your name" in said(before)
    assert before.expander[0].proto.expanded
    assert "1 program can load in your name" in said(after)
    assert not after.expander[0].proto.expanded
