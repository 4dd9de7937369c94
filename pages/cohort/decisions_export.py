"""The register as a file: numbers as numbers, dates as dates, and no cell that a spreadsheet would run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pages.cohort import decisions_words as words
from pages.shared.exports import Exported, csv_file, workbook
from wording import Language, say, state, unit

if TYPE_CHECKING:
    from pages.cohort.decisions_view import Entry

COLUMNS = (
    "label", "type", "title", "site", "metric", "cohort", "unit", "owner", "recorded_by", "recorded_on", "applies_on",
    "value_then", "value_now", "expected", "review_on", "state", "outcome", "outcome_on", "resolved_on", "superseded_by",
    "note", "evidence", "experiment", "key_result",
)  # fmt: skip


def rows(entries: Sequence[Entry], today: dt.date, language: Language) -> list[list[Exported]]:
    """Write a heading, then one row a decision."""
    heads: list[Exported] = [say(f"cohort_more.decisions.export.{name}", language) for name in COLUMNS]
    return [heads, *(_row(entry, today, language) for entry in entries)]


def as_csv(entries: Sequence[Entry], today: dt.date, language: Language) -> bytes:
    """Write the register as CSV."""
    return csv_file(rows(entries, today, language))


def as_workbook(entries: Sequence[Entry], today: dt.date, language: Language) -> bytes:
    """Write the register as an Excel workbook."""
    return workbook({say("shared.nav.decisions", language): rows(entries, today, language)})


def _row(entry: Entry, today: dt.date, language: Language) -> list[Exported]:
    decision = entry.decision
    return [
        decision.label,
        state(decision.type, language),
        decision.title,
        entry.site.name if entry.site else "",
        entry.metric.name(language) if entry.metric else "",
        entry.cohort,
        unit(entry.metric, language) if entry.metric else "",
        entry.owner,
        entry.typed_by,
        entry.recorded_on,
        decision.applies_on,
        decision.value_when_decided,
        entry.value_now,
        words.expected(entry, language),
        decision.review_on,
        say(f"cohort_more.decisions.state.{entry.state(today)}", language),
        state(decision.outcome, language) if decision.outcome else "",
        decision.outcome_on,
        decision.resolved_on,
        entry.superseded_by or "",
        decision.note,
        decision.evidence_url or "",
        entry.experiment,
        entry.key_result,
    ]
