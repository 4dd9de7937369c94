"""Reads a delimited file nearly all of whose lines have one width in one go, and the few others with care."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from loaders.arrays import TEXT, index_array, mask_array, text_array
from loaders.caps import Caps
from loaders.grid import Grid, Refusal
from loaders.records import LONGEST_CELL, Cutter, Form

ODD_LINES = 2_000  # a file with more is read line by line
IN_CACHE = 1 << 18  # bytes
LOOK_AT = 1 << 23  # bytes whose quotes are looked at together

Indices = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
OddRow = tuple[int, list[str]]  # on which line it starts, from 0, and its cells


def refuse_many_cells(n_rows: int, n_columns: int, caps: Caps) -> None:
    """Refuse a table beyond the limits before room is made for it."""
    if n_columns > caps.columns:
        raise Refusal("too_many_columns", found=n_columns, limit=caps.columns)
    if n_rows * n_columns > caps.cells:
        raise Refusal("too_many_cells", found=n_rows * n_columns, limit=caps.cells)


class LineEnds(NamedTuple):
    """How often a text has each end of a line; lone: returns without a feed behind them."""

    feeds: int
    lone: int


def line_ends(raw: bytes) -> LineEnds:
    """Count the ends of lines.

    >>> line_ends(b"a\\r\\nb\\nc\\rd")
    LineEnds(feeds=2, lone=1)
    """
    characters = np.frombuffer(raw, np.uint8)
    feeds = lone = 0
    for start in range(0, len(characters), IN_CACHE):
        piece = characters[start : start + IN_CACHE]
        feeds += int(np.count_nonzero(piece == ord("\n")))
        returns = np.flatnonzero(piece == ord("\r")) + start + 1
        if len(returns):
            inside = returns[returns < len(characters)]
            lone += len(returns) - int(np.count_nonzero(characters[inside] == ord("\n")))
    return LineEnds(feeds, lone)


def read_regular(raw: bytes, form: Form, width: int, caps: Caps, ends: LineEnds) -> Grid | None:
    """Read a file nearly all of whose lines have one width, in one go; None when it is not such a file.

    raw: UTF-8. form: one character delimits, no escape. ends: of the lines of `raw`.
    The lines of another width are set aside and put back in their places, as are those with a quote in a wrong place
    or a cell that goes on on the next line, which are read with care.
    """
    marks = form.delimiter + (form.quote or "")
    if form.spaces_before_quotes or not marks.isascii() or ends.lone:
        return None
    n_lines = ends.feeds + (not raw.endswith(b"\n"))
    if form.quote is None or form.quote.encode() not in raw:
        return read_around(np.zeros(0, np.int64), n_lines, raw, form, width, caps)
    found = read_around(odd_lines(raw, form, all_in_place), n_lines, raw, form, width, caps)
    return found or read_around(odd_lines(raw, form), n_lines, raw, form, width, caps)


def read_around(odd: Indices, n_lines: int, raw: bytes, form: Form, width: int, caps: Caps) -> Grid | None:
    """Read a file with care on some lines, and in one go on all others; None when the others are not each a record."""
    if len(odd) > ODD_LINES:
        return None
    rows: list[OddRow] = []
    lines = np.arange(n_lines)
    if len(odd):
        raw, lines, rows = without_odd_lines(raw, odd, form, width)
    found = regular_columns(raw, form, width, caps)
    if found is None:
        return None
    columns, ragged = found
    if len(columns[0]) + len(ragged) != len(lines) or any(longest(column) > LONGEST_CELL for column in columns):
        return None
    try:
        rows += [(int(lines[number - 1]), next(form.reader([text]), [])) for number, text in ragged]
    except csv.Error:
        return None
    places = [number - 1 for number, _ in ragged]
    lines = np.delete(lines, places) if places else lines
    columns = no_cells_on_blank_lines(columns, raw, places)
    return put_together(columns, lines, sorted(rows), caps)


# --- lines whose quotes are not all in their places -------------------------------------------------------------


def odd_lines(raw: bytes, form: Form, unless: Callable[[Bytes, int, int], bool] | None = None) -> Indices:
    """List the lines, from 0, that are no whole record by RFC 4180: a quote in a wrong place, or one that stays open.

    unless: a quick look that says of many lines at once that none of them is.
    """
    found, start, first_line = [np.zeros(0, np.int64)], 0, 0
    marks = ord(form.quote or '"'), ord(form.delimiter)
    while start < len(raw):
        end = raw.find(b"\n", min(start + LOOK_AT, len(raw)))
        end = len(raw) if end < 0 else end + 1
        piece = np.frombuffer(raw, np.uint8, end - start, start)
        if unless is None or not unless(piece, *marks):
            found.append(first_line + odd_lines_of(piece, *marks))
        first_line += raw.count(b"\n", start, end)
        start = end
    return np.concatenate(found)


def all_in_place(piece: Bytes, quote: int, delimiter: int) -> bool:
    """Say whether every quote opens or closes a cell in its place, be it on a later line."""
    quotes = np.flatnonzero(piece == quote)
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    around = np.pad(piece, 1, constant_values=ord("\n"))
    opens, closes = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
    opens[[delimiter, ord("\n"), quote]] = True
    closes[[delimiter, ord("\n"), ord("\r"), quote]] = True
    return bool(opens[around[opening]].all() and closes[around[closing + 2]].all())


def odd_lines_of(piece: Bytes, quote: int, delimiter: int) -> Indices:
    """List the odd lines of some whole lines, from 0.

    Counted within its line, every first, third ... quote opens a cell and every second one closes it, where a doubled
    quote closes and opens again.
    """
    marks = np.flatnonzero((piece == quote) | (piece == ord("\n")))
    ends = piece[marks] == ord("\n")
    line = np.cumsum(ends)[~ends]
    quotes = marks[~ends]
    count = np.bincount(line, minlength=1)
    nth = np.arange(len(quotes)) - (np.cumsum(count) - count)[line]
    around = np.pad(piece, 1, constant_values=ord("\n"))
    before, after = around[quotes], around[quotes + 2]
    opens = np.isin(before, [delimiter, ord("\n")]) | ((before == quote) & (nth > 0))
    closes = np.isin(after, [delimiter, ord("\n"), ord("\r"), quote])
    wrong = np.where(nth % 2 == 0, ~opens, ~closes)
    odd: Indices = np.union1d(line[wrong], np.flatnonzero(count % 2))
    return odd


class Lines(Sequence[str]):
    """The lines of some bytes, decoded when they are asked for."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        ends = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord("\n")) + 1
        self.starts = np.concatenate(([0], ends, [] if raw.endswith(b"\n") else [len(raw)])).astype(np.int64)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        return self.raw[self.starts[at] : self.starts[at + 1]].decode("utf-8", "replace")


