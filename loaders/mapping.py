"""What each column of a table holds, with how sure that is and why; a person's choices always win."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.choices import Choices, ColumnRole, chosen
from loaders.dates import DateOrder, NoPeriod, PeriodColumn, read_periods
from loaders.grid import Grid, Kind, Refusal
from loaders.keys import plain_heading
from loaders.layout import Column, Layout, LayoutKind
from loaders.words import heading_means, is_total_word, unit_of

MOSTLY_PERIODS = 0.6
PERIOD_SAMPLE = 400
MOST_SEGMENTS = 60
UNIQUE_ROWS = 10  # in a table this small every row may be another site
_CODE = re.compile(r"^(?=.*\d)[\w./-]{1,14}$")
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """What a column was taken for.

    confidence: 0 to 1. reason: chosen, same_as_last_time, synonym, spelling, content, numbers, heading_is_period,
        heading_is_total, follows_site, distinguishes_rows or not_needed.
    """

    column: Column
    role: ColumnRole
    confidence: float
    reason: str


@dataclass(frozen=True, eq=False)
class Labels:
    """A column of labels: its distinct texts and, a data row, which one it has (-1 = empty)."""

    texts: tuple[str, ...]
    codes: Codes

    @property
    def n_filled(self) -> int:
        """Rows that have a label."""
        return int((self.codes >= 0).sum())


class LabelBook(dict[int, Labels]):
    """The labels of columns, by index, each read when it is first asked for."""

    def __init__(self, grid: Grid, layout: Layout) -> None:
        super().__init__()
        self._grid, self._layout = grid, layout

    def __missing__(self, index: int) -> Labels:
        found = labels_of(self._grid, self._layout, index)
        self[index] = found
        return found


@dataclass(frozen=True, eq=False)
class Mapping:
    """Every column with its role, and the labels that were read on the way."""

    columns: tuple[ColumnReading, ...]
    labels: LabelBook
    fingerprint: str

    def of(self, *roles: ColumnRole) -> tuple[Column, ...]:
        """Give the columns that have one of these roles, from left to right."""
        return tuple(reading.column for reading in self.columns if reading.role in roles)


def propose(grid: Grid, layout: Layout, choices: Choices, *, remembered: Collection[str] = ()) -> Mapping:
    """Propose what each column holds, from its heading, its spelling and its content.

    remembered: the headings whose role comes from the last load of this source, for the reason shown.
    Raises Refusal("no_period") when no column holds dates and no heading is one.
    """
    labels = LabelBook(grid, layout)
    readings: dict[int, ColumnReading] = {}
    for column in layout.columns:
        role = chosen(choices.roles, column.letter, column.heading)
        if role is not None:
            reason = "same_as_last_time" if column.heading in remembered else "chosen"
            readings[column.index] = ColumnReading(column, role, 1.0, reason)
        elif column.period_text is not None:
            readings[column.index] = ColumnReading(column, ColumnRole.VALUE, 0.99, "heading_is_period")
    if layout.kind is LayoutKind.LONG:
        _read_period_column(grid, layout, labels, readings)
    _read_by_heading(layout, labels, readings)
    _read_by_content(layout, labels, readings)
    ordered = tuple(readings[column.index] for column in layout.columns if column.index in readings)
    return Mapping(ordered, labels, fingerprint(layout))


def fingerprint(layout: Layout) -> str:
    """Recognise a source by its headings, whatever their order; headings that are periods change and do not count."""
    headings = sorted(plain_heading(column.heading) for column in layout.label_columns)
    return hashlib.sha256("\n".join([layout.kind.value, *headings]).encode()).hexdigest()[:32]


def labels_of(grid: Grid, layout: Layout, index: int) -> Labels:
    """Read a column of the data rows as labels."""
    taken = grid.columns[index].take(pa.array(layout.data_rows))
    encoded = pc.dictionary_encode(taken)
    texts = [" ".join(str(text).split()) for text in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    tidy: dict[str, int] = {}
    merged = np.array([tidy.setdefault(text, len(tidy)) if text else -1 for text in texts] + [-1], np.int64)
    return Labels(tuple(tidy), merged[codes])


def periods_of(labels: Labels, *, order: DateOrder | None, year: int | None) -> PeriodColumn:
    """Read a column's labels as periods."""
    return read_periods(labels.texts, order=order, year=year)


