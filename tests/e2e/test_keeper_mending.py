"""A keeper's file is not right, or is long: it is mended on the screen, called off, and never lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.acting import PATIENCE_MS, fits, opened, words_of
from tests.e2e.test_keeper import bring, press, titled

pytestmark = pytest.mark.e2e

ROW_HEIGHT = 36
FAULTY = "semaine;site;délai (j)\n2026-01-05;Lyon;4,5\n2026-01-12;Lyon;12,5 jj\n2026-01-19;Lyon;5,5\n"
WORDS = {
    "fr": {
        "right": "C’est juste, vérifier les valeurs",
        "fault": "1 erreur laisse quelque chose dehors. Le reste est prêt.",
        "ready": "3 nouvelles valeurs sont prêtes à être chargées",
        "done": "3 valeurs de delais.csv sont entrées au registre",
        "load": "Charger 3 valeurs",
        "mend": "Corriger C3",
        "instead": "C3 devrait dire",
        "take back": "Reprendre C3",
        "cancel": "Annuler",
        "file": "Apportez le fichier d’un site",
        "called off": "Annulé : rien n’a été enregistré.",
    },
    "en": {
        "right": "This is right, check the values",
        "fault": "1 error keeps something out. The rest is ready.",
        "ready": "3 new values are ready to be loaded",
        "done": "3 values entered the record from delais.csv",
        "load": "Load 3 values",
        "mend": "Correct C3",
        "instead": "C3 should say",
        "take back": "Take back C3",
        "cancel": "Cancel",
        "file": "Bring a site’s file",
        "called off": "Cancelled: nothing has been stored.",
    },
}


@pytest.fixture
def faulty(tmp_path) -> Path:
    path = tmp_path / "delais.csv"
    path.write_text(FAULTY, encoding="utf-8")
    return path


@pytest.fixture
def long_file(tmp_path) -> Path:
    """Long enough that reading it is seen: 100,000 rows of 24 metrics."""
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(f"jour;site;{';'.join(f'mesure {metric}' for metric in range(24))}\n")
        for site in range(100):
            file.writelines(
                f"{2020 + n // 336}-{1 + n // 28 % 12:02}-{1 + n % 28:02};Site {site};{f'{n % 90},5;' * 23}{n % 7}\n"
                for n in range(1000)
            )
    return path


def at_check(page: Page, url: str, file: Path, language: str) -> dict[str, str]:
    """Bring a faulty file as far as the check."""
    words = WORDS[language]
    opened(page, f"{url}/upload?lang={language}")
    bring(page, file)
    expect(page.get_by_role("button", name=words["right"])).to_be_visible(timeout=PATIENCE_MS)
    press(page, words["right"])
    titled(page, words["fault"])
    return words


def type_into(table: Locator, page: Page, *, row: int, text: str) -> None:
    """Type into the last column of a table of cells, which is drawn on a canvas."""
    box = table.bounding_box()
    table.click(position={"x": box["width"] - 60, "y": ROW_HEIGHT * (row + 0.5)})
    page.keyboard.press("Enter")
    field = page.locator("textarea.gdg-input, input.gdg-input").first
    expect(field).to_be_visible(timeout=PATIENCE_MS)
    field.fill(text)
    field.press("Enter")


@pytest.mark.accepts("1.6", "1.8", "9.1")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_cell_is_mended_in_the_table_and_the_file_enters(fresh_app, open_page, faulty, language):
    page = open_page("desk", language=language)
    words = at_check(page, fresh_app.url, faulty, language)

    table = page.locator("[data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    table.hover()
    expect(page.get_by_role("button", name="Download as CSV")).to_be_hidden()  # it would escape no formula
    type_into(table, page, row=1, text="12,5")

    titled(page, words["ready"])
    expect(page.get_by_role("button", name=words["take back"])).to_be_visible()
    press(page, words["load"])
    titled(page, words["done"])


@pytest.mark.accepts("1.8", "9.3")
def test_a_cell_is_mended_on_a_phone_with_its_own_field(fresh_app, open_page, faulty):
    page = open_page("phone", language="fr")
    words = at_check(page, fresh_app.url, faulty, "fr")

    press(page, words["mend"])
    field = page.get_by_label(words["instead"])
    expect(field).to_be_visible(timeout=PATIENCE_MS)
    field.fill("12,5")
    field.press("Enter")

    titled(page, words["ready"])
    assert fits(page)
    press(page, words["load"])
    titled(page, words["done"])
    assert fits(page)


@pytest.mark.accepts("9.10")
def test_a_file_in_hand_outlives_a_switch_of_language_and_a_reload(fresh_app, open_page, faulty):
    page = open_page("desk", language="fr")
    at_check(page, fresh_app.url, faulty, "fr")

    page.get_by_role("link", name="EN", exact=True).click()
    titled(page, WORDS["en"]["fault"])
    page.reload()
    titled(page, WORDS["en"]["fault"])

    press(page, WORDS["en"]["mend"])
    expect(page.get_by_label(WORDS["en"]["instead"])).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.accepts("1.20")
def test_long_reading_is_watched_and_called_off(fresh_app, open_page, long_file):
    words, page = WORDS["en"], open_page("desk", language="en")
    opened(page, f"{fresh_app.url}/upload?lang=en")

    bring(page, long_file)
    cancel = page.locator(".st-key-upload-cancel").get_by_role("button", name=words["cancel"])  # not the field's own
    expect(cancel).to_be_visible(timeout=PATIENCE_MS)
    cancel.click()

    titled(page, words["file"])
    assert words["called off"] in words_of(page.locator("[data-testid=stMain]"))
    opened(page, f"{fresh_app.url}/upload?lang=en")
    titled(page, words["file"])
