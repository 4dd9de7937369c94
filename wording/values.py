"""Values with their unit, and the differences between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wording.catalogue import fill
from wording.languages import Language
from wording.numbers import number, percent_sign, signed
from wording.typography import NBSP

if TYPE_CHECKING:
    from data.types import Metric

# How a unit may be written in a metric's definition, and the code of its words. Any other is shown as it stands.
_UNIT_CODES = {
    "d": "day", "j": "day", "day": "day", "days": "day", "jour": "day", "jours": "day",
    "h": "hour", "min": "minute", "s": "second",
    "week": "week", "weeks": "week", "semaine": "week", "semaines": "week",
    "pt": "point", "pts": "point", "points": "point",
}  # fmt: skip
_PERCENT = "%"
_UNITS_OF_A_COUNT = ("", "1", "n", "count")


def value(x: float, metric: Metric | None, language: Language, *, decimals: int | None = None) -> str:
    """Write a value with its metric's unit and decimals: "12,4 j", "91.4%"; a metric in % holds 91.4, not 0.914.

    metric: None = a bare number.
    """
    places = decimals if decimals is not None else (metric.decimals if metric else None)
    return with_unit(number(x, language, places), metric.unit if metric else "", language)


def difference(x: float, metric: Metric | None, language: Language, *, decimals: int | None = None) -> str:
    """Write a difference of two values, signed: "−1,8 j"; for a metric in %, in points: "+2.1 points"."""
    places = decimals if decimals is not None else (metric.decimals if metric else None)
    text = signed(x, language, places)
    if metric and metric.unit == _PERCENT:
        return f"{text}{NBSP}{fill('shared.unit.percent_point', language, {}, x)}"
    return with_unit(text, metric.unit if metric else "", language)


def unit(of: Metric | str, language: Language) -> str:
    """Name a unit alone, as a heading shows it: "j", "d", "%", "/10", and nothing for a count."""
    written = of if isinstance(of, str) else of.unit
    if written in _UNITS_OF_A_COUNT:
        return ""
    code = _UNIT_CODES.get(written.lower())
    return fill(f"shared.unit.{code}", language, {}) if code else written


def with_unit(text: str, written: str, language: Language) -> str:
    """Put a unit behind a number that is already written."""
    word = unit(written, language)
    if not word:
        return text
    if word == _PERCENT:
        return percent_sign(text, language)
    return f"{text}{word}" if word.startswith("/") else f"{text}{NBSP}{word}"
