"""Turns a mapped table into one long list of values: which site, metric, segment and period each cell is of."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data.series import COMBINED
from data.sites import name_key
from data.types import Grain, Severity
from loaders.choices import Choices, ColumnRole, chosen
from loaders.dates import DateOrder, NoPeriod, PeriodColumn, read_periods
from loaders.findings import Findings, Question
from loaders.grid import Book, Grid, Kind
from loaders.keys import tidy
from loaders.labels import Labels
from loaders.layout import Column, Layout, LayoutKind
from loaders.mapping import Mapping
from loaders.numbers import DecimalEvidence, DecimalSign, NumberColumn, decimal_evidence, read_numbers
from loaders.words import is_total_word, unit_of

Codes = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
EXAMPLE = "12"  # a whole number is written alike with either decimal sign
VALUE_ROLES = (ColumnRole.VALUE, ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR)


@dataclass(frozen=True, eq=False)
class SiteRows:
    """Which site each data row is of: codes index names (-1 = none); first_rows are positions among data rows."""

    codes: Codes
    names: tuple[tuple[str, str | None], ...]
    first_rows: Codes


@dataclass(frozen=True, eq=False)
class PeriodRows:
    """Which period each data row (long) or value column (wide) is of.

    starts: NaT = none. problems: a code where there is none, by position in starts.
    """

    starts: Days
    grain: Grain
    problems: dict[int, str]
    texts: tuple[str, ...]
    order: DateOrder | None = None


def sites_of(layout: Layout, mapping: Mapping, choices: Choices) -> SiteRows:
    """Find the site of each data row, by code where there is one, otherwise by name."""
    n_rows = len(layout.data_rows)
    if choices.site:
        return SiteRows(np.zeros(n_rows, np.int64), ((tidy(choices.site), None),), np.zeros(1, np.int64))
    codes = _first(mapping, ColumnRole.SITE_CODE)
    names = _first(mapping, ColumnRole.SITE_NAME)
    one = mapping.labels[codes.index] if codes else None
    other = mapping.labels[names.index] if names else None
    if one is None and other is None:
        return SiteRows(np.full(n_rows, -1), (), np.zeros(0, np.int64))
    width = len(other.texts) + 1 if other else 1
    pairs = ((one.codes + 1) if one else 0) * width + ((other.codes + 1) if other else 0)
    distinct, first, inverse = np.unique(pairs, return_index=True, return_inverse=True)
    keys: dict[str, int] = {}
    shown: list[tuple[str, str | None]] = []
    firsts: list[int] = []
    numbered = np.full(len(distinct), -1, np.int64)
    for position in np.argsort(first, kind="stable"):
        code, name = _texts_of(int(distinct[position]), width, one, other)
        if not (code or name):
            continue
        key = name_key(code or name)
        if key not in keys:
            keys[key] = len(shown)
            shown.append((name or code, code if name and code else None))
            firsts.append(int(first[position]))
        numbered[position] = keys[key]
    return SiteRows(numbered[inverse], tuple(shown), np.array(firsts, np.int64))


def _texts_of(pair: int, width: int, one: Labels | None, other: Labels | None) -> tuple[str, str]:
    code, name = divmod(pair, width)
    return (tidy(one.texts[code - 1]) if one and code else "", tidy(other.texts[name - 1]) if other and name else "")


def periods_down(
    grid: Grid, layout: Layout, mapping: Mapping, choices: Choices, questions: list[Question]
) -> PeriodRows:
    """Find the period of each data row of a long table, from its period column."""
    column = mapping.of(ColumnRole.PERIOD)[0]
    labels = mapping.labels[column.index]
    read = _read(grid, layout, column, list(labels.texts), choices, questions)
    starts, problems = _starts(read)
    known = np.append(starts, np.datetime64("NaT"))
    codes = labels.codes
    by_row: dict[int, str] = {}
    if problems or (codes < 0).any():
        bad = np.isnat(known[codes])
        for position in np.flatnonzero(bad):
            code = int(codes[position])
            by_row[int(position)] = problems.get(code, "period_missing") if code >= 0 else "period_missing"
    texts = tuple(labels.texts)
    return PeriodRows(known[codes], read.grain or Grain.DAY, by_row, texts, read.order)


def periods_across(
    grid: Grid, layout: Layout, columns: tuple[Column, ...], choices: Choices, questions: list[Question]
) -> PeriodRows:
    """Find the period of each value column of a wide table, from its heading."""
    texts = [column.period_text or "" for column in columns]
    read = _read(grid, layout, columns[0], texts, choices, questions)
    starts, problems = _starts(read)
    return PeriodRows(starts, read.grain or Grain.MONTH, problems, tuple(texts), read.order)


def _read(
    grid: Grid, layout: Layout, column: Column, texts: list[str], choices: Choices, questions: list[Question]
) -> PeriodColumn:
    order = chosen(choices.date_orders, column.letter, column.heading) or choices.date_order
    dated = [text for text in texts if not is_total_word(text)]
    year = choices.year or _year_in(layout.title, grid.sheet or "")
    read = read_periods(texts, order=order, year=year, grain=choices.grain)
    if read.ambiguous:
        options = (DateOrder.DAY_FIRST.value, DateOrder.MONTH_FIRST.value)
        questions.append(Question("date_order", column.shown, read.ambiguous, options))
    gaps = [text for text, period in zip(texts, read.periods, strict=True) if period == NoPeriod("year_missing")]
    if gaps and len(gaps) > 0.5 * len(dated):
        questions.append(Question("year", column.shown, gaps[0]))
    return read


def _year_in(*texts: str) -> int | None:
    years = {int(found) for text in texts for found in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def _starts(read: PeriodColumn) -> tuple[Days, dict[int, str]]:
    starts = np.full(len(read.periods), "NaT", "datetime64[s]")
    problems = {}
    for position, period in enumerate(read.periods):
        if isinstance(period, NoPeriod):
            problems[position] = period.code
        else:
            starts[position] = np.datetime64(period.start, "s")
    return starts, problems


def joined_labels(mapping: Mapping, columns: tuple[Column, ...], n_rows: int) -> Labels:
    """Read several columns of labels as one, their texts joined by " / "."""
    if not columns:
        return Labels(("",), np.zeros(n_rows, np.int64))
    if len(columns) == 1:
        labels = mapping.labels[columns[0].index]
        texts = (*("(*)" if text == COMBINED else tidy(text) for text in labels.texts), "")
        return Labels(texts, np.where(labels.codes < 0, len(texts) - 1, labels.codes))
    several = [mapping.labels[column.index] for column in columns]
    stacked = np.stack([labels.codes for labels in several], axis=1)
    distinct, inverse = np.unique(stacked, axis=0, return_inverse=True)
    texts = tuple(
        " / ".join(tidy(labels.texts[code]) for labels, code in zip(several, row, strict=True) if code >= 0)
        for row in distinct
    )
    return Labels(texts, inverse.reshape(-1).astype(np.int64))


def read_values(grid: Grid, layout: Layout, columns: tuple[Column, ...], decimal: DecimalSign) -> list[NumberColumn]:
    """Read the value columns of the data rows as numbers."""
    rows = pa.array(layout.data_rows)
    contiguous = len(layout.data_rows) and layout.data_rows[-1] - layout.data_rows[0] + 1 == len(layout.data_rows)
    read = []
    for column in columns:
        whole = grid.columns[column.index]
        texts = whole.slice(int(layout.data_rows[0]), len(rows)) if contiguous else whole.take(rows)
        kinds = grid.kinds(column.index)[layout.data_rows] if grid.cell_kinds is not None else None
        percent = grid.percent_cells.get(column.index)
        shown = percent[layout.data_rows] if percent is not None else None
        read.append(read_numbers(texts, kinds=kinds, percent=shown, decimal=decimal))
    return read


def decimal_of(
    book: Book, grid: Grid, columns: tuple[Column, ...], choices: Choices, questions: list[Question]
) -> tuple[DecimalSign, str]:
    """Find the decimal sign of a table, and why: chosen, proved, delimiter, cells (no text depends on it) or asked."""
    if choices.decimal is not None:
        return choices.decimal, "chosen"
    found, example = DecimalEvidence(), ""
    for column in columns:
        texts = grid.columns[column.index]
        if grid.cell_kinds is not None:
            texts = texts.filter(pa.array(grid.kinds(column.index) == Kind.TEXT))
        evidence = decimal_evidence(texts)
        if not example and (evidence.unsure_comma or evidence.unsure_point):
            example = column.shown
        found = found + evidence
    if found.sign is not None:
        return found.sign, "proved"
    delimiter = book.dialect.delimiter if book.dialect else None
    by_delimiter = {(",", False): DecimalSign.POINT, (",", True): DecimalSign.POINT, (";", True): DecimalSign.COMMA}
    if not (found.unsure_comma or found.unsure_point or found.comma):
        return DecimalSign.POINT, "cells"
    known = by_delimiter.get((delimiter or "", found.unsure_comma > 0))
    if known is not None and not (found.unsure_comma and found.unsure_point):
        return known, "delimiter"
    questions.append(Question("decimal_sign", example, "1,234" if found.unsure_comma else "1.234", (",", ".")))
    return DecimalSign.POINT, "asked"


def note_values(
    grid: Grid, layout: Layout, columns: tuple[Column, ...], read: list[NumberColumn], usable: npt.NDArray[np.bool_],
    findings: Findings,
) -> None:  # fmt: skip
    """Note each cell among the values that is text, an error, or stands for a missing value."""
    for code, content, severity in (
        ("text_among_numbers", 4, Severity.ERROR), ("error_cell", 3, Severity.ERROR), ("missing_mark", 2, Severity.INFO)
    ):  # fmt: skip
        for column, numbers in zip(columns, read, strict=True):
            here = np.flatnonzero((numbers.content == content) & usable)
            located = here[: findings.room(code)]
            for position in located:
                row = int(layout.data_rows[position])
                findings.add(code, severity, row=grid.row_number(row), column=column.shown,
                             found=grid.text(row, column.index) or "", expected=EXAMPLE)  # fmt: skip
            findings.counts[code] += len(here) - len(located)


def units_by_label(mapping: Mapping, metrics: Labels, findings: Findings) -> list[str | None]:
    """Find the unit that a column of units gives each metric label; several for one metric are a fault."""
    columns = mapping.of(ColumnRole.UNIT)
    units: list[str | None] = [None] * len(metrics.texts)
    if not columns:
        return units
    labels = mapping.labels[columns[0].index]
    for at in range(len(metrics.texts)):
        written = labels.codes[(metrics.codes == at) & (labels.codes >= 0)]
        texts = sorted({unit_of(labels.texts[code]) or labels.texts[code] for code in np.unique(written).tolist()})
        units[at] = texts[0] if texts else None
        if len(texts) > 1:
            findings.add("unit_mixed", Severity.ERROR, column=columns[0].shown, found=", ".join(texts),
                         expected=metrics.texts[at])  # fmt: skip
    return units


def is_wide(layout: Layout) -> bool:
    """Say whether periods run across."""
    return layout.kind is LayoutKind.WIDE_BY_PERIOD


def _first(mapping: Mapping, role: ColumnRole) -> Column | None:
    return next(iter(mapping.of(role)), None)
