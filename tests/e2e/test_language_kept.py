"""A language once asked for is kept: in the address of the next screen, and for the person in another browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import sign_in

pytestmark = pytest.mark.e2e


@pytest.mark.accepts("9.5", "9.1")
def test_a_language_asked_for_once_follows_the_reader_to_other_screens_and_browsers(app, open_page):
    page = open_page("desk", language="fr")
    sign_in(page, app.url, "Paul Meyer")

    page.get_by_role("link", name="EN", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en", timeout=30_000)
    page.get_by_role("link", name="Compare").click()

    expect(page).to_have_url(re.compile(r"/compare\?.*lang=en"), timeout=30_000)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    follower = open_page("desk", language="fr")
    sign_in(follower, app.url, "Claire Dumas")
    follower.goto(f"{app.url}/?lang=en")
    expect(follower.get_by_role("link", name="Compare")).to_be_visible(timeout=30_000)
    follower.goto(f"{app.url}/")
    expect(follower.get_by_role("link", name="Comparer")).to_be_visible(timeout=30_000)
    other = open_page("desk", language="fr")
    sign_in(other, app.url, "Paul Meyer")
    expect(other.get_by_role("link", name="Compare")).to_be_visible(timeout=30_000)
