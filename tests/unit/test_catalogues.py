"""Whatever the product says, it says in both languages. Each test reports by code what is wrong."""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum
from pathlib import Path
from string import Formatter

import pytest

import analytics.results
import data.access
import data.types
from tests.unit.wording.words_in_source import asked_codes, asked_in_templates, codes_written, file_troubles, reasons
from wording import LANGUAGES, codes, domains, french_spaces, knows
from wording.catalogue import CATALOGUES
from wording.phrases import state_code

SAME_IN_BOTH = Path(__file__).parent / "wording" / "same_in_both.txt"
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
ENUMS = sorted(
    {
        kind
        for module in (analytics.results, data.types, data.access)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Enum) and kind.__module__ == module.__name__
    },
    key=lambda kind: kind.__name__,
)


def phrases(language):
    return {code: forms for domain in domains() for code, forms in codes(domain, language).items()}


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def lines(problems):
    """One problem a line, so that pytest shows all of them."""
    return "\n" + "\n".join(map(str, problems))


ENGLISH, FRENCH = phrases("en"), phrases("fr")


@pytest.mark.accepts("9.5")
def test_every_code_that_the_source_says_has_words_in_both_languages():
    silent = [
        f"{asked.where}: {asked.pattern.replace(chr(92), '')} ({language})"
        for asked in asked_codes()
        for language, known in (("en", ENGLISH), ("fr", FRENCH))
        if not any(re.fullmatch(asked.pattern, code) for code in known)
    ]

    assert not silent, lines(silent)


def test_every_code_written_in_pages_and_loaders_has_words_in_both_languages():
    silent = [
        f"{place}: {code}"
        for place, code in codes_written(domains())
        if not all(knows(code, language) for language in LANGUAGES)
    ]

    assert not silent, lines(silent)


def test_every_code_that_a_template_says_has_words_in_both_languages():
    silent = [(file, code) for file, code in asked_in_templates() if not all(knows(code, lang) for lang in LANGUAGES)]

    assert not silent, lines(silent)


def test_whoever_says_a_phrase_gives_all_that_it_needs():
    wanting = [
        f"{asked.where}: {code} needs {sorted(needed - asked.given)}"
        for asked in asked_codes()
        if asked.literal and asked.given is not None
        for code in [asked.pattern.replace("\\", "")]
        for needed in [{name for form in ENGLISH.get(code, ()) for name in placeholders(form)}]
        if needed - asked.given
    ]

    assert not wanting, lines(wanting)


@pytest.mark.accepts("2.21")
def test_every_reason_that_analytics_give_has_words_and_gives_what_they_need():
    wrong = []
    for place, reason, given in reasons():
        code = f"analytics.not_computable.{reason}"
        needed = {name for form in ENGLISH.get(code, ()) for name in placeholders(form)}
        if not reason:
            wrong.append(f"{place}: the code is not written where it is given")
        elif not all(knows(code, language) for language in LANGUAGES):
            wrong.append(f"{place}: {code} has no words")
        elif given is not None and needed - given:
            wrong.append(f"{place}: {code} needs {sorted(needed - given)}")

    assert not wrong, lines(wrong)


def test_every_refusal_and_every_fault_of_a_file_has_words_and_gives_what_they_need():
    wrong = []
    for place, said, given in file_troubles():
        elsewhere = said.replace("loaders.fault.", "loaders_values.fault.")  # faults of values have their own catalogue
        code = said if said in ENGLISH else elsewhere
        needed = {name for form in ENGLISH.get(code, ()) for name in placeholders(form)}
        if not all(knows(code, language) for language in LANGUAGES):
            wrong.append(f"{place}: {code} has no words")
        elif given is not None and needed - given:
            wrong.append(f"{place}: {code} needs {sorted(needed - given)}")

    assert not wrong, lines(wrong)


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_every_state_has_a_word(kind):
    silent = [state_code(member) for member in kind if not all(knows(state_code(member), lang) for lang in LANGUAGES)]

    assert not silent, lines(silent)


@pytest.mark.accepts("9.5")
def test_both_languages_have_the_same_codes():
    assert not (found := sorted(ENGLISH.keys() ^ FRENCH.keys())), lines(found)


def test_a_code_starts_with_the_name_of_its_catalogue():
    strays = [
        code
        for language in LANGUAGES
        for domain in domains()
        for code in codes(domain, language)
        if not CODE.fullmatch(code) or code.partition(".")[0] != domain
    ]

    assert not strays, lines(strays)


def test_no_code_stands_twice_in_a_catalogue():
    twice = [
        f"{path.parent.name}/{path.name}: {code}"
        for path in sorted(CATALOGUES.glob("*/*.po"))
        for code, times in Counter(re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.MULTILINE)).items()
        if times > 1
    ]

    assert not twice, lines(twice)


def test_no_phrase_is_empty_or_marked_unsure():
    empty = [
        f"{code} ({language})"
        for language, known in (("en", ENGLISH), ("fr", FRENCH))
        for code, forms in known.items()
        if not all(forms)
    ]
    unsure = [str(path) for path in CATALOGUES.glob("*/*.po") if "#, fuzzy" in path.read_text("utf-8")]

    assert not [*empty, *unsure], lines([*empty, *unsure])


def test_both_languages_use_the_same_placeholders():
    unequal = [
        code
        for code in ENGLISH.keys() & FRENCH.keys()
        if {name for form in ENGLISH[code] for name in placeholders(form)}
        != {name for form in FRENCH[code] for name in placeholders(form)}
    ]

    assert not (found := sorted(unequal)), lines(found)


def test_both_languages_have_singular_and_plural_or_neither():
    unequal = [code for code in ENGLISH.keys() & FRENCH.keys() if len(ENGLISH[code]) != len(FRENCH[code])]

    assert not (found := sorted(unequal)), lines(found)


@pytest.mark.accepts("9.5")
def test_french_differs_from_english_outside_a_named_list():
    listed = {
        line.casefold() for line in SAME_IN_BOTH.read_text("utf-8").splitlines() if line and not line.startswith("#")
    }
    untranslated = [
        f"{code}: {form}"
        for code in sorted(ENGLISH.keys() & FRENCH.keys())
        for form in set(ENGLISH[code]) & set(FRENCH[code])
        if re.search("[A-Za-z]{2}", words := re.sub(r"{\w*}", "", form)) and words.strip().casefold() not in listed
    ]

    assert not untranslated, lines(untranslated)


@pytest.mark.accepts("9.6")
def test_french_typography_holds_in_every_phrase():
    loose = re.compile(r"[ \u202f][;:?!%»]|«[^\u00a0]|\w[;?!»](?=\s|$)|\w:(?=\s|$)|\"|'|\.\.\.")
    wrong = [f"{code}: {form}" for code, forms in FRENCH.items() for form in forms if loose.search(french_spaces(form))]

    assert not wrong, lines(wrong)
