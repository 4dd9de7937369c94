"""Somebody reads three answers between sites, chooses another metric and window, and sends the address."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import CHART, charts_drawn, fits, opened, sign_in

pytestmark = pytest.mark.e2e


@pytest.mark.accepts("2.22", "7.13")
def test_three_questions_are_answered_and_the_address_holds_what_was_chosen(app, open_page):
    page = open_page("phone", language="en")
    sign_in(page, app.url, "Alice Bernard")
    opened(page, f"{app.url}/between?metric=demo-on_time&lang=en")

    for question in (
        "Is a site really different?",
        "Is it becoming one standard?",
        "Who stands where, and how sure is that?",
    ):
        expect(page.get_by_role("heading", name=question)).to_be_visible()
    charts_drawn(page)
    expect(page.locator(CHART)).to_have_count(3)
    expect(page.get_by_text(re.compile("95% interval")).first).to_be_visible()
    assert fits(page)

    page.get_by_text("6 months", exact=True).click()
    expect(page).to_have_url(re.compile("window=half"))

    expect(page.get_by_role("button", name=re.compile("Download the numbers"))).to_be_visible()
