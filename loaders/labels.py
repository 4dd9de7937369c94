"""The labels of a table's columns, and what a column was taken for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loaders.arrays import index_array
from loaders.choices import ColumnRole
from loaders.grid import Grid
from loaders.layout import Column, Layout

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """What a column was taken for.

    confidence: 0 to 1. reason: chosen, same_as_last_time, synonym, spelling, content, numbers, heading_is_period,
        heading_is_total, follows_site, distinguishes_rows or not_needed.
    """

    column: Column
    role: ColumnRole
    confidence: float
    reason: str


@dataclass(frozen=True, eq=False)
class Labels:
    """A column of labels: its distinct texts and, a data row, which one it has (-1 = empty)."""

    texts: tuple[str, ...]
    codes: Codes

    @property
    def n_filled(self) -> int:
        """Rows that have a label."""
        return int((self.codes >= 0).sum())


class LabelBook(dict[int, Labels]):
    """The labels of columns, by index, each read when it is first asked for."""

    def __init__(self, grid: Grid, layout: Layout) -> None:
        super().__init__()
        self._grid, self._layout = grid, layout

    def __missing__(self, index: int) -> Labels:
        found = labels_of(self._grid, self._layout, index)
        self[index] = found
        return found


def labels_of(grid: Grid, layout: Layout, index: int) -> Labels:
    """Read a column of the data rows as labels."""
    different, places = grid.encoded(index)
    rows = layout.data_rows
    together = len(rows) and rows[-1] - rows[0] + 1 == len(rows)
    places = places[rows[0] : rows[-1] + 1] if together else places[rows]
    used = np.zeros(len(different) + 1, np.bool_)
    used[places] = True
    here = np.flatnonzero(used[:-1])
    tidy: dict[str, int] = {}
    merged = np.full(len(different) + 1, -1, np.int64)  # the last is for a cell that is not there
    for place, text in zip(here.tolist(), different.take(index_array(here)).to_pylist(), strict=True):
        plain = " ".join(str(text).split())
        if plain:
            merged[place] = tidy.setdefault(plain, len(tidy))
    return Labels(tuple(tidy), merged[places])
