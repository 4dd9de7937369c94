"""`python -m loaders load FILE…`: understand files and store them, here or through the app that holds the store."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from data.store import Store
from loaders import command_choices, command_remote, ingest, summary
from loaders.caps import caps
from loaders.choices import Choices
from loaders.command_check import column_lines
from loaders.command_endings import READ, in_store, name_of, print_lines, sparing
from loaders.files import bytes_of
from loaders.ingest import Understanding
from loaders.site_choices import with_site_ids
from loaders.whom import who_loads
from wording import Language, say


def takes(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_argument("files", nargs="+", metavar="FILE")
    command_choices.takes(command)
    command.add_argument("--as", dest="person")
    command.add_argument("--site-is", action="append", default=[])
    command.add_argument("--register", action="store_true")
    command.add_argument("--leave-out", action="store_true")
    command.add_argument("--reason", default="")
    command.add_argument("--verbose", action="store_true")


def act(wanted: argparse.Namespace, language: Language) -> int:
    """Load each file whole or not at all; the worst ending counts."""
    choices = command_choices.with_sites(command_choices.choices_of(wanted), wanted.site_is)
    app = command_remote.running_app()
    if app is not None:
        return max(
            sparing(path, language, partial(command_remote.load, app, path, wanted, choices, language))
            for path in wanted.files
        )

    def load_all(store: Store) -> int:
        endings = (
            sparing(path, language, partial(_load, path, wanted, choices, store, language)) for path in wanted.files
        )
        return max([READ, *endings])

    return in_store(language, load_all)


def _load(path: str, wanted: argparse.Namespace, choices: Choices, store: Store, language: Language) -> None:
    data = bytes_of(Path(path), caps())
    if choices == Choices():
        before = ingest.seen_before(store, ingest.hash_of(data))
        if before is not None:
            print_lines(summary.unchanged_line(name_of(path), ingest.day_loaded(before, store), language))
            return
    with store.read() as cursor:
        choices = with_site_ids(choices, cursor)
    understanding: Understanding = ingest.understand(data, name_of(path), store, choices=choices)
    ingest.refuse_unready(understanding, register=wanted.register, leave_out=wanted.leave_out)
    actor, founded = who_loads(store, wanted.person, language)
    report = ingest.load(
        understanding, store, actor, register=wanted.register, reason=wanted.reason, leave_out=wanted.leave_out
    )
    if founded is not None:
        print_lines(say("loaders.command.first_person", language, name=founded))
    if report.changed:
        print_lines(*summary.understood_lines(understanding, language))
        if wanted.verbose:
            print_lines(*column_lines(understanding, language))
    print_lines(*summary.loaded_lines(report, language))
    if report.changed:
        print_lines(say("commands.batch", language, id=report.batch.id))
