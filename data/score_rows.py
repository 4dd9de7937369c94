"""The values of series as they stand, read by number."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.combine import Rows
from data.series import rows_of
from data.staging import Staged

SPARSE = 8  # times as many numbers lie between the first and last series: they are looked up one by one
_DAYS_APART = 1 << 32  # between two series' days when series and day make one number


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Series with the values that stand. names: metric_id, site_id, segment, grain, load_number (0 = no value)."""

    names: pd.DataFrame
    rows: Rows


def standing(cursor: duckdb.DuckDBPyConnection, brought: Standing | None = None) -> Standing:
    """Read the series of the metrics and sites that this cursor sees as `touched`.

    brought: what a load has just brought; where nothing else stands there, it is not read back.
    """
    if brought is not None:
        row = cursor.execute("SELECT count(*) FROM series SEMI JOIN touched USING (metric_id, site_id)").fetchone()
        if row == (len(brought.names),):
            return brought
    names = cursor.execute(
        "SELECT metric_id, site_id, segment, grain, series FROM series SEMI JOIN touched USING (metric_id, site_id) "
        "ORDER BY metric_id, site_id, segment, grain"
    ).df()
    rows, newest = stored_rows(cursor, names.pop("series").to_numpy(np.int64))
    return Standing(names.assign(load_number=newest), rows)


def brought_by(staged: Staged, load_numbers: NDArray[np.int32]) -> Standing:
    """Give the series of a load that the record did not have."""
    rows = Rows(staged.series, np.zeros(len(staged.series), np.int64), staged.day, staged.value, staged.weight)
    return Standing(staged.names.assign(load_number=load_numbers.astype(np.int64)), rows)


def stored_rows(cursor: duckdb.DuckDBPyConnection, numbers: NDArray[np.int64]) -> tuple[Rows, NDArray[np.int64]]:
    """Read the values of series, numbered from 0 in this order, by series and day.

    Gives the number of the newest load of each as well; 0 where it has no value.
    """
    first, last = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, -1)
    wanted = "series BETWEEN ? AND ?"
    if last - first > SPARSE * len(numbers):
        cursor.register("wanted", pd.DataFrame({"series": numbers}))
        wanted += " AND series IN (SELECT series FROM wanted)"
    found = cursor.execute(
        f"SELECT series, period_start, value, weight, load_number FROM cur_row WHERE {wanted}", [first, last]
    ).fetchnumpy()
    order = np.argsort(numbers)
    place = np.searchsorted(numbers, found["series"], sorter=order)
    mine = order[np.minimum(place, len(numbers) - 1)] if len(numbers) else place
    kept = numbers[mine] == found["series"]
    rows = rows_of({**found, "series": mine, "member": np.zeros(len(mine), np.int64)})
    load_number = np.asarray(found["load_number"], np.int64)
    if not kept.all():
        rows, load_number = rows.keep(kept), load_number[kept]
    if not (np.diff(rows.series * _DAYS_APART + rows.day.astype(np.int64)) > 0).all():  # not as one load put them there
        order = np.lexsort((rows.day, rows.series))
        rows, load_number = rows.keep(order), load_number[order]
    newest = np.zeros(len(numbers), np.int64)
    opens = np.flatnonzero(np.diff(rows.series, prepend=-1))
    if len(opens):
        newest[rows.series[opens]] = np.maximum.reduceat(load_number, opens)
    return rows, newest
