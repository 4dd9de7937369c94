"""Objectives that name a customer outcome, their key results, and the confidence people state in them."""

from __future__ import annotations

import datetime as dt

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.gate import Change
from data.store import Store
from data.types import CheckIn, Cohort, CustomerOutcome, KeyResult, Metric, Objective, Person, Site


def set_objective(
    store: Store,
    actor: Actor,
    *,
    title: str,
    customer_outcome: CustomerOutcome | None,
    owner_id: str,
    starts_on: dt.date,
    ends_on: dt.date,
    cohort_id: str | None = None,
) -> Objective:
    """Set an objective. Raises Refused("outcome_missing") without the customer outcome it serves,
    Refused("title_missing"), Refused("owner_unknown"), Refused("ends_before_it_starts").
    """
    if customer_outcome is None:
        raise Refused("outcome_missing")
    objective = Objective(
        id=records.new_id(),
        title=title,
        customer_outcome=customer_outcome,
        owner_id=owner_id,
        cohort_id=cohort_id,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    with store.change(actor, Permission.MANAGE_KEY_RESULTS, cohort_id=cohort_id) as tx:
        _check_objective(tx, objective)
        tx.append(objective, "objective.set")
    return objective


def edit_objective(store: Store, actor: Actor, objective_id: str, **changes: object) -> Objective:
    """Change an objective; every earlier form stays in its history."""
    with store.read() as cursor:
        known = _must_know_objective(cursor, objective_id)
    with store.change(actor, Permission.MANAGE_KEY_RESULTS, cohort_id=known.cohort_id) as tx:
        objective = tx.revise(Objective, objective_id, "objective.edit", **changes)
        _check_objective(tx, objective)
    return objective


def set_key_result(
    store: Store,
    actor: Actor,
    *,
    objective_id: str,
    title: str,
    metric_id: str,
    baseline_value: float,
    baseline_date: dt.date,
    target_value: float,
    due_date: dt.date,
    owner_id: str,
    site_ids: tuple[str, ...] = (),
) -> KeyResult:
    """Set a key result of an objective, from its baseline to its target by its own due date.

    site_ids: empty = every site with data. Raises Refused("unknown_record"), Refused("title_missing"),
    Refused("owner_unknown"), Refused("due_before_baseline"), Refused("target_is_baseline").
    """
    key_result = KeyResult(
        id=records.new_id(),
        objective_id=objective_id,
        title=title,
        metric_id=metric_id,
        site_ids=site_ids,
        baseline_value=baseline_value,
        baseline_date=baseline_date,
        target_value=target_value,
        due_date=due_date,
        owner_id=owner_id,
    )
    with store.read() as cursor:
        cohort_id = _must_know_objective(cursor, objective_id).cohort_id
    with store.change(actor, Permission.MANAGE_KEY_RESULTS, cohort_id=cohort_id) as tx:
        _check_key_result(tx, key_result)
        tx.append(key_result, "key_result.set")
    return key_result


def edit_key_result(store: Store, actor: Actor, key_result_id: str, *, reason: str, **changes: object) -> KeyResult:
    """Change a key result for a stated reason; every earlier form stays in its history.

    Raises Refused("reason_missing"), and as set_key_result.
    """
    if not reason.strip():
        raise Refused("reason_missing")
    with store.read() as cursor:
        cohort_id = _cohort_of(cursor, key_result_id)
    with store.change(actor, Permission.MANAGE_KEY_RESULTS, cohort_id=cohort_id, note=reason) as tx:
        key_result = tx.revise(KeyResult, key_result_id, "key_result.edit", **changes)
        _check_key_result(tx, key_result)
    return key_result


def check_in(
    store: Store,
    actor: Actor,
    *,
    key_result_id: str,
    confidence: float,
    note: str = "",
    checked_on: dt.date | None = None,
) -> CheckIn:
    """State one's confidence in a key result (share, 0 to 1); checked_on None = today.

    Raises Refused("confidence_out_of_range"), Refused("unknown_record").
    """
    if not 0 <= confidence <= 1:
        raise Refused("confidence_out_of_range", found=confidence)
    with store.read() as cursor:
        cohort_id = _cohort_of(cursor, key_result_id)
    made = CheckIn(
        id=records.new_id(),
        key_result_id=key_result_id,
        checked_on=checked_on or store.today(),
        confidence=confidence,
        note=note,
    )
    with store.change(actor, Permission.CHECK_IN, cohort_id=cohort_id, somewhere=cohort_id is None) as tx:
        tx.append(made, "key_result.check_in")
    return made


def objectives(cursor: duckdb.DuckDBPyConnection, *, as_known_on: dt.datetime | None = None) -> list[Objective]:
    """Read the objectives, in the order they were set."""
    return records.current(cursor, Objective, as_known_on=as_known_on)


def key_results(
    cursor: duckdb.DuckDBPyConnection, *, objective_id: str | None = None, as_known_on: dt.datetime | None = None
) -> list[KeyResult]:
    """Read the key results of an objective, or (None) all, in the order they were set."""
    known = records.current(cursor, KeyResult, as_known_on=as_known_on)
    return [key_result for key_result in known if objective_id in (None, key_result.objective_id)]


def check_ins(cursor: duckdb.DuckDBPyConnection, key_result_id: str) -> list[CheckIn]:
    """Read the check-ins of a key result, oldest first."""
    made = records.current(cursor, CheckIn, key_result_id=key_result_id)
    return sorted(made, key=lambda check: check.checked_on)


def _check_objective(tx: Change, objective: Objective) -> None:
    if not objective.title.strip():
        raise Refused("title_missing")
    if objective.ends_on < objective.starts_on:
        raise Refused("ends_before_it_starts", starts_on=objective.starts_on, ends_on=objective.ends_on)
    _check_owner(tx, objective.owner_id)
    if objective.cohort_id is not None:
        tx.must_know(Cohort, objective.cohort_id)


def _check_key_result(tx: Change, key_result: KeyResult) -> None:
    if not key_result.title.strip():
        raise Refused("title_missing")
    if key_result.due_date <= key_result.baseline_date:
        raise Refused("due_before_baseline", due_date=key_result.due_date, baseline_date=key_result.baseline_date)
    if key_result.target_value == key_result.baseline_value:
        raise Refused("target_is_baseline", value=key_result.target_value)
    _check_owner(tx, key_result.owner_id)
    tx.must_know(Objective, key_result.objective_id)
    tx.must_know(Metric, key_result.metric_id)
    for site_id in key_result.site_ids:
        tx.must_know(Site, site_id)


def _check_owner(tx: Change, owner_id: str) -> None:
    owner = records.one(tx.cursor, Person, owner_id)
    if owner is None or owner.disabled:
        raise Refused("owner_unknown")


def _must_know_objective(cursor: duckdb.DuckDBPyConnection, objective_id: str) -> Objective:
    found = records.one(cursor, Objective, objective_id)
    if found is None:
        raise Refused("unknown_record", kind=Objective.table, id=objective_id)
    return found


def _cohort_of(cursor: duckdb.DuckDBPyConnection, key_result_id: str) -> str | None:
    found = records.one(cursor, KeyResult, key_result_id)
    if found is None:
        raise Refused("unknown_record", kind=KeyResult.table, id=key_result_id)
    return _must_know_objective(cursor, found.objective_id).cohort_id
