"""A load on its way in: checked in form, and compared value by value with the record."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import numbering, periods
from data.access import Refused
from data.combine import Flags, Floats, Places
from data.numbering import SERIES
from data.periods import Days
from data.series import COMBINED, filled
from data.types import Grain

KEY = ("site_id", "metric_id", "segment", "period_start", "grain")
COLUMNS = (*KEY, "value", "weight", "source_row", "source_column", "mark")
# Two numbers nearer than this share of the larger differ by rounding only: nine digits survive every export.
SAME_SHARE = 1e-9

MOST_COUNTED = 1 << 22  # series possible from the names of a load: up to here they are counted, not sorted
MOST_SHORT = np.iinfo(np.uint16).max  # sorting such numbers takes one pass

_DAYS_APART = 1 << 32  # between two series' days when series and day make one number


@dataclass(frozen=True, slots=True, eq=False)
class LoadPreview:
    """What a load would do to the record.

    restated: a row a value that changes: its key, source_row, source_column, old, new, difference (new - old),
        old_weight, new_weight.
    """

    new: int
    same: int
    restated: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Staged:
    """A load in the order of its series and days. names: a row a series; the arrays have a row a value."""

    names: pd.DataFrame
    series: Places
    day: Days
    value: Floats
    weight: Floats
    source: pd.DataFrame  # source_row, source_column, mark

    @property
    def key(self) -> Places:
        """One number a value, ascending."""
        return _key(self.series, self.day)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A load beside the values that stand: of each, whether it is known, and whether it differs. NaN = none known."""

    staged: Staged
    known: Flags
    differs: Flags
    old_value: Floats
    old_weight: Floats

    @property
    def n_new(self) -> int:
        """Values of keys that have none."""
        return int((~self.known).sum())

    @property
    def n_restated(self) -> int:
        """Values that differ from the one that stands."""
        return int(self.differs.sum())

    @property
    def n_same(self) -> int:
        """Values that stand already."""
        return len(self.known) - self.n_new - self.n_restated

    @property
    def changes(self) -> Flags:
        """Which values are new or restated."""
        return ~self.known | self.differs

    def touched(self) -> pd.DataFrame:
        """The series that change."""
        return self.staged.names.iloc[np.unique(self.staged.series[self.changes])]

    def rows(self, chosen: Flags) -> pd.DataFrame:
        """Give some of the values: the place of their series, period_start, value, weight, and their place in the file."""
        staged = self.staged
        return pd.DataFrame(
            {
                "series": staged.series[chosen],
                "period_start": staged.day[chosen].astype("datetime64[s]"),
                "value": staged.value[chosen],
                "weight": staged.weight[chosen],
                **{name: staged.source[name].array[chosen] for name in staged.source.columns},
            }
        )

    def preview(self) -> LoadPreview:
        """Say what the load would do."""
        changed = self.staged.names.iloc[self.staged.series[self.differs]].reset_index(drop=True)
        rows = self.rows(self.differs)
        old, old_weight = self.old_value[self.differs], self.old_weight[self.differs]
        restated = pd.DataFrame(
            {
                **{name: rows["period_start"] if name == "period_start" else changed[name] for name in KEY},
                "source_row": rows["source_row"],
                "source_column": rows["source_column"],
                "old": old,
                "new": rows["value"],
                "difference": rows["value"] - old,
                "old_weight": old_weight,
                "new_weight": rows["weight"],
            }
        )
        return LoadPreview(self.n_new, self.n_same, restated)


def stage(frame: pd.DataFrame) -> Staged:
    """Put a load's rows in the order of their series and days.

    Raises Refused("no_values") for an empty one, ValueError for one that no reader of ours should hand over.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(f"a load needs the columns {', '.join(missing)}")
    if frame.empty:
        raise Refused("no_values")
    names, series = _number_series(frame)
    day = pd.to_datetime(frame["period_start"]).to_numpy().astype("datetime64[D]")
    order = _order(series, day)
    staged = Staged(
        names=names,
        series=series[order],
        day=day[order],
        value=frame["value"].to_numpy(np.float64, na_value=np.nan)[order],
        weight=frame["weight"].to_numpy(np.float64, na_value=np.nan)[order],
        source=_source(frame).iloc[order],
    )
    _check_form(staged)
    return staged


def show_names(cursor: duckdb.DuckDBPyConnection, names: pd.DataFrame) -> Places:
    """Let this cursor's SQL see the series of a load, as `incoming`: their place and, where known, their number.

    Gives the numbers; UNKNOWN for series that the record does not have.
    """
    numbers = numbering.series_numbers(cursor, names)
    cursor.register("incoming", names.assign(place=np.arange(len(names)), series=numbers))
    return numbers


def check_known(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Refuse values of sites or metrics that the record does not have, naming the first row of one."""
    for name, table in (("site_id", "site"), ("metric_id", "metric")):
        found = cursor.execute(f"SELECT DISTINCT {name} FROM incoming WHERE {name} NOT IN (SELECT id FROM {table})")
        strangers = {stranger: first_row(staged, name, stranger) for (stranger,) in found.fetchall()}
        if strangers:
            stranger, row = min(strangers.items(), key=lambda item: (item[1] is None, item[1]))
            raise Refused(f"unknown_{table}", id=stranger, row=row)


