"""Periods written in two columns: a year, and a month, week or quarter of it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from data.types import Grain
from loaders.choices import ColumnRole
from loaders.dates import NoPeriod, Period, read_period
from loaders.labels import Labels
from loaders.layout import Column
from loaders.mapping import Mapping
from loaders.words import heading_grain

_YEAR = re.compile(r"^(?:19|20)\d{2}(?:\.0)?$")
_LAST = {Grain.MONTH: 12, Grain.QUARTER: 4, Grain.WEEK: 53}
_LEFT = ("numbers", "distinguishes_rows", "not_needed", "content", "synonym", "spelling", "follows_site")
MOSTLY = 0.6


def with_paired_periods(mapping: Mapping) -> Mapping:
    """Take a column of years and one of months, weeks or quarters for one period, when both are there."""
    columns = mapping.of(ColumnRole.PERIOD)
    if len(columns) > 1 or any(one.reason == "chosen" and one.role is ColumnRole.PERIOD for one in mapping.columns):
        return mapping
    if columns and heading_grain(columns[0].heading) not in (Grain.YEAR, *_LAST) and _n_named(mapping) == 0:
        return mapping
    free = [
        one.column
        for one in mapping.columns
        if (one.reason in _LEFT and (not one.column.is_numeric or heading_grain(one.column.heading) is not None))
        or one.role is ColumnRole.PERIOD
    ]
    years = [column for column in free if _are_years(mapping.labels[column.index], column)]
    parts = [column for column in free if part_grain(column, mapping.labels[column.index]) is not None]
    if not years or not parts or (columns and columns[0] not in (*years, *parts)):
        return mapping
    pair = {years[0].index, parts[0].index}
    readings = tuple(
        replace(one, role=ColumnRole.PERIOD, confidence=0.9, reason="part_of_period")
        if one.column.index in pair
        else one
        for one in mapping.columns
    )
    return replace(mapping, columns=readings)


def with_years_beside(mapping: Mapping) -> Mapping:
    """Take a column of years for part of the period when the headings across name months or weeks without a year."""
    across = [one.column.period_text for one in mapping.columns if one.column.period_text is not None]
    missing = NoPeriod("year_missing")
    if not across or sum(read_period(text) == missing for text in across) < MOSTLY * len(across):
        return mapping
    beside = [
        one
        for one in mapping.columns
        if one.column.period_text is None
        and one.reason != "chosen"
        and _are_years(mapping.labels[one.column.index], one.column)
    ]
    if len(beside) != 1:
        return mapping
    return replace(
        mapping,
        columns=tuple(
            replace(one, role=ColumnRole.PERIOD, confidence=0.9, reason="part_of_period") if one is beside[0] else one
            for one in mapping.columns
        ),
    )


def _n_named(mapping: Mapping) -> int:
    return sum(heading_grain(one.column.heading) is not None for one in mapping.columns)


def paired_labels(mapping: Mapping, columns: tuple[Column, ...]) -> Labels:
    """Join a year and a part of it, row by row, into texts that name a period: 2026-03, W12 2026."""
    one, other = columns[:2]
    if part_grain(one, mapping.labels[one.index]) is not None and _are_years(mapping.labels[other.index], other):
        one, other = other, one
    years, parts = mapping.labels[one.index], mapping.labels[other.index]
    grain = part_grain(other, parts)
    width = len(parts.texts) + 1
    pairs, codes = np.unique((years.codes + 1) * width + parts.codes + 1, return_inverse=True)
    texts = []
    for pair in pairs.tolist():
        year, part = divmod(pair, width)
        texts.append(_joined(years.texts[year - 1] if year else "", parts.texts[part - 1] if part else "", grain))
    empty = np.array([not text for text in texts], np.bool_)
    return Labels(tuple(texts), np.where(empty[codes], -1, codes.reshape(-1)).astype(np.int64))


def part_grain(column: Column, labels: Labels) -> Grain | None:
    """Say which part of a year the labels of a column are, when they name no year themselves."""
    texts = [text for text in labels.texts if text]
    grain = heading_grain(column.heading)
    if not texts:
        return None
    numbers = [int(float(text)) for text in texts if re.fullmatch(r"\d{1,2}(?:\.0)?", text)]
    if grain in _LAST and len(numbers) == len(texts) and all(1 <= n <= _LAST[grain] for n in numbers):
        return grain
    read = [read_period(f"{text} 2000") for text in texts]
    named = [period for period in read if isinstance(period, Period)]
    with_words = [text for text in texts if not text[0].isdigit() or not text.isdigit()]
    yearless = not any(isinstance(read_period(text), Period) for text in texts)
    if len(with_words) == len(texts) and yearless and len(named) >= MOSTLY * len(texts):
        grains = {period.grain for period in named}
        return grains.pop() if len(grains) == 1 else None
    return None


def _are_years(labels: Labels, column: Column) -> bool:
    texts = [text for text in labels.texts if text]
    says_year = heading_grain(column.heading) is Grain.YEAR
    years = sum(bool(_YEAR.match(text)) for text in texts)
    return bool(texts) and years >= (MOSTLY if says_year else 1.0) * len(texts)


def _joined(year: str, part: str, grain: Grain | None) -> str:
    year = year.removesuffix(".0")
    if not year or not part:
        return year or part
    number = re.fullmatch(r"(\d{1,2})(?:\.0)?", part)
    if number is None:
        return f"{part} {year}"
    if grain is Grain.WEEK:
        return f"{year}-W{int(number[1]):02}"
    if grain is Grain.QUARTER:
        return f"{year}-Q{int(number[1])}"
    return f"{year}-{int(number[1]):02}"
