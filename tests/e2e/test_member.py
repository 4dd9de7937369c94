"""Act 3: a member reads one metric of one site, pins a decision to a point, and finds it again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import chart_ready, choose, sign_in

pytestmark = pytest.mark.e2e

NANTES = "/metric?site=demo-nantes&metric=demo-cycle_time&span=all"
FORM = {
    "fr": {
        "what": "Qu’avez-vous décidé ?",
        "owner": "Responsable",
        "pin": "Épingler…",
        "save": "Épingler",
        "point": "Quel point ?",
    },
    "en": {"what": "What did you decide?", "owner": "Owner", "pin": "Pin…", "save": "Pin it", "point": "Which point?"},
}


def pin(page: Page, title: str, language: str) -> str:
    """Fill the open form and return the label of what was pinned."""
    words = FORM[language]
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["what"]).fill(title)
    choose(page, dialog.get_by_label(words["owner"]), "Inès Caron")
    dialog.get_by_role("button", name=words["save"], exact=True).click()
    expect(dialog).to_be_hidden()
    item = page.get_by_role("listitem").filter(has_text=title)
    expect(item).to_be_visible()
    return re.search(r"[DIO]-\d+", item.inner_text()).group()


@pytest.mark.accepts("3.1", "3.3", "3.5", "3.6", "3.14")
def test_a_click_on_a_point_pins_a_decision_that_another_browser_shows(app, open_page):
    page = open_page("desk", language="fr")
    sign_in(page, app.url, "Léa Roux")
    page.goto(app.url + NANTES + "&lang=fr")
    chart = chart_ready(page)
    box = chart.bounding_box()

    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6)
    label = pin(page, "Relire le plan à midi", "fr")

    page.reload()
    chart_ready(page)
    expect(page.get_by_role("listitem").filter(has_text=label)).to_contain_text("Relire le plan à midi")
    other = open_page("desk", language="en")
    sign_in(other, app.url, "Marc Olivier")
    other.goto(app.url + NANTES + "&lang=en")
    chart_ready(other)
    expect(other.get_by_role("listitem").filter(has_text=label)).to_contain_text("Relire le plan à midi")


@pytest.mark.accepts("3.2", "9.8", "9.11")
@pytest.mark.parametrize(("width", "language"), [("desk", "en"), ("phone", "fr")])
def test_the_same_act_from_lists_by_keyboard_alone(app, open_page, width, language):
    page = open_page(width, language=language)
    sign_in(page, app.url, "Léa Roux")
    page.goto(app.url + NANTES + f"&lang={language}")
    chart_ready(page)

    button = page.get_by_role("button", name=FORM[language]["pin"])
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label(FORM[language]["point"])).to_be_visible()
    pin(page, f"Essai au clavier {width}", language)

    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.accepts("3.12")
def test_a_restated_value_is_told_beside_the_one_decided_on(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Marc Olivier")

    page.goto(app.url + NANTES + "&lang=en")
    chart_ready(page)

    item = page.get_by_role("listitem").filter(has_text="Le planificateur commence à six heures")
    expect(item).to_contain_text(re.compile(r"was \d+\.\d\sd when decided, is \d+\.\d\sd now"))


@pytest.mark.accepts("2.18", "9.7", "9.9", "9.1")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_finding_is_the_title_the_text_alternative_and_a_table_one_key_away(app, open_page, language):
    page = open_page("desk", language=language)
    sign_in(page, app.url, "Marc Olivier")
    page.goto(app.url + NANTES + f"&lang={language}")
    chart_ready(page)

    title = page.get_by_role("heading", level=1).inner_text().replace("\n", " ")
    alternative = page.locator("[data-testid=stVegaLiteChart]").first.get_attribute("aria-label") or page.locator(
        "[data-testid=stVegaLiteChart] [aria-label]"
    ).first.get_attribute("aria-label")
    assert title[:30] in alternative

    opener = page.locator("[data-testid=stExpander] summary").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.es-table caption").first).to_be_attached()
    assert page.locator("html").get_attribute("lang") == language
