"""When a metric was defined anew, and whether the values from before were loaded again since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import duckdb

from data import records
from data.types import Metric


@dataclass(frozen=True, slots=True)
class Redefinition:
    """The first day of a new definition. restated: no value of an earlier day is older than it."""

    day: dt.date
    restated: bool


def redefinitions(cursor: duckdb.DuckDBPyConnection, *, metric_id: str, site_ids: Sequence[str]) -> list[Redefinition]:
    """Read when a metric was defined anew, oldest first, as the values of these sites stand to it."""
    found = []
    marks = ", ".join("?" * len(site_ids))
    for old, new in pairwise(records.history(cursor, Metric, metric_id)):
        if old.record.definition_version == new.record.definition_version:
            continue
        day = new.recorded_at.date()
        row = cursor.execute(
            f"SELECT count(*) FROM cur c JOIN loaded l ON c.load = l.load WHERE c.metric_id = ? "
            f"AND c.site_id IN ({marks}) AND c.period_start < ? AND l.recorded_at < ?",
            [metric_id, *site_ids, day, records.stored_time(new.recorded_at)],
        ).fetchone()
        found.append(Redefinition(day, restated=row == (0,)))
    return found
