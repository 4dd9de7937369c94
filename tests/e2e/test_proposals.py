"""A keeper answers what the app proposes of a level: dismissed with a reason, or accepted as a step."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import CHART, chart_ready, choose, fits, opened, settled, sign_in

pytestmark = pytest.mark.e2e

ANGERS = "/metric?site=demo-angers&metric=demo-cycle_time&span=all"


@pytest.mark.accepts("2.9", "2.23")
def test_a_proposed_level_is_dismissed_with_a_reason_proposed_again_and_accepted_as_a_step(app, open_page):
    page = open_page("phone", language="fr")
    sign_in(page, app.url, "Léa Roux")
    opened(page, f"{app.url}{ANGERS}&lang=fr")
    chart_ready(page)
    title = page.get_by_role("heading", name="Le niveau a-t-il changé ?")
    expect(title).to_be_visible()
    assert fits(page)

    page.get_by_role("button", name="Écarter…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Deux semaines de congés")
    dialog.get_by_role("button", name="L’écarter").click()
    expect(dialog).to_be_hidden()
    expect(title).to_be_hidden()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("Elle ne revient pas")
    page.get_by_text("Ce qui a déjà reçu une réponse").click()
    answer = page.get_by_role("listitem").filter(has_text="Deux semaines de congés").first
    expect(answer).to_contain_text("Par Léa Roux")
    page.get_by_role("button", name="La proposer à nouveau").first.click()
    expect(title).to_be_visible()

    settled(page)
    page.get_by_role("button", name="Accepter comme étape…").first.click()
    choose(page, dialog.get_by_label("Responsable"), "Inès Caron")
    dialog.get_by_label(re.compile("^Pourquoi")).fill("La nouvelle planification tient")
    dialog.get_by_role("button", name="Épingler").click()

    expect(dialog).to_be_hidden()
    expect(title).to_be_hidden()
    item = page.get_by_role("listitem").filter(has_text="Nouveau niveau depuis le").first
    expect(item).to_be_visible()
    label = re.search(r"D-\d+", item.inner_text()).group()
    expect(page.locator(CHART).first.get_by_text(label, exact=True)).to_be_visible()
