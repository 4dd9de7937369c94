"""Turns a workbook's sheets into columns of text and kinds, true to the sheet's own row and column numbers.

Runs inside the reader process: calamine and the standard library only.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import python_calamine as calamine

from loaders import archive, limits, marks
from loaders.kinds import Format, Kind, Refused, Visibility

SEPARATOR = "\x1e"  # ASCII's own record separator ends each cell's text
PERCENT = 0x10  # added to a cell's kind
ROWS_AT_ONCE = 20_000
MEGABYTE = 1 << 20
MEASURED = (Format.XLSX, Format.XLSM)  # their cells' reach is known before calamine makes room for them
MEMORY_MB = 256  # for the others: an empty reader needs 25, and
MEMORY_PER_MB = 16  # a megabyte of cells at most this
VISIBILITY = {"Visible": Visibility.VISIBLE, "Hidden": Visibility.HIDDEN, "VeryHidden": Visibility.VERY_HIDDEN}


class ErrorText(str):
    """The text of an error cell, such as #DIV/0!."""

    __slots__ = ()


KINDS: Mapping[type, Kind] = {
    str: Kind.TEXT,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    bool: Kind.BOOL,
    dt.date: Kind.DATE,
    dt.datetime: Kind.DATE,
    dt.time: Kind.TIME,
    dt.timedelta: Kind.DURATION,
    ErrorText: Kind.ERROR,
}


@dataclass
class Column:
    """A column being written: each cell's text ended by SEPARATOR, and a kind byte a cell."""

    text: bytearray = field(default_factory=bytearray)
    kinds: bytearray = field(default_factory=bytearray)


@dataclass
class Sheet:
    """One sheet, read; or the code of its refusal."""

    name: str
    visibility: Visibility
    columns: list[Column] = field(default_factory=list)
    n_rows: int = 0
    n_numbers: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    refused: Refused | None = None


