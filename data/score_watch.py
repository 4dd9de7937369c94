"""The series of a block as drift alarms read them: at their own grain, the newest period last, the level in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.portfolio import ALARM_KINDS, Portfolio, Watch
from analytics.results import Side
from data import combine, periods
from data.combine import Floats
from data.limits import LimitDecisions, Pair
from data.periods import Days
from data.score_grid import Block, Grid
from data.score_limits import EPOCH, concerned
from data.types import Grain

_NO_DAY = np.datetime64("NaT", "D")


def watch_of(block: Block, grid: Grid, limits: Mapping[Pair, LimitDecisions]) -> tuple[Watch, Days]:
    """Prepare a block, laid out, for its alarms: from the last step on, without the periods that people left out.

    Gives the first day of each column beside it, shape of the values.
    """
    n_series, width = len(grid.length), int(grid.length.max())
    shift = width - grid.length
    observed = np.full((n_series, width), np.nan)
    observed[grid.rows.series, grid.place + shift[grid.rows.series]] = grid.rows.value
    for series, decided in concerned(block, limits):
        calendar = grid.calendar(series, block.grain)
        cells = observed[series, shift[series] :]
        excluded = np.array(decided.left_out(pd.DatetimeIndex(calendar), block.grain), "datetime64[D]")
        cells[np.searchsorted(calendar, excluded)] = np.nan
        steps = np.array([day for day in decided.step_days if len(calendar) and day <= calendar[-1]], "datetime64[D]")
        if len(steps):
            cells[calendar < steps[-1]] = np.nan
    last = np.where(grid.n_points > 0, grid.rows.day[grid.last_row], EPOCH)
    if block.grain is Grain.DAY:
        return _of_days(grid, observed, last)
    number = periods.ordinals(last, block.grain)[:, None] + np.arange(1 - width, 1)
    return Watch.of_one_calendar(observed), periods.starts(number, block.grain)


def _of_days(grid: Grid, observed: Floats, last: Days) -> tuple[Watch, Days]:
    """Give daily series their calendars: the usual weekdays back from the last day, or with other days measured, their own."""
    n_series, width = observed.shape
    usual = combine.usual_weekdays(grid.rows, n_series)
    unusual = ~usual[grid.rows.series, periods.weekdays(grid.rows.day)]
    irregular = np.bincount(grid.rows.series, weights=unusual, minlength=n_series) > 0
    own = np.where(irregular | ~usual.any(axis=1), np.arange(n_series), -1)
    keys, calendar = np.unique(np.column_stack([usual, last.astype(np.int64), own]), axis=0, return_inverse=True)
    calendar = calendar.ravel()
    examples = np.full(len(keys), 0)
    examples[calendar] = np.arange(n_series)
    days = np.empty((len(keys), width), "datetime64[D]")
    for number, series in enumerate(examples.tolist()):
        if own[series] >= 0:
            known = grid.calendar(series, Grain.DAY) if grid.n_points[series] else last[series : series + 1]
            days[number] = np.concatenate([np.full(width - len(known), known[0]), known])
        else:
            days[number] = np.busday_offset(last[series], np.arange(1 - width, 1), weekmask=usual[series])
    steps = np.diff(days.astype(np.int64), axis=1)
    weekdays = np.where((steps == 1).any(axis=1, keepdims=True), periods.weekdays(days), -1)
    every = np.array([max(np.gcd.reduce(row), 1) for row in steps])
    return Watch(observed, calendar, (days - days[:, :1]).astype(np.int64) // every[:, None], weekdays), days[calendar]


def alarm_columns(found: Portfolio, days: Days) -> dict[str, Any]:
    """Say the alarms of a block by kind, side and day; days: of the columns that were watched, see `watch_of`."""
    kinds = np.array([None if kind is None else str(kind) for kind in ALARM_KINDS], dtype=object)
    sides = np.array([str(Side.BELOW), None, str(Side.ABOVE)], dtype=object)
    series, newest = np.arange(len(days)), days.shape[1] - 1
    raised = found.alarm_kind > 0
    return {
        "alarm_kind": kinds[found.alarm_kind],
        "alarm_side": sides[found.alarm_side + 1],
        "alarm_on": np.where(raised, days[series, newest - found.alarm_at * raised], _NO_DAY),
        "alarm_since": np.where(raised, days[series, newest - found.alarm_since * raised], _NO_DAY),
        "alarm_p": found.alarm_p,
    }
