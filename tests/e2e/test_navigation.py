"""The list of screens: whole at the width of a laptop, with what belongs together under one heading."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import PATIENCE_MS, opened
from tests.e2e.test_keeper import titled

pytestmark = pytest.mark.e2e
HEADINGS = {"fr": ("Données", "Qualité des données"), "en": ("Data", "Data quality")}
TITLES = {"fr": "Aucune valeur reçue", "en": "No value has been received"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_somebody_with_every_role_sees_the_whole_list_at_1440_pixels(fresh_app, open_page, language):
    page = open_page("desk", language=language)
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, f"{fresh_app.url}/?lang={language}")
    heading, inside = HEADINGS[language]

    expect(page.get_by_text(heading, exact=True).first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(" more", exact=False)).to_have_count(0)  # "2 more": what the host says of a list cut short
    page.get_by_text(heading, exact=True).first.click()
    page.get_by_role("menuitem", name=inside).click()
    expect(page).to_have_url(re.compile("/quality"), timeout=PATIENCE_MS)
    titled(page, TITLES[language])
