"""What an administrator does from the command line: `python -m pages.admin.commands backup|verify|restore|found`.

Each works on the store of ESSAIM_STORE while the app is stopped. Exit 0 done, 2 refused, 3 a process holds the store.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from data import engine
from data.access import Refused
from data.people import first_person
from data.restoring import contents, restore
from data.settings import settings
from data.store import StoreDamaged, StoreHeld, StoreProblem, open_store, utc_now
from pages.shared.refusals import refused_words
from pages.web.starting import problem_words
from wording import Language, known_language, pick_language, say

DONE, REFUSED, HELD = 0, 2, 3


class _BadUsage(Exception):
    """A command line that cannot be understood."""


class _Parser(argparse.ArgumentParser):
    """A parser whose every word comes from the catalogues."""

    def error(self, message: str) -> NoReturn:
        raise _BadUsage(message)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong ends in one sentence on stderr."""
    language = _language_of(arguments)
    if not arguments or {"-h", "--help"} & set(arguments):
        print(say("admin.command.help", language))
        return DONE if arguments else REFUSED
    try:
        wanted = _parser().parse_args(arguments)
        act = {"backup": _backup, "verify": _verify, "restore": _restore, "found": _found}[wanted.command]
        print(act(wanted, language))
    except _BadUsage:
        return _refuse(say("admin.command.bad_usage", language, given=" ".join(arguments)))
    except StoreHeld as held:
        return _refuse(problem_words(held, language), HELD)
    except (StoreProblem, ValidationError) as problem:
        return _refuse(_words(problem, arguments[0], language))
    except Refused as refusal:
        return _refuse(refused_words(refusal, language))
    except FileExistsError as error:
        return _refuse(say("admin.command.file_exists", language, file=error.args[0]))
    except OSError as error:
        return _refuse(say("admin.command.disk", language, detail=type(error).__name__))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="commands", add_help=False)
    parser.add_argument("--language")
    commands = parser.add_subparsers(dest="command", parser_class=_Parser, required=True)
    commands.add_parser("backup", add_help=False).add_argument("path", nargs="?", type=Path)
    commands.add_parser("verify", add_help=False).add_argument("path", nargs="?", type=Path)
    commands.add_parser("restore", add_help=False).add_argument("path", type=Path)
    found = commands.add_parser("found", add_help=False)
    found.add_argument("name")
    for option in ("--email", "--issuer", "--subject"):
        found.add_argument(option)
    for command in commands.choices.values():
        command.add_argument("--language", default=argparse.SUPPRESS)
    return parser


def _backup(wanted: argparse.Namespace, language: Language) -> str:
    """Copy the record into a file and read that file through."""
    _must_exist()
    store = open_store()
    try:
        store.seal()
        copied = store.backup(wanted.path)
    finally:
        store.close()
    return say("admin.command.backed_up", language, file=copied, **_counted(copied))


def _verify(wanted: argparse.Namespace, language: Language) -> str:
    """Read a backup, or the store itself, from end to end."""
    if wanted.path is not None:
        return say("admin.command.verified", language, file=wanted.path, **_counted(wanted.path))
    where = _must_exist()
    if where.lake is None:
        return say("admin.command.verified", language, file=where.catalogue, **_counted(Path(where.catalogue)))
    store = open_store()
    try:
        bad = store.verify_audit()
    finally:
        store.close()
    if bad is not None:
        raise StoreDamaged(where.catalogue, bad.reason)
    return say("admin.command.chain_holds", language, file=where.catalogue)


def _restore(wanted: argparse.Namespace, language: Language) -> str:
    """Put a backup in the store's place."""
    where = engine.address(settings().store_url)
    if where.lake is not None or where.in_memory:
        raise Refused("restore_needs_a_file")
    _, aside = restore(wanted.path, where, utc_now())
    open_store().close()  # forward to this version's schema, and proof that it opens
    told = say("admin.command.restored", language, file=where.catalogue, **_counted(Path(where.catalogue)))
    return told if aside is None else f"{told} {say('admin.command.set_aside', language, file=aside)}"


def _found(wanted: argparse.Namespace, language: Language) -> str:
    """Register the first person of an empty register, with the account they sign in with."""
    store = open_store()
    try:
        person = first_person(store, wanted.name, wanted.email, language, issuer=wanted.issuer, subject=wanted.subject)
    finally:
        store.close()
    return say("admin.command.founded", language, name=person.name)


def _must_exist() -> engine.Address:
    """Give the store's address; a command that only reads makes no store."""
    where = engine.address(settings().store_url)
    if not Path(where.catalogue).exists():
        raise StoreDamaged(where.catalogue, "no such file")
    return where


def _counted(path: Path) -> dict[str, str]:
    found = contents(path)
    return {"changes": str(found.changes), "values": str(found.observations), "head": found.head.hash[:16]}


def _words(problem: StoreProblem | ValidationError, command: str, language: Language) -> str:
    if not isinstance(problem, StoreDamaged):
        return problem_words(problem, language)
    if problem.detail == "no such file":
        return say("admin.command.no_file", language, file=problem.place)
    word = "backup_damaged" if command in ("restore", "verify") else "store_damaged"
    return say(f"admin.command.{word}", language, file=problem.place)


def _refuse(sentence: str, code: int = REFUSED) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return code


def _language_of(arguments: Sequence[str]) -> Language:
    """Find the language: --language, ESSAIM_LANGUAGE, then LANG."""
    given = [*arguments, ""]
    asked = given[given.index("--language") + 1] if "--language" in given else os.environ.get("ESSAIM_LANGUAGE")
    own = os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return known_language(asked) or pick_language(accept=own.partition(".")[0])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
