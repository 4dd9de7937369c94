"""The loads so far: who brought which file when, what came of it, its summary for an e-mail, and the way to undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.access import Permission, allowed_somewhere
from data.batches import PastLoad, batches
from data.batches import past_loads as read_past_loads
from data.people import person_names
from data.store import the_store
from loaders.letter import Letter, load_letter
from pages.keepers.undo import SAID, load_name, offer_undo
from pages.shared import frame
from pages.shared.exports import own_name
from pages.shared.moments import when
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, number, say

if TYPE_CHECKING:
    from data.types import Batch
    from pages.shared.session import Visit

SHOWN, SHOWN_ON_PHONE = 12, 5
EVERY = 10_000


@st.cache_resource(max_entries=4, show_spinner=False)
def past_loads(version: str, most: int) -> tuple[list[PastLoad], int]:  # noqa: ARG001
    """Read the newest loads, newest first, and how many there are in all."""
    with the_store().read() as cursor:
        return read_past_loads(cursor, most=most), len(batches(cursor))


@st.cache_resource(max_entries=16, show_spinner=False)
def letter_of(version: str, batch_id: str, language: Language) -> Letter | None:  # noqa: ARG001
    """Sum a load up for an e-mail, once per state of the record."""
    return load_letter(the_store(), batch_id, language)


def loaded_by(batch: Batch) -> str:
    """Name the person of a load."""
    with the_store().read() as cursor:
        return person_names(cursor).get(batch.person_id, "")


def show_history(visit: Visit, version: str) -> None:
    """Show the newest loads, the summary of one, and offer to undo one."""
    language = visit.language
    every = bool(st.session_state.get("upload-history-all"))
    few = SHOWN_ON_PHONE if frame.on_phone() else SHOWN
    loads, total = past_loads(version, EVERY if every else few)
    frame.section(say("keepers.history.title", language))
    if said := st.session_state.pop(SAID, ""):
        frame.notes([frame.Note(said, icon="done")])
    if not loads:
        frame.small(say("keepers.history.none", language))
        return
    frame.html(history_table(loads, language))
    if total > few:
        st.checkbox(say("keepers.history.all", language, n=total), key="upload-history-all")
    if allowed_somewhere(visit.actor, Permission.UNDO_UPLOAD):
        offer_undo(visit, version, loads)
    offer_letter(visit, version, loads)


def history_table(loads: list[PastLoad], language: Language) -> str:
    """Write the loads as a table."""
    heads = [
        say("keepers.history.when", language), say("keepers.history.who", language), say("shared.label.file", language),
        Column(say("keepers.history.new", language), numeric=True),
        Column(say("keepers.history.same", language), numeric=True),
        Column(say("keepers.history.restated", language), numeric=True),
        Column(say("quality.history.rejected", language), numeric=True),
        say("shared.label.state", language),
    ]  # fmt: skip
    lines = [Line(Cell(when(load.loaded_at, language)), _cells(load, language)) for load in loads]
    return html_table(heads, lines, caption=say("keepers.history.title", language))


def _cells(load: PastLoad, language: Language) -> list[Cell]:
    batch = load.batch
    counts = [batch.n_new, batch.n_same, batch.n_restated, batch.n_rejected]
    source = say("quality.history.source", language, name=load.source) if load.source else ""
    marked = say("quality.letter.marked", language, n=batch.n_marked) if batch.n_marked else ""
    below = [part for part in (batch.sheet, source, batch.reason, marked) if part]
    if load.undo is None or load.undone_at is None:
        state = Cell(say("keepers.history.stands", language))
    else:
        by = say("keepers.history.undone_by", language, person=load.undone_by, date=when(load.undone_at, language))
        state = Cell(say("keepers.history.undone", language), icon="cross", below=(by, load.undo.reason))
    return [
        Cell(load.person), Cell(batch.file_name, below=below), *(Cell(number(n, language), quiet=n == 0) for n in counts),
        state,
    ]  # fmt: skip


def offer_letter(visit: Visit, version: str, loads: list[PastLoad]) -> None:
    """Offer the summary of a load to be mailed; it is made only once the part is opened."""
    language = visit.language
    place = st.expander(say("quality.letter.open", language), key="upload-letter", on_change="rerun")
    if not place.open:
        return
    with place:
        names = {load.batch.id: load_name(load, language) for load in loads}
        chosen = st.selectbox(say("quality.letter.which", language), list(names), format_func=names.get,
                              key="upload-letter-which")  # fmt: skip
        show_letter(visit, version, chosen)


def show_letter(visit: Visit, version: str, batch_id: str) -> None:
    """Show a load's summary, to be copied, or downloaded as a message that a mail program opens."""
    language = visit.language
    letter = letter_of(version, batch_id, language)
    if letter is None:
        return
    st.code(f"{letter.subject}\n\n{letter.text}", language=None, wrap_lines=True)
    st.download_button(
        say("quality.letter.download", language), data=letter.eml, file_name=own_name(letter.subject, "eml"),
        mime="message/rfc822", key="upload-letter-eml", on_click="ignore", type="tertiary", icon=":material/mail:",
    )  # fmt: skip
