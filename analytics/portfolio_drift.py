"""Drift alarms of every series of a board, whose newest periods differ in number and in weekday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.alarm_p_values import alarm_p_values
from analytics.alarms import MINIMUM_BASELINE, WATCHED_PERIODS, alarm_places, alarm_table
from analytics.results import Side
from analytics.results_trend import AlarmKind

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

ALARM_KINDS: tuple[AlarmKind | None, ...] = (None, *AlarmKind)  # Portfolio.alarm_kind
BLOCK_CELLS = 1 << 15  # of series watched together, so that little is held twice


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What drift alarms read: the level in force at the finest grain, each series ending in the last column.

    observed: shape (n_series, n_periods), NaN = not measured, before the level in force, or left out by a person.
    calendar: which of the calendars is a series' own, shape (n_series,).
    places, weekdays: of each column of each calendar, shape (n_calendars, n_periods): whole periods, rising, and the day
        of the week, Monday 0; a calendar that is not daily has -1 throughout.
    """

    observed: Floats
    calendar: Places
    places: Places
    weekdays: Places

    @classmethod
    def of_one_calendar(cls, observed: Floats) -> Watch:
        """Take series of weeks, months or the like, whose columns follow one another."""
        n_series, n_periods = observed.shape
        return cls(observed, np.zeros(n_series, np.intp), np.arange(n_periods)[None], np.full((1, n_periods), -1))


def in_blocks(rows: Places, n_periods: int, cells: int = BLOCK_CELLS) -> Iterator[Places]:
    """Part rows into blocks of so few cells, one after the other."""
    height = max(1, cells // max(1, n_periods))
    for first in range(0, len(rows), height):
        yield rows[first : first + height]


def newest_alarms(watch: Watch) -> dict[str, Any]:
    """Watch every series: its newest drift, else its newest wild point, and how surprising that is."""
    n_series, n_periods = watch.observed.shape
    none = np.full(n_series, -1, dtype=np.intp)
    found: dict[str, Any] = {
        "alarm_kind": np.zeros(n_series, dtype=np.int8), "alarm_side": np.zeros(n_series, dtype=np.int8),
        "alarm_at": none, "alarm_since": none.copy(), "alarm_p": np.full(n_series, np.nan),
    }  # fmt: skip
    for rows, watched, calendar in _watched_alike(watch):
        places, days = watch.places[calendar], watch.weekdays[calendar]
        weekdays = days if n_periods and days[0] >= 0 else None
        for block in in_blocks(rows, n_periods):
            table = alarm_table(watch.observed[block], watched=watched, places=places, weekdays=weekdays)
            found["alarm_p"][block] = alarm_p_values(table)
            for place in np.flatnonzero(table.raised):
                kind, side, at, since = max(
                    alarm_places(table, int(place)), key=lambda a: (a[0] is AlarmKind.DRIFT, a[2])
                )
                row = block[place]
                found["alarm_kind"][row] = ALARM_KINDS.index(kind)
                found["alarm_side"][row] = 1 if side is Side.ABOVE else -1
                found["alarm_at"][row], found["alarm_since"][row] = watched - 1 - at, watched - 1 - since
    return found


def _watched_alike(watch: Watch) -> Iterator[tuple[Places, int, int]]:
    """Group series by how many of their last periods are watched, a baseline left before them, and by calendar."""
    n_series, n_periods = watch.observed.shape
    watched = np.zeros(n_series, dtype=np.intp)
    for rows in in_blocks(np.arange(n_series), n_periods):
        known = ~np.isnan(watch.observed[rows])
        reached = np.cumsum(known, axis=1, dtype=np.int32) >= MINIMUM_BASELINE
        after = np.where(reached.any(axis=1), n_periods - 1 - reached.argmax(axis=1), 0)
        watched[rows] = np.minimum(after, WATCHED_PERIODS)
    keys, group = np.unique(np.column_stack([watched, watch.calendar]), axis=0, return_inverse=True)
    for place, (n_watched, calendar) in enumerate(keys.tolist()):
        if n_watched:
            yield np.flatnonzero(group.ravel() == place), n_watched, calendar
