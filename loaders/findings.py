"""What the reading of one table comes to: observations, faults, exclusions, questions, and counts that add up."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field

import pandas as pd

from data.types import Aggregation, Fault, Grain, MetricKind, Severity
from loaders.choices import RateChoice, SegmentHandling
from loaders.dates import DateOrder
from loaders.layout import Layout
from loaders.mapping import Mapping
from loaders.numbers import DecimalSign

LOCATED_FAULTS = 200  # of one code; the counts hold them all


@dataclass(frozen=True, slots=True)
class Question:
    """What the file does not settle. code: date_order, decimal_sign, year, fiscal_year or site. options: what may be chosen."""

    code: str
    column: str | None
    found: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """A row left out. row: as the sheet numbers it.

    reason: total, total_nearly, total_unconfirmed, preamble, heading, repeated_heading, section or footer.
    """

    row: int
    reason: str
    text: str
    n_cells: int
    n_parts: int = 0
    sheet: str | None = None  # when several sheets are read together


@dataclass(frozen=True, slots=True)
class SiteSeen:
    """A site as the file names it; site_id when the record knows it."""

    name: str
    code: str | None
    row: int
    site_id: str | None = None


@dataclass(frozen=True, slots=True)
class MetricSeen:
    """A metric as the file names it; metric_id when the record knows it. rate: the two columns it is made of."""

    name: str
    unit: str
    grain: Grain
    kind: MetricKind
    aggregation: Aggregation
    n_observations: int
    decimals: int
    metric_id: str | None = None
    rate: RateChoice | None = None
    heading: str = ""


@dataclass(frozen=True, slots=True)
class PeriodsSeen:
    """Which periods the observations are of."""

    grain: Grain
    first: dt.date
    last: dt.date
    count: int


@dataclass(frozen=True, eq=False)
class Interpretation:
    """One table understood.

    observations: one row an observation, keyed by position: site and metric (int) index `sites` and `metrics`;
        segment, period_start (datetime64[s]), grain, value, weight, source_row, source_column, mark.
    cells: how many filled cells of the sheet are what: observation, fault, missing, repeated, part_of_rate, label,
        ignored_column, total, preamble, heading, repeated_heading, section, footer. They add up to n_cells.
    fault_counts: by fault code, also beyond the LOCATED_FAULTS that are listed.
    """

    layout: Layout
    mapping: Mapping
    observations: pd.DataFrame
    sites: tuple[SiteSeen, ...]
    metrics: tuple[MetricSeen, ...]
    periods: tuple[PeriodsSeen, ...]
    segments: tuple[str, ...]
    segment_handling: SegmentHandling | None
    faults: tuple[Fault, ...]
    fault_counts: MappingType[str, int]
    excluded: tuple[ExcludedRow, ...]
    questions: tuple[Question, ...]
    cells: MappingType[str, int]
    n_cells: int
    n_zero_denominators: int
    decimal: DecimalSign
    decimal_reason: str
    date_orders: MappingType[str, DateOrder]

    @property
    def n_observations(self) -> int:
        """Observations found, rates included."""
        return len(self.observations)

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that stopped a row or cell."""
        return tuple(fault for fault in self.faults if fault.severity is Severity.ERROR)


@dataclass
class Findings:
    """Faults as they are found: all are counted, the first of each code are located."""

    sheet: str | None
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _located: Counter[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._located = Counter(fault.code for fault in self.faults)

    def add(
        self, code: str, severity: Severity, *, row: int | None = None, column: str | None = None, found: str = "",
        expected: str = "", times: int = 1,
    ) -> None:  # fmt: skip
        """Note a fault; times: how many like it this one stands for."""
        self.counts[code] += times
        if self.room(code):
            self._located[code] += 1
            self.faults.append(Fault(code, severity, self.sheet or None, row, column, found, expected))

    def room(self, code: str) -> int:
        """How many more faults of this code are located."""
        return max(0, LOCATED_FAULTS - self._located[code])
