"""What each column of a table holds, with how sure that is and why; a person's choices always win."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from loaders.choices import Choices, ColumnRole, chosen
from loaders.content import MOST_SEGMENTS, UNIQUE_ROWS, read_by_content
from loaders.dates import NoPeriod, read_periods
from loaders.grid import Grid, Kind
from loaders.keys import plain_heading
from loaders.labels import ColumnReading, LabelBook
from loaders.layout import Column, Layout, LayoutKind
from loaders.words import heading_means, is_total_word

MOSTLY_PERIODS = 0.6
PERIOD_SAMPLE = 400


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
    read_by_content(layout, labels, readings)
    ordered = tuple(readings[column.index] for column in layout.columns if column.index in readings)
    return Mapping(ordered, labels, fingerprint(layout))


def fingerprint(layout: Layout) -> str:
    """Recognise a source by its headings, whatever their order; headings that are periods change and do not count."""
    headings = sorted(plain_heading(column.heading) for column in layout.label_columns)
    return hashlib.sha256("\n".join([layout.kind.value, *headings]).encode()).hexdigest()[:32]


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
    if best is not None:
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
        if role is ColumnRole.SITE_NAME and numeric and means[2] == "synonym":
            role = ColumnRole.SITE_CODE  # sites known by number
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
