"""One table read step by step: its values, sites, periods, segments and totals, and which rows can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data import periods as calendar
from data.types import Severity
from loaders import checks, melt
from loaders.checks import Known
from loaders.choices import Choices, ColumnRole
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
from loaders.totals import Total, find_totals
from loaders.words import heading_grain, is_total_word

TOTALS_COLUMNS = 400  # columns of the table that totals are looked for in
MOSTLY = 0.5
_LABELS = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME, ColumnRole.PERIOD, ColumnRole.SEGMENT, ColumnRole.METRIC)


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
        return melt.decimal_of(self.book, self.grid, self.columns, self.choices, self.questions)

    @cached_property
    def numbers(self) -> list[NumberColumn]:
        """The value columns as numbers."""
        return melt.read_values(self.grid, self.layout, self.columns, self.decimal[0])

    @cached_property
    def naming(self) -> Naming:
        """What the metrics are called."""
        return Naming(self.book, self.grid, self.layout, self.columns, self.choices, self.known)

    @cached_property
    def metric_labels(self) -> Labels:
        """The name of the metric each row is of; one empty name when no column names metrics."""
        return melt.joined_labels(self.mapping, self.mapping.of(ColumnRole.METRIC), self.n_rows)

    @cached_property
    def site_finder(self) -> SiteFinder:
        """Finds the sites on record, by the names that a person chose too."""
        return SiteFinder(self.known.sites, self.choices.sites)

    @cached_property
    def sites(self) -> SiteRows:
        """The site of each row; a question when nothing names one."""
        sites = melt.sites_of(self.layout, self.mapping, self.choices)
        if sites.names:
            return one_entry_a_site(sites, self.site_finder)
        self.questions.append(Question("site", None, Path(self.book.file_name).stem))
        return SiteRows(np.zeros(self.n_rows, np.int64), (("", None),), np.zeros(1, np.int64))

    @cached_property
    def periods(self) -> PeriodRows:
        """The period of each row, or of each value column, at the grain that its metrics or its heading ask for."""
        if melt.is_wide(self.layout):
            found = melt.periods_across(self.grid, self.layout, self.columns, self.choices, self.questions)
        else:
            found = melt.periods_down(self.grid, self.layout, self.mapping, self.choices, self.questions)
        wanted = self.naming.known_frequency(self.metric_labels.texts)
        if wanted is None and self.mapping.of(ColumnRole.PERIOD):
            wanted = heading_grain(self.mapping.of(ColumnRole.PERIOD)[0].heading)
        grain = self.choices.grain or checks.fitting_grain(found.starts, found.grain, wanted)
        if grain is found.grain:
            return found
        starts = found.starts.copy()
        dated = ~np.isnat(starts)
        numbered = calendar.ordinals(starts[dated].astype("datetime64[D]"), grain)
        starts[dated] = calendar.starts(numbered, grain).astype("datetime64[s]")
        return replace(found, starts=starts, grain=grain)

    @cached_property
    def segments(self) -> Labels:
        """The segment of each row: from its columns, or from the section headings when sites come back under each."""
        columns = self.mapping.of(ColumnRole.SEGMENT)
        if columns or not self.layout.sections or not self._sites_repeat():
            return melt.joined_labels(self.mapping, columns, self.n_rows)
        above = np.searchsorted([row for row, _ in self.layout.sections], self.layout.data_rows)
        texts, codes, before = [""], np.zeros(self.n_rows, np.int64), 0
        for n_above in np.unique(above[above > 0]).tolist():
            codes[above == n_above] = len(texts)
            texts.append(" / ".join(tidy(text) for _, text in self.layout.sections[before:n_above]))
            before = n_above
        return Labels(tuple(texts), codes)

    @cached_property
    def totals(self) -> tuple[Total, ...]:
        """The rows that are totals, by position among the data rows; those a person keeps are none."""
        lines, members, labels = self._lines()
        rows: dict[int, Total] = {}
        for total in find_totals(lines, labels) if len(labels) > 1 else ():
            if not total.proved:
                self._note_suspected(total, members[total.row])
                continue
            for row in members[total.row].tolist():
                rows[row] = replace(total, row=row, group=total.row)
        wide = melt.is_wide(self.layout)
        for row in self._rows_named_totals().tolist():
            had = rows.get(row)
            if had is None or not had.n_parts:
                rows[row] = Total(row, 0 if wide else 1, by_words=True, group=row)
        if sum(total.n_parts == 0 for total in rows.values()) > MOSTLY * self.n_rows:
            rows = {row: total for row, total in rows.items() if total.n_parts}
        numbers = self.grid.row_numbers[self.layout.data_rows]
        for row in np.flatnonzero(np.isin(numbers, self.choices.leave_out_rows)).tolist():
            rows[row] = Total(row, 0, by_words=False, group=row, chosen=True)
        kept = {row for row in rows if int(numbers[row]) in self.choices.keep_rows}
        return tuple(rows[row] for row in sorted(rows) if row not in kept)

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
        checks.note_rows_without_site(self.grid, self.layout, usable & (self.sites.codes < 0), self.findings)
        usable = usable & (self.sites.codes >= 0)
        if melt.is_wide(self.layout):
            self._note_headings()
            return usable
        column = self.mapping.of(ColumnRole.PERIOD)[0]
        labels = self.mapping.labels[column.index]
        checks.note_row_faults(
            self.grid, self.layout, self.periods.problems, labels, column.shown, self.findings, ~usable
        )
        found: npt.NDArray[np.bool_] = usable & ~np.isnat(self.periods.starts)
        return found

    def _note_suspected(self, total: Total, members: npt.NDArray[np.int64]) -> None:
        """Warn of a row that may be a total, unless a person has decided about it."""
        row = int(self.layout.data_rows[members[0]])
        number = self.grid.row_number(row)
        if number not in (*self.choices.keep_rows, *self.choices.leave_out_rows):
            code = int(self.sites.codes[members[0]])
            name = self.sites.names[code][0] if code >= 0 else ""
            self.findings.add("total_possible", Severity.WARNING, row=number, found=name, expected=str(total.n_parts))

    def _note_headings(self) -> None:
        header = self.grid.row_number(self.layout.header_rows[0])
        for position, code in self.periods.problems.items():
            column = self.columns[position]
            self.findings.add(code, Severity.ERROR, row=header, column=column.shown, found=column.heading)

    def _sites_repeat(self) -> bool:
        codes = self.sites.codes[self.sites.codes >= 0]
        return melt.is_wide(self.layout) and len(np.unique(codes)) < len(codes)

    def _lines(self) -> tuple[npt.NDArray[np.float64], Sequence[npt.NDArray[np.int64]], list[str]]:
        """Lay the values out for the search of totals: a line a row (wide) or a site (long), in file order.

        Returns the lines, the data rows of each, and their names.
        """
        names = [name for name, _ in self.sites.names]
        if melt.is_wide(self.layout):
            lines = np.stack([column.value for column in self.numbers[:TOTALS_COLUMNS]], axis=1)
            labels = [names[code] if code >= 0 else "" for code in self.sites.codes.tolist()]
            return lines, [np.array([row]) for row in range(self.n_rows)], labels
        first = self.numbers[0].value
        known = (self.sites.codes >= 0) & ~np.isnat(self.periods.starts) & ~np.isnan(first)
        across = self.periods.starts.astype("datetime64[D]").astype(np.int64) + 1_000_000
        across = (across * len(self.segments.texts) + self.segments.codes) * len(self.metric_labels.texts)
        distinct, at = np.unique((across + self.metric_labels.codes)[known], return_inverse=True)
        width = min(len(distinct), TOTALS_COLUMNS)
        if not width or len(names) * width > 20 * max(self.n_rows, 10_000):
            return np.zeros((0, 0)), [], []
        lines = np.full((len(names), width), np.nan)
        inside = at < width
        lines[self.sites.codes[known][inside], at[inside]] = first[known][inside]
        order = np.argsort(self.sites.codes, kind="stable")
        bounds = np.searchsorted(self.sites.codes[order], np.arange(len(names) + 1))
        return lines, [order[bounds[site] : bounds[site + 1]] for site in range(len(names))], names

    def _rows_named_totals(self) -> npt.NDArray[np.int64]:
        """Find the rows in which some label, of site, segment, metric or period, is a word for totals."""
        named = np.zeros(self.n_rows, np.bool_)
        for column in self.mapping.of(*_LABELS):
            labels = self.mapping.labels[column.index]
            words = np.array([*(is_total_word(text) for text in labels.texts), False])
            if words.any() and not words[:-1].all():
                named |= words[labels.codes]
        return np.flatnonzero(named)
