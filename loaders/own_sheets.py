"""The sheets that Essaim itself wrote into a workbook: notes for the loader, and lists that are no data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from loaders.choices import Choices
from loaders.grid import Book, Grid
from loaders.outgoing import cell_at, put_text

if TYPE_CHECKING:
    from openpyxl import Workbook

NOTES_SHEET = "_essaim"
MARK = "essaim 1"  # in A1, with the form's version
PIECE = 30_000  # characters of the notes in one cell


@dataclass(frozen=True, slots=True)
class OwnNotes:
    """What Essaim wrote about a workbook of its making.

    ignored: sheets that are no data. sheets: how each sheet is read; several are read together.
    """

    ignored: tuple[str, ...] = ()
    sheets: Mapping[str, Choices] = field(default_factory=dict)


def write_notes(workbook: Workbook, notes: OwnNotes) -> None:
    """Write the notes into a sheet that nobody sees."""
    sheet = workbook.create_sheet(NOTES_SHEET)
    sheet.sheet_state = "veryHidden"
    read_as = {name: json.loads(choices.to_json()) for name, choices in notes.sheets.items()}
    text = json.dumps({"ignored": notes.ignored, "sheets": read_as}, ensure_ascii=False)
    put_text(cell_at(sheet, 1, 1), MARK)
    for at in range(0, len(text), PIECE):
        put_text(cell_at(sheet, 2 + at // PIECE, 1), text[at : at + PIECE])


def own_notes(book: Book) -> OwnNotes:
    """Read the notes of a workbook; empty ones when Essaim did not write it, or somebody changed them."""
    grid = book.grids.get(NOTES_SHEET)
    if grid is None or grid.text(0, 0) != MARK:
        return OwnNotes()
    try:
        return _read(grid)
    except (ValueError, ValidationError, AttributeError, TypeError):
        return OwnNotes()


def without_own(book: Book, notes: OwnNotes) -> Book:
    """Leave out of a book the sheets that are no data; the notes themselves stay among its grids."""
    own = {NOTES_SHEET, *notes.ignored}
    sheets = tuple(sheet for sheet in book.sheets if sheet.name not in own)
    if len(sheets) == len(book.sheets) or not sheets:
        return book
    grids = {name: grid for name, grid in book.grids.items() if name not in notes.ignored}
    read = [sheet for sheet in sheets if sheet.name in grids and sheet.n_rows]
    data_sheet = book.data_sheet
    if data_sheet in own and read:
        shown = [sheet for sheet in read if not sheet.hidden] or read
        data_sheet = max(shown, key=lambda sheet: sheet.n_numbers).name
    return replace(book, sheets=sheets, grids=grids, data_sheet=data_sheet)


def for_sheet(choices: Choices, name: str, *, first: bool) -> Choices:
    """Narrow choices to one of several sheets: the cells mended on others, "Mois!C5", do not count for it.

    first: the sheet also takes the cells that name no sheet.
    """
    mended = {
        place.rpartition("!")[2]: text
        for place, text in choices.mended.items()
        if place.startswith(f"{name}!") or (first and "!" not in place)
    }
    return choices.model_copy(update={"mended": mended}) if choices.mended else choices


def _read(grid: Grid) -> OwnNotes:
    found = json.loads("".join(grid.text(row, 0) or "" for row in range(1, grid.n_rows)))
    sheets = {str(name): Choices.model_validate(given) for name, given in found["sheets"].items()}
    return OwnNotes(tuple(str(name) for name in found["ignored"]), sheets)
