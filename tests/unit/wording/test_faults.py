import pytest

from data.types import Fault, Severity
from wording import catalogue, place
from wording.faults import expected, fault, refusal

NBSP = "\u00a0"

ENGLISH = {
    "loaders.fault.not_a_number": ("found “{found}”; expected {expected}. Remove the unit from the cell.",),
    "loaders.expected.number": ("a number, for example {example}",),
    "loaders.refusal.empty": ("{file} is empty.",),
}
FRENCH = {
    "loaders.fault.not_a_number": ("trouvé « {found} » ; attendu {expected}. Retirez l’unité de la cellule.",),
    "loaders.expected.number": ("un nombre, par exemple {example}",),
    "loaders.refusal.empty": ("{file} est vide.",),
}


@pytest.fixture(autouse=True)
def words(monkeypatch):
    """Loaders' words of this test only; all other catalogues stay as they are."""
    read = catalogue.codes

    def codes(domain, language):
        return {"en": ENGLISH, "fr": FRENCH}[language] if domain == "loaders" else read(domain, language)

    monkeypatch.setattr(catalogue, "codes", codes)


def located(**changes):
    fields = {
        "code": "not_a_number", "severity": Severity.ERROR, "sheet": "Feuil1", "row": 17, "column": "D “délai (j)”",
        "found": "12,5 j", "expected": 'loaders.expected.number {"example": 12.5}',
    } | changes  # fmt: skip
    return Fault(**fields)


@pytest.mark.accepts("9.5")
def test_a_fault_says_where_what_was_found_what_was_expected_and_how_to_mend_it():
    assert fault(located(), "en") == (
        "Feuil1!D17 “délai (j)”: found “12,5 j”; expected a number, for example 12.5. Remove the unit from the cell."
    )
    assert fault(located(), "fr").replace(NBSP, " ") == (
        "Feuil1!D17 « délai (j) » : trouvé « 12,5 j » ; attendu un nombre, par exemple 12,5. "
        "Retirez l’unité de la cellule."
    )


@pytest.mark.accepts("9.6")
def test_a_doubted_value_has_the_language_s_decimal_sign_and_a_text_of_the_file_none_but_its_own(monkeypatch):
    monkeypatch.setitem(FRENCH, "loaders.fault.suspect_far", ("trouvé {found}, loin de l’habituel.",))

    assert fault(located(code="suspect_far", found="-9.2"), "fr").endswith("trouvé \u22129,2, loin de l’habituel.")
    assert "« 9.2 »" in fault(located(found="9.2"), "fr").replace(NBSP, " ")


@pytest.mark.parametrize(
    ("where", "french"),
    [
        ({"sheet": None}, "D17 « délai (j) »"),
        ({"column": "D"}, "Feuil1!D17"),
        ({"row": None}, "Feuil1, colonne D « délai (j) »"),
        ({"column": None}, "Feuil1, ligne 17"),
        ({"column": None, "row": 10482, "sheet": None}, "ligne 10482"),
        ({"column": None, "row": None}, "Feuil1"),
        ({"column": None, "row": None, "sheet": None}, ""),
    ],
)
def test_a_place_is_named_as_the_sheet_shows_it(where, french):
    assert place(located(**where), "fr").replace(NBSP, " ") == french


def test_a_fault_of_the_whole_file_starts_with_a_capital():
    words = fault(located(sheet=None, row=None, column=None), "en")

    assert words.startswith("Found “12,5 j”")


def test_what_was_expected_may_be_a_code_or_plain_text():
    assert expected('loaders.expected.number {"example": 0.5}', "fr") == "un nombre, par exemple 0,5"
    assert expected("shared.state.grain.month", "fr") == "par mois"
    assert expected("Nantes", "fr") == "Nantes"


@pytest.mark.accepts("9.6")
def test_what_was_expected_has_the_readers_numbers_and_dates():
    assert expected("12.5", "fr") == "12,5"
    assert expected("-0.5 … 60", "fr") == "\u22120,5 … 60"
    assert expected("2026-03-30", "fr").replace(NBSP, " ") == "30 mars 2026"
    assert expected("2026-02-31", "fr") == "2026-02-31"
    assert expected("Site 1.5", "fr") == "Site 1.5"


def test_a_refusal_is_said_in_the_readers_language():
    assert refusal("empty", {"file": "a.csv"}, "en") == "a.csv is empty."
    assert refusal("empty", {"file": "a.csv"}, "fr") == "a.csv est vide."
    assert refusal("loaders.refusal.empty", {"file": "a.csv"}, "fr") == "a.csv est vide."