def read(data: bytes, caps: Mapping[str, int], wanted: str | None = None) -> tuple[Format, list[Sheet]]:
    """Read every sheet of a workbook, or the wanted one's cells and the others' names only.

    Raises Refused when no sheet can be read; a sheet beyond the limits carries its own refusal beside sheets that
    were read.
    """
    package = archive.opened(data, caps) if data.startswith(b"PK") else None
    found = archive.format_of(package) if package else Format.XLS
    if found not in MEASURED:
        unpacked = sum(entry.file_size for entry in package.infolist()) if package else len(data)
        limits.memory(min(caps["read_memory_mb"], MEMORY_MB + MEMORY_PER_MB * unpacked // MEGABYTE))
    book = opened(data, found)
    parts = marks.sheet_parts(package) if package and found in MEASURED else []
    sheets = []
    budget = caps["cells"]
    for position, about in enumerate(book.sheets_metadata):
        if not str(about.typ).endswith("WorkSheet"):
            continue
        sheet = Sheet(about.name, VISIBILITY[str(about.visible).rpartition(".")[2]])
        sheets.append(sheet)
        if wanted is not None and about.name != wanted:
            continue
        seen = look(package, parts, position, {**caps, "cells": budget}, sheet)
        if sheet.refused is None:
            fill(sheet, book, position, seen, {**caps, "cells": budget})
        budget -= sheet.n_rows * len(sheet.columns)
    return found, checked(sheets, wanted)


def opened(data: bytes, found: Format) -> calamine.CalamineWorkbook:
    """Open a workbook with calamine, its errors told apart."""
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.CalamineError:
        pass  # without a name it tries every format and only tells that none fits
    with tempfile.NamedTemporaryFile(prefix="essaim-", suffix=f".{found}") as named:
        named.write(data)
        named.flush()
        try:
            return calamine.CalamineWorkbook.from_path(named.name)
        except calamine.PasswordError as error:
            raise Refused("password") from error
        except calamine.CalamineError as error:
            raise Refused("xml_entity" if "entity" in str(error) else "damaged", part=found) from error


def checked(sheets: list[Sheet], wanted: str | None) -> list[Sheet]:
    """Give the sheets back if the one that is wanted, or any, could be read."""
    if not sheets:
        raise Refused("no_sheet")
    chosen = [sheet for sheet in sheets if wanted in (None, sheet.name)]
    if not chosen:
        raise Refused("unknown_sheet", sheet=wanted, sheets=", ".join(sheet.name for sheet in sheets))
    refused = [sheet.refused for sheet in chosen if sheet.refused]
    if refused and not any(sheet.n_rows for sheet in chosen):
        raise refused[0]
    if not any(sheet.n_rows for sheet in chosen):
        raise Refused("no_cell")
    return sheets


def look(
    package: zipfile.ZipFile | None, parts: Sequence[str], position: int, caps: Mapping[str, int], sheet: Sheet
) -> marks.Marks:
    """Look through a sheet's XML for cells too far away, errors and percentages, where its format allows."""
    if package is None or position >= len(parts):
        return marks.Marks()
    try:
        return marks.seen_in(package, parts[position], caps)
    except Refused as refused:
        refused.details.setdefault("sheet", sheet.name)
        sheet.refused = refused
        return marks.Marks()


def fill(
    sheet: Sheet, book: calamine.CalamineWorkbook, position: int, seen: marks.Marks, caps: Mapping[str, int]
) -> None:
    """Read one sheet's cells into its columns."""
    try:
        cells = book.get_sheet_by_index(position)
    except calamine.CalamineError:
        sheet.refused = Refused("sheet_damaged", sheet=sheet.name)
        return
    last_row, last_column = cells.end or (-1, -1)
    n_columns = max(last_column + 1, seen.last_column + 1)
    sheet.refused = beyond(sheet.name, max(last_row + 1, seen.last_row + 1), n_columns, caps)
    if sheet.refused or not n_columns:
        return
    first_column = cells.start[1] if cells.start else 0
    sheet.columns = [Column() for _ in range(n_columns)]
    errors = seen.errors_by_column()
    rows = padded(cells, last_row + 1, seen.last_row + 1)
    start = 0
    while block := list(islice(rows, ROWS_AT_ONCE)):
        values = list(zip(*block, strict=True))
        for number, column in enumerate(sheet.columns):
            inside = 0 <= number - first_column < len(values)
            held = list(values[number - first_column]) if inside else [""] * len(block)
            place_errors(held, errors.get(number, ()), start)
            write(column, held)
        start += len(block)
    finish(sheet, seen, cells)


def padded(cells: calamine.CalamineSheet, n_rows: int, wanted_rows: int) -> Iterator[Sequence[Any]]:
    """Give the rows from row 1, also below the last one that calamine keeps (a last row of errors only)."""
    width = cells.width
    if cells.start is not None:
        yield from islice(cells.iter_rows(), n_rows)
    else:
        n_rows = 0
    for _ in range(wanted_rows - n_rows):
        yield [""] * width


def place_errors(held: list[Any], errors: Sequence[tuple[int, str]], start: int) -> None:
    """Put error texts where calamine leaves an empty cell."""
    for row, text in errors:
        if start <= row < start + len(held):
            held[row - start] = ErrorText(text)


def beyond(name: str, n_rows: int, n_columns: int, caps: Mapping[str, int]) -> Refused | None:
    """Say which limit a sheet's size is beyond, if any."""
    if n_rows > caps["rows"]:
        return Refused("too_many_rows", sheet=name, found=n_rows, limit=caps["rows"])
    if n_columns > caps["columns"]:
        return Refused("too_many_columns", sheet=name, found=n_columns, limit=caps["columns"])
    if n_rows * n_columns > caps["cells"]:
        return Refused("too_many_cells", sheet=name, found=n_rows * n_columns, limit=caps["cells"])
    return None


def write(column: Column, held: list[Any]) -> None:
    """Append some cells to a column: their texts as the sheet shows them, and their kinds."""
    types = list(map(type, held))
    present = set(types)
    kinds = bytes(map(KINDS.__getitem__, types))
    for odd in present & PRINTERS.keys():
        printed = PRINTERS[odd]
        held = [printed(value) if found is odd else value for value, found in zip(held, types, strict=True)]
    texts = held if present == {str} else list(map(str, held))
    if float in present:
        number = int(Kind.NUMBER)
        texts = [
            text[:-2] if kind == number and text[-2:] == ".0" else text for text, kind in zip(texts, kinds, strict=True)
        ]
    joined = SEPARATOR.join(texts)
    if joined.count(SEPARATOR) != len(texts) - 1:
        texts = [text.replace(SEPARATOR, " ") for text in texts]
        joined = SEPARATOR.join(texts)
    if "" in texts:
        kinds = bytes(kind if text else 0 for kind, text in zip(kinds, texts, strict=True))
    column.text += joined.encode("utf-8", "replace") + SEPARATOR.encode()
    column.kinds += kinds


def clock_text(value: dt.time) -> str:
    """Write a time of day to the second."""
    return value.strftime("%H:%M:%S")


def moment_text(value: dt.datetime) -> str:
    """Write a moment to the nearest second: a workbook's own fractions of a day are no more exact."""
    if value.microsecond and value.year < dt.MAXYEAR:
        value = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    return value.isoformat(" ", "seconds")


def duration_text(value: dt.timedelta) -> str:
    """Write a duration as hours:minutes:seconds, beyond 24 hours too."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


PRINTERS: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: "TRUE" if value else "FALSE",
    dt.datetime: moment_text,
    dt.time: clock_text,
    dt.timedelta: duration_text,
}


def finish(sheet: Sheet, seen: marks.Marks, cells: calamine.CalamineSheet) -> None:
    """Mark the percentages, drop the empty end of the sheet, count the numbers, note the merged areas."""
    sheet.n_rows = max((len(column.kinds.rstrip(b"\0")) for column in sheet.columns), default=0)
    while sheet.columns and not any(sheet.columns[-1].kinds):
        sheet.columns.pop()
    number = bytes([Kind.NUMBER])
    for column in sheet.columns:
        extra = len(column.kinds) - sheet.n_rows
        if extra:
            del column.kinds[sheet.n_rows :], column.text[-extra:]  # an empty cell's text is one separator
        sheet.n_numbers += column.kinds.count(number)
    for row, number_of_column in seen.percents:
        if number_of_column < len(sheet.columns) and row < sheet.n_rows:
            kinds = sheet.columns[number_of_column].kinds
            kinds[row] |= PERCENT if kinds[row] == Kind.NUMBER else 0
    areas = cells.merged_cell_ranges or []
    sheet.merged = [(*first, *last) for first, last in areas if first[0] < sheet.n_rows]
