"""Sees in an OpenDocument spreadsheet's XML what calamine does not tell; over its bytes, never parsed into a tree.

Runs inside the reader process: the standard library only. Source: OpenDocument 1.3, part 3, 9 and 19.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loaders import archive
from loaders.kinds import Refused
from loaders.marks import ErrorText, Marks, Seen
from loaders.marks_xlsx import attribute, plain, whole

TABLE = re.compile(rb"<table:table[\s>]")
TAG = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell|table)(?=[\s/>])([^<>]*)>")
PARAGRAPH = re.compile(rb"<text:p(?:\s[^<>]*)?(?<!/)>(.*?)</text:p>", re.DOTALL)
MARKUP = re.compile(rb"<[^<>]*>")
# What makes a table worth looking through: all else calamine gives as it stands.
TELLING = (b'"percentage"', b'"error"', b'"time"', b"-spanned=", b"table:formula=")
ERROR_TEXT = re.compile(r"#[A-Z/0]+[!?]|#N/A|Err:\d{3}")
REPEATED_COLUMNS = re.compile(rb"number-columns-repeated=\"(\d{1,9})\"")
REPEATED_ROWS = re.compile(rb"number-rows-repeated=\"(\d{1,9})\"")
VALUE_TYPE = re.compile(rb"\boffice:value-type=\"(\w+)\"")
CALC_TYPE = re.compile(rb"\bcalcext:value-type=\"(\w+)\"")
DURATION = re.compile(r"(-?)P(?:(\d{1,6})D)?T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d+)?)S)?")
MANY = 1_000_000  # cells that one table may say it repeats, before it is only wide formatting


@dataclass
class ContentSheets:
    """The tables of one document: its XML, and where each begins and ends in it."""

    content: bytes = b""
    tables: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, package: zipfile.ZipFile) -> ContentSheets:
        """Find a document's tables. Raises Refused("password") for one that is encrypted."""
        if b"encryption-data" in whole(package, "META-INF/manifest.xml"):
            raise Refused("password")
        content = b"".join(archive.pieces(package, "content.xml"))
        starts = [match.start() for match in TABLE.finditer(content)]
        return cls(content, list(zip(starts, [*starts[1:], len(content)], strict=True)))

    def names(self) -> Sequence[str]:
        """Name the tables."""
        return [attribute(self.content[start : self.content.find(b">", start)], b"name") for start, _ in self.tables]

    def seen(self, position: int) -> Marks:
        """Note error cells, percentages, durations, merged areas and formulas without a value."""
        marks = Marks()
        start, end = self.tables[position] if position < len(self.tables) else (0, 0)
        if any(self.content.find(telling, start, end) >= 0 for telling in TELLING):
            for row, column, times, tag, inside in cells(self.content, start, end):
                note(marks, row, column, times, tag, inside)
        return marks

    def odd_times(self, position: int) -> list[tuple[int, int, Seen]]:  # noqa: ARG002
        """Nothing: the dates of this format are written out."""
        return []

    def farthest(self, position: int) -> tuple[int, int, int]:
        """Measure the cells that hold something."""
        rows = columns = count = 0
        start, end = self.tables[position] if position < len(self.tables) else (0, 0)
        for row, column, times, tag, inside in cells(self.content, start, end):
            if b"value-type" in tag or b"<text:p" in inside:
                rows, columns, count = (
                    max(rows, row + times[0]),
                    max(columns, column + times[1]),
                    count + times[0] * times[1],
                )
        return rows, columns, count


def cells(content: bytes, begin: int, end: int) -> Iterator[tuple[int, int, tuple[int, int], bytes, bytes]]:
    """Give each cell of a table: its row and column, over how many rows and columns it repeats, its tag, its inside."""
    row = column = rows = 0
    row_times = 1
    pending: tuple[int, tuple[int, int], bytes, int] | None = None
    for match in TAG.finditer(content, begin, end):
        if pending is not None:
            at, times, held, start = pending
            yield row, at, times, held, content[start : match.start()]
            pending = None
        closing, name, tag = match[1] == b"/", match[2], match[3]
        if name == b"table-row" and not closing:
            row, column = rows, 0
            row_times = repeated(REPEATED_ROWS, tag)
            rows += row_times
        elif name.endswith(b"table-cell") and not closing:
            column_times = repeated(REPEATED_COLUMNS, tag)
            pending = (column, (row_times, column_times), tag, match.end())
            column += column_times


def repeated(what: re.Pattern[bytes], tag: bytes) -> int:
    """Say how many times a row or a cell stands."""
    found = what.search(tag)
    return max(int(found[1]), 1) if found else 1


def note(marks: Marks, row: int, column: int, times: tuple[int, int], tag: bytes, inside: bytes) -> None:
    """Note what one cell, perhaps repeated, holds."""
    if b"-spanned=" in tag:
        last_row = row + int(attribute(tag, b"number-rows-spanned") or 1) - 1
        last_column = column + int(attribute(tag, b"number-columns-spanned") or 1) - 1
        if (last_row, last_column) != (row, column):
            marks.merged.append((row, column, last_row, last_column))
    found = VALUE_TYPE.search(tag)
    kind = found[1] if found else b""
    if times[0] * times[1] > MANY:
        return
    places = [(row + down, column + right) for down in range(times[0]) for right in range(times[1])]
    if kind == b"percentage":
        for place in places:
            marks.percent(*place)
        return
    seen = cell_seen(kind, tag, inside)
    if seen is not None:
        marks.cells += [(*place, seen) for place in places]
        marks.uncomputed += len(places) if seen.__class__ is ErrorText and seen.startswith("=") else 0


def cell_seen(kind: bytes, tag: bytes, inside: bytes) -> Seen | None:
    """Give what a cell shows instead of what calamine gives; None when that is right."""
    if kind == b"time":
        return duration(attribute(tag, b"time-value"))
    formula = b"formula=" in tag
    calculated = CALC_TYPE.search(tag)
    text = shown(inside) if formula or calculated else ""
    if (calculated and calculated[1] == b"error") or (formula and ERROR_TEXT.fullmatch(text)):
        return ErrorText(text or "#ERROR")
    if formula and not kind and not text:
        return ErrorText("=" + attribute(tag, b"formula").partition(":=")[2])
    return None


def shown(inside: bytes) -> str:
    """Give the text that a cell shows."""
    return "\n".join(plain(MARKUP.sub(b"", paragraph)) for paragraph in PARAGRAPH.findall(inside))


def duration(text: str) -> dt.timedelta | None:
    """Read a duration of a day or more, or below zero; None for a time of day, which calamine gives.

    >>> duration("PT26H15M00S"), duration("-PT0H15M0S"), duration("PT08H15M00S")
    (datetime.timedelta(days=1, seconds=8100), datetime.timedelta(days=-1, seconds=85500), None)
    """
    found = DURATION.fullmatch(text)
    if not found or not any(found.groups()[1:]):
        return None
    days, hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups()[1:])
    length = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if found[1]:
        return -length
    return length if length >= dt.timedelta(days=1) else None
