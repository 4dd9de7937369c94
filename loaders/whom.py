"""For whom the command line acts: the person named, the one of the settings, or the first of an empty register."""

from __future__ import annotations

import getpass
import os

from data.access import Actor, actor_for
from data.people import first_person, people
from data.settings import settings
from data.sites import name_key
from data.store import Store
from data.types import Person
from wording import Language


class UnknownPerson(Exception):
    """Nobody of the register is meant. code: unknown_person or who_are_you."""

    def __init__(self, code: str, name: str = "") -> None:
        super().__init__(code, name)
        self.code = code
        self.name = name


def who_loads(store: Store, named: str | None, language: Language) -> tuple[Actor, str | None]:
    """Find who loads: by id, e-mail or name; the second value names the person registered first, when one was.

    named: what --as says; without it ESSAIM_PERSON, then the user of the system. An empty register takes the user
        of the system as its first person, unless somebody else is named.
    Raises UnknownPerson.
    """
    wanted = named or settings().person
    with store.read() as cursor:
        register = people(cursor)
    founded = None
    if wanted is None and not register:
        founded = system_user()
        person = first_person(store, founded, language=language)
    else:
        person = _named(register, wanted)
    with store.read() as cursor:
        return actor_for(cursor, person.id, store.today()), founded


def system_user() -> str:
    """Name the user of the operating system."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"user-{os.getuid()}"


def _named(register: list[Person], wanted: str | None) -> Person:
    key = name_key(wanted or system_user())
    for person in register:
        if key in (name_key(person.id), name_key(person.name), name_key(person.email or "")) and not person.disabled:
            return person
    raise UnknownPerson("unknown_person" if wanted else "who_are_you", wanted or "")
