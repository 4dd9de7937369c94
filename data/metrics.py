"""The catalogue of metrics: what is measured, in which unit, and which way is better."""

from __future__ import annotations

import datetime as dt

import duckdb

from analytics.results import Direction
from data import records
from data.access import Actor, Permission, Refused
from data.gate import Change
from data.score import refresh_scores
from data.sites import name_key
from data.store import Store
from data.types import Metric

# A change of one of these makes values before and after incomparable, so the definition gets a new version.
DEFINING = ("unit", "kind", "aggregation", "definition")


def register_metric(store: Store, actor: Actor, metric: Metric) -> Metric:
    """Register a metric; its id is given here.

    Raises Refused("name_missing"), Refused("metric_name_taken"), Refused("range_reversed").
    """
    made = metric.model_copy(update={"id": records.new_id(), "definition_version": 1})
    with store.change(actor, Permission.MANAGE_CATALOGUE) as tx:
        _check(tx, made)
        tx.append(made, "metric.register")
    return made


def edit_metric(store: Store, actor: Actor, metric_id: str, **changes: object) -> Metric:
    """Change a metric; a new unit, kind, aggregation or definition is a new version of its definition.

    Raises Refused("name_missing"), Refused("metric_name_taken"), Refused("range_reversed").
    """
    return store.retrying(lambda: _edit(store, actor, metric_id, changes), short=False)


def metrics(cursor: duckdb.DuckDBPyConnection, *, as_known_on: dt.datetime | None = None) -> list[Metric]:
    """Read the metrics, in the order they were registered."""
    return records.current(cursor, Metric, as_known_on=as_known_on)


def undirected_metrics(cursor: duckdb.DuckDBPyConnection) -> list[Metric]:
    """Read the metrics of which nobody has said yet which way is better: neutral as they came, never edited since."""
    edited = {
        metric_id for (metric_id,) in cursor.execute("SELECT id FROM metric GROUP BY id HAVING count(*) > 1").fetchall()
    }
    return [metric for metric in metrics(cursor) if metric.direction is Direction.NEUTRAL and metric.id not in edited]


def metric_named(cursor: duckdb.DuckDBPyConnection, text: str) -> Metric | None:
    """Find the metric that a text names in either language; None when none does."""
    wanted = name_key(text)
    found = [metric for metric in metrics(cursor) if wanted in (name_key(metric.name_fr), name_key(metric.name_en))]
    return found[0] if found else None


def _edit(store: Store, actor: Actor, metric_id: str, changes: dict[str, object]) -> Metric:
    with store.change(actor, Permission.MANAGE_CATALOGUE) as tx:
        before = tx.must_know(Metric, metric_id)
        redefined = any(name in changes and changes[name] != getattr(before, name) for name in DEFINING)
        version = before.definition_version + redefined
        after = tx.revise(Metric, metric_id, "metric.edit", **{**changes, "definition_version": version})
        _check(tx, after)
        refresh_scores(tx.cursor, metric_id=metric_id)
    return after


def _check(tx: Change, metric: Metric) -> None:
    if not (name_key(metric.name_fr) and name_key(metric.name_en)):
        raise Refused("name_missing")
    low, high = metric.plausible_low, metric.plausible_high
    if low is not None and high is not None and high < low:
        raise Refused("range_reversed", low=low, high=high)
    own = {name_key(metric.name_fr), name_key(metric.name_en)}
    for other in metrics(tx.cursor):
        if other.id != metric.id and own & {name_key(other.name_fr), name_key(other.name_en)}:
            raise Refused("metric_name_taken", name=metric.name_fr)
