"""Where the table stands on a sheet: its heading rows, its data rows, and what every other row is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from loaders.choices import LayoutKind
from loaders.dates import NoPeriod, Period, read_period
from loaders.grid import Area, Grid, Refusal, column_letter
from loaders.headings import HEADER_SEARCH_ROWS, Heading, find_heading
from loaders.keys import tidy
from loaders.rows import RowKind, RowKinds, kinds_of_rows, texts_of
from loaders.shape import SMALL_TABLE, Shape, shape_of
from loaders.tables import TableSeen, only, tables_of
from loaders.words import is_note, is_total_word, split_unit, unit_of

__all__ = ["NO_HEADING", "Column", "Layout", "LayoutKind", "find_layout"]

NO_HEADING = -1


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table, over the rows below its heading.

    period_text: its period, when periods run across. site_text: its site, when sites run across.
    n_numbers: how many cells hold numbers or stand for missing ones; 0 when there is no number at all.
    """

    index: int
    letter: str
    heading: str
    unit: str | None
    period_text: str | None
    n_filled: int
    n_numbers: int
    above: str = ""  # what another heading row says of it, where one names its period or site
    levels: tuple[str, ...] = ()  # its heading, row by row, units apart
    site_text: str | None = None

    @property
    def is_numeric(self) -> bool:
        """Whether it mostly holds numbers; in a small table one bad cell may be half of them."""
        return self.n_numbers > 0 and 2 * self.n_numbers + SMALL_TABLE > self.n_filled

    @property
    def shown(self) -> str:
        """Letter and heading, as a fault names it."""
        return f"{self.letter} “{self.heading}”" if self.heading not in ("", self.letter) else self.letter

    @property
    def metric_text(self) -> str:
        """The part of its heading that names a metric."""
        return self.heading if self.period_text is None and self.site_text is None else self.above


@dataclass(frozen=True, eq=False)
class Layout:
    """A table found on a sheet. Row indices count from 0 in the grid; row_kinds has one RowKind a grid row.

    header_rows: none when the table has no heading. outside: cells that are filled on the sheet but of other tables.
    """

    sheet: str | None
    kind: LayoutKind
    header_rows: tuple[int, ...]
    data_rows: npt.NDArray[np.int64]
    row_kinds: RowKinds
    columns: tuple[Column, ...]
    title: str
    filled: npt.NDArray[np.bool_]  # shape (n_rows, n_columns of the grid): which cells of the table hold something
    sections: tuple[tuple[int, str], ...] = ()
    tables: tuple[TableSeen, ...] = ()
    table: int = 1  # the number of the one that was read
    elsewhere: npt.NDArray[np.bool_] | None = None  # as filled: the cells of the sheet's other tables

    @property
    def period_columns(self) -> tuple[Column, ...]:
        """The columns whose headings are periods."""
        return tuple(column for column in self.columns if column.period_text is not None)

    @property
    def label_columns(self) -> tuple[Column, ...]:
        """The other columns."""
        return tuple(column for column in self.columns if column.period_text is None)

    @property
    def n_cells(self) -> int:
        """How many cells of the sheet hold something."""
        return int(self.filled.sum()) + self.n_elsewhere

    @property
    def n_elsewhere(self) -> int:
        """How many of them belong to other tables."""
        return 0 if self.elsewhere is None else int(self.elsewhere.sum())


def find_layout(grid: Grid, *, header_row: int | None = None, table: int | None = None, across: bool = True) -> Layout:
    """Find the table on a sheet.

    header_row: index from 0 of the last heading row, when a person chose it; -1 = there is none.
    table: its number among the tables of the sheet, from 1; None = the one with most numbers.
    across: whether periods may run across; False when a person said that they do not.
    Raises Refusal: no_table when the sheet holds no table.
    """
    shape = shape_of(grid)
    if not shape.filled.any():
        raise _refusal("empty", grid)
    tables = tables_of(grid, shape) if header_row is None else ()
    if table is not None and table > max(len(tables), 1):
        raise _refusal("no_such_table", grid, n=table, found=max(len(tables), 1))
    if len(tables) < 2:
        return _layout(grid, shape, header_row, across=across)
    wanted = table or max(tables, key=lambda one: (one.seen.n_numbers, -one.seen.number)).seen.number
    place = next(one.area for one in tables if one.seen.number == wanted)
    inside = _inside(shape, place)
    parts = (shape.filled & inside, shape.numeric & inside, shape.valued & inside)
    found = _layout(only(grid, place), Shape(*parts), None, across=across)
    seen = tuple(one.seen for one in tables)
    return replace(found, tables=seen, table=wanted, elsewhere=shape.filled & ~inside)


