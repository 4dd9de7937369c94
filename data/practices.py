"""The playbook: practices in versions, from trial to standard to retired."""

from __future__ import annotations

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.records import Revision
from data.store import Store
from data.types import Metric, Practice, PracticeState


def add_practice(
    store: Store, actor: Actor, *, title: str, metric_id: str | None = None, control_points: str = "",
    conditions: str = "", evidence: str = "", reason: str = "",
) -> Practice:  # fmt: skip
    """Add a practice to try. Raises Refused("title_missing"), Refused("unknown_record")."""
    practice = Practice(
        id=records.new_id(), title=title.strip(), metric_id=metric_id, control_points=control_points,
        conditions=conditions, evidence=evidence, reason=reason,
    )  # fmt: skip
    _check(practice)
    with store.change(actor, Permission.EDIT_PLAYBOOK, somewhere=True) as tx:
        if metric_id is not None:
            tx.must_know(Metric, metric_id)
        tx.append(practice, "practice.add")
    return practice


def edit_practice(store: Store, actor: Actor, practice_id: str, *, reason: str, **changes: object) -> Practice:
    """Write the next version of a practice, for a stated reason. Raises Refused("reason_missing")."""
    if not reason.strip():
        raise Refused("reason_missing")
    with store.change(actor, Permission.EDIT_PLAYBOOK, somewhere=True) as tx:
        version = tx.must_know(Practice, practice_id).version + 1
        changes |= {"reason": reason.strip(), "version": version}
        practice = tx.revise(Practice, practice_id, "practice.edit", **changes)
        _check(practice)
    return practice


def standardise(store: Store, actor: Actor, practice_id: str, *, reason: str) -> Practice:
    """Make a practice the standard, for a stated reason."""
    return edit_practice(store, actor, practice_id, reason=reason, state=PracticeState.STANDARD)


def retire(store: Store, actor: Actor, practice_id: str, *, reason: str) -> Practice:
    """Take a practice out of use, for a stated reason; it stays in the playbook."""
    return edit_practice(store, actor, practice_id, reason=reason, state=PracticeState.RETIRED)


def practices(cursor: duckdb.DuckDBPyConnection) -> list[Practice]:
    """Read the playbook, retired practices too, in the order they were added."""
    return records.current(cursor, Practice)


def versions(cursor: duckdb.DuckDBPyConnection, practice_id: str) -> list[Revision[Practice]]:
    """Read every version of a practice, oldest first."""
    return records.history(cursor, Practice, practice_id)


def _check(practice: Practice) -> None:
    if not practice.title.strip():
        raise Refused("title_missing")
