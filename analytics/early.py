"""What every reading before the end of an experiment needs: which periods are over, and how a signal is named."""

from __future__ import annotations

import datetime as dt
import math
from typing import TypeVar

import numpy as np
import pandas as pd

from analytics.its import SHORTEST_MONTH_DAYS
from analytics.measured import is_daily
from analytics.results import Direction
from analytics.results_sequential import SignalWord

Table = TypeVar("Table", pd.Series, pd.DataFrame)

MINIMUM_EARLY = 3  # points after; one or two are an anecdote
WEEKDAY_DAYS = 14  # days before the start from which each day of the week is compared with itself


def signal_word(estimate: float, direction: Direction) -> SignalWord:
    """Name a signal by the way the metric improves."""
    if direction is Direction.NEUTRAL or math.isnan(estimate):
        return SignalWord.CHANGE
    return SignalWord.PROMISING if (estimate > 0) == (direction is Direction.UP) else SignalWord.HARM


def seen_periods(values: Table, seen_by: dt.date | None) -> Table:
    """Keep the periods that ended by the beginning of a day; None = all."""
    if seen_by is None:
        return values
    return values.loc[period_ends(pd.DatetimeIndex(values.index)) <= pd.Timestamp(seen_by)]


def seen_weights(weights: Table | None, values: Table, seen: Table) -> Table | None:
    """The weights of the periods that are seen. Raises ValueError if they are not those of the values."""
    if weights is None:
        return None
    if not weights.index.equals(values.index):
        raise ValueError("weights and values must have the same periods")
    return weights.loc[seen.index]


def compares_weekdays(values: pd.Series, intervention_date: dt.date) -> bool:
    """Tell a daily series with enough history to take the days of the week away from the first point on."""
    measured = values.dropna()
    before = pd.DatetimeIndex(measured.index[measured.index < pd.Timestamp(intervention_date)])
    return is_daily(before) and (before[-1] - before[0]).days + 1 >= WEEKDAY_DAYS


def period_ends(periods: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The first moment after each period, the grain read from the steps between them; one period alone is a day.

    >>> [str(end.date()) for end in period_ends(pd.to_datetime(["2026-01-01", "2026-02-01"]))]
    ['2026-02-01', '2026-03-01']
    """
    return periods + _grain(periods)


def periods_ahead(calendar: pd.DatetimeIndex, measured: pd.DatetimeIndex, end: dt.date) -> pd.DatetimeIndex:
    """The periods after the calendar that end by a day, inclusive; daily: on the days of the week that were measured.

    >>> weeks = pd.date_range("2026-01-05", periods=3, freq="7D")
    >>> [str(day.date()) for day in periods_ahead(weeks, weeks, dt.date(2026, 2, 7))]
    ['2026-01-26']
    """
    step = _grain(calendar)
    ahead = pd.date_range(calendar[-1] + step, pd.Timestamp(end) + pd.Timedelta(days=1) - step, freq=step)
    if is_daily(measured):
        ahead = ahead[ahead.day_of_week.isin(measured.day_of_week)]
    return ahead


def _grain(periods: pd.DatetimeIndex) -> pd.DateOffset | pd.Timedelta:
    if len(periods) < 2:
        return pd.Timedelta(days=1)
    days = np.diff(periods.to_numpy().astype("datetime64[D]").astype(np.intp))
    step = int(np.gcd.reduce(days))
    if days.min() >= SHORTEST_MONTH_DAYS and step % 7:
        months = np.diff(periods.to_numpy().astype("datetime64[M]").astype(np.intp))
        return pd.DateOffset(months=int(np.gcd.reduce(months)))
    return pd.Timedelta(days=step)
