"""A worked example for Chromium: one store, made once a test run and copied for each server."""

import datetime as dt
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.tools.chromium import launch_options
from tests.tools.running import ROOT, Running, running

TODAY = dt.date(2026, 5, 18)
WIDTHS = {"desk": 1440, "phone": 390}
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"


def fill_demo(store: Path, folder: Path, language: str = "fr") -> None:
    env = {**os.environ, "ESSAIM_STORE": str(store), "ESSAIM_FOLDER": str(folder), "ESSAIM_TODAY": TODAY.isoformat()}
    command = [sys.executable, "-m", "pages.admin.demo", "--language", language]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory) -> Path:
    """The worked example's file; made once, whatever the number of workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    store = shared / "demo.duckdb"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not store.exists():
            making = shared / "demo-making.duckdb"
            fill_demo(making, shared / "demo-folder")
            making.rename(store)
    return store


@pytest.fixture(scope="module")
def app(demo_store, tmp_path_factory) -> Running:
    """A running app on a copy of the worked example, shared by a module's tests."""
    folder = tmp_path_factory.mktemp("app")
    store = Path(shutil.copy(demo_store, folder / "essaim.duckdb"))
    with running(folder=folder, store=store, ESSAIM_TODAY=TODAY.isoformat()) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Browser:
    with sync_playwright() as play:
        chromium = play.chromium.launch(**launch_options())
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """`open_page("phone", language="fr")` opens a page in a browser context of its own; closed after the test."""
    contexts = []

    def open_one(width: str = "desk", *, language: str = "fr", scheme: str = "light", javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": WIDTHS[width], "height": 900},
            locale={"fr": "fr-FR", "en": "en-GB"}[language],
            color_scheme=scheme,
            java_script_enabled=javascript,
            user_agent=PHONE if width == "phone" else None,
        )
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
