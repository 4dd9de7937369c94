"""`python -m loaders cells FILE`: the raw cells, as CSV."""

from __future__ import annotations

import argparse

from loaders.cells import print_cells
from loaders.command_endings import sparing
from wording import Language


def takes(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_argument("file", metavar="FILE")
    command.add_argument("--sheet")


def act(wanted: argparse.Namespace, language: Language) -> int:
    """Print one file's cells."""
    return sparing(wanted.file, language, lambda: print_cells(wanted.file, sheet=wanted.sheet))
