"""The cohort's rituals, what each leaves behind, and the actions people take away."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.store import Store
from data.types import Action, Artefact, Cohort, Person, Ritual, RitualKind

ArtefactKind = Literal["decision", "playbook_change", "checklist", "experiment"]


def open_ritual(
    store: Store, actor: Actor, *, cohort_id: str, kind: RitualKind, held_on: dt.date | None = None,
    facilitator_id: str | None = None, scribe_id: str | None = None, metric_keeper_id: str | None = None,
) -> Ritual:  # fmt: skip
    """Open a ritual of a cohort with its three named parts; held_on None = today."""
    ritual = Ritual(
        id=records.new_id(), cohort_id=cohort_id, kind=kind, held_on=held_on or store.today(),
        facilitator_id=facilitator_id, scribe_id=scribe_id, metric_keeper_id=metric_keeper_id,
    )  # fmt: skip
    with store.change(actor, Permission.RUN_RITUAL, cohort_id=cohort_id) as tx:
        tx.must_know(Cohort, cohort_id)
        for person_id in (facilitator_id, scribe_id, metric_keeper_id):
            if person_id is not None:
                tx.must_know(Person, person_id)
        tx.append(ritual, "ritual.open")
    return ritual


def add_artefact(
    store: Store, actor: Actor, *, ritual_id: str, kind: ArtefactKind, title: str, reference_id: str | None = None
) -> Artefact:
    """Note what a ritual left behind. Raises Refused("ritual_closed"), Refused("title_missing")."""
    if not title.strip():
        raise Refused("title_missing")
    made = Artefact(id=records.new_id(), ritual_id=ritual_id, kind=kind, title=title.strip(), reference_id=reference_id)
    with store.change(actor, Permission.RUN_RITUAL, cohort_id=_cohort_of(store, ritual_id)) as tx:
        if tx.must_know(Ritual, ritual_id).closed:
            raise Refused("ritual_closed")
        tx.append(made, "ritual.artefact")
    return made


def close_ritual(store: Store, actor: Actor, ritual_id: str, *, no_artefact_because: str = "") -> Ritual:
    """Close a ritual: with an artefact, or with the reason why there is none. Raises Refused("artefact_missing")."""
    with store.change(actor, Permission.RUN_RITUAL, cohort_id=_cohort_of(store, ritual_id)) as tx:
        if tx.must_know(Ritual, ritual_id).closed:
            raise Refused("ritual_closed")
        if not artefacts(tx.cursor, ritual_id) and not no_artefact_because.strip():
            raise Refused("artefact_missing")
        changes = {"closed": True, "no_artefact_because": no_artefact_because.strip()}
        return tx.revise(Ritual, ritual_id, "ritual.close", **changes)


def take_action(
    store: Store, actor: Actor, *, title: str, owner_id: str, due_on: dt.date, ritual_id: str | None = None
) -> Action:
    """Note what someone will do by a day. Raises Refused("title_missing"), Refused("unknown_record")."""
    if not title.strip():
        raise Refused("title_missing")
    action = Action(id=records.new_id(), ritual_id=ritual_id, title=title.strip(), owner_id=owner_id, due_on=due_on)
    cohort_id = _cohort_of(store, ritual_id) if ritual_id else None
    with store.change(actor, Permission.RUN_RITUAL, cohort_id=cohort_id, somewhere=cohort_id is None) as tx:
        tx.must_know(Person, owner_id)
        tx.append(action, "action.take")
    return action


def complete_action(store: Store, actor: Actor, action_id: str, *, done_on: dt.date | None = None) -> Action:
    """Say that an action is done: whoever runs rituals may, and so may its owner; done_on None = today."""
    with store.change(actor, Permission.VIEW) as tx:
        action = tx.must_know(Action, action_id)
        if action.owner_id != tx.actor.person_id:
            cohort_id = _cohort_of(store, action.ritual_id) if action.ritual_id else None
            tx.require(Permission.RUN_RITUAL, cohort_id=cohort_id, somewhere=cohort_id is None)
        return tx.revise(Action, action_id, "action.complete", done_on=done_on or store.today())


def rituals(cursor: duckdb.DuckDBPyConnection, *, cohort_id: str | None = None) -> list[Ritual]:
    """Read the rituals of a cohort, or (None) of all, by the day they were held."""
    known = records.current(cursor, Ritual)
    found = [ritual for ritual in known if cohort_id in (None, ritual.cohort_id)]
    return sorted(found, key=lambda ritual: ritual.held_on)


def artefacts(cursor: duckdb.DuckDBPyConnection, ritual_id: str) -> list[Artefact]:
    """Read what a ritual left behind, in the order it was noted."""
    return records.current(cursor, Artefact, ritual_id=ritual_id)


def open_actions(cursor: duckdb.DuckDBPyConnection) -> list[Action]:
    """Read the actions not done yet, the earliest due first."""
    return sorted(records.current(cursor, Action, done_on=None), key=lambda action: action.due_on)


def _cohort_of(store: Store, ritual_id: str) -> str:
    with store.read() as cursor:
        ritual = records.one(cursor, Ritual, ritual_id)
    if ritual is None:
        raise Refused("unknown_record", kind=Ritual.table, id=ritual_id)
    return ritual.cohort_id
