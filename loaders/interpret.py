"""Understands one table: from a grid and its mapping to observations, faults, exclusions and questions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from data import periods as calendar
from data.sites import name_key
from data.types import Aggregation, Metric, MetricKind, Severity
from loaders import checks, melt, tally
from loaders.checks import Known
from loaders.choices import Choices, ColumnRole, MetricChoice, RateChoice, SegmentHandling, chosen
from loaders.findings import ExcludedRow, Findings, Interpretation, MetricSeen, PeriodsSeen, Question, SiteSeen
from loaders.grid import Book, Grid, Refusal
from loaders.keys import plain_heading, tidy
from loaders.layout import Column, Layout, find_layout
from loaders.mapping import Labels, Mapping, propose
from loaders.melt import PeriodRows, SiteRows
from loaders.numbers import Content, NumberColumn
from loaders.rows import RowKind
from loaders.tally import Tally
from loaders.totals import Total, find_totals
from loaders.words import heading_grain, heading_means, is_total_word, split_unit

TOTALS_COLUMNS = 400  # columns of the table that totals are looked for in
LONGEST_NAME = 100
MOST_DECIMALS = 3
MOSTLY = 0.5
_YEARS = re.compile(r"[\s,;:–-]*(?:\(?(?:19|20)\d{2}(?:\s*[-/–]\s*(?:19|20)?\d{2})?\)?)[\s,;:]*$")


def interpret(
    book: Book,
    grid: Grid,
    choices: Choices,
    known: Known | None = None,
    *,
    layout: Layout | None = None,
    remembered: Collection[str] = (),
) -> Interpretation:
    """Understand one table.

    choices: what a person decided; the rest is found from the table. known: the sites and metrics on record.
    layout: the table's place, when it was found before. remembered: the columns whose role comes from the last load.
    Raises Refusal when there is no table, no heading, no period or no value.
    """
    layout = layout or layout_of(grid, choices)
    mapping = propose(grid, layout, choices, remembered=remembered)
    reading = _Reading(book, grid, layout, mapping, choices, known or Known())
    return reading.run()


def layout_of(grid: Grid, choices: Choices) -> Layout:
    """Find the table, below the heading row that was chosen when one was."""
    if choices.header_row is None:
        return find_layout(grid)
    return find_layout(grid, header_row=int(np.searchsorted(grid.row_numbers, choices.header_row)))


@dataclass(eq=False)
class _Reading:
    """One table being read; each step adds to what the next one needs."""

    book: Book
    grid: Grid
    layout: Layout
    mapping: Mapping
    choices: Choices
    known: Known
    questions: list[Question] = field(default_factory=list)
    cells: Counter[str] = field(default_factory=Counter)

    def run(self) -> Interpretation:
        self.findings = Findings(self.grid.sheet)
        self.columns = self._value_columns()
        self.decimal, self.decimal_reason = melt.decimal_of(
            self.book, self.grid, self.columns, self.choices, self.questions
        )
        self.numbers = melt.read_values(self.grid, self.layout, self.columns, self.decimal)
        self.sites = self._read_sites()
        self.periods = self._read_periods()
        self.segments = self._read_segments()
        self.metric_labels = melt.joined_labels(self.mapping, self.mapping.of(ColumnRole.METRIC), self.n_rows)
        totals = self._find_totals()
        keep = {int(row) for row in self.choices.keep_rows}
        self.total_rows, excluded = checks.excluded_totals(self.grid, self.layout, totals, keep, self.findings)
        usable = self._usable_rows()
        melt.note_values(self.grid, self.layout, self.columns, self.numbers, usable, self.findings)
        values = self._values(usable)
        return self._concluded(values, usable, checks.excluded_by_layout(self.grid, self.layout) + excluded)

    # --- steps ---

    @property
    def n_rows(self) -> int:
        return len(self.layout.data_rows)

    def _value_columns(self) -> tuple[Column, ...]:
        columns = self.mapping.of(*melt.VALUE_ROLES)
        if melt.is_wide(self.layout):
            columns = tuple(column for column in columns if column.period_text is not None)
        if not columns:
            raise Refusal("no_values", domain="loaders", sheet=self.grid.sheet or "")
        return columns

    def _read_sites(self) -> SiteRows:
        sites = melt.sites_of(self.layout, self.mapping, self.choices)
        if not sites.names:
            self.questions.append(Question("site", None, Path(self.book.file_name).stem))
            return SiteRows(np.zeros(self.n_rows, np.int64), (("", None),), np.zeros(1, np.int64))
        return sites

    def _read_periods(self) -> PeriodRows:
        if melt.is_wide(self.layout):
            found = melt.periods_across(self.grid, self.layout, self.columns, self.choices, self.questions)
        else:
            found = melt.periods_down(self.grid, self.layout, self.mapping, self.choices, self.questions)
        frequencies = {metric.frequency for name in self._names() if (metric := self.known.metric(name)) is not None}
        wanted = frequencies.pop() if len(frequencies) == 1 else None
        wanted = wanted or heading_grain(self._period_heading())
        grain = self.choices.grain or checks.fitting_grain(found.starts, found.grain, wanted)
        if grain is not found.grain:
            known = ~np.isnat(found.starts)
            days = found.starts[known].astype("datetime64[D]")
            found.starts[known] = calendar.starts(calendar.ordinals(days, grain), grain).astype("datetime64[s]")
        return replace(found, grain=grain)

    def _period_heading(self) -> str:
        columns = self.mapping.of(ColumnRole.PERIOD)
        return columns[0].heading if columns else ""

    def _names(self) -> list[str]:
        labels = [
            text for column in self.mapping.of(ColumnRole.METRIC) for text in self.mapping.labels[column.index].texts
        ]
        return labels or [self._metric_name(column, "")[0] for column in self.columns[:50]]

    def _read_segments(self) -> Labels:
        columns = self.mapping.of(ColumnRole.SEGMENT)
        if columns or not self.layout.sections or not self._sites_repeat():
            return melt.joined_labels(self.mapping, columns, self.n_rows)
        above = np.searchsorted([row for row, _ in self.layout.sections], self.layout.data_rows)
        opens = {int(first): int(last) for first, last in zip(np.unique(above)[:-1], np.unique(above)[1:], strict=True)}
        texts = {0: ""}
        for first, last in opens.items():
            texts[last] = " / ".join(tidy(text) for _, text in self.layout.sections[first:last])
        return Labels(tuple(texts[at] for at in sorted(texts)), np.searchsorted(sorted(texts), above))

    def _sites_repeat(self) -> bool:
        codes = self.sites.codes[self.sites.codes >= 0]
        return melt.is_wide(self.layout) and len(np.unique(codes)) < len(codes)

    def _find_totals(self) -> tuple[Total, ...]:
        table, members, labels = self._sites_table()
        found = find_totals(table, labels) if len(labels) > 1 else ()
        rows: dict[int, Total] = {}
        for total in found:
            for row in members[total.row]:
                rows[int(row)] = Total(int(row), total.n_parts, total.by_words, total.exact)
        for row in self._rows_named_totals():
            rows.setdefault(int(row), Total(int(row), 0 if melt.is_wide(self.layout) else 1, by_words=True))
        unconfirmed = sum(total.n_parts == 0 for total in rows.values())
        if unconfirmed > MOSTLY * self.n_rows:
            rows = {row: total for row, total in rows.items() if total.n_parts}
        return tuple(rows[row] for row in sorted(rows))

    def _sites_table(self) -> tuple[npt.NDArray[np.float64], list[npt.NDArray[np.int64]], list[str]]:
        """Lay the values out for the search of totals: one line a row (wide) or a site (long), in file order."""
        if melt.is_wide(self.layout):
            table = np.stack([column.value for column in self.numbers[:TOTALS_COLUMNS]], axis=1)
            return table, [np.array([row]) for row in range(self.n_rows)], self._row_labels()
        known = (self.sites.codes >= 0) & ~np.isnat(self.periods.starts) & ~np.isnan(self.numbers[0].value)
        across = self.periods.starts.astype("datetime64[D]").astype(np.int64) + 1_000_000
        across = (across * len(self.segments.texts) + self.segments.codes) * len(self.metric_labels.texts)
        distinct, at = np.unique((across + self.metric_labels.codes)[known], return_inverse=True)
        n_sites, width = len(self.sites.names), min(len(distinct), TOTALS_COLUMNS)
        if width == 0 or n_sites * width > 20 * max(self.n_rows, 10_000):
            return np.zeros((0, 0)), [], []
        table = np.full((n_sites, width), np.nan)
        inside = at < width
        table[self.sites.codes[known][inside], at[inside]] = self.numbers[0].value[known][inside]
        order = np.argsort(self.sites.codes, kind="stable")
        bounds = np.searchsorted(self.sites.codes[order], np.arange(n_sites + 1))
        members = [order[bounds[site] : bounds[site + 1]] for site in range(n_sites)]
        return table, members, [name for name, _ in self.sites.names]

    def _row_labels(self) -> list[str]:
        names = [name for name, _ in self.sites.names]
        return [names[code] if code >= 0 else "" for code in self.sites.codes]

    def _rows_named_totals(self) -> npt.NDArray[np.int64]:
        """Find the rows in which some label, of site, segment, metric or period, is a word for totals."""
        named = np.zeros(self.n_rows, np.bool_)
        roles = (
            ColumnRole.SITE_CODE, ColumnRole.SITE_NAME, ColumnRole.PERIOD, ColumnRole.SEGMENT, ColumnRole.METRIC
        )  # fmt: skip
        for column in self.mapping.of(*roles):
            labels = self.mapping.labels[column.index]
            words = np.array([*(is_total_word(text) for text in labels.texts), False])
            if words.any() and not words[:-1].all():
                named |= words[labels.codes]
        return np.flatnonzero(named)

    def _usable_rows(self) -> npt.NDArray[np.bool_]:
        """Say which data rows may give observations, and note why the others do not."""
        usable = np.ones(self.n_rows, np.bool_)
        usable[self.total_rows] = False
        for position in np.flatnonzero((self.sites.codes < 0) & usable):
            row = self.grid.row_number(int(self.layout.data_rows[position]))
            self.findings.add("site_missing", Severity.ERROR, row=row)
        usable &= self.sites.codes >= 0
        if not melt.is_wide(self.layout):
            column = self.mapping.of(ColumnRole.PERIOD)[0]
            labels = self.mapping.labels[column.index]
            checks.note_row_faults(
                self.grid, self.layout, self.periods.problems, labels, column.shown, self.findings, ~usable
            )
            usable &= ~np.isnat(self.periods.starts)
        else:
            header = self.grid.row_number(self.layout.header_rows[0])
            for position, code in self.periods.problems.items():
                column = self.columns[position]
                self.findings.add(code, Severity.ERROR, row=header, column=column.shown, found=column.heading)
        return usable

    def _values(self, usable: npt.NDArray[np.bool_]) -> Tally:
        """Put every cell that holds a number behind one another."""
        names: dict[str, int] = {}
        self.metric_of: list[tuple[str, str | None, Column]] = []
        pieces = []
        for index, (column, numbers) in enumerate(zip(self.columns, self.numbers, strict=True)):
            wide_period = self.periods.starts[index] if melt.is_wide(self.layout) else None
            taken = usable & (numbers.content == Content.NUMBER)
            if wide_period is not None and np.isnat(wide_period):
                taken = np.zeros(self.n_rows, np.bool_)
            rows = np.flatnonzero(taken)
            self._count_cells(column, numbers, usable, rows)
            metric = np.array([self._metric_index(names, column, text) for text in self.metric_labels.texts], np.int64)
            starts = np.full(len(rows), wide_period) if wide_period is not None else self.periods.starts[rows]
            pieces.append(
                Tally(
                    self.sites.codes[rows], metric[self.metric_labels.codes[rows]], self.segments.codes[rows], starts,
                    numbers.value[rows], np.full(len(rows), np.nan), rows, np.full(len(rows), index, np.int64),
                )
            )  # fmt: skip
        return tally.joined(pieces)

    def _count_cells(
        self, column: Column, numbers: NumberColumn, usable: npt.NDArray[np.bool_], rows: npt.NDArray[np.int64]
    ) -> None:
        filled = numbers.content != Content.EMPTY
        total = np.zeros(self.n_rows, np.bool_)
        total[self.total_rows] = True
        part = (
            "part_of_rate" if column in self.mapping.of(ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR) else "observation"
        )
        self.cells["total"] += int((filled & total).sum())
        self.cells["missing"] += int((usable & (numbers.content == Content.MISSING)).sum())
        self.cells[part] += len(rows)
        bad = filled & ~total & ~(usable & (numbers.content == Content.MISSING))
        self.cells["fault"] += int(bad.sum()) - len(rows)

    def _metric_index(self, names: dict[str, int], column: Column, label: str) -> int:
        name, unit = self._metric_name(column, label)
        if name not in names:
            names[name] = len(names)
            self.metric_of.append((name, unit, column))
        return names[name]

    def _metric_name(self, column: Column, label: str) -> tuple[str, str | None]:
        """Say what a column's values are called, and their unit."""
        several = len(self.columns) > 1 and not melt.is_wide(self.layout)
        heading, unit = split_unit(column.above if melt.is_wide(self.layout) else column.heading)
        means = heading_means(heading)
        if label and not several:
            name, inner = split_unit(label)
            name, unit = name, inner or unit
        elif label:
            name = f"{label} – {heading}"
        elif heading and not (means and means[0] == "value" and not several):
            name = heading
        else:
            name = self._table_name()
        choice = chosen(self.choices.metrics, column.letter, label or heading) or chosen(self.choices.metrics, "", name)
        choice = choice or MetricChoice()
        metric = self.known.metric(choice.name or name, choice.metric_id)
        if metric is not None:
            return metric.name_en, choice.unit or unit
        return choice.name or name, choice.unit or unit

    def _table_name(self) -> str:
        title = self.layout.title or self.grid.sheet or Path(self.book.file_name).stem
        return _YEARS.sub("", tidy(title)).strip(" .,;:–-")[:LONGEST_NAME] or tidy(title)[:LONGEST_NAME]

    # --- conclusion ---

    def _concluded(self, values: Tally, usable: npt.NDArray[np.bool_], excluded: list[ExcludedRow]) -> Interpretation:
        shown = [column.shown for column in self.columns]
        site_names = [name for name, _ in self.sites.names]
        before = len(values)
        values, repeated, torn = checks.settle_repeats(values, self.grid, self.layout, shown, site_names, self.findings)
        self.cells["repeated"] += repeated
        self.cells["fault"] += torn
        self.cells["observation"] -= before - len(values)
        values, segments, handling = self._segmented(values)
        values, metrics, zero = self._with_rates(values)
        values, metrics = self._fitting(values, metrics)
        sites, values = self._sites_seen(values, usable)
        self._check_sites(sites, metrics)
        checks.note_future(values, self.known.today, self.grid, self.layout, self.findings)
        marks = self._marks(values, metrics)
        self._count_other_cells()
        return Interpretation(
            layout=self.layout, mapping=self.mapping, observations=self._frame(values, segments, marks, shown),
            sites=tuple(sites), metrics=tuple(metrics), periods=self._periods_seen(values),
            segments=tuple(segments), segment_handling=handling,
            faults=tuple(self.findings.faults), fault_counts=dict(self.findings.counts),
            excluded=tuple(sorted(excluded, key=lambda row: row.row)), questions=tuple(self.questions),
            cells={kind: n for kind, n in self.cells.items() if n}, n_cells=int(self.layout.filled.sum()),
            n_zero_denominators=zero, decimal=self.decimal, decimal_reason=self.decimal_reason,
            date_orders={}, year=self.choices.year,
        )  # fmt: skip

    def _segmented(self, values: Tally) -> tuple[Tally, list[str], SegmentHandling | None]:
        texts = list(self.segments.texts)
        used = np.unique(values.segment)
        if len(used) <= 1:
            only = texts[int(used[0])] if len(used) else ""
            keeps = bool(only) and self.choices.segments is SegmentHandling.KEEP
            return (
                values if keeps else replace(values, segment=np.zeros(len(values), np.int64)),
                (texts if keeps else [""]),
                self.choices.segments if only else None,
            )
        handling = self.choices.segments or SegmentHandling.KEEP
        if handling is SegmentHandling.SUM:
            return tally.summed(values), [""], handling
        if handling is SegmentHandling.SEPARATE:
            pairs, inverse = np.unique(values.metric * len(texts) + values.segment, return_inverse=True)
            named = []
            for pair in pairs:
                metric, segment = divmod(int(pair), len(texts))
                name, unit, column = self.metric_of[metric]
                named.append((f"{name} – {texts[segment]}" if texts[segment] else name, unit, column))
            self.metric_of = named
            return replace(values, metric=inverse, segment=np.zeros(len(values), np.int64)), [""], handling
        return values, texts, handling

    def _with_rates(self, values: Tally) -> tuple[Tally, list[MetricSeen], int]:
        metrics = [self._metric_seen(values, index, *named) for index, named in enumerate(self.metric_of)]
        parts = {role: self.mapping.of(role) for role in (ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR)}
        rates = list(self.choices.rates)
        if parts[ColumnRole.NUMERATOR] and parts[ColumnRole.DENOMINATOR] and not rates:
            below = parts[ColumnRole.DENOMINATOR][0]
            rates = [
                RateChoice(numerator=above.heading, denominator=below.heading) for above in parts[ColumnRole.NUMERATOR]
            ]
        made, zero = [values], 0
        for choice in rates:
            above, below = self._metric_for(choice.numerator), self._metric_for(choice.denominator)
            found, zeros, unpaired = tally.rate(
                values,
                numerator=above,
                denominator=below,
                metric=len(metrics),
                scale=100.0 if choice.unit == "%" else 1.0,
            )
            zero += zeros
            if zeros:
                self.findings.add("zero_denominator", Severity.INFO, column=self.metric_of[below][2].shown, times=zeros)
            if unpaired:
                self.findings.add(
                    "rate_unpaired", Severity.WARNING, column=self.metric_of[above][2].shown, times=unpaired
                )
            name = choice.name or f"{self.metric_of[above][0]} / {self.metric_of[below][0]}"
            known = self.known.metric(name, choice.metric_id)
            metrics.append(
                MetricSeen(
                    known.name_en if known else name, choice.unit, self.periods.grain, MetricKind.RATIO,
                    Aggregation.WEIGHTED_MEAN, len(found), 1, known.id if known else None, choice,
                )
            )  # fmt: skip
            made.append(found)
        whole = tally.joined(made) if len(made) > 1 else values
        return self._without_parts(whole, metrics, parts), metrics, zero

    def _without_parts(
        self, values: Tally, metrics: list[MetricSeen], parts: dict[ColumnRole, tuple[Column, ...]]
    ) -> Tally:
        indices = {column.index for columns in parts.values() for column in columns}
        dropped = [index for index, (_, _, column) in enumerate(self.metric_of) if column.index in indices]
        if not dropped:
            return values
        kept = [index for index in range(len(metrics)) if index not in dropped]
        renumber = np.full(len(metrics), -1)
        renumber[kept] = np.arange(len(kept))
        metrics[:] = [metrics[index] for index in kept]
        left = values.at(renumber[values.metric] >= 0)
        return replace(left, metric=renumber[left.metric])

    def _metric_for(self, wanted: str) -> int:
        for index, (name, _, column) in enumerate(self.metric_of):
            if plain_heading(wanted) in (plain_heading(name), plain_heading(column.heading)) or wanted == column.letter:
                return index
        named = ", ".join(name for name, _, _ in self.metric_of)
        raise Refusal("no_such_column", domain="loaders", sheet=self.grid.sheet or "", name=wanted, headings=named)

    def _metric_seen(self, values: Tally, index: int, name: str, unit: str | None, column: Column) -> MetricSeen:
        own = values.value[values.metric == index]
        percents = [numbers.percent for one, numbers in zip(self.columns, self.numbers, strict=True) if one is column]
        is_percent = unit == "%" or any(bool(percent.any()) for percent in percents)
        whole = bool((own == np.floor(own)).all())
        decimals = (
            0 if whole else next((n for n in (1, 2) if np.allclose(own, np.round(own, n), atol=1e-9)), MOST_DECIMALS)
        )
        known = self.known.metric(name)
        counted = whole and not is_percent and unit in (None, "count") and bool((own >= 0).all())
        kind = MetricKind.RATIO if is_percent else MetricKind.COUNT if counted else MetricKind.MEASURE
        way = Aggregation.SUM if counted else Aggregation.MEAN
        return MetricSeen(
            name, "%" if is_percent else (unit or ""), self.periods.grain, kind, way, len(own), decimals,
            known.id if known else None, None, column.heading,
        )  # fmt: skip

    def _fitting(self, values: Tally, metrics: list[MetricSeen]) -> tuple[Tally, list[MetricSeen]]:
        """Leave out the metrics whose unit or periods do not fit their definition."""
        by_id = {metric.id: metric for metric in self.known.metrics}
        for index, seen in enumerate(metrics):
            metric = by_id.get(seen.metric_id or "")
            heading = self.metric_of[index][2].shown if index < len(self.metric_of) else seen.name
            if metric is not None and not checks.check_metric(
                seen, metric, heading, next(iter(self.periods.texts), ""), self.findings
            ):
                mine = values.metric == index
                self.cells["fault"] += int(mine.sum()) if seen.rate is None else 0
                self.cells["observation"] -= int(mine.sum()) if seen.rate is None else 0
                values = values.at(~mine)
                metrics[index] = replace(seen, n_observations=0)
        return values, metrics

    def _sites_seen(self, values: Tally, usable: npt.NDArray[np.bool_]) -> tuple[list[SiteSeen], Tally]:
        """List the sites that are left once totals are out, and number them anew."""
        present = np.unique(self.sites.codes[usable])
        renumber = np.full(len(self.sites.names) + 1, -1, np.int64)
        renumber[present] = np.arange(len(present))
        sites = []
        for site in present:
            name, code = self.sites.names[site]
            row = self.grid.row_number(int(self.layout.data_rows[self.sites.first_rows[site]]))
            keys = [name_key(text) for text in (code, name) if text]
            site_id = next((self.known.sites[key] for key in keys if key in self.known.sites), None)
            sites.append(SiteSeen(name, code, row, site_id))
        return sites, replace(values, site=renumber[values.site])

    def _check_sites(self, sites: list[SiteSeen], metrics: list[MetricSeen]) -> None:
        knows_none = not any(site.site_id for site in sites) and not any(metric.metric_id for metric in metrics)
        if any(question.code == "site" for question in self.questions):
            return
        checks.check_sites(sites, self.known, is_new_source=knows_none, findings=self.findings)

    def _marks(self, values: Tally, metrics: list[MetricSeen]) -> npt.NDArray[np.bool_]:
        by_id = {metric.id: metric for metric in self.known.metrics}
        known: dict[int, Metric] = {
            index: by_id[seen.metric_id] for index, seen in enumerate(metrics) if seen.metric_id in by_id
        }
        shown = [column.shown for column in self.columns]
        return checks.implausible(values, known, self.grid, self.layout, shown, self.findings)

    def _count_other_cells(self) -> None:
        value_columns = {column.index for column in self.columns}
        ignored = {column.index for column in self.mapping.of(ColumnRole.IGNORE)}
        totals = self.layout.data_rows[self.total_rows]
        for column in range(self.layout.filled.shape[1]):
            filled = self.layout.filled[:, column]
            if column in value_columns:
                continue
            n_totals = int(filled[totals].sum())
            self.cells["total"] += n_totals
            kind = "ignored_column" if column in ignored or column not in self._mapped() else "label"
            self.cells[kind] += int(filled[self.layout.data_rows].sum()) - n_totals
        for row_kind in RowKind:
            if row_kind not in (RowKind.DATA, RowKind.BLANK):
                self.cells[row_kind.name.lower()] += int(self.layout.filled[self.layout.row_kinds == row_kind].sum())

    def _mapped(self) -> set[int]:
        return {reading.column.index for reading in self.mapping.columns}

    def _periods_seen(self, values: Tally) -> tuple[PeriodsSeen, ...]:
        if not len(values):
            return ()
        days = np.unique(values.period).astype("datetime64[D]")
        return (PeriodsSeen(self.periods.grain, days[0].item(), days[-1].item(), len(days)),)

    def _frame(
        self, values: Tally, segments: list[str], marks: npt.NDArray[np.bool_], shown: list[str]
    ) -> pd.DataFrame:
        rows = self.grid.row_numbers[self.layout.data_rows]
        return pd.DataFrame(
            {
                "site": values.site,
                "metric": values.metric,
                "segment": _categories(values.segment, segments),
                "period_start": values.period,
                "grain": _categories(np.zeros(len(values), np.int64), [self.periods.grain.value]),
                "value": values.value,
                "weight": values.weight,
                "source_row": rows[values.row],
                "source_column": _categories(values.column, shown),
                "mark": _categories(marks.astype(np.int64), ["", "implausible"]),
            }
        )


def _categories(codes: npt.NDArray[np.int64], texts: list[str]) -> pd.Categorical:
    distinct = list(dict.fromkeys(texts))
    if len(distinct) < len(texts):
        codes = np.array([distinct.index(text) for text in texts], np.int64)[codes]
    return pd.Categorical.from_codes(codes, categories=distinct)
