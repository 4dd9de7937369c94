"""Decisions, incidents, obstacles and notes: pinned to a datum, scoped, edited with their history, never deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import duckdb

from data import decision_checks, records
from data.access import Actor, Permission, Refused
from data.gate import Change
from data.limits import LIMIT_TYPES, not_replaced
from data.score import refresh_scores
from data.series import COMBINED, metric_series
from data.store import Store
from data.types import Cohort, Decision, DecisionType, Outcome

LETTERS = {DecisionType.INCIDENT: "I", DecisionType.OBSTACLE: "O"}  # as in Decision.label; all others D
# What says where and when a decision was made is not edited: another decision supersedes it.
FIXED = frozenset(
    {
        "id", "number", "type", "site_id", "metric_id", "cohort_id", "segment", "period_start", "period_end", "grain",
        "value_when_decided", "supersedes_id",
    }
)  # fmt: skip


def pin_decision(
    store: Store,
    actor: Actor,
    *,
    type: DecisionType,  # noqa: A002 the field's own name
    title: str,
    owner_id: str,
    applies_on: dt.date,
    **fields: object,
) -> Decision:
    """Pin a decision, with the next number of its letter and the value its datum has at this moment.

    fields: the other fields of Decision. Scope: site_id, metric_id, cohort_id, each absent = all. Anchor: segment,
    period_start, grain. A step, a baseline and an exclusion (data.limits) need a reason (note), a site and a metric,
    and their own right.
    Raises Refused with what is missing or contradictory, ValueError for a field a decision does not have.
    """
    draft = _draft({"type": type, "title": title, "owner_id": owner_id, "applies_on": applies_on, **fields})
    decision_checks.check_alone(draft)
    return store.retrying(lambda: _pin(store, actor, draft, "decision.pin"))


def supersede_decision(store: Store, actor: Actor, decision_id: str, **changes: object) -> Decision:
    """Pin another decision in the place of one; what is not changed is taken over, and the old one stays to be read.

    Raises Refused("already_superseded") when one stands in its place already, and as pin_decision.
    """
    with store.read() as cursor:
        old = records.one(cursor, Decision, decision_id)
    if old is None:
        raise Refused("unknown_record", kind=Decision.table, id=decision_id)
    kept = old.model_dump(exclude={"id", "number", "value_when_decided", "outcome", "outcome_on", "resolved_on"})
    draft = _draft({**kept, **changes, "supersedes_id": old.id})
    decision_checks.check_alone(draft)
    return store.retrying(lambda: _pin(store, actor, draft, "decision.supersede"))


def edit_decision(store: Store, actor: Actor, decision_id: str, **changes: object) -> Decision:
    """Correct a decision's words, owner, dates or expectations; every earlier wording stays in its history.

    Raises Refused("field_fixed") for its anchor, scope, type, number and value, and as pin_decision.
    """
    fixed = sorted(changes.keys() & FIXED)
    if fixed:
        raise Refused("field_fixed", fields=", ".join(fixed))
    return _revise(store, actor, decision_id, Permission.PIN_DECISION, "decision.edit", changes)


def review_decision(
    store: Store, actor: Actor, decision_id: str, *, outcome: Outcome, outcome_on: dt.date | None = None
) -> Decision:
    """Say what a decision came to; outcome_on None = today."""
    changes = {"outcome": outcome, "outcome_on": outcome_on or store.today()}
    return _revise(store, actor, decision_id, Permission.REVIEW_DECISION, "decision.review", changes)


def resolve(store: Store, actor: Actor, decision_id: str, *, resolved_on: dt.date | None = None) -> Decision:
    """Say that an incident or obstacle is over; resolved_on None = today. Raises Refused("resolved_before_applies")."""
    changes = {"resolved_on": resolved_on or store.today()}
    return _revise(store, actor, decision_id, Permission.PIN_DECISION, "decision.resolve", changes)


def all_decisions(
    cursor: duckdb.DuckDBPyConnection, *, as_known_on: dt.datetime | None = None, with_superseded: bool = True
) -> list[Decision]:
    """Read the register, in the order the decisions were recorded."""
    known = records.current(cursor, Decision, as_known_on=as_known_on)
    return known if with_superseded else not_replaced(known)


def decisions_on(
    cursor: duckdb.DuckDBPyConnection,
    *,
    site_id: str | None = None,
    metric_id: str | None = None,
    as_known_on: dt.datetime | None = None,
    with_superseded: bool = False,
) -> list[Decision]:
    """Read the decisions that concern a chart, by the day they apply: its own, its cohorts' and those of all.

    site_id, metric_id: None = any site, any metric. A superseded decision is left out unless asked for.
    """
    members = {c.id: c.site_ids for c in records.current(cursor, Cohort, as_known_on=as_known_on)}
    found = [
        decision
        for decision in all_decisions(cursor, as_known_on=as_known_on, with_superseded=with_superseded)
        if _concerns_site(decision, site_id, members) and _concerns(decision.metric_id, metric_id)
    ]
    return sorted(found, key=lambda decision: decision.applies_on)


def right_to_pin(decision: Decision) -> Permission:
    """Tell which right a decision needs: what moves limits is the metric keeper's."""
    return Permission.STEP_LIMITS if decision.type in LIMIT_TYPES else Permission.PIN_DECISION