def first_row(staged: Staged, name: str, wanted: str) -> int | None:
    """Find the first row of the file that speaks of a site or metric."""
    those = (staged.names[name] == wanted).to_numpy()[staged.series]
    rows = staged.source["source_row"].to_numpy()[those]
    return int(rows.min()) if len(rows) else None


def compare(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> Compared:
    """Put a load beside the values that stand; `incoming` must be shown.

    A value is the same when it and its weight are, to nine digits.
    """
    found = cursor.execute(
        "SELECT n.place, c.period_start, c.value, c.weight FROM cur_row c JOIN incoming n ON c.series = n.series"
    ).fetchnumpy()
    if not len(found["place"]):
        none = np.full(len(staged.day), np.nan)
        return Compared(staged, np.zeros(len(none), np.bool_), np.zeros(len(none), np.bool_), none, none)
    key = staged.key
    stored = _key(np.asarray(found["place"], np.int64), np.asarray(found["period_start"]).astype("datetime64[D]"))
    place = np.minimum(np.searchsorted(key, stored), len(key) - 1)
    hit = key[place] == stored
    known, old_value, old_weight = np.zeros(len(key), np.bool_), np.full(len(key), np.nan), np.full(len(key), np.nan)
    known[place[hit]] = True
    old_value[place[hit]] = np.asarray(found["value"], np.float64)[hit]
    old_weight[place[hit]] = filled(found["weight"])[hit]
    same = _same(old_value, staged.value) & _same(old_weight, staged.weight)
    return Compared(staged, known, known & ~same, old_value, old_weight)


def _same(old: Floats, new: Floats) -> Flags:
    """Two absent numbers are the same; an absent one and a present one are not."""
    near = np.abs(old - new) <= SAME_SHARE * np.maximum(np.abs(old), np.abs(new))
    return np.asarray(near | (np.isnan(old) & np.isnan(new)))


def _key(series: Places, day: Days) -> Places:
    return series * _DAYS_APART + day.astype(np.int64)


def _number_series(frame: pd.DataFrame) -> tuple[pd.DataFrame, Places]:
    """Number the series in the order of metric, site, segment and grain; and say which one each row is of."""
    number = np.zeros(len(frame), dtype=np.int64)
    found: list[NDArray[Any]] = []
    for name in SERIES:
        codes, texts = pd.factorize(frame[name], sort=True)
        if (codes < 0).any():
            raise ValueError(f"a load with rows without {name}")
        number = number * len(texts) + codes if found else codes.astype(np.int64)
        found.append(np.asarray(texts, dtype=object).astype(str).astype(object))
    distinct, series = _places(number, math.prod(map(len, found)))
    names: dict[str, NDArray[Any]] = {}
    for name, texts in zip(reversed(SERIES), reversed(found), strict=True):
        distinct, place = np.divmod(distinct, len(texts))
        names[name] = texts[place]
    return pd.DataFrame({name: names[name] for name in SERIES}), series


def _places(number: Places, possible: int) -> tuple[Places, Places]:
    """Give the different numbers, ascending, and the place of each number among them."""
    if possible > MOST_COUNTED:
        distinct, place = np.unique(number, return_inverse=True)
        return distinct, place
    here = np.zeros(possible, np.bool_)
    here[number] = True
    return np.flatnonzero(here), (np.cumsum(here) - 1)[number]


def _order(series: Places, day: Days) -> Places:
    """Give the order by series and day; quick for rows that stand by day already."""
    order = np.argsort(series.astype(np.uint16), kind="stable") if series.max() <= MOST_SHORT else None
    key = _key(series, day)
    if order is not None and (np.diff(key[order]) >= 0).all():
        return order
    return np.argsort(key, kind="stable")


def _source(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_row": frame["source_row"].to_numpy(),
            "source_column": frame["source_column"].astype("category").array,
            "mark": frame["mark"].astype("category").array,
        }
    )


def _check_form(staged: Staged) -> None:
    grains = set(staged.names["grain"])
    if not grains <= set(Grain):
        raise ValueError(f"a load with an unknown grain, {', '.join(sorted(grains - set(Grain)))}")
    if not np.isfinite(staged.value).all() or np.isinf(staged.weight).any():
        raise ValueError("a load with numbers that are not finite")
    if (staged.names["segment"] == COMBINED).any():
        raise ValueError(f"a load with a segment called {COMBINED}")
    for grain in map(Grain, grains):
        days = staged.day[(staged.names["grain"] == grain).to_numpy()[staged.series]]
        if (periods.starts(periods.ordinals(days, grain), grain) != days).any():
            raise ValueError(f"a load with a {grain} that does not begin on its first day")
    if (np.diff(staged.key) == 0).any():
        raise ValueError("a load with a key twice")
