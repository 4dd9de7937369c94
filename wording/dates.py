"""Dates and periods as French and English write them."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Literal

from babel.core import Locale

from wording.catalogue import fill
from wording.languages import Language
from wording.typography import french_spaces

DateStyle = Literal["full", "long", "day", "month", "short"]


def date_(d: dt.date, language: Language, style: DateStyle = "full") -> str:
    """Write a date; in French the day is bound to its month by a no-break space.

    style: "full" "30 mars 2026", "30 Mar 2026"; "long" the same with the English month in full;
        "day" without the year, in full; "month" "mars 2026", "March 2026"; "short" for an axis or a
        narrow cell, "30 mars", "30 Mar".

    >>> date_(dt.date(2026, 6, 1), "fr")
    '1er\\xa0juin 2026'
    >>> date_(dt.date(2026, 3, 30), "en"), date_(dt.date(2026, 3, 30), "en", "day")
    ('30 Mar 2026', '30 March')
    """
    short = style == "short" or (style == "full" and language == "en")
    words = {
        "day": fill("shared.date.first" if d.day == 1 else "shared.date.other", language, {"day": str(d.day)}),
        "month": month_names(language, short=short)[d.month - 1],
        "year": str(d.year),
    }
    pattern = {"full": "full", "long": "full", "day": "day", "month": "month", "short": "day"}[style]
    return _spaced(fill(f"shared.date.{pattern}", language, words), language)


def period(d: dt.date, grain: str, language: Language) -> str:
    """Name the period that starts on d: "semaine du 30 mars 2026", "March 2026", "T1 2026".

    >>> period(dt.date(2026, 3, 30), "week", "en")
    'week of 30 Mar 2026'
    """
    return _spaced(fill(f"shared.period.{grain}", language, period_words(d, language)), language)


def period_words(d: dt.date, language: Language, *, with_year: bool = True) -> dict[str, str]:
    """Give the words from which every phrase about a period is built: date, month, quarter, year."""
    year = str(d.year)
    quarter = {"number": str((d.month + 2) // 3), "year": year}
    return {
        "date": date_(d, language) if with_year else date_(d, language, "day"),
        "month": date_(d, language, "month") if with_year else month_names(language)[d.month - 1],
        "quarter": fill("shared.date.quarter", language, quarter),
        "year": year,
    }


def moment(t: dt.datetime, language: Language) -> str:
    """Write a date with its time of day, in the zone it carries: "30 mars 2026 à 14 h 05", "30 Mar 2026, 14:05"."""
    words = {"date": date_(t.date(), language), "hour": f"{t.hour:02d}", "minute": f"{t.minute:02d}"}
    return _spaced(fill("shared.date.moment", language, words), language)


@cache
def month_names(language: Language, *, short: bool = False) -> tuple[str, ...]:
    """Name the twelve months inside a date, January first."""
    names = Locale.parse(language).months["format"]["abbreviated" if short else "wide"]
    return tuple(names[month] for month in range(1, 13))


@cache
def day_names(language: Language, *, short: bool = False) -> tuple[str, ...]:
    """Name the seven days, Sunday first as chart libraries want them."""
    names = Locale.parse(language).days["format"]["abbreviated" if short else "wide"]
    return tuple(names[(day - 1) % 7] for day in range(7))


def _spaced(text: str, language: Language) -> str:
    return french_spaces(text) if language == "fr" else text
