"""The number and time forms that a chart library needs to write its axes in the reader's language."""

from __future__ import annotations

from wording.catalogue import fill
from wording.dates import day_names, month_names
from wording.languages import Language
from wording.numbers import percent_sign, separators
from wording.typography import MINUS, NBSP


def vega_locale(language: Language) -> dict[str, dict[str, object]]:
    """Give the locale for `chart.configure(locale=...)`: d3's number and time forms.

    >>> vega_locale("fr")["number"]["decimal"]
    ','
    """
    decimal, group = separators(language)
    numbers: dict[str, object] = {
        "decimal": decimal,
        "thousands": group,
        "grouping": [3],
        "currency": ["", f"{NBSP}€"] if language == "fr" else ["€", ""],
        "percent": percent_sign("", language),
        "minus": MINUS,
        "nan": "",
    }
    times: dict[str, object] = {
        "dateTime": fill("shared.chart.date_time", language, {}),
        "date": fill("shared.chart.date", language, {}),
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": list(day_names(language)),
        "shortDays": list(day_names(language, short=True)),
        "months": list(month_names(language)),
        "shortMonths": list(month_names(language, short=True)),
    }
    return {"number": numbers, "time": times}
