"""The tables of a sheet: where each one stands, stacked or side by side, and how many numbers each holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from loaders.arrays import text_array
from loaders.dates import Period, read_period
from loaders.grid import Area, Grid
from loaders.keys import plain_heading
from loaders.rows import texts_of
from loaders.shape import Shape
from loaders.words import is_note

MOST_RESTARTS = 400  # rows after a gap that are looked at as possible headings
FEWEST_HEADINGS = 2
HEADINGS_WITHIN = 30  # rows from the top of an area
MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class TableSeen:
    """One table of a sheet.

    number: from 1, from top to bottom and left to right, for `Choices.table`. place: "A5:H20" as the sheet shows it.
    n_numbers: cells that are numbers. sheet: None for a delimited file.
    """

    number: int
    title: str
    place: str
    n_rows: int
    n_numbers: int
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table and the area that it takes, its title and notes included."""

    seen: TableSeen
    area: Area


def tables_of(grid: Grid, shape: Shape) -> tuple[PlacedTable, ...]:
    """List the tables of a sheet; one, or none, when nothing parts it.

    Tables side by side are parted by an empty column, and each has its own periods, or headings that the other has
    too. Tables one below the other are parted by an empty row or a title, and the lower one has headings of its own.
    """
    areas = [
        area
        for part in _side_by_side(grid, shape, Area(0, 0, grid.n_rows - 1, grid.n_columns - 1))
        for area in _stacked(grid, shape, part)
    ]
    if len(areas) < 2:
        return ()
    areas.sort(key=lambda area: (area.first_row, area.first_column))
    return tuple(PlacedTable(_seen(grid, shape, area, number), area) for number, area in enumerate(areas, 1))


def only(grid: Grid, area: Area) -> Grid:
    """Give the grid with nothing in it but one area, every cell in its place."""
    first, last = area.first_row, area.last_row
    inside = range(area.first_column, area.last_column + 1)
    before, after = [None] * first, [None] * (grid.n_rows - last - 1)
    columns, kinds = [], []
    for index, texts in enumerate(grid.columns):
        held = texts.slice(first, last + 1 - first).to_pylist() if index in inside else [None] * (last + 1 - first)
        columns.append(text_array([*before, *held, *after]))
        own = np.zeros(grid.n_rows, np.uint8)
        if index in inside:
            own[first : last + 1] = grid.kinds(index)[first : last + 1]
        kinds.append(own)
    merged = tuple(one for one in grid.merged if first <= one.first_row <= last and one.first_column in inside)
    held_kinds = tuple(kinds) if grid.cell_kinds is not None else None
    return replace(grid, columns=tuple(columns), cell_kinds=held_kinds, merged=merged)


# --- side by side -----------------------------------------------------------------------------------------------


def _side_by_side(grid: Grid, shape: Shape, area: Area) -> list[Area]:
    """Part an area at its empty columns, where what is on either side can stand alone."""
    filled: npt.NDArray[np.bool_] = np.array(shape.filled[area.first_row : area.last_row + 1].any(axis=0), np.bool_)
    parts: list[tuple[int, int]] = []
    for column in range(area.first_column, area.last_column + 1):
        if not filled[column]:
            continue
        if parts and parts[-1][1] == column - 1:
            parts[-1] = (parts[-1][0], column)
        else:
            parts.append((column, column))
    if len(parts) < 2:
        return [area]
    kept = [parts[0]]
    for part in parts[1:]:
        both = kept[-1], part
        if all(_stands_alone(grid, shape, area, one) for one in both) or _same_headings(grid, area, *both):
            kept.append(part)
        else:
            kept[-1] = (kept[-1][0], part[1])
    return [Area(area.first_row, first, area.last_row, last) for first, last in kept]


def _same_headings(grid: Grid, area: Area, left: tuple[int, int], right: tuple[int, int]) -> bool:
    """Say whether two groups of columns have the same headings in one row, as two tables of one form have."""
    for row in range(area.first_row, min(area.last_row + 1, area.first_row + HEADINGS_WITHIN)):
        texts = texts_of(grid, row)
        ours, theirs = (
            [plain_heading(text) for column, text in texts.items() if first <= column <= last]
            for first, last in (left, right)
        )
        if ours == theirs and len([text for text in ours if text.strip("0123456789")]) >= 2 * FEWEST_HEADINGS - 1:
            return True
    return False


def _stands_alone(grid: Grid, shape: Shape, area: Area, part: tuple[int, int]) -> bool:
    """Say whether some columns have their own labels, their own periods and numbers."""
    rows = slice(area.first_row, area.last_row + 1)
    columns = range(part[0], part[1] + 1)
    numbers = shape.numeric[rows, part[0] : part[1] + 1]
    if numbers.sum() < FEWEST_HEADINGS:
        return False
    labels = [
        column
        for column in columns
        if (shape.filled[rows, column] & ~shape.valued[rows, column]).sum() > max(1, shape.numeric[rows, column].sum())
    ]
    dated = [column for column in columns if _holds_periods(grid, shape, area, column)]
    if not labels and not dated:
        return False
    return bool(dated) or any(
        _n_periods({column: text for column, text in texts_of(grid, row).items() if column in columns})
        >= FEWEST_HEADINGS
        for row in range(area.first_row, min(area.last_row + 1, area.first_row + HEADINGS_WITHIN))
    )


