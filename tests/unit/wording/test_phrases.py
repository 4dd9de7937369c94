import datetime as dt
import subprocess
import sys
import time

import pytest

from analytics.results import Variation
from data.types import Role
from wording import UnknownWord, french_spaces, known_language, pick_language, say, state
from wording.catalogue import codes, domains
from wording.languages import plural_index

NBSP = "\u00a0"


def test_a_code_that_nobody_worded_is_named():
    with pytest.raises(UnknownWord, match=r"shared\.nowhere \(fr\) is in no catalogue"):
        say("shared.nowhere", "fr")
    with pytest.raises(UnknownWord, match=r"nowhere\.at\.all"):
        say("nowhere.at.all", "en")


def test_an_argument_that_is_not_given_is_named():
    with pytest.raises(UnknownWord, match=r"shared\.sign_in\.as \(en\) needs {name}"):
        say("shared.sign_in.as", "en")


def test_numbers_dates_and_states_take_the_form_of_the_language():
    assert say("shared.count.row", "fr", n=12345) == f"12{NBSP}345 lignes"
    assert say("shared.label.since", "fr", date=dt.date(2026, 5, 1)) == f"depuis le 1er{NBSP}mai 2026"
    assert say("shared.error.forbidden_act", "en", permission=Role.ADMIN).startswith(
        "You do not have the right to do this: administrator."
    )
    assert say("shared.sign_in.as", "en", name=True) == "Signed in as Yes"


def test_what_a_person_wrote_stays_as_it_is_even_with_braces():
    assert say("shared.sign_in.as", "en", name="{odd} O'Neil") == "Signed in as {odd} O'Neil"


@pytest.mark.parametrize(
    ("n", "french", "english"), [(0, "0 site", "0 sites"), (1, "1 site", "1 site"), (2, "2 sites", "2 sites")]
)
def test_zero_is_singular_in_french_and_plural_in_english(n, french, english):
    assert say("shared.count.site", "fr", n=n) == french
    assert say("shared.count.site", "en", n=n) == english


def test_one_and_a_half_is_singular_in_french():
    assert (plural_index(1.5, "fr"), plural_index(1.5, "en"), plural_index(-3, "fr")) == (0, 1, 1)


@pytest.mark.accepts("2.11")
def test_a_state_is_a_word():
    assert state(Variation.CONCERN, "en") == "concern"
    assert state(Variation.IMPROVING, "fr") == "s’améliore"
    assert state(Role.METRIC_KEEPER, "fr") == "gardien des métriques"


@pytest.mark.parametrize(
    ("typed", "bound"),
    [
        ("Quoi ? Oui ! Non ; si : « mot »", "Quoi_? Oui_! Non_; si_: «_mot_»"),
        ("91,4 % et 2 ‰", "91,4_% et 2_‰"),
        ("12,4 j, 3 h, 8 semaines", "12,4_j, 3_h, 8_semaines"),
        ("le 30 mars et le 1er juin", "le 30_mars et le 1er_juin"),
        ("7 sept. 2026", "7_sept. 2026"),
        ("12\u202f345 colis\u202f!", "12_345 colis_!"),
        ("https://exemple.fr/?a=1;b à 14:05", "https://exemple.fr/?a=1;b à 14:05"),
        ("3 heures, 2 hommes, 15 sites", "3 heures, 2 hommes, 15 sites"),
    ],
)
@pytest.mark.accepts("9.6")
def test_french_binds_what_must_not_part(typed, bound):
    assert french_spaces(typed) == bound.replace("_", NBSP)


def test_typography_changes_nothing_twice():
    once = french_spaces("Quoi ? « 12,5 j » : 3 %")

    assert french_spaces(once) == once


@pytest.mark.accepts("9.5")
def test_the_address_outranks_the_person_and_the_person_the_browser():
    assert pick_language(asked="en", person="fr", accept="fr") == "en"
    assert pick_language(asked="xx", person="en", accept="fr") == "en"
    assert pick_language(accept="de, en-GB;q=0.9, fr;q=0.8") == "en"
    assert pick_language(accept="en;q=0, fr-CA;q=0.1") == "fr"
    assert pick_language(accept="en;q=nonsense") == "fr"
    assert pick_language() == "fr"


def test_a_regional_tag_is_its_language():
    assert [known_language(tag) for tag in ("fr_CA", "EN-us", "de", "", None)] == ["fr", "en", None, None, None]


def test_all_catalogues_are_read_within_150_milliseconds():
    codes.cache_clear()
    started = time.process_time()

    for domain in domains():
        codes(domain, "fr")

    assert time.process_time() - started < 0.15


def test_wording_starts_without_the_heavy_libraries():
    heavy = "{'numpy', 'pandas', 'pydantic', 'streamlit', 'altair', 'duckdb'}"
    script = f"import sys, wording; wording.say('shared.yes', 'fr'); print(sorted({heavy} & set(sys.modules)))"

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_a_row_number_and_a_year_are_names_not_quantities():
    assert say("shared.fault.row", "fr", row=10482) == "ligne 10482"
