"""One table read step by step: its values, sites, periods, segments and totals, and which rows can be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.types import Severity
from loaders import checks, dating, melt, values
from loaders.checks import Known
from loaders.choices import Choices, ColumnRole, SectionHandling
from loaders.findings import Findings, Question
from loaders.grid import Book, Grid, Refusal
from loaders.keys import tidy
from loaders.known_sites import SiteFinder, one_entry_a_site
from loaders.labels import Labels
from loaders.layout import Column, Layout
from loaders.mapping import Mapping
from loaders.melt import PeriodRows, SiteRows
from loaders.naming import Naming
from loaders.numbers import DecimalSign, NumberColumn
from loaders.sections import Sections, blocks_of_segments
from loaders.subtotals import total_columns, totals_of
from loaders.totals import Total
from loaders.wholes import site_said


@dataclass(frozen=True, eq=False)
class Table:
    """One table being read: each part is worked out once, when it is first asked for."""

    book: Book
    grid: Grid
    layout: Layout
    mapping: Mapping
    choices: Choices
    known: Known
    findings: Findings
    questions: list[Question] = field(default_factory=list)

    @property
    def n_rows(self) -> int:
        """Data rows."""
        return len(self.layout.data_rows)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that hold values. Raises Refusal when there are none."""
        columns = self.mapping.of(*melt.VALUE_ROLES)
        if melt.is_wide(self.layout):
            columns = tuple(column for column in columns if column.period_text is not None)
        if not columns:
            raise Refusal("no_values", domain="loaders", sheet=self.grid.sheet or "")
        return columns

    @cached_property
    def shown(self) -> list[str]:
        """The value columns as a fault names them."""
        return [column.shown for column in self.columns]

    @cached_property
    def decimal(self) -> tuple[DecimalSign, str]:
        """The decimal sign, and why."""
        return values.decimal_of(self.book, self.grid, self.layout, self.columns, self.choices, self.questions)

    @cached_property
    def numbers(self) -> list[NumberColumn]:
        """The value columns as numbers, those of one metric in one unit."""
        wanted = [self.naming.wanted_unit(column, self.metric_labels.texts) for column in self.columns]
        return values.read_values(self.grid, self.layout, self.columns, self.decimal[0], wanted)

    @cached_property
    def naming(self) -> Naming:
        """What the metrics are called."""
        return Naming(self.book, self.grid, self.layout, self.columns, self.choices, self.known)

    @cached_property
    def metric_labels(self) -> Labels:
        """The name of the metric each row is of; one empty name when neither columns nor sections name metrics."""
        named = melt.joined_labels(self.mapping, self.mapping.of(ColumnRole.METRIC), self.n_rows)
        if not self.sections_name_metrics:
            return named
        return melt.combined(self.sections.labels, named)

    @cached_property
    def site_finder(self) -> SiteFinder:
        """Finds the sites on record, by the names that a person chose too."""
        return SiteFinder(self.known.sites, self.choices.sites)

    @cached_property
    def sections(self) -> Sections:
        """The headings between the rows."""
        return Sections(self.grid, self.layout)

    @cached_property
    def section_handling(self) -> SectionHandling:
        """What the headings between the rows stand for."""
        if not self.layout.sections:
            return SectionHandling.IGNORE
        if self.choices.sections is not None:
            return self.choices.sections
        if self.segment_rows is not None:
            return SectionHandling.METRIC
        across = any(column.site_text for column in self.columns)
        return self.sections.handling(
            has_periods=melt.is_wide(self.layout) or bool(self.mapping.of(ColumnRole.PERIOD)),
            has_sites=across or bool(self._own_sites.names),
            comes_back=self._comes_back(),
            is_metric_named=bool(self.mapping.of(ColumnRole.METRIC)),
            known=self.known,
        )

    @property
    def sections_name_metrics(self) -> bool:
        """Whether each section holds metrics of its own."""
        return self.section_handling is SectionHandling.METRIC

    @cached_property
    def segment_rows(self) -> npt.NDArray[np.bool_] | None:
        """The rows whose labels are segments of the whole, when other sections of the table name sites."""
        names, codes = (self.mapping.of(role) for role in (ColumnRole.SITE_NAME, ColumnRole.SITE_CODE))
        if not melt.is_wide(self.layout) or not self.layout.sections or not names or self.choices.sections is not None:
            return None
        reading = next(one for one in self.mapping.columns if one.column is names[0])
        if reading.reason not in ("content",):
            return None
        coded = self.mapping.labels[codes[0].index].codes >= 0 if codes else None
        return blocks_of_segments(self.sections, self.mapping.labels[names[0].index], coded)

    def label_of(self, row: int) -> str:
        """Give what stands beside a row, whatever it is."""
        for column in self.mapping.of(ColumnRole.SITE_NAME, ColumnRole.SITE_CODE):
            labels = self.mapping.labels[column.index]
            if labels.codes[row] >= 0:
                return labels.texts[int(labels.codes[row])]
        return ""

    @cached_property
    def _own_sites(self) -> SiteRows:
        """The site that columns name beside each row."""
        chosen = self.choices.site if self.segment_rows is None else None
        return melt.sites_of(self.layout, self.mapping, chosen)

    @cached_property
    def sites(self) -> SiteRows:
        """The site of each row; a question when nothing names one."""
        sites = self._own_sites
        if self.segment_rows is not None:
            sites = melt.with_whole(sites, self.segment_rows, self._site_of_the_whole())
        elif self.section_handling is SectionHandling.SITE and not sites.names:
            sites = melt.sites_of_labels(self.sections.labels)
        if any(column.site_text for column in self.columns):
            sites = melt.with_sites_across(sites, self.columns)
        if sites.names:
            return one_entry_a_site(sites, self.site_finder)
        self.questions.append(Question("site", None, Path(self.book.file_name).stem))
        return SiteRows(np.zeros(self.n_rows, np.int64), (("", None),), np.zeros(1, np.int64))

    def site_codes(self, at: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Give the site of some rows in one value column."""
        if self.columns[at].site_text is None:
            return self.sites.codes[rows]
        return np.full(len(rows), self.sites.codes[self.n_rows + at], np.int64)

    def starts(self, at: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
        """Give the period of some rows in one value column."""
        if not melt.is_wide(self.layout):
            return self.periods.starts[rows]
        if self.periods.by_year is None or self.periods.years is None:
            return np.full(len(rows), self.periods.starts[at])
        found: npt.NDArray[np.datetime64] = self.periods.by_year[self.periods.years[rows], at]
        return found

    def _site_of_the_whole(self) -> str:
        if self.choices.site:
            return tidy(self.choices.site)
        said = site_said(self.layout)
        if said is None:
            self.questions.append(Question("site", None, Path(self.book.file_name).stem))
            return ""
        self.findings.add("site_from_title", Severity.INFO, found=said.text)
        return tidy(said.text)

    @cached_property
    def periods_read(self) -> PeriodRows:
        """The period of each row, or of each value column, as they are written."""
        return dating.periods_of(self)

    @cached_property
    def periods(self) -> PeriodRows:
        """The same, at the grain that the metrics or the heading ask for."""
        return dating.at_fitting_grain(self)

    @cached_property
    def waits_for_period(self) -> bool:
        """Whether the period is asked for: until then no value can be taken."""
        self.periods_read  # noqa: B018 - asks
        return any(question.code == "period" for question in self.questions)

    @cached_property
    def segments(self) -> Labels:
        """The segment of each row: from its columns, or from the section headings when sites come back under each."""
        columns = self.mapping.of(ColumnRole.SEGMENT)
        named = melt.joined_labels(self.mapping, columns, self.n_rows)
        if self.segment_rows is not None:
            within = self.segment_rows & ~self.is_total
            own = [tidy(self.label_of(row)) if inside else "" for row, inside in enumerate(within.tolist())]
            distinct = {text: at for at, text in enumerate(dict.fromkeys(["", *own]))}
            return Labels(tuple(distinct), np.array([distinct[text] for text in own], np.int64))
        if self.section_handling is SectionHandling.SEGMENT:
            return melt.combined(self.sections.labels, named)
        return named

    @cached_property
    def totals(self) -> tuple[Total, ...]:
        """The rows that are totals, by position among the data rows; those a person keeps are none."""
        return totals_of(self)

    @cached_property
    def total_columns(self) -> dict[int, str]:
        """The value columns, by position, that are totals of others."""
        return total_columns(self)

    @cached_property
    def is_total(self) -> npt.NDArray[np.bool_]:
        """Which data rows are totals."""
        found = np.zeros(self.n_rows, np.bool_)
        found[[total.row for total in self.totals]] = True
        return found

    @cached_property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Which data rows may give observations; it is noted why the others do not."""
        usable = ~self.is_total
        if any(column.site_text is None for column in self.columns):
            has_site = self.sites.codes[: self.n_rows] >= 0
            checks.note_rows_without_site(self.grid, self.layout, usable & ~has_site, self.findings)
            usable = usable & has_site
        if melt.is_wide(self.layout):
            self._note_headings()
            return usable & self._has_year(usable)
        if self.waits_for_period:
            return usable
        checks.note_row_faults(
            self.grid, self.layout, self.periods.problems, dating.period_labels(self), dating.period_shown(self),
            self.findings, ~usable,
        )  # fmt: skip
        found: npt.NDArray[np.bool_] = usable & ~np.isnat(self.periods.starts)
        return found

    def _has_year(self, usable: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        if self.periods.years is None:
            return np.ones(self.n_rows, np.bool_)
        column = self.mapping.of(ColumnRole.PERIOD)[0]
        without = {int(at): "period_missing" for at in np.flatnonzero(self.periods.years < 0)}
        labels = self.mapping.labels[column.index]
        checks.note_row_faults(self.grid, self.layout, without, labels, column.shown, self.findings, ~usable)
        found: npt.NDArray[np.bool_] = self.periods.years >= 0
        return found

    def _note_headings(self) -> None:
        header = self.grid.row_number(self.layout.header_rows[0])
        for position, code in self.periods.problems.items():
            if position not in self.total_columns:
                column = self.columns[position]
                self.findings.add(code, Severity.ERROR, row=header, column=column.shown, found=column.heading)

    def _comes_back(self) -> bool:
        """Whether what names a row, its period and metric too, stands again under another section."""
        codes = self._own_sites.codes
        if not self._own_sites.names and not any(column.site_text for column in self.columns):
            return False
        keys = [codes if self._own_sites.names else np.zeros(self.n_rows, np.int64)]
        keys += [
            self.mapping.labels[column.index].codes
            for column in self.mapping.of(ColumnRole.PERIOD, ColumnRole.METRIC, ColumnRole.SEGMENT)
        ]
        stacked = np.stack([key[: self.n_rows] for key in keys], axis=1)[keys[0] >= 0]
        alone = len(np.unique(stacked, axis=0))
        return alone < len(stacked)
