"""Taking a whole load back: first what it would do, then why, then the act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.access import Permission, sites_allowed
from data.lineage import UndoPreview, undo_preview
from data.metrics import metrics
from data.observations import undo_load
from data.sites import sites
from data.store import the_store
from pages.keepers import words
from pages.shared import frame
from pages.shared.moments import when
from pages.shared.tables import Cell, Column, Line, html_table
from wording import difference, period, say, value

if TYPE_CHECKING:
    from data.batches import PastLoad
    from data.types import Batch, Metric
    from pages.shared.session import Visit
    from wording import Language

SAID = "upload-undone"
ASKED = "upload-undo-asked"
LISTED = 6


@st.cache_resource(max_entries=16, show_spinner=False)
def foreseen(version: str, batch_id: str) -> UndoPreview:  # noqa: ARG001
    """Say what undoing a load would do, once per state of the record."""
    with the_store().read() as cursor:
        return undo_preview(cursor, batch_id)


def offer_undo(visit: Visit, version: str, loads: list[PastLoad]) -> None:
    """Let the keeper choose a load that stands, and ask before it is undone."""
    standing = {load.batch.id: load for load in loads if load.undo is None}
    if not standing:
        return
    language = visit.language
    names = {key: load_name(load, language) for key, load in standing.items()}
    with st.container(horizontal=not frame.on_phone(), vertical_alignment="bottom"):
        chosen = st.selectbox(say("keepers.undo.which", language), list(names), format_func=names.get,
                              key="upload-undo-which")  # fmt: skip
        pressed = st.button(say("keepers.undo.button", language), key="upload-undo", icon=":material/undo:")
    if pressed:
        st.session_state[ASKED] = chosen
    if (asked := st.session_state.get(ASKED)) in standing:
        st.dialog(say("keepers.undo.title", language), width="medium", on_dismiss=_forget)(confirm_undo)(
            visit, version, standing[asked]
        )


def load_name(load: PastLoad, language: Language) -> str:
    """Name a load in a list."""
    return f"{load.batch.file_name} · {when(load.loaded_at, language)}"


def _forget() -> None:
    st.session_state.pop(ASKED, None)


def confirm_undo(visit: Visit, version: str, load: PastLoad) -> None:
    """Say what undoing does, ask why, and do it."""
    language, batch = visit.language, load.batch
    told = foreseen(version, batch.id)
    show_preview(told, load, language)
    forbidden = set(told.site_ids) - set(sites_allowed(visit.actor, Permission.UNDO_UPLOAD, told.site_ids))
    if forbidden:
        frame.notes([frame.Note(rest=say("quality.undo.forbidden", language, n=len(forbidden)), icon="octagon")])
        return
    reason = st.text_input(say("keepers.undo.reason", language), max_chars=500, key="upload-undo-reason")
    problem = st.container()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(say("quality.undo.keep", language), key="upload-undo-cancel"):
            _forget()
            st.rerun()
        sure = st.button(say("keepers.undo.confirm", language), key="upload-undo-confirm", type="primary")
    if sure and not reason.strip():
        problem.error(say("keepers.problem.reason_undo", language))
    elif sure:
        with problem:
            _undo(visit, batch, reason.strip())


def show_preview(told: UndoPreview, load: PastLoad, language: Language) -> None:
    """Say what would vanish and come back, which decisions stand on these values, and which later loads stay."""
    notes = [
        frame.Note(
            rest=say("quality.undo.what", language, file=load.batch.file_name, date=when(load.loaded_at, language))
        ),
        frame.Note(
            rest=say("quality.undo.vanish", language, n=told.n_vanish), icon="cross" if told.n_vanish else "info"
        ),
        frame.Note(rest=say("quality.undo.come_back", language, n=told.n_come_back), icon="info"),
    ]
    if told.later:
        files = say("shared.list_separator", language).join(dict.fromkeys(one.file_name for one in told.later))
        notes.append(frame.Note(rest=say("quality.undo.later", language, n=told.n_overtaken, files=files), icon="info"))
    if told.decisions:
        labels = say("shared.list_separator", language).join(one.label for one in told.decisions)
        notes.append(frame.Note(rest=say("quality.undo.decisions", language, n=len(told.decisions), labels=labels),
                                icon="warning"))  # fmt: skip
    frame.notes(notes)
    if told.come_back:
        frame.html(come_back_table(told, language))
        if told.n_come_back > LISTED:
            frame.small(say("loaders.summary.more_faults", language, n=told.n_come_back - LISTED))


def come_back_table(told: UndoPreview, language: Language) -> str:
    """Write the first values that an undo brings back: now, before, difference."""
    with the_store().read() as cursor:
        names = {site.id: site.name for site in sites(cursor)}
        known: dict[str, Metric] = {metric.id: metric for metric in metrics(cursor)}
    heads = [
        say("shared.label.site", language), say("shared.label.period", language),
        Column(say("quality.undo.now", language), numeric=True),
        Column(say("quality.undo.before", language), numeric=True),
        Column(say("quality.undo.difference", language), numeric=True),
    ]  # fmt: skip
    lines = [
        Line(
            Cell(names.get(one.site_id, one.site_id), below=(_metric(known, one.metric_id, language), one.segment)),
            [
                period(one.period_start, one.grain, language), value(one.now, known.get(one.metric_id), language),
                value(one.before, known.get(one.metric_id), language),
                difference(one.before - one.now, known.get(one.metric_id), language),
            ],
        )
        for one in told.come_back[:LISTED]
    ]  # fmt: skip
    return html_table(heads, lines, caption=say("quality.undo.caption", language))


def _metric(known: dict[str, Metric], metric_id: str, language: Language) -> str:
    metric = known.get(metric_id)
    return metric.name(language) if metric else metric_id


def _undo(visit: Visit, batch: Batch, reason: str) -> None:
    try:
        undo_load(the_store(), visit.actor, batch.id, reason)
    except words.TROUBLES as error:
        st.error(words.trouble(error, visit.language))
        return
    st.session_state[SAID] = say("keepers.undo.done", visit.language, file=batch.file_name)
    _forget()
    st.rerun()
