"""Who is in the register, which roles do they hold, and until when?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import streamlit as st

from data import records
from data.access import Forbidden, Permission, Refused
from data.people import assign, assignments_of, disable_person, edit_person, end_assignment, people, register_person
from data.store import the_store
from data.types import Assignment, Cohort, Person, Role, Site
from pages.shared import frame
from pages.shared.moments import DATE_FORM
from pages.shared.refusals import refused_words
from pages.shared.session import Visit, require
from pages.shared.tables import Cell, Line, html_table
from wording import date_, say, state

EVERYWHERE = ""
LONGEST_NAME = 100
LONGEST_ISSUER = 255
LANGUAGES = ("fr", "en")


def render() -> None:
    """List everyone with their roles; add and change people, give and end roles, close accounts."""
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
        edit_form(visit, {person.id: person for person in known})
        role_form(visit, active, places, cohorts)
        end_form(visit, active, held, places)
        close_form(visit, active)


def people_table(visit: Visit, known: list[Person], held: dict[str, list[Assignment]], places: dict[str, str]) -> str:
    """Everyone, with the roles in force or to come."""
    columns = [say(f"admin.people.{name}", visit.language) for name in ("name", "roles", "account", "state")]
    none = say("admin.people.no_role", visit.language)
    lines = []
    for person in sorted(known, key=lambda one: (one.disabled, one.name.casefold())):
        roles = [role_words(visit, role, places) for role in held[person.id] if in_force(role, visit.today)]
        standing = say("admin.people.disabled" if person.disabled else "admin.people.active", visit.language)
        account = say("admin.people.linked" if person.subject else "admin.people.not_linked", visit.language)
        lines.append(
            Line(Cell(person.name, below=[person.email or ""]), [" · ".join(roles) or none, account, standing])
        )
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
            LANGUAGES,
            format_func=lambda code: say(f"shared.language.{code}", visit.language),
            key="person-language",
        )
        issuer, subject = identity_fields(visit, "person", None)
        if pressed(visit, "add"):
            act(visit, lambda: register_person(
                the_store(), visit.actor, name=name, email=mail.strip() or None, language=language, issuer=issuer,
                subject=subject,
            ))  # fmt: skip


def edit_form(visit: Visit, known: dict[str, Person]) -> None:
    """Change what is known of a person, the account they sign in with among it; open a closed account again."""
    with st.expander(say("admin.people.edit", visit.language)):
        chosen = st.selectbox(say("admin.people.person", visit.language), list(known), key="person-to-edit",
                              format_func=lambda key: known[key].name)  # fmt: skip
        person = known[chosen]
        with st.form(f"people-edit-{chosen}", border=False):
            key = f"edit-{chosen}"
            name = st.text_input(say("admin.people.name", visit.language), person.name, LONGEST_NAME, f"{key}-name")
            mail = st.text_input(
                say("admin.people.mail", visit.language), person.email or "", LONGEST_NAME, f"{key}-mail"
            )
            language = st.selectbox(
                say("admin.people.language", visit.language), LANGUAGES, key=f"{key}-language",
                index=LANGUAGES.index(person.language) if person.language else None,
                format_func=lambda code: say(f"shared.language.{code}", visit.language),
                placeholder=say("admin.people.language.browser", visit.language),
            )  # fmt: skip
            issuer, subject = identity_fields(visit, key, person)
            closed = st.checkbox(say("admin.people.closed", visit.language), person.disabled, key=f"{key}-closed")
            if pressed(visit, "edit"):
                fields = {"name": name, "email": mail.strip() or None, "language": language, "issuer": issuer,
                          "subject": subject}  # fmt: skip
                act(visit, lambda: change_person(visit, person, fields, closed=closed))


def change_person(visit: Visit, person: Person, fields: dict[str, object], *, closed: bool) -> None:
    """Change a person; whoever is shut out, or gets another account than before, is signed out of every browser."""
    moved = person.subject is not None and (person.issuer, person.subject) != (fields["issuer"], fields["subject"])
    if moved or (closed and not person.disabled):
        fields = {**fields, "session_valid_after": the_store().now()}
    edit_person(the_store(), visit.actor, person.id, **fields, disabled=closed)


def identity_fields(visit: Visit, key: str, person: Person | None) -> tuple[str | None, str | None]:
    """Ask for the account that a person signs in with: issuer and subject, both or neither."""
    frame.small(say("admin.people.identity_note", visit.language))
    known = (person.issuer or "", person.subject or "") if person else ("", "")
    issuer = st.text_input(say("admin.people.issuer", visit.language), known[0], LONGEST_ISSUER, f"{key}-issuer")
    subject = st.text_input(say("admin.people.subject", visit.language), known[1], LONGEST_ISSUER, f"{key}-subject")
    return issuer.strip() or None, subject.strip() or None


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
        starts = st.date_input(say("admin.people.from", visit.language), visit.today, key="role-from", format=DATE_FORM)
        ends = st.date_input(say("admin.people.to", visit.language), None, key="role-to", format=DATE_FORM)
        if pressed(visit, "give"):
            where = {"cohort_id" if place in cohorts else "site_id": place} if place else {}
            act(visit, lambda: assign(
                the_store(), visit.actor, person_id=person_id, role=role, starts_on=starts, ends_on=ends, **where
            ))  # fmt: skip


def end_form(
    visit: Visit, active: dict[str, str], held: dict[str, list[Assignment]], places: dict[str, str]
) -> None:  # fmt: skip
    """End a role after its last day; with yesterday it counts no more from the person's next click."""
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
        yesterday = visit.today - dt.timedelta(days=1)
        last = st.date_input(say("admin.people.last_day", visit.language), yesterday, key="end-on", format=DATE_FORM)
        if pressed(visit, "end"):
            act(visit, lambda: end_assignment(the_store(), visit.actor, chosen, last or yesterday))


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
