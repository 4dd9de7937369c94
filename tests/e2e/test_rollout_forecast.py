"""Leadership asks whether new sites come up to standard, when all are live, and where the promises are heading."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import CHART, charts_drawn, fits, opened, sign_in, words_of

pytestmark = pytest.mark.e2e


@pytest.mark.accepts("7.4", "7.5", "7.6", "7.7", "7.8", "4.7", "4.9")
def test_the_worked_example_tells_who_is_not_there_yet_when_all_are_live_and_where_promises_head(app, open_page):
    page = open_page("phone", language="fr")
    sign_in(page, app.url, "Claire Dumas")

    opened(page, f"{app.url}/rollout?lang=fr")
    charts_drawn(page)
    said = words_of(page.locator("[data-testid=stMain]"))
    expect(page.locator(CHART)).to_have_count(5)
    assert re.search(r"15 sites en service entre le .+ et le .+ \(fourchette à 80 %", said)
    assert re.search(r"En préparation : 1 site est à l’arrêt, .+ : Reims", said)
    assert "Rouen vague 3" in said
    assert re.search(r"pas encore, plus de \d+ semaines", said)
    assert "Chaque vague va-t-elle plus vite que la précédente ?" in said
    assert fits(page)

    opened(page, f"{app.url}/key-results?lang=fr")
    charts_drawn(page)
    said = words_of(page.locator("[data-testid=stMain]"))
    assert re.search(r"si la tendance actuelle se maintient : \d+ % de chances", said)
    assert "La confiance annoncée se vérifie-t-elle ?" in said
    assert re.search(r"D’après les points de confiance de 2 résultats clés échus ; atteints : \d", said)
    expect(page.locator(CHART)).to_have_count(4)
    assert fits(page)
