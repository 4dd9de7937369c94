"""Names are compared by what they are, not by how they are typed; look-alikes and near names are pointed out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sites import name_key
from data.types import Severity
from loaders.ingest import load, understand
from loaders.keys import look_alikes, tidy
from loaders.summary import understood_lines

HIDDEN = ["\u200b", "\u200e", "\u200f", "\u202a", "\u202c", "\u2066", "\u2069", "\ufeff", "\u00ad", "\u2060"]


def sheet(*rows: str) -> bytes:
    return "\n".join(["mois;site;erreurs", *rows]).encode()


@pytest.mark.promises("F7")
@settings(deadline=None)
@given(
    st.sampled_from(["Lyon", "Saint-Étienne", "Ñuñoa", "Århus"]),
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(HIDDEN)), max_size=4),
)
def test_marks_that_nobody_sees_are_no_part_of_a_name(name, marks):
    typed = name
    for at, mark in marks:
        typed = typed[:at] + mark + typed[at:]

    assert name_key(typed) == name_key(name)
    assert tidy(typed) == name


@pytest.mark.promises("F7")
def test_a_name_in_look_alike_letters_is_warned_of_and_not_taken_for_the_other(store, keeper):
    load(understand(sheet("2026-01;Lyon;4"), "a.csv", store, keeper), store, keeper)

    found = understand(sheet("2026-02;L\u0443\u043en;5", "2026-02;L\u200bYON\u200e;6"), "a.csv", store, keeper)

    [warning] = [fault for fault in found.interpretation.faults if fault.code == "site_looks_alike"]
    assert (warning.severity, warning.found, warning.expected, warning.row) == (
        Severity.WARNING,
        "L\u0443\u043en",
        "Lyon",
        2,
    )
    assert [site.site_id is not None for site in found.interpretation.sites] == [False, True]


@pytest.mark.promises("F7")
def test_two_look_alikes_in_one_file_are_told_apart():
    assert look_alikes(["Lyon", "Ly\u043en", "Nice"]) == {"Ly\u043en": "Lyon"}


@pytest.mark.accepts("1.2", "1.6")
def test_the_names_nearest_to_an_unknown_site_are_offered(store, keeper):
    load(understand(sheet("2026-01;Lyon;4", "2026-01;Lille;4"), "a.csv", store, keeper), store, keeper)

    found = understand(sheet("2026-02;Lyons;5"), "a.csv", store, keeper)

    told = [line for line in understood_lines(found, "en") if "Lyons" in line]
    assert len(told) == 1
    assert "Lyon" in told[0].replace("Lyons", "")
    assert "Lille" not in told[0]
