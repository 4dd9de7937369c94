"""How every command ends: in an exit code, and in sentences instead of tracebacks."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from data.access import Forbidden, Refused
from data.engine import StoreDamaged, StoreHeld, StoreNewer
from data.gate import Conflict
from data.store import Store, open_store
from loaders import summary
from loaders.grid import Refusal
from loaders.ingest import FaultsRefusal
from loaders.whom import UnknownPerson
from wording import Language, say

READ, REFUSED, HELD = 0, 2, 3


class BadUsage(Exception):
    """A command line that cannot be understood: code and details of its message."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Unwritable(Exception):
    """What was found cannot be shown: the output's disk is full, for one. The record is as the command left it."""


class ToldAlready(Exception):
    """The command ends refused, with this sentence as its one line of error."""


def sparing(
    path: str, language: Language, act: Callable[[], None], refused: Callable[[Refusal], None] | None = None
) -> int:
    """Do one file's work; whatever goes wrong ends in one sentence that names the file."""
    name = name_of(path)
    try:
        act()
    except (BrokenPipeError, Unwritable, BadUsage):
        raise
    except Refusal as refusal:
        if refused is not None:
            refused(refusal)
        return refuse_file(name, _with_options(refusal, language), language)
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, never a traceback
        return _ended(error, name, language)
    return READ


def _with_options(refusal: Refusal, language: Language) -> str:
    """Word a refusal, and name the options of this command where they are the way out."""
    said = summary.refused_sentence(refusal, language)
    if isinstance(refusal, FaultsRefusal) and refusal.fault.code == "unknown_site":
        return f"{said} {say('commands.unknown_site', language)}"
    return said


def _ended(error: Exception, name: str, language: Language) -> int:
    match error:
        case ToldAlready():
            return refuse_file(name, str(error), language)
        case UnknownPerson():
            return refuse(say(f"loaders.command.{error.code}", language, name=error.name))
        case Forbidden():
            act = say("shared.error.forbidden_act", language, permission=error.permission)
            return refuse_file(name, act, language)
        case Refused():
            return refuse_file(name, say(f"refused.{error.code}", language, **error.details), language)
        case Conflict():
            return refuse_file(name, say("shared.error.conflict", language), language)
        case OSError() | duckdb.FatalException():
            return refuse(say("loaders.command.disk", language, detail=type(error).__name__))
        case _:
            return refuse(say("loaders.command.unexpected", language, file=name, kind=type(error).__name__))


def _store_problem(problem: Exception, language: Language) -> int:
    """Say why the store cannot be opened."""
    match problem:
        case StoreHeld():
            return refuse(say("commands.store_held", language, holder=problem.holder), HELD)
        case StoreDamaged() | StoreNewer():
            name = "store_damaged" if isinstance(problem, StoreDamaged) else "store_newer"
            return refuse(say(f"shared.error.{name}", language))
        case _:
            return refuse(say("loaders.command.disk", language, detail=type(problem).__name__))


_STORE_PROBLEMS = (StoreHeld, StoreDamaged, StoreNewer, OSError, duckdb.Error)


def in_store(language: Language, act: Callable[[Store], int]) -> int:
    """Open the store for a command, do its work there, and close the store whatever came of it."""
    try:
        store = open_store()
    except _STORE_PROBLEMS as problem:
        return _store_problem(problem, language)
    try:
        return act(store)
    finally:
        with contextlib.suppress(duckdb.Error):
            store.close()


def name_of(path: str) -> str:
    """Give a file's name as text; bytes that are no text become U+FFFD."""
    return os.fsencode(Path(path).name).decode("utf-8", "replace")


def refuse_file(name: str, sentence: str, language: Language) -> int:
    """End refused, naming the file."""
    return refuse(say("loaders.command.refused", language, file=name, sentence=sentence))


def refuse(sentence: str, code: int = REFUSED) -> int:
    """End refused, with one line of error."""
    with contextlib.suppress(OSError):
        sys.stderr.write(" ".join(sentence.split()) + "\n")
    return code


def print_lines(*lines: str) -> None:
    """Print lines. Raises Unwritable when they cannot be."""
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unwritable(type(error).__name__) from error


def leave_quietly() -> int:
    """End as a reader that stopped listening expects: nothing more is written."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READ
