"""Turns a delimited text file into a grid: every line kept, under its own line number."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, zip_longest

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from loaders.arrays import TEXT, index_array, mask_array, text_array
from loaders.caps import Caps
from loaders.decoding import decoded, nonempty
from loaders.dialects import find_form
from loaders.grid import Dialect, Grid, Refusal
from loaders.records import LONGEST_CELL, Form, LongCell, never_closes, records
from loaders.signatures import refuse_binary

RAGGED_LINES = 2_000  # more than these are read one by one
ROWS_AT_ONCE = 50_000
BEGINNING = 1 << 16  # characters that show how wide lines usually are
LINES_OF_BEGINNING = 200


def read_delimited(data: bytes, caps: Caps) -> tuple[Grid, Dialect]:
    """Read a delimited file's bytes.

    Raises Refusal for what is not text, and beyond the limits.
    """
    text, encoding, replaced = decoded(data)
    nonempty(text)
    raw = data if encoding == "utf-8" and not replaced else text.encode("utf-8", "replace")
    refuse_binary(raw)
    form = find_form(text)
    if raw.count(b"\n") > caps.rows:
        raise Refusal("too_many_rows", found=raw.count(b"\n"), limit=caps.rows)
    width = usual_width(text, form)
    grid = read_regular(raw, form, width, caps) or read_line_by_line(text, form, caps)
    return grid, Dialect(form.delimiter, form.quote, form.escape, encoding, replaced)


def refuse_many_cells(n_rows: int, n_columns: int, caps: Caps) -> None:
    """Refuse a table beyond the limits before room is made for it."""
    if n_columns > caps.columns:
        raise Refusal("too_many_columns", found=n_columns, limit=caps.columns)
    if n_rows * n_columns > caps.cells:
        raise Refusal("too_many_cells", found=n_rows * n_columns, limit=caps.cells)


def usual_width(text: str, form: Form) -> int:
    """Give the width that most of the first lines have, in cells."""
    lines = list(islice(io.StringIO(text[:BEGINNING], newline=""), LINES_OF_BEGINNING))
    try:
        widths = [len(row) for row in form.reader(lines) if row]
    except csv.Error:
        return 1
    return max(set(widths), key=widths.count) if widths else 1


def read_regular(raw: bytes, form: Form, width: int, caps: Caps) -> Grid | None:
    """Read a file nearly all of whose lines have one width, in one go; None when it is not such a file.

    The lines of another width are set aside and put back in their places. Every line of the file must come out as
    one row, otherwise (a quoted cell over several lines, for one) the file is not of this kind.
    """
    if form.escape or form.spaces_before_quotes or raw.count(b"\r") != raw.count(b"\r\n"):
        return None
    n_lines = raw.count(b"\n") + (not raw.endswith(b"\n"))
    ragged: list[tuple[int, str]] = []
    too_wide: list[int] = []

    def set_aside(line: arrow_csv.InvalidRow) -> str:
        if line.actual_columns > caps.columns:
            too_wide.append(line.actual_columns)
            return "error"
        ragged.append((line.number, line.text))
        return "skip" if len(ragged) <= RAGGED_LINES else "error"

    try:
        table = arrow_table(raw, form, width, set_aside)
    except pa.ArrowInvalid:
        if too_wide:
            raise Refusal("too_many_columns", found=too_wide[0], limit=caps.columns) from None
        return None
    if table.num_rows + len(ragged) != n_lines or open_at_the_end(raw, form):
        return None
    columns = [pa.concat_arrays(column.chunks) for column in table.columns]
    return put_together(columns, ragged, blank_lines(raw), form, caps)


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
            newlines_in_values=form.quote is not None,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, TEXT), strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    )


def open_at_the_end(raw: bytes, form: Form) -> bool:
    """Say whether the last line ends inside a quoted cell."""
    last = raw.rstrip(b"\r\n").rpartition(b"\n")[2]
    if form.quote is None or form.quote.encode() not in last:
        return False
    return never_closes([last.decode("utf-8", "replace")], form)


def blank_lines(raw: bytes) -> npt.NDArray[np.int64]:
    """List the lines without a character, from 0."""
    if not (b"\n\n" in raw or b"\n\r\n" in raw or raw.startswith((b"\n", b"\r\n"))):
        return np.zeros(0, np.int64)
    characters = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(characters == ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts
    blank = (lengths == 0) | ((lengths == 1) & (characters[starts] == ord("\r")))
    return np.flatnonzero(blank)


def put_together(
    columns: list[pa.StringArray],
    ragged: Sequence[tuple[int, str]],
    blank: npt.NDArray[np.int64],
    form: Form,
    caps: Caps,
) -> Grid | None:
    """Put ragged lines back among the regular ones, and no cells on blank lines; None at a cell that is too long."""
    if any(longest(column) > LONGEST_CELL for column in columns):
        return None
    try:
        rows = [next(form.reader([text]), []) for _, text in ragged]
    except csv.Error:
        return None
    n_lines = len(columns[0]) + len(rows)
    width = max([len(columns), *map(len, rows)])
    refuse_many_cells(n_lines, width, caps)
    columns += [pa.nulls(n_lines - len(rows), TEXT) for _ in range(width - len(columns))]
    places = np.array([number - 1 for number, _ in ragged], np.int64)
    source = np.zeros(n_lines, np.int64)
    regular = np.ones(n_lines, np.bool_)
    regular[places] = False
    source[regular] = np.arange(n_lines - len(rows))
    source[places] = n_lines - len(rows) + np.arange(len(rows))
    if rows:
        added = zip_longest(*rows, [None] * width)
        order = index_array(source)
        extra = [text_array(cells[:-1]) for cells in added]
        columns = [pa.concat_arrays([column, more]).take(order) for column, more in zip(columns, extra, strict=True)]
    if len(blank):
        held = np.ones(n_lines, np.bool_)
        held[blank] = False
        nothing = pa.nulls(n_lines, TEXT)
        columns = [pc.if_else(mask_array(held), column, nothing) for column in columns]
    return Grid(sheet=None, columns=tuple(columns), n_rows=n_lines)


def longest(column: pa.StringArray) -> int:
    """Give the bytes of a column's longest cell."""
    ends = np.frombuffer(column.buffers()[1], np.int32)[: len(column) + 1]
    return int(np.diff(ends).max(initial=0))


