"""The screen on which finished trials become public, and pages are withdrawn."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from data.publications import publication
from data.store import close_store, the_store
from pages.evidence import routes
from tests.pages.trials import registry
from tests.tools.asking import ask

SECONDS = 60


@pytest.fixture
def filled(tmp_path, monkeypatch):
    """A store with one finished trial, opened anew by the screen."""
    url = str(tmp_path / "essaim.duckdb")
    made = registry(url)
    made.trial(-2.7)
    made.trial(0.0, site="metz", title="Evening shift", running=True)
    made.store.close()
    monkeypatch.setenv("ESSAIM_STORE", url)
    monkeypatch.setenv("ESSAIM_TODAY", "2026-05-18")
    yield
    close_store()


def screen(monkeypatch, person: str, language: str = "en") -> AppTest:
    def script() -> None:
        from pages.evidence.publishing import render

        render()

    monkeypatch.setenv("ESSAIM_PERSON", person)
    page = AppTest.from_function(script, default_timeout=SECONDS)
    page.query_params["lang"] = language
    return page.run()


def said(page: AppTest) -> str:
    return " ".join(str(piece.proto) for piece in page.get("html"))


@pytest.mark.accepts("10.4")
def test_a_leader_publishes_a_finished_trial_and_withdraws_it(filled, monkeypatch):
    page = screen(monkeypatch, "leader")

    assert "1 finished trial is not public yet" in said(page)
    assert page.text_input(key=f"publish-slug-{page.selectbox[0].value}").value == "e-01-freeze-the-plan-at-d-2"

    next(button for button in page.button if button.label == "Publish for everyone").click()
    page.run()

    assert not page.exception
    assert "Published: /evidence/e-01-freeze-the-plan-at-d-2" in page.success[0].value
    assert "Every finished trial is public" in said(page)
    assert "Nantes" not in ask(routes.ROUTES, "/evidence/e-01-freeze-the-plan-at-d-2").text

    page.text_input(key="withdraw-reason").input("The scale was wrong.")
    next(button for button in page.button if button.label == "Withdraw it, with a notice").click()
    page.run()

    assert not page.exception
    assert ask(routes.ROUTES, "/evidence/e-01-freeze-the-plan-at-d-2").status == 410


def test_an_unfit_address_is_refused_in_a_sentence_and_nothing_is_stored(filled, monkeypatch):
    page = screen(monkeypatch, "leader")

    page.text_input(key=f"publish-slug-{page.selectbox[0].value}").input("Not an address!")
    next(button for button in page.button if button.label == "Publish for everyone").click()
    page.run()

    assert "only small letters, digits and hyphens" in page.error[0].value
    with the_store().read() as cursor:
        assert publication(cursor, "Not an address!") is None


@pytest.mark.accepts("10.4", "10.7")
def test_a_keeper_sees_the_list_and_is_offered_no_publishing(filled, monkeypatch):
    page = screen(monkeypatch, "keeper")

    assert "1 finished trial is not public yet" in said(page)
    assert not page.button


@pytest.mark.accepts("10.7")
def test_nobody_in_particular_sees_nothing(filled, monkeypatch):
    page = screen(monkeypatch, "nobody")

    assert "Freeze the plan" not in said(page)
    assert not page.selectbox


@pytest.mark.accepts("9.5")
def test_the_screen_speaks_french(filled, monkeypatch):
    assert "1 essai terminé n’est pas encore public" in said(screen(monkeypatch, "leader", "fr"))


def test_an_empty_store_says_that_no_trial_is_registered(tmp_path, monkeypatch):
    url = str(tmp_path / "essaim.duckdb")
    registry(url).store.close()
    monkeypatch.setenv("ESSAIM_STORE", url)

    page = screen(monkeypatch, "leader")

    assert "No trial has been registered yet" in said(page)
    close_store()
