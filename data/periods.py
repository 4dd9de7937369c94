"""Calendars: how the periods of a grain follow one another, and how many of them make a coarser one."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from data.types import Grain

Days = NDArray[np.datetime64]  # of unit D
Weekmask = tuple[bool, ...]  # Monday first

FINEST_FIRST = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
EVERY_DAY: Weekmask = (True,) * 7
_MONDAY = np.datetime64("1969-12-29", "D")  # the Monday before the epoch
_ONE_DAY = np.timedelta64(1, "D")
_THURSDAY = np.timedelta64(3, "D")  # after Monday
_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def ordinals(days: Days, grain: Grain) -> NDArray[np.int64]:
    """Number the periods that hold these days; consecutive periods have consecutive numbers.

    >>> ordinals(np.array(["2026-03-29", "2026-03-30"], dtype="datetime64[D]"), Grain.WEEK).tolist()
    [2934, 2935]
    """
    if grain is Grain.DAY:
        return days.astype(np.int64)
    if grain is Grain.WEEK:
        return (days - _MONDAY).astype(np.int64) // 7
    return days.astype("datetime64[M]").astype(np.int64) // _MONTHS[grain]


def starts(numbers: NDArray[np.int64], grain: Grain) -> Days:
    """Give the first day of each numbered period: the inverse of `ordinals`.

    >>> starts(np.array([2935]), Grain.WEEK)
    array(['2026-03-30'], dtype='datetime64[D]')
    """
    if grain is Grain.DAY:
        return numbers.astype("datetime64[D]")
    if grain is Grain.WEEK:
        return _MONDAY + (numbers * 7).astype("timedelta64[D]")
    return (numbers * _MONTHS[grain]).astype("datetime64[M]").astype("datetime64[D]")


def period_start(day: dt.date, grain: Grain) -> dt.date:
    """Give the first day of the period that holds a day.

    >>> period_start(dt.date(2026, 3, 29), Grain.WEEK)
    datetime.date(2026, 3, 23)
    """
    return as_date(starts(ordinals(_days(day), grain), grain)[0])


def period_end(day: dt.date, grain: Grain) -> dt.date:
    """Give the last day, inclusive, of the period that holds a day.

    >>> period_end(dt.date(2026, 2, 5), Grain.MONTH)
    datetime.date(2026, 2, 28)
    """
    return as_date(starts(ordinals(_days(day), grain) + 1, grain)[0]) - dt.timedelta(days=1)


def chart_grain(grain: Grain) -> Grain:
    """Tell in which grain people look at a series: days are charted, and judged, by week."""
    return Grain.WEEK if grain is Grain.DAY else grain


def calendar(first: dt.date, last: dt.date, grain: Grain) -> Days:
    """List every period start from the period of `first` to that of `last`, both inclusive."""
    low, high = ordinals(_days(first, last), grain)
    return starts(np.arange(low, high + 1), grain)


def weekdays(days: Days) -> NDArray[np.int64]:
    """Give each day's weekday, Monday = 0."""
    number = (days - _MONDAY).astype(np.int64)
    return number - number // 7 * 7  # the remainder, at a third of its cost


def anchors(days: Days, grain: Grain) -> Days:
    """Give the day by which a period belongs to a coarser one: its first, or the Thursday of a week (ISO 8601)."""
    return days + _THURSDAY if grain is Grain.WEEK else days


def parts_between(start: Days, end: Days, grain: Grain, weekmask: Weekmask = EVERY_DAY) -> NDArray[np.int64]:
    """Count the periods of a grain whose anchor lies from `start`, inclusive, to `end`, exclusive.

    weekmask: for days only, those that count.

    >>> march, april = np.array(["2026-03-01", "2026-04-01"], dtype="datetime64[D]")
    >>> int(parts_between(march, april, Grain.DAY)), int(parts_between(march, april, Grain.WEEK))
    (31, 4)
    """
    if grain is Grain.DAY:
        return np.asarray(np.busday_count(start, end, weekmask=list(weekmask)), dtype=np.int64)
    shift = _THURSDAY + _ONE_DAY if grain is Grain.WEEK else _ONE_DAY
    return ordinals(end - shift, grain) - ordinals(start - shift, grain)


def _days(*days: dt.date) -> Days:
    return np.array(days, dtype="datetime64[D]")


def as_date(day: np.datetime64) -> dt.date:
    """Turn a numpy day into a date."""
    return day.astype("datetime64[D]").astype(dt.date)  # type: ignore[no-any-return]
