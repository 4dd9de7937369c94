"""What the upload screen says: titles, facts, faults, counts and refusals, from what was understood."""

from __future__ import annotations

import dataclasses
import string
from itertools import islice
from typing import TYPE_CHECKING

import duckdb

from data.access import Forbidden, Refused
from data.gate import Conflict
from data.types import Severity
from loaders.choices import ColumnRole
from loaders.grid import Format, Refusal
from loaders.summary import LEFT_OUT, excluded_lines, refused_sentence
from pages.keepers.reading import Desk, Held, largest_megabytes
from pages.shared.frame import Note
from pages.shared.icons import SEVERITY_ICONS
from pages.shared.refusals import refused_words
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, date_, difference, fault, period, place, say, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.types import Fault
    from loaders.findings import Interpretation
    from loaders.ingest import Understanding

STEPS = ("file", "understood", "check", "done")
FAULTS_A_KIND = 4  # the count says how many there are
LISTED = 20
PUNCTUATION = frozenset(string.punctuation)  # what Markdown lets one escape (CommonMark 0.31, 2.4)
MOST_DECIMALS = 6
ROUNDING = 0.05  # a difference is shown to within this share of itself
TROUBLES = (Refusal, Refused, Forbidden, Conflict, OSError, duckdb.Error)


def step_names(language: Language) -> list[str]:
    """Name the four steps."""
    return [say(f"keepers.step.{name}", language) for name in STEPS]


def eyebrow(desk: Desk, held: Held | None, language: Language) -> str:
    """Say which file is in hand, and which of its sheets."""
    parts = [say("shared.nav.upload", language)]
    if desk.given is not None:
        parts.append(desk.given.name)
    if held is not None and held.understanding.interpretation.layout.sheet:
        parts.append(say("keepers.sheet", language, name=held.understanding.interpretation.layout.sheet))
    return " · ".join(parts)


def label(text: str) -> str:
    """Keep a text from a file from being read as markup in a field's label: no link, no picture from outside.

    >>> label("![x](http://a.b)")
    '\\\\!\\\\[x\\\\]\\\\(http\\\\:\\\\/\\\\/a\\\\.b\\\\)'
    """
    return "".join(f"\\{character}" if character in PUNCTUATION else character for character in text)


def column_words(shown: str, language: Language) -> str:
    """Name a column by letter and heading, quoted as the language quotes."""
    letter, _, heading = shown.partition(" ")
    return f"{letter} {say('shared.quoted', language, text=heading.strip('“”'))}" if heading else letter


# --- what was understood ------------------------------------------------------------------------------------------


def understood_title(held: Held, language: Language) -> str:
    """Say what the file holds, or what it does not settle."""
    found = held.understanding.interpretation
    if found.questions:
        return say("keepers.title.question", language, n=len(found.questions))
    return say("keepers.title.understood", language, found=counted(found, language))


def counted(found: Interpretation, language: Language) -> str:
    """Count sites, metrics and periods in words."""
    parts = [say("shared.count.site", language, n=len(found.sites))]
    parts.append(say("shared.count.metric", language, n=sum(1 for one in found.metrics if one.n_observations)))
    parts += [say(f"loaders.summary.periods.{seen.grain.value}", language, n=seen.count) for seen in found.periods]
    return say("shared.list_separator", language).join(parts)


def facts(understanding: Understanding, language: Language) -> list[Note]:
    """Say what is not changed by a list: format, encoding, layout, span, hidden sheets."""
    book, found = understanding.book, understanding.interpretation
    lines = []
    if understanding.same_as_last_time:
        lines.append(Note(say("keepers.fact.same_as_last_time", language), icon="done"))
    if book.format is Format.CSV and book.dialect is not None:
        delimiter = book.dialect.delimiter
        known = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}.get(delimiter)
        word = say(f"keepers.delimiter.{known}", language) if known else delimiter
        lines.append(Note(say("keepers.fact.delimited", language),
                          small=say("keepers.fact.dialect", language, delimiter=word, encoding=book.dialect.encoding)))  # fmt: skip
        if book.dialect.replaced:
            lines.append(Note(say("keepers.fact.replaced", language, n=book.dialect.replaced), icon="warning"))
    else:
        lines.append(Note(say("keepers.fact.workbook", language, format=book.format.value.upper())))
    if book.hidden_sheets:
        names = say("shared.list_separator", language).join(book.hidden_sheets)
        lines.append(Note(say("keepers.fact.hidden", language, names=names), icon="info"))
    lines.append(Note(say("keepers.fact.layout", language),
                      small=say(f"loaders.layout.{found.layout.kind.value}", language)))  # fmt: skip
    undated = any(question.code in ("date_order", "year") for question in found.questions)
    if undated:
        return lines
    for seen in found.periods:
        span = f"{period(seen.first, seen.grain, language)} – {period(seen.last, seen.grain, language)}"
        lines.append(Note(say("keepers.fact.span", language), small=span))
    if example := period_example(understanding, language):
        lines.append(Note(say("keepers.fact.dates", language), small=example))
    return lines


def period_example(understanding: Understanding, language: Language) -> str:
    """Say how the first period was read: “03/04/2026” is read as 3 April 2026."""
    found = understanding.interpretation
    columns = found.mapping.of(ColumnRole.PERIOD)
    if not len(found.observations) or not found.periods:
        return ""
    first = found.observations.iloc[0]
    written = str(first["source_column"])
    across = [column.heading for column in found.layout.period_columns if column.shown == written]
    if columns and not across:
        row = int(understanding.grid.row_numbers.searchsorted(first["source_row"]))
        across = [understanding.grid.text(row, columns[0].index) or ""]
    if not across:
        return ""
    read = period(first["period_start"].date(), found.periods[0].grain, language)
    return say("keepers.fact.date_example", language, written=across[0], read=read)


