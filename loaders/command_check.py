"""`python -m loaders check FILE…`: understand files without storing anything."""

from __future__ import annotations

import argparse
import json
from typing import Any

from loaders import command_choices, ingest, summary
from loaders.choices import Choices
from loaders.command_endings import READ, ToldAlready, name_of, print_lines, sparing
from loaders.grid import Refusal
from loaders.ingest import Understanding
from wording import Language, say


def takes(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_argument("files", nargs="+", metavar="FILE")
    command_choices.takes(command)
    command.add_argument("--json", action="store_true")
    command.add_argument("--verbose", action="store_true")


def act(wanted: argparse.Namespace, language: Language) -> int:
    """Check each file; a file that could not be loaded as it is ends refused, after all that was understood."""
    choices, found, code = command_choices.choices_of(wanted), list[dict[str, Any]](), READ
    for path in wanted.files:
        code = max(code, _check(path, wanted, choices, found, language))
    if wanted.json:
        print_lines(json.dumps(found, ensure_ascii=False, indent=1))
    return code


def _check(
    path: str, wanted: argparse.Namespace, choices: Choices, found: list[dict[str, Any]], language: Language
) -> int:
    def check() -> None:
        understanding = ingest.understand(path, name_of(path), choices=choices)
        if wanted.json:
            found.append(summary.as_data(understanding, language))
        else:
            print_lines(*summary.understood_lines(understanding, language))
            if wanted.verbose:
                print_lines(*column_lines(understanding, language))
        _refuse_unready(understanding, language)

    def refused(refusal: Refusal) -> None:
        found.append(summary.refused_data(name_of(path), refusal, language))

    return sparing(path, language, check, refused)


def _refuse_unready(understanding: Understanding, language: Language) -> None:
    """End the file as refused, after its findings were shown, when it could not be loaded as it is."""
    try:
        ingest.refuse_unready(understanding)
    except Refusal as refusal:
        raise ToldAlready(summary.refused_sentence(refusal, language)) from refusal


def column_lines(understanding: Understanding, language: Language) -> list[str]:
    """Say what each column was taken for, and why."""
    return [
        say(
            "commands.column", language, column=reading.column.shown,
            role=say(f"loaders.role.{reading.role.value}", language),
            reason=say(f"loaders.reason.{reading.reason}", language),
        )
        for reading in understanding.interpretation.mapping.columns
    ]  # fmt: skip
