"""Values that are too equal: a series that stands still, a stretch that repeats an earlier one, a site that copies another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.types import Grain
from loaders.usual import Flags, Floats, Places

SHORTEST_RUN = 5  # equal neighbours, the first included
SHORTEST_COPY = 4  # values of a stretch that repeats another one
LONGEST_LAG = 400
SHORTEST_OF_SITE = 5  # values that two sites share
FEWEST_DISTINCT = 3  # of a stretch, or it only stands still
FEWEST_SITES = 6  # that all keep their value from one period to the next
SHARE_OF_SITES = 0.9
USUAL_PERIODS, USUAL_SHARE = 2, 0.05  # that nearly all sites keep their value in: more is how these data are (weekends)
PAIRS_NEEDED = 10  # neighbours outside the stretch, to know how often equal values come by themselves
CHANCE = 1e-6  # a stretch likelier than that by itself is left alone
_LAGS = {
    Grain.DAY: (7, 28, 30, 31), Grain.WEEK: (4, 5, 13, 52), Grain.MONTH: (3, 6, 12), Grain.QUARTER: (4,), Grain.YEAR: ()
}  # fmt: skip
_BLOCK_MONTHS = {Grain.DAY: 1, Grain.WEEK: 3, Grain.MONTH: 12, Grain.QUARTER: 60, Grain.YEAR: 240}
_ODD, _OTHER_ODD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Values of many series, by series and day, each day once.

    fresh: whether the file brings the value and the record does not have it yet.
    """

    series: Places
    day: npt.NDArray[np.datetime64]  # of unit D
    value: Floats
    fresh: Flags


@dataclass(frozen=True, slots=True)
class Stretch:
    """Values that repeat others. first, past: places in the timeline. other: the series copied, or its own.

    lag: how many values earlier the same ones stand; 0 = at the same periods, 1 = the value before.
    """

    series: int
    first: int
    past: int
    other: int
    lag: int


def standing_still(line: Timeline, n_series: int) -> list[Stretch]:
    """Find series that keep a value longer than they ever would by chance."""
    return _repeating(line, n_series, 1, SHORTEST_RUN - 1)


def repeating_themselves(line: Timeline, n_series: int, grain: Grain) -> list[Stretch]:
    """Find stretches of a series that repeat an earlier stretch value by value, such as last month's.

    Looked for at the lags of the calendar, and at as many values back as the file most often brings.
    """
    found: list[Stretch] = []
    brought = np.bincount(line.series[line.fresh], minlength=1)
    usual_number = int(np.median(brought[brought > 0])) if brought.any() else 0
    for lag in sorted({*_LAGS[grain], *([usual_number] if SHORTEST_COPY <= usual_number <= LONGEST_LAG else [])}):
        for stretch in _repeating(line, n_series, lag, SHORTEST_COPY):
            distinct = len(np.unique(line.value[stretch.first : stretch.past]))
            taken = any(one.series == stretch.series and one.first < stretch.past for one in found)
            if distinct >= FEWEST_DISTINCT and not taken:
                found.append(stretch)
    return found