def _read_period_column(grid: Grid, layout: Layout, labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    if any(reading.role is ColumnRole.PERIOD for reading in readings.values()):
        return
    best: tuple[float, ColumnReading] | None = None
    for column in layout.label_columns:
        means = heading_means(column.heading)
        says_period = means is not None and means[0] == "period"
        is_plain_number = column.is_numeric
        if column.index in readings or not column.n_filled or (is_plain_number and not says_period):
            continue
        if not labels[column.index].texts:
            continue
        share = _share_of_periods(labels[column.index].texts)
        if share < (0.3 if says_period else MOSTLY_PERIODS):
            continue
        is_date_cell = grid.cell_kinds is not None and bool((grid.kinds(column.index) == Kind.DATE).any())
        score = share + 0.5 * says_period + 0.3 * is_date_cell
        confidence = round(min(0.99, 0.7 * share + 0.29 * says_period + 0.2 * is_date_cell), 2)
        reason = means[2] if says_period and means else "content"
        if best is None or score > best[0]:
            best = score, ColumnReading(column, ColumnRole.PERIOD, confidence, reason)
    if best is None:
        raise Refusal("no_period", domain="loaders", sheet=grid.sheet or "",
                      headings=", ".join(column.shown for column in layout.columns[:12]))  # fmt: skip
    readings[best[1].column.index] = best[1]


def _share_of_periods(texts: Sequence[str]) -> float:
    sample = texts[:: max(1, len(texts) // PERIOD_SAMPLE)][:PERIOD_SAMPLE]
    read = read_periods([text for text in sample if not is_total_word(text)] or sample)
    near = sum(isinstance(period, NoPeriod) and period.code != "not_a_date" for period in read.periods)
    return (read.n_read + near) / len(read.periods)


def _read_by_heading(layout: Layout, labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    for column in layout.label_columns:
        if column.index in readings:
            continue
        means = heading_means(column.heading)
        numeric = column.is_numeric
        if means is None or means[0] == "period":
            continue
        role = ColumnRole(means[0])
        if not _content_fits(role, column, labels, numeric=numeric, exact=means[2] == "synonym"):
            continue
        is_total = role is ColumnRole.IGNORE and is_total_word(column.heading)
        readings[column.index] = ColumnReading(column, role, means[1], "heading_is_total" if is_total else means[2])
    for role in (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME, ColumnRole.METRIC, ColumnRole.UNIT):
        _keep_best(role, labels, readings)


def _content_fits(role: ColumnRole, column: Column, labels: LabelBook, *, numeric: bool, exact: bool) -> bool:
    if role is ColumnRole.VALUE:
        return numeric
    if role in (ColumnRole.METRIC, ColumnRole.UNIT, ColumnRole.SITE_NAME):
        return not numeric
    if role is ColumnRole.SEGMENT:
        return exact and len(labels[column.index].texts) <= MOST_SEGMENTS
    if role is ColumnRole.IGNORE:
        return exact
    own = labels[column.index]
    return 0 < len(own.texts) <= max(UNIQUE_ROWS, 0.7 * len(own.codes))  # else it numbers rows, not sites


def _keep_best(role: ColumnRole, labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Of several columns with a role that only one can have, keep the surest, then the one with most labels."""
    rivals = [reading for reading in readings.values() if reading.role is role]
    if len(rivals) > 1:
        best = max(
            rivals,
            key=lambda reading: (
                reading.confidence,
                "site" in plain_heading(reading.column.heading).split(),
                len(labels[reading.column.index].texts),
            ),
        )
        for reading in rivals:
            if reading is not best and reading.reason != "chosen":
                del readings[reading.column.index]


# --- by content -------------------------------------------------------------------------------------------------


def _read_by_content(layout: Layout, labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    left = [column for column in layout.label_columns if column.index not in readings and column.n_filled]
    texts = [column for column in left if not column.is_numeric]
    numbers = [column for column in left if column not in texts]
    for column in numbers:
        wide = layout.kind is not LayoutKind.LONG
        role, reason = (ColumnRole.IGNORE, "not_needed") if wide else (ColumnRole.VALUE, "numbers")
        readings[column.index] = ColumnReading(column, role, 0.8, reason)
    for column in list(texts):
        if len(labels[column.index].texts) and all(unit_of(text) for text in labels[column.index].texts):
            readings[column.index] = ColumnReading(column, ColumnRole.UNIT, 0.8, "content")
            texts.remove(column)
    if layout.kind is LayoutKind.LONG:
        _promote_a_value(readings)
    if not _sites(readings):
        _read_site(layout, texts, labels, readings)
    _read_twins(texts, labels, readings)
    _read_segments(texts, labels, readings)


def _promote_a_value(readings: dict[int, ColumnReading]) -> None:
    """Take a column called total or number for the value when no other column holds one."""
    if any(reading.role in (ColumnRole.VALUE, ColumnRole.NUMERATOR) for reading in readings.values()):
        return
    for index, reading in readings.items():
        if reading.role is ColumnRole.IGNORE and reading.reason != "chosen" and reading.column.is_numeric:
            readings[index] = replace(reading, role=ColumnRole.VALUE, confidence=0.6, reason="numbers")
            return


def _sites(readings: dict[int, ColumnReading]) -> list[Column]:
    roles = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME)
    return [reading.column for reading in readings.values() if reading.role in roles]


def _read_site(layout: Layout, texts: list[Column], labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Take the text column with most different labels for the site: a site comes back every period."""
    wide = layout.kind is not LayoutKind.LONG
    n_rows = len(layout.data_rows)
    fit = [
        column
        for column in texts
        if labels[column.index].texts and (wide or len(labels[column.index].texts) <= max(1, 0.7 * n_rows) or n_rows < UNIQUE_ROWS)
    ]  # fmt: skip
    if not fit:
        return
    site = max(fit, key=lambda column: (len(labels[column.index].texts), -column.index))
    role = ColumnRole.SITE_CODE if _is_coded(labels[site.index]) else ColumnRole.SITE_NAME
    readings[site.index] = ColumnReading(site, role, 0.7, "content")
    texts.remove(site)


def _is_coded(labels: Labels) -> bool:
    sample = labels.texts[:PERIOD_SAMPLE]
    return sum(bool(_CODE.match(text)) for text in sample) > 0.7 * len(sample)


def _read_twins(texts: list[Column], labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Find the name that goes with a code, or the code that goes with a name: one for one, row after row."""
    sites = _sites(readings)
    if len(sites) != 1:
        return
    site = sites[0]
    for column in list(texts):
        if _determines(labels[site.index], labels[column.index]) and _determines(
            labels[column.index], labels[site.index]
        ):
            had = readings[site.index]
            coded = _is_coded(labels[column.index]) and not _is_coded(labels[site.index])
            if had.reason == "content":
                own = ColumnRole.SITE_NAME if coded else ColumnRole.SITE_CODE
                readings[site.index] = replace(had, role=own)
            other = ColumnRole.SITE_NAME if readings[site.index].role is ColumnRole.SITE_CODE else ColumnRole.SITE_CODE
            readings[column.index] = ColumnReading(column, other, 0.7, "content")
            texts.remove(column)
            return


def _determines(one: Labels, other: Labels) -> bool:
    """Say whether each label of one column always stands beside the same label of another."""
    both = (one.codes >= 0) & (other.codes >= 0)
    if not both.any():
        return False
    pairs = np.unique(one.codes[both] * (len(other.texts) + 1) + other.codes[both])
    return len(pairs) == len(np.unique(one.codes[both]))


def _read_segments(texts: list[Column], labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Take for segments the columns that tell apart rows of one site and period; the others are not needed."""
    roles = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME, ColumnRole.PERIOD, ColumnRole.METRIC, ColumnRole.SEGMENT)
    keys = [labels[index] for index, reading in readings.items() if reading.role in roles]
    sites = [labels[site.index] for site in _sites(readings)]
    numeric = [reading.column for reading in readings.values() if reading.reason == "numbers"]
    for column in [*texts, *(numeric if len(numeric) > 1 else [])]:
        if column in numeric and (not keys or _n_distinct(keys) == len(keys[0].codes)):
            continue
        own = labels[column.index]
        few = 1 < len(own.texts) <= (MOST_SEGMENTS if column in texts else MOST_SEGMENTS // 4)
        if few and _n_distinct([*keys, own]) > _n_distinct(keys) and len(own.codes) > _n_distinct(keys):
            is_number = column in numeric
            if is_number and _n_distinct([*keys, own]) < len(own.codes):
                continue
            readings[column.index] = ColumnReading(column, ColumnRole.SEGMENT, 0.6, "distinguishes_rows")
            keys.append(own)
        elif column in texts:
            follows = any(_determines(site, own) for site in sites)
            reason = "follows_site" if follows else "not_needed"
            readings[column.index] = ColumnReading(column, ColumnRole.IGNORE, 0.6, reason)


def _n_distinct(keys: Sequence[Labels]) -> int:
    if not keys:
        return 1
    combined = np.zeros(len(keys[0].codes), np.int64)
    for labels in keys:
        combined = combined * (len(labels.texts) + 1) + labels.codes + 1
        combined = np.unique(combined, return_inverse=True)[1]
    return int(combined.max()) + 1 if len(combined) else 0
