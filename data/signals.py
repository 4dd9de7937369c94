"""Which signals a load causes: the product's own scores, computed on a copy of the touched series, nothing written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from analytics.results import Rule, Side, Variation
from data import numbering, score, staging
from data.series import COMBINED
from data.staging import Compared
from data.store import Store

Key = tuple[str, str]
_State = tuple[Variation | None, Rule | None, Side | None, dt.date | None, bool | None]


@dataclass(frozen=True, slots=True)
class SignalChange:
    """What a load changes in the state of one metric of one site, its segments combined.

    before, after: None = no limits yet, or no series. rule, side, start: of the signal in force after the load, if any.
    good: None for a metric without a direction.
    """

    metric_id: str
    site_id: str
    before: Variation | None
    after: Variation | None
    rule: Rule | None
    side: Side | None
    start: dt.date | None
    good: bool | None

    @property
    def is_new(self) -> bool:
        """Whether the load causes a signal; else one ends, or limits come to be."""
        return self.after not in (None, Variation.COMMON_CAUSE)


def signals_caused(store: Store, frame: pd.DataFrame) -> tuple[SignalChange, ...]:
    """Say which series would change their state if this load were committed; concerns first.

    frame: as for `data.observations.commit_load`, of sites and metrics on record.
    """
    if frame.empty:
        return ()
    staged = staging.stage(frame)
    with store.read() as cursor, _trying(cursor):
        staging.show_names(cursor, staged.names)
        compared = staging.compare(cursor, staged)
        touched = compared.touched()[["metric_id", "site_id"]].drop_duplicates()
        if touched.empty:
            return ()
        before = _states(cursor, touched)
        _copy(cursor, touched)
        _bring(cursor, compared)
        score.refresh_touched(cursor, touched)
        return _changes(before, _states(cursor, touched))


def signals_of_load(store: Store, batch_id: str) -> tuple[SignalChange, ...]:
    """Say which series stand otherwise than they would without this load, as the record is now; concerns first."""
    with store.read() as cursor, _trying(cursor):
        load = numbering.load_of(cursor, batch_id)
        if load is None:
            return ()
        touched = cursor.execute(
            "SELECT DISTINCT metric_id, site_id FROM series WHERE series IN (SELECT series FROM cur_row WHERE load = ?)",
            [load],
        ).df()
        if touched.empty:
            return ()
        after = _states(cursor, touched)
        _copy(cursor, touched)
        _take_back(cursor, load)
        score.refresh_touched(cursor, touched)
        return _changes(_states(cursor, touched), after)


@contextmanager
def _trying(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let nothing reach the record: in a transaction that only reads, temporary tables alone can be written."""
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    try:
        yield
    finally:
        cursor.execute("ROLLBACK")


def _copy(cursor: duckdb.DuckDBPyConnection, touched: pd.DataFrame) -> None:
    """Put temporary tables of the same names before the record's own, with the touched series alone."""
    cursor.register("touched", touched)
    record = cursor.execute("SELECT current_database()").fetchall()[0][0]
    cursor.execute(
        f"CREATE TEMP TABLE series AS SELECT * FROM {record}.series SEMI JOIN touched USING (metric_id, site_id)"
    )
    cursor.execute(f"CREATE TEMP TABLE cur_row AS SELECT * FROM {record}.cur_row SEMI JOIN temp.series USING (series)")
    cursor.execute(
        f"CREATE TEMP TABLE score AS SELECT * FROM {record}.score SEMI JOIN touched USING (metric_id, site_id)"
    )


def _bring(cursor: duckdb.DuckDBPyConnection, compared: Compared) -> None:
    """Bring the copy forward as the commit would bring the record."""
    staged = compared.staged
    highest = cursor.execute("SELECT coalesce(max(series), 0) FROM temp.series").fetchall()[0][0]
    numbers = numbering.number_series(
        cursor, staged.names, numbering.series_numbers(cursor, staged.names), first=int(highest) + 1
    )
    chosen = compared.changes
    coming = pd.DataFrame(
        {
            "series": numbers[staged.series[chosen]].astype(np.int32),
            "period_start": staged.day[chosen].astype("datetime64[s]"),
            "value": staged.value[chosen],
            "weight": pd.array(staged.weight[chosen], dtype="Float64"),
        }
    )
    cursor.register("coming", coming)
    cursor.execute(
        "DELETE FROM temp.cur_row USING coming c WHERE cur_row.series = c.series "
        "AND cur_row.period_start = CAST(c.period_start AS DATE)"
    )
    cursor.execute(
        "INSERT INTO temp.cur_row BY NAME SELECT series, CAST(period_start AS DATE) AS period_start, value, weight, "
        "0 AS load, 2147483647 AS load_number FROM coming"
    )
    cursor.unregister("coming")


def _take_back(cursor: duckdb.DuckDBPyConnection, load: int) -> None:
    """Give the values of a load back to the newest ones that stand beside it, as its undo would."""
    cursor.execute(
        "CREATE TEMP TABLE before AS SELECT o.series, o.period_start, o.value, o.weight, o.load, o.load_number "
        "FROM obs_row o JOIN temp.cur_row c ON o.series = c.series AND o.period_start = c.period_start AND c.load = ? "
        "WHERE o.load <> ? AND o.load NOT IN "
        "(SELECT load FROM loaded WHERE batch_id IN (SELECT batch_id FROM batch_undo)) "
        "QUALIFY row_number() OVER (PARTITION BY o.series, o.period_start ORDER BY o.load_number DESC) = 1",
        [load, load],
    )
    cursor.execute("DELETE FROM temp.cur_row WHERE load = ?", [load])
    cursor.execute("INSERT INTO temp.cur_row BY NAME SELECT * FROM before")


def _states(cursor: duckdb.DuckDBPyConnection, touched: pd.DataFrame) -> dict[Key, _State]:
    cursor.register("asked_for", touched)
    rows = cursor.execute(
        "SELECT metric_id, site_id, variation, signal_rule, signal_side, signal_start, signal_good FROM score s "
        "SEMI JOIN asked_for USING (metric_id, site_id) WHERE segment = ? OR NOT EXISTS (SELECT 1 FROM score o "
        "WHERE o.segment = ? AND o.metric_id = s.metric_id AND o.site_id = s.site_id)",
        [COMBINED, COMBINED],
    ).fetchall()
    cursor.unregister("asked_for")
    return {
        (metric, site): (
            Variation(variation) if variation else None, Rule(rule) if rule else None, Side(side) if side else None,
            start, good,
        )
        for metric, site, variation, rule, side, start, good in rows
    }  # fmt: skip


def _changes(before: dict[Key, _State], after: dict[Key, _State]) -> tuple[SignalChange, ...]:
    nothing: _State = (None, None, None, None, None)
    found = []
    for metric, site in sorted(before.keys() | after.keys()):
        was, now = before.get((metric, site), nothing), after.get((metric, site), nothing)
        in_force = now[0] not in (None, Variation.COMMON_CAUSE)
        if was[0] == now[0] and not (in_force and was[3] != now[3]):
            continue
        rule, side, start, good = now[1:] if in_force else (None, None, None, None)
        found.append(SignalChange(metric, site, was[0], now[0], rule, side, start, good))
    return tuple(sorted(found, key=lambda one: (not one.is_new, one.good is not False, one.good is None)))
