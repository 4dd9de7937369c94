"""What each cell of the table shows: left the sheet with its faults boxed, right what was read of the same row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.types import Grain, Severity
from loaders.choices import ColumnRole
from loaders.layout import LayoutKind
from loaders.mended import SITE_FAULTS, SITE_ROLES, column_of
from pages.shared.icons import SEVERITY_ICONS
from pages.shared.tables import Box, Cell, Column
from wording import Language, date_, knows, number, period, say, unit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    import pandas as pd

    from data.types import Fault
    from loaders.findings import Interpretation, MetricSeen
    from loaders.layout import Column as SheetColumn
    from pages.keepers.reading import Held

MOST_COLUMNS = 7
FEW_COLUMNS = 4
LONGEST_TEXT, LONGEST_BESIDE = 28, 18  # characters of a cell, and of one of a table beside a list
MOST_METRICS = 4
NOTHING = "–"
UNKNOWN = "?"
BOXES: dict[Severity, Box] = {Severity.ERROR: "fault", Severity.WARNING: "doubt", Severity.INFO: "source"}
WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class _Value:
    metric: int
    site: int
    segment: str
    period: dt.datetime
    value: float


class View:
    """The two halves of the table, for the rows shown."""

    def __init__(
        self, held: Held, rows: Sequence[int], language: Language, *, narrow: bool, cell: str | None = None
    ) -> None:
        self.language, self.narrow, self.cell = language, narrow, cell
        self.mends = {mend.place: mend for mend in held.understanding.mends}
        self.found = held.understanding.interpretation
        self.grid = held.understanding.grid
        self.names = {key: metric.name(language) for key, metric in held.metrics.items()}
        self.wide = self.found.layout.kind is LayoutKind.WIDE_BY_PERIOD
        self.faults = _faults_by_cell(self.found)
        most = FEW_COLUMNS if narrow else MOST_COLUMNS
        self.columns = _columns_shown(self.found, self._letters(rows), most, wide=self.wide)
        self.excluded = {row.row: row.reason for row in self.found.excluded}
        self.labelled = bool(self.found.mapping.of(ColumnRole.METRIC))
        self.values = _values_by_row(self.found.observations, [self.grid.row_number(row) for row in rows])
        self.segmented = len(self.found.segments) > 1
        self.several_sites = len(self.found.sites) > 1 or self.wide
        self.undated = any(question.code in ("date_order", "year") for question in self.found.questions)
        self.metrics = _metrics_shown(self.found, {column.heading for column in self.columns})

    def source_heads(self) -> list[Column]:
        """Name the columns of the sheet: letter and heading."""
        return [Column(short(f"{one.letter} · {one.heading}") if one.heading else one.letter, numeric=self._is_value(one))
                for one in self.columns]  # fmt: skip

    def source_cells(self, row: int) -> list[Cell]:
        """Give one row of the sheet as it is, its faults boxed."""
        at = self.grid.row_number(row)
        longest = LONGEST_BESIDE if self.narrow else LONGEST_TEXT
        return [Cell(short(self.grid.text(row, one.index) or "", longest), box=self._box(at, one),
                     here=self.cell == f"{one.letter}{at}") for one in self.columns]  # fmt: skip

    def _letters(self, rows: Sequence[int]) -> list[str]:
        """List the columns that must be seen: of the cell looked at, then of those boxed in the rows shown."""
        shown = {self.grid.row_number(row) for row in rows}
        wanted = [column_of(self.cell)] if self.cell else []
        return [*wanted, *(letter for row, letter in self.faults if row in shown)]

    def _box(self, row: int, column: SheetColumn) -> Box:
        fault = self.faults.get((row, column.letter))
        if fault is not None:
            return BOXES[fault.severity]
        return "mended" if f"{column.letter}{row}" in self.mends else "source"

    def read_heads(self) -> list[Column]:
        """Name what is read of a row."""
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
        """Give what is read of one row."""
        at = self.grid.row_number(row)
        held = self.values.get(at, {})
        if not held:
            out = say("keepers.table.left_out", self.language) if at in self.excluded else NOTHING
            return [Cell(out), *(Cell(NOTHING) for _ in self.read_heads()[1:])]
        one = next(iter(held.values()))
        site = Cell(short(self.found.sites[one.site].name))
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
        name = short(self.names.get(seen.metric_id or "", seen.name))
        return f"{name}, {written}" if written else name

    def _period(self, start: dt.datetime) -> str:
        if self.undated:
            return UNKNOWN
        day, grain = start.date(), self.found.periods[0].grain
        if grain in (Grain.DAY, Grain.WEEK):
            return date_(day, self.language, "short" if self.narrow else "full")
        return date_(day, self.language, "month") if grain is Grain.MONTH else period(day, grain.value, self.language)

    def remark(self, row: int) -> Cell:
        """Say in a few words what there is to say of a row."""
        at = self.grid.row_number(row)
        of_row = [fault for (place, _), fault in self.faults.items() if place == at]
        if of_row:
            worst = min(of_row, key=lambda fault: WORST_FIRST.index(fault.severity))
            return Cell(remark(worst.code, self.language), icon=SEVERITY_ICONS[worst.severity])
        mended = [mend for place, mend in self.mends.items() if place == f"{column_of(place)}{at}"]
        if mended:
            return Cell(say("keepers_mend.remark", self.language, found=short(mended[0].before)), icon="done")
        if at in self.excluded:
            return Cell(say(f"keepers.remark.{self.excluded[at]}", self.language), icon="info")
        return Cell("")

    def _is_value(self, column: SheetColumn) -> bool:
        return column.period_text is not None or column in self.found.mapping.of(
            ColumnRole.VALUE, ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR
        )


def remark(code: str, language: Language) -> str:
    """Say in a few words what is wrong with a cell; in general words where nobody found shorter ones."""
    own = f"keepers.remark.{code}"
    return say(own if knows(own, language) else "keepers_mend.remark.look", language)


def short(text: str, longest: int = LONGEST_TEXT) -> str:
    """Cut a long text; the sheet itself holds the rest."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


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


def _columns_shown(found: Interpretation, wanted: Sequence[str], most: int, *, wide: bool) -> list[SheetColumn]:
    """Choose the columns to show: the first ones, and those wanted by their letters, the most wanted first."""
    used = [reading.column for reading in found.mapping.columns if reading.role is not ColumnRole.IGNORE]
    boxed = list(dict.fromkeys(wanted))[:most]
    labels = [column for column in used if column.period_text is None]
    if not wide:
        keys = [column for column in labels if column in found.mapping.of(ColumnRole.SITE_NAME, ColumnRole.PERIOD)]
        chosen = [*keys[:2], *(column for column in labels if column.letter in boxed and column not in keys[:2])]
        chosen += [column for column in labels if column not in chosen][: max(most - len(chosen), 0)]
        return [column for column in labels if column in chosen]
    across = [column for column in used if column.period_text is not None]
    if most == FEW_COLUMNS:  # the name says it alone
        named = [column for column in labels if column in found.mapping.of(ColumnRole.SITE_NAME)]
        labels = (named or labels)[:1]
    few = [column for column in across if column.letter in boxed]
    few += [column for column in across[: most // 2] if column not in few]
    return labels[:2] + [column for column in across if column in few[:most]]


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
