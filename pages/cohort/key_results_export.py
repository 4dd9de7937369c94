"""The values and check-ins of the key results as a file: numbers as numbers, dates as dates, no cell that would run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pages.shared.exports import Exported, csv_file, workbook
from wording import Language, say, unit

if TYPE_CHECKING:
    from pages.shared.key_result_view import KeyResultState

COLUMNS = (
    "kind", "objective", "key_result", "owner", "metric", "unit", "date", "value", "confidence", "note", "baseline",
    "target", "due",
)  # fmt: skip


def rows(states: Sequence[KeyResultState], language: Language) -> Iterator[list[Exported]]:
    """Write a heading, then one row a value and one a check-in, key result by key result, oldest first."""
    yield [say(f"forecast_view.export.{name}", language) for name in COLUMNS]
    for state in states:
        values = state.values
        for day, amount in () if values is None else values.dropna().items():
            yield _row(state, "value", day.date(), amount, None, "", language)
        for check in state.check_ins:
            yield _row(state, "check_in", check.checked_on, None, check.confidence, check.note, language)


def as_csv(states: Sequence[KeyResultState], language: Language) -> bytes:
    """Write them as CSV."""
    return csv_file(rows(states, language))


def as_workbook(states: Sequence[KeyResultState], language: Language) -> bytes:
    """Write them as an Excel workbook."""
    return workbook({say("shared.nav.key_results", language): rows(states, language)})


def _row(
    state: KeyResultState, kind: str, day: dt.date, amount: float | None, confidence: float | None, note: str,
    language: Language,
) -> list[Exported]:  # fmt: skip
    aim = state.key_result
    return [
        say(f"forecast_view.export.kind.{kind}", language), state.objective.title, aim.title, state.owner,
        state.metric.name(language), unit(state.metric, language), day, amount, confidence, note, aim.baseline_value,
        aim.target_value, aim.due_date,
    ]  # fmt: skip
