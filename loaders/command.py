"""`python -m loaders …`: the same understanding and the same words as the upload page."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from pydantic import ValidationError

from loaders.command_endings import (
    HELD,
    READ,
    REFUSED,
    BadUsage,
    Unwritable,
    leave_quietly,
    print_lines,
    refuse,
)
from wording import Language, known_language, pick_language, say

__all__ = ["COMMANDS", "HELD", "READ", "REFUSED", "run"]

# loaders.command_<name> has `takes(parser)` and `act(wanted, language) -> exit code`; commands.po has its words.
COMMANDS = ("cells", "check", "load", "undo", "template", "sources")


class _Parser(argparse.ArgumentParser):
    """A parser whose every word comes from the catalogues."""

    def error(self, message: str) -> NoReturn:
        raise BadUsage("bad_usage", given=" ".join(sys.argv[1:]) or message)


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code: 0 read, 2 refused (one line on stderr), 3 the store is held."""
    language = _language_of(arguments)
    try:
        name, rest = _command_in(arguments)
        if {"-h", "--help"} & set(arguments):  # before anything else: a command alone would lack its files
            print_lines(*_help(name, language))
            return READ
        if name is None:
            print_lines(*_help(None, language))
            return REFUSED
        code = _act(name, rest, language)
        print_lines()
    except BrokenPipeError:
        return leave_quietly()
    except Unwritable as error:
        leave_quietly()
        return refuse(say("loaders.command.unwritable", language, detail=str(error)))
    except BadUsage as error:
        return refuse(say(f"loaders.command.{error.code}", language, **error.details))
    except ValidationError as error:
        name = ", ".join("ESSAIM_" + str(part["loc"][0]).upper() for part in error.errors() if part["loc"])
        return refuse(say("loaders.command.bad_setting", language, name=name))
    except KeyboardInterrupt:
        return refuse(say("shared.error.nothing_stored", language))
    return code


def _act(name: str, rest: Sequence[str], language: Language) -> int:
    if name not in COMMANDS:
        raise BadUsage("bad_usage", given=" ".join([name, *rest]))
    command = importlib.import_module(f"loaders.command_{name}")
    parser = _Parser(prog=f"loaders {name}", add_help=False, allow_abbrev=False)
    parser.add_argument("--language")
    command.takes(parser)
    code: int = command.act(parser.parse_args(rest), language)
    return code


def _command_in(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Split a command line into the command's name and the rest; --language may stand before the name."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        at += 2 if arguments[at] == "--language" else 1
    if at >= len(arguments):
        return None, list(arguments)
    return arguments[at], [*arguments[:at], *arguments[at + 1 :]]


def _help(name: str | None, language: Language) -> list[str]:
    if name in COMMANDS:
        options = [say("commands.help.choices", language)] if name in ("check", "load") else []
        return [say(f"commands.help.{name}", language), *options, say("commands.exit", language)]
    lines = [say(f"commands.line.{command}", language) for command in COMMANDS]
    return [say("commands.help", language), *lines, "", say("commands.more", language), say("commands.exit", language)]


def _language_of(arguments: Sequence[str]) -> Language:
    """Find the language: --language, ESSAIM_LANGUAGE, then LANG."""
    asked = None
    for position, argument in enumerate(arguments):
        if argument == "--language" and position + 1 < len(arguments):
            asked = arguments[position + 1]
        elif argument.startswith("--language="):
            asked = argument.partition("=")[2]
    chosen = known_language(asked) or known_language(os.environ.get("ESSAIM_LANGUAGE"))
    return chosen or pick_language(asked=os.environ.get("LC_ALL") or os.environ.get("LANG"))
