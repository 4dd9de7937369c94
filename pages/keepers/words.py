"""What the upload screen says: titles, facts, faults, counts and refusals, from what was understood."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import duckdb

from data.access import Forbidden, Refused
from data.gate import Conflict
from loaders.choices import ColumnRole
from loaders.grid import Format, Refusal
from loaders.summary import LEFT_OUT, excluded_lines, refused_sentence
from pages.keepers.desk import Desk
from pages.keepers.reading import Held, largest_megabytes
from pages.shared.frame import Note
from pages.shared.refusals import refused_words
from wording import Language, date_, period, say

if TYPE_CHECKING:
    from loaders.findings import Interpretation
    from loaders.ingest import Understanding

STEPS = ("file", "understood", "check", "done")
PUNCTUATION = frozenset(string.punctuation)  # what Markdown lets one escape (CommonMark 0.31, 2.4)
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


def cut(text: str, longest: int = 40) -> str:
    """Cut a long text of a file; the sheet itself holds the rest.

    >>> cut("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


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
