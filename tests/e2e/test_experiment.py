"""Act 5: a keeper plans an experiment, freezes its promise, and reads what it says before it starts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import PATIENCE_MS, choose, fits, opened, settled, sign_in, words_of

pytestmark = pytest.mark.e2e


@pytest.mark.accepts("5.1", "5.2", "5.12")
def test_a_keeper_plans_an_experiment_freezes_it_and_reads_it(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Léa Roux")
    opened(page, f"{app.url}/experiments?lang=en")

    page.get_by_role("button", name="Open an experiment").click()
    page.get_by_label("What will be tried?").fill("Call the carrier at noon")
    page.get_by_role("button", name="Save").click()
    title = page.locator("h1.es-title")
    expect(title).to_have_text("Call the carrier at noon: no plan is frozen yet.", timeout=PATIENCE_MS)

    settled(page)
    page.get_by_role("button", name="Write the plan").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Hypothesis").fill("Called at noon, the carrier comes earlier.")
    form.get_by_label("Hypothesis").blur()
    page.wait_for_timeout(300)  # the run that the blur begins
    settled(page)
    choose(page, form.get_by_role("combobox", name="Tried at"), "Lyon")
    expect(form.get_by_text("Lyon", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Tab")
    settled(page)
    smallest = form.get_by_test_id("stNumberInputField")
    smallest.fill("1")
    smallest.press("Tab")
    expect(form.get_by_text("would be seen four times in five")).to_be_visible(timeout=PATIENCE_MS)
    form.get_by_role("button", name="Save").click()

    expect(title).to_contain_text("Call the carrier at noon: starts on", timeout=PATIENCE_MS)
    settled(page)
    said = words_of(page.locator("[data-testid=stMain]"))
    assert "The plan is frozen, with its moment and its hash." in said
    assert "before the start (hash " in said
    assert "would be seen four times in five" in said
    assert fits(page)
