"""Numbers written plainly, such as 12, -3.5 or 3,5: found by their bytes, a whole column at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.arrays import index_array

Mask = npt.NDArray[np.bool_]

# One sum over a cell's bytes counts them all: digits, points, commas and signs in fields of six bits, the rest above.
_FIELD = 6
_DIGIT, _POINT, _COMMA, _SIGN, _OTHER = (1 << (_FIELD * field) for field in range(5))
_FIELD_MASK = (1 << _FIELD) - 1
LONGEST_NUMBER = 60  # bytes; no field overflows


def _weights() -> npt.NDArray[np.int32]:
    weights = np.full(256, _OTHER, np.int32)
    weights[list(b"0123456789")] = _DIGIT
    weights[ord(".")], weights[ord(",")], weights[[ord("-"), ord("+")]] = _POINT, _COMMA, _SIGN
    return weights


_WEIGHTS = _weights()


@dataclass(frozen=True, eq=False)
class Plainness:
    """How the cells of a column are written; each array is of shape (n_rows,).

    whole: digits, with a sign before them or none. point, comma: the same with one point, or one comma, between digits.
    before, decimals: how many digits stand before and after that point or comma; 0 where there is none.
    leading_zero: the first digit is 0.
    """

    whole: Mask
    point: Mask
    comma: Mask
    before: npt.NDArray[np.int64]
    decimals: npt.NDArray[np.int64]
    leading_zero: Mask

    @property
    def first_zero(self) -> Mask:
        """The cells that have 0 alone before their point or comma."""
        found: Mask = self.leading_zero & (self.before == 1)
        return found

    @property
    def either(self) -> Mask:
        """The cells that are numbers under one decimal sign or the other."""
        found: Mask = self.whole | self.point | self.comma
        return found


def plainness(texts: pa.StringArray) -> Plainness:
    """Look at the bytes of every cell of a column, once.

    >>> found = plainness(pa.array(["12", "-3.25", "0,5", "1 234", "n/a", None]))
    >>> found.whole.tolist(), found.point.tolist(), found.comma.tolist()
    ([True, False, False, False, False, False], [False, True, False, False, False, False], [False, False, True, False, False, False])
    """
    starts, ends, data = _buffers(texts)
    length = ends - starts
    counts = np.zeros(len(starts), np.int32)
    filled = np.flatnonzero(length > 0)
    if len(filled):
        first, last = int(starts[filled[0]]), int(ends[filled[-1]])
        counts[filled] = np.add.reduceat(_WEIGHTS[data[first:last]], starts[filled] - first)
    head = np.zeros(len(starts), np.uint8)
    head[filled] = data[starts[filled]]
    tail = np.zeros(len(starts), np.uint8)
    tail[filled] = data[ends[filled] - 1]
    signed = (head == ord("-")) | (head == ord("+"))
    digits, points, commas, signs = ((counts >> (_FIELD * field)) & _FIELD_MASK for field in range(4))
    sound = (counts < _OTHER) & (digits > 0) & (signs == signed) & (length <= LONGEST_NUMBER) & _is_digit(tail)
    sound &= texts.is_valid().to_numpy(zero_copy_only=False)
    point, comma = sound & (points == 1) & (commas == 0), sound & (commas == 1) & (points == 0)
    before, decimals = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)
    leading_zero = np.zeros(len(starts), np.bool_)
    marked = np.flatnonzero(point | comma)
    if len(marked):
        at = _mark_positions(data, starts, ends, marked)
        before[marked] = at - starts[marked] - signed[marked]
        decimals[marked] = ends[marked] - at - 1
        leading_zero[marked] = data[starts[marked] + signed[marked]] == ord("0")
        point, comma = point & (before > 0), comma & (before > 0)
    return Plainness(sound & (points == 0) & (commas == 0), point, comma, before, decimals, leading_zero)


def cast_whole(texts: pa.StringArray) -> npt.NDArray[np.float64] | None:
    """Read a column every cell of which is a finite number with a point or none; None when one is not.

    >>> cast_whole(pa.array(["12", "3.5"])), cast_whole(pa.array(["12", "3,5"])), cast_whole(pa.array(["1e400"]))
    (array([12. ,  3.5]), None, None)
    """
    if texts.null_count or not len(texts):
        return None
    try:
        values = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return values if bool(np.isfinite(values).all()) else None


def has_byte(texts: pa.StringArray, sign: str) -> bool:
    """Say whether a character of ASCII stands anywhere in a column."""
    starts, ends, data = _buffers(texts)
    return bool(len(starts)) and bool((data[int(starts[0]) : int(ends[-1])] == ord(sign)).any())


def read_plain(texts: pa.StringArray, which: Mask, *, comma: bool) -> npt.NDArray[np.float64]:
    """Read the cells that are plain numbers; NaN elsewhere.

    which: those cells, as `plainness` found them. comma: whether a comma stands before their decimals.
    """
    values = np.full(len(texts), np.nan)
    chosen = texts if which.all() else texts.take(index_array(np.flatnonzero(which)))
    if comma:
        chosen = pc.replace_substring(chosen, ",", ".")
    starts, ends, data = _buffers(chosen)
    heads = data[starts[ends > starts]]
    if (heads == ord("+")).any():
        chosen = pc.utf8_ltrim(chosen, "+")
    values[which] = pc.cast(chosen, pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _is_digit(byte: npt.NDArray[np.uint8]) -> Mask:
    found: Mask = (byte >= ord("0")) & (byte <= ord("9"))
    return found


def _buffers(texts: pa.StringArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Give where each cell starts and ends in the column's bytes, and these."""
    if not len(texts):
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, np.zeros(0, np.uint8)
    _, offsets, characters = texts.buffers()
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    data = np.frombuffer(characters, np.uint8) if characters is not None else np.zeros(0, np.uint8)
    return bounds[:-1], bounds[1:], data


def _mark_positions(
    data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], marked: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:  # fmt: skip
    """Find where the one point or comma of each marked cell stands."""
    first, last = int(starts[marked[0]]), int(ends[marked[-1]])
    piece = data[first:last]
    at = np.flatnonzero((piece == ord(".")) | (piece == ord(","))) + first
    found: npt.NDArray[np.int64] = at[np.searchsorted(at, starts[marked])]
    return found
