import datetime as dt

import pytest

from wording import date_, moment, period, vega_locale

NBSP = "\u00a0"
MONDAY = dt.date(2026, 3, 30)


@pytest.mark.accepts("9.6")
def test_the_first_of_a_month_is_an_ordinal_in_french():
    assert date_(dt.date(2026, 6, 1), "fr") == f"1er{NBSP}juin 2026"
    assert date_(dt.date(2026, 6, 1), "en") == "1 Jun 2026"


@pytest.mark.parametrize(
    ("style", "french", "english"),
    [
        ("full", f"30{NBSP}mars 2026", "30 Mar 2026"),
        ("long", f"30{NBSP}mars 2026", "30 March 2026"),
        ("day", f"30{NBSP}mars", "30 March"),
        ("month", "mars 2026", "March 2026"),
        ("short", f"30{NBSP}mars", "30 Mar"),
    ],
)
def test_a_date_has_the_form_its_place_needs(style, french, english):
    assert date_(MONDAY, "fr", style) == french
    assert date_(MONDAY, "en", style) == english


def test_a_short_french_month_keeps_its_full_stop():
    assert date_(dt.date(2026, 9, 7), "fr", "short") == f"7{NBSP}sept."


@pytest.mark.parametrize(
    ("grain", "french", "english"),
    [
        ("day", f"30{NBSP}mars 2026", "30 Mar 2026"),
        ("week", f"semaine du 30{NBSP}mars 2026", "week of 30 Mar 2026"),
        ("month", "mars 2026", "March 2026"),
        ("quarter", "T1 2026", "Q1 2026"),
        ("year", "2026", "2026"),
    ],
)
def test_a_period_is_named_by_its_grain(grain, french, english):
    assert period(MONDAY, grain, "fr") == french
    assert period(MONDAY, grain, "en") == english


def test_a_moment_has_its_time_of_day():
    at = dt.datetime(2026, 3, 30, 14, 5, tzinfo=dt.UTC)

    assert moment(at, "fr") == f"30{NBSP}mars 2026 à 14{NBSP}h 05"
    assert moment(at, "en") == "30 Mar 2026, 14:05"


@pytest.mark.accepts("9.6")
def test_charts_get_french_numbers_and_months():
    french, english = vega_locale("fr"), vega_locale("en")

    assert french["number"]["decimal"] == ","
    assert french["number"]["thousands"] == NBSP
    assert french["number"]["percent"] == f"{NBSP}%"
    assert french["time"]["shortMonths"] == [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ]  # fmt: skip
    assert french["time"]["days"][:2] == ["dimanche", "lundi"]
    assert english["number"]["decimal"] == "."
    assert english["time"]["shortMonths"][8] == "Sep"
    assert english["number"]["minus"] == french["number"]["minus"] == "\u2212"
