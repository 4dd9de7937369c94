"""A load on its way in: checked in form, and compared value by value with the record."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from data.access import Refused
from data.series import COMBINED

KEY = ("site_id", "metric_id", "segment", "period_start", "grain")
COLUMNS = (*KEY, "value", "weight", "source_row", "source_column", "mark")
# Two numbers nearer than this share of the larger differ by rounding only: nine digits survive every export.
SAME_SHARE = 1e-9

_TYPES = {
    "period_start": "DATE",
    "value": "DOUBLE",
    "weight": "DOUBLE",
    "source_row": "INTEGER",
}  # the others are VARCHAR
_FAULTS = {
    "a value that is not finite": "value IS NULL OR NOT isfinite(value)",
    "a weight that is not finite": "NOT isfinite(weight)",
    f"a segment called {COMBINED}": f"segment = '{COMBINED}'",
    "an empty part of a key": "site_id IS NULL OR metric_id IS NULL OR segment IS NULL OR period_start IS NULL",
    "an unknown grain": "grain IS NULL OR grain NOT IN ('day', 'week', 'month', 'quarter', 'year')",
    "a period that does not begin on its first day": "period_start <> CASE grain WHEN 'week' THEN "
    "date_trunc('week', period_start) WHEN 'month' THEN date_trunc('month', period_start) WHEN 'quarter' THEN "
    "date_trunc('quarter', period_start) WHEN 'year' THEN date_trunc('year', period_start) ELSE period_start END",
}


@dataclass(frozen=True, slots=True, eq=False)
class LoadPreview:
    """What a load would do. restated: one row a value that changes: its key, source_row, source_column, old, new,
    difference (new - old), old_weight, new_weight.
    """

    new: int
    same: int
    restated: pd.DataFrame


def on_key(left: str, right: str) -> str:
    """Write the condition that two relations speak of the same value."""
    return " AND ".join(f"{left}.{name} = {right}.{name}" for name in KEY)


def stage(cursor: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> None:
    """Put a load's rows into the temporary table `staged`, in the order of series and days.

    Raises Refused("no_values") for an empty one, ValueError for one that no reader of ours should hand over.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(f"a load needs the columns {', '.join(missing)}")
    if frame.empty:
        raise Refused("no_values")
    cursor.register("incoming", frame[list(COLUMNS)])
    columns = ", ".join(f"CAST({name} AS {_TYPES.get(name, 'VARCHAR')}) AS {name}" for name in COLUMNS)
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS SELECT {columns} FROM incoming "
        "ORDER BY metric_id, site_id, segment, period_start"
    )
    cursor.unregister("incoming")
    _check_form(cursor)


def check_known(cursor: duckdb.DuckDBPyConnection) -> None:
    """Refuse values of sites or metrics that the record does not have, naming the first row of one."""
    for name, table in (("site_id", "site"), ("metric_id", "metric")):
        row = cursor.execute(
            f"SELECT {name}, min(source_row) FROM staged WHERE {name} NOT IN (SELECT id FROM {table}) "
            f"GROUP BY {name} ORDER BY 2 LIMIT 1"
        ).fetchone()
        if row is not None:
            raise Refused(f"unknown_{table}", id=row[0], row=row[1])


def compare(cursor: duckdb.DuckDBPyConnection) -> None:
    """Put the staged rows beside the current values into the temporary table `compared`: new, same or restated."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE compared AS SELECT s.*, c.value AS old_value, c.weight AS old_weight, "
        "CASE WHEN c.site_id IS NULL THEN 'new' "
        f"WHEN {_same('c.value', 's.value')} AND {_same('c.weight', 's.weight')} THEN 'same' "
        "ELSE 'restated' END AS state "
        f"FROM staged s LEFT JOIN (SELECT {', '.join(KEY)}, value, weight FROM cur "
        "WHERE metric_id IN (SELECT DISTINCT metric_id FROM staged) "
        f"AND site_id IN (SELECT DISTINCT site_id FROM staged)) c ON {on_key('s', 'c')} "
        "ORDER BY s.metric_id, s.site_id, s.segment, s.period_start"
    )


def counts(cursor: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count the compared rows by state."""
    return dict(cursor.execute("SELECT state, count(*) FROM compared GROUP BY state").fetchall())


def preview(cursor: duckdb.DuckDBPyConnection) -> LoadPreview:
    """Read the comparison."""
    counted = counts(cursor)
    restated = cursor.execute(
        f"SELECT {', '.join(KEY)}, source_row, source_column, old_value AS old, value AS new, "
        "value - old_value AS difference, old_weight, weight AS new_weight "
        "FROM compared WHERE state = 'restated' ORDER BY metric_id, site_id, segment, period_start"
    ).df()
    return LoadPreview(counted.get("new", 0), counted.get("same", 0), restated)


def _same(old: str, new: str) -> str:
    """Two absent numbers are the same; an absent one and a present one are not."""
    near = f"abs({old} - {new}) <= {SAME_SHARE} * greatest(abs({old}), abs({new}))"
    return f"(({old} IS NULL AND {new} IS NULL) OR coalesce({near}, false))"


def _check_form(cursor: duckdb.DuckDBPyConnection) -> None:
    checks = ", ".join(f"count(*) FILTER ({fault})" for fault in _FAULTS.values())
    found = cursor.execute(f"SELECT {checks} FROM staged").fetchall()[0]
    for fault, count in zip(_FAULTS, found, strict=True):
        if count:
            raise ValueError(f"a load with {fault}, {count} times")
    twice = cursor.execute(
        f"SELECT min(source_row) FROM staged GROUP BY {', '.join(KEY)} HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if twice is not None:
        raise ValueError(f"a load with a key twice, first in row {twice[0]}")
