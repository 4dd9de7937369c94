"""Sites that nobody knows: new ones, or sites on record under another name, which is then remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from loaders.keys import nearest
from pages.keepers import words
from pages.shared import frame
from pages.shared.tables import Cell, Line, html_table
from wording import say

if TYPE_CHECKING:
    from loaders.findings import SiteSeen
    from pages.keepers.desk import Desk
    from pages.keepers.reading import Held
    from wording import Language

ASKED = 6
LISTED = 30
NEW = ""


def ask_who_they_are(desk: Desk, held: Held, language: Language) -> None:
    """Ask of each site that nobody knows whether it is one on record; name those that are new with a new source."""
    unknown = [site for site in held.understanding.interpretation.sites if site.site_id is None]
    if not unknown and not desk.choices.sites:
        return
    if held.understanding.is_new_source:
        frame.section(say("keepers.register.title", language, n=len(unknown)),
                      say("keepers.register.new_source", language))  # fmt: skip
        _list(unknown, held, language)
        return
    if unknown:
        frame.section(say("keepers.register.title", language, n=len(unknown)), say("keepers.register.ask", language))
    else:
        frame.section(say("keepers_mend.sites.settled", language))
    places = st.columns(1 if len(unknown) == 1 else 2, gap="large")
    for at, site in enumerate(unknown[:ASKED]):
        with places[at % len(places)]:
            _ask(desk, held, site, language)
    if len(unknown) > ASKED:
        _list(unknown, held, language)
    _show_chosen(desk, held, language)


def _ask(desk: Desk, held: Held, site: SiteSeen, language: Language) -> None:
    near = nearest(site.name, list(held.site_names.values()))
    by_name = sorted(held.site_names.items(), key=lambda one: (one[1] not in near, one[1]))
    options = {NEW: say("keepers_mend.sites.new", language), **dict(by_name)}
    key = f"upload-site-{site.row}"
    st.session_state[key] = NEW

    def answer() -> None:
        if chosen := st.session_state[key]:
            desk.settle(sites={**desk.choices.sites, site.code or site.name: chosen})

    asked = say("keepers_mend.sites.who", language, name=site.name, row=site.row)
    hint = (
        say("keepers_mend.sites.near", language, names=say("shared.list_separator", language).join(near))
        if near
        else None
    )
    st.selectbox(words.label(asked), list(options), format_func=options.get, key=key, on_change=answer, disabled=not held.may_register, width=460)  # fmt: skip
    if hint:
        frame.small(hint)


def _show_chosen(desk: Desk, held: Held, language: Language) -> None:
    for name, site_id in desk.choices.sites.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            known = held.site_names.get(site_id, site_id)
            frame.notes([frame.Note(say("keepers_mend.sites.is", language, name=name, site=known), icon="done")])
            others = {one: chosen for one, chosen in desk.choices.sites.items() if one != name}
            st.button(say("keepers_mend.sites.drop", language), key=f"upload-site-drop-{site_id}-{len(name)}",
                      type="tertiary", icon=":material/undo:", on_click=lambda kept=others: desk.settle(sites=kept))  # fmt: skip


def _list(unknown: list[SiteSeen], held: Held, language: Language) -> None:
    known = list(held.site_names.values())
    heads = [say("shared.label.site", language), say("keepers.register.code", language),
             say("shared.label.row", language), say("keepers.register.near", language)]  # fmt: skip
    none, separator = say("shared.label.none", language), say("shared.list_separator", language)
    lines = [
        Line(Cell(site.name), [Cell(site.code or ""), Cell(str(site.row)),
                               Cell(separator.join(nearest(site.name, known)) or none)])
        for site in unknown[:LISTED]
    ]  # fmt: skip
    with st.expander(say("keepers.register.list", language, n=len(unknown)), expanded=len(unknown) <= ASKED):
        frame.html(html_table(heads, lines, caption=say("keepers.register.title", language, n=len(unknown))))
        if len(unknown) > LISTED:
            frame.small(say("loaders.summary.more_faults", language, n=len(unknown) - LISTED))
