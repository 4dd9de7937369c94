"""Act 3: a member reads one metric of one site, pins a decision to a point, and finds it again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import CHART, chart_ready, choose, fits, opened, settled, sign_in, words_of

pytestmark = pytest.mark.e2e

NANTES = "/metric?site=demo-nantes&metric=demo-cycle_time&span=all"
FORM = {
    "fr": {
        "what": "Qu’avez-vous décidé ?",
        "owner": "Responsable",
        "pin": "Épingler…",
        "save": "Épingler",
        "point": "Quel point ?",
        "pinned": "est épinglée",
    },
    "en": {
        "what": "What did you decide?",
        "owner": "Owner",
        "pin": "Pin…",
        "save": "Pin it",
        "point": "Which point?",
        "pinned": "is pinned",
    },
}


def metric_page(page: Page, app, language: str) -> None:
    opened(page, f"{app.url}{NANTES}&lang={language}")
    chart_ready(page)


def pin(page: Page, title: str, language: str) -> str:
    """Fill the open form and return the label of what was pinned."""
    words = FORM[language]
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["what"]).fill(title)
    choose(page, dialog.get_by_label(words["owner"]), "Inès Caron")
    dialog.get_by_role("button", name=words["save"]).click()
    expect(dialog).to_be_hidden()
    item = page.get_by_role("listitem").filter(has_text=title)
    expect(item).to_be_visible()
    return re.search(r"[DIO]-\d+", item.inner_text()).group()


@pytest.mark.accepts("3.1", "3.3", "3.5", "3.6", "3.14")
def test_a_click_on_a_point_pins_a_decision_that_another_browser_shows(app, open_page):
    page = open_page("desk", language="fr")
    sign_in(page, app.url, "Léa Roux")
    metric_page(page, app, "fr")
    box = page.locator(CHART).first.bounding_box()

    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6)
    where = page.get_by_role("dialog").get_by_text(re.compile("^Nantes · Délai de cycle · semaine du"))
    expect(where).to_be_visible()
    week = re.search(r"semaine du ([^·]+) ·", words_of(where)).group(1)
    label = pin(page, "Relire le plan à midi", "fr")

    expect(page.locator("[data-testid=stAlert]")).to_contain_text(label)
    assert week in words_of(page.locator("[data-testid=stAlert]"))
    page.reload()
    settled(page)
    expect(page.locator(CHART).get_by_text(label, exact=True)).to_be_visible()
    item = page.get_by_role("listitem").filter(has_text=label)
    expect(item).to_contain_text("Relire le plan à midi")
    expect(item).to_contain_text("saisie par Léa Roux")
    other = open_page("desk", language="en")
    sign_in(other, app.url, "Marc Olivier")
    metric_page(other, app, "en")
    expect(other.locator(CHART).get_by_text(label, exact=True)).to_be_visible()
    expect(other.get_by_role("listitem").filter(has_text=label)).to_contain_text("Relire le plan à midi")
    expect(other.get_by_role("button", name=FORM["en"]["pin"])).to_have_count(0)


def test_the_form_can_be_closed_and_the_same_point_clicked_again(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Léa Roux")
    metric_page(page, app, "en")
    for close in ("Cancel", "Escape"):
        box = page.locator(CHART).first.bounding_box()

        page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6)

        expect(page.get_by_role("dialog")).to_be_visible()
        if close == "Escape":
            page.keyboard.press("Escape")
        else:
            page.get_by_role("dialog").get_by_role("button", name=close).click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        settled(page)
        chart_ready(page)


@pytest.mark.accepts("3.2", "9.8")
def test_the_same_act_from_lists_by_keyboard_alone(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Léa Roux")
    metric_page(page, app, "en")
    words = FORM["en"]

    page.get_by_role("button", name=words["pin"]).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label(words["point"])).to_be_visible()
    dialog.get_by_label(words["what"]).focus()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type("Inès")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name=words["save"]).focus()
    page.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    expect(page.get_by_role("listitem").filter(has_text="By keyboard")).to_be_visible()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text(words["pinned"])


@pytest.mark.accepts("3.2", "9.11")
def test_the_form_can_be_reached_and_filled_on_a_phone(app, open_page):
    page = open_page("phone", language="fr")
    sign_in(page, app.url, "Léa Roux")
    metric_page(page, app, "fr")
    assert fits(page)

    page.get_by_role("button", name=FORM["fr"]["pin"]).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label(FORM["fr"]["point"])).to_be_visible()
    box = dialog.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    pin(page, "Depuis un téléphone", "fr")

    assert fits(page)


@pytest.mark.accepts("3.12")
def test_a_restated_value_is_told_beside_the_one_decided_on(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Marc Olivier")

    metric_page(page, app, "en")

    item = page.get_by_role("listitem").filter(has_text="Le planificateur commence à six heures")
    expect(item).to_contain_text(re.compile(r"was \d+\.\d\sd when decided, is \d+\.\d\sd now"))


@pytest.mark.accepts("2.18", "9.7", "9.9", "9.1")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_finding_is_the_title_the_text_alternative_and_a_table_one_key_away(app, open_page, language):
    page = open_page("desk", language=language)
    sign_in(page, app.url, "Marc Olivier")
    metric_page(page, app, language)

    finding = words_of(page.locator("h1.es-title")).rstrip(".")
    alternative = page.locator(CHART).first.get_attribute("aria-label").replace("\xa0", " ")
    assert alternative.startswith(finding)
    page.locator("[data-testid=stExpander] summary").first.focus()
    page.keyboard.press("Enter")
    table = page.locator("table.es-table").first
    expect(table).to_be_visible()
    expect(table.get_by_role("row").nth(20)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
