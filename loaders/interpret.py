"""Understands one table: from a grid and its mapping to observations, faults, exclusions and questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.types import Metric, Severity
from loaders import checks, melt, tally
from loaders import values as values_of
from loaders.accounts import PARTS, cells_of
from loaders.axes import settle
from loaders.checks import Known
from loaders.choices import Choices, ColumnRole, LayoutKind
from loaders.dates import DateOrder
from loaders.findings import ExcludedRow, Findings, Interpretation, MetricSeen, PeriodsSeen, Question, SiteSeen
from loaders.grid import Book, Grid
from loaders.layout import NO_HEADING, Layout, find_layout
from loaders.mapping import propose
from loaders.naming import NamedMetric, with_unit
from loaders.numbers import Content
from loaders.rates import rates_wanted, segmented, with_rates, without_parts
from loaders.table import Table
from loaders.tally import Tally
from loaders.values import units_at_odds

MOST_SHOWN = 8  # cells that a question shows


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
    questions = questions_of_headings(grid, layout, choices)
    layout, mapping = settle(layout, mapping, choices, known or Known(), questions)
    table = Table(book, grid, layout, mapping, choices, known or Known(), Findings(grid.sheet), questions)
    for other in layout.tables:
        if other.number != layout.table:
            table.findings.add("other_table", Severity.INFO, found=other.place)
    for hidden in book.hidden_sheets:
        table.findings.add("hidden_sheet", Severity.INFO, found=hidden)
    return _interpreted(table)


def _interpreted(table: Table) -> Interpretation:
    layout, mapping, choices = table.layout, table.mapping, table.choices
    values, named = _values(table)
    values, n_repeated = _each_key_once(table, values)
    cells = cells_of(table, values, n_repeated)
    values, named, segments, handling = segmented(values, named, table.segments.texts, choices.segments)
    by_metric = tally.values_by_metric(values, len(named))
    metrics = [
        table.naming.seen(metric, own, table.periods.grain) for metric, own in zip(named, by_metric, strict=True)
    ]
    wanted = rates_wanted(choices.rates, mapping.of(PARTS[0]), mapping.of(PARTS[1]))
    values, metrics, n_zeros = with_rates(
        values, named, metrics, wanted, table.periods.grain, table.known, table.findings
    )
    values, metrics = _fitting(table, values, named, metrics, cells)
    values, metrics = without_parts(values, named, metrics, {column.index for column in mapping.of(*PARTS)})
    sites, values = _sites_seen(table, values, metrics)
    checks.note_future(values, table.known.today, table.grid, layout, table.findings)
    excluded = _excluded(table)
    frame = _frame(table, values, segments, _implausible(table, values, metrics))
    return Interpretation(
        layout=layout, mapping=mapping, observations=frame, sites=tuple(sites), metrics=tuple(metrics),
        periods=_periods_seen(table, values), segments=segments, segment_handling=handling,
        faults=tuple(table.findings.faults), fault_counts={code: n for code, n in table.findings.counts.items() if n},
        excluded=excluded, questions=tuple(table.questions),
        cells={kind: n for kind, n in cells.items() if n}, n_cells=layout.n_cells,
        n_zero_denominators=n_zeros, decimal=table.decimal[0], decimal_reason=table.decimal[1],
        date_orders=_date_orders(table),
    )  # fmt: skip


def layout_of(grid: Grid, choices: Choices) -> Layout:
    """Find the table, below the heading row that was chosen when one was."""
    across = choices.layout in (None, LayoutKind.WIDE_BY_PERIOD)
    if choices.header_row is None:
        return find_layout(grid, table=choices.table, across=across)
    row = int(np.searchsorted(grid.row_numbers, choices.header_row)) if choices.header_row > 0 else NO_HEADING
    return find_layout(grid, header_row=row, across=across)


def questions_of_headings(grid: Grid, layout: Layout, choices: Choices) -> list[Question]:
    """Ask what the columns are, when nothing is written above them and nobody has said that this is so."""
    if layout.header_rows or choices.header_row is not None or choices.roles:
        return []
    first = int(layout.data_rows[0])
    texts = [grid.text(first, column.index) or "" for column in layout.columns[:MOST_SHOWN]]
    return [Question("header", None, ", ".join(texts))]


def _values(table: Table) -> tuple[Tally, list[NamedMetric]]:
    """Put every cell that holds a number behind one another, and name the metrics they are of."""
    _note_total_columns(table)
    values_of.note_values(table.grid, table.layout, table.columns, table.numbers, table.usable, table.findings)
    named: list[NamedMetric] = []
    places: dict[str, int] = {}
    units = values_of.units_by_label(table.mapping, table.metric_labels, table.findings)
    pieces = []
    for at, (column, numbers) in enumerate(zip(table.columns, table.numbers, strict=True)):
        across = table.periods.starts[at] if melt.is_wide(table.layout) else None
        taken = table.usable & (numbers.content == Content.NUMBER)
        dated = not np.isnat(table.periods.starts[:1]).all() if across is None and table.waits_for_period else True
        left_out = at in table.total_columns or not dated or (across is not None and np.isnat(across))
        rows = np.zeros(0, np.int64) if left_out else np.flatnonzero(taken)
        metric_at = np.full(len(units), -1, np.int64)
        codes = table.metric_labels.codes if len(rows) == table.n_rows else table.metric_labels.codes[rows]
        for label in np.flatnonzero(np.bincount(codes, minlength=1)).tolist():
            metric = table.naming.named(column, table.metric_labels.texts[label])
            metric_at[label] = places.setdefault(metric.name, len(named))
            if metric_at[label] == len(named):
                if units_at_odds(metric.unit, units[label]):
                    table.findings.add("unit_mixed", Severity.ERROR, column=column.shown,
                                       found=f"{metric.unit}, {units[label]}", expected=metric.name)  # fmt: skip
                unit = units[label] or numbers.unit
                named.append(with_unit(metric, unit, is_percent=bool(numbers.percent.any())))
        starts = table.starts(at, rows)
        metrics = metric_at[codes]
        pieces.append(
            Tally(
                table.site_codes(at, rows), metrics, table.segments.codes[rows], starts, numbers.value[rows],
                np.full(len(rows), np.nan), rows, np.full(len(rows), at, np.int64),
            )
        )  # fmt: skip
    return tally.joined(pieces), named


def _note_total_columns(table: Table) -> None:
    for at, code in table.total_columns.items():
        table.findings.add(code, Severity.INFO, column=table.columns[at].shown, found=table.columns[at].heading)


def _each_key_once(table: Table, values: Tally) -> tuple[Tally, int]:
    names = [name for name, _ in table.sites.names]
    return checks.settle_repeats(values, table.grid, table.layout, table.shown, names, table.findings)


def _fitting(
    table: Table, values: Tally, named: list[NamedMetric], metrics: list[MetricSeen], cells: Counter[str]
) -> tuple[Tally, list[MetricSeen]]:
    """Leave out the metrics whose unit or periods do not fit their definition."""
    by_id = {metric.id: metric for metric in table.known.metrics}
    example = next(iter(table.periods.texts), "")
    for at, seen in enumerate(metrics):
        metric = by_id.get(seen.metric_id or "")
        column = named[at].column.shown if at < len(named) else None
        mine = values.metric == at
        if metric is None or (
            checks.check_metric(seen, metric, column, example, table.findings)
            and (
                _writes_percent(named, at)
                or checks.check_share(seen, metric, values.value[mine], column, table.findings)
            )
        ):
            continue
        if seen.rate is None:
            cells["fault"] += int(mine.sum())
            cells["observation"] -= int(mine.sum())
        values, metrics[at] = values.at(~mine), replace(seen, n_observations=0)
    return values, metrics


def _writes_percent(named: Sequence[NamedMetric], at: int) -> bool:
    """Say whether the file itself writes that a metric is in %: in the heading, a label or the cells."""
    return at < len(named) and (named[at].is_percent or named[at].written == "%")


def _sites_seen(table: Table, values: Tally, metrics: Sequence[MetricSeen]) -> tuple[list[SiteSeen], Tally]:
    """List the sites that are left once totals are out, and number them anew."""
    down = table.sites.codes[: table.n_rows][table.usable] if _sites_down(table) else np.zeros(0, np.int64)
    seen = np.zeros(len(table.sites.names), np.bool_)
    seen[values.site] = True
    seen[down] = True
    present = np.flatnonzero(seen)
    renumber = np.full(len(table.sites.names) + 1, -1, np.int64)
    renumber[present] = np.arange(len(present))
    sites = []
    for site in present.tolist():
        name, code = table.sites.names[site]
        first = int(table.sites.first_rows[site])
        row = table.grid.row_number(int(table.layout.data_rows[first] if first >= 0 else table.layout.header_rows[-1]))
        sites.append(SiteSeen(name, code, row, table.site_finder(name, code)))
    is_new_source = not any([*(site.site_id for site in sites), *(metric.metric_id for metric in metrics)])
    if not any(question.code == "site" for question in table.questions):
        checks.check_sites(sites, table.known, is_new_source=is_new_source, findings=table.findings)
    return sites, replace(values, site=renumber[values.site])


def _sites_down(table: Table) -> bool:
    return any(column.site_text is None for column in table.columns)


def _implausible(table: Table, values: Tally, metrics: Sequence[MetricSeen]) -> npt.NDArray[np.bool_]:
    by_id = {metric.id: metric for metric in table.known.metrics}
    known: dict[int, Metric] = {at: by_id[seen.metric_id] for at, seen in enumerate(metrics) if seen.metric_id in by_id}
    return checks.implausible(values, known, table.grid, table.layout, table.shown, table.findings)


def _excluded(table: Table) -> tuple[ExcludedRow, ...]:
    rows = checks.excluded_by_layout(table.grid, table.layout)
    rows += checks.excluded_totals(table.grid, table.layout, table.totals, table.findings)
    return tuple(sorted(rows, key=lambda row: row.row))


def _periods_seen(table: Table, values: Tally) -> tuple[PeriodsSeen, ...]:
    if not len(values):
        return ()
    days = tally.distinct_days(values.period)
    return (PeriodsSeen(table.periods.grain, days[0].item(), days[-1].item(), len(days)),)


def _date_orders(table: Table) -> dict[str, DateOrder]:
    columns = table.mapping.of(ColumnRole.PERIOD) or table.columns[:1]
    return {columns[0].letter: table.periods.order} if table.periods.order is not None else {}


def _frame(table: Table, values: Tally, segments: tuple[str, ...], marked: npt.NDArray[np.bool_]) -> pd.DataFrame:
    rows = table.grid.row_numbers[table.layout.data_rows]
    return pd.DataFrame(
        {
            "site": values.site,
            "metric": values.metric,
            "segment": _categories(values.segment, segments),
            "period_start": values.period,
            "grain": _categories(np.zeros(len(values), np.int64), [table.periods.grain.value]),
            "value": values.value,
            "weight": values.weight,
            "source_row": rows[values.row],
            "source_column": _categories(values.column, table.shown),
            "mark": _categories(marked.astype(np.int64), ["", "implausible"]),
        },
        copy=False,
    )


def _categories(codes: npt.NDArray[np.int64], texts: Sequence[str]) -> pd.Categorical[str]:
    distinct = list(dict.fromkeys(texts))
    if len(distinct) < len(texts):
        codes = np.array([distinct.index(text) for text in texts], np.int64)[codes]
    return pd.Categorical.from_codes(codes, categories=pd.Index(distinct, dtype=object))
