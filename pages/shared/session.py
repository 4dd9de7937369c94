"""Who is asking, in which language, on which day: looked up afresh at every run, from the register."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from typing import NoReturn

import streamlit as st

from data import records
from data.access import Actor, Permission, actor_for, allowed, allowed_somewhere
from data.people import choose_language, person_by_identity
from data.settings import settings
from data.store import the_store
from data.types import Person
from pages.shared import frame
from pages.shared.markup import CHOSEN
from pages.web import signing
from wording import Language, known_language, pick_language, say

IDENTITY = (("issuer", "iss"), ("subject", "sub"))  # what an account is known by, and its claim in the token


@dataclass(frozen=True, slots=True)
class Visit:
    """One run of one page for one person."""

    actor: Actor
    language: Language
    today: dt.date

    @property
    def signed_in(self) -> bool:
        """Whether the register knows who is asking."""
        return self.actor.person_id is not None


def visit() -> Visit:
    """Look up who is asking: nothing is trusted from widgets, session state or an earlier run."""
    store = the_store()
    person_id = _person_id(store.now())
    with store.read() as cursor:
        actor = actor_for(cursor, person_id, store.today())
    own = actor.language if actor.person_id else None
    language = pick_language(asked=_asked_language(), person=own, accept=_header("Accept-Language"))
    return Visit(actor, language, store.today())


def keep_language(now: Visit) -> None:
    """Keep a language asked for in the address of each further screen; one chosen by the switch, for the person too.

    A link that somebody sent changes what it shows, and nothing in the register.
    """
    asked = _asked_language()
    if asked is None:
        return
    if st.query_params.get("lang") != asked:
        st.query_params["lang"] = asked
    chosen = CHOSEN in st.query_params
    if chosen:
        del st.query_params[CHOSEN]
    if chosen and now.actor.language != asked and allowed_somewhere(now.actor, Permission.VIEW):
        choose_language(the_store(), now.actor, asked)


def _asked_language() -> Language | None:
    """Return the language asked for in this session: by the address, else by an earlier one of this session."""
    asked = known_language(st.query_params.get("lang"))
    if asked is not None:
        st.session_state["language"] = asked
    return st.session_state.get("language")


def require(permission: Permission, *, site_id: str | None = None, somewhere: bool = False) -> Visit:
    """Return the visit when the person holds the right; else the page ends with a sentence.

    somewhere: it is enough to hold the right at one site; each act then checks its own.
    """
    now = visit()
    if not now.signed_in:
        ask_to_sign_in(now)
    held = (
        allowed_somewhere(now.actor, permission)
        if somewhere or site_id is None
        else allowed(now.actor, permission, site_id=site_id)
    )
    if not held:
        with frame.page():
            frame.page_head(
                now,
                eyebrow=say("shared.app.name", now.language),
                title=say("shared.error.forbidden_page", now.language),
            )
        st.stop()
    return now


def ask_to_sign_in(now: Visit) -> NoReturn:
    """Show the way to sign in and nothing else."""
    with frame.page():
        frame.page_head(
            now, eyebrow=say("shared.app.name", now.language), title=say("shared.sign_in.title", now.language)
        )
        if settings().oidc_client_id and st.user.is_logged_in:
            st.error(say("shared.sign_in.unknown", now.language))
            _own_identity(now)
            st.button(say("shared.button.sign_out", now.language), key="sign-out", on_click=st.logout)
        elif settings().oidc_client_id:
            st.button(say("shared.button.sign_in", now.language), key="sign-in", type="primary", on_click=st.login)
        else:
            frame.html(
                f'<p class="es"><a class="es-button" href="/sign-in?lang={now.language}" target="_self">'
                f"{say('shared.button.sign_in', now.language)}</a></p>"
            )
    st.stop()


def _own_identity(now: Visit) -> None:
    """Show the account that is signed in its own issuer and subject, for the administrator to write down."""
    lines = [(say(f"admin.people.{name}", now.language), str(st.user.get(claim) or "")) for name, claim in IDENTITY]
    frame.section(say("admin.people.hand_over", now.language), ruled=False, level=3)
    frame.notes([frame.Note(what=f"{name} · ", rest=text) for name, text in lines])


def _person_id(now: dt.datetime) -> str | None:
    """Return the person of this request: by issuer and subject, else as picked on this machine."""
    chosen = settings()
    if chosen.oidc_client_id:
        return _signed_in_person(now)
    if chosen.person:
        return chosen.person
    found = signing.read(st.context.cookies.get(signing.COOKIE), now)
    if found is None:
        return None
    person_id, moment = found
    with the_store().read() as cursor:
        person = records.one(cursor, Person, person_id)
    return person_id if person and _still_valid(person, moment) else None


def _signed_in_person(now: dt.datetime) -> str | None:
    if not st.user.is_logged_in:
        return None
    with the_store().read() as cursor:
        person = person_by_identity(cursor, str(st.user["iss"]), str(st.user["sub"]))
    issued = st.user.get("iat")
    moment = dt.datetime.fromtimestamp(float(issued), tz=dt.UTC) if issued else None
    if person is None or moment is None or now - moment > signing.LIFETIME or not _still_valid(person, moment):
        return None
    return person.id


def _still_valid(person: Person, moment: dt.datetime) -> bool:
    return person.session_valid_after is None or moment > person.session_valid_after.replace(tzinfo=dt.UTC)


def _header(name: str) -> str | None:
    return st.context.headers.get(name)


def who_line(now: Visit) -> None:
    """Say at the page's end who is signed in, with the way to sign out or to be somebody else."""
    if not now.signed_in:
        return
    with frame.page():
        name = escape(say("shared.sign_in.as", now.language, name=now.actor.name))
        if settings().oidc_client_id:
            frame.html(f'<p class="es es-small">{name}</p>')
            st.button(say("shared.button.sign_out", now.language), key="sign-out", on_click=st.logout, type="tertiary")
        else:
            words = escape(say("shared.button.sign_out", now.language))
            link = f'<a href="/sign-in?lang={now.language}" target="_self">{words}</a>'
            frame.html(f'<p class="es es-small">{name} · {link}</p>')
