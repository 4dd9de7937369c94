"""One column of a sheet on its way out of the reader process: a kind a cell, the numbers, and all other texts.

Runs inside the reader process: the standard library only.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loaders import marks
from loaders.kinds import Kind, duration_text

SEPARATOR = "\x1e"  # ASCII's own record separator ends each text
PERCENT = 0x10  # added to a cell's kind
DOUBTFUL_TEXT = b"1900-02-28"  # calamine gives it for the day after too, which never was
DATES = {dt.date, dt.datetime}
NUMBERS = {float, int}
NUMBER = int(Kind.NUMBER)  # a plain number: comparing with an enumeration's member costs five times as much
NUMBER_TO_PERCENT = bytes(NUMBER | PERCENT if kind == NUMBER else kind for kind in range(256))
KINDS: Mapping[type, int] = {
    str: int(Kind.TEXT),
    int: int(Kind.NUMBER),
    float: int(Kind.NUMBER),
    bool: int(Kind.BOOL),
    dt.date: int(Kind.DATE),
    dt.datetime: int(Kind.DATE),
    dt.time: int(Kind.TIME),
    dt.timedelta: int(Kind.DURATION),
    marks.ErrorText: int(Kind.ERROR),
}


@dataclass
class Column:
    """A column being written: a kind byte a cell, the numbers, and the texts of all other cells, each ended."""

    kinds: bytearray = field(default_factory=bytearray)
    numbers: array[float] = field(default_factory=lambda: array("d"))
    text: bytearray = field(default_factory=bytearray)


def write(column: Column, held: Sequence[Any]) -> bool:
    """Append some cells to a column; say whether a date or time among them may be a wrong one."""
    present = set(map(type, held))
    if present == {float}:
        column.kinds += bytes([Kind.NUMBER]) * len(held)
        column.numbers.extend(held)
        return False
    if present == {str}:
        column.kinds += bytes(map(bool, held))  # Kind.TEXT is 1, Kind.EMPTY 0
        write_texts(column, held, present)
        return False
    kinds = bytes(map(KINDS.__getitem__, map(type, held)))
    if present & NUMBERS:
        column.numbers.extend([value for value, kind in zip(held, kinds, strict=True) if kind == NUMBER])
        held = [value for value, kind in zip(held, kinds, strict=True) if kind != NUMBER]
    if "" in held:
        kinds = without_blanks(kinds, held)
    write_texts(column, held, present)
    column.kinds += kinds
    return dt.time in present or (bool(present & DATES) and DOUBTFUL_TEXT in column.text)


def without_blanks(kinds: bytes, texts: Sequence[Any]) -> bytes:
    """Mark the cells without a text as empty. texts: of all cells but the numbers."""
    rest = iter(texts)
    return bytes(kind if kind == NUMBER or next(rest) != "" else 0 for kind in kinds)


def write_texts(column: Column, held: Sequence[Any], present: set[type]) -> None:
    """Append the texts of some cells that are no numbers, each ended by SEPARATOR."""
    for odd in present & PRINTERS.keys():
        printed = {value: PRINTERS[odd](value) for value in {value for value in held if type(value) is odd}}
        held = [printed[value] if type(value) is odd else value for value in held]
    joined = SEPARATOR.join(held)
    if held and joined.count(SEPARATOR) != len(held) - 1:
        joined = SEPARATOR.join([text.replace(SEPARATOR, " ") for text in held])
    column.text += joined.encode("utf-8", "replace") + SEPARATOR.encode() * bool(held)


def clock_text(value: dt.time) -> str:
    """Write a time of day to the second."""
    return value.strftime("%H:%M:%S")


def moment_text(value: dt.datetime) -> str:
    """Write a moment to the nearest second: a workbook's own fractions of a day are no more exact."""
    if value.microsecond and value.year < dt.MAXYEAR:
        value = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    return value.isoformat(" ", "seconds")


PRINTERS: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: "TRUE" if value else "FALSE",
    dt.date: dt.date.isoformat,
    dt.datetime: moment_text,
    dt.time: clock_text,
    dt.timedelta: duration_text,
}


def mark_percents(kinds: bytearray, rows: Sequence[int]) -> None:
    """Mark the numbers in some rows as percentages; all at once where no row is left out."""
    first, last = rows[0], rows[-1] + 1
    if last <= len(kinds) and rows == list(range(first, last)):
        kinds[first:last] = kinds[first:last].translate(NUMBER_TO_PERCENT)
        return
    for row in rows:
        if row < len(kinds) and kinds[row] == NUMBER:
            kinds[row] = NUMBER | PERCENT
