"""The loads so far: who brought which file when, and the way to take a whole one back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from data import records
from data.access import Permission, allowed_somewhere
from data.batches import batches, undos
from data.observations import undo_load
from data.people import person_names
from data.store import the_store
from data.types import Batch, BatchUndo
from pages.keepers import words
from pages.shared import frame
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, moment, number, say

if TYPE_CHECKING:
    from pages.shared.session import Visit

SHOWN, SHOWN_ON_PHONE = 12, 5
SAID = "upload-undone"
ASKED = "upload-undo-asked"
EVERY = 10_000


@dataclass(frozen=True, slots=True)
class PastLoad:
    """One load, who made it and when, and who took it back."""

    batch: Batch
    loaded_at: dt.datetime
    person: str
    undo: BatchUndo | None = None
    undone_at: dt.datetime | None = None
    undone_by: str = ""


@st.cache_resource(max_entries=4, show_spinner=False)
def past_loads(version: str, most: int) -> tuple[list[PastLoad], int]:  # noqa: ARG001
    """Read the newest loads, newest first, and how many there are in all."""
    with the_store().read() as cursor:
        every, taken_back, names = batches(cursor), undos(cursor), person_names(cursor)
        newest = list(reversed(every))[:most]
        found = []
        for batch in newest:
            made = records.recorded(cursor, Batch, batch.id)
            undo = taken_back.get(batch.id)
            back = records.recorded(cursor, BatchUndo, undo.id) if undo else None
            found.append(PastLoad(
                batch, made.recorded_at, names.get(batch.person_id, ""), undo, back.recorded_at if back else None,
                names.get(back.recorded_by or "", "") if back else "",
            ))  # fmt: skip
    return found, len(every)


def loaded_by(batch: Batch) -> str:
    """Name the person of a load."""
    with the_store().read() as cursor:
        return person_names(cursor).get(batch.person_id, "")


def show_history(visit: Visit, version: str) -> None:
    """Show the newest loads, and offer to undo one."""
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
        offer_undo(visit, loads)


def history_table(loads: list[PastLoad], language: Language) -> str:
    """Write the loads as a table."""
    heads = [
        say("keepers.history.when", language), say("keepers.history.who", language), say("shared.label.file", language),
        Column(say("keepers.history.new", language), numeric=True),
        Column(say("keepers.history.same", language), numeric=True),
        Column(say("keepers.history.restated", language), numeric=True),
        say("shared.label.state", language),
    ]  # fmt: skip
    lines = [Line(Cell(when(load.loaded_at, language)), _cells(load, language)) for load in loads]
    return html_table(heads, lines, caption=say("keepers.history.title", language))


def _cells(load: PastLoad, language: Language) -> list[Cell]:
    batch = load.batch
    counts = [Cell(number(n, language), quiet=n == 0) for n in (batch.n_new, batch.n_same, batch.n_restated)]
    below = [part for part in (batch.sheet, batch.reason) if part]
    if load.undo is None or load.undone_at is None:
        state = Cell(say("keepers.history.stands", language))
    else:
        by = say("keepers.history.undone_by", language, person=load.undone_by, date=when(load.undone_at, language))
        state = Cell(say("keepers.history.undone", language), icon="cross", below=(by, load.undo.reason))
    return [Cell(load.person), Cell(batch.file_name, below=below), *counts, state]


def offer_undo(visit: Visit, loads: list[PastLoad]) -> None:
    """Let the keeper choose a load that stands, and ask before it is undone."""
    standing = {load.batch.id: load for load in loads if load.undo is None}
    if not standing:
        return
    language = visit.language
    names = {key: f"{load.batch.file_name} · {when(load.loaded_at, language)}" for key, load in standing.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(say("keepers.undo.which", language), list(names), format_func=names.get,
                              key="upload-undo-which")  # fmt: skip
        pressed = st.button(say("keepers.undo.button", language), key="upload-undo", icon=":material/undo:")
    if pressed:
        st.session_state[ASKED] = chosen
    if (asked := st.session_state.get(ASKED)) in standing:
        st.dialog(say("keepers.undo.title", language), width="medium", on_dismiss=_forget)(confirm_undo)(
            visit, standing[asked]
        )


def _forget() -> None:
    st.session_state.pop(ASKED, None)


def confirm_undo(visit: Visit, load: PastLoad) -> None:
    """Say what undoing does, ask why, and do it."""
    language, batch = visit.language, load.batch
    loaded_at = when(load.loaded_at, language)
    n = batch.n_new + batch.n_restated
    what = say("keepers.undo.what", language, file=batch.file_name, date=loaded_at, n=n)
    frame.notes([frame.Note(rest=what)])
    reason = st.text_input(say("keepers.undo.reason", language), max_chars=500, key="upload-undo-reason")
    problem = st.container()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(say("shared.button.cancel", language), key="upload-undo-cancel"):
            _forget()
            st.rerun()
        sure = st.button(say("keepers.undo.confirm", language), key="upload-undo-confirm", type="primary")
    if sure and not reason.strip():
        problem.error(say("keepers.problem.reason_undo", language))
    elif sure:
        with problem:
            _undo(visit, batch, reason.strip())


def _undo(visit: Visit, batch: Batch, reason: str) -> None:
    try:
        undo_load(the_store(), visit.actor, batch.id, reason)
    except words.TROUBLES as error:
        st.error(words.trouble(error, visit.language))
        return
    st.session_state[SAID] = say("keepers.undo.done", visit.language, file=batch.file_name)
    _forget()
    st.rerun()


def when(at: dt.datetime, language: Language) -> str:
    """Write a moment by the clock of the reader's own browser, where it tells its zone."""
    try:
        zone: dt.tzinfo = ZoneInfo(st.context.timezone) if st.context.timezone else dt.UTC
    except (ZoneInfoNotFoundError, ValueError):
        zone = dt.UTC
    return moment(at.astimezone(zone), language)
