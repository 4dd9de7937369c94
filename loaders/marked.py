"""The workbook to mend: the cells that were sent, those at fault coloured, each with the very sentence of its fault."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from data.types import Fault, Severity
from loaders.grid import Book, Grid, Kind
from loaders.ingest import Understanding, hash_of
from loaders.outgoing import cell_at, put_text
from loaders.own_sheets import NOTES_SHEET, own_notes, write_notes
from wording import Language, fault, place, say

MOST_CELLS = 200_000  # written in 4 s of processor and 250 MB; ten times as many would hold up the server
LONGEST_COMMENT = 2_000
MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576
COLOURS = {Severity.ERROR: "F4B6AE", Severity.WARNING: "FBE3A6", Severity.INFO: "CFE3F5"}
ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)
LIST_HEADING_ROW = 6
FIRST_SURE_DAY = dt.datetime(1900, 3, 1)  # noqa: DTZ001 a sheet's dates have no zone; Excel takes 1900 for a leap year


def marked_workbook(data: bytes, understanding: Understanding, language: Language) -> bytes:
    """Write the workbook to mend, as xlsx bytes.

    Its first sheet lists every fault with a link to its cell, and is not read when the workbook comes back. Values,
    dates and percentages are those that were read from `data`; formulas, macros and layout are left out, and this is
    said. A file of more than MOST_CELLS cells gives the list alone. Raises ValueError for bytes of another file.
    """
    book, found = understanding.book, understanding.interpretation
    if hash_of(data) != book.sha256:
        raise ValueError("these are not the bytes that were understood")
    copied = _cells_of(book) <= MOST_CELLS
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    listing = workbook.create_sheet(_free_name(say("templates.marked.sheet", language), book.grids))
    sheets = _copied(workbook, book) if copied else {}
    faults = sorted(found.faults, key=lambda one: (ORDER.index(one.severity), one.sheet or "", one.row or 0))
    _write_list(listing, understanding, faults, sheets, language)
    _mark(faults, sheets, language)
    notes = own_notes(book)
    write_notes(workbook, replace(notes, ignored=(*notes.ignored, listing.title)))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _cells_of(book: Book) -> int:
    return sum(grid.n_rows * grid.n_columns for grid in book.grids.values())


def _free_name(name: str, taken: Iterable[str]) -> str:
    used = {other.casefold() for other in taken}
    return next(free for free in (name, *(f"{name} {n}" for n in range(2, 999))) if free.casefold() not in used)


# --- the cells --------------------------------------------------------------------------------------------------


def _copied(workbook: Workbook, book: Book) -> dict[str, Worksheet]:
    """Copy each sheet that was read; a delimited file becomes one sheet, its lines at their own numbers."""
    sheets: dict[str, Worksheet] = {}
    hidden = set(book.hidden_sheets)
    for name, grid in book.grids.items():
        if name == NOTES_SHEET:
            continue
        sheet = workbook.create_sheet(name or _free_name(_title_of(book.file_name), workbook.sheetnames))
        if name in hidden:
            sheet.sheet_state = "hidden"
        _copy(sheet, grid)
        sheets[name] = sheet
    return sheets


def _title_of(file_name: str) -> str:
    return re.sub(r"[\\/*?:\[\]]", " ", file_name.rpartition(".")[0] or file_name).strip(" '")[:28] or "CSV"


def _copy(sheet: Worksheet, grid: Grid) -> None:
    for column in range(grid.n_columns):
        percents, kinds = grid.percent(column), grid.kinds(column)
        for row, text in enumerate(grid.columns[column].to_pylist()):
            if text:
                cell = cell_at(sheet, grid.row_number(row), column + 1)
                _put(cell, text, Kind(int(kinds[row])), is_percent=bool(percents[row]))
    for area in grid.merged:
        sheet.merge_cells(
            start_row=grid.row_number(area.first_row), start_column=area.first_column + 1,
            end_row=grid.row_number(min(area.last_row, grid.n_rows - 1)), end_column=area.last_column + 1,
        )  # fmt: skip


def _put(cell: Cell, text: str, kind: Kind, *, is_percent: bool) -> None:
    """Write one cell as what it was; what cannot be written so is written as text."""
    try:
        match kind:
            case Kind.NUMBER:
                cell.value = _number(text)
                cell.number_format = "0.0##%" if is_percent else "General"
            case Kind.DATE:
                moment = _moment(text)
                is_day = len(text) == len("2026-05-04") or moment.time() == dt.time()
                cell.value = moment.date() if is_day else moment
                cell.number_format = "yyyy-mm-dd" if is_day else "yyyy-mm-dd hh:mm:ss"
            case Kind.TIME:
                cell.value, cell.number_format = dt.time.fromisoformat(text), "hh:mm:ss"
            case Kind.DURATION:
                cell.value, cell.number_format = _duration(text), "[h]:mm:ss"
            case Kind.BOOL:
                cell.value = text == "TRUE"
            case Kind.ERROR if text in ERROR_CODES:
                cell.value = text
            case _:
                put_text(cell, text)
    except (ValueError, OverflowError):
        put_text(cell, text)


def _number(text: str) -> int | float:
    found = int(text) if text.lstrip("-").isdigit() else float(text)
    if not math.isfinite(found):
        raise ValueError("no workbook holds it")
    return found


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment < FIRST_SURE_DAY:
        raise ValueError("workbooks do not agree on it")
    return moment


def _duration(text: str) -> dt.timedelta:
    hours, minutes, seconds = (int(part) for part in text.lstrip("-").split(":"))
    length = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if text.startswith("-"):
        raise ValueError("no workbook shows a negative duration")
    return length


# --- the faults -------------------------------------------------------------------------------------------------


def _cell_of(one: Fault, sheets: Mapping[str, Worksheet]) -> tuple[Worksheet, int, int] | None:
    """Find the cell of a fault: its own, or its row's first, or its column's heading; None when it has no place."""
    sheet = sheets.get(one.sheet or "")
    if sheet is None or (one.row is None and one.column is None):
        return None
    letters = re.match(r"[A-Z]{1,3}\b", (one.column or "").rpartition("!")[2])
    column = column_index_from_string(letters[0]) if letters else 1
    row = one.row or 1
    return (sheet, row, column) if column <= MOST_COLUMNS and row <= MOST_ROWS else None


def _mark(faults: Iterable[Fault], sheets: Mapping[str, Worksheet], language: Language) -> None:
    """Colour and comment the cells, each in the colour of its worst fault, which comes first."""
    said: dict[tuple[str, int, int], list[str]] = {}
    for one in faults:
        where = _cell_of(one, sheets)
        if where is None:
            continue
        sheet, row, column = where
        cell = sheet.cell(row, column)
        sentences = said.setdefault((sheet.title, row, column), [])
        if not sentences and isinstance(cell, Cell):
            cell.fill = PatternFill("solid", fgColor=COLOURS[one.severity])
        sentences.append(fault(one, language))
        if isinstance(cell, Cell):
            cell.comment = Comment("\n".join(sentences)[:LONGEST_COMMENT], "Essaim", height=120, width=320)


def _write_list(
    sheet: Worksheet, understanding: Understanding, faults: list[Fault], sheets: Mapping[str, Worksheet],
    language: Language,
) -> None:  # fmt: skip
    put_text(cell_at(sheet, 1, 1), say("templates.marked.title", language, file=understanding.book.file_name))
    cell_at(sheet, 1, 1).font = Font(bold=True, size=14)
    put_text(cell_at(sheet, 2, 1), say("templates.marked.how", language))
    put_text(cell_at(sheet, 3, 1), say(f"templates.marked.{'values_only' if sheets else 'list_only'}", language))
    for at, name in enumerate(("severity", "place", "found", "sentence"), 1):
        put_text(cell_at(sheet, LIST_HEADING_ROW, at), say(f"templates.marked.{name}", language))
        cell_at(sheet, LIST_HEADING_ROW, at).font = Font(bold=True)
    row = LIST_HEADING_ROW + 1
    for one in faults:
        _write_fault(sheet, row, one, sheets, language)
        row += 1
    for code, n in understanding.interpretation.fault_counts.items():
        more = n - sum(one.code == code for one in faults)
        if more > 0 and any(one.code == code and one.row is not None for one in faults):
            put_text(cell_at(sheet, row, 4), say("templates.marked.more", language, n=more))
            row += 1
    for letter, width in (("A", 18), ("B", 28), ("C", 28), ("D", 110)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{LIST_HEADING_ROW + 1}"


def _write_fault(
    sheet: Worksheet, row: int, one: Fault, sheets: Mapping[str, Worksheet], language: Language
) -> None:  # fmt: skip
    put_text(cell_at(sheet, row, 1), say(f"templates.marked.{one.severity.value}", language))
    cell_at(sheet, row, 1).fill = PatternFill("solid", fgColor=COLOURS[one.severity])
    put_text(cell_at(sheet, row, 2), place(one, language))
    put_text(cell_at(sheet, row, 3), one.found)
    put_text(cell_at(sheet, row, 4), fault(one, language))
    cell_at(sheet, row, 4).alignment = Alignment(wrap_text=True, vertical="top")
    where = _cell_of(one, sheets)
    if where is not None:
        target, at_row, at_column = where
        linked = cell_at(sheet, row, 2)
        location = f"{quote_sheetname(target.title)}!{target.cell(at_row, at_column).coordinate}"
        linked.hyperlink = Hyperlink(ref=linked.coordinate, location=location)
        linked.font = Font(underline="single", color="0B5394")
