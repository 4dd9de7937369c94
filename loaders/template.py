"""A workbook for one site to fill in: its metrics, its next periods, what each means, and how it is to be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import numpy as np

from data import periods, records
from data.access import Refused
from data.metrics import metrics
from data.series import COMBINED
from data.store import Store
from data.targets import target_on, targets_for
from data.types import Grain, Site
from loaders.template_book import Asked, Page, written
from wording import Language

# Periods offered at least, of each grain, and at most behind the current one: what is older is no longer asked for.
OFFERED = {Grain.DAY: 31, Grain.WEEK: 13, Grain.MONTH: 12, Grain.QUARTER: 8, Grain.YEAR: 5}
MOST_METRICS = 200


def template(store: Store, site_id: str, language: Language, today: dt.date) -> bytes:
    """Make a site's template as xlsx bytes; filled in, it loads without a question in either language.

    Its metrics are those with data of this site, or all of them for a site without any. Raises
    Refused("unknown_record") for a site that is not on record, Refused("no_metric") when there is nothing to ask for.
    """
    with store.read() as cursor:
        site = records.one(cursor, Site, site_id)
        if site is None:
            raise Refused("unknown_record", kind=Site.table, id=site_id)
        pages = pages_for(cursor, site, today)
    if not pages:
        raise Refused("no_metric")
    return written(site, pages, language, today)


def pages_for(cursor: duckdb.DuckDBPyConnection, site: Site, today: dt.date) -> list[Page]:
    """Plan the sheets: one a grain, and one more for each set of segments that some metrics of a grain have."""
    known = {metric.id: metric for metric in metrics(cursor)}
    held = _held(cursor, site.id)
    if not held:
        own = [m for m in known.values() if m.process_id in (None, site.process_id)]
        held = {(metric.id, metric.frequency): (None, ()) for metric in own}
    groups: dict[tuple[Grain, tuple[str, ...]], list[Asked]] = {}
    asked_for = [(key, story) for key, story in held.items() if key[0] in known]
    for (metric_id, grain), (last, segments) in asked_for[:MOST_METRICS]:
        target = target_on(targets_for(cursor, metric_id=metric_id, site_id=site.id), today)
        groups.setdefault((grain, segments), []).append(Asked(known[metric_id], target, last))
    order = list(OFFERED)
    return [
        Page(grain, tuple(asked), next_periods(grain, [one.after for one in asked], today), segments)
        for (grain, segments), asked in sorted(
            groups.items(), key=lambda group: (order.index(group[0][0]), group[0][1])
        )
    ]


def next_periods(grain: Grain, after: Sequence[dt.date | None], today: dt.date) -> tuple[dt.date, ...]:
    """List the periods to fill in: from the one after the least fresh metric's last, and at least so many.

    >>> days = next_periods(Grain.QUARTER, [dt.date(2025, 7, 1), None], dt.date(2026, 5, 4))
    >>> days[0].isoformat(), days[-1].isoformat(), len(days)
    ('2025-10-01', '2027-07-01', 8)
    """
    current = _number(today, grain)
    last = [_number(day, grain) for day in after if day is not None]
    first = max(min(last) + 1, current - OFFERED[grain]) if last else current
    stop = max(first + OFFERED[grain], current + 1)
    return tuple(periods.as_date(day) for day in periods.starts(np.arange(first, stop), grain))


def _number(day: dt.date, grain: Grain) -> int:
    return int(periods.ordinals(np.array([day], dtype="datetime64[D]"), grain)[0])


def _held(
    cursor: duckdb.DuckDBPyConnection, site_id: str
) -> dict[tuple[str, Grain], tuple[dt.date | None, tuple[str, ...]]]:
    """Read which metrics a site has: by metric and grain, its last period and its segments."""
    rows = cursor.execute(
        "SELECT metric_id, stored_grain, segment, max(stored_last) FROM score WHERE site_id = ? "
        "GROUP BY metric_id, stored_grain, segment ORDER BY metric_id, stored_grain, segment",
        [site_id],
    ).fetchall()
    found: dict[tuple[str, Grain], tuple[dt.date | None, tuple[str, ...]]] = {}
    for metric_id, grain, segment, last in rows:
        before, segments = found.get((metric_id, Grain(grain)), (None, ()))
        kept = (*segments, segment) if segment not in ("", COMBINED) else segments
        found[metric_id, Grain(grain)] = (max(last, before or last), kept)
    return found
