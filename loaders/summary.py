"""What was understood, refused or loaded, in plain sentences and as plain data."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from data.types import Fault, Severity
from loaders.findings import Interpretation, Question
from loaders.grid import Refusal
from loaders.ingest import FaultsRefusal, LoadReport, Understanding
from loaders.memory import difference_sentence
from loaders.numbers import DecimalSign
from loaders.refusals import quoted, refusal_sentence
from wording import Language, date_, fault, period, say

LISTED = 20  # faults of one code in a printed summary
LEFT_OUT = (
    "total", "ignored_column", "preamble", "heading", "repeated_heading", "section", "continuation", "footer",
    "repeated", "elsewhere", "waiting",
)  # fmt: skip


def refused_sentence(refusal: Refusal, language: Language) -> str:
    """Say why a file is refused, on one line: where, what was found, what was expected, how to mend it."""
    if isinstance(refusal, FaultsRefusal):
        words = fault(refusal.fault, language)
        more = f" {say('loaders.refusal.more', language, n=refusal.n - 1)}" if refusal.n > 1 else ""
        return " ".join(((words if refusal.fault.sheet else words[:1].upper() + words[1:]) + more).split())
    sentence = refusal_sentence(refusal, language)
    sheet = refusal.details.get("sheet")
    if sheet and refusal.domain == "loaders":
        sentence = say("loaders_reading.in_sheet", language, sheet=sheet, sentence=sentence)
    return " ".join(sentence.split())


def understood_lines(understanding: Understanding, language: Language) -> list[str]:
    """Say what a file was understood to hold: layout, counts, what was left out and why, faults, questions."""
    found = understanding.interpretation
    decimal = say("loaders.option.comma" if found.decimal is DecimalSign.COMMA else "loaders.option.point", language)
    read = "loaders.summary.read" if found.layout.sheet else "loaders.summary.read_flat"
    layout = say(f"loaders.layout.{found.layout.kind.value}", language)
    lines = [
        say(read, language, file=understanding.book.file_name, sheet=found.layout.sheet or "", layout=layout,
            decimal=decimal)
    ]  # fmt: skip
    if understanding.same_as_last_time:
        lines.append(say("loaders.summary.same_as_last_time", language))
    lines += [difference_sentence(difference, language) for difference in understanding.differences]
    for column, order in found.date_orders.items():
        words = say(f"loaders.option.{order.name.lower()}", language)
        lines.append(say("loaders.summary.date_order", language, column=column, order=words))
    lines += [*_counted(found, language), *_left_out(found, language), *_fault_lines(found, language)]
    return lines + [question_sentence(question, language) for question in found.questions]


def loaded_lines(report: LoadReport, language: Language) -> list[str]:
    """Say what a load did: values new, the same and restated, what was registered with it, or that nothing changed."""
    batch, name = report.batch, report.understanding.book.file_name
    if not report.changed:
        return [unchanged_line(name, report.loaded_on, language)]
    counts = {
        "new": say("loaders.summary.new", language, n=batch.n_new),
        "same": say("loaders.summary.same", language, n=batch.n_same),
        "restated": say("loaders.summary.restated", language, n=batch.n_restated),
    }
    lines = [say("loaders.summary.loaded", language, file=name, **counts)]
    if report.new_sites:
        lines.append(say("loaders.summary.registered_sites", language, n=len(report.new_sites)))
    if report.new_metrics:
        names = say("shared.list_separator", language).join(metric.name(language) for metric in report.new_metrics)
        lines.append(say("loaders.summary.registered_metrics", language, names=names))
    n_faults = report.understanding.interpretation.cells.get("fault", 0)
    if n_faults:
        lines.append(say("loaders.summary.left_out_faults", language, n=n_faults))
    return lines


def unchanged_line(file_name: str, loaded_on: dt.date, language: Language) -> str:
    """Say that the record holds these bytes already."""
    return say("loaders.summary.unchanged", language, file=file_name, date=date_(loaded_on, language))


def question_sentence(question: Question, language: Language) -> str:
    """Put a question to the reader."""
    found = quoted(question.found, language) if question.code == "period" else question.found
    asked = say(f"loaders.question.{question.code}", language, found=found)
    if question.column is None:
        return say("loaders.summary.question_file", language, question=asked)
    return say("loaders.summary.question", language, column=quoted(question.column, language), question=asked)


def excluded_lines(found: Interpretation, language: Language) -> list[str]:
    """Say how many rows were left out for each reason."""
    counts = Counter(row.reason for row in found.excluded)
    return [say(f"loaders.excluded.{reason}", language, n=n) for reason, n in counts.items()]


def as_data(understanding: Understanding, language: Language) -> dict[str, Any]:
    """Give what was understood as plain data, for `check --json`."""
    found = understanding.interpretation
    return {
        "file": understanding.book.file_name,
        "outcome": "read",
        "sheet": found.layout.sheet,
        "layout": found.layout.kind.value,
        "header_row": understanding.grid.row_number(found.layout.header_rows[-1]) if found.layout.header_rows else 0,
        "sites": len(found.sites),
        "metrics": len(found.metrics),
        "periods": sum(seen.count for seen in found.periods),
        "observations": found.n_observations,
        "grain": [seen.grain.value for seen in found.periods],
        "first_period": min((seen.first.isoformat() for seen in found.periods), default=None),
        "last_period": max((seen.last.isoformat() for seen in found.periods), default=None),
        "segments": [segment for segment in found.segments if segment],
        "metric_names": [metric.name for metric in found.metrics],
        "same_as_last_time": understanding.same_as_last_time,
        "differences": [difference_sentence(difference, language) for difference in understanding.differences],
        "decimal": found.decimal.value,
        "date_orders": {column: order.value for column, order in found.date_orders.items()},
        "columns": [
            {"column": reading.column.letter, "heading": reading.column.heading, "role": reading.role.value,
             "confidence": reading.confidence, "reason": reading.reason}
            for reading in found.mapping.columns
        ],
        "cells": dict(found.cells),
        "n_cells": found.n_cells,
        "zero_denominators": found.n_zero_denominators,
        "faults": [_fault_data(one, language) for one in found.faults],
        "fault_counts": {code: n for code, n in found.fault_counts.items() if n},
        "excluded": [
            {"row": row.row, "reason": row.reason, "text": row.text, "cells": row.n_cells} for row in found.excluded
        ],
        "questions": [
            {"code": question.code, "column": question.column, "found": question.found, "options": question.options,
             "sentence": question_sentence(question, language)}
            for question in found.questions
        ],
    }  # fmt: skip


def refused_data(file_name: str, refusal: Refusal, language: Language) -> dict[str, Any]:
    """Give a refusal as plain data, for `check --json`."""
    sheet, row, column = (refusal.details.get(name) or None for name in ("sheet", "row", "column"))
    reason = refused_sentence(refusal, language)
    return {
        "file": file_name, "outcome": "refused", "sheet": sheet, "layout": None, "sites": 0, "metrics": 0,
        "periods": 0, "observations": 0, "code": refusal.code, "reason": reason,
        "faults": [
            {"code": refusal.code, "severity": Severity.ERROR.value, "sheet": sheet,
             "row": int(str(row)) if row else None, "column": column, "found": str(refusal.details.get("found", "")),
             "expected": "", "sentence": reason},
        ],
    }  # fmt: skip


def _counted(found: Interpretation, language: Language) -> list[str]:
    lines = []
    for seen in found.periods:
        lines.append(
            say(
                "loaders.summary.counts", language,
                observations=say("shared.count.observation", language, n=found.n_observations),
                sites=say("shared.count.site", language, n=len(found.sites)),
                metrics=say("shared.count.metric", language, n=len(found.metrics)),
                periods=say(f"loaders.summary.periods.{seen.grain.value}", language, n=seen.count),
                first=period(seen.first, seen.grain, language), last=period(seen.last, seen.grain, language),
            )
        )  # fmt: skip
    cells = found.cells
    known = {kind: cells.get(kind, 0) for kind in ("observation", "missing", "fault", "label")}
    known["observation"] += cells.get("part_of_rate", 0)
    excluded = sum(cells.get(kind, 0) for kind in LEFT_OUT)
    lines.append(say("loaders.summary.cells", language, total=found.n_cells, excluded=excluded, **known))
    return lines


def _left_out(found: Interpretation, language: Language) -> list[str]:
    reasons = excluded_lines(found, language)
    lines = []
    if reasons:
        rows = say("shared.list_separator", language).join(reasons)
        lines.append(say("loaders.summary.left_out", language, rows=rows))
    if found.n_zero_denominators:
        lines.append(say("loaders.summary.zero_denominators", language, n=found.n_zero_denominators))
    return lines


def _fault_lines(found: Interpretation, language: Language) -> list[str]:
    lines = []
    order = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    codes = dict.fromkeys(one.code for one in sorted(found.faults, key=lambda one: order.index(one.severity)))
    for code in codes:
        here = [one for one in found.faults if one.code == code]
        lines += [fault(one, language) for one in here[:LISTED]]
        left = found.fault_counts[code] - len(here[:LISTED])
        if left > 0 and not (len(here) == 1 and here[0].row is None):
            lines.append(say("loaders.summary.more_faults", language, n=left))
    return lines


def _fault_data(one: Fault, language: Language) -> dict[str, Any]:
    return {
        "code": one.code, "severity": one.severity.value, "sheet": one.sheet, "row": one.row, "column": one.column,
        "found": one.found, "expected": one.expected, "sentence": fault(one, language),
    }  # fmt: skip
