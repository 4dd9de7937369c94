"""How the values of parts make the value of a whole: segments of a site, sites of a metric, days of a month.

A sum needs every part it should have; a mean of days or of sites needs half of them; a level (the last value) needs
its period to be over. Segments of one site differ in kind (a mean over fewer of them is another quantity), so that
a combination of segments needs them all. A whole without enough parts is missing, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data import periods
from data.periods import Days, Weekmask
from data.types import Aggregation, Grain, Metric, MetricKind

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Measured values of several series; sorted by series, then day, then member. All of shape (n_rows,).

    series, member: numbers from 0. day: first day of the period. weight: NaN where there is none.
    """

    series: Places
    member: Places
    day: Days
    value: Floats
    weight: Floats

    def keep(self, chosen: NDArray[np.bool_] | NDArray[np.integer[Any]] | slice) -> Rows:
        """Choose rows, or put them in another order."""
        return Rows(self.series[chosen], self.member[chosen], self.day[chosen], self.value[chosen], self.weight[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """How each series is put together; flags of shape (n_series,). What is none of these is averaged."""

    added: Flags  # its members add up: counts
    summed: Flags  # its days add up
    weighted: Flags  # parts count by their denominators
    last: Flags  # over time, the last value stands

    @classmethod
    def of(cls, metrics: Sequence[Metric]) -> Rules:
        """Read the rules from the metric of each series."""
        kinds = [metric.kind for metric in metrics]
        ways = [metric.aggregation for metric in metrics]
        summed = np.array([way is Aggregation.SUM for way in ways], dtype=np.bool_)
        ratio = np.array([kind is MetricKind.RATIO for kind in kinds], dtype=np.bool_)
        return cls(
            added=summed | np.array([kind is MetricKind.COUNT for kind in kinds], dtype=np.bool_),
            summed=summed,
            weighted=ratio | np.array([way is Aggregation.WEIGHTED_MEAN for way in ways], dtype=np.bool_),
            last=np.array([way is Aggregation.LAST for way in ways], dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.added)


def combine_members(rows: Rows, rules: Rules, *, half: bool) -> Rows:
    """Put the members (segments, or sites) of each series together, period by period.

    A member counts from its first to its last period; one that stopped at the last period but one is late, not
    ended. half: whether a mean is content with half of its members. Periods without enough are left out.
    """
    if len(rows.series) == 0:
        return rows
    starts = _group_starts(rows)
    found = np.diff(starts, append=len(rows.series))
    needed = _members_needed(rows, starts)
    series = rows.series[starts]
    enough = found >= needed
    if half:
        enough |= ~rules.added[series] & (2 * found >= needed)
    return _joined(rows, starts, rules.added, rules.weighted).keep(enough)


def coarsen(rows: Rows, rules: Rules, *, source: Grain, grain: Grain) -> Rows:
    """Put the periods of a finer grain together to those of a coarser one; members must be combined before.

    A day counts towards the parts of its week or month when its weekday is usual for its series.
    """
    if source is grain or len(rows.series) == 0:
        return rows
    anchor = periods.anchors(rows.day, source)
    usual = usual_weekdays(rows, len(rules)) if source is Grain.DAY else np.ones((len(rules), 7), np.bool_)
    grouped = replace(rows, day=periods.starts(periods.ordinals(anchor, grain), grain))
    starts = _group_starts(grouped)
    wholes = _joined(grouped, starts, rules.summed, rules.weighted)
    found = np.add.reduceat(usual[rows.series, periods.weekdays(rows.day)].astype(np.int64), starts)
    ends = periods.starts(periods.ordinals(wholes.day, grain) + 1, grain)
    last = anchor[np.append(starts[1:], len(anchor)) - 1]
    needed, to_come = np.zeros_like(found), np.zeros_like(found)
    for weekmask, those in _by_weekmask(usual, wholes.series):
        needed[those] = periods.parts_between(wholes.day[those], ends[those], source, weekmask)
        to_come[those] = periods.parts_between(last[those] + 1, ends[those], source, weekmask)
    is_newest = np.append(wholes.series[1:] != wholes.series[:-1], True)
    over = ~is_newest | (to_come == 0)
    enough = np.where(rules.summed[wholes.series], found >= needed, 2 * found >= needed)
    level = rules.last[wholes.series]
    wholes.value[level] = rows.value[np.append(starts[1:], len(anchor)) - 1][level]
    return wholes.keep(enough & (over | ~level))


def usual_weekdays(rows: Rows, n_series: int) -> Flags:
    """Tell on which weekdays each daily series is measured: in at least half of its weeks. Shape (n_series, 7).

    A plant that closes at weekends has no missing Saturdays.
    """
    counts = np.bincount(rows.series * 7 + periods.weekdays(rows.day), minlength=7 * n_series).reshape(n_series, 7)
    starts = np.flatnonzero(np.append(True, rows.series[1:] != rows.series[:-1]))
    week = periods.ordinals(rows.day, Grain.WEEK)
    n_weeks = np.ones(n_series, dtype=np.int64)
    n_weeks[rows.series[starts]] = week[np.append(starts[1:], len(week)) - 1] - week[starts] + 1
    return np.asarray(2 * counts >= n_weeks[:, None])


def positions(rows: Rows, n_series: int, grain: Grain) -> Places:
    """Number the periods of each series on its own calendar, from 0 at its first; a hole in the numbers is a gap.

    The calendar of a daily series holds its usual weekdays, and any other day it was measured.
    """
    starts = np.flatnonzero(np.append(True, rows.series[1:] != rows.series[:-1]))
    lengths = np.diff(starts, append=len(rows.series))
    if grain is not Grain.DAY:
        number = periods.ordinals(rows.day, grain)
        return number - np.repeat(number[starts], lengths)
    usual = usual_weekdays(rows, n_series)
    extra = (~usual[rows.series, periods.weekdays(rows.day)]).astype(np.int64)
    extra_before = np.cumsum(extra) - extra
    place = extra_before - np.repeat(extra_before[starts], lengths)
    first = np.repeat(rows.day[starts], lengths)
    for weekmask, those in _by_weekmask(usual, rows.series):
        place[those] += periods.parts_between(first[those], rows.day[those], grain, weekmask)
    return place


def _by_weekmask(usual: Flags, series: Places) -> Iterator[tuple[Weekmask, Flags]]:
    masks, which = np.unique(usual, axis=0, return_inverse=True)
    for place, mask in enumerate(masks):
        if mask.any():
            yield tuple(bool(day) for day in mask), which[series] == place


def _group_starts(rows: Rows) -> Places:
    changes = (rows.series[1:] != rows.series[:-1]) | (rows.day[1:] != rows.day[:-1])
    return np.flatnonzero(np.append(True, changes))


def _members_needed(rows: Rows, starts: Places) -> Places:
    """Count the members each period of each series should have; periods are numbered through all series."""
    n_periods = len(starts)
    period = np.repeat(np.arange(n_periods), np.diff(starts, append=len(rows.series)))
    order = np.lexsort((period, rows.member, rows.series))
    series, member, period = rows.series[order], rows.member[order], period[order]
    opens = np.append(True, (series[1:] != series[:-1]) | (member[1:] != member[:-1]))
    opened, closed = period[opens], period[np.append(opens[1:], True)]
    first_of_series = np.flatnonzero(np.append(True, rows.series[starts][1:] != rows.series[starts][:-1]))
    newest = np.append(first_of_series[1:], n_periods) - 1
    newest_of_part = newest[np.searchsorted(newest, closed)]
    closed = np.where(closed == newest_of_part - 1, newest_of_part, closed)  # late, not ended
    size = n_periods + 1
    return np.cumsum(np.bincount(opened, minlength=size) - np.bincount(closed + 1, minlength=size))[:n_periods]


def _joined(rows: Rows, starts: Places, added: Flags, weighted: Flags) -> Rows:
    """One row a group of rows. Values are added in their order, so that equal records give equal bits."""
    series = rows.series[starts]
    ends = np.append(starts[1:], len(rows.series))
    total, count = np.add.reduceat(rows.value, starts), ends - starts
    weight = np.add.reduceat(rows.weight, starts)  # NaN unless every part has one
    moment = np.add.reduceat(rows.value * rows.weight, starts)
    by_weight = weighted[series] & (weight > 0)
    value = np.where(by_weight, moment / np.where(by_weight, weight, 1.0), total / count)
    value = np.where(added[series], total, value)
    # A whole of one part is that part, to the bit.
    value = np.where(count == 1, rows.value[starts], value)
    return Rows(series, np.zeros(len(starts), dtype=np.int64), rows.day[starts], value, weight)
