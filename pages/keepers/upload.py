"""A site's own spreadsheet, from the file to the record in four steps: file, what we understood, check, done."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from data.access import Permission
from data.store import the_store
from loaders.grid import Refusal
from loaders.memory import difference_sentence
from loaders.summary import refused_sentence
from pages.keepers import check_words, editor, loading, place, reading, words
from pages.keepers.check import show_check, show_left_out, show_sheet
from pages.keepers.desk import CHECK, DONE, FILE, Desk, Done
from pages.keepers.history import show_history
from pages.keepers.questions import ask
from pages.keepers.reading import Held
from pages.keepers.table import raw_rows
from pages.keepers.templates import offer_template
from pages.keepers.watching import show_work
from pages.shared import frame
from pages.shared.exports import offer_file
from pages.shared.frame import Act
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import Language, say

if TYPE_CHECKING:
    from loaders.ingest import Understanding


def render() -> None:
    """Show the step at which this keeper's file is."""
    visit = require(Permission.UPLOAD, somewhere=True)
    desk = reading.desk(visit)
    reading.keep_in_address(desk, visit)
    with frame.page():
        if desk.done is not None:
            show_done(visit, desk)
        elif desk.given is None:
            ask_for_file(visit, desk)
        else:
            show_file(visit, desk)


def ask_for_file(visit: Visit, desk: Desk) -> None:
    """Ask for a file, saying what may come and how large it may be; then the loads so far."""
    language = visit.language
    frame.page_head(visit, eyebrow=words.eyebrow(desk, None, language), title=say("keepers.title.file", language),
                    lead=say("keepers.lead.file", language))  # fmt: skip
    frame.steps(words.step_names(language), FILE)
    frame.next_step(visit, say("keepers.next.file", language))
    if desk.called_off:
        frame.notes([frame.Note(say("keepers_mend.called_off", language), icon="done")])
    came = st.file_uploader(say("keepers.file.label", language), key=f"upload-file-{desk.round}")
    frame.small(f"{say('keepers.file.choose', language)} · {words.upload_limit(language)}")
    frame.small(say("keepers.file.note", language))
    if came is not None:
        desk.take(came.name, came.getvalue())
        st.rerun()
    offer_template(visit)
    show_history(visit, the_store().data_version())


def show_file(visit: Visit, desk: Desk) -> None:
    """Show what the file in hand was understood to hold, or why it was not."""
    language = visit.language
    try:
        held = reading.understood(desk, visit)
    except Refusal as refusal:
        show_refused(visit, desk, refusal)
        return
    if held is not None and desk.loading is not None and desk.loading.finished:
        loading.end(visit, desk, held)
    if held is None or desk.loading is not None:
        show_work(visit, desk)
        return
    step = reading.step_of(desk, held)
    title = check_words.check_title(held, language) if step == CHECK else words.understood_title(held, language)
    frame.page_head(visit, eyebrow=words.eyebrow(desk, held, language), title=title)
    frame.steps(words.step_names(language), step)
    if step == CHECK:
        show_check(visit, desk, held)
    else:
        show_understood(visit, desk, held)


def show_understood(visit: Visit, desk: Desk, held: Held) -> None:
    """Show the second step: how the file is read, each part of it open to change."""
    language, found = visit.language, held.understanding.interpretation
    if found.questions:
        frame.next_step(visit, say("keepers.next.question", language))
        ask(desk, held.understanding, language)
        st.button(say("keepers.button.other_file", language), key="upload-other", on_click=desk.clear)
    else:
        said = "keepers_mend.next.same" if held.understanding.same_as_last_time else "keepers.next.understood"
        frame.next_step(visit, say(said, language),
                        Act(say("keepers.button.right", language), "upload-right", icon="check", on_click=desk.go,
                            args=(CHECK,)),
                        Act(say("keepers.button.other_file", language), "upload-other", on_click=desk.clear))  # fmt: skip
    show_differences(held.understanding, language)
    show_sheet(desk, held, language, at_fault=False)
    left, right = st.columns([2.35, 1], gap="large")
    with left:
        frame.section(say("keepers.columns.title", language), ruled=False)
        editor.edit_columns(desk, held.understanding, language)
        frame.section(say("keepers.metrics.title", language))
        editor.edit_metrics(desk, held, language)
        editor.add_rate(desk, held.understanding, language)
    with right:
        show_reading(desk, held, visit)
    show_left_out(desk, held, language)


