"""`python -m loaders template SITE`: a workbook for a site to fill in."""

from __future__ import annotations

import argparse
from pathlib import Path

from data.sites import site_named
from data.store import Store
from loaders.command_endings import BadUsage, in_store, print_lines, sparing
from loaders.template import template
from wording import Language, say


def takes(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_argument("site", metavar="SITE")
    command.add_argument("--out")


def act(wanted: argparse.Namespace, language: Language) -> int:
    """Write the template, beside where the command runs unless told where."""
    return in_store(language, lambda store: sparing(wanted.site, language, lambda: _template(store, wanted, language)))


def _template(store: Store, wanted: argparse.Namespace, language: Language) -> None:
    with store.read() as cursor:
        site = site_named(cursor, wanted.site)
    if site is None:
        raise BadUsage("unknown_site", given=wanted.site)
    plain = "".join(sign if sign.isalnum() else "-" for sign in site.name).strip("-")
    path = Path(wanted.out or f"{say('templates.file', language)}-{plain}.xlsx")
    path.write_bytes(template(store, site.id, language, store.today()))
    print_lines(say("templates.made", language, file=str(path)))
