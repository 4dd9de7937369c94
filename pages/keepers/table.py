"""The sheet as it is, and on the same row what we read from it, with the cells at fault boxed."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

import numpy as np

from data.types import Grain, Severity
from loaders.choices import ColumnRole
from loaders.grid import Grid, column_letter
from loaders.layout import LayoutKind
from loaders.rows import RowKind
from pages.shared.icons import SEVERITY_ICONS
from pages.shared.tables import Box, Cell, Column, Line, html_table
from wording import Language, date_, number, period, say, unit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    import pandas as pd

    from data.types import Fault
    from loaders.findings import Interpretation, MetricSeen
    from loaders.ingest import Understanding
    from loaders.layout import Column as SheetColumn
    from pages.keepers.reading import Held

Which = Literal["look", "first", "top", "last"]
ROWS = 10
ROWS_TO_LOOK_AT = 14
MOST_COLUMNS = 7
FEW_COLUMNS = 4
LONGEST_TEXT = 28  # characters of a cell; the sheet itself holds the rest
MOST_METRICS = 4
SITE_FAULTS = ("unknown_site", "site_missing", "site_looks_alike")
SITE_ROLES = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME)
NOTHING = "–"
UNKNOWN = "?"
# Cells in one line, so that rows stay rows; only the remark at the end wraps.
STYLE = (
    "<style>.es-sheet .es-table{white-space:nowrap}"
    ".es-sheet .es-table td:last-child{white-space:normal;min-width:7.5em}</style>"
)
BOXES: dict[Severity, Box] = {Severity.ERROR: "fault", Severity.WARNING: "doubt", Severity.INFO: "source"}
WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def side_by_side(held: Held, which: Which, language: Language, *, narrow: bool = False) -> str:
    """Write the table: grey cells of the sheet with its own row numbers and letters, then what would be stored.

    narrow: fewer columns, for a table that stands beside a list.
    """
    understanding = held.understanding
    rows = rows_to_show(understanding, which)
    view = _View(held, rows, language, narrow=narrow)
    heads = [
        Column(say("shared.label.row", language)),
        *view.source_heads(),
        Column(""),
        *view.read_heads(),
        Column(""),
    ]
    lines = [
        Line(Cell(str(understanding.grid.row_number(row)), box="source"),
             [*view.source_cells(row), Cell(""), *view.read_cells(row), view.remark(row)])
        for row in rows
    ]  # fmt: skip
    caption = say(
        "keepers.table.caption", language, file=understanding.book.file_name, sheet=understanding.grid.sheet or ""
    )
    return scrolled(html_table(heads, lines, caption=caption, as_list=False), caption)


def scrolled(table: str, label: str) -> str:
    """Let a wide table scroll inside the page; it takes the keyboard's focus to be scrolled by it."""
    return (
        f'{STYLE}<div class="es es-sheet" style="overflow-x:auto;max-width:100%" tabindex="0" role="region" '
        f'aria-label="{escape(label, quote=True)}">{table}</div>'
    )


def raw_rows(grid: Grid, caption: str, language: Language) -> str:
    """Write the top of a sheet that was not understood."""
    width = min(grid.n_columns, MOST_COLUMNS + 1)
    heads = [say("shared.label.row", language), *(column_letter(index) for index in range(width))]
    lines = [
        Line(Cell(str(grid.row_number(row)), box="source"),
             [Cell(_short(grid.text(row, column) or ""), box="source") for column in range(width)])
        for row in range(min(grid.n_rows, ROWS))
    ]  # fmt: skip
    return scrolled(html_table(heads, lines, caption=caption, as_list=False), caption)


def rows_to_show(understanding: Understanding, which: Which) -> list[int]:
    """Choose rows of the grid, from 0: those to look at, the first below the headings, the sheet's top or its end."""
    found = understanding.interpretation
    filled = _filled(found)
    match which:
        case "look":
            return _rows_at_fault(understanding)
        case "top":
            return filled[:ROWS]
        case "last":
            return filled[-ROWS:]
    return [row for row in filled if row > found.layout.header_rows[-1]][:ROWS]


def _rows_at_fault(understanding: Understanding) -> list[int]:
    found = understanding.interpretation
    numbers: dict[int, None] = {}
    for severity in WORST_FIRST:
        of_one = [fault.row for fault in found.faults if fault.severity is severity and fault.row is not None]
        numbers.update(dict.fromkeys(of_one))
    at_fault = np.searchsorted(understanding.grid.row_numbers, sorted(list(numbers)[:ROWS_TO_LOOK_AT]))
    below = [row for row in _filled(found) if row > found.layout.header_rows[-1]]
    return _with_neighbours([int(row) for row in at_fault], below)


