"""A store with one person of each role, one site, and a name that nobody without an account may ever see."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from data.access import Permission, actor_for
from data.people import first_person
from data.store import open_store
from data.types import Assignment, Person, Role, Site

CANARY = "Canaryville"
FOUNDER = "Ada Founder"


def make_store(path: Path) -> None:
    """Write the store's file; each role's person has the role's name as id, and holds it everywhere."""
    store = open_store(str(path))
    founder = first_person(store, FOUNDER, language="en")
    with store.read() as cursor:
        actor = actor_for(cursor, founder.id, store.today())
    with store.change(actor, Permission.MANAGE_PEOPLE) as tx:
        tx.append_all(
            [
                *(Person(id=role, name=f"Pat {role}", language="en") for role in Role),
                Person(id="nobody", name="No Role"),
            ]
        )
        tx.append_all(
            Assignment(id=f"as-{role}", person_id=role, role=role, starts_on=dt.date(2025, 1, 1)) for role in Role
        )
    with store.change(actor, Permission.MANAGE_CATALOGUE) as tx:
        tx.append_all([Site(id="canary", name=CANARY)])
    store.close()
