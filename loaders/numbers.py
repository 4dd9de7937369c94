"""Which numbers a column holds, in one unit: cells read, durations converted, conflicts of units marked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from loaders.absences import is_missing_mark, matches
from loaders.arrays import index_array
from loaders.cell_numbers import Cells, Content, is_number, read_cells
from loaders.decimal_sign import DecimalEvidence, DecimalSign, decimal_evidence
from loaders.grid import Kind
from loaders.quantities import CLOCK_UNIT, CURRENCIES, HOURS, is_short_clock
from loaders.words import unit_of

__all__ = [
    "Content", "DecimalEvidence", "DecimalSign", "NumberColumn", "Trouble", "common_unit", "decimal_evidence",
    "is_missing_mark", "is_number", "read_numbers",
]  # fmt: skip

_DATE = r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\b"
_TWO_NUMBERS = r"(?i)\d\s*(?:[/|;±–—-]|à|to|et|and|ou|or|\+/-|sur|of)\s*\d"
_BEYOND = r"(?i)^[+-]?(?:inf|infinity|\d+(?:[.,]\d+)?e\+?\d+)$"


class Trouble(IntEnum):
    """Why a cell among the values is no number; the names are those of the faults."""

    TEXT_AMONG_NUMBERS = 0
    TWO_NUMBERS = 1
    DATE_AMONG_NUMBERS = 2
    NUMBER_BEYOND = 3
    UNIT_IN_CELL = 4  # most of the column writes none
    UNIT_DIFFERS = 5
    UNIT_MISSING = 6  # most of the column writes one
    PERCENT_OR_SHARE = 7
    CLOCK_TWO_WAYS = 8
    SIGN_UNSURE = 9  # thousands or decimals, in a column that mixes the signs


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A column of cells read as numbers of one unit.

    value: shape (n_rows,), NaN where content is not Content.NUMBER.
    content: shape (n_rows,), `Content` values; trouble: `Trouble` values, where content is Content.TEXT.
    percent: which cells were written or shown with a percent sign; 95 % is 95.
    unit: the unit of the values when cells write one, else None. unit_read: the cells it was read from.
    """

    value: npt.NDArray[np.float64]
    content: npt.NDArray[np.uint8]
    percent: npt.NDArray[np.bool_]
    trouble: npt.NDArray[np.uint8]
    unit: str | None
    unit_read: npt.NDArray[np.bool_]


def read_numbers(
    texts: pa.StringArray,
    *,
    kinds: npt.NDArray[np.uint8] | None = None,
    percent: npt.NDArray[np.bool_] | None = None,
    decimal: DecimalSign = DecimalSign.POINT,
    wanted: str | None = None,
) -> NumberColumn:
    """Read a column of cells as numbers of one unit.

    kinds, percent, decimal: as for `read_cells`. wanted: the unit that the heading or the metric has; None = unknown.
    Times are converted to it, durations without any to hours. A cell in another unit is no number.

    >>> column = read_numbers(pa.array(["90 min", "1 h 30", "0,5 j"]), decimal=DecimalSign.COMMA)
    >>> column.value.tolist(), column.unit
    ([1.5, 1.5, 12.0], 'h')
    """
    cells = read_cells(texts, kinds=kinds, percent=percent, decimal=decimal)
    trouble, nothing = np.zeros(len(texts), np.uint8), np.zeros(len(texts), np.bool_)
    column = NumberColumn(cells.value, cells.content, nothing, trouble, None, nothing)
    if len(cells.units) > 1:
        column = _in_one_unit(column, cells, texts, wanted)
    return _explained(_without_unsure(column, texts, kinds, decimal), texts)


def common_unit(columns: Collection[NumberColumn]) -> str | None:
    """Give the unit for the columns of one metric, when their cells write several; None when they agree.

    >>> one, other = (read_numbers(pa.array([text])) for text in ("12 h", "30 min"))
    >>> common_unit([one, other])
    'h'
    """
    written = [column.unit for column in columns if column.unit is not None]
    if len(set(written)) < 2:
        return None
    return CLOCK_UNIT if set(written) <= set(HOURS) else max(written, key=written.count)


