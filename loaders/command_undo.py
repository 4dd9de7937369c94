"""`python -m loaders undo LOAD`: take a whole load back, or see first what that would do."""

from __future__ import annotations

import argparse

from data import records
from data.observations import undo_load
from data.store import Store
from data.types import Batch
from loaders import command_remote
from loaders.command_endings import BadUsage, in_store, print_lines, sparing
from loaders.undoing import undo_lines
from loaders.whom import who_loads
from wording import Language, say


def takes(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_argument("batch", metavar="LOAD")
    command.add_argument("--as", dest="person")
    command.add_argument("--preview", action="store_true")
    command.add_argument("--reason", default="")


def act(wanted: argparse.Namespace, language: Language) -> int:
    """Undo a load, in this store or through the app that holds it."""
    app = command_remote.running_app()
    if app is not None:
        return sparing(wanted.batch, language, lambda: command_remote.undo(app, wanted, language))
    return in_store(language, lambda store: sparing(wanted.batch, language, lambda: _undo(store, wanted, language)))


def _undo(store: Store, wanted: argparse.Namespace, language: Language) -> None:
    with store.read() as cursor:
        batch = records.one(cursor, Batch, wanted.batch)
    if batch is None:
        raise BadUsage("unknown_load", given=wanted.batch)
    if wanted.preview:
        print_lines(*undo_lines(store, batch, language))
        return
    actor, _ = who_loads(store, wanted.person, language)
    undo_load(store, actor, batch.id, wanted.reason)
    print_lines(say("keepers.undo.done", language, file=batch.file_name))
