"""The sheet as it is, and on the same row what we read from it, with the cells at fault boxed."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Literal

import numpy as np

from data.types import Severity
from loaders.grid import Grid, column_letter
from loaders.mended import position
from loaders.rows import RowKind
from pages.keepers.table_view import MOST_COLUMNS, WORST_FIRST, View, short
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders.findings import Interpretation
    from loaders.ingest import Understanding
    from pages.keepers.reading import Held

Which = Literal["cell", "look", "first", "top", "last"]
ROWS = 10
ROWS_TO_LOOK_AT = 14
# Cells in one line, so that rows stay rows; only the remark at the end wraps.
STYLE = (
    "<style>.es-sheet .es-table{white-space:nowrap}"
    ".es-sheet .es-table td:last-child{white-space:normal;min-width:7.5em}"
    ".es-sheet .es-table .es-num.es-num{white-space:nowrap}"
    ".es-sheet.es-tight table.es-table.es-table{font-size:14px}.es-tight .es-table th,.es-tight .es-table td{padding:7px 5px}"
    ".es-sheet.es-tight .es-table thead th.es-num,.es-tight .es-table thead th{white-space:normal}"
    ".es-sheet.es-tight .es-table td:last-child{min-width:6.5em}"
    ".es-table.es-table .es-mended{outline:2px solid var(--es-person);outline-offset:-2px;background:var(--es-personbg)}"
    ".es-table.es-table .es-here{outline-width:4px;outline-offset:-4px;font-weight:600}"
    ".es-table.es-table .es-source.es-here{outline:4px solid var(--es-ink)}</style>"
)


def side_by_side(held: Held, which: Which, language: Language, *, narrow: bool = False, cell: str | None = None) -> str:
    """Write the table: grey cells of the sheet with its own row numbers and letters, then what would be stored.

    narrow: fewer columns, for a table that stands beside a list. cell: the place that is looked at, marked where it is shown.
    """
    understanding = held.understanding
    rows = rows_to_show(understanding, which, cell)
    view = View(held, rows, language, narrow=narrow, cell=cell)
    heads = [
        Column(say("shared.label.row", language)),
        *view.source_heads(),
        Column(""),
        *view.read_heads(),
        Column(""),
    ]
    lines = [
        Line(Cell(str(understanding.grid.row_number(row)), box="source"),
             [*view.source_cells(row), Cell(""), *view.read_cells(row), view.remark(row)])
        for row in rows
    ]  # fmt: skip
    caption = say(
        "keepers.table.caption", language, file=understanding.book.file_name, sheet=understanding.grid.sheet or ""
    )
    return scrolled(html_table(heads, lines, caption=caption, as_list=False), caption, tight=narrow)


def scrolled(table: str, label: str, *, tight: bool = False) -> str:
    """Let a wide table scroll inside the page; it takes the keyboard's focus to be scrolled by it."""
    return (
        f'{STYLE}<div class="es es-sheet{" es-tight" if tight else ""}" style="overflow-x:auto;max-width:100%" tabindex="0" role="region" '
        f'aria-label="{escape(label, quote=True)}">{table}</div>'
    )


def raw_rows(grid: Grid, caption: str, language: Language) -> str:
    """Write the top of a sheet that was not understood."""
    width = min(grid.n_columns, MOST_COLUMNS + 1)
    heads = [say("shared.label.row", language), *(column_letter(index) for index in range(width))]
    lines = [
        Line(Cell(str(grid.row_number(row)), box="source"),
             [Cell(short(grid.text(row, column) or ""), box="source") for column in range(width)])
        for row in range(min(grid.n_rows, ROWS))
    ]  # fmt: skip
    return scrolled(html_table(heads, lines, caption=caption, as_list=False), caption)


def rows_to_show(understanding: Understanding, which: Which, cell: str | None = None) -> list[int]:
    """Choose rows of the grid, from 0: around one cell, those to look at, the first, the sheet's top or its end."""
    found = understanding.interpretation
    filled = _filled(found)
    match which:
        case "cell" if cell is not None:
            return _with_neighbours([position(understanding.grid, cell)[0]], filled)
        case "look":
            return _rows_at_fault(understanding)
        case "top":
            return filled[:ROWS]
        case "last":
            return filled[-ROWS:]
    return [row for row in filled if row > _last_heading(found)][:ROWS]


def _rows_at_fault(understanding: Understanding) -> list[int]:
    found = understanding.interpretation
    numbers: dict[int, None] = {}
    for severity in WORST_FIRST:
        of_one = [fault.row for fault in found.faults if fault.severity is severity and fault.row is not None]
        numbers.update(dict.fromkeys(of_one))
    at_fault = np.searchsorted(understanding.grid.row_numbers, sorted(list(numbers)[:ROWS_TO_LOOK_AT]))
    below = [row for row in _filled(found) if row > _last_heading(found)]
    return _with_neighbours([int(row) for row in at_fault], below)


def _with_neighbours(rows: list[int], filled: Sequence[int]) -> list[int]:
    """Add the rows beside those at fault, nearest first, as long as there is room."""
    shown = set(rows)
    by_distance = sorted(filled, key=lambda row: min(abs(row - one) for one in rows)) if rows else []
    for row in by_distance:
        if len(shown) >= ROWS:
            break
        shown.add(row)
    return sorted(shown)


def _last_heading(found: Interpretation) -> int:
    return int(found.layout.header_rows[-1]) if found.layout.header_rows else -1


def _filled(found: Interpretation) -> list[int]:
    return [int(row) for row in np.flatnonzero(found.layout.row_kinds != RowKind.BLANK)]


def has_rows_to_look_at(found: Interpretation) -> bool:
    """Say whether some row has an error or a warning."""
    return any(fault.row is not None and fault.severity is not Severity.INFO for fault in found.faults)
