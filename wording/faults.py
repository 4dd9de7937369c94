"""What is wrong with a file, in one sentence: where, what was found, what was expected, how to mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wording.languages import Language
from wording.phrases import say

if TYPE_CHECKING:
    from data.types import Fault

_EXPECTED = "loaders.expected."


def fault(f: Fault, language: Language) -> str:
    """Word one located fault: 'Sheet1!D17 “delay (d)”: found “12,5 j”; expected a number. Remove the unit.'

    "loaders.fault.<code>" holds what follows the place; it may use {found} and {expected}.
    Raises UnknownWord when nobody has worded the code.
    """
    words = say(f"loaders.fault.{f.code}", language, found=f.found, expected=expected(f.expected, language))
    where = place(f, language)
    if not where:
        return words[:1].upper() + words[1:]
    return say("shared.fault.located", language, place=where, words=words)


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


def expected(code: str, language: Language) -> str:
    """Word what was expected: a "loaders.expected.*" code, with or without JSON arguments behind a space, else as is."""
    if not code.startswith(_EXPECTED):
        return code
    name, _, arguments = code.partition(" ")
    return say(name, language, **(json.loads(arguments) if arguments else {}))


def refusal(code: str, args: Mapping[str, object], language: Language) -> str:
    """Say why a whole file was refused, and what to do.

    code: a refusal's `word`, such as "loaders_reading.refusal.password", or the last part alone for loaders' own.
    """
    return say(code if "." in code else f"loaders.refusal.{code}", language, **args)
