"""Which rows and columns of a table being read are totals of others, by their words, by arithmetic or by choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from data.types import Severity
from loaders import dating, melt
from loaders.choices import ColumnRole, LayoutKind
from loaders.tally import numbered
from loaders.totals import Total, find_totals
from loaders.words import is_total_word

if TYPE_CHECKING:
    from loaders.table import Table

TOTALS_COLUMNS = 400  # columns of the table that totals are looked for in
MOST_LONGER = 400  # rows of longer periods that are held against the months in them
SITES_LOOKED_AT = 40  # whose segments are added up
FEWEST_SEGMENTS, MOST_SEGMENTS = 3, 60
MOSTLY = 0.5
CLOSE = 1e-6
NEARLY = 0.01  # cases whose part is unknown are in the total alone
_LABELS = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME, ColumnRole.PERIOD, ColumnRole.SEGMENT, ColumnRole.METRIC)


class _RowsOfSites:
    """The data rows of each site, looked for when they are asked for: few sites are totals."""

    def __init__(self, codes: npt.NDArray[np.int64]) -> None:
        self._codes = codes

    def __getitem__(self, site: int) -> npt.NDArray[np.int64]:
        return np.flatnonzero(self._codes == site)


Members = Sequence[npt.NDArray[np.int64]] | _RowsOfSites


def totals_of(table: Table) -> tuple[Total, ...]:
    """List the data rows that are totals, by position; those a person keeps are none."""
    rows: dict[int, Total] = {}
    for lines, members, labels in _searched(table):
        for total in find_totals(lines, labels) if len(labels) > 1 else ():
            if not total.proved:
                _note_suspected(table, total, members[total.row])
                continue
            for row in members[total.row].tolist():
                rows[row] = replace(total, row=row, group=int(members[total.row][0]))
    wide = melt.is_wide(table.layout)
    rows |= {} if wide else _rows_of_longer_periods(table) | _rows_of_whole_segments(table)
    for row in _rows_named_totals(table).tolist():
        had = rows.get(row)
        if had is None or not had.n_parts:
            parts, exact = _parts_of_a_block(table, row)
            rows[row] = Total(row, parts or (0 if wide else 1), by_words=True, exact=exact, group=row)
    if sum(total.n_parts == 0 for total in rows.values()) > MOSTLY * table.n_rows:
        rows = {row: total for row, total in rows.items() if total.n_parts}
    numbers = table.grid.row_numbers[table.layout.data_rows]
    for row in np.flatnonzero(np.isin(numbers, table.choices.leave_out_rows)).tolist():
        rows[row] = Total(row, 0, by_words=False, group=row, chosen=True)
    kept = {row for row in rows if int(numbers[row]) in table.choices.keep_rows}
    return tuple(rows[row] for row in sorted(rows) if row not in kept)


def _rows_of_whole_segments(table: Table) -> dict[int, Total]:
    """Find the rows of a segment that sums the others beside it: both sexes, all ages."""
    found: dict[int, Total] = {}
    columns = table.mapping.of(ColumnRole.SEGMENT)
    for column in columns:
        labels = table.mapping.labels[column.index]
        if not FEWEST_SEGMENTS <= len(labels.texts) <= MOST_SEGMENTS:
            continue
        beside = [table.mapping.labels[other.index] for other in columns if other is not column]
        sites, starts = table.sites.codes[: table.n_rows], table.periods.starts
        known = (labels.codes >= 0) & (sites < SITES_LOOKED_AT) & ~np.isnat(starts) & ~np.isnan(table.numbers[0].value)
        kept = np.flatnonzero(known)
        if not len(kept):
            continue
        days = starts[kept].astype("datetime64[D]").astype(np.int64)
        across = days - days.min()
        for codes in (sites, table.metric_labels.codes, *(other.codes for other in beside)):
            across = numbered(across * (int(codes.max()) + 2) + codes[kept] + 1)[0]
        kept, across = kept[across < TOTALS_COLUMNS], across[across < TOTALS_COLUMNS]
        lines = np.full((len(labels.texts), int(across.max()) + 1), np.nan)
        lines[labels.codes[kept], across] = table.numbers[0].value[kept]
        for total in find_totals(lines, [""] * len(lines)):
            if total.proved and total.exact:
                own = np.flatnonzero(labels.codes == total.row)
                found |= {row: replace(total, row=row, group=int(own[0])) for row in own.tolist()}
    return found


def total_columns(table: Table) -> dict[int, str]:
    """Find the value columns that sum others, by position, with why: a longer period, or the sites beside it."""
    if len(table.columns) < 3 or len(table.columns) > TOTALS_COLUMNS:
        return {}
    if melt.is_wide(table.layout):
        return _longer_periods(table)
    if table.layout.kind is not LayoutKind.WIDE_BY_SITE:
        return {}
    values = np.stack([column.value for column in table.numbers], axis=0)[:, :TOTALS_COLUMNS]
    metrics = [column.metric_text for column in table.columns]
    found: dict[int, str] = {}
    for metric in dict.fromkeys(metrics):
        at = [position for position, own in enumerate(metrics) if own == metric]
        names = [table.columns[position].site_text or "" for position in at]
        for total in find_totals(values[at], names) if len(at) > 2 else ():
            if total.proved and table.columns[at[total.row]].letter not in table.choices.roles:
                found[at[total.row]] = "total_column"
    return found


def _rows_of_longer_periods(table: Table) -> dict[int, Total]:
    """Find the rows of quarters and years that stand among months and sum them."""
    longer = [row for row, code in table.periods_read.problems.items() if code == "grain_mixed"][:MOST_LONGER]
    labels = dating.period_labels(table) if longer else None
    if labels is None:
        return {}
    starts = table.periods_read.starts.astype("datetime64[D]")
    sites = table.sites.codes[: table.n_rows]
    kept = (sites, table.segments.codes, table.metric_labels.codes)
    found: dict[int, Total] = {}
    for row in longer:
        start, end = melt.bounds_of(labels.texts[int(labels.codes[row])])
        parts = (starts >= start) & (starts < end)
        for codes in kept:
            parts &= codes == codes[row]
        own = np.array([column.value[row] for column in table.numbers])
        summed = np.array([column.value[parts].sum() for column in table.numbers])
        both = ~np.isnan(own) & ~np.isnan(summed)
        if parts.sum() > 1 and both.any() and np.isclose(own[both], summed[both], rtol=CLOSE).all():
            found[row] = Total(row, int(parts.sum()), by_words=False, group=row)
    return found


def _longer_periods(table: Table) -> dict[int, str]:
    """Find the quarters and years that stand among months and sum them."""
    periods = table.periods_read
    longer = [at for at, code in periods.problems.items() if code == "grain_mixed"]
    found: dict[int, str] = {}
    for at in longer:
        column = table.columns[at]
        start, end = melt.bounds_of(column.period_text or "")
        starts = periods.starts.astype("datetime64[D]")
        parts = [
            position
            for position, other in enumerate(table.columns)
            if not np.isnat(starts[position])
            and start <= starts[position] < end
            and other.above == column.above
            and other.site_text == column.site_text
        ]
        if len(parts) < 2:
            continue
        summed = np.sum([table.numbers[position].value for position in parts], axis=0)
        own = table.numbers[at].value
        both = ~np.isnan(own) & ~np.isnan(summed)
        if both.any() and np.isclose(own[both], summed[both], rtol=CLOSE, atol=0.5).all():
            found[at] = "total_column"
    return found


def _searched(table: Table) -> list[tuple[npt.NDArray[np.float64], Members, list[str]]]:
    """Lay the values out for the search of totals, apart for each section that is a metric of its own."""
    lines, members, labels = _lines(table)
    if not len(labels) or not melt.is_wide(table.layout) or not table.sections_name_metrics:
        return [(lines, members, labels)]
    codes = table.metric_labels.codes
    return [
        (lines[rows], [members[row] for row in rows.tolist()], [labels[row] for row in rows.tolist()])
        for rows in (np.flatnonzero(codes == code) for code in np.unique(codes).tolist())
        if len(rows) > 2
    ]


def _lines(table: Table) -> tuple[npt.NDArray[np.float64], Members, list[str]]:
    """Lay the values out: a line a row (periods across) or a site, in file order, with its data rows and its name."""
    names = [name for name, _ in table.sites.names]
    if melt.is_wide(table.layout):
        lines = np.stack([column.value for column in table.numbers[:TOTALS_COLUMNS]], axis=1)
        if table.segment_rows is not None:
            shown = [table.label_of(row) for row in range(table.n_rows)]
        else:
            shown = [names[code] if code >= 0 else "" for code in table.sites.codes[: table.n_rows].tolist()]
        return lines, [np.array([row]) for row in range(table.n_rows)], shown
    if table.layout.kind is LayoutKind.WIDE_BY_SITE:
        return np.zeros((0, 0)), [], []
    first = table.numbers[0].value
    known = (table.sites.codes >= 0) & ~np.isnat(table.periods.starts) & ~np.isnan(first)
    if not known.any():
        return np.zeros((0, 0)), [], []
    rows = slice(None) if known.all() else np.flatnonzero(known)
    across = table.periods.starts[rows].astype("datetime64[D]").astype(np.int64)
    across -= across.min()
    for labels in (table.segments, table.metric_labels):
        if len(labels.texts) > 1:
            across = across * len(labels.texts) + labels.codes[rows]
    at, n_distinct = numbered(across)
    width = min(n_distinct, TOTALS_COLUMNS)
    if not width or len(names) * width > 20 * max(table.n_rows, 10_000):
        return np.zeros((0, 0)), [], []
    inside = np.flatnonzero(at < width)
    own = inside if isinstance(rows, slice) else rows[inside]
    columns = [first] if width > 1 else _counts(table) or [first]  # one period alone: the metrics stand across
    lines = np.full((len(names), width * len(columns)), np.nan)
    for n, values in enumerate(columns):
        lines[table.sites.codes[own], at[inside] + n] = values[own]
    return lines, _RowsOfSites(table.sites.codes), names


def _counts(table: Table) -> list[npt.NDArray[np.float64]]:
    """Give the value columns that add up: whole numbers of one unit, no percentages."""
    found = []
    for column in table.numbers[:TOTALS_COLUMNS]:
        known = column.value[~np.isnan(column.value)]
        if len(known) and column.unit is None and not column.percent.any() and (known == np.floor(known)).all():
            found.append(column.value)
    return found


def _parts_of_a_block(table: Table, row: int) -> tuple[int, bool]:
    """Say how many rows of one section add up to a total that stands above them all, and whether exactly; 0 = none."""
    if not melt.is_wide(table.layout) or not table.sections_name_metrics:
        return 0, True
    nearly = 0
    values = np.stack([column.value for column in table.numbers[:TOTALS_COLUMNS]], axis=1)
    codes = table.metric_labels.codes
    for code in np.unique(codes).tolist():
        rows = np.flatnonzero((codes == code) & (np.arange(table.n_rows) != row))
        summed = values[rows].sum(axis=0)
        both = ~np.isnan(values[row]) & ~np.isnan(summed)
        if len(rows) < 2 or both.sum() < 2:
            continue
        if np.isclose(summed[both], values[row][both], rtol=CLOSE).all():
            return len(rows), True
        if not nearly and np.isclose(summed[both], values[row][both], rtol=NEARLY).all():
            nearly = len(rows)
    return nearly, not nearly


def _note_suspected(table: Table, total: Total, members: npt.NDArray[np.int64]) -> None:
    """Warn of a row that may be a total, unless a person has decided about it."""
    number = table.grid.row_number(int(table.layout.data_rows[members[0]]))
    if number not in (*table.choices.keep_rows, *table.choices.leave_out_rows):
        code = int(table.sites.codes[members[0]])
        name = table.sites.names[code][0] if code >= 0 else ""
        table.findings.add("total_possible", Severity.WARNING, row=number, found=name, expected=str(total.n_parts))


def _rows_named_totals(table: Table) -> npt.NDArray[np.int64]:
    """Find the rows in which some label, of site, segment, metric or period, is a word for totals."""
    named = np.zeros(table.n_rows, np.bool_)
    for column in table.mapping.of(*_LABELS):
        labels = table.mapping.labels[column.index]
        words = np.array([*(is_total_word(text) for text in labels.texts), False])
        if words.any() and not words[:-1].all():
            named |= words[labels.codes]
    return np.flatnonzero(named)
