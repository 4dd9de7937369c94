"""An open chart follows the record: a source loads, and whoever looks at the chart sees it within half a minute."""

from __future__ import annotations

import datetime as dt
import os
import time

import pytest
from playwright.sync_api import expect

from data.access import actor_for
from data.people import first_person
from data.sources import link_source
from data.store import open_store
from tests.e2e.acting import PATIENCE_MS, chart_ready, opened, settled, words_of
from tests.tools.running import running

pytestmark = pytest.mark.e2e
WITHIN_SECONDS = 30


def weekly(n: int) -> bytes:
    first = dt.date(2026, 1, 5)
    lines = [f"{first + dt.timedelta(weeks=week)};Lyon;{12 + week % 3}" for week in range(n)]
    return "\n".join(["semaine;site;délai (j)", *lines]).encode()


def put(folder, data: bytes) -> None:
    path = folder / "delais.csv"
    path.write_bytes(data)
    then = time.time() - 60
    os.utime(path, (then, then))


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "exports"
    place.mkdir()
    put(place, weekly(20))
    return place


@pytest.fixture
def linked(folder, tmp_path, monkeypatch):
    """A running app with one source, whose first run is under way."""
    allowed = {"ESSAIM_SOURCE_FOLDERS": f'["{folder}"]'}
    monkeypatch.setenv("ESSAIM_SOURCE_FOLDERS", allowed["ESSAIM_SOURCE_FOLDERS"])
    store = open_store(str(tmp_path / "essaim.duckdb"))
    ana = first_person(store, "Ana", language="en")
    with store.read() as cursor:
        keeper = actor_for(cursor, ana.id, store.today())
    link_source(store, keeper, name="ERP Lyon", kind="folder", address=str(folder), pattern="*.csv", schedule="hourly")
    store.close()
    with running(folder=tmp_path, store=tmp_path / "essaim.duckdb", ESSAIM_PERSON=ana.id, **allowed) as server:
        yield server


def run_now(page, url, n: int) -> None:
    """Ask for a run on the page of sources, and see there that it has ended."""
    opened(page, f"{url}/sources?lang=en")
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text(f"{n} values entered the record.").first).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.accepts("1.21")
def test_an_open_chart_shows_what_a_source_has_loaded_within_half_a_minute(linked, folder, open_page):
    keeper, reader = open_page(language="en"), open_page(language="en")
    opened(keeper, f"{linked.url}/sources?lang=en")
    expect(keeper.get_by_text("20 values entered the record.").first).to_be_visible(timeout=PATIENCE_MS)
    opened(reader, f"{linked.url}/metric?lang=en")
    chart_ready(reader)
    before = words_of(reader.locator("p.es-eyebrow"))

    put(folder, weekly(24))
    run_now(keeper, linked.url, 4)
    begun = time.monotonic()

    expect(reader.locator("p.es-eyebrow")).not_to_have_text(before, timeout=WITHIN_SECONDS * 1000)
    assert time.monotonic() - begun < WITHIN_SECONDS


@pytest.mark.accepts("1.21")
def test_a_form_that_is_open_keeps_what_was_typed_and_says_that_values_have_come(linked, folder, open_page):
    keeper, writer = open_page(language="en"), open_page(language="en")
    opened(keeper, f"{linked.url}/sources?lang=en")
    expect(keeper.get_by_text("20 values entered the record.").first).to_be_visible(timeout=PATIENCE_MS)
    opened(writer, f"{linked.url}/key-results?lang=en")
    writer.get_by_role("button", name="objective").first.click()
    field = writer.get_by_role("dialog").get_by_role("textbox").first
    field.fill("Half the wait")

    put(folder, weekly(24))
    run_now(keeper, linked.url, 4)

    expect(writer.get_by_text("New values have come.")).to_be_visible(timeout=WITHIN_SECONDS * 1000)
    expect(field).to_have_value("Half the wait")


def test_a_page_that_stands_still_is_sent_next_to_nothing(linked, open_page):
    reader = open_page(language="en")
    received = []
    reader.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    opened(reader, f"{linked.url}/key-results?lang=en")
    settled(reader)
    reader.wait_for_timeout(3_000)
    received.clear()

    reader.wait_for_timeout(31_000)

    assert received
    assert sum(received) < 8_000  # two looks; each brings little more than the list of screens
