"""What calamine does not tell of a sheet: error cells, percentages, formulas without a value, odd times, far cells.

Every workbook format has a module that looks for them in the sheet's own bytes; this one holds what is found and asks
the module that knows. Runs inside the reader process: the standard library only.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from loaders.kinds import Format, Refused, column_letter

FAR_SHARE = 0.01  # a sheet this empty is not a large table: it has a stray cell
NEVER_WAS = 60  # Excel counts 29 February 1900, kept from Lotus 1-2-3; calamine gives the day before
DAY_THAT_NEVER_WAS = "1900-02-29"
ERROR_NAMES = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip


class ErrorText(str):
    """The text of an error cell, such as #DIV/0!, or of a formula that nobody computed, such as =A1+B1."""

    __slots__ = ()


Seen = ErrorText | str | dt.timedelta


@dataclass
class Marks:
    """What was seen on a sheet; rows and columns from 0.

    cells: what stands at (row, column) instead of what calamine gives; odd: likewise, where it gives a date or time.
    percents: rows by column. merged: areas, where calamine gives none. uncomputed: formulas whose value the file does not hold.
    """

    cells: list[tuple[int, int, Seen]] = field(default_factory=list)
    odd: list[tuple[int, int, Seen]] = field(default_factory=list)
    percents: dict[int, list[int]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    uncomputed: int = 0

    def percent(self, row: int, column: int) -> None:
        """Note a cell shown as a percentage."""
        self.percents.setdefault(column, []).append(row)

    @property
    def last_row(self) -> int:
        """Last row of `cells`, -1 without."""
        return max((row for row, _, _ in self.cells), default=-1)

    @property
    def last_column(self) -> int:
        """Last column of `cells`, -1 without."""
        return max((column for _, column, _ in self.cells), default=-1)


class Sheets(Protocol):
    """A workbook's sheets, each by its position among all sheets, as one format holds them."""

    def names(self) -> Sequence[str]:
        """Name the sheets, where calamine would read all of them before it names one."""

    def seen(self, position: int) -> Marks:
        """Look through a sheet for what calamine does not tell."""

    def odd_times(self, position: int) -> list[tuple[int, int, Seen]]:
        """Find the dates and times that calamine gets wrong: below 0, and day 60 of the calendar from 1900."""

    def farthest(self, position: int) -> tuple[int, int, int]:
        """Measure a sheet's filled cells: rows, columns, and how many there are."""


class NoSheets:
    """A workbook whose parts are not where they should be: calamine may still read it, nothing more is seen."""

    def names(self) -> Sequence[str]:
        """None."""
        return ()

    def seen(self, position: int) -> Marks:  # noqa: ARG002
        """Nothing."""
        return Marks()

    def odd_times(self, position: int) -> list[tuple[int, int, Seen]]:  # noqa: ARG002
        """Nothing."""
        return []

    def farthest(self, position: int) -> tuple[int, int, int]:  # noqa: ARG002
        """Nothing."""
        return 0, 0, 0


def sheets_of(found: Format, package: zipfile.ZipFile | None, data: bytes) -> Sheets:
    """Give the eyes for a workbook's sheets. Raises Refused for a password, and for XML that declares entities."""
    if package is None:
        from loaders import marks_xls

        return marks_xls.SheetRecords.of(data) or NoSheets()
    if found is Format.XLSB:
        from loaders import marks_xlsb

        return marks_xlsb.BinarySheets.of(package) or NoSheets()
    if found is Format.ODS:
        from loaders import marks_ods

        return marks_ods.ContentSheets.of(package)
    from loaders import marks_xlsx

    return marks_xlsx.SheetParts.of(package) or NoSheets()


def refuse_far(sheets: Sheets, position: int, caps: Mapping[str, int]) -> None:
    """Refuse a sheet whose filled cells reach beyond the limits, naming the farthest cell of a nearly empty one."""
    rows, columns, count = sheets.farthest(position)
    box = rows * columns
    if rows <= caps["rows"] and columns <= caps["columns"] and box <= caps["cells"]:
        return
    if count < FAR_SHARE * box:
        raise Refused(
            "far_cell", cell=column_letter(columns - 1) + str(rows), rows=caps["rows"], columns=caps["columns"]
        )
    for code, found in (("rows", rows), ("columns", columns), ("cells", box)):
        if found > caps[code]:
            raise Refused(f"too_many_{code}", found=found, limit=caps[code])


def odd_time(serial: float, *, from_1904: bool) -> Seen | None:
    """Say what a date or time cell holds that calamine gets wrong; None for all the others.

    >>> odd_time(-0.25, from_1904=False), odd_time(60.0, from_1904=False), odd_time(61.0, from_1904=False)
    (datetime.timedelta(days=-1, seconds=64800), '1900-02-29', None)
    """
    if serial < 0:
        return dt.timedelta(days=serial) if serial > dt.timedelta.min.days else None
    if int(serial) == NEVER_WAS and not from_1904:
        return DAY_THAT_NEVER_WAS
    return None
