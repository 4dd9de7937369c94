"""The tokens with which programs load in a keeper's name: made here, shown once, revoked here."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import streamlit as st

from data.access import Forbidden, Permission, Refused, sites_allowed
from data.settings import settings
from data.sites import sites
from data.store import the_store
from data.tokens import LONGEST_DAYS, LONGEST_NAME, issue_token, tokens
from pages.shared import frame
from pages.shared.moments import DATE_FORM
from pages.shared.refusals import refused_words
from pages.shared.session import Visit, require
from pages.shared.token_list import revoke_form, say_what_was_done, state_of, token_table
from wording import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.tokens import KnownToken

ISSUED = "token-issued"
USUAL_DAYS = 90


def render() -> None:
    """Show a keeper's tokens; make one, end one."""
    visit = require(Permission.UPLOAD, somewhere=True)
    language = visit.language
    with the_store().read() as cursor:
        known = tokens(cursor, visit.actor.person_id)
        names = {site.id: site.name for site in sites(cursor)}
    with frame.page():
        frame.page_head(
            visit, eyebrow=say("api.tokens.title", language), title=finding(visit, known),
            lead=say("api.tokens.lead", language),
        )  # fmt: skip
        say_what_was_done()
        if ISSUED not in st.session_state:
            frame.next_step(visit, say("api.tokens.next.keep" if known else "api.tokens.next.make", language))
        show_issued(visit)
        if known:
            frame.html(token_table(visit, known, names, caption=say("api.tokens.mine", language), with_person=False))
        own = sites_allowed(visit.actor, Permission.UPLOAD, names)
        make_form(visit, {site: name for site, name in names.items() if site in own}, first=not known)
        revoke_form(visit, known)


def finding(visit: Visit, known: Sequence[KnownToken]) -> str:
    """Say how many programs can load in this keeper's name."""
    holding = sum(state_of(one, visit.today) == "holds" for one in known)
    return (
        say("api.tokens.finding", visit.language, n=holding)
        if holding
        else say("api.tokens.finding.none", visit.language)
    )


def show_issued(visit: Visit) -> None:
    """Show a token that was just made, until its keeper has copied it."""
    language = visit.language
    text = st.session_state.get(ISSUED)
    if text is None:
        return
    st.warning(say("api.tokens.once", language))
    st.code(text, language=None)
    frame.small(say("api.tokens.how", language))
    address = (settings().public_address or f"http://127.0.0.1:{settings().port}").rstrip("/")
    command = f'curl -H "Authorization: Bearer $ESSAIM_TOKEN" -F file=@export.xlsx {address}/api/uploads'
    st.code(command, language="bash", wrap_lines=True)
    st.button(say("api.tokens.hide", language), key="token-hide", on_click=lambda: st.session_state.pop(ISSUED, None))


def make_form(visit: Visit, own: dict[str, str], *, first: bool) -> None:
    """Make a token: what it is for, until when, for which sites. first: there is none yet, so the form stands open."""
    language, today = visit.language, visit.today
    with st.expander(say("api.tokens.make", language), expanded=first).form(
        "token-make", border=False, clear_on_submit=False
    ):
        name = st.text_input(
            say("api.tokens.name", language), key="token-name", max_chars=LONGEST_NAME,
            placeholder=say("api.tokens.example", language),
        )  # fmt: skip
        expires = st.date_input(
            say("api.tokens.expires", language), today + dt.timedelta(days=USUAL_DAYS), min_value=today,
            max_value=today + dt.timedelta(days=LONGEST_DAYS), key="token-expires", format=DATE_FORM,
        )  # fmt: skip
        chosen = st.multiselect(
            say("api.tokens.only_sites", language), list(own), format_func=lambda site: own[site], key="token-sites",
            placeholder=say("api.tokens.all_sites", language),
        )  # fmt: skip
        if not st.form_submit_button(say("api.tokens.make_button", language), type="primary" if first else "secondary"):
            return
    try:
        issued = issue_token(the_store(), visit.actor, name=name, expires_on=expires, site_ids=chosen)
    except (Refused, Forbidden) as refusal:
        st.error(refused_words(refusal, language))
        return
    st.session_state[ISSUED] = issued.text
    st.rerun()
