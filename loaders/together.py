"""Sheets that are one table: one a site, a period or a metric, named by the sheet, and read together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from data.types import Fault, Severity
from loaders.checks import Known
from loaders.choices import Choices
from loaders.dates import NoPeriod, Period, read_period
from loaders.findings import Interpretation
from loaders.grid import Book, Grid, Refusal
from loaders.interpret import interpret, layout_of
from loaders.joined import joined
from loaders.layout import Layout
from loaders.likeness import Likeness, likeness
from loaders.mapping import fingerprint
from loaders.melt import year_in
from loaders.wholes import says_nothing

FEWEST_NUMBERS = 2  # fewer are no table worth a word
MOST_SHEETS = 400


class SheetsAre(Enum):
    """What the names of sheets that are read together stand for."""

    SITES = "site"
    PERIODS = "period"
    METRICS = "metric"
    PARTS = "part"  # of one table, whose own columns say everything


@dataclass(frozen=True, eq=False)
class ReadTogether:
    """What was read: the interpretation, and the names of its sheets when there are several."""

    interpretation: Interpretation
    sheets: tuple[str, ...] = ()


def interpret_sheets(
    book: Book, grid: Grid, choices: Choices, known: Known, *, layout: Layout, remembered: Collection[str] = ()
) -> ReadTogether:
    """Understand a sheet and the visible ones that have the same headings; a sheet that was chosen is read alone.

    Sheets that hold other tables, or the same table of something that their names do not tell, are mentioned.
    Raises Refusal when there is nothing to read in the first.
    """
    first = interpret(book, grid, choices, known, layout=layout, remembered=remembered)
    if choices.sheet is not None or len(book.grids) < 2 or grid.sheet is None:
        return ReadTogether(first)
    alike, others = _sheets_alike(book, grid, choices, layout)
    kind = _what_sheets_are([grid.sheet, *alike], first, choices, known, layout, book) if alike else None
    if kind is None:
        return ReadTogether(_mentioning(first, [*alike, *others]))
    names = [sheet.name for sheet in book.sheets if sheet.name == grid.sheet or sheet.name in alike]
    parts = _parts(book, names, choices, known, kind, first)
    whole = joined(parts, names, known, rename=kind is SheetsAre.METRICS)
    if kind is SheetsAre.PARTS and _contradict(parts, whole):
        return ReadTogether(_mentioning(first, [*alike, *others]))
    if kind is not SheetsAre.PARTS:
        said = Fault(f"{kind.value}_from_sheet", Severity.INFO, None, None, None, ", ".join(names), "")
        whole = replace(whole, faults=(said, *whole.faults), fault_counts={said.code: 1, **whole.fault_counts})
    return ReadTogether(_mentioning(whole, others), tuple(names))


def _sheets_alike(book: Book, grid: Grid, choices: Choices, layout: Layout) -> tuple[list[str], list[str]]:
    """List the other visible sheets whose table has the same headings, and those that hold another table."""
    own = fingerprint(layout)
    alike: list[str] = []
    others: list[str] = []
    for sheet in book.sheets[:MOST_SHEETS]:
        if sheet.hidden or sheet.name == grid.sheet or sheet.n_numbers < FEWEST_NUMBERS or sheet.name not in book.grids:
            continue
        try:
            found = layout_of(book.grids[sheet.name], choices)
        except Refusal:
            continue
        (alike if fingerprint(found) == own else others).append(sheet.name)
    return alike, others


def _what_sheets_are(
    names: Sequence[str], first: Interpretation, choices: Choices, known: Known, layout: Layout, book: Book
) -> SheetsAre | None:
    asked = {question.code for question in first.questions}
    dated = "period" not in asked and "period_from_whole" not in first.fault_counts
    are_periods = all(_as_period(name, choices, layout, book) is not None for name in names)
    if not dated:
        return SheetsAre.PERIODS if are_periods else None
    if are_periods:
        return SheetsAre.PARTS
    looks = likeness(list(names), known)
    if "site" in asked:
        if any(says_nothing(name) for name in names):
            return None
        return SheetsAre.METRICS if looks is Likeness.METRICS else SheetsAre.SITES
    return SheetsAre.METRICS if looks is Likeness.METRICS else SheetsAre.PARTS


def _parts(
    book: Book, names: Sequence[str], choices: Choices, known: Known, kind: SheetsAre, first: Interpretation
) -> list[Interpretation]:
    parts = []
    for name in names:
        own = choices
        if kind is SheetsAre.SITES:
            own = choices.model_copy(update={"site": name})
        elif kind is SheetsAre.PERIODS:
            own = choices.model_copy(update={"period": _as_period(name, choices, first.layout, book)})
        parts.append(interpret(book, book.grids[name], own, known))
    return parts


def _contradict(parts: Sequence[Interpretation], whole: Interpretation) -> bool:
    """Say whether the sheets give other values for the same site, metric and period."""
    alone = sum(part.fault_counts.get("duplicate_different", 0) for part in parts)
    return whole.fault_counts.get("duplicate_different", 0) > alone


def _as_period(name: str, choices: Choices, layout: Layout, book: Book) -> str | None:
    """Write the period that a sheet's name stands for, completed by the year that is chosen or said elsewhere."""
    if isinstance(read_period(name), Period):
        return name
    year = choices.year or year_in(layout.title) or year_in(book.file_name)
    missing = read_period(name) == NoPeriod("year_missing")
    return f"{name} {year}" if missing and year is not None else None


def _mentioning(found: Interpretation, sheets: Sequence[str]) -> Interpretation:
    """Mention the sheets that were not read."""
    if not sheets:
        return found
    said = tuple(Fault("other_sheet", Severity.INFO, None, None, None, name, "") for name in sheets)
    counts = {**found.fault_counts, "other_sheet": len(sheets)}
    return replace(found, faults=(*found.faults, *said), fault_counts=counts)
