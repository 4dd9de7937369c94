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
    """The first day of a new definition.

    restated: no value of an earlier day is older than it; mixed: of the days asked for, some values are older than it
    and some are not.
    """

    day: dt.date
    restated: bool
    mixed: bool


def redefinitions(
    cursor: duckdb.DuckDBPyConnection,
    *,
    metric_id: str,
    site_ids: Sequence[str],
    first_day: dt.date = dt.date.min,
    last_day: dt.date = dt.date.max,
) -> list[Redefinition]:
    """Read when a metric was defined anew, oldest first, as the values of these sites stand to it.

    first_day, last_day: the days whose values are told apart as mixed, inclusive; the others count for restated only.
    A value that a later load only repeats stays as old as its first load.
    """
    found = []
    marks = ", ".join("?" * len(site_ids))
    for old, new in pairwise(records.history(cursor, Metric, metric_id)):
        if old.record.definition_version == new.record.definition_version:
            continue
        day, moment = new.recorded_at.date(), records.stored_time(new.recorded_at)
        row = cursor.execute(
            f"SELECT count(*) FILTER (period_start < ? AND older), count(*) FILTER (within AND older), "
            f"count(*) FILTER (within AND NOT older) FROM (SELECT c.period_start, l.recorded_at < ? AS older, "
            f"c.period_start BETWEEN ? AND ? AS within FROM cur c JOIN loaded l ON c.load = l.load "
            f"WHERE c.metric_id = ? AND c.site_id IN ({marks}))",
            [day, moment, first_day, last_day, metric_id, *site_ids],
        ).fetchone()
        earlier, before, since = row or (0, 0, 0)
        found.append(Redefinition(day, restated=earlier == 0, mixed=before > 0 and since > 0))
    return found
