"""Prints a file's cells as CSV: its raw grid line for line, or its one table and, aside, all that is no record of it."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from loaders.files import read_book
from loaders.grid import Grid, Refusal
from loaders.tabulated import Row, Tabulated, tabulated
from wording import Language, say

SHOWN = 200  # characters of a line that is set aside


def print_cells(path: Path | str, sheet: str | None = None, out: TextIO | None = None) -> None:
    """Print the cells of a file's data sheet, or of the sheet named, to `out` (standard output without).

    A line of a delimited file has the cells that it has in the file; a workbook's rows all have the sheet's width.
    Raises Refusal.
    """
    grid = read_book(path, Path(path).name, sheet=sheet).grid
    csv.writer(out or sys.stdout, lineterminator="\n").writerows(held_rows(grid))


def print_table(path: Path | str, language: Language, sheet: str | None = None) -> None:
    """Print a file's table to standard output and all else, under its line number, to standard error.

    The table: comma, quotes where RFC 4180 needs them, UTF-8, line feeds; header rows joined to one; every record of
    one width, longer only where the file holds more. A file without a character is a table without a row.
    Raises Refusal.
    """
    try:
        table = table_of(path, sheet)
    except Refusal as refusal:
        if refusal.code != "empty_file":
            raise
        sys.stderr.write(say("cells.empty", language) + "\n")
        return
    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", errors="replace", newline="", write_through=True)
    try:
        write_table(table, out)
    finally:
        out.detach()  # standard output stays open
    sys.stderr.writelines(line + "\n" for line in told(table, language))


def table_of(path: Path | str, sheet: str | None = None) -> Tabulated:
    """Find the table of a file's data sheet, or of the sheet named. Raises Refusal."""
    grid = read_book(path, Path(path).name, sheet=sheet).grid
    numbers = grid.row_numbers.tolist()
    return tabulated([Row(line, cells) for line, cells in zip(numbers, held_rows(grid), strict=True)])


def write_table(table: Tabulated, out: TextIO) -> None:
    """Write a table as clean CSV."""
    writer = csv.writer(out, lineterminator="\n")
    if table.header:
        writer.writerow(fitted(table.names, table.width))
    writer.writerows(fitted(row.cells, table.width) for row in table.records)


def fitted(cells: list[str], width: int) -> list[str]:
    """Give a row its table's width: more empty cells behind it, or none beyond; cells that hold something all stay.

    >>> fitted(["a"], 2), fitted(["a", "b", ""], 2), fitted(["a", "b", "c"], 2)
    (['a', ''], ['a', 'b'], ['a', 'b', 'c'])
    """
    if len(cells) == width:
        return cells
    last = max((at for at, cell in enumerate(cells, start=1) if cell), default=0)
    return (cells + [""] * (width - len(cells)))[: max(width, last)]


def told(table: Tabulated, language: Language) -> Iterator[str]:
    """Tell of every line that is no record, and of the records that have another width, in the file's order."""
    lines = [(row.line, say(f"cells.aside.{why}", language), row) for row, why in table.aside]
    if len(table.header) > 1:
        lines += [(row.line, say("cells.header", language), row) for row in table.header]
    for row in table.records:
        if len(row.cells) != table.width:
            told_of = say("cells.width", language, found=len(row.cells), expected=table.width)
            lines.append((row.line, told_of, row))
    for line, reason, row in sorted(lines, key=lambda item: item[0]):
        text = " | ".join(" ".join(cell.split()) for cell in row.cells if cell.strip())
        yield f"{line}: {reason}" + (f": {text[:SHOWN]}" if text else "")


def held_rows(grid: Grid) -> Iterator[list[str]]:
    """Give each row's cells; a line of a delimited file has those that it has in the file."""
    for row in grid:
        if None not in row:
            yield row  # type: ignore[misc]
            continue
        end = len(row)
        if grid.cell_kinds is None:
            end = next((n for n in range(len(row), 0, -1) if row[n - 1] is not None), 0)
        yield [cell or "" for cell in row[:end]]