def _with_neighbours(rows: list[int], filled: Sequence[int]) -> list[int]:
    """Add the rows beside those at fault, nearest first, as long as there is room."""
    shown = set(rows)
    by_distance = sorted(filled, key=lambda row: min(abs(row - one) for one in rows)) if rows else []
    for row in by_distance:
        if len(shown) >= ROWS:
            break
        shown.add(row)
    return sorted(shown)


def _filled(found: Interpretation) -> list[int]:
    return [int(row) for row in np.flatnonzero(found.layout.row_kinds != RowKind.BLANK)]


def has_rows_to_look_at(found: Interpretation) -> bool:
    """Say whether some row has an error or a warning."""
    return any(fault.row is not None and fault.severity is not Severity.INFO for fault in found.faults)


@dataclass(frozen=True, slots=True)
class _Value:
    metric: int
    site: int
    segment: str
    period: dt.datetime
    value: float


class _View:
    """What the two halves of the table hold for the rows shown."""

    def __init__(self, held: Held, rows: Sequence[int], language: Language, *, narrow: bool) -> None:
        self.language, self.narrow = language, narrow
        self.found = held.understanding.interpretation
        self.grid = held.understanding.grid
        self.names = {key: metric.name(language) for key, metric in held.metrics.items()}
        self.wide = self.found.layout.kind is LayoutKind.WIDE_BY_PERIOD
        self.faults = _faults_by_cell(self.found)
        self.columns = _columns_shown(self.found, self.faults, FEW_COLUMNS if narrow else MOST_COLUMNS, wide=self.wide)
        self.excluded = {row.row: row.reason for row in self.found.excluded}
        self.labelled = bool(self.found.mapping.of(ColumnRole.METRIC))
        self.values = _values_by_row(self.found.observations, [self.grid.row_number(row) for row in rows])
        self.segmented = len(self.found.segments) > 1
        self.several_sites = len(self.found.sites) > 1 or self.wide
        self.undated = any(question.code in ("date_order", "year") for question in self.found.questions)
        self.metrics = _metrics_shown(self.found, {column.heading for column in self.columns})

    def source_heads(self) -> list[Column]:
        return [Column(_short(f"{one.letter} · {one.heading}") if one.heading else one.letter, numeric=self._is_value(one))
                for one in self.columns]  # fmt: skip

    def source_cells(self, row: int) -> list[Cell]:
        at = self.grid.row_number(row)
        return [Cell(_short(self.grid.text(row, one.index) or ""), box=self._box(at, one)) for one in self.columns]

    def _box(self, row: int, column: SheetColumn) -> Box:
        fault = self.faults.get((row, column.letter))
        return BOXES[fault.severity] if fault else "source"

    def read_heads(self) -> list[Column]:
        site = Column(say("shared.label.site", self.language))
        if self.wide:
            return [site, *(Column(one.heading, numeric=True) for one in self.columns if one.period_text is not None)]
        grain = self.found.periods[0].grain if self.found.periods else Grain.DAY
        heads = [
            Column(say(f"keepers.table.period.{grain.value}", self.language)),
            *([site] if self.several_sites else []),
        ]
        if self.segmented:
            heads.append(Column(say("shared.label.segment", self.language)))
        if self.labelled:
            value = Column(say("shared.label.value", self.language), numeric=True)
            return [*heads, Column(say("shared.label.metric", self.language)), value]
        return [*heads, *(Column(self._metric(seen, with_unit=True), numeric=True) for _, seen in self.metrics)]

    def read_cells(self, row: int) -> list[Cell]:
        at = self.grid.row_number(row)
        held = self.values.get(at, {})
        if not held:
            out = say("keepers.table.left_out", self.language) if at in self.excluded else NOTHING
            return [Cell(out), *(Cell(NOTHING) for _ in self.read_heads()[1:])]
        one = next(iter(held.values()))
        site = Cell(_short(self.found.sites[one.site].name))
        if self.wide:
            across = [column for column in self.columns if column.period_text is not None]
            return [site, *(self._value(held, lambda key, c=column: key[0] == c.shown) for column in across)]
        cells = [Cell(self._period(one.period)), *([site] if self.several_sites else [])]
        cells += [Cell(one.segment or NOTHING)] if self.segmented else []
        if self.labelled:
            return [*cells, Cell(self._metric(self.found.metrics[one.metric])), self._value(held, lambda _: True)]
        return [*cells, *(self._value(held, lambda key, i=index: key[1] == i) for index, _ in self.metrics)]

    def _value(self, held: dict[tuple[str, int], _Value], wanted: Callable[[tuple[str, int]], bool]) -> Cell:
        for key, one in held.items():
            if wanted(key):
                return Cell(number(one.value, self.language, self.found.metrics[one.metric].decimals))
        return Cell(NOTHING)

    def _metric(self, seen: MetricSeen, *, with_unit: bool = False) -> str:
        written = unit(seen.unit, self.language) if with_unit else ""
        name = _short(self.names.get(seen.metric_id or "", seen.name))
        return f"{name}, {written}" if written else name

    def _period(self, start: dt.datetime) -> str:
        if self.undated:
            return UNKNOWN
        day, grain = start.date(), self.found.periods[0].grain
        if grain in (Grain.DAY, Grain.WEEK):
            return date_(day, self.language, "short" if self.narrow else "full")
        return date_(day, self.language, "month") if grain is Grain.MONTH else period(day, grain.value, self.language)

    def remark(self, row: int) -> Cell:
        at = self.grid.row_number(row)
        of_row = [fault for (place, _), fault in self.faults.items() if place == at]
        if of_row:
            worst = min(of_row, key=lambda fault: WORST_FIRST.index(fault.severity))
            return Cell(say(f"keepers.remark.{worst.code}", self.language), icon=SEVERITY_ICONS[worst.severity])
        if at in self.excluded:
            return Cell(say(f"keepers.remark.{self.excluded[at]}", self.language), icon="info")
        return Cell("")

    def _is_value(self, column: SheetColumn) -> bool:
        return column.period_text is not None or column in self.found.mapping.of(
            ColumnRole.VALUE, ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR
        )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"