def excluded_notes(found: Interpretation, language: Language) -> list[Note]:
    """Say how many rows were left out for each reason, and what became of the cells."""
    lines = [Note(line) for line in excluded_lines(found, language)]
    if found.cells.get("missing"):
        lines.append(Note(say("keepers.left_out.missing", language, n=found.cells["missing"])))
    if found.cells.get("ignored_column"):
        lines.append(Note(say("keepers.left_out.columns", language, n=found.cells["ignored_column"])))
    if found.n_zero_denominators:
        lines.append(Note(say("loaders.summary.zero_denominators", language, n=found.n_zero_denominators)))
    return lines


def cells_line(found: Interpretation, language: Language) -> str:
    """Account for every filled cell of the sheet."""
    cells = found.cells
    known = {kind: cells.get(kind, 0) for kind in ("observation", "missing", "fault", "label")}
    known["observation"] += cells.get("part_of_rate", 0)
    excluded = sum(cells.get(kind, 0) for kind in LEFT_OUT)
    return say("loaders.summary.cells", language, total=found.n_cells, excluded=excluded, **known)


# --- the check ----------------------------------------------------------------------------------------------------


def check_title(held: Held, language: Language) -> str:
    """Say in one sentence whether the file can enter."""
    if held.understanding.loaded_before is not None:
        return say("keepers.title.unchanged", language)
    if held.understanding.not_theirs:
        return say("keepers.title.not_theirs", language, names=_some(held.understanding.not_theirs, language))
    if held.asks_to_register:
        return say("keepers.title.unknown_sites", language, n=held.understanding.unknown_sites)
    total = held.understanding.interpretation.n_observations
    if held.cells_at_fault:
        code = "keepers.title.faults" if total else "keepers.title.all_faults"
        return say(code, language, n=held.cells_at_fault)
    if held.restated:
        return say("keepers.title.restated", language, n=held.restated)
    if not held.new:
        return say("keepers.title.all_same", language, n=held.same)
    return say("keepers.title.ready", language, n=held.new)


def check_step(held: Held, language: Language) -> str:
    """Say what to do next."""
    if held.understanding.not_theirs:
        return say("keepers.next.not_theirs", language)
    if held.asks_to_register:
        return say("keepers.next.register" if held.may_register else "keepers.next.may_not_register", language)
    if held.registers and not held.may_register:
        return say("keepers.next.may_not_register", language)
    if held.cells_at_fault:
        return say("keepers.next.faults", language)
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


def fault_groups(held: Held, language: Language) -> list[tuple[str, list[Note]]]:
    """Word the faults by severity: a heading with their count, then the first of each kind."""
    counts = held.understanding.interpretation.fault_counts
    groups = []
    for severity in Severity:
        faults = held.faults(severity)
        for kind in ("", "total"):
            codes = [
                code for code in dict.fromkeys(one.code for one in faults) if code.startswith("total") is bool(kind)
            ]
            if codes:
                word = kind or severity.value
                heading = say(f"keepers.severity.{word}", language, n=sum(counts[code] for code in codes))
                notes = [note for code in codes for note in _notes_of(faults, code, counts[code], language)]
                groups.append((heading, notes))
    return groups


def _notes_of(faults: Iterable[Fault], code: str, count: int, language: Language) -> list[Note]:
    shown = list(islice((one for one in faults if one.code == code), FAULTS_A_KIND))
    lines = [_fault_note(one, language) for one in shown]
    located = any(one.row is not None for one in shown)
    if located and count > len(shown):
        lines.append(Note(rest=say("loaders.summary.more_faults", language, n=count - len(shown))))
    return lines


def _fault_note(one: Fault, language: Language) -> Note:
    bare = dataclasses.replace(one, sheet=None, row=None, column=None)
    where = place(dataclasses.replace(one, sheet=None), language)
    icon = SEVERITY_ICONS[one.severity]
    words = fault(bare, language)
    return Note(where[:1].upper() + where[1:], small=words, icon=icon) if where else Note(words, icon=icon)


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


# --- endings ------------------------------------------------------------------------------------------------------


def unchanged_lines(held: Held, person: str, loaded_on: object, language: Language) -> list[Note]:
    """Say when these bytes were loaded, and by whom."""
    batch = held.understanding.loaded_before
    if batch is None:
        return []
    day = date_(loaded_on, language)  # type: ignore[arg-type]
    return [Note(say("keepers.unchanged.loaded", language, date=day, person=person),
                 small=say("keepers.unchanged.counts", language, n=batch.n_observations))]  # fmt: skip


def trouble(error: Exception, language: Language) -> str:
    """Word whatever keeps a load or an undo from being done."""
    match error:
        case Refusal(code="reason_needed"):
            return say("keepers.problem.reason", language)
        case Refusal():
            return refused_sentence(error, language)
        case Refused() | Forbidden():
            return refused_words(error, language)
        case Conflict():
            return say("shared.error.conflict", language)
    return say("keepers.problem.store", language)


def upload_limit(language: Language) -> str:
    """Name the formats and the cap."""
    return say("shared.streamlit.uploader_limit", language, size=largest_megabytes())