def without_odd_lines(raw: bytes, odd: Indices, form: Form, width: int) -> tuple[bytes, Indices, list[OddRow]]:
    """Read odd lines, and those that they go on over, with care: the bytes without them, which lines these are, rows."""
    lines = Lines(raw)
    cutter = Cutter(lines, form, width)
    rows: list[OddRow] = []
    kept: list[bytes] = []
    regular = np.ones(len(lines), np.bool_)
    done = 0
    for at in map(int, odd):
        if at < done:
            continue
        cells, n_lines = cutter.record_at(at)
        rows.append((at, cells))
        kept.append(raw[lines.starts[done] : lines.starts[at]])
        regular[at : at + n_lines] = False
        done = at + n_lines
    kept.append(raw[lines.starts[done] :])
    return b"".join(kept), np.flatnonzero(regular), rows


# --- regular lines ----------------------------------------------------------------------------------------------


def regular_columns(
    raw: bytes, form: Form, width: int, caps: Caps
) -> tuple[list[pa.StringArray], list[tuple[int, str]]] | None:
    """Cut lines of one width into columns, and list those of another by number, from 1; None when there are many."""
    ragged: list[tuple[int, str]] = []
    too_wide: list[int] = []

    def set_aside(line: arrow_csv.InvalidRow) -> str:
        if line.actual_columns > caps.columns:
            too_wide.append(line.actual_columns)
            return "error"
        ragged.append((line.number, line.text))
        return "skip" if len(ragged) <= ODD_LINES else "error"

    if not raw:
        return [pa.nulls(0, TEXT) for _ in range(width)], ragged
    try:
        table = arrow_table(raw, form, width, set_aside)
    except pa.ArrowInvalid:
        if too_wide:
            raise Refusal("too_many_columns", found=too_wide[0], limit=caps.columns) from None
        return None
    return [column.chunk(0) for column in table.columns], ragged


