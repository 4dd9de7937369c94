"""One series as a model sees it: which periods were measured, and where each stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.its import WEEKDAY_WEEKS, period_numbers
from analytics.results import NotComputable

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The periods that were measured. observed, places, periods: shape (n,), nothing missing.

    places: whole periods from the first measured one, a missing period leaving a gap.
    """

    periods: pd.DatetimeIndex
    observed: Floats
    places: Places

    @classmethod
    def of(cls, values: pd.Series) -> Measured:
        """Take the measured periods. Raises ValueError for an index without dates, unsorted or repeating one."""
        periods = dated(values)
        observed = values.to_numpy(dtype=np.float64, na_value=np.nan)
        kept = ~np.isnan(observed)
        places = period_numbers(periods)[kept]
        return cls(periods[kept], observed[kept], places - places[:1])

    def fault(self, needed: int) -> NotComputable | None:
        """Find what no method could do without: finite values, enough of them, that vary."""
        return finite_fault(self.observed, needed) or constant_fault(self.observed)

    @property
    def span(self) -> int:
        """Whole periods from the first to the last measured one, both counted."""
        return int(self.places[-1]) + 1

    @property
    def n_missing(self) -> int:
        """Periods between the first and the last measured one that were not measured."""
        return self.span - len(self.places)

    @property
    def weekdays(self) -> Places:
        """The day of the week of each measured period, Monday 0."""
        days: Places = self.periods.day_of_week.to_numpy(dtype=np.intp)
        return days

    @property
    def has_weekdays(self) -> bool:
        """Tell a daily series long enough to tell the days of the week apart."""
        return is_daily(self.periods) and self.span >= 7 * WEEKDAY_WEEKS and len(np.unique(self.weekdays)) > 1

    def date(self, position: int) -> dt.date:
        """The period start at a position."""
        day: dt.date = self.periods[position].date()
        return day


def dated(values: pd.Series) -> pd.DatetimeIndex:
    """Give the periods of a series. Raises ValueError for an index without dates, unsorted or repeating one."""
    periods = values.index
    if not isinstance(periods, pd.DatetimeIndex):
        raise ValueError("values must be indexed by period start")
    if not (periods.is_monotonic_increasing and periods.is_unique):
        raise ValueError("periods must stand oldest first, each once")
    return periods


def finite_fault(observed: Floats, needed: int) -> NotComputable | None:
    """Say that nothing was measured, that values are infinite, or that there are too few. observed: no NaN."""
    if not len(observed):
        return NotComputable("all_missing")
    n_infinite = int(np.isinf(observed).sum())
    if n_infinite:
        return NotComputable("infinite_values", {"found": n_infinite})
    if len(observed) < needed:
        return NotComputable("short_history", {"found": len(observed), "needed": needed})
    return None


def constant_fault(observed: Floats) -> NotComputable | None:
    """Say that nothing varies. observed: at least one value, no NaN."""
    if np.ptp(observed) == 0:
        return NotComputable("constant", {"value": float(observed[0])})
    return None


def is_daily(periods: pd.DatetimeIndex) -> bool:
    """Tell whether two periods are ever one day apart."""
    return bool((np.diff(periods.to_numpy()) == np.timedelta64(1, "D")).any())


def weekday_columns(weekdays: Places, present: Places) -> Floats:
    """One column a day of the week present, the first left out. Shape (n, n_present - 1)."""
    columns: Floats = (weekdays[:, None] == present[None, 1:]).astype(np.float64)
    return columns
