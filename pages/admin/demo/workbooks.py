"""Write the worked example's files as its sites would send them: each in the form of its own tool."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import openpyxl

from wording import Language, say

if TYPE_CHECKING:
    import pandas as pd

    from pages.admin.demo.truth import TrueSite


class Form(StrEnum):
    """How a site's tool writes its exports."""

    WORKBOOK = "xlsx"  # a title above the table, a total and a source line below it
    SEMICOLON = "csv"  # semicolons, decimal commas, day/month/year, Windows encoding


@dataclass(frozen=True, slots=True)
class File:
    """A file as a keeper would upload it."""

    name: str
    content: bytes


def form_of(site: TrueSite) -> Form:
    """Return the form of a site's exports: the supply and service teams have another tool than the plants."""
    return Form.WORKBOOK if site.kind.value == "plant" else Form.SEMICOLON


def site_file(
    site: TrueSite, table: pd.DataFrame, *, stem: str, headings: dict[str, str], sheet: str, language: Language
) -> File:
    """Write one table of one site.

    table: a column `date` and one column per entry of headings, whose values are the headings to write.
    """
    form = form_of(site)
    heads = ["Site", *headings.values()]
    rows = [[site.name, *row] for row in table[list(headings)].itertuples(index=False)]
    content = _workbook(heads, rows, sheet, language) if form is Form.WORKBOOK else _semicolon(heads, rows)
    return File(f"{site.code}_{stem}.{form}", content)


def _workbook(heads: list[str], rows: list[list[object]], title: str, language: Language) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append([say("demo.column.tracking", language)])
    sheet.append([])
    sheet.append(heads)
    for row in rows:
        sheet.append([_plain(cell) for cell in row])
    for line in sheet.iter_rows(min_row=4, min_col=2, max_col=2):
        line[0].number_format = "DD/MM/YYYY"
    totals = [
        sum(row[i] for row in rows) if isinstance(_plain(rows[0][i]), int) else None for i in range(2, len(heads))
    ]
    sheet.append([say("demo.column.total", language), None, *(_plain(total) for total in totals)])
    sheet.append([])
    sheet.append([say("demo.column.source", language)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _semicolon(heads: list[str], rows: list[list[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_french(_plain(cell)) for cell in row])
    return out.getvalue().encode("cp1252")


def _plain(cell: object) -> object:
    if hasattr(cell, "to_pydatetime"):
        return cell.to_pydatetime().date()
    return cell.item() if hasattr(cell, "item") else cell


def _french(cell: object) -> str:
    if isinstance(cell, dt.date):
        return cell.strftime("%d/%m/%Y")
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)
