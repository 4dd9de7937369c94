"""The labels of a table's columns, and what a column was taken for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

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
    taken = grid.columns[index].take(pa.array(layout.data_rows))
    encoded = pc.dictionary_encode(taken)
    texts = [" ".join(str(text).split()) for text in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    tidy: dict[str, int] = {}
    merged = np.array([tidy.setdefault(text, len(tidy)) if text else -1 for text in texts] + [-1], np.int64)
    return Labels(tuple(tidy), merged[codes])
