"""The coarse shape of a sheet: which cells are filled, and which of them hold numbers, dates or missing marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.arrays import index_array
from loaders.grid import Grid, Kind
from loaders.numbers import is_missing_mark, is_number

CELLS_TOGETHER = 20_000
LONGEST_NUMBER = 200  # bytes; a longer text is neither a number nor stands for one
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
    for index, (has_text, found, marks) in enumerate(_columns_seen(grid)):
        if grid.cell_kinds is not None:
            kinds = grid.kinds(index)
            found = (found & (kinds == Kind.TEXT)) | (kinds == Kind.NUMBER)
            marks = marks | (kinds == Kind.ERROR)
        filled[:, index], numeric[:, index], valued[:, index] = has_text, found, found | marks
    return Shape(filled, numeric, valued)


def _columns_seen(grid: Grid) -> Iterator[tuple[Bools, Bools, Bools]]:
    """Say of each column which cells have text, a number's, or that of an error or a missing value.

    Short columns are looked at together: each look has a price of its own, and a sheet may have thousands of them.
    """
    together = max(1, CELLS_TOGETHER // max(grid.n_rows, 1))
    if together == 1:
        yield from (_seen(grid, index) for index in range(grid.n_columns))
        return
    for start in range(0, grid.n_columns, together):
        encoded = pa.concat_arrays(grid.columns[start : start + together]).dictionary_encode()
        places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        seen = [np.append(mask, False)[places].reshape(-1, grid.n_rows) for mask in _texts_seen(encoded.dictionary)]
        yield from zip(*seen, strict=True)


def _seen(grid: Grid, index: int) -> tuple[Bools, Bools, Bools]:
    if grid.cell_kinds is not None and not bool((grid.kinds(index) == Kind.TEXT).any()):
        nothing = np.zeros(grid.n_rows, np.bool_)
        return _bools(pc.fill_null(pc.not_equal(grid.columns[index], ""), False)), nothing, nothing
    texts, places = grid.encoded(index)
    # One more, for the place -1 of a cell that is not there.
    return tuple(np.append(mask, False)[places] for mask in _texts_seen(texts))  # type: ignore[return-value]


def _texts_seen(texts: pa.StringArray) -> tuple[Bools, Bools, Bools]:
    has_text = ~_bools(pc.equal(pc.utf8_trim_whitespace(texts), ""))
    found = _bools(pc.match_substring_regex(texts, _WHOLE))
    rest = np.flatnonzero(has_text & ~found & _bools(pc.less(pc.binary_length(texts), LONGEST_NUMBER)))
    marks = np.zeros(len(texts), np.bool_)
    if len(rest):
        left = texts.take(index_array(rest))
        found[rest] = is_number(left)
        marks[rest] = is_missing_mark(left) | _errors(left)
    return has_text, found, marks


def _errors(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    return _bools(pc.fill_null(pc.match_substring_regex(texts, r"^#[A-Z/0!?]+"), False))


def _bools(mask: pa.BooleanArray) -> npt.NDArray[np.bool_]:
    bits = np.frombuffer(mask.buffers()[1] or b"", np.uint8)
    found: Bools = np.unpackbits(bits, bitorder="little")[mask.offset : mask.offset + len(mask)].view(np.bool_)
    return found
