"""Who is in the register, which roles do they hold, and until when?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import streamlit as st

from data import records
from data.access import Forbidden, Permission, Refused
from data.people import assign, assignments_of, disable_person, end_assignment, people, register_person
from data.store import the_store
from data.types import Assignment, Cohort, Person, Role, Site
from pages.shared import frame
from pages.shared.refusals import refused_words
from pages.shared.session import Visit, require
from pages.shared.tables import Line, html_table
from wording import date_, say, state

EVERYWHERE = ""
LONGEST_NAME = 100


def render() -> None:
    """List everyone with their roles; add people, give and end roles, close accounts."""
    visit = require(Permission.MANAGE_PEOPLE)
    with the_store().read() as cursor:
        known = people(cursor)
        held = {person.id: assignments_of(cursor, person.id) for person in known}
        places = {EVERYWHERE: say("admin.people.everywhere", visit.language)}
        places |= {cohort.id: cohort.name for cohort in records.current(cursor, Cohort)}
        places |= {site.id: site.name for site in records.current(cursor, Site)}
        cohorts = {cohort.id for cohort in records.current(cursor, Cohort)}
    with frame.page():
        title = say("admin.people.title", visit.language, n=len(known))
        frame.page_head(visit, eyebrow=say("admin.eyebrow", visit.language), title=title)
        if said := st.session_state.pop("people-said", None):
            st.success(said)
        frame.html(people_table(visit, known, held, places))
        active = {person.id: person.name for person in known if not person.disabled}
        add_form(visit)
        role_form(visit, active, places, cohorts)
        end_form(visit, active, held, places)
        close_form(visit, active)


def people_table(visit: Visit, known: list[Person], held: dict[str, list[Assignment]], places: dict[str, str]) -> str:
    """Everyone, with the roles in force or to come."""
    columns = [say(f"admin.people.{name}", visit.language) for name in ("name", "roles", "state")]
    none = say("admin.people.no_role", visit.language)
    lines = []
    for person in sorted(known, key=lambda one: (one.disabled, one.name.casefold())):
        roles = [role_words(visit, role, places) for role in held[person.id] if in_force(role, visit.today)]
        standing = say("admin.people.disabled" if person.disabled else "admin.people.active", visit.language)
        lines.append(Line(person.name, [" · ".join(roles) or none, standing]))
    return html_table(columns, lines, caption=say("admin.people.caption", visit.language))


def in_force(role: Assignment, today: dt.date) -> bool:
    """Tell whether a role counts today or later."""
    return role.ends_on is None or role.ends_on >= today


def role_words(visit: Visit, role: Assignment, places: dict[str, str]) -> str:
    """One role: what, where, since when and until when."""
    words = {
        "role": state(role.role, visit.language),
        "where": places.get(role.site_id or role.cohort_id or EVERYWHERE, "?"),
        "date": date_(role.starts_on, visit.language),
    }
    if role.ends_on is None:
        return say("admin.people.held", visit.language, **words)
    return say("admin.people.held_until", visit.language, **words, end=date_(role.ends_on, visit.language))


def add_form(visit: Visit) -> None:
    """Register a person."""
    with opened(visit, "add"):
        name = st.text_input(say("admin.people.name", visit.language), key="person-name", max_chars=LONGEST_NAME)
        mail = st.text_input(say("admin.people.mail", visit.language), key="person-mail", max_chars=LONGEST_NAME)
        language = st.selectbox(
            say("admin.people.language", visit.language),
            ["fr", "en"],
            format_func=lambda code: say(f"shared.language.{code}", visit.language),
            key="person-language",
        )
        if pressed(visit, "add"):
            act(visit, lambda: register_person(
                the_store(), visit.actor, name=name, email=mail.strip() or None, language=language
            ))  # fmt: skip


def role_form(visit: Visit, active: dict[str, str], places: dict[str, str], cohorts: set[str]) -> None:
    """Give a role at a site, in a cohort or everywhere."""
    with opened(visit, "give"):
        person_id = choose_person(visit, active, "give")
        role = st.selectbox(
            say("admin.people.role", visit.language),
            list(Role),
            format_func=lambda one: state(one, visit.language),
            key="role-role",
        )
        place = st.selectbox(
            say("admin.people.where", visit.language),
            list(places),
            format_func=lambda key: places[key],
            key="role-place",
        )
        if pressed(visit, "give"):
            where = {"cohort_id" if place in cohorts else "site_id": place} if place else {}
            act(visit, lambda: assign(the_store(), visit.actor, person_id=person_id, role=role, **where))


def end_form(
    visit: Visit, active: dict[str, str], held: dict[str, list[Assignment]], places: dict[str, str]
) -> None:  # fmt: skip
    """End a role: from the person's next click it counts no more."""
    roles = {
        role.id: f"{active[person_id]} · {role_words(visit, role, places)}"
        for person_id in active
        for role in held[person_id]
        if in_force(role, visit.today)
    }
    with opened(visit, "end"):
        chosen = st.selectbox(
            say("admin.people.role", visit.language), list(roles), format_func=lambda key: roles[key], key="end-role"
        )
        if pressed(visit, "end"):
            yesterday = visit.today - dt.timedelta(days=1)
            act(visit, lambda: end_assignment(the_store(), visit.actor, chosen, yesterday))


def close_form(visit: Visit, active: dict[str, str]) -> None:
    """Close an account."""
    with opened(visit, "close"):
        frame.small(say("admin.people.close_note", visit.language))
        person_id = choose_person(visit, active, "close")
        if pressed(visit, "close"):
            act(visit, lambda: disable_person(the_store(), visit.actor, person_id))


def opened(visit: Visit, name: str) -> object:
    """A form that unfolds."""
    return st.expander(say(f"admin.people.{name}", visit.language)).form(f"people-{name}", border=False)


def pressed(visit: Visit, name: str) -> bool:
    """The form's one button."""
    return st.form_submit_button(say(f"admin.people.{name}_button", visit.language))


def choose_person(visit: Visit, active: dict[str, str], name: str) -> str:
    """Choose somebody who may sign in."""
    return st.selectbox(
        say("admin.people.person", visit.language),
        list(active),
        format_func=lambda key: active[key],
        key=f"person-to-{name}",
    )


def act(visit: Visit, change: Callable[[], object]) -> None:
    """Do one thing through the gate, and say that it was done, or why it was not."""
    try:
        change()
    except (Refused, Forbidden) as refusal:
        st.error(refused_words(refusal, visit.language))
        return
    st.session_state["people-said"] = say("admin.people.done", visit.language)
    st.rerun()
