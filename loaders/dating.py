"""The period of each row or column of a table: from headings, columns, sections, or what is said of the whole sheet."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from data import periods as calendar
from data.types import Grain, Severity
from loaders import checks, melt
from loaders.choices import ColumnRole, SectionHandling
from loaders.date_words import MONTH_NAME, plain_date
from loaders.dates import Period, read_period
from loaders.findings import Question
from loaders.grid import Refusal
from loaders.labels import Labels
from loaders.melt import Days, PeriodRows
from loaders.pairs import paired_labels
from loaders.wholes import period_said
from loaders.words import days_to_middle, heading_grain, heading_means

if TYPE_CHECKING:
    from loaders.table import Table

SOME_YEAR = 2000  # completes a month, to see whether it is one
MOST_HEADINGS = 12  # that a question shows


def periods_of(table: Table) -> PeriodRows:
    """Find the period of each row, or of each value column of a table whose periods run across.

    Raises Refusal("no_period") for a table without labels, in which no period could be asked for.
    """
    year = _year(table)
    if melt.is_wide(table.layout):
        if table.mapping.of(ColumnRole.PERIOD):
            return _years_down(table)
        return melt.periods_across(table.columns, table.choices, year, table.questions, _said_beside(table))
    labels = period_labels(table)
    if labels is not None:
        return melt.periods_down(period_shown(table), _letter(table), labels, table.choices, year, table.questions)
    return _one_period(table)


def at_fitting_grain(table: Table) -> PeriodRows:
    """Bring the periods to the grain that was chosen, or that the metrics on record or the heading ask for."""
    found = table.periods_read
    if found.note is not None:
        code, text = found.note
        table.findings.add(code, Severity.INFO, column=period_shown(table), found=text)
    wanted = table.naming.known_frequency(table.metric_labels.texts)
    said = _said_of_periods(table)
    if wanted is None and said:
        wanted = heading_grain(said)
    if found.by_year is not None:
        return found
    written = _written_days(table) if wanted not in (None, found.grain) and not table.choices.grain else None
    dates = written or found
    grain = table.choices.grain or checks.fitting_grain(
        dates.starts, found.grain, wanted, written_as_days=written is not None
    )
    if grain is found.grain:
        return found
    found = dates
    starts = found.starts.copy()
    dated = ~np.isnat(starts)
    middle = days_to_middle(said) if grain is Grain.WEEK else 0
    days: Days = (starts[dated].astype("datetime64[D]").astype(np.int64) + middle).astype("datetime64[D]")
    numbered = calendar.ordinals(days, grain)
    starts[dated] = calendar.starts(numbered, grain).astype("datetime64[s]")
    return replace(found, starts=starts, grain=grain)


def _said_of_periods(table: Table) -> str:
    """Give the heading of the column of periods, or what stands beside headings that are periods."""
    columns = table.mapping.of(ColumnRole.PERIOD)
    if melt.is_wide(table.layout):
        return _said_beside(table)
    return columns[0].heading if len(columns) == 1 else ""


def _said_beside(table: Table) -> str:
    """Give the first word for a length of time beside the headings that are periods: "Week ended"."""
    levels = [text for column in table.layout.label_columns for text in (*column.levels, column.heading)]
    return next((text for text in levels[::-1] if _names_periods(text)), "")


def _names_periods(text: str) -> bool:
    """Say whether a heading is of periods; "Hôpital de jour" is not."""
    means = heading_means(text)
    is_period = means is not None and means[0] == "period" and means[2] == "synonym"
    return heading_grain(text) is Grain.WEEK or (is_period and heading_grain(text) is not None)


def _written_days(table: Table) -> PeriodRows | None:
    """Read the periods as the days that are written; None when weeks, months or years are."""
    as_days = replace(table, choices=table.choices.model_copy(update={"grain": Grain.DAY}), questions=[])
    found = periods_of(as_days)
    return found if found.grain is Grain.DAY and "grain_mixed" not in found.problems.values() else None


def period_labels(table: Table) -> Labels | None:
    """Give the labels that name the rows' periods: of one column, of a year and a part of it, or of the sections."""
    columns = table.mapping.of(ColumnRole.PERIOD)
    if len(columns) > 1:
        return paired_labels(table.mapping, columns)
    if columns:
        return table.mapping.labels[columns[0].index]
    if table.section_handling is SectionHandling.PERIOD:
        return table.sections.labels
    return None


