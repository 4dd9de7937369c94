"""Which sources load themselves, how each one goes, and what a person has to do about it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.access import Permission, allowed_somewhere
from data.sources import ask_for_run, pause_source, remove_source
from data.store import the_store
from data.types import RunOutcome
from loaders.sources.fetching import as_csv, fetched
from loaders.sources.job import Trouble
from loaders.sources.words import trouble_words
from pages.keepers import reading
from pages.keepers import sources_words as words
from pages.keepers.sources_form import SAVED, open_source
from pages.keepers.sources_view import SourcesView, sources_view, taken_from
from pages.shared import frame
from pages.shared.choices import choose
from pages.shared.links import go
from pages.shared.saving import save
from pages.shared.session import require
from wording import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.source_runs import SourceStanding
    from pages.shared.session import Visit

LOOK_SECONDS = 5


def render() -> None:
    """Show the finding and the one next step, every source with its state, then one of them with its acts."""
    visit = require(Permission.MANAGE_SOURCES, somewhere=True)
    view = sources_view(visit)
    language = visit.language
    with frame.page():
        frame.page_head(visit, eyebrow=say("sources.eyebrow", language), title=words.title(view, language),
                        lead=say("sources.lead", language))  # fmt: skip
        if saved := st.session_state.pop(SAVED, None):
            st.success(saved)
        pressed = frame.next_step(visit, *words.next_step(view, visit))
        if view.standings:
            frame.section(say("sources.list.title", language))
            st.fragment(_list, run_every=LOOK_SECONDS)(visit)
            show_one(visit, view)
        if pressed == words.LINK:
            open_source(visit, view, None)
        elif pressed == words.MEND:
            mend(visit, view, view.troubled[0])


def _list(visit: Visit) -> None:
    """Show every source; looked at again every few seconds, so that a run is seen to end."""
    frame.html(words.table(sources_view(visit), visit.language))


def show_one(visit: Visit, view: SourcesView) -> None:
    """Show one source: what may be done with it, and its last runs."""
    language = visit.language
    frame.section(say("sources.one.title", language))
    names = {one.source.id: one.source.name for one in view.standings}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choose(say("sources.one.which", language), names, name="source")
        one = next(one for one in view.standings if one.source.id == chosen)
        run = st.button(say("sources.button.run", language), key="sources-run", icon=":material/play_arrow:")
        label = "sources.button.resume" if one.source.paused else "sources.button.pause"
        pause = st.button(say(label, language), key="sources-pause", icon=":material/pause:")
        edit = allowed_somewhere(visit.actor, Permission.UPLOAD) and st.button(
            say("shared.button.edit", language), key="sources-edit", icon=":material/edit:"
        )
        remove = st.button(say("shared.button.remove", language), key="sources-remove", type="tertiary")
    frame.notes(words.facts(one, view, visit))
    if one.last is not None and one.last.outcome is RunOutcome.QUESTION:
        answer = st.button(say("sources.button.answer", language), key="sources-answer", icon=":material/edit_note:")
        if answer:
            mend(visit, view, one)
    if view.runs[one.source.id]:
        frame.section(say("sources.runs.title", language), ruled=False, level=3)
        frame.html(words.runs_table(one, view, language))
    if run:
        _do(visit, lambda: ask_for_run(the_store(), visit.actor, one.source.id), "sources.saved.asked", one)
    elif pause:
        said = "sources.saved.resumed" if one.source.paused else "sources.saved.paused"
        _do(
            visit,
            lambda: pause_source(the_store(), visit.actor, one.source.id, paused=not one.source.paused),
            said,
            one,
        )
    elif edit:
        open_source(visit, view, one.source)
    elif remove:
        st.dialog(say("sources.remove.title", language), width="medium")(_remove)(visit, one)


def mend(visit: Visit, view: SourcesView, one: SourceStanding) -> None:
    """Lead to where a source is mended: the upload page with its file in hand, or its own form."""
    if not words.wants_upload(one):
        open_source(visit, view, one.source)
        return
    language = visit.language
    try:
        with (
            st.spinner(say("sources.answer.fetching", language)),
            fetched(one.source, taken_from(one.source)) as delivery,
        ):
            piece = words.piece_of(one, delivery.pieces)
    except Trouble as trouble:
        st.error(trouble_words(trouble.code, trouble.details, language))
        return
    if piece is None:
        st.info(say("sources.answer.gone", language))
        return
    reading.desk(visit).take(piece.name if piece.book is None else f"{piece.name}.csv", as_csv(piece))
    go("upload")


def _remove(visit: Visit, one: SourceStanding) -> None:
    language = visit.language
    frame.notes([frame.Note(rest=say("sources.remove.what", language, name=one.source.name))])
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(say("shared.button.cancel", language), key="sources-remove-cancel"):
            st.rerun()
        sure = st.button(say("sources.remove.confirm", language), key="sources-remove-confirm", type="primary")
    if sure:
        st.query_params.pop("source", None)
        save(visit, lambda: remove_source(the_store(), visit.actor, one.source.id),
             say("sources.saved.removed", language, name=one.source.name), under=SAVED)  # fmt: skip


def _do(visit: Visit, change: Callable[[], object], said: str, one: SourceStanding) -> None:
    save(visit, change, say(said, visit.language, name=one.source.name), under=SAVED)
