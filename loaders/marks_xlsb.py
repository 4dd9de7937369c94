"""Sees in the records of an xlsb workbook what calamine does not tell.

Runs inside the reader process: the standard library only. Source: [MS-XLSB], Excel Binary File Format (.xlsb).
The records are walked one by one only where a quick search says that something is there to be found.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders import archive
from loaders.kinds import Refused
from loaders.marks import ERROR_NAMES, ErrorText, Marks, Seen, odd_time
from loaders.marks_xls import FEW_RECORDS, SMALL_RECORD, unpacked
from loaders.marks_xlsx import targets, whole
from loaders.number_formats import BUILT_IN_PERCENT, shows_percent

ROW, PACKED, ERROR, REAL, TEXT, FORMULA_NUMBER, FORMULA_ERROR = 0, 2, 3, 5, 7, 9, 11
SMALLEST = {
    PACKED: 12,
    ERROR: 9,
    4: 9,
    REAL: 16,
    6: 12,
    TEXT: 12,
    8: 12,
    FORMULA_NUMBER: 16,
    10: 9,
    FORMULA_ERROR: 9,
    62: 12,
}
NUMBERS = {PACKED, REAL, FORMULA_NUMBER}
FORMAT, CELL_FORMAT, CELL_FORMATS, CELL_FORMATS_END = 44, 47, 617, 618
PROPERTIES, SHEET, MERGED_AREAS, MERGED = 153, 156, 177, 176
STYLE = 0xFFFFFF
CODES = b"[" + b"".join(re.escape(bytes([code])) for code in ERROR_NAMES) + b"]"
ERRORS = re.compile(
    rb"\x03\x09.{8}" + CODES + rb"|\x0b[\x0a-\x7f].{8}" + CODES + rb"|\x0b[\x80-\xff].{9}" + CODES, re.DOTALL
)
AREAS = re.compile(rb"\xb1\x01\x04.{4}(?=\xb0\x01\x10)", re.DOTALL)
CELL = struct.Struct("<II")


@dataclass
class BinarySheets:
    """The sheets of one package: the part of each, and which cell formats are percentages."""

    package: zipfile.ZipFile
    parts: list[str]
    percent: set[int]
    from_1904: bool

    @classmethod
    def of(cls, package: zipfile.ZipFile) -> BinarySheets | None:
        """Find a package's sheets; None when it does not tell where they are."""
        named = targets(package, "xl/_rels/workbook.bin.rels")
        parts, from_1904 = [], False
        book = whole(package, "xl/workbook.bin")
        for kind, start, size in walk(book):
            if kind == PROPERTIES:
                from_1904 = bool(book[start : start + 1] and book[start] & 1)
            elif kind == SHEET:
                link, _ = wide_text(book, start + 8, start + size)
                parts.append(named.get(link, ""))
        return cls(package, parts, percent_formats(whole(package, "xl/styles.bin")), from_1904) if all(parts) else None

    def records(self, position: int) -> bytes:
        """Unpack a sheet's part."""
        if position >= len(self.parts):
            return b""
        return b"".join(archive.pieces(self.package, self.parts[position]))

    def names(self) -> Sequence[str]:
        """None: calamine names the sheets of this format before it reads any."""
        return ()

    def seen(self, position: int) -> Marks:
        """Note error cells, percentages and merged areas."""
        marks = Marks()
        records = self.records(position)
        if areas := AREAS.search(records):
            marks.merged = merged(records, areas.end())
        if not (self.percent or ERRORS.search(records)):
            return marks
        for kind, start, row in cells(records):
            column, style = CELL.unpack_from(records, start)
            if kind in {ERROR, FORMULA_ERROR}:
                marks.cells.append((row, column, ErrorText(ERROR_NAMES.get(records[start + 8], "#ERROR"))))
            elif kind in NUMBERS and style & STYLE in self.percent:
                marks.percent(row, column)
        return marks

    def odd_times(self, position: int) -> list[tuple[int, int, Seen]]:
        """Find raw numbers that are no moment of any calendar."""
        found: list[tuple[int, int, Seen]] = []
        records = self.records(position)
        for kind, start, row in cells(records):
            if kind in NUMBERS:
                form = "<I" if kind == PACKED else "<d"
                (value,) = struct.unpack_from(form, records, start + 8)
                odd = odd_time(unpacked(value) if kind == PACKED else value, from_1904=self.from_1904)
                if odd is not None:
                    found.append((row, int.from_bytes(records[start : start + 4], "little"), odd))
        return found

    def farthest(self, position: int) -> tuple[int, int, int]:
        """Measure the cells that hold something."""
        rows = columns = count = 0
        records = self.records(position)
        for _, start, row in cells(records):
            column = int.from_bytes(records[start : start + 4], "little")
            rows, columns, count = max(rows, row + 1), max(columns, column + 1), count + 1
        return rows, columns, count


def walk(records: bytes) -> Iterator[tuple[int, int, int]]:
    """Give each record: kind, start of its body, size."""
    start, end = 0, len(records)
    left = FEW_RECORDS + end // SMALL_RECORD
    while start + 1 < end:
        left -= 1
        if left < 0:
            raise Refused("damaged")
        kind = records[start]
        start += 1
        if kind & 0x80:
            kind = kind & 0x7F | (records[start] & 0x7F) << 7
            start += 1
        size = shift = 0
        while start < end:
            part = records[start]
            start += 1
            size |= (part & 0x7F) << shift
            shift += 7
            if part < 0x80 or shift == 28:
                break
        if start + size > end:
            return
        yield kind, start, size
        start += size


def cells(records: bytes) -> Iterator[tuple[int, int, int]]:
    """Give each filled cell's record: kind, start of its body, row."""
    row = 0
    for kind, start, size in walk(records):
        if kind == ROW and size >= 4:
            row = int.from_bytes(records[start : start + 4], "little")
        elif size >= SMALLEST.get(kind, 1 << 28):
            yield kind, start, row


def merged(records: bytes, start: int) -> list[tuple[int, int, int, int]]:
    """Read merged areas as first row, first column, last row, last column."""
    areas = []
    while records[start : start + 3] == b"\xb0\x01\x10" and start + 19 <= len(records):
        first_row, last_row, first_column, last_column = struct.unpack_from("<IIII", records, start + 3)
        areas.append((first_row, first_column, last_row, last_column))
        start += 19
    return areas


def wide_text(records: bytes, start: int, end: int) -> tuple[str, int]:
    """Read a text that its length precedes, and where it ends."""
    length = int.from_bytes(records[start : start + 4], "little")
    stop = min(start + 4 + 2 * length, end)
    return records[start + 4 : stop].decode("utf-16-le", "replace"), stop


def percent_formats(styles: bytes) -> set[int]:
    """Number the cell formats that show a percentage."""
    percent, formats = set(BUILT_IN_PERCENT), []
    inside = False
    for kind, start, size in walk(styles):
        if kind == FORMAT and shows_percent(wide_text(styles, start + 2, start + size)[0]):
            percent.add(int.from_bytes(styles[start : start + 2], "little"))
        elif kind in {CELL_FORMATS, CELL_FORMATS_END}:
            inside = kind == CELL_FORMATS
        elif kind == CELL_FORMAT and inside:
            formats.append(int.from_bytes(styles[start + 2 : start + 4], "little"))
    return {at for at, number in enumerate(formats) if number in percent}
