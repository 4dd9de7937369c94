"""Which number a cell names, by itself: thousands, signs, percentages, its unit, and what stands for missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.absences import ERRORS, MISSING, matches
from loaders.arrays import index_array
from loaders.decimal_sign import BLANKS, GROUPING, DecimalSign
from loaders.grid import Kind
from loaders.plain_numbers import cast_whole, plainness, read_plain
from loaders.quantities import CLOCK_UNIT, cell_unit, read_duration

_MINUS = "[\u2212\u2013\u2010\u2011\ufe63\uff0d]"  # true minus, en dash, hyphens
_NO_CENTS = r"(\d)[.,](?:-{1,2}|\x{2014})$"  # 12.-, 1 234,--: no cents, not a minus
_DAY = r"^\d{1,4}[-/]\d{1,2}[-/]\d{1,4}(?:[ T].*)?$"  # 2026-03-30, 30/03/2026: never a number
_SIDES = (
    rf"^(?P<a>[^\d+\-(.,]*)(?P<n>[+\-(]?[{BLANKS}]?(?:[\d.,][\d.,{BLANKS}'\x{{2019}}]*)?\d[.,]?\)?-?)(?P<b>[^\d]*)$"
)


class Content(IntEnum):
    """What a cell of a column of values turned out to be."""

    EMPTY = 0
    NUMBER = 1
    MISSING = 2  # a mark that says there is no value
    ERROR = 3  # #DIV/0! and the like
    TEXT = 4  # neither: a fault


@dataclass(frozen=True, eq=False)
class Cells:
    """A column of cells read one by one as numbers, each with the unit that it writes.

    value: shape (n_rows,), NaN where content is not Content.NUMBER; percentages as 95, durations in hours.
    content: shape (n_rows,), `Content` values.
    unit: shape (n_rows,), positions in units; 0 = the cell writes none.
    clock: which cells are durations of several parts, or written as a clock.
    """

    value: npt.NDArray[np.float64]
    content: npt.NDArray[np.uint8]
    unit: npt.NDArray[np.uint8]
    clock: npt.NDArray[np.bool_]
    units: tuple[str, ...] = ("",)


def read_cells(
    texts: pa.StringArray,
    *,
    kinds: npt.NDArray[np.uint8] | None = None,
    percent: npt.NDArray[np.bool_] | None = None,
    decimal: DecimalSign = DecimalSign.POINT,
) -> Cells:
    """Read a column of cells, each by itself.

    kinds: what a workbook says each cell is; its NUMBER cells need no decimal sign. None: text only.
    percent: workbook cells shown as percentages, held as shares; they are read times 100.

    >>> cells = read_cells(pa.array(["1 234,5", "(12)", "n/a", "12 j", "deux", None]), decimal=DecimalSign.COMMA)
    >>> cells.value.tolist(), [Content(code).name for code in cells.content]
    ([1234.5, -12.0, nan, 12.0, nan, nan], ['NUMBER', 'NUMBER', 'MISSING', 'NUMBER', 'TEXT', 'EMPTY'])
    >>> [cells.units[code] for code in cells.unit]
    ['', '', '', 'd', '', '']
    """
    whole = cast_whole(texts) if decimal is DecimalSign.POINT and kinds is None else None
    if whole is not None:
        shown = np.zeros(len(texts), np.uint8)
        return Cells(whole, np.full(len(texts), Content.NUMBER, np.uint8), shown, shown.view(np.bool_))
    easy, values = _easy(texts, kinds, decimal)
    content = np.where(easy, np.uint8(Content.NUMBER), np.uint8(Content.EMPTY))
    unit, clock, units = np.zeros(len(texts), np.uint8), np.zeros(len(texts), np.bool_), [""]
    rest = np.flatnonzero(~easy)
    if len(rest):
        odd = _read_odd(texts.take(index_array(rest)), decimal)
        values[rest], content[rest], unit[rest], clock[rest] = odd.value, odd.content, odd.unit, odd.clock
        units = list(odd.units)
    if kinds is not None:
        strange = np.isin(kinds, (Kind.DATE, Kind.BOOL))
        values[strange], content[strange], unit[strange], clock[strange] = np.nan, Content.TEXT, 0, False
        values[kinds == Kind.ERROR], content[kinds == Kind.ERROR] = np.nan, Content.ERROR
    unbounded = (content == Content.NUMBER) & ~np.isfinite(values)
    values[unbounded], content[unbounded] = np.nan, Content.TEXT
    if percent is not None:
        shares = percent & (content == Content.NUMBER) & (unit == 0)
        if shares.any():
            values[shares] = np.round(values[shares] * 100, 10)
            units += ["%"] if "%" not in units else []
            unit[shares] = units.index("%")
    return Cells(values, content, unit, clock, tuple(units))


def is_number(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Say which texts are numbers under one decimal sign or the other, with a unit or without, or durations.

    >>> is_number(pa.array(["12", "1.234,5", "12,4 j", "1 h 30", "S12", "1/2", None])).tolist()
    [True, True, True, True, False, False, False]
    """
    if cast_whole(texts) is not None:
        return np.ones(len(texts), np.bool_)
    found = plainness(texts).either
    rest = np.flatnonzero(~found & matches(texts, r"\d") & ~matches(texts, _DAY))
    if len(rest):
        left = texts.take(index_array(rest))
        found[rest] = [
            content == Content.NUMBER
            for content in np.minimum(*(_read_odd(left, sign).content for sign in DecimalSign))
        ]
    return found


