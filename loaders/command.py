"""`python -m loaders cells|check|load`: the same understanding and the same words as the upload page."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import duckdb
from pydantic import ValidationError

from data.access import Forbidden, Refused
from data.engine import StoreDamaged, StoreHeld, StoreNewer
from data.gate import Conflict
from data.store import Store, open_store
from loaders import ingest, summary
from loaders.caps import caps
from loaders.cells import print_cells
from loaders.choices import Choices, RateChoice, SegmentHandling
from loaders.dates import DateOrder
from loaders.files import bytes_of
from loaders.grid import Refusal
from loaders.ingest import Understanding
from loaders.numbers import DecimalSign
from loaders.whom import UnknownPerson, who_loads
from wording import Language, known_language, pick_language, say

READ, REFUSED, HELD = 0, 2, 3
DECIMALS = {",": DecimalSign.COMMA, ".": DecimalSign.POINT, "comma": DecimalSign.COMMA, "point": DecimalSign.POINT}


class BadUsage(Exception):
    """A command line that cannot be understood: code and details of its message."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Unwritable(Exception):
    """What was found cannot be shown: the output's disk is full, for one. The record is as the command left it."""


class _Parser(argparse.ArgumentParser):
    """A parser whose every word comes from the catalogues."""

    def error(self, message: str) -> NoReturn:
        raise BadUsage("bad_usage", given=" ".join(sys.argv[1:]) or message)


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code: 0 read, 2 refused (one line on stderr), 3 the store is held."""
    language = _language_of(arguments)
    try:
        asks_help = bool(
            {"-h", "--help"} & set(arguments)
        )  # before anything else: a command alone would lack its files
        wanted = None if asks_help else _parser().parse_args(arguments)
        if wanted is None or wanted.command is None:
            _print(say("loaders.command.help", language))
            return READ if asks_help else REFUSED
        code = {"cells": _cells, "check": _check, "load": _load}[wanted.command](wanted, language)
        _print()
    except BrokenPipeError:
        return _leave_quietly()
    except Unwritable as error:
        _leave_quietly()
        return _refuse(say("loaders.command.unwritable", language, detail=str(error)))
    except BadUsage as error:
        return _refuse(say(f"loaders.command.{error.code}", language, **error.details))
    except ValidationError as error:
        name = ", ".join("ESSAIM_" + str(part["loc"][0]).upper() for part in error.errors() if part["loc"])
        return _refuse(say("loaders.command.bad_setting", language, name=name))
    except KeyboardInterrupt:
        return _refuse(say("shared.error.nothing_stored", language))
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="loaders", add_help=False)
    parser.add_argument("--language")
    commands = parser.add_subparsers(dest="command", parser_class=_Parser)
    for name in ("cells", "check", "load"):
        command = commands.add_parser(name, add_help=False)
        command.add_argument("--language", default=argparse.SUPPRESS)
        command.add_argument("files", nargs=1 if name == "cells" else "+", metavar="FILE")
        command.add_argument("--sheet")
        if name != "cells":
            _add_choices(command)
    commands.choices["check"].add_argument("--json", action="store_true")
    load = commands.choices["load"]
    load.add_argument("--as", dest="person")
    load.add_argument("--register", action="store_true")
    load.add_argument("--leave-out", action="store_true")
    load.add_argument("--reason", default="")
    return parser


def _add_choices(command: argparse.ArgumentParser) -> None:
    command.add_argument("--header", type=int)
    command.add_argument("--rate", action="append", default=[])
    command.add_argument("--segments", choices=[handling.value for handling in SegmentHandling])
    command.add_argument("--dates", choices=[order.value for order in DateOrder])
    command.add_argument("--decimal", choices=list(DECIMALS))
    command.add_argument("--year", type=int)
    command.add_argument("--site")


def _choices(wanted: argparse.Namespace) -> Choices:
    given: dict[str, Any] = {
        "sheet": wanted.sheet,
        "header_row": wanted.header,
        "rates": tuple(_rate(text) for text in wanted.rate) or None,
        "segments": wanted.segments,
        "date_order": wanted.dates,
        "decimal": DECIMALS.get(wanted.decimal or ""),
        "year": wanted.year,
        "site": wanted.site,
    }
    return Choices(**{name: value for name, value in given.items() if value is not None})


def _rate(text: str) -> RateChoice:
    above, slash, below = (part.strip() for part in text.partition("/"))
    if not (above and slash and below):
        raise BadUsage("bad_rate", given=text)
    return RateChoice(numerator=above, denominator=below)


# --- commands ---------------------------------------------------------------------------------------------------


def _cells(wanted: argparse.Namespace, language: Language) -> int:
    path = wanted.files[0]
    return _sparing(path, language, lambda: print_cells(path, sheet=wanted.sheet))


def _check(wanted: argparse.Namespace, language: Language) -> int:
    choices, found, code = _choices(wanted), [], READ
    for path in wanted.files:

        def check(path: str = path) -> None:
            understanding = ingest.understand(path, _name(path), choices=choices)
            if wanted.json:
                found.append(summary.as_data(understanding, language))
            else:
                _print(*summary.understood_lines(understanding, language))

        def refused(refusal: Refusal, path: str = path) -> None:
            found.append(summary.refused_data(_name(path), refusal, language))

        code = max(code, _sparing(path, language, check, refused))
    if wanted.json:
        _print(json.dumps(found, ensure_ascii=False, indent=1))
    return code


def _load(wanted: argparse.Namespace, language: Language) -> int:
    choices = _choices(wanted)
    try:
        store = open_store()
    except StoreHeld as held:
        return _refuse(say("shared.error.store_held", language, holder=held.holder), HELD)
    except (StoreDamaged, StoreNewer) as problem:
        name = "store_damaged" if isinstance(problem, StoreDamaged) else "store_newer"
        return _refuse(say(f"shared.error.{name}", language))
    except (OSError, duckdb.Error) as error:
        return _refuse(say("loaders.command.disk", language, detail=type(error).__name__))
    try:
        code = READ
        for path in wanted.files:
            code = max(code, _sparing(path, language, partial(_load_one, path, wanted, choices, store, language)))
        return code
    finally:
        with contextlib.suppress(duckdb.Error):
            store.close()


def _load_one(path: str, wanted: argparse.Namespace, choices: Choices, store: Store, language: Language) -> None:
    data = bytes_of(Path(path), caps())
    if choices == Choices():
        before = ingest.seen_before(store, ingest.hash_of(data))
        if before is not None:
            _print(summary.unchanged_line(_name(path), ingest.day_loaded(before, store), language))
            return
    understanding: Understanding = ingest.understand(data, _name(path), store, choices=choices)
    ingest.refuse_unready(understanding, register=wanted.register, leave_out=wanted.leave_out)
    actor, founded = who_loads(store, wanted.person, language)
    report = ingest.load(
        understanding, store, actor, register=wanted.register, reason=wanted.reason, leave_out=wanted.leave_out
    )
    if founded is not None:
        _print(say("loaders.command.first_person", language, name=founded))
    if report.changed:
        _print(*summary.understood_lines(understanding, language))
    _print(*summary.loaded_lines(report, language))


# --- endings ----------------------------------------------------------------------------------------------------


def _name(path: str) -> str:
    """Give a file's name as text; bytes that are no text become U+FFFD."""
    return os.fsencode(Path(path).name).decode("utf-8", "replace")


