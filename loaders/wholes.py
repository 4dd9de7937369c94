"""What a sheet says of all its values at once, in its title, its name or the file's: their period, their site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from data.types import Grain
from loaders.dates import Period, read_period
from loaders.grid import Book, Grid
from loaders.layout import Layout
from loaders.rows import RowKind, texts_of

PREAMBLE_ROWS = 30
# The first that fits a part of a text wins: the longest ways of writing a period stand first.
_DATED = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)",
        r"(?<!\d)\d{1,2}[-/. ](?:\d{1,2}|[A-Za-zÀ-ÿ]{3,10}\.?)[-/. ](?:19|20)\d{2}(?!\d)",
        r"(?<!\d)(?:19|20)\d{2}[-/. ]?[TQSWtqsw]?\d{1,2}(?!\d)",
        r"\b(?:[TQSWtqsw]|[A-Za-zÀ-ÿ]{3,10}\.?)[-/. ]*\d{0,2}[-/. ]+(?:19|20)\d{2}(?!\d)",
        r"(?<!\d)(?:19|20)\d{2}[-/. ]+[A-Za-zÀ-ÿ]{3,10}\b",
    )
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_NO_NAME = re.compile(
    r"^(?:feuil|feuille|sheet|tabelle|hoja|foglio|table|tableau|data|donnees|données|export|blad|planilha)[ _-]*\d*$",
    re.IGNORECASE,
)
_CAPITAL = r"[A-ZÀ-Þ][\w’'-]+"
_PLACE = re.compile(
    rf"\b(?:in|for|at|en|à|au|aux|pour)\s+((?:the\s+|la\s+|le\s+|les\s+)?{_CAPITAL}"
    rf"(?:\s+(?:(?:and|et|of|de|du|des|la|le|les|the)\s+)*{_CAPITAL})*)"
)


@dataclass(frozen=True, slots=True)
class Said:
    """Something said of the whole sheet.

    text: as written; where: title, sheet or file. sure: False when it may be said of something else: a day may be
        that of the export, and the year in a file's name that of the file.
    """

    text: str
    where: str
    sure: bool = True


def period_said(book: Book, grid: Grid, layout: Layout) -> Said | None:
    """Find the one period that the title, the sheet's name or the file's says; None when they say none or several."""
    for where, texts in (
        ("title", _preamble(grid, layout)),
        ("sheet", ["" if says_nothing(grid.sheet) else grid.sheet or ""]),
        ("file", [Path(book.file_name).stem]),
    ):
        named = list(dict.fromkeys(text for whole in texts for text in dated_texts(whole)))
        periods = {period for text in named if isinstance(period := read_period(text), Period)}
        if len(periods) == 1:
            return Said(named[0], where, sure=periods.pop().grain is not Grain.DAY)
        years = {year for whole in texts for year in _YEAR.findall(whole)}
        if not named and len(years) == 1 and where != "title":
            return Said(years.pop(), where, sure=where == "sheet")
    return None


def dated_texts(text: str) -> list[str]:
    """Give the parts of a text that name a day, week, month or quarter with its year.

    >>> dated_texts("Effectifs au 31/03/2026"), dated_texts("export_2026-03"), dated_texts("Lyon")
    (['31/03/2026'], ['2026-03'], [])
    """
    if isinstance(read_period(text), Period) and not text.isdigit():
        return [text]
    found: list[str] = []
    rest = text.replace("_", " ")
    for pattern in _DATED:
        here = [match[0].strip(" .") for match in pattern.finditer(rest)]
        for part in here:
            if isinstance(read_period(part), Period):
                found.append(part)
                rest = rest.replace(part, " ; ")
    return found


def says_nothing(sheet: str | None) -> bool:
    """Say whether a sheet's name is only what a tool gave it.

    >>> says_nothing("Feuil1"), says_nothing("Lyon")
    (True, False)
    """
    return not sheet or bool(_NO_NAME.match(sheet.strip()))


def site_said(layout: Layout) -> Said | None:
    """Find the place that the title says its figures are of.

    >>> _PLACE.findall("Weekly figures on deaths registered in England and Wales")
    ['England and Wales']
    """
    found = _PLACE.findall(layout.title)
    return Said(str(found[-1]), "title") if found else None


def _preamble(grid: Grid, layout: Layout) -> list[str]:
    rows = [row for row in range(min(grid.n_rows, PREAMBLE_ROWS)) if layout.row_kinds[row] == RowKind.PREAMBLE]
    return [text for row in rows for column, text in texts_of(grid, row).items() if layout.filled[row, column]]
