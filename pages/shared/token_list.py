"""Tokens as a table, and the form that ends one: the same for a keeper's own and for everybody's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import streamlit as st

from data.access import Forbidden, Refused
from data.store import the_store
from data.tokens import KnownToken, revoke_token
from pages.shared import frame
from pages.shared.refusals import refused_words
from pages.shared.session import Visit
from pages.shared.tables import Cell, Line, html_table
from wording import Language, date_, moment, say

SAID = "token-said"


def say_what_was_done() -> None:
    """Show what the last press did."""
    if said := st.session_state.pop(SAID, None):
        st.success(said)


def token_table(
    visit: Visit, known: Sequence[KnownToken], sites: Mapping[str, str], *, caption: str, with_person: bool
) -> str:
    """Write tokens as a table: what for, whose, where, until when, last used, whether they hold."""
    language = visit.language
    names = ["name", *(["person"] if with_person else []), "sites", "made", "expires", "used", "state"]
    heads = [say(f"api.tokens.{name}", language) for name in names]
    lines = []
    for one in known:
        where = ", ".join(sites.get(site, "?") for site in one.token.site_ids) or say("api.tokens.every_site", language)
        used = moment(one.used_at, language) if one.used_at else say("api.tokens.never", language)
        cells = [where, date_(one.made_at.date(), language), date_(one.token.expires_on, language), used]
        state = say(f"api.tokens.{state_of(one, visit.today)}", language)
        person = [one.person] if with_person else []
        lines.append(Line(Cell(one.token.name, below=[f"essaim_{one.token.handle}…"]), [*person, *cells, state]))
    return html_table(heads, lines, caption=caption)


def state_of(one: KnownToken, today: dt.date) -> str:
    """Name the state of a token: revoked, expired or holds."""
    if one.token.revoked:
        return "revoked"
    return "expired" if one.token.expires_on < today else "holds"


def revoke_form(visit: Visit, known: Sequence[KnownToken]) -> None:
    """Offer to end a token that holds."""
    language = visit.language
    holding = {one.token.id: _shown(one, language) for one in known if state_of(one, visit.today) == "holds"}
    if not holding:
        return
    with st.expander(say("api.tokens.revoke", language)).form("token-revoke", border=False):
        frame.small(say("api.tokens.revoke_note", language))
        chosen = st.selectbox(
            say("api.tokens.which", language), list(holding), format_func=lambda key: holding[key], key="token-which"
        )
        if not st.form_submit_button(say("api.tokens.revoke_button", language)):
            return
    try:
        revoke_token(the_store(), visit.actor, chosen)
    except (Refused, Forbidden) as refusal:
        st.error(refused_words(refusal, language))
        return
    st.session_state[SAID] = say("api.tokens.done_revoked", language)
    st.rerun()


def _shown(one: KnownToken, language: Language) -> str:
    return f"{one.token.name} · {one.person} · {date_(one.token.expires_on, language)}"
