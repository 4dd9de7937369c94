"""Writes cells as the files that people send."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from tests.loaders.cross.truth import Cells


def delimited(cells: Cells, delimiter: str = ",", encoding: str = "utf-8", *, quote_all: bool = False, end: str = "\r\n",
              pad: bool = True) -> bytes:  # fmt: skip
    """Write a delimited file."""
    text = io.StringIO()
    width = max(map(len, cells)) if pad else 0
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end,
                        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)  # fmt: skip
    for row in cells:
        writer.writerow([*("" if cell is None else cell for cell in row), *([""] * (width - len(row)))])
    return text.getvalue().encode(encoding)


def workbook(sheets: Mapping[str, Cells], *, hidden: Mapping[str, Cells] | None = None, merged: tuple[str, ...] = (),
             formats: Mapping[str, str] | None = None, epoch_1904: bool = False) -> bytes:  # fmt: skip
    """Write an xlsx. merged: areas of the first sheet. formats: number format by column letter."""
    book = Workbook()
    if epoch_1904:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904
    book.remove(book.active)
    for title, cells in {**sheets, **(hidden or {})}.items():
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append(row)
        for letter, shown in (formats or {}).items():
            for cell in sheet[letter]:
                cell.number_format = shown
        if title in (hidden or {}):
            sheet.sheet_state = "hidden"
    first = book.worksheets[0]
    for area in merged:
        first.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def area(row: int, first: int, last: int) -> str:
    """Name an area of one row, columns counted from 1."""
    return f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}"