def period_shown(table: Table) -> str:
    """Name the column of the periods as a fault does."""
    columns = table.mapping.of(ColumnRole.PERIOD)
    return columns[0].shown if columns else table.shown[0]


def _years_down(table: Table) -> PeriodRows:
    """Find the periods of months or weeks across in each of the years that a column names."""
    labels = table.mapping.labels[table.mapping.of(ColumnRole.PERIOD)[0].index]
    years = [melt.year_in(text) for text in labels.texts]
    read = [
        melt.periods_across(table.columns, table.choices, year, table.questions if at == 0 else [], _said_beside(table))
        for at, year in enumerate(years)
    ]
    known = np.array([*(year is not None for year in years), False])
    codes = np.where(known[labels.codes], labels.codes, -1)
    return replace(read[0], by_year=np.stack([one.starts for one in read]), years=codes)


def _letter(table: Table) -> tuple[str, str]:
    columns = table.mapping.of(ColumnRole.PERIOD)
    return (columns[0].letter, columns[0].heading) if columns else ("", "")


def _year(table: Table) -> int | None:
    """Give the year for weeks and months without one: chosen, or the only one in the title, sheet or file name."""
    if table.choices.year is not None:
        return table.choices.year
    found = melt.year_in(table.layout.title, table.grid.sheet or "")
    return found if found is not None else melt.year_in(table.book.file_name.rsplit(".", 1)[0])


def _one_period(table: Table) -> PeriodRows:
    """Date all rows alike: as chosen, or as the title, the sheet or the file says; else ask."""
    written = table.choices.period
    said = period_said(table.book, table.grid, table.layout)
    if written is None and said is not None and said.sure and not _months_in_headings(table):
        written = said.text
        expected = f"loaders.expected.said.{said.where}"
        table.findings.add("period_from_whole", Severity.INFO, found=said.text, expected=expected)
    if written:
        labels = Labels((written,), np.zeros(table.n_rows, np.int64))
        whole = melt.periods_down(period_shown(table), ("", ""), labels, table.choices, _year(table), table.questions)
        if not whole.problems or not table.n_rows:
            return whole
    headings = ", ".join(column.shown for column in table.layout.columns[:MOST_HEADINGS])
    if not _worth_asking(table):
        raise Refusal("no_period", domain="loaders", sheet=table.grid.sheet or "", headings=headings)
    table.questions.append(Question("period", None, headings, (said.text,) if said is not None else ()))
    return PeriodRows(np.full(table.n_rows, "NaT", "datetime64[s]"), Grain.MONTH, {}, ())


def _months_in_headings(table: Table) -> bool:
    """Say whether a heading of values is a month, or several open with one: then one period is not that of all."""
    opening = [
        re.match(rf"(?:{MONTH_NAME}|w(?:eek)?|s(?:em)?)[ .-]*(?:\d|[a-z]\b|$)", plain_date(column.heading))
        for column in table.columns
    ]
    named = [level for column in table.columns for level in column.levels if not level.isdigit()]
    alone = any(isinstance(read_period(level, year=SOME_YEAR), Period) for level in named)
    return alone or len({found[0] for found in opening if found}) > 1


def _worth_asking(table: Table) -> bool:
    """Say whether the table names what its numbers are of: only its period is missing."""
    roles = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME, ColumnRole.METRIC)
    across = any(column.site_text for column in table.columns)
    return (bool(table.mapping.of(*roles)) or across or bool(table.choices.site)) and table.n_rows > 1
