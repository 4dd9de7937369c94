"""The coarse shape of a sheet: which cells are filled, and which of them hold numbers, dates or missing marks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.arrays import index_array
from loaders.grid import Grid, Kind
from loaders.numbers import is_missing_mark, is_number

SMALL_TABLE = 2  # in a table of few rows, a heading and one bad cell may outnumber the values
Bools = npt.NDArray[np.bool_]
_WHOLE = r"^[+-]?\d+(\.\d+)?$"


@dataclass(frozen=True, eq=False)
class Shape:
    """What the cells of a sheet look like; each array is of shape (n_rows, n_columns).

    filled: has text. numeric: is a number. valued: is a number, an error, or stands for a missing value.
    """

    filled: npt.NDArray[np.bool_]
    numeric: npt.NDArray[np.bool_]
    valued: npt.NDArray[np.bool_]

    def value_like(self, first: int = 0) -> npt.NDArray[np.bool_]:
        """Say which columns mostly hold values, from a row on; shape (n_columns,)."""
        filled = self.filled[first:].sum(axis=0)
        numbers = self.numeric[first:].sum(axis=0)
        valued = self.valued[first:].sum(axis=0)
        found: npt.NDArray[np.bool_] = (numbers > 0) & (2 * valued + SMALL_TABLE >= filled)
        return found


def shape_of(grid: Grid) -> Shape:
    """Find the shape of a sheet."""
    size = (grid.n_rows, grid.n_columns)
    filled, numeric, valued = (np.zeros(size, np.bool_, order="F") for _ in range(3))
    for index in range(grid.n_columns):
        has_text, found, marks = _seen(grid, index)
        if grid.cell_kinds is not None:
            kinds = grid.kinds(index)
            found = (found & (kinds == Kind.TEXT)) | (kinds == Kind.NUMBER)
            marks = marks | (kinds == Kind.ERROR)
        filled[:, index], numeric[:, index], valued[:, index] = has_text, found, found | marks
    return Shape(filled, numeric, valued)


def _seen(grid: Grid, index: int) -> tuple[Bools, Bools, Bools]:
    """Say which cells of a column have text, a number's, or that of an error or a missing value."""
    if grid.cell_kinds is not None and not bool((grid.kinds(index) == Kind.TEXT).any()):
        nothing = np.zeros(grid.n_rows, np.bool_)
        return _bools(pc.fill_null(pc.not_equal(grid.columns[index], ""), False)), nothing, nothing
    texts, places = grid.encoded(index)
    has_text = ~_bools(pc.equal(pc.utf8_trim_whitespace(texts), ""))
    found = _bools(pc.match_substring_regex(texts, _WHOLE))
    rest = np.flatnonzero(has_text & ~found)
    marks = np.zeros(len(texts), np.bool_)
    if len(rest):
        left = texts.take(index_array(rest))
        found[rest] = is_number(left)
        marks[rest] = is_missing_mark(left) | _errors(left)
    # One more, for the place -1 of a cell that is not there.
    return tuple(np.append(seen, False)[places] for seen in (has_text, found, marks))  # type: ignore[return-value]


def _errors(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    return _bools(pc.fill_null(pc.match_substring_regex(texts, r"^#[A-Z/0!?]+"), False))


def _bools(mask: pa.BooleanArray) -> npt.NDArray[np.bool_]:
    bits = np.frombuffer(mask.buffers()[1] or b"", np.uint8)
    found: Bools = np.unpackbits(bits, bitorder="little")[mask.offset : mask.offset + len(mask)].view(np.bool_)
    return found