def read_line_by_line(text: str, form: Form, caps: Caps) -> Grid:
    """Read any file with Python's own reader, keeping the line on which each record starts."""
    columns: list[list[pa.StringArray]] = []
    numbers: list[int] = []
    block: list[list[str]] = []
    done = widest = 0
    for number, record in numbered(text, form):
        numbers.append(number)
        widest = max(widest, len(record))
        refuse_many_cells(len(numbers), widest, caps)
        block.append(record)
        if len(block) == ROWS_AT_ONCE:
            append(columns, block, done)
            done += len(block)
            block = []
    append(columns, block, done)
    line_numbers = np.array(numbers, np.int64)
    regular = np.array_equal(line_numbers, np.arange(1, len(numbers) + 1))
    return Grid(
        sheet=None,
        columns=tuple(pa.concat_arrays(parts) for parts in columns),
        n_rows=len(numbers),
        line_numbers=None if regular else line_numbers,
    )


def append(columns: list[list[pa.StringArray]], block: list[list[str]], done: int) -> None:
    """Add some records to the columns, those that are missing on either side filled with no cell."""
    cut = [text_array(cells[:-1]) for cells in zip_longest(*block, [None] * max(map(len, block), default=0))]
    while len(columns) < len(cut):
        columns.append([pa.nulls(done, TEXT)])
    for number, parts in enumerate(columns):
        parts.append(cut[number] if number < len(cut) else pa.nulls(len(block), TEXT))


def numbered(text: str, form: Form) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line on which it starts; Refusal at a cell that is longer than any is."""
    try:
        yield from records(list(io.StringIO(text, newline="")), form)
    except LongCell as long:
        raise Refusal("long_cell", row=long.line, limit=LONGEST_CELL) from long