def _repeating(line: Timeline, n_series: int, lag: int, shortest: int) -> list[Stretch]:
    """Find runs of values equal to those `lag` places before, of a length that chance does not explain."""
    if len(line.value) <= lag:
        return []
    pair = line.series[lag:] == line.series[:-lag]
    equal = pair & (line.value[lag:] == line.value[:-lag])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], equal.view(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= shortest
    starts, ends = starts[long] + lag, ends[long] + lag
    if not len(starts):
        return []
    series, length = line.series[starts], ends - starts
    cut = np.flatnonzero(line.series[starts] != line.series[ends - 1])
    pairs = np.bincount(line.series[lag:][pair], minlength=n_series)[series] - length
    alike = np.bincount(line.series[lag:][equal], minlength=n_series)[series] - length
    share = (alike + 1) / (np.maximum(pairs, 0) + 2)
    fresh = np.add.reduceat(np.append(line.fresh, False).astype(np.int64), np.column_stack([starts, ends]).ravel())[::2]
    told = (pairs >= PAIRS_NEEDED) & (share**length < CHANCE) & (fresh >= shortest - 1) & line.fresh[ends - 1]
    told[cut] = False  # a run over the edge of two series never is one: neighbours there are no pair
    return [
        Stretch(int(series[at]), int(starts[at]), int(ends[at]), int(series[at]), lag) for at in np.flatnonzero(told)
    ]


def keeping_the_period_before(line: Timeline, group: Places) -> list[tuple[Stretch, int, int]]:
    """Find periods in which nearly every series of a group has just its value of the period before.

    group: shape (n_series,), the metric and segment of each series. Returns one stretch a period found, of its first
    value, with how many series keep theirs, of how many.
    """
    before = np.append(False, line.series[1:] == line.series[:-1])
    fresh = before & line.fresh
    same = fresh & np.append(False, line.value[1:] == line.value[:-1])
    if same.sum() < FEWEST_SITES:
        return []
    key = group[line.series] * np.int64(1 << 24) + line.day.astype(np.int64) + (1 << 22)
    wanted, counts = np.unique(key[same], return_counts=True)
    wanted, counts = wanted[counts >= FEWEST_SITES], counts[counts >= FEWEST_SITES]
    if not len(wanted):
        return []
    wanted, counts = _unusual(
        wanted, counts, key[before], (before & np.append(False, np.diff(line.value) == 0))[before]
    )
    if not len(wanted):
        return []
    place = np.minimum(np.searchsorted(wanted, key), len(wanted) - 1)
    of = np.bincount(place[fresh & (wanted[place] == key)], minlength=len(wanted))
    elsewhere = (before & ~line.fresh).sum(), (before & ~line.fresh & np.append(False, np.diff(line.value) == 0)).sum()
    share = (elsewhere[1] + 1) / (elsewhere[0] + 2)
    found = []
    for at in np.flatnonzero((counts >= SHARE_OF_SITES * of) & (share**counts < CHANCE)):
        first = int(np.flatnonzero(same & (key == wanted[at]))[0])
        series = int(line.series[first])
        found.append((Stretch(series, first, first + 1, series, 1), int(counts[at]), int(of[at])))
    return found


def _unusual(wanted: Places, counts: Places, key: Places, same: Flags) -> tuple[Places, Places]:
    """Leave out the groups in which it is usual that nearly all sites keep their value, such as over every weekend.

    wanted: keys of group and day, with their counts. key, same: of each value that has one before it.
    """
    mine = np.isin(key >> 24, wanted >> 24)
    periods, place = np.unique(key[mine], return_inverse=True)
    of = np.bincount(place)
    kept = (np.bincount(place, weights=same[mine]) >= SHARE_OF_SITES * of) & (of >= FEWEST_SITES)
    groups, at = np.unique(periods >> 24, return_inverse=True)
    usual = np.bincount(at, weights=kept) > np.maximum(USUAL_PERIODS, USUAL_SHARE * np.bincount(at))
    told = ~np.isin(wanted >> 24, groups[usual])
    return wanted[told], counts[told]


def copying_another(line: Timeline, group: Places, grain: Grain) -> list[Stretch]:
    """Find series of one group that share all their new values of a stretch of the calendar with another one."""
    at = np.flatnonzero(line.fresh)
    if len(at) < 2 * SHORTEST_OF_SITE:
        return []
    series, value = line.series[at], line.value[at]
    month = line.day[at].astype("datetime64[M]").astype(np.int64)
    block = month // _BLOCK_MONTHS[grain]
    opens = np.flatnonzero(np.append(True, (np.diff(series) != 0) | (np.diff(block) != 0)))
    sizes = np.diff(np.append(opens, len(at)))
    print_of = np.add.reduceat(_mixed(value, line.day[at].astype(np.int64)), opens)
    long = sizes >= SHORTEST_OF_SITE
    opens, sizes, prints = opens[long], sizes[long], print_of[long]
    owner = series[opens]
    prints ^= _mixed(np.zeros(len(opens)), group[owner] * 4096 + sizes)
    order = np.argsort(prints, kind="stable")
    twin = np.flatnonzero(prints[order][1:] == prints[order][:-1])
    found = []
    alike: dict[int, float] = {}  # by group, how often two of its values are the same by chance
    for place in twin:
        one, two = sorted((int(order[place]), int(order[place + 1])), key=lambda b: int(opens[b]))
        first, size = int(opens[two]), int(sizes[two])
        mine, theirs = value[first : first + size], value[opens[one] : opens[one] + size]
        if not np.array_equal(mine, theirs) or len(np.unique(mine)) < FEWEST_DISTINCT + 1:
            continue
        its_group = int(group[owner[two]])
        if its_group not in alike:  # once a group: a copied file has as many twins as it has stretches
            _, times = np.unique(value[group[series] == its_group], return_counts=True)
            alike[its_group] = float(((times / times.sum()) ** 2).sum())
        if alike[its_group] ** size * len(opens) ** 2 < CHANCE * 1000:
            found.append(Stretch(int(owner[two]), int(at[first]), int(at[first + size - 1]) + 1, int(owner[one]), 0))
    return found


def _mixed(value: Floats, number: Places) -> npt.NDArray[np.uint64]:
    bits = value.view(np.uint64) * _ODD ^ number.astype(np.uint64) * _OTHER_ODD
    bits ^= bits >> np.uint64(29)
    return bits * _ODD
