"""Every screen in both languages, at both widths: its language said, its words in it, nothing asked of the outside."""

import pytest
from playwright.sync_api import expect

from pages.screens import SCREENS
from tests.e2e.acting import charts_drawn, fits, opened, settled, sign_in, words_of

pytestmark = pytest.mark.e2e

OTHER = {"fr": ("Next step:", "late item", "Sign out"), "en": ("Prochain pas", "retards", "Se déconnecter")}


@pytest.mark.accepts("9.5", "9.11")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", ["desk", "phone"])
def test_every_screen_speaks_one_language_fits_and_asks_nothing_of_the_outside(app, open_page, width, language):
    page = open_page(width, language=language)
    sign_in(page, app.url, "Alice Bernard")

    for screen in SCREENS:
        opened(page, f"{app.url}/{screen.path}?lang={language}")
        charts_drawn(page)

        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        text = words_of(page.locator("[data-testid=stMain]"))
        assert [word for word in OTHER[language] if word in text] == [], screen.path
        assert fits(page), screen.path


@pytest.mark.accepts("9.5", "9.1")
def test_switching_the_language_keeps_the_view_and_is_kept_by_the_next_screen(app, open_page):
    page = open_page("desk", language="fr")
    sign_in(page, app.url, "Alice Bernard")
    opened(page, f"{app.url}/metric?site=demo-lyon&metric=demo-on_time&lang=fr")

    page.locator("a.es-lang-link[lang=en]").click()
    page.wait_for_url(lambda address: "lang=en" in address)
    settled(page)

    assert "Lyon · On-time delivery" in words_of(page.locator(".es-eyebrow"))
    assert "site=demo-lyon" in page.url
    expect(page.locator("html")).to_have_attribute("lang", "en")
