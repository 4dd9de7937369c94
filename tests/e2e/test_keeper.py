"""Act 2: a keeper brings a site's own export, sees what was understood, loads it and opens its chart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import PATIENCE_MS, chart_ready, choose, fits, opened, words_of

pytestmark = pytest.mark.e2e

SAMPLES = Path(__file__).parents[1] / "samples"
LONG = SAMPLES / "ae_attendances.csv"
WIDE = SAMPLES / "ons_monthly_deaths_2018.xls"
WORDS = {
    "fr": {
        "right": "C’est juste, vérifier les valeurs",
        "load": "Charger",
        "chart": "Voir le graphique",
        "other": "Un autre fichier",
        "file": "Apportez le fichier d’un site",
        "unchanged": "Ce fichier est déjà enregistré : rien ne change",
        "long": "Nous avons compris 274 sites, 3 métriques, 36 mois",
        "long_ready": "51 060 nouvelles valeurs sont prêtes à être chargées",
        "long_done": "51 060 valeurs de ae_attendances.csv sont entrées au registre",
        "wide": "Nous avons compris 340 sites, 1 métrique, 12 mois",
        "wide_ready": "4 080 nouvelles valeurs sont prêtes à être chargées",
        "wide_done": "4 080 valeurs de ons_monthly_deaths_2018.xls sont entrées au registre",
        "totals": "46 lignes de total, sommes d’autres lignes",
        "notes": "4 notes sous le tableau",
        "rate": "Ajouter un taux : numérateur / dénominateur",
        "above": "Numérateur",
        "below": "Dénominateur",
        "add": "Ajouter le taux",
        "undo": "Annuler ce chargement",
        "reason": "Pourquoi l’annuler ?",
        "confirm": "Annuler tout le chargement",
        "undone": "est annulé",
    },
    "en": {
        "right": "This is right, check the values",
        "load": "Load",
        "chart": "See the chart",
        "other": "Another file",
        "file": "Bring a site’s file",
        "unchanged": "This file is in the record already: nothing changes",
        "long": "We understood 274 sites, 3 metrics, 36 months",
        "long_ready": "51,060 new values are ready to be loaded",
        "long_done": "51,060 values entered the record from ae_attendances.csv",
        "wide": "We understood 340 sites, 1 metric, 12 months",
        "wide_ready": "4,080 new values are ready to be loaded",
        "wide_done": "4,080 values entered the record from ons_monthly_deaths_2018.xls",
        "totals": "46 rows of totals, sums of other rows",
        "notes": "4 notes below the table",
        "rate": "Add a rate: numerator / denominator",
        "above": "Numerator",
        "below": "Denominator",
        "add": "Add the rate",
        "undo": "Undo this load",
        "reason": "Why is it undone?",
        "confirm": "Undo the whole load",
        "undone": "is undone",
    },
}


def titled(page: Page, beginning: str) -> None:
    """Wait for the page's title; nothing of the page may have to be scrolled sideways."""
    title = page.locator("h1.es-title")
    expect(title).to_contain_text(beginning, timeout=PATIENCE_MS)
    expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    assert fits(page)


def bring(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)


def press(page: Page, name: str) -> None:
    """Press a button by the keyboard."""
    page.get_by_role("button", name=name).first.press("Enter")


def load(page: Page, words: dict[str, str], kind: str) -> None:
    """From the reading to the record."""
    press(page, words["right"])
    titled(page, words[f"{kind}_ready"])
    press(page, words["load"])
    titled(page, words[f"{kind}_done"])


def make_a_rate(page: Page, words: dict[str, str]) -> None:
    page.get_by_text(words["rate"]).click()
    choose(page, page.get_by_label(words["above"], exact=True), "breaches")
    choose(page, page.get_by_label(words["below"], exact=True), "attendances")
    press(page, words["add"])
    expect(page.get_by_text("breaches / attendances").first).to_be_visible(timeout=PATIENCE_MS)


def undo_the_newest(page: Page, words: dict[str, str]) -> None:
    press(page, words["undo"])
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["reason"]).fill("wrong file")
    dialog.get_by_role("button", name=words["confirm"]).click()
    expect(dialog).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.get_by_text(words["undone"]).first).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.accepts("1.1", "1.2", "1.11", "1.13", "9.1", "9.5", "9.11")
@pytest.mark.parametrize(("width", "language"), [("desk", "fr"), ("phone", "en")])
def test_a_keeper_loads_both_real_exports_and_opens_a_chart(fresh_app, open_page, width, language):
    words, page = WORDS[language], open_page(width, language=language)
    opened(page, f"{fresh_app.url}/upload?lang={language}")

    bring(page, LONG)
    titled(page, words["long"])
    make_a_rate(page, words)
    load(page, words, "long")
    press(page, words["chart"])
    chart_ready(page)
    expect(page).to_have_url(re.compile(r"/metric\?.*site="))
    assert fits(page)

    opened(page, f"{fresh_app.url}/upload?lang={language}")
    bring(page, WIDE)
    titled(page, words["wide"])
    said = words_of(page.locator("[data-testid=stMain]"))
    assert words["totals"] in said
    assert words["notes"] in said
    load(page, words, "wide")
    press(page, words["other"])
    titled(page, words["file"])
    bring(page, WIDE)
    titled(page, words["unchanged"])
    press(page, words["other"])
    titled(page, words["file"])
    undo_the_newest(page, words)
    assert fits(page)
