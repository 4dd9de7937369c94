"""The options by which a command line decides how a file is read: the same choices as on the upload page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from loaders.choices import Choices, ColumnRole, LayoutKind, RateChoice, SectionHandling, SegmentHandling
from loaders.command_endings import BadUsage
from loaders.dates import DateOrder
from loaders.numbers import DecimalSign

DECIMALS = {",": DecimalSign.COMMA, ".": DecimalSign.POINT, "comma": DecimalSign.COMMA, "point": DecimalSign.POINT}


def takes(command: argparse.ArgumentParser) -> None:
    """Add the options to a command."""
    command.add_argument("--sheet")
    command.add_argument("--header", type=int)
    command.add_argument("--rate", action="append", default=[])
    command.add_argument("--segments", choices=[handling.value for handling in SegmentHandling])
    command.add_argument("--dates", choices=[order.value for order in DateOrder])
    command.add_argument("--decimal", choices=list(DECIMALS))
    command.add_argument("--year", type=int)
    command.add_argument("--fiscal-start", type=int, choices=range(1, 13))
    command.add_argument("--site")
    command.add_argument("--period")
    command.add_argument("--table", type=int)
    command.add_argument("--layout", choices=[kind.value for kind in LayoutKind])
    command.add_argument("--sections", choices=[handling.value for handling in SectionHandling])
    command.add_argument("--role", action="append", default=[])


def choices_of(wanted: argparse.Namespace) -> Choices:
    """Read the choices made. Raises BadUsage for a rate or a role that is none."""
    given: dict[str, Any] = {
        "sheet": wanted.sheet,
        "header_row": wanted.header,
        "rates": tuple(_rate(text) for text in wanted.rate) or None,
        "segments": wanted.segments,
        "date_order": wanted.dates,
        "decimal": DECIMALS.get(wanted.decimal or ""),
        "year": wanted.year,
        "fiscal_start": wanted.fiscal_start,
        "site": wanted.site,
        "period": wanted.period,
        "table": wanted.table,
        "layout": wanted.layout,
        "sections": wanted.sections,
        "roles": dict(_role(text) for text in wanted.role) or None,
    }
    return Choices(**{name: value for name, value in given.items() if value is not None})


def with_sites(choices: Choices, given: Sequence[str]) -> Choices:
    """Add which site of the record each name of the file means. Raises BadUsage for what is no NAME=SITE."""
    sites = {}
    for text in given:
        name, equals, site = (part.strip() for part in text.partition("="))
        if not (name and equals and site):
            raise BadUsage("bad_site", given=text)
        sites[name] = site
    return choices.model_copy(update={"sites": sites}) if sites else choices


def _role(text: str) -> tuple[str, ColumnRole]:
    column, equals, role = (part.strip() for part in text.rpartition("="))
    if not (column and equals and role in set(ColumnRole)):
        raise BadUsage("bad_role", given=text)
    return column, ColumnRole(role)


def _rate(text: str) -> RateChoice:
    above, slash, below = (part.strip() for part in text.partition("/"))
    if not (above and slash and below):
        raise BadUsage("bad_rate", given=text)
    return RateChoice(numerator=above, denominator=below)
