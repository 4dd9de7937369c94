"""Turns a mapped table into one long list of values: which site, metric, segment and period each cell is of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data import periods as calendar
from data.series import COMBINED
from data.sites import name_key
from data.types import Grain
from loaders.choices import Choices, ColumnRole, chosen
from loaders.dates import DateOrder, NoPeriod, PeriodColumn, read_period, read_periods
from loaders.findings import Question
from loaders.keys import tidy
from loaders.labels import Labels
from loaders.layout import Column, Layout, LayoutKind
from loaders.mapping import Mapping
from loaders.tally import numbered
from loaders.words import days_to_middle, is_total_word

Codes = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
FISCAL_STARTS = (
    "1",
    "4",
    "7",
    "10",
)  # months: of the calendar, of the United Kingdom and India, of Australia, of the United States
VALUE_ROLES = (ColumnRole.VALUE, ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR)


@dataclass(frozen=True, eq=False)
class SiteRows:
    """Which site each data row is of: codes index names (-1 = none); first_rows are positions among data rows."""

    codes: Codes
    names: tuple[tuple[str, str | None], ...]
    first_rows: Codes


@dataclass(frozen=True, eq=False)
class PeriodRows:
    """Which period each data row (long) or value column (wide) is of.

    starts: NaT = none. problems: a code where there is none, by position in starts.
    """

    starts: Days
    grain: Grain
    problems: dict[int, str]
    texts: tuple[str, ...]
    order: DateOrder | None = None
    note: tuple[str, str] | None = None  # how the texts were read when not as they stand, and one of them
    by_year: Days | None = None  # periods across and years down: the starts of each year, shape (n_years, n_columns)
    years: Codes | None = None  # which of these years each row is of; -1 = none


def sites_of(layout: Layout, mapping: Mapping, whole: str | None) -> SiteRows:
    """Find the site of each data row, by code where there is one, otherwise by name. whole: the one site of all."""
    n_rows = len(layout.data_rows)
    if whole:
        return SiteRows(np.zeros(n_rows, np.int64), ((tidy(whole), None),), np.zeros(1, np.int64))
    codes = _first(mapping, ColumnRole.SITE_CODE)
    names = _first(mapping, ColumnRole.SITE_NAME)
    one = mapping.labels[codes.index] if codes else None
    other = mapping.labels[names.index] if names else None
    if one is None and other is None:
        return SiteRows(np.full(n_rows, -1), (), np.zeros(0, np.int64))
    width = len(other.texts) + 1 if other else 1
    pairs: Codes = np.asarray(((one.codes + 1) if one else 0) * width + ((other.codes + 1) if other else 0), np.int64)
    distinct, first, inverse = distinct_pairs(pairs)
    keys: dict[str, int] = {}
    shown: list[tuple[str, str | None]] = []
    firsts: list[int] = []
    numbered = np.full(len(distinct), -1, np.int64)
    for position in np.argsort(first, kind="stable"):
        code, name = _texts_of(int(distinct[position]), width, one, other)
        if not (code or name):
            continue
        key = name_key(code or name)
        if key not in keys:
            keys[key] = len(shown)
            shown.append((name or code, code if name and code else None))
            firsts.append(int(first[position]))
        numbered[position] = keys[key]
    return SiteRows(numbered[inverse], tuple(shown), np.array(firsts, np.int64))


def distinct_pairs(pairs: Codes) -> tuple[Codes, Codes, Codes]:
    """Give the distinct pairs in order, the first row of each, and which of them each row has."""
    at, n_distinct = numbered(pairs)
    first = np.empty(n_distinct, np.int64)
    first[at[::-1]] = np.arange(len(pairs) - 1, -1, -1)
    return pairs[first], first, at


def _texts_of(pair: int, width: int, one: Labels | None, other: Labels | None) -> tuple[str, str]:
    code, name = divmod(pair, width)
    return (tidy(one.texts[code - 1]) if one and code else "", tidy(other.texts[name - 1]) if other and name else "")


def sites_of_labels(labels: Labels) -> SiteRows:
    """Take labels, such as those of sections, for the sites; no text is no site."""
    kept = [at for at, text in enumerate(labels.texts) if text]
    numbered = np.full(len(labels.texts), -1, np.int64)
    numbered[kept] = np.arange(len(kept))
    codes = numbered[labels.codes]
    firsts = [int(np.flatnonzero(codes == at)[0]) for at in range(len(kept))]
    return SiteRows(codes, tuple((labels.texts[at], None) for at in kept), np.array(firsts, np.int64))


def with_whole(sites: SiteRows, rows: npt.NDArray[np.bool_], name: str) -> SiteRows:
    """Give some rows the site of the whole in the place of what their labels say."""
    codes = np.where(rows, len(sites.names), sites.codes)
    kept = np.unique(codes[codes >= 0])
    numbered = np.full(len(sites.names) + 2, -1, np.int64)
    numbered[kept] = np.arange(len(kept))
    names = (*sites.names, (name, None))
    firsts = [int(np.flatnonzero(codes == at)[0]) for at in kept.tolist()]
    return SiteRows(numbered[codes], tuple(names[at] for at in kept.tolist()), np.array(firsts, np.int64))


def with_sites_across(sites: SiteRows, columns: tuple[Column, ...]) -> SiteRows:
    """Add the sites that headings name: codes goes on, after the rows, with one entry a value column."""
    keys = {name_key(code or name): at for at, (name, code) in enumerate(sites.names)}
    names, firsts, codes = list(sites.names), sites.first_rows.tolist(), []
    for column in columns:
        text = column.site_text
        at = keys.setdefault(name_key(text), len(names)) if text is not None else -1
        if at == len(names):
            names.append((text or "", None))
            firsts.append(-1)
        codes.append(at)
    return SiteRows(np.concatenate([sites.codes, codes]).astype(np.int64), tuple(names), np.array(firsts, np.int64))


def combined(upper: Labels, lower: Labels) -> Labels:
    """Join two labels a row into one, the upper one first."""
    width = len(lower.texts)
    pairs, codes = np.unique(upper.codes * width + lower.codes, return_inverse=True)
    texts = [
        " – ".join(text for text in (upper.texts[pair // width], lower.texts[pair % width]) if text)
        for pair in pairs.tolist()
    ]
    return Labels(tuple(texts), codes.reshape(-1).astype(np.int64))


def periods_down(
    shown: str, named: tuple[str, str], labels: Labels, choices: Choices, year: int | None, questions: list[Question]
) -> PeriodRows:
    """Find the period of each data row from its labels. named: letter and heading of their column."""
    read = _read(shown, named, list(labels.texts), choices, year, questions)
    starts, problems = _starts(read)
    known = np.append(starts, np.datetime64("NaT"))
    codes = labels.codes
    by_row: dict[int, str] = {}
    if problems or (codes < 0).any():
        bad = np.isnat(known[codes])
        for position in np.flatnonzero(bad):
            code = int(codes[position])
            by_row[int(position)] = problems.get(code, "period_missing") if code >= 0 else "period_missing"
    texts = tuple(labels.texts)
    return PeriodRows(known[codes], read.grain or Grain.DAY, by_row, texts, read.order, _note(read, texts))


def periods_across(
    columns: tuple[Column, ...], choices: Choices, year: int | None, questions: list[Question], said: str = ""
) -> PeriodRows:
    """Find the period of each value column of a wide table, from its heading.

    said: what stands beside these headings, such as "Week ended".
    """
    texts = [column.period_text or "" for column in columns]
    first = columns[0]
    read = _read(first.shown, (first.letter, first.heading), texts, choices, year, questions, said or first.heading)
    starts, problems = _starts(read)
    return PeriodRows(starts, read.grain or Grain.MONTH, problems, tuple(texts), read.order, _note(read, texts))


def bounds_of(text: str) -> tuple[np.datetime64, np.datetime64]:
    """Give the first day of the period that a text names, and the first day after it."""
    period = read_period(text)
    if isinstance(period, NoPeriod):
        return np.datetime64("NaT", "D"), np.datetime64("NaT", "D")
    start = np.datetime64(period.start, "D")
    following = calendar.starts(calendar.ordinals(np.array([start]), period.grain) + 1, period.grain)
    return start, following[0].astype("datetime64[D]")


def _read(
    shown: str, named: tuple[str, str], texts: list[str], choices: Choices, year: int | None, questions: list[Question],
    said: str = "",
) -> PeriodColumn:  # fmt: skip
    order = chosen(choices.date_orders, *named) or choices.date_order
    dated = [text for text in texts if not is_total_word(text)]
    read = read_periods(texts, order=order, year=year, grain=choices.grain, fiscal_start=choices.fiscal_start,
                        to_middle=days_to_middle(said or named[1]))  # fmt: skip
    if read.ambiguous:
        options = (DateOrder.DAY_FIRST.value, DateOrder.MONTH_FIRST.value)
        questions.append(Question("date_order", shown, read.ambiguous, options))
    gaps = [text for text, period in zip(texts, read.periods, strict=True) if period == NoPeriod("year_missing")]
    if gaps and len(gaps) > 0.5 * len(dated):
        questions.append(Question("year", shown, gaps[0]))
    fiscal = [text for text, period in zip(texts, read.periods, strict=True) if period == NoPeriod("fiscal_year")]
    if fiscal:
        questions.append(Question("fiscal_year", shown, fiscal[0], FISCAL_STARTS))
    return read


def year_in(*texts: str) -> int | None:
    """Give the only year that some texts name; None when they name none or several."""
    years = {int(found) for text in texts for found in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def _note(read: PeriodColumn, texts: Sequence[str]) -> tuple[str, str] | None:
    return (read.note, texts[0]) if read.note is not None else None


def _starts(read: PeriodColumn) -> tuple[Days, dict[int, str]]:
    starts = np.full(len(read.periods), "NaT", "datetime64[s]")
    problems = {}
    for position, period in enumerate(read.periods):
        if isinstance(period, NoPeriod):
            problems[position] = period.code
        else:
            starts[position] = np.datetime64(period.start, "s")
    return starts, problems


def joined_labels(mapping: Mapping, columns: tuple[Column, ...], n_rows: int) -> Labels:
    """Read several columns of labels as one, their texts joined by " / "."""
    if not columns:
        return Labels(("",), np.zeros(n_rows, np.int64))
    if len(columns) == 1:
        labels = mapping.labels[columns[0].index]
        texts = (*("(*)" if text == COMBINED else tidy(text) for text in labels.texts), "")
        return Labels(texts, np.where(labels.codes < 0, len(texts) - 1, labels.codes))
    several = [mapping.labels[column.index] for column in columns]
    stacked = np.stack([labels.codes for labels in several], axis=1)
    distinct, inverse = np.unique(stacked, axis=0, return_inverse=True)
    texts = tuple(
        " / ".join(tidy(labels.texts[code]) for labels, code in zip(several, row, strict=True) if code >= 0)
        for row in distinct
    )
    return Labels(texts, inverse.reshape(-1).astype(np.int64))


def is_wide(layout: Layout) -> bool:
    """Say whether periods run across."""
    return layout.kind is LayoutKind.WIDE_BY_PERIOD


def _first(mapping: Mapping, role: ColumnRole) -> Column | None:
    return next(iter(mapping.of(role)), None)
