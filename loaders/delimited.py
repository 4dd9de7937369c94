"""Turns a delimited text file into a grid: every line kept, under its own line number."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

import numpy as np
import pyarrow as pa

from loaders.arrays import TEXT, text_array
from loaders.caps import Caps
from loaders.decoding import decoded, nonempty
from loaders.dialects import cut_lines, find_form
from loaders.grid import Dialect, Grid, Refusal
from loaders.records import LONGEST_CELL, Form, LongCell, records
from loaders.regular import line_ends, read_regular, refuse_many_cells
from loaders.signatures import refuse_binary
from loaders.spare_memory import give_back
from loaders.standins import rewriting

ROWS_AT_ONCE = 50_000
BEGINNING = 1 << 16  # characters that show how wide lines usually are
LINES_OF_BEGINNING = 200
LOOKED_AT = 1 << 20  # bytes at either end that show whether this is text
MARK = len(b"\xef\xbb\xbf")  # of UTF-8


def read_delimited(data: bytes, caps: Caps) -> tuple[Grid, Dialect]:
    """Read a delimited file's bytes.

    Raises Refusal for what is not text, and beyond the limits.
    """
    text, encoding, replaced = decoded(data)
    nonempty(text)
    form = find_form(text)
    dialect = Dialect(form.delimiter, form.quote, form.escape, encoding, replaced)
    rewritten = rewriting(form, text)
    width = usual_width(rewritten.text(text[:BEGINNING]), rewritten.form)
    if encoding in ("utf-8", "utf-8-sig") and not replaced and not rewritten.changes:
        raw = data.rstrip(b"\0") if encoding == "utf-8" else data[MARK:]
    else:
        raw = rewritten.text(text).encode("utf-8", "replace")
    refuse_binary(raw[:LOOKED_AT] + raw[-LOOKED_AT:])
    del text  # as long as the file, and seldom needed again
    ends = line_ends(raw)
    if ends.feeds + ends.lone > caps.rows:
        raise Refusal("too_many_rows", found=ends.feeds + ends.lone, limit=caps.rows)
    grid = read_regular(raw, rewritten.form, width, caps, ends)
    if grid is None:
        grid = read_line_by_line(raw.decode("utf-8", "replace"), rewritten.form, width, caps)
    if rewritten.changes:
        grid = replace(grid, columns=tuple(rewritten.column(column) for column in grid.columns))
    give_back(len(data))
    return grid, dialect


def usual_width(beginning: str, form: Form) -> int:
    """Give the width that most of the first lines have, in cells. form: as `records` takes it."""
    lines = cut_lines(beginning)[:LINES_OF_BEGINNING]
    try:
        widths = [len(row) for _, row in records(lines, form) if row]
    except csv.Error:
        return 1
    return max(set(widths), key=widths.count) if widths else 1


def read_line_by_line(text: str, form: Form, width: int, caps: Caps) -> Grid:
    """Read any file record by record, keeping the line on which each starts. form: as `records` takes it."""
    columns: list[list[pa.StringArray]] = []
    numbers: list[int] = []
    block: list[list[str]] = []
    done = widest = 0
    for number, record in numbered(text, form, width):
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


def numbered(text: str, form: Form, width: int) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line on which it starts; Refusal at a cell that is longer than any is."""
    try:
        yield from records(cut_lines(text), form, width)
    except LongCell as long:
        raise Refusal("long_cell", row=long.line, limit=LONGEST_CELL) from long
