"""The third step: what would enter, what would not and why, what would change, and the one act that loads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.store import the_store
from loaders import ingest
from loaders.keys import nearest
from loaders.summary import loaded_lines
from pages.keepers import history, words
from pages.keepers.editor import keep_rows
from pages.keepers.reading import DONE, UNDERSTOOD, Desk, Done, Held
from pages.keepers.table import Which, has_rows_to_look_at, side_by_side
from pages.shared import frame
from pages.shared.tables import Cell, Line, html_table
from wording import Language, say

if TYPE_CHECKING:
    from loaders.ingest import LoadReport
    from pages.shared.session import Visit

NEAR_NAMES_FOR = 30


def show_check(visit: Visit, desk: Desk, held: Held) -> None:
    """Show the check, the act first."""
    language = visit.language
    if held.understanding.loaded_before is not None:
        show_unchanged(visit, desk, held)
        return
    offer_load(visit, desk, held)
    if held.understanding.interpretation.faults:
        left, right = st.columns([2.35, 1], gap="large")
        with left:
            show_sheet(held, language, at_fault=True)
        with right:
            show_faults(held, language)
    else:
        show_faults(held, language)
        show_sheet(held, language, at_fault=True)
    if held.asks_to_register or (held.registers and held.understanding.unknown_sites):
        show_unknown_sites(held, language)
    if held.restated:
        frame.section(say("keepers.restated.title", language, n=held.restated))
        frame.html(words.restatement_table(held, language))
        if held.restated > words.LISTED:
            frame.small(say("loaders.summary.more_faults", language, n=held.restated - words.LISTED))
    show_left_out(desk, held, language)


def offer_load(visit: Visit, desk: Desk, held: Held) -> None:
    """Name the next step, ask for what it needs, and load when the one button is pressed."""
    language = visit.language
    frame.next_step(visit, words.check_step(held, language))
    if desk.problem:
        frame.error_state(desk.problem, safe=say("shared.error.nothing_stored", language),
                          act=say("keepers.problem.act", language))  # fmt: skip
    register = ask_to_register(held, language)
    reason = ""
    if held.restated:
        reason = st.text_input(say("keepers.restated.reason", language, n=held.restated), max_chars=500,
                               key="upload-reason", placeholder=say("keepers.restated.reason_help", language))  # fmt: skip
    with st.container(horizontal=True):
        if not held.understanding.not_theirs and (held.may_register or not held.registers):
            pressed = st.button(words.load_label(held, language), key="upload-load", type="primary",
                                disabled=held.asks_to_register and not register,
                                icon=":material/playlist_add_check:")  # fmt: skip
        else:
            pressed = False
        st.button(say("keepers.button.change", language), key="upload-change", on_click=desk.go, args=(UNDERSTOOD,))
        st.button(say("keepers.button.other_file", language), key="upload-other", on_click=desk.clear, type="tertiary")
    if pressed:
        commit(visit, desk, held, register=register, reason=reason)


def ask_to_register(held: Held, language: Language) -> bool:
    """Offer to register the sites that nobody knows, to those who may."""
    if not held.asks_to_register or not held.may_register:
        return False
    return st.checkbox(say("keepers.register.tick", language, n=held.understanding.unknown_sites),
                       key="upload-register")  # fmt: skip


def commit(visit: Visit, desk: Desk, held: Held, *, register: bool, reason: str) -> None:
    """Load the file, whole or not at all, and go on to what came of it."""
    language = visit.language
    if held.restated and not reason.strip():
        desk.problem = say("keepers.problem.reason", language)
        st.rerun()
    try:
        with st.spinner(say("keepers.loading", language)):
            report = ingest.load(held.understanding, the_store(), visit.actor, register=register,
                                 reason=reason.strip(), leave_out=bool(held.cells_at_fault))  # fmt: skip
    except words.TROUBLES as error:
        desk.problem = words.trouble(error, language)
    else:
        done = done_words(held, report, language)
        desk.clear()
        desk.done, desk.step = done, DONE
    st.rerun()


def done_words(held: Held, report: LoadReport, language: Language) -> Done:
    """Put what a load did into words, so that the file itself can be put away."""
    found, batch = report.understanding.interpretation, report.batch
    title = say("keepers.title.done", language, n=batch.n_new + batch.n_restated, file=batch.file_name)
    if not report.changed:
        title = say("keepers.title.unchanged", language)
    lines = [*loaded_lines(report, language), words.cells_line(found, language)]
    lines += [note.what for note in words.excluded_notes(found, language)]
    marks = (say("keepers.done.batch", language, id=batch.id), say("keepers.done.hash", language, hash=batch.file_hash))
    site, metric = first_series(held, report, language)
    step = say("keepers.done.chart", language, site=site[1], metric=metric[1])
    return Done(title, tuple(lines), marks, site[0], metric[0], step)


def first_series(held: Held, report: LoadReport, language: Language) -> tuple[tuple[str, str], tuple[str, str]]:
    """Choose the chart to open first: a rate where one was made, of the first site of the file."""
    found = report.understanding.interpretation
    rates = [seen for seen in found.metrics if seen.rate is not None and seen.n_observations]
    metric = (rates or [seen for seen in found.metrics if seen.n_observations] or list(found.metrics))[0]
    site = found.sites[0]
    new_sites = {one.name: one.id for one in report.new_sites}
    new_metrics = {one.name_en: one.id for one in report.new_metrics}
    site_id = site.site_id or new_sites.get(site.name, "")
    metric_id = metric.metric_id or new_metrics.get(metric.name, "")
    known = held.metrics.get(metric_id)
    return (site_id, held.site_names.get(site_id, site.name)), (
        metric_id,
        known.name(language) if known else metric.name,
    )


# --- parts --------------------------------------------------------------------------------------------------------


def show_sheet(held: Held, language: Language, *, at_fault: bool) -> None:
    """Show the sheet and our reading of it; the keeper chooses which rows."""
    frame.section(say("keepers.table.title", language), ruled=False)
    kinds: list[Which] = ["first", "top", "last"]
    look = has_rows_to_look_at(held.understanding.interpretation)
    if look:
        kinds.insert(0, "look")
    names = {kind: say(f"keepers.table.rows.{kind}", language) for kind in kinds}
    key = f"upload-rows-{'check' if at_fault else 'understood'}"
    if st.session_state.get(key) not in kinds:
        st.session_state[key] = "look" if look and at_fault else "first"
    which = st.segmented_control(say("keepers.table.rows", language), kinds, format_func=names.get, key=key,
                                 required=True, label_visibility="collapsed")  # fmt: skip
    narrow = at_fault and bool(held.understanding.interpretation.faults)
    frame.html(side_by_side(held, which or "first", language, narrow=narrow))
    frame.small(say("keepers.table.below", language))


def show_faults(held: Held, language: Language) -> None:
    """Show what there is to look at, by severity."""
    frame.section(say("keepers.faults.title", language), level=3, ruled=False)
    groups = words.fault_groups(held, language)
    if not groups:
        frame.small(say("keepers.faults.none", language))
    for heading, notes in groups:
        frame.html(f'<p class="es"><strong>{heading}</strong></p>')
        frame.notes(notes)
    frame.small(words.counts_line(held, language))


def show_unknown_sites(held: Held, language: Language) -> None:
    """List the sites that nobody knows, with the names nearest to theirs."""
    unknown = [site for site in held.understanding.interpretation.sites if site.site_id is None]
    frame.section(say("keepers.register.title", language, n=len(unknown)),
                  say(f"keepers.register.{'ask' if held.asks_to_register else 'new_source'}", language))  # fmt: skip
    known = list(held.site_names.values())
    heads = [say("shared.label.site", language), say("keepers.register.code", language),
             say("shared.label.row", language), say("keepers.register.near", language)]  # fmt: skip
    none = say("shared.label.none", language)
    separator = say("shared.list_separator", language)
    lines = [
        Line(Cell(site.name), [Cell(site.code or ""), Cell(str(site.row)), Cell(separator.join(nearest(site.name, known)) or none)])
        for site in unknown[:NEAR_NAMES_FOR]
    ]  # fmt: skip
    with st.expander(say("keepers.register.list", language, n=len(unknown)), expanded=len(unknown) <= 10):
        frame.html(html_table(heads, lines, caption=say("keepers.register.title", language, n=len(unknown))))
        if len(unknown) > NEAR_NAMES_FOR:
            frame.small(say("loaders.summary.more_faults", language, n=len(unknown) - NEAR_NAMES_FOR))


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
