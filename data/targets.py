"""Dated targets: each holds from its first day until the next one starts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.score import refresh_scores
from data.store import Store
from data.types import Decision, Metric, Site, Target


def set_target(
    store: Store,
    actor: Actor,
    *,
    metric_id: str,
    value: float,
    applies_from: dt.date,
    site_id: str | None = None,
    decision_id: str | None = None,
) -> Target:
    """Set a metric's target at a site, or (None) at every site, from a day on; earlier targets stay.

    Raises Refused("unknown_record"), Refused("not_a_number").
    """
    if not math.isfinite(value):
        raise Refused("not_a_number", value=str(value))
    target = Target(
        id=records.new_id(),
        metric_id=metric_id,
        site_id=site_id,
        applies_from=applies_from,
        value=value,
        decision_id=decision_id,
    )
    store.retrying(lambda: _set(store, actor, target), short=False)
    return target


def targets_for(
    cursor: duckdb.DuckDBPyConnection, *, metric_id: str, site_id: str, as_known_on: dt.datetime | None = None
) -> list[Target]:
    """Read the targets that hold for a site, oldest first: its own where it has any, else those of every site."""
    known = records.current(cursor, Target, as_known_on=as_known_on, metric_id=metric_id)
    own = [target for target in known if target.site_id == site_id]
    return _in_force(own or [target for target in known if target.site_id is None])


def target_on(targets: Sequence[Target], day: dt.date) -> Target | None:
    """Choose the target in force on a day; None before the first one starts."""
    started = [target for target in targets if target.applies_from <= day]
    return started[-1] if started else None


def _set(store: Store, actor: Actor, target: Target) -> None:
    with store.change(actor, Permission.SET_TARGET, site_id=target.site_id) as tx:
        tx.must_know(Metric, target.metric_id)
        if target.site_id is not None:
            tx.must_know(Site, target.site_id)
        if target.decision_id is not None:
            tx.must_know(Decision, target.decision_id)
        tx.append(target, "target.set")
        refresh_scores(tx.cursor, metric_id=target.metric_id, site_id=target.site_id)


def _in_force(targets: list[Target]) -> list[Target]:
    """Of several set for the same day, the one recorded last holds."""
    return sorted({target.applies_from: target for target in targets}.values(), key=lambda t: t.applies_from)