def _inside(shape: Shape, area: Area) -> npt.NDArray[np.bool_]:
    inside = np.zeros(shape.filled.shape, np.bool_)
    inside[area.first_row : area.last_row + 1, area.first_column : area.last_column + 1] = True
    return inside


def _layout(grid: Grid, shape: Shape, header_row: int | None, *, across: bool) -> Layout:
    heading = find_heading(grid, shape, header_row, across=across)
    kind = LayoutKind.LONG if heading.across is None else LayoutKind.WIDE_BY_PERIOD
    if not heading.rows and header_row != NO_HEADING and not _may_have_no_heading(grid, shape):
        raise _refusal("no_header", grid, row=str(grid.row_number(int(np.flatnonzero(shape.filled.any(axis=1))[0]))))
    columns = _columns(grid, shape, heading)
    row_kinds, sections = kinds_of_rows(grid, shape, heading.rows, heading.first, list(heading.periods))
    data_rows = np.flatnonzero(row_kinds == RowKind.DATA)
    if not len(data_rows):
        raise _refusal("no_values", grid)
    title = _title(grid, row_kinds, heading.rows[0]) if heading.rows else ""
    return Layout(grid.sheet, kind, heading.rows, data_rows, row_kinds, columns, title, shape.filled, sections)


def _refusal(code: str, grid: Grid, **details: object) -> Refusal:
    return Refusal(code, domain="loaders", sheet=grid.sheet or "", **details)


def _may_have_no_heading(grid: Grid, shape: Shape) -> bool:
    """Say whether rows without headings look like values with their dates: worth asking about."""
    dated = False
    for column in np.flatnonzero(shape.filled.any(axis=0)).tolist():
        rows = np.flatnonzero(shape.filled[:, column])[:50].tolist()
        texts = [grid.text(row, column) or "" for row in rows]
        read = [isinstance(read_period(text), Period) and not text.isdigit() for text in texts]
        dated = dated or sum(read) > 0.6 * len(read)
    return dated and bool(shape.value_like().any())


# --- columns ----------------------------------------------------------------------------------------------------


def _columns(grid: Grid, shape: Shape, heading: Heading) -> tuple[Column, ...]:
    periods, first = heading.periods, heading.first
    found = []
    for index in range(grid.n_columns):
        n_filled = int(shape.filled[first:, index].sum())
        n_valued = int(shape.valued[first:, index].sum())
        levels = [level.get(index, "") for level in heading.levels]
        texts = [_inside_text(grid, shape, row, index) for row in heading.rows]
        if not n_filled and not any(texts):
            continue
        if index in periods and heading.across is not None:
            text = _inside_text(grid, shape, heading.across, index) or periods[index]
            above = " – ".join(dict.fromkeys(tidy(level) for level in levels if level))
        else:
            text, levels = _joined(levels if heading.across is None else texts)
            above = ""
        text = text if heading.rows else column_letter(index)
        found.append(
            Column(
                index, column_letter(index), text, split_unit(text)[1], periods.get(index), n_filled,
                n_valued if shape.numeric[first:, index].any() else 0, above, tuple(levels),
            )
        )  # fmt: skip
    return tuple(found)


def _inside_text(grid: Grid, shape: Shape, row: int, column: int) -> str:
    return (grid.text(row, column) or "").strip() if shape.filled[row, column] else ""


def _joined(texts: list[str]) -> tuple[str, list[str]]:
    """Join the rows of one heading; a row of units gives the unit."""
    units = [text for text in texts[1:] if unit_of(text.strip("()[] "))]
    levels = [text for text in texts if text and text not in units]
    heading = " ".join(dict.fromkeys(levels))
    return heading + (f" ({units[0].strip('()[] ')})" if units else ""), levels


def _title(grid: Grid, row_kinds: RowKinds, stop: int) -> str:
    """Give the longest text of the preamble that is not a note: what an export calls itself."""
    texts = [
        text
        for row in range(min(stop, HEADER_SEARCH_ROWS))
        if row_kinds[row] == RowKind.PREAMBLE
        for text in texts_of(grid, row).values()
        if not is_note(text) and not is_total_word(text) and isinstance(read_period(text), NoPeriod)
    ]
    return max(texts, key=len, default="")
