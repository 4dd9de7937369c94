"""What is wrong with a file, in one sentence: where, what was found, what was expected, how to mend it."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wording.catalogue import knows
from wording.dates import date_
from wording.languages import Language
from wording.numbers import number
from wording.phrases import say
from wording.values import unit

if TYPE_CHECKING:
    from data.types import Fault

_RANGE_MARK = " … "  # between the ends of a range, as loaders write it
_DOMAINS = ("loaders", "loaders_values")  # the catalogues that word faults
_READ_AS_VALUES = ("suspect_", "implausible_value", "future_period", "share_for_percent")  # what was read, not the text
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_OF_SITE_AND_DAY = re.compile(r"(\S+) \((.*), (\d{4}-\d{2}-\d{2})\)")  # as loaders write what comes twice
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def fault(f: Fault, language: Language) -> str:
    """Word one located fault: 'Sheet1!D17 “delay (d)”: found “12,5 j”; expected a number. Remove the unit.'

    "loaders.fault.<code>", or the same of another catalogue that words faults, holds what follows the place; it may
    use {found} and {expected}.
    Raises UnknownWord when nobody has worded the code.
    """
    domain = next((name for name in _DOMAINS if knows(f"{name}.fault.{f.code}", language)), _DOMAINS[0])
    words = say(
        f"{domain}.fault.{f.code}", language, found=_found(f, language), expected=expected(f.expected, language)
    )
    where = place(f, language)
    if not where:
        return words[:1].upper() + words[1:]
    return say("shared.fault.located", language, place=where, words=words)


def _found(f: Fault, language: Language) -> str:
    """Word what was found: a cell's text as it stands; a value, a unit, or a value with its site and day, as they were read."""
    if f.code.startswith(_READ_AS_VALUES):
        return _in_form(f.found, language)
    if f.code == "unit_does_not_fit":
        return unit(f.found, language)
    repeated = _OF_SITE_AND_DAY.fullmatch(f.found) if f.code.startswith("duplicate_") else None
    if repeated is None:
        return f.found
    value, site, day = repeated.groups()
    return f"{_in_form(value, language)} ({site}, {_in_form(day, language)})"


def place(f: Fault, language: Language) -> str:
    """Say where a fault stands, as the spreadsheet shows it: "Sheet1!D17 “delay (d)”"; "" for a whole file."""
    letter, _, heading = (f.column or "").partition(" ")
    where = _cell(f.sheet or "", letter, "" if f.row is None else str(f.row), language)
    if not heading:
        return where
    return f"{where} {say('shared.quoted', language, text=heading.strip('“”«» '))}"


def _cell(sheet: str, letter: str, row: str, language: Language) -> str:
    if letter and row:
        return f"{sheet}!{letter}{row}" if sheet else f"{letter}{row}"
    part = ""
    if row:
        part = say("shared.fault.row", language, row=row)
    elif letter:
        part = say("shared.fault.column", language, letter=letter)
    return say("shared.list_separator", language).join(word for word in (sheet, part) if word)


def expected(text: str, language: Language) -> str:
    """Word what was expected: a code of the catalogues, a plain number, range or date, or text that stays as it is.

    A code may have JSON arguments behind a space: 'loaders.expected.number {"example": 12.5}'; days among them are worded.
    """
    code, _, arguments = text.partition(" ")
    if knows(code, language):
        given = json.loads(arguments) if arguments else {}
        given |= {"unit": unit(given["unit"], language)} if "unit" in given else {}
        given |= {"value": _in_form(given["value"], language)} if isinstance(given.get("value"), str) else {}
        return say(code, language, **{name: _day_or_same(argument) for name, argument in given.items()})
    return _RANGE_MARK.join(_in_form(part, language) for part in text.split(_RANGE_MARK))


def _in_form(text: str, language: Language) -> str:
    if _NUMBER.fullmatch(text):
        return number(float(text), language, decimals=len(text.partition(".")[2]))
    if _DAY.fullmatch(text):
        with contextlib.suppress(ValueError):  # 2026-02-31 is no day, and stays as it is
            return date_(dt.date.fromisoformat(text), language)
    return text


def _day_or_same(argument: object) -> object:
    if isinstance(argument, str) and _DAY.fullmatch(argument):
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(argument)
    return argument


def refusal(code: str, args: Mapping[str, object], language: Language) -> str:
    """Say why a whole file was refused, and what to do.

    code: a refusal's `word`, such as "loaders_reading.refusal.password", or the last part alone for loaders' own.
    """
    return say(code if "." in code else f"loaders.refusal.{code}", language, **args)
