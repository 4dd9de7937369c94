"""Sees in the records of an xls workbook (Excel 5 to 2003) what calamine does not tell.

Runs inside the reader process: the standard library only. Source: [MS-XLS], Excel Binary File Format (.xls).
The records are walked one by one only where a quick search says that something is there to be found.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loaders.compound import stream
from loaders.kinds import Refused
from loaders.marks import ERROR_NAMES, ErrorText, Marks, Seen, odd_time
from loaders.number_formats import BUILT_IN_PERCENT, shows_percent

WORKBOOK_STREAMS = ("Workbook", "Book")
BEGIN, END = 0x0809, 0x000A
CALENDAR, PASSWORD, SHEET, FORMAT, CELL_FORMAT = 0x0022, 0x002F, 0x0085, 0x041E, 0x00E0
FORMULA, FORMULA_3, FORMULA_4, NUMBER, TRUTH, PACKED, PACKED_ROW = (
    0x0006,
    0x0206,
    0x0406,
    0x0203,
    0x0205,
    0x027E,
    0x00BD,
)
FORMULAS = {FORMULA, FORMULA_3, FORMULA_4}
TEXTS = (0x00FD, 0x0204, 0x00D6)
SMALLEST = {NUMBER: 14, TRUTH: 8, PACKED: 10, PACKED_ROW: 12, **dict.fromkeys(FORMULAS, 16), **dict.fromkeys(TEXTS, 6)}
STYLED = {*FORMULAS, NUMBER, PACKED}
EXCEL_97 = 0x0600
STYLE_ITSELF = 0x0004  # a cell format that is a named style: no cell has it
NO_NUMBER = 0xFFFF  # ends a formula's result that is a text, a truth or an error
RESULT_ERROR = 2
FEW_RECORDS = 10_000  # more than these are no smaller, on average, than
SMALL_RECORD = 9  # bytes: an empty cell takes 10
HEADER = struct.Struct("<HH")
CELL = struct.Struct("<HHH")
CODES = b"[" + b"".join(re.escape(bytes([code])) for code in ERROR_NAMES) + b"]"
ERRORS = re.compile(
    rb"\x05\x02\x08\x00.{6}" + CODES + rb"\x01|\x06[\x00\x02\x04].{8}\x02." + CODES + rb".{3}\xff\xff", re.DOTALL
)


@dataclass
class SheetRecords:
    """The records of a workbook: where each sheet's begin, and which cell formats are percentages."""

    records: bytes
    starts: list[int] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    percent: set[int] = field(default_factory=set)
    from_1904: bool = False
    _has_errors: bool = False

    @classmethod
    def of(cls, data: bytes) -> SheetRecords | None:
        """Read what a workbook says of itself; None where no workbook is found. Raises Refused("password")."""
        records = stream(data, WORKBOOK_STREAMS)
        if not records:
            return None
        book = cls(records)
        book._read_globals()
        book._has_errors = ERRORS.search(records) is not None
        return book

    def _read_globals(self) -> None:
        codes: dict[int, str] = {}
        formats: list[tuple[int, bool]] = []
        version = EXCEL_97
        for kind, start, size in walk(self.records, 0):
            held = self.records[start : start + size]
            if kind == BEGIN and size >= 2:
                version = int.from_bytes(held[:2], "little")
            elif kind == PASSWORD:
                raise Refused("password")
            elif kind == CALENDAR:
                self.from_1904 = held[:1] == b"\x01"
            elif kind == SHEET:
                self.starts.append(int.from_bytes(held[:4], "little"))
                self.named.append(sheet_name(held, version))
            elif kind == FORMAT:
                codes[int.from_bytes(held[:2], "little")] = format_code(held, version)
            elif kind == CELL_FORMAT and size >= 6:
                _, number, flags = CELL.unpack_from(held)
                formats.append((number, bool(flags & STYLE_ITSELF)))
        percent = {number for number, code in codes.items() if shows_percent(code)} | BUILT_IN_PERCENT
        self.percent = {at for at, (number, is_style) in enumerate(formats) if number in percent and not is_style}

    def names(self) -> Sequence[str]:
        """Name the sheets."""
        return self.named

    def cells(self, position: int) -> Iterator[tuple[int, int, int]]:
        """Give the filled cells' records of a sheet: kind, start, size."""
        if position < len(self.starts):
            for kind, start, size in walk(self.records, self.starts[position]):
                if size >= SMALLEST.get(kind, 1 << 16):
                    yield kind, start, size

    def seen(self, position: int) -> Marks:
        """Note error cells and percentages."""
        marks = Marks()
        if not (self._has_errors or self.percent):
            return marks
        for kind, start, size in self.cells(position):
            if kind == PACKED_ROW:
                for row, column, style, _ in self._packed_row(start, size):
                    if style in self.percent:
                        marks.percent(row, column)
                continue
            row, column, style = CELL.unpack_from(self.records, start)
            if kind in FORMULAS or kind == TRUTH:
                code = self._error(kind, start)
                if code is not None:
                    marks.cells.append((row, column, ErrorText(ERROR_NAMES.get(code, "#ERROR"))))
            if style in self.percent and kind in STYLED:
                marks.percent(row, column)
        return marks

    def _error(self, kind: int, start: int) -> int | None:
        value, is_error = self.records[start + 6 : start + 8]
        if kind == TRUTH:
            return value if is_error else None
        ended = int.from_bytes(self.records[start + 12 : start + 14], "little")
        return self.records[start + 8] if ended == NO_NUMBER and value == RESULT_ERROR else None

    def _packed_row(self, start: int, size: int) -> Iterator[tuple[int, int, int, float]]:
        row, first = HEADER.unpack_from(self.records, start)
        for at in range((size - 6) // 6):
            style, packed = struct.unpack_from("<HI", self.records, start + 4 + 6 * at)
            yield row, first + at, style, unpacked(packed)

    def odd_times(self, position: int) -> list[tuple[int, int, Seen]]:
        """Find raw numbers that are no moment of any calendar."""
        found: list[tuple[int, int, Seen]] = []
        for kind, start, size in self.cells(position):
            for row, column, value in self._numbers(kind, start, size):
                odd = odd_time(value, from_1904=self.from_1904)
                if odd is not None:
                    found.append((row, column, odd))
        return found

    def _numbers(self, kind: int, start: int, size: int) -> Iterator[tuple[int, int, float]]:
        if kind == PACKED_ROW:
            yield from ((row, column, value) for row, column, _, value in self._packed_row(start, size))
            return
        row, column, _ = CELL.unpack_from(self.records, start)
        if kind == PACKED:
            yield row, column, unpacked(struct.unpack_from("<I", self.records, start + 6)[0])
        elif kind == NUMBER or (kind in FORMULAS and self.records[start + 12 : start + 14] != b"\xff\xff"):
            yield row, column, struct.unpack_from("<d", self.records, start + 6)[0]

    def farthest(self, position: int) -> tuple[int, int, int]:
        """Measure the cells that hold something."""
        rows = columns = count = 0
        for kind, start, size in self.cells(position):
            row, column = HEADER.unpack_from(self.records, start)
            last = (
                int.from_bytes(self.records[start + size - 2 : start + size], "little")
                if kind == PACKED_ROW
                else column
            )
            rows, columns, count = max(rows, row + 1), max(columns, last + 1), count + 1 + last - column
        return rows, columns, count


def walk(records: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Give each record of one substream, those of the charts inside it left out: kind, start of its body, size."""
    end = len(records)
    depth = 0
    unpack = HEADER.unpack_from
    left = FEW_RECORDS + end // SMALL_RECORD
    while start + 4 <= end:
        left -= 1
        if left < 0:
            raise Refused("damaged")
        kind, size = unpack(records, start)
        start += 4
        if kind == BEGIN:
            depth += 1
        elif kind == END:
            depth -= 1
            if depth <= 0:
                return
        if start + size > end:
            return
        if depth <= 1:
            yield kind, start, size
        start += size


def unpacked(packed: int) -> float:
    """Read a number in four bytes: a whole one or the upper half of a float, perhaps in hundredths."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))[0]
    return value / 100 if packed & 1 else value


def sheet_name(held: bytes, version: int) -> str:
    """Read a sheet's name."""
    if version < EXCEL_97:
        return held[7:].decode("cp1252", "replace")
    return held[8:].decode("utf-16-le" if held[7:8] == b"\x01" else "latin-1", "replace")


def format_code(held: bytes, version: int) -> str:
    """Read a number format as it is written."""
    if version < EXCEL_97:
        return held[3 : 3 + held[2]].decode("cp1252", "replace") if len(held) > 2 else ""
    length, wide = int.from_bytes(held[2:4], "little"), held[4:5] == b"\x01"
    return held[5 : 5 + 2 * length].decode("utf-16-le", "replace") if wide else held[5 : 5 + length].decode("latin-1")