def arrow_table(raw: bytes, form: Form, width: int, set_aside: Callable[[arrow_csv.InvalidRow], str]) -> pa.Table:
    """Cut lines of one width into text columns; the others go to `set_aside`, which says "skip" or "error"."""
    names = [str(number) for number in range(width)]
    return arrow_csv.read_csv(
        pa.py_buffer(raw),
        read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(raw) + 1),
        parse_options=arrow_csv.ParseOptions(
            delimiter=form.delimiter,
            quote_char=form.quote or False,
            double_quote=form.quote is not None,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, TEXT), strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    )


def no_cells_on_blank_lines(columns: list[pa.StringArray], raw: bytes, ragged: list[int]) -> list[pa.StringArray]:
    """Turn the empty cells that Arrow puts on a blank line into no cells."""
    empty = np.ones(len(columns[0]), np.bool_)
    for column in columns:
        empty &= lengths(column) == 0
        if not empty.any():
            return columns
    blank = np.zeros(len(empty) + len(ragged), np.bool_)
    blank[blank_lines(raw)] = True
    held = mask_array(~np.delete(blank, ragged))
    return [pc.if_else(held, column, pa.nulls(len(column), TEXT)) for column in columns]


def blank_lines(raw: bytes) -> Indices:
    """List the lines without a character, from 0."""
    characters = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(characters == ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))
    n_characters = ends - starts
    blank: Indices = np.flatnonzero(
        (n_characters == 0) | ((n_characters == 1) & (characters[np.minimum(starts, len(raw) - 1)] == ord("\r")))
    )
    return blank


def lengths(column: pa.StringArray) -> npt.NDArray[np.int32]:
    """Give the bytes of each cell of a column."""
    ends = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    return np.diff(ends)


def longest(column: pa.StringArray) -> int:
    """Give the bytes of a column's longest cell."""
    return int(lengths(column).max(initial=0)) if len(column) else 0


def put_together(columns: list[pa.StringArray], lines: Indices, rows: list[OddRow], caps: Caps) -> Grid:
    """Put the rows that were set aside among the regular ones. lines: on which line each regular row stands, from 0."""
    width = max([len(columns), *(len(cells) for _, cells in rows)])
    n_rows = len(lines) + len(rows)
    refuse_many_cells(n_rows, width, caps)
    columns = columns + [pa.nulls(len(lines), TEXT) for _ in range(width - len(columns))]
    if rows:
        lines = np.concatenate((lines, [line for line, _ in rows])).astype(np.int64)
        order = np.argsort(lines, kind="stable")
        lines = lines[order]
        extra = [text_array(cells[:-1]) for cells in zip_longest(*(cells for _, cells in rows), [None] * width)]
        places = index_array(order)
        columns = [pa.concat_arrays([column, more]).take(places) for column, more in zip(columns, extra, strict=True)]
    in_order = n_rows == 0 or int(lines[-1]) == n_rows - 1
    return Grid(sheet=None, columns=tuple(columns), n_rows=n_rows, line_numbers=None if in_order else lines + 1)
