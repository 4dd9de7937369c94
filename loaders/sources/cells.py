"""A database's values as the cells of a grid: a number stays a number and a date a date, with no form to be guessed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.kinds import Kind, number_text

_WHOLE = {
    int: (pa.int64(), Kind.NUMBER), dt.date: (pa.date32(), Kind.DATE), str: (pa.string(), Kind.TEXT),
}  # fmt: skip


def column_of(values: Sequence[Any], *, heading: str) -> tuple[pa.StringArray, pa.UInt8Array]:
    """Give a column's texts and kinds, its heading first; null = no cell."""
    typed = _typed(values)
    texts, kinds = typed if typed is not None else _one_by_one(values)
    above = pa.array([heading], pa.string())
    return pa.concat_arrays([above, texts]), pa.concat_arrays([pa.array([Kind.TEXT], pa.uint8()), kinds])


def _typed(values: Sequence[Any]) -> tuple[pa.StringArray, pa.UInt8Array] | None:
    """Turn a column of one kind as a whole; None for one that has to be looked at value by value."""
    kinds = {type(value) for value in values} - {type(None)}
    whole = _WHOLE.get(next(iter(kinds))) if len(kinds) == 1 else None
    if whole is None:
        return None
    form, kind = whole
    try:
        column = pa.array(values, form)
    except (OverflowError, pa.ArrowInvalid):  # a number of more than 64 bits
        return None
    held = pc.if_else(pc.is_valid(column), pa.scalar(int(kind), pa.uint8()), pa.scalar(int(Kind.EMPTY), pa.uint8()))
    return column.cast(pa.string()), held


def _one_by_one(values: Sequence[Any]) -> tuple[pa.StringArray, pa.UInt8Array]:
    shown = [shown_as(value) for value in values]
    kinds = np.fromiter((kind for _, kind in shown), np.uint8, len(shown))
    return pa.array([text for text, _ in shown], pa.string()), pa.array(kinds)


def shown_as(value: Any) -> tuple[str | None, Kind]:
    """Give one value's text and kind.

    >>> shown_as(Decimal("12.50")), shown_as(dt.datetime(2026, 5, 4)), shown_as(float("nan"))[1].name
    (('12.50', <Kind.NUMBER: 2>), ('2026-05-04', <Kind.DATE: 3>), 'EMPTY')
    """
    match value:
        case None:
            return None, Kind.EMPTY
        case bool():
            return str(value).upper(), Kind.BOOL
        case int():
            return str(value), Kind.NUMBER
        case float():
            return (number_text(value), Kind.NUMBER) if math.isfinite(value) else _not_finite(value)
        case Decimal():
            return (format(value, "f"), Kind.NUMBER) if value.is_finite() else _not_finite(float(value))
        case dt.datetime():
            local = value.astimezone().replace(tzinfo=None) if value.tzinfo else value
            midnight = local.time() == dt.time()
            return (local.date().isoformat() if midnight else local.isoformat(" ", "seconds")), Kind.DATE
        case dt.date():
            return value.isoformat(), Kind.DATE
        case dt.time():
            return value.isoformat("seconds"), Kind.TIME
        case _:
            return str(value), Kind.TEXT


def _not_finite(value: float) -> tuple[str | None, Kind]:
    """An absent number is no cell; an infinite one is shown as it is, to be named as a fault."""
    return (None, Kind.EMPTY) if math.isnan(value) else (str(value), Kind.TEXT)
