"""Which period a cell names: dates, months, quarters, weeks and years as French and English offices write them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise

from data.periods import FINEST_FIRST, period_start
from data.types import Grain

EARLIEST_YEAR = 1900
LATEST_YEAR = 2100
# Two-digit years up to 68 are 20xx, as POSIX strptime has it.
LAST_TWO_DIGIT_YEAR = 68


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
    """Why a text names no period: not_a_date, impossible_date or year_missing."""

    code: str


@dataclass(frozen=True, slots=True)
class PeriodColumn:
    """Several texts read as one column of periods.

    periods: one a text, in the order given.
    order: what was chosen or proved by the texts; None when no text depends on it.
    ambiguous: the first text that reads two ways when nothing proves either; None when settled.
    """

    periods: tuple[Period | NoPeriod, ...]
    grain: Grain | None
    order: DateOrder | None
    ambiguous: str | None

    @property
    def n_read(self) -> int:
        """How many texts name a period."""
        return sum(isinstance(period, Period) for period in self.periods)


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev feb february",
            "mars mar march",
            "avril avr apr april",
            "mai may",
            "juin jun june",
            "juillet juil jul july",
            "aout aug august",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAY = re.compile(
    r"^(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mer|jeu|ven|sam|dim|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday|mon|tues?|wed|thur?s?|fri|sat|sun)\b[.,]?\s+(?=\d|[a-z])"
)
_WEEK_WORDS = re.compile(
    r"^(?:semaine du|sem\.? du|week of|week commencing|week beginning|week ending|week ended|w/?[cbe])[ :]+(?=.*\d)"
)
_TIME = r"(?:[t ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?z| ?[+-]\d{2}:?\d{2})?)?"
_MONTH_NAME = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR = r"(\d{4}|'?\d{2})"
_GAP = r"[-/. ,]*"
_WEEK_MARK = r"(?:semaine|sem|week|wk|kw|s|w)\.?"


@lru_cache(maxsize=4096)  # a column repeats its periods, and layout, mapping and checks each read it
def read_period(text: str, *, order: DateOrder | None = None, year: int | None = None) -> Period | NoPeriod:
    """Read one text as a period.

    order settles 03/04/2026; without it the day is taken first and the other reading is carried along.
    year completes a week or month that has none.

    >>> read_period("janv. 2018")
    Period(start=datetime.date(2018, 1, 1), grain=<Grain.MONTH: 'month'>, other=None)
    >>> read_period("S12 2026").start.isoformat()
    '2026-03-16'
    >>> read_period("30/02/2026")
    NoPeriod(code='impossible_date')
    """
    plain = _plain(text)
    if _WEEK_WORDS.match(plain):
        inner = read_period(_WEEK_WORDS.sub("", plain), order=order, year=year)
        return _week_of(inner) if isinstance(inner, Period) else inner
    plain = _WEEKDAY.sub("", plain)
    for pattern, reading in _grammar():
        found = pattern.fullmatch(plain)
        if found:
            try:
                period = reading(found.groups(), order, year)
            except ValueError:
                return NoPeriod("impossible_date")
            if isinstance(period, Period) and not EARLIEST_YEAR <= period.start.year <= LATEST_YEAR:
                return NoPeriod("impossible_date")
            return period
    return NoPeriod("not_a_date")


def read_periods(
    texts: Sequence[str], *, order: DateOrder | None = None, year: int | None = None, grain: Grain | None = None
) -> PeriodColumn:
    """Read the distinct texts of one column, which share one date order and one grain.

    The order is what a text proves (a 13 where a month could stand); when none proves it and some
    text reads two ways, the column is ambiguous and the caller must ask.

    >>> read_periods(["03/04/2026", "14/04/2026"]).order
    <DateOrder.DAY_FIRST: 'day-first'>
    >>> read_periods(["03/04/2026", "04/04/2026"]).ambiguous
    '03/04/2026'
    """
    settled = order or _proved_order(texts)
    periods = [read_period(text, order=settled, year=year) for text in texts]
    ambiguous = None
    if settled is None:
        ambiguous = next(
            (text for text, period in zip(texts, periods, strict=True) if isinstance(period, Period) and period.other),
            None,
        )
    common = grain or common_grain([period for period in periods if isinstance(period, Period)])
    return PeriodColumn(tuple(_at_grain(period, common) for period in periods), common, settled, ambiguous)


def common_grain(periods: Sequence[Period]) -> Grain | None:
    """Find the grain that a column of periods has, from their spacing when they are written as days.

    Days that all open or all close a month are months; days on one weekday, seven or more apart, are weeks.
    """
    if not periods:
        return None
    written = {period.grain for period in periods}
    if written != {Grain.DAY}:
        return min(written, key=FINEST_FIRST.index)
    days = sorted({period.start for period in periods})
    if all(day.day == 1 for day in days) or all(_closes_month(day) for day in days):
        return _grain_of_months(days)
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if len(gaps) >= 2 and min(gaps) >= 7 and len({day.weekday() for day in days}) == 1:
        return Grain.WEEK
    return Grain.DAY


_Groups = tuple[str | None, ...]
_Reading = Callable[[_Groups, DateOrder | None, int | None], Period | NoPeriod]


@cache
def _grammar() -> tuple[tuple[re.Pattern[str], _Reading], ...]:
    rules: list[tuple[str, _Reading]] = [
        (r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME, _ymd),
        (r"(\d{4})(\d{2})(\d{2})", _ymd),
        (r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})" + _TIME, _numeric),
        (r"(\d{4})[-/. ]?m?(\d{2})|(\d{4})[-/. ]m?(\d{1})", _year_month),
        (r"m?(\d{1,2})[-/. ](\d{4})", lambda g, *_: _year_month((g[1], g[0]))),
        (rf"(\d{{1,2}})(?:er|st|nd|rd|th)?{_GAP}(?:of |de )?{_MONTH_NAME}{_GAP}{_YEAR}{_TIME}", _day_name_year),
        (rf"{_MONTH_NAME}{_GAP}(\d{{1,2}})(?:st|nd|rd|th)?[, ]+(\d{{4}})", lambda g, *_: _day_name_year((g[1], g[0], g[2]))),
        (rf"{_MONTH_NAME}{_GAP}{_YEAR}", lambda g, *_: _name_year(g)),
        (rf"(\d{{4}}){_GAP}{_MONTH_NAME}", lambda g, *_: _name_year((g[1], g[0]))),
        (rf"{_MONTH_NAME}", lambda g, _, y: _name_year((g[0], str(y))) if y else NoPeriod("year_missing")),
        (rf"(?:q|t|trim\.?|quarter|trimestre){_GAP}([1-4]){_GAP}{_YEAR}", lambda g, *_: _quarter(g)),
        (rf"(\d{{4}}){_GAP}(?:q|t|trim\.?|quarter|trimestre){_GAP}([1-4])", lambda g, *_: _quarter((g[1], g[0]))),
        (rf"([1-4])(?:er|e|eme|st|nd|rd|th)? ?(?:q|t|trim\.?|quarter|trimestre){_GAP}{_YEAR}", lambda g, *_: _quarter(g)),
        (rf"{_WEEK_MARK}[ -]*(\d{{1,2}})[-/. ,]+{_YEAR}", lambda g, *_: _week(g)),
        (rf"(\d{{4}}){_GAP}{_WEEK_MARK}[ -]*(\d{{1,2}})(?:-[1-7])?", lambda g, *_: _week((g[1], g[0]))),
        (rf"{_WEEK_MARK}[ -]*(\d{{1,2}})", lambda g, _, y: _week((g[0], str(y))) if y else NoPeriod("year_missing")),
        (r"(\d{4})(?:\.0)?", lambda g, *_: Period(dt.date(int(g[0] or ""), 1, 1), Grain.YEAR)),
    ]  # fmt: skip
    return tuple((re.compile(pattern), reading) for pattern, reading in rules)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(
        sign for sign in decomposed if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf"
    )
    return " ".join(kept.lower().split()).strip("*")


def _ymd(groups: _Groups, *_: object) -> Period:
    year, month, day = (int(group or "") for group in groups)
    return Period(dt.date(year, month, day), Grain.DAY)


def _numeric(groups: _Groups, order: DateOrder | None, _year: int | None) -> Period:
    first, second, year = int(groups[0] or ""), int(groups[1] or ""), _full_year(groups[2])
    day_first, month_first = _date_or_none(year, second, first), _date_or_none(year, first, second)
    if order is not None:
        chosen = day_first if order is DateOrder.DAY_FIRST else month_first
        if chosen is None:
            raise ValueError
        return Period(chosen, Grain.DAY)
    start = day_first or month_first
    if start is None:
        raise ValueError
    two_ways = day_first and month_first and day_first != month_first
    return Period(start, Grain.DAY, month_first if two_ways else None)


def _year_month(groups: _Groups, *_: object) -> Period:
    year, month = (int(group) for group in groups if group)
    return Period(dt.date(year, month, 1), Grain.MONTH)


def _day_name_year(groups: _Groups, *_: object) -> Period:
    day, name, year = groups
    return Period(dt.date(_full_year(year), _MONTHS[name or ""], int(day or "")), Grain.DAY)


def _name_year(groups: _Groups) -> Period:
    name, year = groups
    return Period(dt.date(_full_year(year), _MONTHS[name or ""], 1), Grain.MONTH)


def _quarter(groups: _Groups) -> Period:
    quarter, year = groups
    return Period(dt.date(_full_year(year), 3 * int(quarter or "") - 2, 1), Grain.QUARTER)


def _week(groups: _Groups) -> Period:
    week, year = groups
    return Period(dt.date.fromisocalendar(_full_year(year), int(week or ""), 1), Grain.WEEK)


def _week_of(period: Period) -> Period:
    other = period_start(period.other, Grain.WEEK) if period.other else None
    return Period(period_start(period.start, Grain.WEEK), Grain.WEEK, other)


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


_NUMERIC_DATE = re.compile(r"(?:\D*[ :])?(\d{1,2})[-/. ](\d{1,2})[-/. ](?:\d{4}|\d{2})(?:\D.*)?")


def _proved_order(texts: Sequence[str]) -> DateOrder | None:
    n_day_first = n_month_first = 0
    for text in texts:
        found = _NUMERIC_DATE.fullmatch(text.strip())
        if found:
            first, second = int(found[1]), int(found[2])
            n_day_first += 12 < first <= 31 and second <= 12
            n_month_first += 12 < second <= 31 and first <= 12
    if n_day_first == n_month_first:
        return None
    return DateOrder.DAY_FIRST if n_day_first > n_month_first else DateOrder.MONTH_FIRST


def _closes_month(day: dt.date) -> bool:
    return (day + dt.timedelta(days=1)).day == 1


def _grain_of_months(days: Sequence[dt.date]) -> Grain:
    months = sorted({12 * day.year + day.month for day in days})
    steps = {later - earlier for earlier, later in pairwise(months)}
    if len(months) < 3 or min(steps) < 3:
        return Grain.MONTH
    if all(step % 12 == 0 for step in steps):
        return Grain.YEAR
    opens_quarter = all((month - 1) % 3 == 0 for month in months) or all((month - 1) % 3 == 2 for month in months)
    return Grain.QUARTER if opens_quarter and all(step % 3 == 0 for step in steps) else Grain.MONTH


def _at_grain(period: Period | NoPeriod, grain: Grain | None) -> Period | NoPeriod:
    if isinstance(period, NoPeriod) or grain is None or period.grain is grain:
        return period
    if FINEST_FIRST.index(period.grain) > FINEST_FIRST.index(grain):
        return NoPeriod("grain_mixed")
    other = period_start(period.other, grain) if period.other else None
    return Period(period_start(period.start, grain), grain, other)
