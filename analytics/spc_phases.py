"""Which stretch of which series is a phase of its chart, and which of its points set the limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Dates = Mapping[int, Collection[dt.date]]
Until = dt.date | Collection[dt.date]  # the last day of a frozen baseline, or of several, each in a phase of its own


@dataclass(frozen=True, slots=True, eq=False)
class PhasePlan:
    """Which stretch of which series is a phase, and which of its points set the limits."""

    clean: Floats  # excluded points are NaN, a series with an infinite value too
    excluded: Flags | None
    infinite: npt.NDArray[np.intp]
    series: Places
    start: Places
    end: Places
    frozen: Places

    @property
    def one_phase_each(self) -> bool:
        """Whether phases and series are the same rows."""
        return len(self.series) == len(self.clean)

    @property
    def last_phase(self) -> Places:
        """The phase in force at the last period, one a series."""
        return np.searchsorted(self.series, np.arange(len(self.clean)), side="right") - 1

    @classmethod
    def of(
        cls,
        values: Floats,
        periods: pd.DatetimeIndex | None,
        steps: Dates,
        baselines: Mapping[int, Until],
        excluded: Dates,
    ) -> PhasePlan:
        """Turn dates into places; arguments as for `spc_table.xmr_charts`."""
        n_periods = values.shape[1]
        if periods is None and (steps or baselines or excluded):
            raise ValueError("steps, baselines and excluded are dates: give periods")
        if periods is not None and len(periods) != n_periods:
            raise ValueError("periods and values differ in length")
        infinite = np.isinf(values).sum(axis=1)
        left_out = _excluded_points(values.shape, periods, excluded)
        clean = values
        if infinite.any() or left_out is not None:
            clean = values.copy()
            clean[infinite > 0] = np.nan
            if left_out is not None:
                clean[left_out] = np.nan
        series, start, end = _phase_bounds(values.shape, periods, steps)
        frozen = np.full(len(series), -1, dtype=np.intp)
        for row, until in baselines.items():
            for day in [until] if isinstance(until, dt.date) else sorted(until):  # of two in one phase, the later
                last = _first_period_after(periods, day) - 1
                here = (series == row) & (start <= last) & (last < end)
                frozen[here] = np.where(last < end[here] - 1, last, -1)
        return cls(clean, left_out, infinite, series, start, end, frozen)

    def rows(self, block: slice) -> Floats:
        """The values of these phases, NaN outside each phase."""
        values = self.clean[self.series[block]] if not self.one_phase_each else self.clean[block]
        if self.one_phase_each:
            return values
        place = np.arange(values.shape[1])
        values[(place < self.start[block, None]) | (place >= self.end[block, None])] = np.nan
        return values

    def of_phases(self, table: Floats, block: slice) -> Floats:
        """The rows of another table of the same shape that belong to these phases, uncut."""
        return table[block] if self.one_phase_each else table[self.series[block]]

    def setting_limits(self, rows: Floats, block: slice) -> Floats:
        """Of the rows of these phases, the points that set the limits; NaN after a frozen baseline."""
        frozen = self.frozen[block, None]
        if (frozen < 0).all():
            return rows
        return np.where((frozen >= 0) & (np.arange(rows.shape[1]) > frozen), np.nan, rows)


def _first_period_after(periods: pd.DatetimeIndex | None, day: dt.date) -> int:
    """The place of the first period that starts after the day."""
    assert periods is not None
    return int(periods.searchsorted(pd.Timestamp(day), side="right"))


def _excluded_points(shape: tuple[int, ...], periods: pd.DatetimeIndex | None, excluded: Dates) -> Flags | None:
    if periods is None or not any(excluded.values()):
        return None
    points = np.zeros(shape, dtype=np.bool_)
    for row, days in excluded.items():
        points[row] = periods.isin(pd.DatetimeIndex(list(days)))
    return points


def _phase_bounds(shape: tuple[int, ...], periods: pd.DatetimeIndex | None, steps: Dates) -> tuple[Places, ...]:
    """Series, first place and end place of each phase; a step before the first or after the last period is none."""
    n_series, n_periods = shape
    starts = {
        row: sorted({int(periods.searchsorted(pd.Timestamp(day))) for day in days} - {0, n_periods})
        for row, days in steps.items()
        if periods is not None and days
    }
    n_phases = np.ones(n_series, dtype=np.intp)
    for row, places in starts.items():
        n_phases[row] += len(places)
    series = np.repeat(np.arange(n_series), n_phases)
    start, end = np.zeros(len(series), dtype=np.intp), np.full(len(series), n_periods, dtype=np.intp)
    first_phase = np.concatenate([[0], np.cumsum(n_phases)])
    for row, places in starts.items():
        start[first_phase[row] + 1 : first_phase[row + 1]] = places
        end[first_phase[row] : first_phase[row + 1] - 1] = places
    return series, start, end
