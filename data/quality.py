"""How good the data themselves are: what is late, what is missing, and how much of what comes in is changed or refused."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import duckdb
import numpy as np
import pandas as pd

from data import periods
from data.batches import PastLoad, past_loads
from data.lineage import Freshness, freshness
from data.series import COMBINED
from data.types import Grain

RECENT_DAYS = 91  # of the counts that open the page


@dataclass(frozen=True, slots=True)
class SeriesQuality:
    """One metric of one site. n_missing: periods without a value between its first and its last, as it is charted."""

    fresh: Freshness
    n_missing: int


@dataclass(frozen=True, slots=True)
class SiteQuality:
    """One site, its metrics together. days_late: of its latest metric; last_period: the newest of any, None = no value."""

    site_id: str
    series: tuple[SeriesQuality, ...]

    @property
    def last_period(self) -> dt.date | None:
        """The newest period of any metric."""
        return max((one.fresh.last_period for one in self.series), default=None)

    @property
    def days_late(self) -> int:
        """How late the latest metric is; 0 = none is late."""
        return max((one.fresh.days_late for one in self.series), default=0)

    @property
    def n_late(self) -> int:
        """How many metrics are late."""
        return sum(one.fresh.days_late > 0 for one in self.series)

    @property
    def n_missing(self) -> int:
        """Periods missing inside its series."""
        return sum(one.n_missing for one in self.series)


class Measure(StrEnum):
    """What is counted about loads over time, all of them in % but the last."""

    RESTATED = "restated"  # of the values that entered, those that replaced another
    REJECTED = "rejected"  # of the cells that should be values, those left out for a fault
    MARKED = "marked"  # of the values that entered or stood, those doubted
    UNDONE = "undone"  # loads taken back


def site_qualities(
    cursor: duckdb.DuckDBPyConnection, today: dt.date, *, site_ids: Collection[str]
) -> list[SiteQuality]:
    """Say of each of these sites what is late and missing: the latest first, then by what is missing, then by id."""
    missing = _missing(cursor)
    of_site: dict[str, list[SeriesQuality]] = defaultdict(list)
    for fresh in freshness(cursor, today):
        of_site[fresh.site_id].append(SeriesQuality(fresh, missing.get((fresh.site_id, fresh.metric_id), 0)))
    found = [
        SiteQuality(site, tuple(sorted(of_site[site], key=lambda one: (-one.fresh.days_late, one.fresh.metric_id))))
        for site in site_ids
    ]
    return sorted(found, key=lambda one: (-one.days_late, -one.n_missing, one.site_id))


def _missing(cursor: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    rows = cursor.execute(
        "SELECT site_id, metric_id, n_missing FROM score s WHERE segment = ? OR NOT EXISTS (SELECT 1 FROM score o "
        "WHERE o.segment = ? AND o.metric_id = s.metric_id AND o.site_id = s.site_id)",
        [COMBINED, COMBINED],
    ).fetchall()
    return {(site, metric): int(n) for site, metric, n in rows}


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What loads of a stretch of time came to. n_entered: values new or restated; n_cells: those and the refused."""

    n_loads: int
    n_undone: int
    n_entered: int
    n_restated: int
    n_rejected: int
    n_marked: int
    n_values: int  # entered, and those that stood already

    def of(self, measure: Measure) -> float:
        """Give one measure; NaN where there was nothing to measure it on."""
        if measure is Measure.UNDONE:
            return float(self.n_undone) if self.n_loads else float("nan")
        part, whole = {
            Measure.RESTATED: (self.n_restated, self.n_entered),
            Measure.REJECTED: (self.n_rejected, self.n_values + self.n_rejected),
            Measure.MARKED: (self.n_marked, self.n_values),
        }[measure]
        return 100 * part / whole if whole else float("nan")


def load_counts(loads: Sequence[PastLoad]) -> LoadCounts:
    """Count what some loads came to, those undone since as well."""
    batches = [load.batch for load in loads]
    return LoadCounts(
        n_loads=len(batches),
        n_undone=sum(load.undo is not None for load in loads),
        n_entered=sum(batch.n_new + batch.n_restated for batch in batches),
        n_restated=sum(batch.n_restated for batch in batches),
        n_rejected=sum(batch.n_rejected for batch in batches),
        n_marked=sum(batch.n_marked for batch in batches),
        n_values=sum(batch.n_observations for batch in batches),
    )


def recent(loads: Sequence[PastLoad], today: dt.date) -> list[PastLoad]:
    """Keep the loads of the last RECENT_DAYS."""
    since = today - dt.timedelta(days=RECENT_DAYS)
    return [load for load in loads if load.loaded_at.date() > since]


def load_trend(loads: Sequence[PastLoad], measure: Measure, grain: Grain) -> pd.Series:
    """Give one measure of the loads by week or month, from the first load to the last; NaN where nothing was loaded."""
    if not loads:
        return pd.Series(dtype="float64", index=pd.DatetimeIndex([], name="period_start").as_unit("s"), name="value")
    days = np.array([load.loaded_at.date() for load in loads], dtype="datetime64[D]")
    numbers = periods.ordinals(days, grain)
    groups: dict[int, list[PastLoad]] = defaultdict(list)
    for number, load in zip(numbers.tolist(), loads, strict=True):
        groups[number].append(load)
    every = np.arange(numbers.min(), numbers.max() + 1)
    values = [load_counts(groups.get(number, [])).of(measure) for number in every.tolist()]
    index = pd.DatetimeIndex(periods.starts(every, grain), name="period_start").as_unit("s")
    return pd.Series(values, index=index, name="value")


def loads_of_sites(cursor: duckdb.DuckDBPyConnection, site_ids: Collection[str]) -> list[PastLoad]:
    """Read the loads that brought a value of one of these sites, undone ones too, newest first."""
    rows = cursor.execute(
        "SELECT DISTINCT l.batch_id FROM loaded l WHERE l.load IN (SELECT load FROM obs_row o JOIN series s "
        "ON o.series = s.series WHERE s.site_id IN (SELECT unnest(?)))",
        [list(site_ids)],
    ).fetchall()
    those = {batch for (batch,) in rows}
    return [load for load in past_loads(cursor) if load.batch.id in those]


def most_affected(loads: Sequence[PastLoad], measure: Measure) -> str | None:
    """Name the file that brings most of what is measured; None when there is nothing."""
    counts: Counter[str] = Counter()
    for load in loads:
        batch = load.batch
        counts[batch.file_name] += {
            Measure.RESTATED: batch.n_restated, Measure.REJECTED: batch.n_rejected, Measure.MARKED: batch.n_marked,
            Measure.UNDONE: int(load.undo is not None),
        }[measure]  # fmt: skip
    name, most = counts.most_common(1)[0] if counts else ("", 0)
    return name if most else None
