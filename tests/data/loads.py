"""Small literal loads for the tests of the record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pandas as pd

from data import records
from data.observations import commit_load
from data.types import Batch, Metric, Site

DELAY = Metric(id="delay", name_fr="délai", name_en="delay", unit="d", direction="down", frequency="month")
ERRORS = Metric(
    id="errors", name_fr="erreurs", name_en="errors", unit="", direction="down", kind="count", aggregation="sum",
    frequency="month",
)  # fmt: skip
BREACHES = Metric(
    id="breaches", name_fr="dépassements", name_en="breaches", unit="%", direction="down", kind="ratio",
    aggregation="weighted_mean", frequency="month",
)  # fmt: skip


def frame(values: Mapping[str, float], site="lyon", metric="delay", segment="", grain="month", weights=None):
    """Rows of one series: {period start: value}."""
    return pd.DataFrame(
        {
            "site_id": site,
            "metric_id": metric,
            "segment": segment,
            "period_start": pd.to_datetime(list(values)),
            "grain": grain,
            "value": [float(value) for value in values.values()],
            "weight": pd.Series([None if weights is None else weights[day] for day in values], dtype="float64"),
            "source_row": range(2, 2 + len(values)),
            "source_column": "C “délai”",
            "mark": "",
        }
    )


def batch(actor, rows: pd.DataFrame, name="delay.csv"):
    content = hashlib.sha256(rows.to_csv().encode()).hexdigest()
    return Batch(id=records.new_id(), file_name=name, file_hash=content, person_id=actor.person_id or "")


def load(store, actor, *frames, reason="corrected by the plant", new=(), name="delay.csv"):
    """Commit frames as one load; the sites and metrics named that nobody knows come with it."""
    rows = pd.concat(frames, ignore_index=True)
    return commit_load(store, actor, batch=batch(actor, rows, name), frame=rows, new_records=new, reason=reason)


def known(*sites, metrics=(DELAY,)):
    """The records that a first load of these sites brings."""
    return [*(Site(id=site, name=site.title()) for site in sites), *metrics]


def table(store, name, leave_out=()):
    """The rows of a table, in a fixed order."""
    with store.read() as cursor:
        found = cursor.execute(f"SELECT * FROM {name}").df().drop(columns=list(leave_out))
    return sorted(map(repr, found.itertuples(index=False, name=None)))


def put(cursor, site, metric, day, value, *, segment="", grain="month", number=1):
    """Put one value among the current ones, as a load of it would, without the load."""
    key = (site, metric, segment, grain)
    row = cursor.execute(
        "SELECT series FROM series WHERE site_id = ? AND metric_id = ? AND segment = ? AND grain = ?", key
    ).fetchone()
    if row is None:
        row = cursor.execute("SELECT coalesce(max(series), 0) + 1 FROM series").fetchone()
        cursor.execute("INSERT INTO series VALUES (?, ?, ?, ?, ?)", [row[0], *key])
    cursor.execute("DELETE FROM cur_row WHERE series = ? AND period_start = ?", [row[0], day])
    cursor.execute("INSERT INTO cur_row VALUES (?, ?, ?, NULL, ?, ?)", [row[0], day, value, number, number])
