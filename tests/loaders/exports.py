"""The real exports, and the same tables as another office, year or tool would have written them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import openpyxl

from loaders.choices import Choices
from loaders.files import read_book
from loaders.ingest import Understanding, understand

SAMPLES = Path(__file__).parents[1] / "samples"
LONG = SAMPLES / "ae_attendances.csv"
WIDE = SAMPLES / "ons_monthly_deaths_2018.xls"

Rows = list[list[object]]


@cache
def _long_rows() -> tuple[tuple[str, ...], ...]:
    with LONG.open(encoding="utf-8", newline="") as file:
        return tuple(tuple(row) for row in csv.reader(file))


def long_rows(*, every: int = 1) -> Rows:
    """Give the long export's rows; every: keep the sites of which there is one in so many."""
    header, *body = _long_rows()
    kept = {site for at, site in enumerate(sorted({row[1] for row in body})) if at % every == 0}
    return [list(header), *(list(row) for row in body if row[1] in kept)]


@cache
def _wide_rows() -> tuple[tuple[object, ...], ...]:
    grid = read_book(WIDE, WIDE.name).grid
    numbers = [grid.numbers(column) for column in range(grid.n_columns)]
    return tuple(
        tuple(text if number != number else number for text, number in zip(row, at, strict=True))
        for row, at in zip(grid.rows(), zip(*numbers, strict=True), strict=True)
    )


def wide_rows() -> Rows:
    """Give the wide export's rows, its numbers as numbers."""
    return [list(row) for row in _wide_rows()]


def with_columns(rows: Rows, order: Sequence[int]) -> Rows:
    """Put the columns in another order."""
    return [[row[column] for column in order] for row in rows]


def another_year(rows: Rows, years: int) -> Rows:
    """Move every year written in the rows."""
    moved = re.compile(r"(?<=-)18$|20\d{2}(?=\b|-)")

    def move(value: object) -> object:
        if not isinstance(value, str):
            return value
        return moved.sub(lambda found: str(int(found[0]) + years).zfill(2), value)

    return [[move(value) for value in row] for row in rows]


def as_csv(rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Write rows as a delimited file."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([["" if value is None else value for value in row] for row in rows])
    return file.getvalue().encode(encoding)


def as_xlsx(rows: Rows, *, sheet: str = "Feuil1") -> bytes:
    """Write rows as a workbook."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(rows: Rows, name: str = "essai.csv", choices: Choices | None = None, **written: str) -> Understanding:
    """Understand rows written as a file, without a store."""
    data = as_xlsx(rows) if name.endswith("xlsx") else as_csv(rows, **written)
    return understand(data, name, choices=choices)
