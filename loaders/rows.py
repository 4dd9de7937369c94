"""What each row of a sheet is: data, headings, blank lines, section headings, or notes around the table."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from loaders.grid import Grid
from loaders.shape import Shape
from loaders.words import is_note

MOSTLY = 0.5
REPEATS_SOUGHT = 200  # rows without values that are compared with the heading


class RowKind(IntEnum):
    """What a row of the sheet is."""

    DATA = 0
    PREAMBLE = 1
    HEADING = 2
    BLANK = 3
    REPEATED_HEADING = 4
    SECTION = 5
    FOOTER = 6
    CONTINUATION = 7  # the rest of the label above


RowKinds = npt.NDArray[np.uint8]  # RowKind values, one a grid row


def kinds_of_rows(
    grid: Grid, shape: Shape, header_rows: tuple[int, ...], first: int, across: list[int]
) -> tuple[RowKinds, tuple[tuple[int, str], ...]]:
    """Say what each row is, and list the section headings with their rows.

    first: the first row below the headings. across: the columns whose headings are periods, if any.
    """
    width = shape.filled.sum(axis=1)
    kinds = np.full(grid.n_rows, RowKind.DATA, np.uint8)
    if header_rows:
        kinds[: header_rows[0]] = RowKind.PREAMBLE
        kinds[header_rows[0] : first] = RowKind.HEADING
    value_columns = across or [int(index) for index in np.flatnonzero(shape.value_like(first))]
    valued = np.array(shape.valued[:, value_columns].any(axis=1), np.bool_)
    below = np.arange(grid.n_rows) >= first
    typical = max(float(np.median(width[below & valued])) if (below & valued).any() else 0.0, 2.0)
    thin = np.array(~valued & below & (width > 0) & (width < max(2.0, MOSTLY * typical + 0.5)), np.bool_)
    for row in np.flatnonzero(below & valued & (width < typical)).tolist():
        if is_note(_first_text(grid, row)):
            valued[row], thin[row] = False, True
    data = np.flatnonzero(below & valued)
    last = int(data[-1]) if len(data) else first - 1
    if header_rows:
        _mark_repeated_headings(grid, kinds, np.flatnonzero(below & ~valued & (width >= 2)), header_rows[-1])
    kinds[thin] = RowKind.SECTION
    kinds[thin & (np.arange(grid.n_rows) > last)] = RowKind.FOOTER
    for row in range(last + 1, grid.n_rows):
        held = shape.filled[row, value_columns]
        full = held.sum() > MOSTLY * len(held) and width[row] >= typical - 1
        if kinds[row] == RowKind.DATA and not full and (across or width[row] < MOSTLY * typical):
            kinds[row] = RowKind.FOOTER
    kinds[width == 0] = RowKind.BLANK
    _mark_continuations(grid, shape, kinds)
    if header_rows:
        _mark_first_title(grid, kinds, width, header_rows[0])
    sections = tuple((row, _first_text(grid, row)) for row in np.flatnonzero(kinds == RowKind.SECTION).tolist())
    return kinds, sections


def _mark_first_title(grid: Grid, kinds: RowKinds, width: npt.NDArray[np.int64], header_row: int) -> None:
    """Take the line above the heading for a section as well, where each heading that comes again has one above it."""
    again = np.flatnonzero(kinds == RowKind.REPEATED_HEADING)
    title = header_row - 1
    if not len(again) or title < 0 or width[title] != 1 or is_note(_first_text(grid, title)):
        return
    if (kinds[again - 1] == RowKind.SECTION).all():
        kinds[title] = RowKind.SECTION


def _mark_continuations(grid: Grid, shape: Shape, kinds: RowKinds) -> None:
    """Mark the lines that carry on the label of the data row above them."""
    for row in np.flatnonzero(kinds == RowKind.SECTION).tolist():
        texts = texts_of(grid, row)
        column = next(iter(texts), 0)
        follows = row > 0 and kinds[row - 1] in (RowKind.DATA, RowKind.CONTINUATION) and shape.filled[row - 1, column]
        if follows and len(texts) == 1 and (texts[column][0].islower() or texts[column][0] in "(–-"):
            kinds[row] = RowKind.CONTINUATION


def texts_of(grid: Grid, row: int) -> dict[int, str]:
    """Give the texts of a row's filled cells, by column."""
    texts = {column: grid.text(row, column) for column in range(grid.n_columns)}
    return {column: text.strip() for column, text in texts.items() if text and text.strip()}


def _mark_repeated_headings(grid: Grid, kinds: RowKinds, candidates: npt.NDArray[np.int64], header_row: int) -> None:
    heading = texts_of(grid, header_row)
    for row in candidates[:REPEATS_SOUGHT].tolist():
        if texts_of(grid, row) == heading:
            kinds[row] = RowKind.REPEATED_HEADING


def _first_text(grid: Grid, row: int) -> str:
    return next(iter(texts_of(grid, row).values()), "")
