"""The value columns of a table: their decimal sign, the numbers in them in one unit, and what is at fault there."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.types import Severity
from loaders.arrays import index_array
from loaders.choices import Choices, ColumnRole
from loaders.decimal_sign import DecimalEvidence, DecimalSign, decimal_evidence
from loaders.findings import Findings, Question
from loaders.grid import Book, Grid, Kind
from loaders.labels import Labels
from loaders.layout import Column, Layout
from loaders.mapping import Mapping
from loaders.numbers import Content, NumberColumn, Trouble, common_unit, read_numbers
from loaders.plain_numbers import plainness
from loaders.words import same_unit, unit_of

MOST_DIGITS_TOGETHER = 3  # where thousands are set apart
EXAMPLE = "12"  # a whole number is written alike with either decimal sign
_PERCENT_EXAMPLE = "95 %"
_CLOCK_EXAMPLE = "00:01:30"
WantedUnit = tuple[str, str | None]  # a column's metric, and its unit where the heading, a person or the record says it


def decimal_of(
    book: Book, grid: Grid, layout: Layout, columns: tuple[Column, ...], choices: Choices, questions: list[Question]
) -> tuple[DecimalSign, str]:
    """Find the decimal sign of a table, and why: chosen, proved, delimiter, cells (no text depends on it) or asked."""
    if choices.decimal is not None:
        return choices.decimal, "chosen"
    found, example = DecimalEvidence(), ""
    for column in columns:
        evidence = decimal_evidence(_written(grid, layout, column))
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
    doubtful = found.unsure_comma and (found.unsure_point or not _bears_out(grid, layout, columns, known))
    if known is not None and not doubtful:
        return known, "delimiter"
    questions.append(Question("decimal_sign", example, "1,234" if found.unsure_comma else "1.234", (",", ".")))
    return DecimalSign.POINT, "asked"


def _written(grid: Grid, layout: Layout, column: Column) -> pa.StringArray:
    """Give the texts of a column whose numbers depend on the decimal sign: those that a workbook holds do not."""
    texts = _texts_of(grid, layout, column)
    if grid.cell_kinds is None:
        return texts
    return texts.take(index_array(np.flatnonzero(grid.kinds(column.index)[layout.data_rows] == Kind.TEXT)))


def _bears_out(grid: Grid, layout: Layout, columns: tuple[Column, ...], sign: DecimalSign | None) -> bool:
    """Say whether whole numbers bear out what commas are taken for: beside thousands apart, all of them are below 1000."""
    lengths: list[int] = []
    for column in columns:
        texts = _written(grid, layout, column)
        whole = texts.take(index_array(np.flatnonzero(plainness(texts).whole)))
        lengths += [len(text.lstrip("+-")) for text in pc.unique(whole).to_pylist()]
    small = bool(lengths) and max(lengths) <= MOST_DIGITS_TOGETHER
    return small if sign is DecimalSign.POINT else not small


def read_values(
    grid: Grid, layout: Layout, columns: tuple[Column, ...], decimal: DecimalSign, wanted: Sequence[WantedUnit]
) -> list[NumberColumn]:
    """Read the value columns of the data rows as numbers.

    wanted: a column's metric and unit. The columns of one metric are read in one unit.
    """
    read = [_read(grid, layout, column, decimal, unit) for column, (_, unit) in zip(columns, wanted, strict=True)]
    for name in {name for name, unit in wanted if unit is None}:
        mine = [at for at, (other, _) in enumerate(wanted) if other == name]
        unit = common_unit([read[at] for at in mine])
        if unit is not None:
            for at in mine:
                read[at] = _read(grid, layout, columns[at], decimal, unit)
    return read


def _read(grid: Grid, layout: Layout, column: Column, decimal: DecimalSign, unit: str | None) -> NumberColumn:
    kinds = grid.kinds(column.index)[layout.data_rows] if grid.cell_kinds is not None else None
    percent = grid.percent_cells.get(column.index)
    shown = percent[layout.data_rows] if percent is not None else None
    texts = _texts_of(grid, layout, column)
    return read_numbers(texts, kinds=kinds, percent=shown, decimal=decimal, wanted=unit)


def _texts_of(grid: Grid, layout: Layout, column: Column) -> pa.StringArray:
    whole, rows = grid.columns[column.index], layout.data_rows
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return whole.slice(int(rows[0]), len(rows))
    return whole.take(index_array(rows))


def note_values(
    grid: Grid, layout: Layout, columns: tuple[Column, ...], read: Sequence[NumberColumn],
    usable: npt.NDArray[np.bool_], findings: Findings,
) -> None:  # fmt: skip
    """Note each cell among the values that is no number, an error, or stands for a missing value; and the units read."""
    for column, numbers in zip(columns, read, strict=True):
        unit = numbers.unit or column.unit or ""
        for trouble in np.unique(numbers.trouble[(numbers.content == Content.TEXT) & usable]).tolist():
            here = (numbers.content == Content.TEXT) & (numbers.trouble == trouble) & usable
            code, expected = Trouble(trouble).name.lower(), _expected(Trouble(trouble), unit)
            _note(grid, layout, column, np.flatnonzero(here), code, Severity.ERROR, expected, findings)
        errors = np.flatnonzero((numbers.content == Content.ERROR) & usable)
        formula = np.array([_is_formula(grid, int(layout.data_rows[at]), column) for at in errors], np.bool_)
        missing = np.flatnonzero((numbers.content == Content.MISSING) & usable)
        for code, here, severity in (
            ("error_cell", errors[~formula], Severity.ERROR), ("formula_without_value", errors[formula], Severity.ERROR),
            ("missing_mark", missing, Severity.INFO),
        ):  # fmt: skip
            _note(grid, layout, column, here, code, severity, EXAMPLE, findings)
        _note_unit(grid, layout, column, numbers, np.flatnonzero(numbers.unit_read & usable), findings)


def _is_formula(grid: Grid, row: int, column: Column) -> bool:
    """Say whether an error cell is a formula whose value the workbook does not hold."""
    return (grid.text(row, column.index) or "").startswith("=")


def _expected(trouble: Trouble, unit: str) -> str:
    if trouble is Trouble.PERCENT_OR_SHARE:
        return _PERCENT_EXAMPLE
    if trouble is Trouble.CLOCK_TWO_WAYS:
        return _CLOCK_EXAMPLE
    if trouble in (Trouble.UNIT_DIFFERS, Trouble.UNIT_MISSING) and unit:
        given = {"value": int(EXAMPLE), "unit": unit}
        return f"loaders_values.expected.with_unit {json.dumps(given, ensure_ascii=False)}"
    return EXAMPLE


def _note(
    grid: Grid, layout: Layout, column: Column, here: npt.NDArray[np.int64], code: str, severity: Severity,
    expected: str, findings: Findings,
) -> None:  # fmt: skip
    located = here[: findings.room(code)]
    for position in located:
        row = int(layout.data_rows[position])
        findings.add(code, severity, row=grid.row_number(row), column=column.shown,
                     found=grid.text(row, column.index) or "", expected=expected)  # fmt: skip
    findings.counts[code] += len(here) - len(located)


def _note_unit(
    grid: Grid, layout: Layout, column: Column, numbers: NumberColumn, here: npt.NDArray[np.int64], findings: Findings
) -> None:
    """Say once a column how cells with a unit were read: "1 h 30" as 1.5 h."""
    if not len(here):
        return
    row = int(layout.data_rows[here[0]])
    shown = {"value": round(float(numbers.value[here[0]]), 4), "unit": numbers.unit}
    findings.add("unit_read", Severity.INFO, row=grid.row_number(row), column=column.shown,
                 found=(grid.text(row, column.index) or "").strip(), times=len(here),
                 expected=f"loaders_values.expected.with_unit {json.dumps(shown, ensure_ascii=False)}")  # fmt: skip


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


def units_at_odds(one: str | None, other: str | None) -> bool:
    """Say whether two units that are both known cannot be of the same values; a count may be of anything.

    >>> units_at_odds("d", "hours"), units_at_odds("j", "days"), units_at_odds("count", "€"), units_at_odds("d", None)
    (True, False, False, False)
    """
    known = [unit_of(unit) for unit in (one, other) if unit]
    return len(known) == 2 and None not in known and "count" not in known and not same_unit(*map(str, known))
