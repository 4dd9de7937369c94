"""The third step: what would enter, what would not and why, what would change, and the one act that loads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.store import the_store
from data.types import Severity
from loaders import ingest
from pages.keepers import check_words, history, loading, words
from pages.keepers.ahead import show_ahead, show_signals
from pages.keepers.desk import UNDERSTOOD, Desk
from pages.keepers.editor import keep_rows
from pages.keepers.faults import show_faults
from pages.keepers.mending import first_at_fault, mend_one, offer_marked, show_mending
from pages.keepers.reading import Held
from pages.keepers.strangers import ask_who_they_are
from pages.keepers.table import Which, has_rows_to_look_at, side_by_side
from pages.shared import frame
from pages.shared.icons import SEVERITY_ICONS
from pages.shared.tables import Cell, Line, html_table
from wording import Language, say

if TYPE_CHECKING:
    from pages.shared.session import Visit


def show_check(visit: Visit, desk: Desk, held: Held) -> None:
    """Show the check, the act first."""
    language = visit.language
    if held.understanding.loaded_before is not None:
        show_unchanged(visit, desk, held)
        return
    offer_load(visit, desk, held)
    if held.asks_to_register:
        ask_who_they_are(desk, held, language)
    show_restated(held, language)
    if held.understanding.interpretation.faults:
        left, right = st.columns([2.35, 1], gap="large")
        with left:
            show_sheet(desk, held, language, at_fault=True)
            show_mending(desk, held, language)
        with right:
            show_faults(desk, held, language)
    else:
        show_faults(desk, held, language)
        show_sheet(desk, held, language, at_fault=True)
        show_mending(desk, held, language)
    if not held.asks_to_register:
        ask_who_they_are(desk, held, language)
    show_signals(held, language)
    show_ahead(held, language)
    show_left_out(desk, held, language)


def offer_load(visit: Visit, desk: Desk, held: Held) -> None:
    """Name the next step, ask for what it needs, and load when its button is pressed."""
    language = visit.language
    frame.next_step(visit, check_words.check_step(held, language))
    if desk.called_off:
        frame.notes([frame.Note(say("keepers_mend.called_off", language), icon="done")])
    if desk.problem:
        frame.error_state(desk.problem, safe=say("shared.error.nothing_stored", language),
                          act=say("keepers.problem.act", language))  # fmt: skip
    register = ask_to_register(held, language)
    reason = ""
    if held.restated:
        reason = st.text_input(say("keepers.restated.reason", language, n=held.restated), max_chars=500,
                               key="upload-reason", placeholder=say("keepers.restated.reason_help", language))  # fmt: skip
    with st.container(horizontal=True):
        pressed = _acts(visit, desk, held, register=register)
    if pressed:
        loading.begin(visit, desk, held, register=register, reason=reason)
    mend_in_turn(desk, held, language)


def _acts(visit: Visit, desk: Desk, held: Held, *, register: bool) -> bool:
    """Show the acts, one of them the next: to mend the first cell at fault, else to load."""
    language = visit.language
    first = first_at_fault(held)
    loads = not held.understanding.not_theirs and (held.may_register or not held.registers) and held.loads
    if first is not None and not desk.in_turn:
        st.button(say("keepers_mend.button.mend", language, place=first), key="upload-mend-first", type="primary",
                  icon=":material/edit:", on_click=desk.look_at, args=(first,), kwargs={"in_turn": True})  # fmt: skip
    pressed = False
    if loads:
        pressed = st.button(check_words.load_label(held, language), key="upload-load",
                            type="secondary" if first else "primary", disabled=held.asks_to_register and not register,
                            icon=":material/playlist_add_check:")  # fmt: skip
    if held.understanding.interpretation.errors:
        offer_marked(visit, desk, held)
    st.button(say("keepers.button.change", language), key="upload-change", on_click=desk.go, args=(UNDERSTOOD,),
              type="tertiary" if loads or first else "primary")  # fmt: skip
    st.button(say("keepers.button.other_file", language), key="upload-other", on_click=desk.clear, type="tertiary")
    return pressed


def mend_in_turn(desk: Desk, held: Held, language: Language) -> None:
    """Once the first cell at fault was asked for, ask for its text here, then for that of the next one."""
    place = first_at_fault(held)
    if not desk.in_turn or place is None:
        return
    desk.look_at(place, in_turn=True)
    for line in check_words.faults_at(held, place, language):
        frame.notes([frame.Note(line.where, small=line.words, icon=SEVERITY_ICONS[Severity.ERROR])])
    mend_one(desk, held, place, language)


def ask_to_register(held: Held, language: Language) -> bool:
    """Offer to register the sites that nobody knows, to those who may."""
    if not held.asks_to_register or not held.may_register:
        return False
    return st.checkbox(say("keepers.register.tick", language, n=held.understanding.unknown_sites),
                       key="upload-register")  # fmt: skip


# --- parts --------------------------------------------------------------------------------------------------------


def show_sheet(desk: Desk, held: Held, language: Language, *, at_fault: bool) -> None:
    """Show the sheet and our reading of it; the keeper chooses which rows, or a fault chooses them."""
    frame.section(say("keepers.table.title", language), ruled=False)
    kinds: list[Which] = ["first", "top", "last"]
    if has_rows_to_look_at(held.understanding.interpretation):
        kinds.insert(0, "look")
    if desk.cell is not None:
        kinds.insert(0, "cell")
    names = {kind: say(f"keepers.table.rows.{kind}", language) for kind in kinds if kind != "cell"}
    names["cell"] = say("keepers_mend.rows.cell", language, place=desk.cell or "")
    key = f"upload-rows-{'check' if at_fault else 'understood'}-{desk.cell}"
    if st.session_state.get(key) not in kinds:
        st.session_state[key] = kinds[0] if at_fault or desk.cell else "first"
    which = st.segmented_control(say("keepers.table.rows", language), kinds, format_func=names.get, key=key,
                                 required=True, label_visibility="collapsed")  # fmt: skip
    narrow = at_fault and bool(held.understanding.interpretation.faults)
    frame.html(side_by_side(held, which or "first", language, narrow=narrow, cell=desk.cell))
    frame.small(say("keepers_mend.rows.slide" if frame.on_phone() else "keepers.table.below", language))


def show_restated(held: Held, language: Language) -> None:
    """Show the values on record that would change: old, new, difference."""
    if not held.restated:
        return
    frame.section(say("keepers.restated.title", language, n=held.restated))
    frame.html(check_words.restatement_table(held, language))
    if held.restated > check_words.LISTED:
        frame.small(say("loaders.summary.more_faults", language, n=held.restated - check_words.LISTED))


def show_left_out(desk: Desk, held: Held, language: Language) -> None:
    """Say which rows and cells stay outside, and why; totals that are sites can be taken back."""
    found = held.understanding.interpretation
    frame.section(say("keepers.left_out.title", language), words.cells_line(found, language))
    frame.notes(words.excluded_notes(found, language))
    totals = [row for row in found.excluded if row.reason not in ("heading",)]
    if totals:
        with st.expander(say("keepers.left_out.list", language, n=len(totals))):
            lines = [Line(Cell(str(row.row)), [Cell(row.text), Cell(say(f"keepers.remark.{row.reason}", language))])
                     for row in totals[:200]]  # fmt: skip
            heads = [say("shared.label.row", language), say("keepers.left_out.text", language),
                     say("keepers.left_out.why", language)]  # fmt: skip
            frame.html(html_table(heads, lines, caption=say("keepers.left_out.title", language)))
            keep_rows(desk, held.understanding, language)


def show_unchanged(visit: Visit, desk: Desk, held: Held) -> None:
    """Say that the record holds this file already, and since when."""
    language, batch = visit.language, held.understanding.loaded_before
    if batch is None:
        return
    frame.next_step(visit, say("keepers.next.unchanged", language))
    with st.container(horizontal=True):
        st.button(say("keepers.button.other_file", language), key="upload-other", type="primary", on_click=desk.clear)
        st.button(say("keepers.button.change", language), key="upload-change", on_click=desk.go, args=(UNDERSTOOD,))
    day = ingest.day_loaded(batch, the_store())
    frame.notes(words.unchanged_lines(held, history.loaded_by(batch), day, language))