def _sparing(
    path: str, language: Language, act: Callable[[], None], refused: Callable[[Refusal], None] | None = None
) -> int:
    """Do one file's work; whatever goes wrong ends in one sentence that names the file."""
    name = _name(path)
    try:
        act()
    except (BrokenPipeError, Unwritable):
        raise
    except Refusal as refusal:
        if refused is not None:
            refused(refusal)
        return _refuse_file(name, summary.refused_sentence(refusal, language), language)
    except UnknownPerson as unknown:
        return _refuse(say(f"loaders.command.{unknown.code}", language, name=unknown.name))
    except Forbidden as forbidden:
        return _refuse_file(
            name, say("shared.error.forbidden_act", language, permission=forbidden.permission), language
        )
    except Refused as refused_by_record:
        return _refuse_file(
            name, say(f"refused.{refused_by_record.code}", language, **refused_by_record.details), language
        )
    except Conflict:
        return _refuse_file(name, say("shared.error.conflict", language), language)
    except (OSError, duckdb.FatalException) as error:
        return _refuse(say("loaders.command.disk", language, detail=type(error).__name__))
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, never a traceback
        return _refuse(say("loaders.command.unexpected", language, file=name, kind=type(error).__name__))
    return READ


def _refuse_file(name: str, sentence: str, language: Language) -> int:
    return _refuse(say("loaders.command.refused", language, file=name, sentence=sentence))


def _refuse(sentence: str, code: int = REFUSED) -> int:
    with contextlib.suppress(OSError):
        sys.stderr.write(" ".join(sentence.split()) + "\n")
    return code


def _print(*lines: str) -> None:
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unwritable(type(error).__name__) from error


def _leave_quietly() -> int:
    """End as a reader that stopped listening expects: nothing more is written."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READ


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
