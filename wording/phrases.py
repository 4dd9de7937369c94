"""One phrase of the catalogues, with its arguments in the reader's own form."""

from __future__ import annotations

import datetime as dt
from enum import Enum

from wording.catalogue import fill
from wording.dates import date_, moment
from wording.languages import Language
from wording.numbers import number
from wording.typography import french_spaces

_LABELS = ("row", "line", "year")  # numbers that name a thing: never "ligne 10 482" or "2 026"


def say(code: str, language: Language, **args: object) -> str:
    """Say one phrase of the catalogues.

    code: dotted, its first part names the catalogue: "keepers.upload.title".
    args: fill the phrase's {placeholders}. Numbers, dates and states are put in the reader's form;
        strings stay as they are, and so do the numbers called row, line or year. `n` picks the plural.
    Raises UnknownWord, naming the code.

    >>> say("shared.button.save", "fr")
    'Enregistrer'
    >>> say("shared.count.site", "en", n=15)
    '15 sites'
    """
    n = args.get("n")
    words = {name: str(arg) if name in _LABELS else shown(arg, language) for name, arg in args.items()}
    text = fill(code, language, words, n if isinstance(n, int | float) else None)
    return french_spaces(text) if language == "fr" else text


def shown(arg: object, language: Language) -> str:
    """Put one argument into the reader's form: states in words, numbers and dates as the language writes them."""
    match arg:
        case Enum():
            return state(arg, language)
        case bool():
            return say("shared.yes" if arg else "shared.no", language)
        case int() | float():
            return number(arg, language)
        case dt.datetime():
            return moment(arg, language)
        case dt.date():
            return date_(arg, language)
    return str(arg)


def state(member: Enum, language: Language) -> str:
    """Name a state in words: a variation, an assurance, a role, a stage...

    >>> from analytics.results import Variation
    >>> state(Variation.CONCERN, "fr")
    'préoccupe'
    """
    return say(state_code(member), language)


def state_code(member: Enum) -> str:
    """Give the code under which a state's word stands: "shared.state.<kind>.<value>"."""
    kind = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in type(member).__name__)
    return f"shared.state.{kind.lstrip('_')}.{member.value}"
