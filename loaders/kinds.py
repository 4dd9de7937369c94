"""What a cell, a sheet and a file can be. Imports almost nothing: the reader process starts with it."""

from __future__ import annotations

import datetime as dt
from enum import IntEnum, StrEnum

LONGEST_CELL = 131_072  # characters; Excel holds 32,767


class Kind(IntEnum):
    """What the file itself says a cell is. A delimited file only knows EMPTY and TEXT."""

    EMPTY = 0
    TEXT = 1
    NUMBER = 2
    DATE = 3  # text is 2026-03-30, or 2026-03-30 08:15:00 when it has a time
    BOOL = 4  # text is TRUE or FALSE
    ERROR = 5  # text is #DIV/0! and the like, or the formula of a cell whose value was never saved: =A1+B1
    TIME = 6  # text is 08:15:00
    DURATION = 7  # text is 26:15:00, hours:minutes:seconds, also -00:15:00


class Format(StrEnum):
    """What the content of a file is, whatever its name says."""

    XLSX = "xlsx"
    XLSM = "xlsm"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    SQL = "sql"  # the rows of a query; never told by content


class Visibility(StrEnum):
    """Whether a workbook shows a sheet to the person who opens it."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "very_hidden"


class Refused(Exception):
    """A refusal inside the reader process, on its way to becoming the caller's Refusal."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


def number_text(value: float) -> str:
    """Write a number without loss and without ".0".

    >>> number_text(12.0), number_text(0.1), number_text(1e22), number_text(-3)
    ('12', '0.1', '1e+22', '-3')
    """
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text


def duration_text(value: dt.timedelta) -> str:
    """Write a duration as hours:minutes:seconds, beyond 24 hours too."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def column_letter(column: int) -> str:
    """Name a column as a sheet does, from its index counted from 0.

    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    letters = ""
    rest = column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters
