"""Where the table stands on a sheet: its heading rows, its data rows, and what every other row is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loaders.choices import LayoutKind
from loaders.dates import NoPeriod, Period, read_period
from loaders.grid import Grid, Refusal, column_letter
from loaders.rows import RowKind, RowKinds, kinds_of_rows, texts_of
from loaders.shape import SMALL_TABLE, Shape, shape_of
from loaders.words import is_note, is_total_word, split_unit, unit_of

__all__ = ["Column", "Layout", "LayoutKind", "find_layout"]

HEADER_SEARCH_ROWS = 200  # no real export opens with more lines of preamble
MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table, over the rows below its heading.

    period_text: the heading when it is a period and periods run across. n_numbers: how many cells hold numbers or
        stand for missing ones; 0 when there is no number at all.
    """

    index: int
    letter: str
    heading: str
    unit: str | None
    period_text: str | None
    n_filled: int
    n_numbers: int
    above: str = ""  # the upper heading that spans it, in a table of several metrics by period

    @property
    def is_numeric(self) -> bool:
        """Whether it mostly holds numbers; in a small table one bad cell may be half of them."""
        return self.n_numbers > 0 and 2 * self.n_numbers + SMALL_TABLE > self.n_filled

    @property
    def shown(self) -> str:
        """Letter and heading, as a fault names it."""
        return f"{self.letter} “{self.heading}”" if self.heading else self.letter


@dataclass(frozen=True, eq=False)
class Layout:
    """A table found on a sheet. Row indices count from 0 in the grid; row_kinds has one RowKind a grid row."""

    sheet: str | None
    kind: LayoutKind
    header_rows: tuple[int, ...]
    data_rows: npt.NDArray[np.int64]
    row_kinds: RowKinds
    columns: tuple[Column, ...]
    title: str
    filled: npt.NDArray[np.bool_]  # shape (n_rows, n_columns of the grid): which cells hold something
    sections: tuple[tuple[int, str], ...] = ()

    @property
    def period_columns(self) -> tuple[Column, ...]:
        """The columns whose headings are periods."""
        return tuple(column for column in self.columns if column.period_text is not None)

    @property
    def label_columns(self) -> tuple[Column, ...]:
        """The other columns."""
        return tuple(column for column in self.columns if column.period_text is None)


def find_layout(grid: Grid, *, header_row: int | None = None) -> Layout:
    """Find the table on a sheet.

    header_row: index from 0 of the last heading row, when a person chose it.
    Raises Refusal: no_table when the sheet holds no table, no_header when the columns have no headings.
    """
    shape = shape_of(grid)
    if not shape.filled.any():
        raise _refusal("empty", grid)
    across = _row_of_periods(grid, shape, header_row)
    if across is not None:
        header_rows, first = _wide_header(grid, shape, across)
        kind = LayoutKind.WIDE_BY_PERIOD
    else:
        header_rows, first = _long_header(grid, shape, header_row)
        kind = LayoutKind.LONG
    columns = _columns(grid, shape, header_rows, first, across)
    across_columns = [column.index for column in columns if column.period_text is not None]
    row_kinds, sections = kinds_of_rows(grid, shape, header_rows, first, across_columns)
    data_rows = np.flatnonzero(row_kinds == RowKind.DATA)
    if not len(data_rows):
        raise _refusal("no_values", grid)
    title = _title(grid, row_kinds, header_rows[0])
    return Layout(grid.sheet, kind, header_rows, data_rows, row_kinds, columns, title, shape.filled, sections)


def _refusal(code: str, grid: Grid, **details: object) -> Refusal:
    return Refusal(code, domain="loaders", sheet=grid.sheet or "", **details)


# --- periods across ---------------------------------------------------------------------------------------------


def _row_of_periods(grid: Grid, shape: Shape, header_row: int | None) -> int | None:
    """Find the row whose cells are the periods of a wide table: the one that names most different periods."""
    best, best_score = None, 0
    searched = [header_row] if header_row is not None else range(min(grid.n_rows, HEADER_SEARCH_ROWS))
    for row in searched:
        texts = texts_of(grid, row)
        read = _periods_in(texts)
        n_periods = len(read)
        if (
            n_periods < 2
            or n_periods < MOSTLY * len(texts)
            or not _runs_on([texts[column] for column in read], list(read.values()))
        ):
            continue
        below = shape.numeric[row + 1 :, sorted(read)]
        if not below.any() or below.any(axis=0).mean() < MOSTLY:
            continue
        score = 2 * len({period.start for period in read.values()}) + _is_dated(list(read.values()))
        if score > best_score:
            best, best_score = row, score
    return best


def _periods_in(texts: dict[int, str]) -> dict[int, Period]:
    read = {column: read_period(text, year=2000) for column, text in texts.items()}
    return {column: period for column, period in read.items() if isinstance(period, Period)}


