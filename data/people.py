"""The people of the register, how they are recognised, and the dated roles they hold."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.gate import Change
from data.store import Store
from data.types import Assignment, Person, Role

Language = Literal["fr", "en"]
FOUNDING_ROLES = (Role.ADMIN, Role.METRIC_KEEPER, Role.LEADER)


def first_person(
    store: Store,
    name: str,
    email: str | None = None,
    language: Language = "fr",
    *,
    issuer: str | None = None,
    subject: str | None = None,
) -> Person:
    """Register the first person of an empty register: admin, metric keeper and leader everywhere, from today.

    Raises Refused("already_founded") once anyone exists, Refused("name_missing"), Refused("identity_incomplete").
    """
    person = Person(
        id=records.new_id(), name=_name(name), email=email, language=language, issuer=issuer, subject=subject
    )
    _check_whole(person)
    with store.found(person.name) as tx:
        tx.append(person, "person.found")
        tx.append_all(
            Assignment(id=records.new_id(), person_id=person.id, role=role, starts_on=store.today())
            for role in FOUNDING_ROLES
        )
    return person


def register_person(
    store: Store,
    actor: Actor,
    *,
    name: str,
    email: str | None = None,
    language: Language | None = None,
    issuer: str | None = None,
    subject: str | None = None,
) -> Person:
    """Register a person. Raises Refused("name_missing"), Refused("identity_incomplete"), Refused("identity_taken")."""
    person = Person(
        id=records.new_id(), name=_name(name), email=email, language=language, issuer=issuer, subject=subject
    )
    with store.change(actor, Permission.MANAGE_PEOPLE) as tx:
        _check_identity(tx, person)
        tx.append(person, "person.register")
    return person


def edit_person(store: Store, actor: Actor, person_id: str, **changes: object) -> Person:
    """Change what is known of a person.

    Raises Refused("name_missing"), Refused("identity_incomplete"), Refused("identity_taken"), Refused("last_admin").
    """
    if "name" in changes:
        changes["name"] = _name(str(changes["name"]))
    with store.change(actor, Permission.MANAGE_PEOPLE) as tx:
        person = tx.revise(Person, person_id, "person.edit", **changes)
        _check_identity(tx, person)
        _check_an_admin_remains(tx, store.today())
    return person


def disable_person(store: Store, actor: Actor, person_id: str) -> Person:
    """Shut a person out: from the next rerun and the next write on, they are the public."""
    return edit_person(store, actor, person_id, disabled=True, session_valid_after=store.now())


def choose_language(store: Store, actor: Actor, language: Language) -> None:
    """Keep the language a person has chosen for themselves."""
    with store.change(actor, Permission.VIEW) as tx:
        tx.revise(Person, actor.person_id or "", "person.language", language=language)


def end_sessions(store: Store, actor: Actor) -> None:
    """Sign a person out of every browser they left open."""
    with store.change(actor, Permission.VIEW) as tx:
        tx.revise(Person, actor.person_id or "", "person.end_sessions", session_valid_after=store.now())


def assign(
    store: Store,
    actor: Actor,
    *,
    person_id: str,
    role: Role,
    site_id: str | None = None,
    cohort_id: str | None = None,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
) -> Assignment:
    """Give a person a role at a site, in a cohort or (neither) everywhere; starts_on None = today.

    Raises Refused("ends_before_it_starts"), Refused("unknown_record").
    """
    held = Assignment(
        id=records.new_id(),
        person_id=person_id,
        role=role,
        site_id=site_id,
        cohort_id=cohort_id,
        starts_on=starts_on or store.today(),
        ends_on=ends_on,
    )
    if held.ends_on is not None and held.ends_on < held.starts_on:
        raise Refused("ends_before_it_starts", starts_on=held.starts_on, ends_on=held.ends_on)
    with store.change(actor, Permission.MANAGE_PEOPLE, site_id=site_id, cohort_id=cohort_id) as tx:
        tx.must_know(Person, person_id)
        tx.append(held, "person.assign")
    return held


def end_assignment(store: Store, actor: Actor, assignment_id: str, ends_on: dt.date) -> Assignment:
    """End a role on its last day, inclusive. Raises Refused("last_admin"), Refused("ends_before_it_starts")."""
    with store.read() as cursor:
        held = records.one(cursor, Assignment, assignment_id)
    if held is None:
        raise Refused("unknown_record", kind=Assignment.table, id=assignment_id)
    with store.change(actor, Permission.MANAGE_PEOPLE, site_id=held.site_id, cohort_id=held.cohort_id) as tx:
        if ends_on < held.starts_on - dt.timedelta(days=1):
            raise Refused("ends_before_it_starts", starts_on=held.starts_on, ends_on=ends_on)
        ended = tx.revise(Assignment, assignment_id, "person.end_assignment", ends_on=ends_on)
        _check_an_admin_remains(tx, max(store.today(), ends_on + dt.timedelta(days=1)))
    return ended


def people(cursor: duckdb.DuckDBPyConnection, *, as_known_on: dt.datetime | None = None) -> list[Person]:
    """Read everyone, those shut out too, in the order they were registered."""
    return records.current(cursor, Person, as_known_on=as_known_on)


def person_names(cursor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Read the name of each person by id."""
    return {person.id: person.name for person in people(cursor)}


def person_by_identity(cursor: duckdb.DuckDBPyConnection, issuer: str, subject: str) -> Person | None:
    """Find who signs in with an identity: issuer and subject, never the e-mail."""
    found = records.current(cursor, Person, issuer=issuer, subject=subject)
    return found[0] if found else None


def find_person(cursor: duckdb.DuckDBPyConnection, text: str) -> Person | None:
    """Find the one active person that a text names by id, e-mail or name; None when none or several do."""
    wanted = text.strip().casefold()
    found = [
        person
        for person in people(cursor)
        if not person.disabled and wanted in {person.id, (person.email or "").casefold(), person.name.casefold()}
    ]
    return found[0] if wanted and len(found) == 1 else None


def assignments_of(cursor: duckdb.DuckDBPyConnection, person_id: str) -> list[Assignment]:
    """Read the roles a person has held, holds and will hold."""
    return records.current(cursor, Assignment, person_id=person_id)


def _name(name: str) -> str:
    if not name.strip():
        raise Refused("name_missing")
    return name.strip()


def _check_whole(person: Person) -> None:
    if (person.issuer is None) != (person.subject is None):
        raise Refused("identity_incomplete")


def _check_identity(tx: Change, person: Person) -> None:
    _check_whole(person)
    if person.issuer is None:
        return
    others = records.current(tx.cursor, Person, issuer=person.issuer, subject=person.subject)
    if any(other.id != person.id for other in others):
        raise Refused("identity_taken")


def _check_an_admin_remains(tx: Change, day: dt.date) -> None:
    active = {person.id for person in people(tx.cursor) if not person.disabled}
    admins = records.current(tx.cursor, Assignment, role=Role.ADMIN, site_id=None, cohort_id=None)
    if not any(
        held.person_id in active and held.starts_on <= day and (held.ends_on is None or day <= held.ends_on)
        for held in admins
    ):
        raise Refused("last_admin")