def reviews_due(cursor: duckdb.DuckDBPyConnection, today: dt.date) -> list[Decision]:
    """Read the decisions whose review day has come and which have no outcome, the latest overdue first."""
    waiting = [
        decision
        for decision in all_decisions(cursor, with_superseded=False)
        if decision.review_on is not None and decision.review_on <= today and decision.outcome is None
    ]
    return sorted(waiting, key=lambda decision: decision.review_on or today)


def labelled(cursor: duckdb.DuckDBPyConnection, label: str) -> Decision | None:
    """Find the decision that a label names; None when none does."""
    wanted = label.strip().upper()
    return next((decision for decision in all_decisions(cursor) if decision.label == wanted), None)


def superseded_by(cursor: duckdb.DuckDBPyConnection, decision_id: str) -> Decision | None:
    """Find the decision that stands in the place of another; None when it stands itself."""
    found = records.current(cursor, Decision, supersedes_id=decision_id)
    return found[-1] if found else None


def value_now(cursor: duckdb.DuckDBPyConnection, decision: Decision) -> float | None:
    """Read the value that a decision's datum has now; None when it has no datum, or the datum no value."""
    if None in (decision.site_id, decision.metric_id, decision.period_start, decision.grain):
        return None
    row = cursor.execute(
        "SELECT value FROM cur WHERE site_id = ? AND metric_id = ? AND segment = ? AND period_start = ? AND grain = ?",
        [decision.site_id, decision.metric_id, decision.segment, decision.period_start, str(decision.grain)],
    ).fetchone()
    return row[0] if row is not None else _combined_value(cursor, decision)


def _combined_value(cursor: duckdb.DuckDBPyConnection, decision: Decision) -> float | None:
    """Read the value a chart shows of several segments, or of a coarser grain than the stored one."""
    series = metric_series(
        cursor,
        site_id=decision.site_id or "",
        metric_id=decision.metric_id or "",
        segment=None if decision.segment in ("", COMBINED) else decision.segment,
        grain=decision.grain,
    )
    if series is None or decision.period_start is None:
        return None
    at = series.values[series.values.index == decision.period_start.isoformat()].dropna()
    return float(at.iloc[0]) if len(at) else None


def _draft(fields: Mapping[str, object]) -> Decision:
    if not fields.get("owner_id"):
        raise Refused("owner_missing")
    return Decision.model_validate({"id": records.new_id(), "number": 0, **fields})


def _pin(store: Store, actor: Actor, draft: Decision, action: str) -> Decision:
    with store.change(actor, right_to_pin(draft), site_id=draft.site_id, cohort_id=draft.cohort_id) as tx:
        decision_checks.check_known(tx, draft)
        old = _replaceable(tx, draft.supersedes_id) if draft.supersedes_id is not None else None
        number = tx.next_number(LETTERS.get(draft.type, "D"))
        decision = draft.model_copy(update={"number": number, "value_when_decided": value_now(tx.cursor, draft)})
        tx.append(decision, action)
        _recalculate(tx, decision, old)
    return decision


def _replaceable(tx: Change, decision_id: str) -> Decision:
    """Whoever replaces a decision must have the right where the old one stands, too."""
    old = tx.must_know(Decision, decision_id)
    tx.require(right_to_pin(old), site_id=old.site_id, cohort_id=old.cohort_id)
    if superseded_by(tx.cursor, decision_id) is not None:
        raise Refused("already_superseded")
    return old


def _revise(
    store: Store, actor: Actor, decision_id: str, right: Permission, action: str, changes: Mapping[str, object]
) -> Decision:
    with store.read() as cursor:
        known = records.one(cursor, Decision, decision_id)
    if known is None:
        raise Refused("unknown_record", kind=Decision.table, id=decision_id)
    if right is Permission.PIN_DECISION:
        right = right_to_pin(known)
    with store.change(actor, right, site_id=known.site_id, cohort_id=known.cohort_id) as tx:
        decision = tx.revise(Decision, decision_id, action, **changes)
        decision_checks.check_alone(decision)
        decision_checks.check_known(tx, decision)
        _recalculate(tx, decision)
    return decision


def _recalculate(tx: Change, *decisions: Decision | None) -> None:
    """Score again the series whose limits these decisions move."""
    moved = {(d.metric_id, d.site_id) for d in decisions if d is not None and d.type in LIMIT_TYPES}
    for metric_id, site_id in sorted(moved, key=str):
        refresh_scores(tx.cursor, metric_id=metric_id, site_id=site_id)


def _concerns(scope: str | None, asked: str | None) -> bool:
    return scope is None or asked is None or scope == asked


def _concerns_site(decision: Decision, site_id: str | None, members: Mapping[str, tuple[str, ...]]) -> bool:
    if decision.site_id is not None or site_id is None:
        return _concerns(decision.site_id, site_id)
    return decision.cohort_id is None or site_id in members.get(decision.cohort_id, ())
