"""`python -m loaders cells [--table] FILE`: the raw cells as CSV, or the table in them."""

from __future__ import annotations

import argparse

from loaders.cells import print_cells, print_table
from loaders.command_endings import sparing
from wording import Language


def takes(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_argument("file", metavar="FILE")
    command.add_argument("--sheet")
    command.add_argument("--table", action="store_true")


def act(wanted: argparse.Namespace, language: Language) -> int:
    """Print one file's cells, or its table."""
    if wanted.table:
        return sparing(wanted.file, language, lambda: print_table(wanted.file, language, sheet=wanted.sheet))
    return sparing(wanted.file, language, lambda: print_cells(wanted.file, sheet=wanted.sheet))
