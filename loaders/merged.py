"""Headings that span several columns, as merged cells or by standing alone above them."""

from __future__ import annotations

from loaders.grid import Grid
from loaders.rows import texts_of
from loaders.shape import Shape

Texts = dict[int, str]  # by column


def spread_texts(grid: Grid, shape: Shape, row: int, rows: tuple[int, ...]) -> Texts:
    """Give the texts of a heading row, those of merged cells above every column that they span.

    Without the file's word for what is merged, a heading reaches to the next one, over columns that have a heading
    of their own in a lower row.
    """
    texts = texts_of(grid, row)
    merged = [area for area in grid.merged if area.first_row <= row <= area.last_row]
    for area in merged:
        text = (grid.text(area.first_row, area.first_column) or "").strip()
        if text:
            texts |= dict.fromkeys(range(area.first_column, area.last_column + 1), text)
    if row == rows[-1] and len(rows) > 1 and not merged:
        return dict(sorted(texts.items()))
    lower = [below for below in rows if below > row]
    told = ""
    for column in range(grid.n_columns):
        if column in texts:
            told = texts[column]
        elif not shape.filled[:, column].any():
            told = ""
        elif told and any(shape.filled[below, column] for below in lower) and _holds_values(shape, rows, column):
            texts[column] = told
    return dict(sorted(texts.items()))


def _holds_values(shape: Shape, rows: tuple[int, ...], column: int) -> bool:
    return bool(shape.numeric[rows[-1] + 1 :, column].any())


def is_merged_over(grid: Grid, row: int, columns: list[int]) -> bool:
    """Say whether a merged cell of a row stands above some of these columns, and not above the labels too."""
    return any(
        area.first_row <= row <= area.last_row
        and area.first_column in range(columns[0], columns[-1] + 1)
        and area.last_column > area.first_column
        for area in grid.merged
    )