def _runs_on(texts: list[str], periods: list[Period]) -> bool:
    """Say whether periods stand as in a heading, and are not values that look like years."""
    starts = [period.start for period in periods]
    distinct = sorted(set(starts))
    if len(distinct) < 2:
        return False
    in_order = starts in (sorted(starts), sorted(starts, reverse=True)) or 2 * len(distinct) <= len(starts)
    written = not any(text.replace(".", "").isdigit() for text in texts)
    every_year = len(distinct) == len(starts) == distinct[-1].year - distinct[0].year + 1
    return in_order or written or every_year


def _is_dated(periods: list[Period]) -> bool:
    return all(period.start.year != 2000 for period in periods)


def _wide_header(grid: Grid, shape: Shape, across: int) -> tuple[tuple[int, ...], int]:
    rows = [across]
    columns = sorted(_periods_in(texts_of(grid, across)))
    for row in range(across - 1, -1, -1):
        if shape.filled[row, columns].sum() < 2 or shape.filled[row].sum() < 2:
            break
        rows.insert(0, row)
    first = across + 1
    while first < grid.n_rows and not shape.valued[first, columns].any():
        if shape.filled[first, columns].mean() < MOSTLY:
            break
        rows.append(first)
        first += 1
    return tuple(rows), first


# --- one row a site and period ----------------------------------------------------------------------------------


def _long_header(grid: Grid, shape: Shape, header_row: int | None) -> tuple[tuple[int, ...], int]:
    if header_row is not None:
        return (header_row,), header_row + 1
    value_like = shape.value_like()
    if not value_like.any():
        raise _refusal("no_values", grid)
    width = shape.filled.sum(axis=1)
    rows_with_values = (shape.valued[:, value_like].mean(axis=1) >= MOSTLY) & shape.numeric[:, value_like].any(axis=1)
    typical = np.median(width[rows_with_values]) if rows_with_values.any() else 0
    body = np.flatnonzero(rows_with_values & (width >= MOSTLY * typical))
    if not len(body):
        raise _refusal("no_values", grid)
    first = int(body[0])
    rows = _heading_rows_above(grid, shape, first, value_like, typical)
    if not rows:
        raise _refusal("no_header", grid, row=str(grid.row_number(first)))
    return tuple(rows), rows[-1] + 1


def _heading_rows_above(
    grid: Grid, shape: Shape, first: int, value_like: npt.NDArray[np.bool_], typical: float
) -> list[int]:
    rows: list[int] = []
    row = first - 1
    while row >= 0 and not shape.filled[row].any():
        row -= 1
    while row >= 0:
        full = shape.filled[row].sum() >= max(min(2, typical), MOSTLY * typical)
        if not full or shape.numeric[row, value_like].any():
            break
        rows.insert(0, row)
        row -= 1
    while len(rows) > 1 and _reads_as_data(grid, shape, rows[-1], value_like):
        rows.pop()
    return rows[-3:]


def _reads_as_data(grid: Grid, shape: Shape, row: int, value_like: npt.NDArray[np.bool_]) -> bool:
    if shape.valued[row, value_like].any():
        return True
    return any(
        isinstance(read_period(text), Period) for column, text in texts_of(grid, row).items() if not value_like[column]
    )


# --- columns ----------------------------------------------------------------------------------------------------


def _columns(
    grid: Grid, shape: Shape, header_rows: tuple[int, ...], first: int, across: int | None
) -> tuple[Column, ...]:
    periods = _periods_in(texts_of(grid, across)) if across is not None else {}
    repeated = len({period.start for period in periods.values()}) < len(periods)
    found = []
    above = ""
    for index in range(grid.n_columns):
        n_filled = int(shape.filled[first:, index].sum())
        n_valued = int(shape.valued[first:, index].sum())
        texts = [(grid.text(row, index) or "").strip() for row in header_rows]
        if not n_filled and not any(texts):
            continue
        if index in periods and across is not None:
            heading = grid.text(across, index) or ""
            upper = [text for row, text in zip(header_rows, texts, strict=True) if row < across and text]
            above = upper[-1] if upper else above
        else:
            units = [text for text in texts[1:] if unit_of(text.strip("()[] "))]
            heading = " ".join(dict.fromkeys(text for text in texts if text and text not in units))
            heading = heading + (f" ({units[0].strip('()[] ')})" if units else "")
        found.append(
            Column(
                index, column_letter(index), heading, split_unit(heading)[1], heading if index in periods else None,
                n_filled, n_valued if shape.numeric[first:, index].any() else 0, above if repeated and index in periods else "",
            )
        )  # fmt: skip
    return tuple(found)


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
