"""Which periods a column names, whose texts share one date order and one grain."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from data.periods import FINEST_FIRST, period_start
from data.types import Grain
from loaders.date_grammar import DateOrder, NoPeriod, Period, numeric_parts, read_period

__all__ = ["DateOrder", "NoPeriod", "Period", "PeriodColumn", "common_grain", "read_period", "read_periods"]

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"[t ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(z|[+-]\d{2}:?\d{2}))?", re.IGNORECASE)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_DAY_ZERO = dt.date(1899, 12, 30)  # of the numbers by which workbooks count days, after 28 February 1900
_SERIALS = range(20_000, 73_051)  # 1954 to 2099
_TWO_YEARS = re.compile(r"((?:19|20)\d{2}) ?[-/\u2013] ?((?:19|20)?\d{2})")
_HALVES = re.compile(r"s[ .-]*0?[12][-/. ,]+(?:\d{4}|\d{2})|\d{4}[-/. ]*s[ .-]*0?[12]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PeriodColumn:
    """Several texts read as one column of periods.

    periods: one a text, in the order given.
    order: what was chosen or proved by the texts; None when no text depends on it.
    ambiguous: the first text that reads two ways when nothing proves either; None when settled.
    note: how the texts were read, when it is not as they stand: date_serial or fiscal_year_by_start.
    """

    periods: tuple[Period | NoPeriod, ...]
    grain: Grain | None
    order: DateOrder | None
    ambiguous: str | None
    note: str | None = None

    @property
    def n_read(self) -> int:
        """How many texts name a period."""
        return sum(isinstance(period, Period) for period in self.periods)


def read_periods(
    texts: Sequence[str],
    *,
    order: DateOrder | None = None,
    year: int | None = None,
    grain: Grain | None = None,
    fiscal_start: int | None = None,
    to_middle: int = 0,
) -> PeriodColumn:
    """Read the distinct texts of one column, which share one date order and one grain.

    The order is what the texts prove (a 13 where a month could stand). When none proves it, or some prove one and
    some the other, a text that reads two ways makes the column ambiguous and the caller must ask.
    to_middle: days from the day that names a week to its middle, when the heading says which day that is.
    Days counted by a workbook (46112), years such as 2018-19 and half-years are only seen in a whole column of them.

    >>> read_periods(["03/04/2026", "14/04/2026"]).order
    <DateOrder.DAY_FIRST: 'day-first'>
    >>> read_periods(["03/04/2026", "04/04/2026"]).ambiguous
    '03/04/2026'
    """
    whole = _read_as_a_whole(texts)
    if whole is not None:
        periods, note = whole
        common = grain or common_grain([period for period in periods if isinstance(period, Period)])
        return PeriodColumn(
            tuple(_at_grain(period, common, to_middle) for period in periods), common, order, None, note
        )
    days = [_day_of(text) for text in texts]
    distinct = dict.fromkeys(days)
    settled = order or _proved_order(distinct)
    read = {day: read_period(day, order=settled, year=year, fiscal_start=fiscal_start) for day in distinct}
    ambiguous = None
    if settled is None:
        two_ways = {day for day, period in read.items() if isinstance(period, Period) and period.other}
        ambiguous = next((text for text, day in zip(texts, days, strict=True) if day in two_ways), None)
    common = grain or common_grain([period for period in read.values() if isinstance(period, Period)])
    placed = {day: _at_grain(period, common, to_middle) for day, period in read.items()}
    return PeriodColumn(tuple(placed[day] for day in days), common, settled, ambiguous)


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


def _day_of(text: str) -> str:
    """Leave the time out of 2026-03-30T08:15:00Z: a million different times are but a few hundred days."""
    return text[:10] if len(text) > 10 and _ISO.match(text) and _MOMENT.fullmatch(text, 10) else text


def _read_as_a_whole(texts: Sequence[str]) -> tuple[list[Period | NoPeriod], str | None] | None:
    """Read what has its meaning from all texts together; None when they have none of these forms."""
    if not texts:
        return None
    if not any(form.fullmatch(texts[0].strip()) for form in (_SERIAL, _TWO_YEARS, _HALVES)):
        return None
    serials = [_SERIAL.fullmatch(text.strip()) for text in texts]
    if all(found is not None and int(found[1]) in _SERIALS for found in serials):
        days = [_DAY_ZERO + dt.timedelta(days=int(found[1])) for found in serials if found is not None]
        return [Period(day, Grain.DAY) for day in days], "date_serial"
    years = [_TWO_YEARS.fullmatch(text.strip()) for text in texts]
    following = all(found is not None and (int(found[1]) + 1 - int(found[2])) % 100 == 0 for found in years)
    if following and (len(texts) > 1 or texts[0].strip()[-2:] > "12"):  # 2011-12 alone is December 2011
        starts = [dt.date(int(found[1]), 1, 1) for found in years if found is not None]
        return [Period(start, Grain.YEAR) for start in starts], "fiscal_year_by_start"
    if len(texts) > 1 and all(_HALVES.fullmatch(text.strip()) for text in texts):
        return [NoPeriod("half_year") for _ in texts], None
    return None


def _proved_order(texts: Iterable[str]) -> DateOrder | None:
    n_day_first = n_month_first = 0
    for text in texts:
        parts = numeric_parts(text)
        if parts is not None:
            first, second = parts
            n_day_first += 12 < first <= 31 and second <= 12
            n_month_first += 12 < second <= 31 and first <= 12
    if bool(n_day_first) == bool(n_month_first):
        return None
    return DateOrder.DAY_FIRST if n_day_first else DateOrder.MONTH_FIRST


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


def _at_grain(period: Period | NoPeriod, grain: Grain | None, to_middle: int = 0) -> Period | NoPeriod:
    if isinstance(period, NoPeriod) or grain is None or period.grain is grain:
        return period
    if FINEST_FIRST.index(period.grain) > FINEST_FIRST.index(grain):
        return NoPeriod("grain_mixed")
    step = dt.timedelta(days=to_middle if grain is Grain.WEEK else 0)
    other = period_start(period.other + step, grain) if period.other else None
    return Period(period_start(period.start + step, grain), grain, other)
