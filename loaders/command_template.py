"""`python -m loaders template SITE`: a workbook for a site to fill in."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

import duckdb

from data.sites import site_named
from data.store import Store, open_store
from loaders.command_endings import STORE_PROBLEMS, BadUsage, print_lines, sparing, store_problem
from loaders.template import template
from wording import Language, say


def takes(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_argument("site", metavar="SITE")
    command.add_argument("--out")


def act(wanted: argparse.Namespace, language: Language) -> int:
    """Write the template, beside where the command runs unless told where."""
    try:
        store = open_store()
    except STORE_PROBLEMS as problem:
        return store_problem(problem, language)
    try:
        return sparing(wanted.site, language, lambda: _template(store, wanted, language))
    finally:
        with contextlib.suppress(duckdb.Error):
            store.close()


def _template(store: Store, wanted: argparse.Namespace, language: Language) -> None:
    with store.read() as cursor:
        site = site_named(cursor, wanted.site)
    if site is None:
        raise BadUsage("unknown_site", given=wanted.site)
    plain = "".join(sign if sign.isalnum() else "-" for sign in site.name).strip("-")
    path = Path(wanted.out or f"{say('templates.file', language)}-{plain}.xlsx")
    path.write_bytes(template(store, site.id, language, store.today()))
    print_lines(say("templates.made", language, file=str(path)))
