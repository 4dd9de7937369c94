"""A file's values beside those on record: its series numbered, their history read once, both put into one order."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from data.numbering import UNKNOWN, series_numbers
from data.types import Grain
from loaders.findings import Interpretation
from loaders.repeats import Timeline
from loaders.usual import Floats, Places

LOOKED_BACK = {Grain.DAY: 400, Grain.WEEK: 1100, Grain.MONTH: 1900, Grain.QUARTER: 3700, Grain.YEAR: 11_000}  # days
ROOM_FOR_EACH = 8  # possible series a value, up to which they are told apart without sorting
SAME_SHARE = 1e-9  # two numbers nearer than this share of the larger are the same, as in data.staging


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A file's values beside those on record around them.

    names: a row a series: metric, site, segment (places in the interpretation). series: of each observation.
    """

    names: pd.DataFrame
    series: Places
    day: np.ndarray
    value: Floats
    old_series: Places
    old_day: np.ndarray
    old_value: Floats

    @property
    def n_series(self) -> int:
        """How many series the file has."""
        return len(self.names)


def held_of(found: Interpretation, cursor: duckdb.DuckDBPyConnection) -> Held:
    """Number the series of a file, and read what the record has of them around its periods."""
    frame = found.observations
    metric, site = frame["metric"].to_numpy(np.int64), frame["site"].to_numpy(np.int64)
    segment = frame["segment"].cat.codes.to_numpy(np.int64)
    n_sites, n_segments = len(found.sites), len(frame["segment"].cat.categories)
    dense = (metric * n_sites + site) * n_segments + segment
    present, series = _renumbered(dense)
    pair, segments = np.divmod(present, n_segments)
    names = pd.DataFrame({"metric": pair // n_sites, "site": pair % n_sites, "segment": segments})
    day = frame["period_start"].to_numpy().astype("datetime64[D]")
    old = _on_record(found, names, day, cursor)
    return Held(names, series, day, frame["value"].to_numpy(np.float64), *old)


def _renumbered(dense: Places) -> tuple[Places, Places]:
    """Give the numbers that occur, ascending, and the place of each value's own among them."""
    if int(dense.max()) > ROOM_FOR_EACH * len(dense):  # a room for each possible number would fill the memory
        present, place = np.unique(dense, return_inverse=True)
        return present, place.astype(np.int64)
    present = np.flatnonzero(np.bincount(dense))
    renumber = np.zeros(int(present[-1]) + 1, np.int64)
    renumber[present] = np.arange(len(present))
    return present, renumber[dense]


def _on_record(
    found: Interpretation, names: pd.DataFrame, day: np.ndarray, cursor: duckdb.DuckDBPyConnection
) -> tuple[Places, np.ndarray, Floats]:
    """Read the values of these series on record, from some time before the file's first period to its last."""
    grain = found.periods[0].grain
    ids = pd.DataFrame(
        {
            "metric_id": [found.metrics[at].metric_id for at in names["metric"]],
            "site_id": [found.sites[at].site_id for at in names["site"]],
            "segment": found.observations["segment"].cat.categories.to_numpy(object)[names["segment"]],
            "grain": grain.value,
        }
    )
    known = (ids["metric_id"].notna() & ids["site_id"].notna()).to_numpy()
    numbers = np.full(len(names), UNKNOWN, np.int64)
    if known.any():
        numbers[known] = series_numbers(cursor, ids[known])
    place = np.flatnonzero(numbers != UNKNOWN)
    if not len(place):
        return np.zeros(0, np.int64), np.zeros(0, "datetime64[D]"), np.zeros(0)
    cursor.register("held", pd.DataFrame({"place": place, "series": numbers[place]}))
    rows = cursor.execute(
        "SELECT h.place, c.period_start, c.value FROM cur_row c JOIN held h ON c.series = h.series "
        "WHERE c.period_start BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)",
        [str(day.min() - np.timedelta64(LOOKED_BACK[grain], "D")), str(day.max())],
    ).fetchnumpy()
    cursor.unregister("held")
    return (
        np.asarray(rows["place"], np.int64),
        np.asarray(rows["period_start"]).astype("datetime64[D]"),
        np.asarray(rows["value"], np.float64),
    )


def timeline(held: Held) -> tuple[Timeline, Places]:
    """Put the record's values and the file's into one order; of a key that both have, the file's stays.

    Returns the timeline and, for each of its values, the place among the observations, -1 for one of the record alone.
    """
    series = np.concatenate([held.old_series, held.series])
    day = np.concatenate([held.old_day, held.day])
    value = np.concatenate([held.old_value, held.value])
    place = np.concatenate([np.full(len(held.old_series), -1, np.int64), np.arange(len(held.series))])
    key = (series << 32) + day.astype(np.int64)
    if (np.diff(key) <= 0).any():
        order = np.argsort(key, kind="stable")
        series, day, value, place, key = (part[order] for part in (series, day, value, place, key))
    both = np.append(False, key[1:] == key[:-1])
    before = np.append(np.nan, value[:-1])
    same = both & (np.abs(value - before) <= SAME_SHARE * np.maximum(np.abs(value), np.abs(before)))
    kept = np.append(~both[1:], True)
    line = Timeline(series[kept], day[kept], value[kept], ((place >= 0) & ~same)[kept])
    return line, place[kept]


def groups_of(held: Held) -> Places:
    """Number the metric and segment of each series."""
    key = held.names["metric"].to_numpy() * (int(held.names["segment"].max()) + 1) + held.names["segment"].to_numpy()
    return np.unique(key, return_inverse=True)[1].astype(np.int64)
