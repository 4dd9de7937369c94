"""A page that fails says so in the reader's language, and shows nothing of the error."""

from __future__ import annotations

import logging

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import errors
from tests.tools.screen import words


def _failing(message: str) -> None:
    from pages.shared.errors import show_failure

    assert show_failure(RuntimeError(message)) is True


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Cette page n’a pas pu s’afficher."), ("en", "This page could not be shown.")],
)
def test_a_failed_page_gives_a_reference_that_the_log_holds_and_nothing_of_the_error(visiting, caplog, language, said):
    visiting(1)
    page = AppTest.from_function(_failing, args=("patient 4711",))
    page.query_params["lang"] = language

    with caplog.at_level(logging.ERROR, logger=errors.__name__):
        page.run()

    assert not page.exception
    shown = words(page)
    assert said in shown
    reference = caplog.records[-1].args[0]
    assert reference in shown
    assert "4711" not in shown
    assert "4711" not in caplog.text


def test_words_are_found_even_when_nobody_can_be_looked_up(monkeypatch):
    def broken():
        msg = "the store is closed"
        raise OSError(msg)

    monkeypatch.setattr(errors, "visit", broken)
    page = AppTest.from_function(_failing, args=("",))
    page.query_params["lang"] = "en"

    assert "This page could not be shown." in words(page.run())


def test_the_server_shows_failures_this_way():
    from app import app

    assert app._on_script_error is errors.show_failure
