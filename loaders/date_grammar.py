"""Which period one text names: a date, a month, a quarter, a week or a year."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from data.periods import period_start
from data.types import Grain
from loaders.date_words import (
    FLAG,
    GAP,
    HALF_MARK,
    MONTH_NAME,
    MONTHS,
    QUARTER_MARK,
    TIME,
    WEEK_ENDS,
    WEEK_MARK,
    WEEK_STARTS,
    WEEKDAY,
    YEAR,
    plain_date,
)

EARLIEST_YEAR = 1900
LATEST_YEAR = 2100
# Two-digit years up to 68 are 20xx, as POSIX strptime has it.
LAST_TWO_DIGIT_YEAR = 68
MIDDLE_OF_WEEK = dt.timedelta(days=3)
# A number with decimals, or one of other lengths than 2026, 202603 and 20260330, is no period.
_NO_PERIOD = re.compile(r"[+-]?(?:\d{1,3}|\d{5}|\d{7}|\d{9,})|[+-]?\d*[.,](?:\d{1,3}|\d{5,})|[+-]\d.*")
_SURELY_DATED = re.compile(r"\d{4}[.]\d{1,2}|\d{4}\.0|\d{1,2}\.\d{4}")


class DateOrder(StrEnum):
    """Which of day and month stands first in 03/04/2026."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, slots=True)
class Period:
    """A period by its first day and grain; other is its first day when day and month change places."""

    start: dt.date
    grain: Grain
    other: dt.date | None = None


@dataclass(frozen=True, slots=True)
class NoPeriod:
    """Why a text names no period: not_a_date, impossible_date, year_missing, half_year or fiscal_year."""

    code: str


@lru_cache(maxsize=16384)  # a column repeats its periods, and layout, mapping and checks each read it
def read_period(
    text: str, *, order: DateOrder | None = None, year: int | None = None, fiscal_start: int | None = None
) -> Period | NoPeriod:
    """Read one text as a period.

    order settles 03/04/2026; without it the day is taken first and the other reading is carried along.
    year completes a week, month or day that has none. fiscal_start: the month in which a fiscal year begins, which
    is named for the year in which it ends; Q1 FY26 cannot be read without.

    >>> read_period("janv. 2018")
    Period(start=datetime.date(2018, 1, 1), grain=<Grain.MONTH: 'month'>, other=None)
    >>> read_period("S12 2026").start.isoformat()
    '2026-03-16'
    >>> read_period("30/02/2026"), read_period("Q1 FY26")
    (NoPeriod(code='impossible_date'), NoPeriod(code='fiscal_year'))
    """
    if _NO_PERIOD.fullmatch(text) and not _SURELY_DATED.fullmatch(text):
        return NoPeriod("not_a_date")
    plain = FLAG.sub("", plain_date(text))
    for words, step in ((WEEK_STARTS, MIDDLE_OF_WEEK), (WEEK_ENDS, -MIDDLE_OF_WEEK)):
        if words.match(plain):
            inner = read_period(words.sub("", plain), order=order, year=year)
            return _week_around(inner, step) if isinstance(inner, Period) else inner
    plain = WEEKDAY.sub("", plain)
    given = _Given(order, year, fiscal_start)
    for pattern, reading in _grammar():
        found = pattern.fullmatch(plain)
        if found:
            try:
                period = reading(found.groups(), given)
            except ValueError:
                return NoPeriod("impossible_date")
            if isinstance(period, Period) and not EARLIEST_YEAR <= period.start.year <= LATEST_YEAR:
                return NoPeriod("impossible_date")
            return period
    return NoPeriod("not_a_date")


def numeric_parts(text: str) -> tuple[int, int] | None:
    """Give the first two numbers of a date such as 03/04/2026, whose order is open; None for any other text.

    >>> numeric_parts("lun. 03/04/2026 08:15"), numeric_parts("2026-04-03")
    ((3, 4), None)
    """
    plain = FLAG.sub("", plain_date(text))
    for words in (WEEK_STARTS, WEEK_ENDS, WEEKDAY):
        plain = words.sub("", plain)
    found = _NUMERIC.fullmatch(plain)
    return (int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class _Given:
    order: DateOrder | None
    year: int | None
    fiscal_start: int | None


_Groups = tuple[str | None, ...]
_Reading = Callable[[_Groups, _Given], Period | NoPeriod]
_NUMERIC_DATE = r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})" + TIME
_NUMERIC = re.compile(_NUMERIC_DATE)


