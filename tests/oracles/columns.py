"""Which column of a reference table is what: told by form and by the usual names, never by the case's own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tests.oracles.cases import Malformed

TIME = {"i", "t", "day", "days", "week", "weeks", "month_number", "period", "sample", "time", "index", "date", "year"}
OUTCOME = ("y", "value", "values", "x")
SEASONS = {"dow": 7, "weekday": 7, "day_of_week": 7, "month": 12, "moy": 12, "quarter": 4}
PHASE = {"phase", "rebase", "stage"}
MONDAY = pd.Timestamp("2024-01-01")


def time_column(data: Mapping[str, np.ndarray]) -> str | None:
    """The rising whole numbers, by name if several rise."""
    rising = [
        name
        for name, cells in data.items()
        if cells.dtype.kind == "f" and len(cells) > 1 and (np.diff(cells) >= 1).all() and (cells % 1 == 0).all()
    ]
    named = [name for name in rising if name.lower() in TIME]
    return (named or [*rising[:1], None])[0]


def outcome_column(data: Mapping[str, np.ndarray]) -> str:
    time = time_column(data)
    left = [
        name
        for name, cells in data.items()
        if cells.dtype.kind == "f" and name != time and name.lower() not in SEASONS | dict.fromkeys(PHASE)
    ]
    named = [name for name in left if name.lower() in OUTCOME]
    if named:
        return named[0]
    left = [name for name in left if not is_switch(data[name])]
    if len(left) != 1:
        raise Malformed(f"which column holds the values? {', '.join(data)}")
    return left[0]


def switch_column(data: Mapping[str, np.ndarray]) -> str:
    """The column that is 0 before and 1 after."""
    switches = [name for name, cells in data.items() if is_switch(cells)]
    if not switches:
        raise Malformed(f"no column is 0 before and 1 after: {', '.join(data)}")
    return switches[0]


def is_switch(cells: np.ndarray) -> bool:
    return cells.dtype.kind == "f" and set(cells.tolist()) == {0.0, 1.0}


def season_columns(data: Mapping[str, np.ndarray], length: int) -> list[str]:
    return [name for name in data if SEASONS.get(name.lower()) == length]


def places(data: Mapping[str, np.ndarray]) -> np.ndarray:
    """Whole numbers of periods, a missing row leaving a gap; rows in order where nothing rises."""
    name = time_column(data)
    n_rows = len(next(iter(data.values())))
    return np.arange(n_rows) if name is None else (data[name] - data[name][0]).astype(int)


def daily(places_: np.ndarray, cells: Sequence[float]) -> pd.Series:
    """The rows as a complete series of days, NaN where no row stands."""
    series = pd.Series(np.asarray(cells, dtype=float), index=MONDAY + pd.to_timedelta(places_, unit="D"))
    return series.asfreq("D")
