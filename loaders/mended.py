"""Cells that a person has mended before the load: where they stand, what they said, and what they say instead."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from loaders.arrays import text_array
from loaders.choices import ColumnRole
from loaders.grid import Grid, Refusal
from loaders.kinds import Kind

if TYPE_CHECKING:
    from data.types import Fault
    from loaders.findings import Interpretation

PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
LONGEST = 1_000  # characters of a cell's new text
SITE_FAULTS = ("unknown_site", "site_missing", "site_looks_alike")
SITE_ROLES = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME)


@dataclass(frozen=True, slots=True)
class Mend:
    """One cell mended. place: as the sheet names it, B12; before: what stood there; after: what is read instead."""

    place: str
    before: str
    after: str


def mended_grid(grid: Grid, mended: Mapping[str, str]) -> Grid:
    """Put other texts into some cells; the grid that came is left as it was.

    mended: place -> text, "" = no value. A mended cell is text, read by the same rules as any text of the file.
    Raises Refusal("no_such_cell") for a place outside the grid, Refusal("cell_too_long").

    >>> mended_grid(Grid.of([["Site", "Jan"], ["Lyon", "12,5 j"]]), {"B2": "12,5"}).text(1, 1)
    '12,5'
    """
    if not mended:
        return grid
    by_column: dict[int, dict[int, str]] = {}
    for place, text in mended.items():
        row, column = position(grid, place)
        if len(text) > LONGEST:
            raise Refusal("cell_too_long", domain="keepers_mend", found=place, limit=LONGEST)
        by_column.setdefault(column, {})[row] = text
    columns = list(grid.columns)
    kinds = None if grid.cell_kinds is None else list(grid.cell_kinds)
    percents = dict(grid.percent_cells)
    for column, texts in by_column.items():
        columns[column] = _with_texts(columns[column], texts)
        rows = np.fromiter(texts, np.int64, len(texts))
        if kinds is not None:
            kinds[column] = kinds[column].copy()
            kinds[column][rows] = [Kind.TEXT if text else Kind.EMPTY for text in texts.values()]
        if column in percents:
            percents[column] = percents[column].copy()
            percents[column][rows] = False
    return replace(
        grid, columns=tuple(columns), cell_kinds=None if kinds is None else tuple(kinds), percent_cells=percents
    )


def _with_texts(column: pa.StringArray, texts: Mapping[int, str]) -> pa.StringArray:
    pieces, start = [], 0
    for row in sorted(texts):
        pieces += [column.slice(start, row - start), text_array([texts[row] or None])]
        start = row + 1
    return pa.concat_arrays([*pieces, column.slice(start)])


def position(grid: Grid, place: str) -> tuple[int, int]:
    """Find a cell by its place, as row and column of the grid. Raises Refusal("no_such_cell")."""
    parts = PLACE.fullmatch(place)
    if parts is not None:
        column = 0
        for letter in parts[1]:
            column = column * 26 + ord(letter) - 64
        row = int(np.searchsorted(grid.row_numbers, int(parts[2])))
        if column <= grid.n_columns and row < grid.n_rows and grid.row_number(row) == int(parts[2]):
            return row, column - 1
    raise Refusal("no_such_cell", domain="keepers_mend", found=place[:20])


def mends_of(grid: Grid, mended: Mapping[str, str]) -> tuple[Mend, ...]:
    """Say what each mended cell said and says now. grid: as the file came."""
    found = []
    for place, after in mended.items():
        row, column = position(grid, place)
        found.append(Mend(place, grid.text(row, column) or "", after))
    return tuple(found)


def to_text(mends: tuple[Mend, ...]) -> str:
    """Write mends as they are kept with a load: place -> [before, after]; "" = none."""
    if not mends:
        return ""
    return json.dumps({mend.place: [mend.before, mend.after] for mend in mends}, ensure_ascii=False, sort_keys=True)


def place_of(fault: Fault, found: Interpretation) -> str | None:
    """Name the cell at fault; None when a fault is about a column, a row without a cell of its own, or the file."""
    if fault.row is None:
        return None
    letter = (fault.column or "").partition(" ")[0]
    if fault.code in SITE_FAULTS:
        letter = next((column.letter for column in found.mapping.of(*SITE_ROLES)), letter)
    return f"{letter}{fault.row}" if letter else None


def cell_text(grid: Grid, place: str) -> str:
    """Give the text of a cell by its place; "" where there is none."""
    row, column = position(grid, place)
    return grid.text(row, column) or ""


def column_of(place: str) -> str:
    """Give the letter of a place's column.

    >>> column_of("AB12")
    'AB'
    """
    return place.rstrip("0123456789")


def heading_of(found: Interpretation, place: str) -> str:
    """Give the heading above a cell; "" where there is none."""
    letter = column_of(place)
    return next((one.column.heading for one in found.mapping.columns if one.column.letter == letter), "")