def _easy(
    texts: pa.StringArray, kinds: npt.NDArray[np.uint8] | None, decimal: DecimalSign
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Read the cells that need nothing taken out of them: those that a workbook holds as numbers, and plain texts."""
    if kinds is not None and not (kinds == Kind.TEXT).any():
        easy = kinds == Kind.NUMBER
        return easy, read_plain(texts, easy, comma=False)
    plain = plainness(texts)
    comma = decimal is DecimalSign.COMMA
    easy = plain.whole | (plain.comma if comma else plain.point)
    if kinds is None:
        return easy, read_plain(texts, easy, comma=comma)
    held, written = kinds == Kind.NUMBER, easy & (kinds == Kind.TEXT)
    values = read_plain(texts, held, comma=False)
    values[written] = read_plain(texts, written, comma=comma)[written]
    return held | written, values


def _read_odd(texts: pa.StringArray, decimal: DecimalSign) -> Cells:
    """Read the other texts, each distinct one once."""
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary
    index = encoded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    trimmed = pc.utf8_trim(distinct, BLANKS + "\n\r")
    signed = pc.replace_substring_regex(pc.replace_substring_regex(trimmed, _MINUS, "-"), _NO_CENTS, r"\1")
    value, number = _parsed(signed, decimal)
    missing, blank = matches(trimmed, MISSING), matches(trimmed, "^$")
    content = np.select(
        [number, blank, matches(trimmed, ERRORS), missing],
        [Content.NUMBER, Content.EMPTY, Content.ERROR, Content.MISSING],
        Content.TEXT,
    ).astype(np.uint8)
    unit, clock, units = np.zeros(len(distinct), np.uint8), np.zeros(len(distinct), np.bool_), [""]
    left = np.flatnonzero(content == Content.TEXT)
    if len(left):
        texts_left = signed.take(index_array(left))
        found, codes, clocks, units = _read_units(texts_left, decimal)
        value[left], unit[left], clock[left] = found, codes, clocks
        content[left[~np.isnan(found)]] = Content.NUMBER
    return Cells(
        np.append(value, np.nan)[index],
        np.append(content, np.uint8(Content.EMPTY))[index],
        np.append(unit, np.uint8(0))[index],
        np.append(clock, np.False_)[index],
        tuple(units),
    )


def _read_units(
    texts: pa.StringArray, decimal: DecimalSign
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8], npt.NDArray[np.bool_], list[str]]:
    """Read numbers with a unit before or after them, and durations: values (NaN = neither), unit codes, clocks."""
    units = [""]
    tucked = pc.replace_substring_regex(texts, rf"([{BLANKS}]*[%€$£])\)$", r")\1")
    sides = pc.extract_regex(tucked, _SIDES)
    numbers, valid = _parsed(pc.utf8_trim(sides.field("n"), BLANKS), decimal)
    around = pc.binary_join_element_wise(sides.field("a"), sides.field("b"), "\x00").dictionary_encode()
    named = [cell_unit(*(text or "\x00").split("\x00", 1)) or "" for text in around.dictionary.to_pylist()]
    units += [unit for unit in dict.fromkeys(named) if unit][: np.iinfo(np.uint8).max - 1]
    codes_of = np.array([*(units.index(unit) if unit in units else 0 for unit in named), 0], np.uint8)
    codes = codes_of[around.indices.fill_null(len(named)).to_numpy(zero_copy_only=False)]
    values = np.where(valid & (codes > 0), numbers, np.nan)
    codes[np.isnan(values)] = 0
    clock = np.zeros(len(texts), np.bool_)
    for at in np.flatnonzero(np.isnan(values)).tolist():
        hours = read_duration(texts[at].as_py())
        if hours is not None:
            values[at], clock[at] = hours, True
    if clock.any():
        units += [CLOCK_UNIT] if CLOCK_UNIT not in units else []
        codes[clock] = units.index(CLOCK_UNIT)
    return values, codes, clock, units


def _parsed(texts: pa.StringArray, decimal: DecimalSign) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Read the texts that are numbers: grouped, signed, in parentheses, with an exponent; NaN and False elsewhere."""
    number = pc.fill_null(pc.match_substring_regex(texts, _number_in(decimal)), False)
    thousands = rf"{GROUPING}|" + (r"\." if decimal is DecimalSign.COMMA else ",")
    written = pc.replace_substring(pc.replace_substring_regex(texts, thousands, ""), ",", ".")
    written = pc.replace_substring_regex(written, r"^\((.*)\)$", r"-\1")
    written = pc.replace_substring_regex(written, r"^(.*)-$", r"-\1")
    written = pc.replace_substring(written, "+", "")
    values = pc.cast(pc.if_else(number, written, None), pa.float64())
    return values.to_numpy(zero_copy_only=False).astype(np.float64), number.to_numpy(zero_copy_only=False)


def _number_in(decimal: DecimalSign) -> str:
    sign = "," if decimal is DecimalSign.COMMA else r"\."
    other = r"\." if decimal is DecimalSign.COMMA else ","
    separator = rf"(?:{GROUPING}|{other})"
    western = rf"\d{{1,3}}(?:{separator}\d{{3}})+"
    indian = rf"\d{{1,2}}(?:{separator}\d{{2}})+{separator}\d{{3}}"  # 12,34,567
    whole = rf"(?:{western}|{indian}|\d+)"
    number = rf"(?:{whole}(?:{sign}\d+|{sign})?|{sign}\d+)"
    closed = rf"(?:{whole}(?:{sign}\d+)?|{sign}\d+)"
    exponent = r"(?:[eE][+-]?\d{1,3})?"
    return rf"^(?:[+-]?[{BLANKS}]?{number}{exponent}|{closed}-|\({closed}\))$"
