"""Arrow arrays made from plain buffers: `pa.array` would import pandas first, a second of work that reading never needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

TEXT = pa.string()


def text_array(texts: Sequence[str | None]) -> pa.StringArray:
    """Make a string array; None = null.

    >>> text_array(["a", None, "é"]).to_pylist()
    ['a', None, 'é']
    """
    encoded = [text.encode("utf-8", "replace") if text else b"" for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, encoded), np.int32, len(encoded)), out=offsets[1:])
    held = None
    if None in texts:
        held = packed(np.fromiter((text is not None for text in texts), np.bool_, len(texts)))
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)), held)


def text_array_of(offsets: npt.NDArray[np.int32], characters: object, held: npt.NDArray[np.bool_]) -> pa.StringArray:
    """Make a string array of its buffers, checked: offsets of n + 1, UTF-8 bytes, False where null."""
    made = pa.StringArray.from_buffers(len(held), pa.py_buffer(offsets), pa.py_buffer(characters), packed(held))
    made.validate(full=True)
    return made


def index_array(indices: npt.NDArray[np.int64]) -> pa.Int64Array:
    """Make an array of row indices, for `take`."""
    return pa.Int64Array.from_buffers(pa.int64(), len(indices), [None, pa.py_buffer(np.ascontiguousarray(indices))])


def mask_array(mask: npt.NDArray[np.bool_]) -> pa.BooleanArray:
    """Make a Boolean array without nulls."""
    return pa.BooleanArray.from_buffers(pa.bool_(), len(mask), [None, packed(mask)])


def packed(mask: npt.NDArray[np.bool_]) -> pa.Buffer:
    """Pack a mask into Arrow's bits."""
    return pa.py_buffer(np.packbits(mask, bitorder="little"))
