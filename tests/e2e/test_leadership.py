"""Act 4: leadership opens the first screen and knows what changed, what needs a decision and what is late."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import CHART, PATIENCE_MS, charts_drawn, fits, opened, sign_in, words_of

pytestmark = pytest.mark.e2e

SAID = {
    "fr": {
        "title": r"9 sites sur 15 sont en service ; 2 sont en retard\.",
        "counts": ["changement", "décision", "retard"],
        "pace": r"\d en avance, \d au rythme, \d en retard",
        "states": r"(préoccupe|s’améliore|stable)",
        "number": r"\d+,\d",
        "waits": "à revoir",
        "late": r"Reims, mise en service : 21 jours",
        "unfit": "pas encore",
    },
    "en": {
        "title": r"9 of 15 sites are live; 2 are late\.",
        "counts": ["recent change", "decision", "late item"],
        "pace": r"\d ahead, \d on pace, \d behind",
        "states": r"(concern|improving|steady)",
        "number": r"\d+\.\d",
        "waits": "review due",
        "late": r"Reims, go-live: 21 days",
        "unfit": "not yet",
    },
}


@pytest.mark.accepts("9.15", "9.5", "9.6", "9.11", "2.12", "7.1")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", ["desk", "phone"])
def test_the_first_screen_says_where_the_rollout_stands(app, open_page, width, language):
    said = SAID[language]
    page = open_page(width, language=language)
    sign_in(page, app.url, "Claire Dumas")

    title = opened(page, f"{app.url}/?lang={language}")

    assert re.fullmatch(said["title"], words_of(title))
    expect(page.locator("html")).to_have_attribute("lang", language)
    columns = page.locator(".es-counts section")
    assert [re.search(word, words_of(columns.nth(n))) is not None for n, word in enumerate(said["counts"])] == [
        True
    ] * 3
    assert said["waits"] in words_of(columns.nth(1))
    assert re.search(said["late"], words_of(columns.nth(2)))
    charts_drawn(page)
    expect(page.locator(CHART)).to_have_count(2)
    text = words_of(page.locator("[data-testid=stMain]"))
    assert re.search(said["pace"], text)
    table = page.locator("table.es-table").last
    assert re.search(said["states"], words_of(table))
    assert re.search(said["number"], words_of(table))
    assert fits(page)
    expect(page.locator("button[kind=primary]")).to_have_count(1)


@pytest.mark.accepts("9.15")
def test_what_changed_and_what_waits_stand_on_the_first_screenful(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Claire Dumas")

    opened(page, f"{app.url}/?lang=en")

    counts = page.locator(".es-counts").bounding_box()
    assert counts["y"] + counts["height"] <= page.viewport_size["height"]
    step = page.locator("button[kind=primary]").bounding_box()
    assert step["y"] + step["height"] <= page.viewport_size["height"]


@pytest.mark.accepts("9.1")
def test_the_next_step_leads_to_where_it_is_taken(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Claire Dumas")
    opened(page, f"{app.url}/?lang=en")

    page.locator("button[kind=primary]").click()

    page.wait_for_url(lambda address: re.search(r"/(metric|decisions|rollout)\?", address), timeout=PATIENCE_MS)
    assert "lang=en" in page.url


@pytest.mark.accepts("9.10")
def test_a_signal_is_marked_by_icon_and_word_beside_its_tint(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Claire Dumas")
    opened(page, f"{app.url}/?lang=en")

    tinted = page.locator("table.es-table td.es-worse, table.es-table td.es-better")

    assert tinted.count() > 0
    for cell in tinted.all():
        assert cell.locator(".es-i").count() >= 1
        assert re.search("concern|improving", words_of(cell))