@cache
def _grammar() -> tuple[tuple[re.Pattern[str], _Reading], ...]:
    fiscal = rf"(?:fy|exercice|ex\.?) ?{YEAR}(?:[-/](?:\d{{4}}|\d{{2}}))?"
    rules: list[tuple[str, _Reading]] = [
        (r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + TIME, _ymd),
        (r"(\d{4})(\d{2})(\d{2})", _ymd),
        (_NUMERIC_DATE, _numeric),
        (r"(\d{4})\.0", lambda g, _: Period(dt.date(int(g[0] or ""), 1, 1), Grain.YEAR)),
        (r"(\d{4})[-/. ]?m?(\d{2})|(\d{4})[-/. ]m?(\d{1})", _year_month),
        (r"m?(\d{1,2})[-/. ](\d{4})", lambda g, _: _year_month((g[1], g[0]), _)),
        (rf"(\d{{1,2}})(?:er|st|nd|rd|th)?{GAP}(?:of |de )?{MONTH_NAME}{GAP}{YEAR}{TIME}", lambda g, _: _day_name_year(*g[:3])),
        (rf"{MONTH_NAME}{GAP}(\d{{1,2}})(?:st|nd|rd|th)?[-/, ]+(\d{{4}}){TIME}", lambda g, _: _day_name_year(g[1], g[0], g[2])),
        (rf"{MONTH_NAME}{GAP}{YEAR}", lambda g, _: _name_year(g[0], g[1])),
        (rf"(\d{{4}}){GAP}{MONTH_NAME}", lambda g, _: _name_year(g[1], g[0])),
        (rf"{MONTH_NAME}", lambda g, given: _name_year(g[0], str(given.year)) if given.year else NoPeriod("year_missing")),
        (rf"(\d{{1,2}})(?:er|st|nd|rd|th)?[-/. ]+{MONTH_NAME}", lambda g, given: _day_name(g[0], g[1], given)),
        (rf"{QUARTER_MARK}{GAP}([1-4]){GAP}{fiscal}", _fiscal_quarter),
        (rf"{fiscal}{GAP}{QUARTER_MARK}{GAP}([1-4])", lambda g, given: _fiscal_quarter((g[1], g[0]), given)),
        (fiscal, _fiscal_year),
        (rf"{QUARTER_MARK}{GAP}([1-4]){GAP}{YEAR}", lambda g, _: _quarter(g[0], g[1])),
        (rf"(\d{{4}}){GAP}{QUARTER_MARK}{GAP}([1-4])", lambda g, _: _quarter(g[1], g[0])),
        (rf"([1-4])(?:er|e|eme|st|nd|rd|th)? ?{QUARTER_MARK}{GAP}{YEAR}", lambda g, _: _quarter(g[0], g[1])),
        (rf"{QUARTER_MARK}{GAP}([1-4])", lambda g, given: _quarter(g[0], str(given.year)) if given.year else NoPeriod("year_missing")),
        (rf"{HALF_MARK}{GAP}[12]{GAP}{YEAR}|(\d{{4}}){GAP}h{GAP}[12]|[12](?:er|e|eme|nd|st)? ?{HALF_MARK}{GAP}{YEAR}",
         lambda *_: NoPeriod("half_year")),
        (rf"{WEEK_MARK}[ -]*(\d{{1,2}})[-/. ,]+{YEAR}", lambda g, _: _week(g[0], g[1])),
        (rf"(\d{{4}}){GAP}{WEEK_MARK}[ -]*(\d{{1,2}})(?:-[1-7])?", lambda g, _: _week(g[1], g[0])),
        (rf"{WEEK_MARK}[ -]*(\d{{1,2}})", lambda g, given: _week(g[0], str(given.year)) if given.year else NoPeriod("year_missing")),
        (r"(\d{4})[-/](\d{4})", _two_years),
        (r"(\d{4})", lambda g, _: Period(dt.date(int(g[0] or ""), 1, 1), Grain.YEAR)),
    ]  # fmt: skip
    return tuple((re.compile(pattern), reading) for pattern, reading in rules)


