"""Chromium and a running app on a copy of the worked example; every request a page makes is watched."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from data.people import first_person
from data.store import open_store
from tests.e2e.acting import PATIENCE_MS, PHONE, WIDTHS
from tests.tools.chromium import launch_options
from tests.tools.running import Running, running
from tests.tools.worked_example import TODAY, copied, made_once

LOCALES = {"fr": "fr-FR", "en": "en-GB"}


@pytest.fixture(scope="session")
def example(tmp_path_factory) -> Path:
    """The worked example's file, made once a test run."""
    return made_once(tmp_path_factory)


@pytest.fixture(scope="module")
def app(example, tmp_path_factory) -> Running:
    """A running app on a copy of the worked example, shared by a module's tests."""
    folder = tmp_path_factory.mktemp("app")
    with running(folder=folder, store=copied(example, folder), ESSAIM_TODAY=TODAY.isoformat()) as server:
        yield server


@pytest.fixture
def fresh_app(tmp_path) -> Running:
    """An app on a store that knows one keeper and nothing else."""
    store = open_store(str(tmp_path / "essaim.duckdb"))
    keeper = first_person(store, "Ana")
    store.close()
    with running(folder=tmp_path, store=tmp_path / "essaim.duckdb", ESSAIM_PERSON=keeper.id) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Browser:
    expect.set_options(timeout=PATIENCE_MS)  # a busy machine is slow, not wrong
    with sync_playwright() as play:
        chromium = play.chromium.launch(**launch_options())
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """`open_page("phone", language="fr")` opens a page in a browser context of its own; closed after the test.

    A page that asked anything of another machine fails its test.
    """
    contexts, abroad = [], []

    def watch(request):
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            abroad.append(request.url)

    def open_one(width: str = "desk", *, language: str = "fr", scheme: str = "light", javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": WIDTHS[width], "height": 900},
            locale=LOCALES[language],
            color_scheme=scheme,
            java_script_enabled=javascript,
            user_agent=PHONE if width == "phone" else None,
        )
        context.on("request", watch)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert abroad == []