def _faults_by_cell(found: Interpretation) -> dict[tuple[int, str], Fault]:
    """Put each located fault on its cell, the worst where there are several; "" = the row as a whole."""
    site = next((column.letter for column in found.mapping.of(*SITE_ROLES)), "")
    placed: dict[tuple[int, str], Fault] = {}
    for fault in sorted(found.faults, key=lambda one: WORST_FIRST.index(one.severity)):
        if fault.row is None:
            continue
        letter = site if fault.code in SITE_FAULTS else (fault.column or "").partition(" ")[0]
        placed.setdefault((fault.row, letter), fault)
    return placed


def _columns_shown(
    found: Interpretation, faults: dict[tuple[int, str], Fault], most: int, *, wide: bool
) -> list[SheetColumn]:
    """Choose the columns to show: the first ones, and those with a cell at fault."""
    used = [reading.column for reading in found.mapping.columns if reading.role is not ColumnRole.IGNORE]
    boxed = {letter for _, letter in faults}
    labels = [column for column in used if column.period_text is None]
    if not wide:
        first = labels[:most]
        return [column for column in labels if column in first or column.letter in boxed]
    across = [column for column in used if column.period_text is not None]
    if most == FEW_COLUMNS:  # the name says it alone
        named = [column for column in labels if column in found.mapping.of(ColumnRole.SITE_NAME)]
        labels = (named or labels)[:1]
    first = across[: most // 2]
    return labels[:2] + [column for column in across if column in first or column.letter in boxed][:most]


def _metrics_shown(found: Interpretation, headings: set[str]) -> list[tuple[int, MetricSeen]]:
    """Choose the metrics to show: those of the columns shown, and the rates."""
    measured = [(index, seen) for index, seen in enumerate(found.metrics) if seen.n_observations]
    shown = [(index, seen) for index, seen in measured if seen.rate is not None or seen.heading in headings]
    return (shown or measured)[:MOST_METRICS]


def _values_by_row(observations: pd.DataFrame, rows: Sequence[int]) -> dict[int, dict[tuple[str, int], _Value]]:
    """Read the observations of some rows: by row, then by (column, metric)."""
    few = observations[observations["source_row"].isin(list(rows))]
    held: dict[int, dict[tuple[str, int], _Value]] = {}
    names = ("source_row", "source_column", "metric", "site", "segment", "period_start", "value")
    for row, column, metric, site, segment, start, value in zip(*(few[name].tolist() for name in names), strict=True):
        held.setdefault(int(row), {})[(column, int(metric))] = _Value(int(metric), int(site), segment, start, value)
    return held
