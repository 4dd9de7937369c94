"""Turns a workbook's sheets into columns of text and kinds, true to the sheet's own row and column numbers.

Runs inside the reader process: calamine and the standard library only.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import python_calamine as calamine

from loaders import archive, marks
from loaders.kinds import LONGEST_CELL, Format, Refused, Visibility, column_letter
from loaders.written_column import Column, mark_percents, write

CELLS_AT_ONCE = 12_000  # few enough to stay in the processor's cache
VISIBILITY = {"Visible": Visibility.VISIBLE, "Hidden": Visibility.HIDDEN, "VeryHidden": Visibility.VERY_HIDDEN}
TIMES = (dt.date, dt.datetime, dt.time)
OPENED_WHOLE = (Format.XLS, Format.ODS)  # calamine reads every sheet of these at once


@dataclass
class Sheet:
    """One sheet, read; or the code of its refusal."""

    name: str
    visibility: Visibility
    columns: list[Column] = field(default_factory=list)
    n_rows: int = 0
    n_numbers: int = 0
    n_uncomputed: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    refused: Refused | None = None


def read(data: bytes, caps: Mapping[str, Any], wanted: str | None = None) -> tuple[Format, list[Sheet]]:
    """Read every sheet of a workbook, or the wanted one's cells and the others' names only.

    caps["careful"]: measure each sheet before calamine makes room for it; done when a first reading found no room.
    Raises Refused when no sheet can be read; a sheet beyond the limits carries its own refusal beside sheets that
    were read.
    """
    package = archive.opened(data, caps) if data.startswith(b"PK") else None
    found = archive.format_of(package) if package else Format.XLS
    looked = marks.sheets_of(found, package, data)
    if caps.get("careful") and found in OPENED_WHOLE:
        refuse_far_sheets(looked, caps)
        if isinstance(looked, marks.NoSheets):
            raise Refused("damaged")  # calamine found no end of it, and it does not hold together
    try:
        book = book_of(data, found, looked, caps)
    except Refused as refused:
        if refused.code == "xml_entity" and package is not None:
            archive.without_entities(package)  # which part it is
        raise
    sheets = []
    budget = caps["cells"]
    for position, about in enumerate(book.sheets_metadata):
        if not str(about.typ).endswith("WorkSheet"):
            continue
        sheet = Sheet(about.name, VISIBILITY[str(about.visible).rpartition(".")[2]])
        sheets.append(sheet)
        if wanted is not None and about.name != wanted:
            continue
        try:
            fill(sheet, book, position, looked, {**caps, "cells": budget})
        except Refused as refused:
            refused.details.setdefault("sheet", sheet.name)
            sheet.refused, sheet.columns = refused, []
        budget -= sheet.n_rows * len(sheet.columns)
    return found, checked(sheets, wanted)


def book_of(data: bytes, found: Format, looked: marks.Sheets, caps: Mapping[str, Any]) -> calamine.CalamineWorkbook:
    """Open a workbook. Raises Refused for one that is damaged, or that does not open because of its far cells."""
    try:
        book = opened(data, found)
    except Refused:
        if found in OPENED_WHOLE:
            refuse_far_sheets(looked, caps)
        raise
    n_sheets = len(book.sheets_metadata)
    if n_sheets > caps["sheets"]:
        raise Refused("too_many_sheets", found=n_sheets, limit=caps["sheets"])
    return book


def refuse_far_sheets(looked: marks.Sheets, caps: Mapping[str, Any]) -> None:
    """Refuse a workbook that calamine would read whole, for the first of its sheets that reaches beyond the limits."""
    for position, name in enumerate(looked.names()):
        try:
            marks.refuse_far(looked, position, caps)
        except Refused as refused:
            refused.details["sheet"] = name
            raise


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


def fill(
    sheet: Sheet, book: calamine.CalamineWorkbook, position: int, looked: marks.Sheets, caps: Mapping[str, Any]
) -> None:
    """Read one sheet's cells into its columns.

    Raises Refused for a sheet that is damaged, or beyond the limits.
    """
    if caps.get("careful"):
        marks.refuse_far(looked, position, caps)
    seen = looked.seen(position)
    try:
        cells = book.get_sheet_by_index(position)
    except calamine.CalamineError as error:
        raise Refused("sheet_damaged") from error
    last_row, last_column = cells.end or (-1, -1)
    n_columns = max(last_column + 1, seen.last_column + 1)
    refuse_beyond(max(last_row + 1, seen.last_row + 1), n_columns, caps)
    if not n_columns:
        return
    if place_cells(sheet, cells, seen, n_columns) and (odd := looked.odd_times(position)):
        seen.odd = odd
        place_cells(sheet, cells, seen, n_columns)
    finish(sheet, seen, cells)


def place_cells(sheet: Sheet, cells: calamine.CalamineSheet, seen: marks.Marks, n_columns: int) -> bool:
    """Write a sheet's columns, what was seen put in its place; say whether a date or time may be a wrong one."""
    first_column = cells.start[1] if cells.start else 0
    sheet.columns = [Column() for _ in range(n_columns)]
    instead, odd = by_column(seen.cells), by_column(seen.odd)
    rows = padded(cells, seen.last_row + 1)
    doubtful = False
    start = 0
    while block := next_rows(rows, start, max(1, CELLS_AT_ONCE // n_columns)):
        values = list(zip(*block, strict=True))
        for number, column in enumerate(sheet.columns):
            inside = 0 <= number - first_column < len(values)
            held: Sequence[Any] = values[number - first_column] if inside else [""] * len(block)
            held = placed(held, instead.get(number, ()), start, object)
            held = placed(held, odd.get(number, ()), start, TIMES)
            before = len(column.text)
            doubtful |= write(column, held)
            if len(column.text) - before > LONGEST_CELL:
                refuse_long(held, number, start)
        start += len(block)
    return doubtful


def next_rows(rows: Iterator[Sequence[Any]], start: int, count: int) -> list[Sequence[Any]]:
    """Take some rows. Raises Refused at a row with a date or duration that no calendar holds."""
    block: list[Sequence[Any]] = []
    try:
        block.extend(islice(rows, count))
    except (OverflowError, ValueError) as error:
        raise Refused("impossible_date", row=start + len(block) + 1) from error
    return block


def padded(cells: calamine.CalamineSheet, wanted_rows: int) -> Iterator[Sequence[Any]]:
    """Give the rows from row 1, also below the last one that calamine keeps (a last row of errors only)."""
    n_rows = 0
    if cells.start is not None and cells.end is not None:
        n_rows = cells.end[0] + 1
        yield from islice(cells.iter_rows(), n_rows)
    for _ in range(wanted_rows - n_rows):
        yield [""] * cells.width


def by_column(cells: Sequence[tuple[int, int, marks.Seen]]) -> Mapping[int, list[tuple[int, marks.Seen]]]:
    """Sort what was seen by column, as (row, what stands there)."""
    found: dict[int, list[tuple[int, marks.Seen]]] = defaultdict(list)
    for row, column, seen in cells:
        found[column].append((row, seen))
    return found


def placed(
    held: Sequence[Any], instead: Sequence[tuple[int, marks.Seen]], start: int, kinds: type | tuple[type, ...]
) -> Sequence[Any]:
    """Put in place what calamine does not give, where it gives something of these kinds."""
    here = [(row - start, seen) for row, seen in instead if start <= row < start + len(held)]
    if not here:
        return held
    changed = list(held)
    for row, seen in here:
        if isinstance(changed[row], kinds):
            changed[row] = seen
    return changed


def refuse_beyond(n_rows: int, n_columns: int, caps: Mapping[str, Any]) -> None:
    """Refuse a sheet whose size is beyond a limit."""
    for code, found in (("rows", n_rows), ("columns", n_columns), ("cells", n_rows * n_columns)):
        if found > caps[code]:
            raise Refused(f"too_many_{code}", found=found, limit=caps[code])


def refuse_long(held: Sequence[Any], column: int, start: int) -> None:
    """Refuse a text longer than any cell's, naming its cell."""
    for row, value in enumerate(held, start):
        if isinstance(value, str) and len(value) > LONGEST_CELL:
            raise Refused("long_text", cell=f"{column_letter(column)}{row + 1}", found=len(value), limit=LONGEST_CELL)


def finish(sheet: Sheet, seen: marks.Marks, cells: calamine.CalamineSheet) -> None:
    """Mark the percentages, drop the empty end of the sheet, count the numbers, note the merged areas."""
    sheet.n_rows = max((len(column.kinds.rstrip(b"\0")) for column in sheet.columns), default=0)
    while sheet.columns and not any(sheet.columns[-1].kinds):
        sheet.columns.pop()
    for column in sheet.columns:
        extra = len(column.kinds) - sheet.n_rows
        if extra:
            del column.kinds[sheet.n_rows :], column.text[-extra:]  # an empty cell's text is one separator
        sheet.n_numbers += len(column.numbers)
    for number_of_column, rows in seen.percents.items():
        if number_of_column < len(sheet.columns):
            mark_percents(sheet.columns[number_of_column].kinds, rows)
    sheet.n_uncomputed = seen.uncomputed
    areas = [(*first, *last) for first, last in cells.merged_cell_ranges or []] or seen.merged
    sheet.merged = [area for area in areas if area[0] < sheet.n_rows and area[1] < len(sheet.columns)]