def _in_one_unit(column: NumberColumn, cells: Cells, texts: pa.StringArray, wanted: str | None) -> NumberColumn:
    value, content, trouble = column.value.copy(), column.content.copy(), column.trouble.copy()
    number = content == Content.NUMBER
    units = np.array(cells.units, dtype=object)[cells.unit]
    percent = number & (units == "%")
    plain = number & (cells.unit == 0)
    other = number & ~plain & ~percent
    if percent.any():
        trouble[plain & (np.abs(value) <= 1) & (value != 0)] = Trouble.PERCENT_OR_SHARE
    target, at_fault = _target(units, plain, other, cells.clock, wanted)
    if at_fault is not None:
        trouble[plain if at_fault is Trouble.UNIT_MISSING else other] = at_fault
    for unit in set(units[other]) if target is not None else ():
        here = other & (units == unit)
        if unit != target and unit in HOURS and target in HOURS:
            value[here] = np.round(value[here] * HOURS[unit] / HOURS[target], 10)
        elif unit != target:
            trouble[here] = Trouble.UNIT_DIFFERS
    if target in ("min", "s") and cells.clock.any():
        short = np.flatnonzero(other & cells.clock)
        trouble[[at for at in short.tolist() if is_short_clock(texts[at].as_py())]] = Trouble.CLOCK_TWO_WAYS
    value[trouble > 0], content[trouble > 0] = np.nan, Content.TEXT
    read = other & (trouble == 0)
    unit_found = target if read.any() else None
    return NumberColumn(value, content, percent & (trouble == 0), trouble, unit_found, read)


def _target(
    units: npt.NDArray[np.object_], plain: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_],
    clock: npt.NDArray[np.bool_], wanted: str | None,
) -> tuple[str | None, Trouble | None]:  # fmt: skip
    """Choose the unit of a column, and say which of its cells are at fault for want of one."""
    if not other.any():
        return None, None
    if wanted is not None:
        return unit_of(wanted) or wanted or "count", None
    written, counts = np.unique(units[other].astype(str), return_counts=True)
    usual = str(written[counts.argmax()])
    if set(written) <= set(HOURS):
        usual = CLOCK_UNIT if len(written) > 1 or bool(clock[other].any()) else usual
    if usual in CURRENCIES or not plain.any():
        return usual, None
    if plain.sum() >= other.sum():
        return None, Trouble.UNIT_IN_CELL
    return usual, Trouble.UNIT_MISSING


def _without_unsure(
    column: NumberColumn, texts: pa.StringArray, kinds: npt.NDArray[np.uint8] | None, decimal: DecimalSign
) -> NumberColumn:
    """Where cells are numbers under the other decimal sign only, believe none that reads both ways: 1.234."""
    left = np.flatnonzero((column.content == Content.TEXT) & (column.trouble == 0))
    other = DecimalSign.POINT if decimal is DecimalSign.COMMA else DecimalSign.COMMA
    if not len(left) or not (read_cells(texts.take(index_array(left)), decimal=other).content == Content.NUMBER).any():
        return column
    unsure = matches(texts, rf"^[+-]?[1-9]\d{{0,2}}[{other.value}]\d{{3}}$") & (column.content == Content.NUMBER)
    if kinds is not None:
        unsure &= kinds == Kind.TEXT
    value, content, trouble = column.value.copy(), column.content.copy(), column.trouble.copy()
    value[unsure], content[unsure], trouble[unsure] = np.nan, Content.TEXT, Trouble.SIGN_UNSURE
    return replace(column, value=value, content=content, trouble=trouble)


def _explained(column: NumberColumn, texts: pa.StringArray) -> NumberColumn:
    """Tell apart the cells that are no numbers: two numbers, a date, a number beyond all bounds."""
    left = np.flatnonzero((column.content == Content.TEXT) & (column.trouble == 0))
    if not len(left):
        return column
    written = texts.take(index_array(left))
    found = np.select(
        [matches(written, _BEYOND), matches(written, _DATE), matches(written, _TWO_NUMBERS)],
        [Trouble.NUMBER_BEYOND, Trouble.DATE_AMONG_NUMBERS, Trouble.TWO_NUMBERS],
        Trouble.TEXT_AMONG_NUMBERS,
    )
    trouble = column.trouble.copy()
    trouble[left] = found
    return replace(column, trouble=trouble)
