"""What the check says before a load: whether the file can enter, its faults, its counts and what it would change."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from data.types import Severity
from loaders.mended import place_of
from pages.keepers.reading import Held
from pages.shared.icons import SEVERITY_ICONS
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, difference, fault, period, place, say, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.types import Fault
    from loaders.findings import Interpretation

FAULTS_A_KIND = 4  # the count says how many there are
LISTED = 20
MOST_DECIMALS = 6
ROUNDING = 0.05  # a difference is shown to within this share of itself


def check_title(held: Held, language: Language) -> str:
    """Say in one sentence whether the file can enter."""
    if held.understanding.loaded_before is not None:
        return say("keepers.title.unchanged", language)
    if held.understanding.not_theirs:
        return say("keepers.title.not_theirs", language, names=_some(held.understanding.not_theirs, language))
    unknown = held.understanding.unknown_sites if held.asks_to_register else 0
    if unknown and not held.cells_at_fault:
        return say("keepers.title.unknown_sites", language, n=unknown)
    total = held.understanding.interpretation.n_observations
    if held.cells_at_fault:
        code = "keepers.title.faults" if total else "keepers.title.all_faults"
        return say(code, language, n=held.cells_at_fault + unknown)
    if held.restated:
        return say("keepers.title.restated", language, n=held.restated)
    if not held.new:
        return say("keepers.title.all_same", language, n=held.same)
    return say("keepers.title.ready", language, n=held.new)


def check_step(held: Held, language: Language) -> str:
    """Say what to do next."""
    if held.understanding.not_theirs:
        return say("keepers.next.not_theirs", language)
    if held.registers and not held.may_register:
        return say("keepers.next.may_not_register", language)
    if held.cells_at_fault:
        return say("keepers_mend.next.faults" if held.loads else "keepers_mend.next.all_faults", language)
    if held.asks_to_register:
        return say("keepers_mend.next.sites", language)
    if held.restated:
        return say("keepers.next.reason", language)
    return say("keepers.next.load", language)


def load_label(held: Held, language: Language) -> str:
    """Name the one act: what it loads and what it leaves aside."""
    n = held.new + held.restated + held.same
    if held.cells_at_fault:
        return say("keepers.button.load_rest", language, n=n)
    return say("keepers.button.load", language, n=n)


def counts_line(held: Held, language: Language) -> str:
    """Count what is new, already known and restated."""
    parts = (("new", held.new), ("same", held.same), ("restated", held.restated))
    return say("shared.list_separator", language).join(say(f"keepers.count.{name}", language, n=n) for name, n in parts)


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault in words. place: the cell that it stands in; None when it has none of its own."""

    place: str | None
    where: str
    words: str


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """The faults of one severity: how many, and the first of each kind."""

    name: str
    icon: str
    heading: str
    lines: tuple[FaultLine, ...]


def fault_groups(held: Held, language: Language) -> list[FaultGroup]:
    """Word the faults by severity, the worst first."""
    counts = held.understanding.interpretation.fault_counts
    groups = []
    for severity in Severity:
        faults = held.faults(severity)
        for kind in ("", "total"):
            codes = [
                code for code in dict.fromkeys(one.code for one in faults) if code.startswith("total") is bool(kind)
            ]
            if codes:
                name = kind or severity.value
                heading = say(f"keepers.severity.{name}", language, n=sum(counts[code] for code in codes))
                lines = [line for code in codes for line in _lines_of(held, faults, code, language)]
                groups.append(FaultGroup(name, SEVERITY_ICONS[severity], heading, tuple(lines)))
    return groups


def _lines_of(held: Held, faults: Iterable[Fault], code: str, language: Language) -> list[FaultLine]:
    found = held.understanding.interpretation
    shown = list(islice((one for one in faults if one.code == code), FAULTS_A_KIND))
    lines = [_fault_line(one, found, language) for one in shown]
    more = found.fault_counts[code] - len(shown)
    if more > 0 and any(one.row is not None for one in shown):
        lines.append(FaultLine(None, "", say("loaders.summary.more_faults", language, n=more)))
    return lines


def faults_at(held: Held, cell: str, language: Language) -> list[FaultLine]:
    """Word the errors of one cell."""
    found = held.understanding.interpretation
    return [_fault_line(one, found, language) for one in held.faults(Severity.ERROR) if place_of(one, found) == cell]


def _fault_line(one: Fault, found: Interpretation, language: Language) -> FaultLine:
    bare = dataclasses.replace(one, sheet=None, row=None, column=None)
    where = place(dataclasses.replace(one, sheet=None), language)
    return FaultLine(place_of(one, found), where[:1].upper() + where[1:], fault(bare, language))


def restatement_table(held: Held, language: Language) -> str:
    """Write the values that would change: old, new and difference, each in its metric's unit."""
    if held.preview is None:
        return ""
    rows = held.preview.restated.head(LISTED)
    heads = [
        say("shared.label.site", language), say("shared.label.metric", language), say("shared.label.period", language),
        Column(say("keepers.restated.old", language), numeric=True),
        Column(say("keepers.restated.new", language), numeric=True),
        Column(say("keepers.restated.difference", language), numeric=True),
        Column(say("shared.label.row", language), numeric=True),
    ]  # fmt: skip
    lines = []
    names = ("site_id", "metric_id", "segment", "period_start", "grain", "old", "new", "difference", "source_row")
    for site, metric_id, segment, start, grain, old, new, apart, row in zip(
        *(rows[n].tolist() for n in names), strict=True
    ):
        metric = held.metrics.get(metric_id)
        named = metric.name(language) if metric else metric_id
        places = max(metric.decimals if metric else 0, _places(apart))
        cells = [
            Cell(f"{named} · {segment}" if segment else named), Cell(period(start.date(), grain, language)),
            Cell(value(old, metric, language, decimals=places)), Cell(value(new, metric, language, decimals=places)),
            Cell(difference(apart, metric, language, decimals=places)), Cell(str(int(row))),
        ]  # fmt: skip
        lines.append(Line(Cell(held.site_names.get(site, site)), cells))
    return html_table(heads, lines, caption=say("keepers.restated.caption", language))


def _places(apart: float) -> int:
    """Count the decimals that a difference needs to be told from none."""
    return next(
        (n for n in range(MOST_DECIMALS) if abs(apart - round(apart, n)) <= ROUNDING * abs(apart)), MOST_DECIMALS
    )


def _some(names: Iterable[str], language: Language) -> str:
    shown = list(names)
    text = say("shared.list_separator", language).join(shown[:3])
    more = len(shown) - 3
    return f"{text} {say('loaders.refusal.more', language, n=more)}" if more > 0 else text