def _holds_periods(grid: Grid, shape: Shape, area: Area, column: int) -> bool:
    rows = [row for row in range(area.first_row, area.last_row + 1) if shape.filled[row, column]][:50]
    texts = [(grid.text(row, column) or "").strip() for row in rows]
    return len(texts) > FEWEST_HEADINGS and _n_periods(dict(enumerate(texts))) > MOSTLY * len(texts)


def _n_periods(texts: dict[int, str]) -> int:
    return sum(isinstance(read_period(text, year=2000), Period) for text in texts.values())


# --- one below the other ----------------------------------------------------------------------------------------


def _stacked(grid: Grid, shape: Shape, area: Area) -> list[Area]:
    """Part an area above each row that is a new heading."""
    starts = _restarts(grid, shape, area)
    bounds = [area.first_row, *starts, area.last_row + 1]
    return [Area(first, area.first_column, after - 1, area.last_column) for first, after in pairwise(bounds)]


def _restarts(grid: Grid, shape: Shape, area: Area) -> list[int]:
    columns = slice(area.first_column, area.last_column + 1)
    filled, valued = shape.filled[:, columns], shape.valued[:, columns]
    width = filled.sum(axis=1)
    gap = np.ones(len(width), np.bool_)
    gap[1:] = (width[:-1] < FEWEST_HEADINGS) & ~shape.numeric[:-1, columns].any(axis=1)
    has_values = valued.any(axis=1) & (width >= FEWEST_HEADINGS)
    candidates = np.flatnonzero(gap & (width >= FEWEST_HEADINGS))
    candidates = candidates[(candidates > area.first_row) & (candidates <= area.last_row)][:MOST_RESTARTS]
    valued_rows = np.flatnonzero(has_values[area.first_row : area.last_row + 1])
    until = area.first_row + int(valued_rows[0]) + 1 if len(valued_rows) else area.first_row
    headings = {_plain(grid, row, area) for row in range(area.first_row, min(until, area.first_row + 200))}
    found: list[int] = []
    for row in candidates.tolist():
        start = _title_above(grid, filled, row, found[-1] if found else area.first_row)
        plain = _plain(grid, row, area)
        above, below = has_values[(found[-1] if found else area.first_row) : start], has_values[row + 1 : row + 4]
        if not _is_heading(grid, shape, row, area) or not below.any():
            continue
        if _n_data_rows(grid, shape, above, found[-1] if found else area.first_row, area) and plain not in headings:
            found.append(start)
        headings.add(plain)
    return found


def _n_data_rows(grid: Grid, shape: Shape, has_values: npt.NDArray[np.bool_], first: int, area: Area) -> int:
    """Count the rows with values that are no headings of periods."""
    rows = [first + at for at in np.flatnonzero(has_values).tolist()[:5]]
    return sum(not _is_heading(grid, shape, row, area) for row in rows)


def _plain(grid: Grid, row: int, area: Area) -> tuple[str, ...]:
    return tuple(plain_heading(text) for text in _texts(grid, row, area).values())


def _texts(grid: Grid, row: int, area: Area) -> dict[int, str]:
    inside = range(area.first_column, area.last_column + 1)
    return {column: text for column, text in texts_of(grid, row).items() if column in inside}


def _is_heading(grid: Grid, shape: Shape, row: int, area: Area) -> bool:
    """Say whether a row holds headings: names of columns, or periods."""
    texts = _texts(grid, row, area)
    n_periods = _n_periods(texts)
    if n_periods >= FEWEST_HEADINGS and n_periods >= MOSTLY * len(texts):
        return len(set(texts.values())) > MOSTLY * len(texts)
    if n_periods or shape.valued[row, area.first_column : area.last_column + 1].any():
        return False
    below = np.array(shape.numeric[row + 1 : row + 4, area.first_column : area.last_column + 1].any(axis=0), np.bool_)
    named = [column for column in texts if below[column - area.first_column]]
    alike = len(named) > 1 and len({texts[column] for column in named}) == 1  # one mark in every month
    return bool(named) and len(named) >= MOSTLY * below.sum() and not alike


def _title_above(grid: Grid, filled: npt.NDArray[np.bool_], row: int, stop: int) -> int:
    """Give the row of the title that stands above a heading, or the heading's own."""
    above = row - 1
    while above > stop and not filled[above].any():
        above -= 1
    start = row
    while above > stop and filled[above].sum() == 1 and not is_note(_first_text(grid, above)):
        start = above
        above -= 1
    return start


def _first_text(grid: Grid, row: int) -> str:
    return next(iter(texts_of(grid, row).values()), "")


def _seen(grid: Grid, shape: Shape, area: Area, number: int) -> TableSeen:
    inside = (slice(area.first_row, area.last_row + 1), slice(area.first_column, area.last_column + 1))
    rows = np.flatnonzero(shape.filled[inside].any(axis=1)) + area.first_row
    columns = np.flatnonzero(shape.filled[inside].any(axis=0)) + area.first_column
    place = f"{grid.place(int(rows[0]), int(columns[0]))}:{grid.place(int(rows[-1]), int(columns[-1]))}"
    first = _texts(grid, int(rows[0]), area)
    title = next(iter(first.values())) if len(first) == 1 else ""
    n_rows = int(shape.numeric[inside].any(axis=1).sum())
    return TableSeen(number, title, place, n_rows, int(shape.numeric[inside].sum()), grid.sheet)
