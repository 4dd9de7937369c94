"""Series of one grain laid out for charting: a row each, from its own first period on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import combine, periods
from data.combine import Floats, Places, Rows
from data.types import Grain

BLOCK_CELLS = 400_000  # of series scored together: what a block takes in memory is small beside a load


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Series of one grain; `names` has a row a series: metric_id, site_id, segment, load_number."""

    grain: Grain
    names: pd.DataFrame
    rows: Rows


def split(block: Block) -> Iterator[Block]:
    """Part a block into several of like lengths, so that no grid of them is too large."""
    n_series = len(block.names)
    n_rows = np.bincount(block.rows.series, minlength=n_series)
    past = np.cumsum(n_rows)
    lengths = np.ones(n_series, dtype=np.int64)
    if len(block.rows.day):
        ends = block.rows.day[np.maximum(np.stack([past - n_rows, past - 1]), 0) % len(block.rows.day)]
        first, last = periods.ordinals(ends, block.grain)  # a daily calendar has no more periods than days
        lengths = np.where(n_rows > 0, last - first + 1, 1)
    if n_series * lengths.max() <= BLOCK_CELLS:
        yield block
        return
    by_length = np.argsort(lengths, kind="stable")
    start = 0
    while start < n_series:
        cells = lengths[by_length[start:]] * np.arange(1, n_series - start + 1)
        count = max(1, int(np.searchsorted(cells, BLOCK_CELLS, side="right")))
        chosen = np.sort(by_length[start : start + count])
        own = n_rows[chosen]
        if chosen[-1] - chosen[0] + 1 == len(chosen):  # neighbours need no copy
            rows = block.rows.keep(slice(int(past[chosen[0]] - own[0]), int(past[chosen[-1]])))
        else:
            skipped = np.repeat(past[chosen] - np.cumsum(own), own)
            rows = block.rows.keep(np.arange(len(skipped)) + skipped)
        names = block.names.iloc[chosen].reset_index(drop=True)
        yield Block(block.grain, names, replace(rows, series=np.repeat(np.arange(len(chosen)), own)))
        start += count


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The series of a block; values of shape (n_series, longest), NaN = not measured or past a series' end."""

    rows: Rows
    place: Places  # of each row in its series
    values: Floats
    n_points: Places
    first_row: Places
    last_row: Places  # -1 where a series has no row
    length: Places

    @classmethod
    def of(cls, block: Block) -> Grid:
        """Lay a block out."""
        rows, n_series = block.rows, len(block.names)
        place = combine.positions(rows, n_series, block.grain)
        n_points = np.bincount(rows.series, minlength=n_series)
        last_row = np.cumsum(n_points) - 1
        last_row[n_points == 0] = -1
        length = np.where(n_points > 0, place[last_row] + 1, 0)
        values = np.full((n_series, int(length.max())), np.nan)
        values[rows.series, place] = rows.value
        return cls(rows, place, values, n_points, last_row - n_points + 1, last_row, length)

    def row_from(self, series: int, day: dt.date) -> int | None:
        """Find the first measured row of a series on or after a day."""
        first, past = int(self.first_row[series]), int(self.last_row[series]) + 1
        found = first + int(np.searchsorted(self.rows.day[first:past], np.datetime64(day, "D")))
        return found if found < past else None

    def calendar(self, series: int, grain: Grain) -> NDArray[np.datetime64]:
        """Give the first days of a series' periods, measured or not; of a daily one, its usual weekdays and measured days."""
        measured = self.rows.day[self.first_row[series] : self.last_row[series] + 1]
        if not len(measured):
            return measured
        days = periods.calendar(periods.as_date(measured[0]), periods.as_date(measured[-1]), grain)
        if grain is not Grain.DAY:
            return days
        own = self.rows.keep(np.arange(self.first_row[series], self.last_row[series] + 1))
        usual = combine.usual_weekdays(replace(own, series=np.zeros_like(own.series)), 1)[0]
        chosen: NDArray[np.datetime64] = days[usual[periods.weekdays(days)] | np.isin(days, measured)]
        return chosen

    def day_at(self, place: Places) -> NDArray[np.datetime64]:
        """Give the day of the first measured period of each series at or after a place; NaT for place -1."""
        width = int(self.length.max()) + 1
        key = self.rows.series * width + self.place
        found = np.searchsorted(key, np.arange(len(place)) * width + np.maximum(place, 0))
        day: NDArray[np.datetime64] = self.rows.day[np.minimum(found, len(key) - 1)]
        day[(place < 0) | (self.n_points == 0)] = np.datetime64("NaT")
        return day
