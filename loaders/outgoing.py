"""Text on its way into a spreadsheet: shown as it is, and never run as a formula; numbers stay numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula
LONGEST_TEXT = 32_767  # characters of a cell (Excel's own limit)
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 has no way to say them


def plain_text(text: str) -> str:
    """Give a text for a CSV file that a spreadsheet shows and never runs.

    >>> plain_text("=1+1"), plain_text("Nantes")
    ("'=1+1", 'Nantes')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def put_text(cell: Cell, text: str) -> None:
    """Put a text into a workbook's cell as text, to the letter: marked as typed behind a quote where it looks otherwise.

    Characters that no workbook can hold are left out.
    """
    written = _UNWRITABLE.sub("", text)[:LONGEST_TEXT]
    cell.value = written
    cell.data_type = "s"  # after the value, which would make a formula of "=1+1" and an error of "#N/A"
    cell.quotePrefix = written.startswith(FORMULA_STARTS)


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """Give a sheet's cell, to be written; rows and columns count from 1. Not for the inside of a merged area."""
    return cast("Cell", sheet.cell(row, column))
