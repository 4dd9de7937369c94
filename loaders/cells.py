"""Prints a file's raw grid as CSV: every source line a row, nothing dropped, nothing understood."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from loaders.files import read_book
from loaders.grid import Grid


def print_cells(path: Path | str, sheet: str | None = None, out: TextIO | None = None) -> None:
    """Print the cells of a file's data sheet, or of the sheet named, to `out` (standard output without).

    A line of a delimited file has the cells that it has in the file; a workbook's rows all have the sheet's width.
    Raises Refusal.
    """
    import sys

    grid = read_book(path, Path(path).name, sheet=sheet).grid
    write_cells(grid, out or sys.stdout)


def write_cells(grid: Grid, out: TextIO) -> None:
    """Write a grid as CSV."""
    writer = csv.writer(out, lineterminator="\n")
    for row in grid:
        held = row
        if grid.cell_kinds is None:
            held = row[: next((n for n in range(len(row), 0, -1) if row[n - 1] is not None), 0)]
        writer.writerow(held)
