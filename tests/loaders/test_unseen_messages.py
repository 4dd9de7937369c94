"""What a keeper reads about a fault is in their own language, units, decimal sign and dates, and written in full."""

from __future__ import annotations

import pytest

from data.access import actor_for
from data.people import first_person
from loaders.choices import Choices
from loaders.ingest import load, understand
from tests.loaders.exports import as_csv
from wording import fault

HEADING = ["mois", "site", "Délai (j)", "Taux (%)"]


@pytest.fixture
def told(store):
    """Say what is wrong with rows, in a language, once the metrics are on record."""
    person = first_person(store, "Ana")
    with store.read() as cursor:
        keeper = actor_for(cursor, person.id, store.today())
    rows = [HEADING, *[["2025-01", site, "10,5", "91,5"] for site in ("Lyon", "Nice", "Brest")]]
    load(understand(as_csv(rows, delimiter=";"), "a.csv", store, keeper), store, keeper, register=True)

    def say(rows, language, **choices):
        found = understand(as_csv(rows, delimiter=";"), "b.csv", store, keeper, Choices(**choices))
        return [fault(one, language) for one in found.interpretation.faults]

    return say


def test_values_that_differ_are_shown_in_full_with_the_day_in_words(told):
    rows = [HEADING[:3], ["2025-02", "Lyon", "1234567,5"], ["2025-02", "Lyon", "1234568,5"]]

    (french,), (english,) = told(rows, "fr"), told(rows, "en")

    assert "1\u202f234\u202f568,5 (Lyon, 1er\u00a0février 2025)" in french or "1 234 568,5" in french.replace(
        "\u202f", " "
    ).replace("\u00a0", " ")
    assert "1,234,567.5 (row 2)" in english
    assert "1 Feb 2025" in english


def test_a_unit_is_expected_in_the_words_of_the_reader(told):
    rows = [["mois", "site", "Délai (h)"], ["2025-02", "Lyon", "12"]]
    kilos = [HEADING[:3], ["2025-02", "Lyon", "12 kg"], ["2025-03", "Lyon", "13"]]

    assert "attendu : j." in told(rows, "fr")[0].replace("\u00a0", " ")
    assert "expected: d." in told(rows, "en")[0]
    assert "12 j" in told(kilos, "fr")[0].replace("\u00a0", " ").replace("\u202f", " ")


def test_a_share_is_shown_with_the_decimal_sign_of_the_reader(told):
    rows = [["mois", "site", "Taux"], ["2025-02", "Lyon", "0,91"], ["2025-03", "Lyon", "0,92"]]

    assert "trouvé 0,91, attendu 91" in told(rows, "fr")[0]
    assert "found 0.91, expected 91" in told(rows, "en")[0]
