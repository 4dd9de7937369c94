"""Finds how a delimited file is written: its delimiter and quote, by how alike they make its lines.

The measure is CleverCSV's (van den Burg, Nazábal and Sutton, Wrangling messy CSV files, Data Mining and
Knowledge Discovery, 2019): the more lines of one shape, and the more cells that look like something, the better.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from loaders.records import Form, records

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 200
SAMPLE_CHARACTERS = 200_000
NARROW = 1e-3  # worth of a line of one cell, the paper's epsilon

KNOWN_CELL = re.compile(
    r"""\s*(?:
        | [-+(]?\s*[€$£]?\s*\d[\d\s\u00a0\u202f.,'’]*\s*[%€$£)]?-?      # a number, an amount, 12.5 %
        | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s]\d{1,2}:\d{2}(?::\d{2})?\S*)?     # a date, a moment
        | \d{1,2}:\d{2}(?::\d{2})?
        | n/?a | nan | null | none | :
        | [^,;\t|"]*[^\W\d_][^,;\t|"]*                                  # words
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)


def find_form(text: str) -> Form:
    """Find how a file is written from its first lines.

    >>> find_form("Site;Valeur\\nLyon;1,5\\nLille;2,25\\n").delimiter
    ';'
    """
    sample = text[:SAMPLE_CHARACTERS]
    lines = list(islice(io.StringIO(sample, newline=""), SAMPLE_LINES))
    if len(sample) < len(text) and len(lines) > 1 and len(lines) < SAMPLE_LINES:
        lines.pop()  # cut in its middle
    sample = "".join(lines)
    forms = possible_forms(sample)
    best = forms[0] if len(forms) == 1 else max(forms, key=lambda form: worth(form, lines))
    if best.quote is None and '"' not in sample and opens_a_cell('"', best.delimiter, text):
        return quoted_form('"', best.delimiter, text)  # quotes only stand further down
    return best


def possible_forms(sample: str) -> list[Form]:
    """List the forms whose marks stand in a sample, the likeliest first."""
    delimiters = [mark for mark in DELIMITERS if mark in sample] or [","]
    forms = []
    for delimiter in delimiters:
        quoted = [quote for quote in ('"', "'") if opens_a_cell(quote, delimiter, sample)]
        forms += [quoted_form(quote, delimiter, sample) for quote in quoted]
        if '"' not in quoted or len(quoted) > 1 or sample.count('"') % 2:
            forms.append(Form(delimiter, None))
    return forms


def quoted_form(quote: str, delimiter: str, text: str) -> Form:
    """Make the form with this quote, as the text uses it."""
    spaced = re.search(re.escape(delimiter) + " +" + quote, text) is not None
    return Form(delimiter, quote, "\\" if "\\" + quote in text else None, spaced)


def opens_a_cell(quote: str, delimiter: str, sample: str) -> bool:
    """Say whether a quote stands where a cell begins and where one ends."""
    mark = re.escape(delimiter)
    begins = re.search(rf"(?:^|{mark}) *{quote}", sample, re.MULTILINE)
    ends = re.search(rf"{quote} *(?:{mark}|\r?$)", sample, re.MULTILINE)
    return begins is not None and ends is not None


def worth(form: Form, lines: Sequence[str]) -> float:
    """Measure a form on some lines: shape times likeness, as in the paper."""
    try:
        rows = [row for _, row in records(lines, form) if row]
    except csv.Error:
        return 0.0
    widths = Counter(map(len, rows))
    shape = sum(count * max(NARROW, width - 1) / width for width, count in widths.items()) / max(len(widths), 1)
    cells = [cell for row in rows for cell in row]
    known = sum(KNOWN_CELL.fullmatch(cell) is not None for cell in cells)
    return shape * max(known / max(len(cells), 1), NARROW)
