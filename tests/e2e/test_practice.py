"""A practice tried at several sites: what it brings there, and what the next site should expect."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import CHART, charts_drawn, fits, opened, settled, sign_in, words_of

pytestmark = pytest.mark.e2e

SAID = {
    "fr": {
        "practice": "Un seul bon de commande",
        "title": r"Effet moyen sur 4 sites : −\d,\d points? \(intervalle à 95 % de −\d,\d points? à [−+]\d,\d points?\)\.",
        "next": "À quoi le prochain site peut-il s’attendre ?",
        "alt": "Effet moyen sur 4 sites",
        "file": "Télécharger en Excel",
    },
    "en": {
        "practice": "Un seul bon de commande",  # the example's people write French
        "title": r"Mean effect over 4 sites: −\d\.\d points? \(95% interval from −\d\.\d points? to [−+]\d\.\d points?\)\.",
        "next": "What should the next site expect?",
        "alt": "Mean effect over 4 sites",
        "file": "Download as Excel",
    },
}


@pytest.mark.accepts("5.23", "5.19", "5.10", "9.7")
@pytest.mark.parametrize(("width", "language"), [("desk", "en"), ("phone", "fr")])
def test_a_reader_goes_from_all_practices_to_what_the_next_site_should_expect(app, open_page, width, language):
    said = SAID[language]
    page = open_page(width, language=language)
    sign_in(page, app.url, "Claire Dumas")

    opened(page, f"{app.url}/practices?lang={language}")
    charts_drawn(page)
    assert fits(page)
    assert page.locator("table.es-table").count() >= 2  # the practices, and the experiments of a cycle
    page.get_by_role("link", name=said["practice"]).first.click()
    expect(page).to_have_url(re.compile("practice=demo-practice-order_template"))
    title = settled(page)

    expect(title).to_contain_text(said["alt"])
    assert re.fullmatch(said["title"], words_of(title))
    charts_drawn(page)
    expect(page.locator(CHART)).to_have_count(1)
    expect(page.locator(CHART)).to_have_attribute("aria-label", re.compile(said["alt"].replace(" ", r"\s")))
    expect(page.get_by_role("heading", name=said["next"])).to_be_visible()
    assert fits(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=said["file"]).click()
    assert waiting.value.suggested_filename.endswith(".xlsx")