def show_differences(understanding: Understanding, language: Language) -> None:
    """Say what is not as it was when this source was last loaded."""
    if understanding.differences:
        frame.section(say("keepers_mend.differences.title", language), ruled=False, level=3)
        frame.notes(
            [frame.Note(difference_sentence(one, language), icon="warning") for one in understanding.differences]
        )


def show_reading(desk: Desk, held: Held, visit: Visit) -> None:
    """Show how the file as a whole is read."""
    understanding, language = held.understanding, visit.language
    layout = understanding.interpretation.layout
    frame.section(say("keepers.reading.title", language), level=3, ruled=False)
    frame.notes(words.facts(understanding, language))
    headings = layout.header_rows
    header_row = understanding.grid.row_number(headings[-1]) if headings else 0
    place.edit_place(desk, understanding.book, layout.sheet or "", header_row, language)
    place.edit_table(desk, understanding, language)
    place.edit_layout(desk, understanding, language)
    editor.edit_signs(desk, understanding, language)
    if desk.earlier:
        st.button(say("keepers.button.back", language), key="upload-back", on_click=desk.go_back, type="tertiary",
                  icon=":material/undo:")  # fmt: skip


def show_refused(visit: Visit, desk: Desk, refusal: Refusal) -> None:
    """Say why a file cannot be read, that nothing was stored, and let its sheet and headings be chosen."""
    language = visit.language
    frame.page_head(visit, eyebrow=words.eyebrow(desk, None, language), title=say("keepers.title.refused", language))
    frame.steps(words.step_names(language), FILE)
    book = reading.book_of(desk)
    frame.error_state(refused_sentence(refusal, language), safe=say("shared.error.nothing_stored", language),
                      act=say("keepers.problem.mend" if book else "keepers.problem.mend_file", language))  # fmt: skip
    with st.container(horizontal=True):
        st.button(say("keepers.button.other_file", language), key="upload-other", type="primary", on_click=desk.clear)
        if desk.earlier:
            st.button(say("keepers.button.back", language), key="upload-back", on_click=desk.go_back)
    if book is None:
        return
    sheet = desk.choices.sheet or book.data_sheet
    left, right = st.columns([2.35, 1], gap="large")
    with left:
        caption = say("keepers.table.raw", language)
        frame.section(caption, ruled=False)
        frame.html(raw_rows(book.grids.get(sheet, book.grid), caption, language))
    with right:
        frame.section(say("keepers.reading.title", language), level=3, ruled=False)
        place.edit_place(desk, book, sheet, desk.choices.header_row or 1, language)


def show_done(visit: Visit, desk: Desk) -> None:
    """Say what the load came to, and lead to its chart."""
    language = visit.language
    if desk.done is None:
        return
    done = desk.done[language]
    frame.page_head(visit, eyebrow=words.eyebrow(desk, None, language), title=done.title)
    frame.steps(words.step_names(language), DONE)
    pressed = frame.next_step(visit, done.step, Act(say("keepers.button.chart", language), "upload-chart", icon="show_chart"),
                              Act(say("keepers.button.other_file", language), "upload-other", on_click=desk.clear))  # fmt: skip
    if pressed == "upload-chart":
        go("metric", site=done.site_id, metric=done.metric_id)
    left, right = st.columns([1.6, 1], gap="large")
    with left:
        frame.section(say("keepers.done.title", language), ruled=False)
        frame.notes([frame.Note(rest=line) for line in done.lines])
        ask_directions(done, language)
    with right:
        frame.section(
            say("keepers_mend.mail.title", language), say("keepers_mend.mail.lead", language), ruled=False, level=3
        )
        st.code(f"{done.letter.subject}\n\n{done.letter.text}", language=None, wrap_lines=True)
        offer_file(visit, done.letter.eml, name=done.title, ending="eml", mime="message/rfc822",
                   word=say("keepers_mend.mail.button", language))  # fmt: skip
    frame.html(
        "".join(f'<p class="es es-small" style="overflow-wrap:anywhere">{escape(mark)}</p>' for mark in done.marks)
    )
    show_history(visit, the_store().data_version())


def ask_directions(done: Done, language: Language) -> None:
    """Lead to the catalogue for each new metric of which nobody has said which way is better."""
    if not done.undirected:
        return
    frame.section(say("keepers_mend.direction.title", language, n=len(done.undirected)),
                  say("keepers_mend.direction.lead", language))  # fmt: skip
    for metric_id, name in done.undirected[:6]:
        if st.button(words.label(say("keepers_mend.direction.button", language, metric=name)), type="tertiary",
                     key=f"upload-direction-{metric_id}", icon=":material/swap_vert:"):  # fmt: skip
            go("catalogue", metric=metric_id)