def _ymd(groups: _Groups, _: object) -> Period:
    year, month, day = (int(group or "") for group in groups[:3])
    return Period(dt.date(year, month, day), Grain.DAY)


def _numeric(groups: _Groups, given: _Given) -> Period:
    first, second, year = int(groups[0] or ""), int(groups[1] or ""), _full_year(groups[2])
    if first > 31 and len(groups[2] or "") == 2:  # 99/12/31
        return Period(dt.date(_full_year(groups[0]), second, int(groups[2] or "")), Grain.DAY)
    day_first, month_first = _date_or_none(year, second, first), _date_or_none(year, first, second)
    if given.order is not None:
        chosen = day_first if given.order is DateOrder.DAY_FIRST else month_first
        if chosen is None:
            raise ValueError
        return Period(chosen, Grain.DAY)
    start = day_first or month_first
    if start is None:
        raise ValueError
    two_ways = day_first and month_first and day_first != month_first
    return Period(start, Grain.DAY, month_first if two_ways else None)


def _year_month(groups: _Groups, _: object) -> Period:
    year, month = (int(group) for group in groups if group)
    if month > 12 and month == (year + 1) % 100:  # 2018-19
        return Period(dt.date(year, 1, 1), Grain.YEAR)
    return Period(dt.date(year, month, 1), Grain.MONTH)


def _two_years(groups: _Groups, _: object) -> Period | NoPeriod:
    first, second = (int(group or "") for group in groups)
    return Period(dt.date(first, 1, 1), Grain.YEAR) if second == first + 1 else NoPeriod("not_a_date")


def _day_name_year(day: str | None, name: str | None, year: str | None) -> Period:
    return Period(dt.date(_full_year(year), MONTHS[name or ""], int(day or "")), Grain.DAY)


def _day_name(day: str | None, name: str | None, given: _Given) -> Period | NoPeriod:
    """Read 26-janv: a day without a year, as a workbook shows it."""
    if given.year is None:
        _day_name_year(day, name, "2000")  # 29 February needs a leap year; 31 April none has
        return NoPeriod("year_missing")
    return _day_name_year(day, name, str(given.year))


def _name_year(name: str | None, year: str | None) -> Period:
    return Period(dt.date(_full_year(year), MONTHS[name or ""], 1), Grain.MONTH)


def _quarter(quarter: str | None, year: str | None) -> Period:
    return Period(dt.date(_full_year(year), 3 * int(quarter or "") - 2, 1), Grain.QUARTER)


def _fiscal_quarter(groups: _Groups, given: _Given) -> Period | NoPeriod:
    if given.fiscal_start is None:
        return NoPeriod("fiscal_year")
    months = given.fiscal_start - 1 + 3 * (int(groups[0] or "") - 1)
    first_year = _full_year(groups[1]) - (given.fiscal_start > 1)
    start = dt.date(first_year + months // 12, months % 12 + 1, 1)
    if period_start(start, Grain.QUARTER) != start:
        return NoPeriod("impossible_date")
    return Period(start, Grain.QUARTER)


def _fiscal_year(groups: _Groups, given: _Given) -> Period | NoPeriod:
    if given.fiscal_start is None:
        return NoPeriod("fiscal_year")
    return Period(dt.date(_full_year(groups[0]) - (given.fiscal_start > 1), 1, 1), Grain.YEAR)


def _week(week: str | None, year: str | None) -> Period:
    return Period(dt.date.fromisocalendar(_full_year(year), int(week or ""), 1), Grain.WEEK)


def _week_around(period: Period, step: dt.timedelta) -> Period:
    """Take the ISO week that holds the middle of a week given by its first or last day."""
    if period.grain is not Grain.DAY:
        return replace(period, grain=Grain.WEEK, start=period_start(period.start, Grain.WEEK))
    other = period_start(period.other + step, Grain.WEEK) if period.other else None
    return Period(period_start(period.start + step, Grain.WEEK), Grain.WEEK, other)


def _full_year(text: str | None) -> int:
    year = int((text or "").lstrip("'"))
    if year >= 100:
        return year
    return year + (2000 if year <= LAST_TWO_DIGIT_YEAR else 1900)


def _date_or_none(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
