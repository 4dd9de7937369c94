"""What changed, what needs a decision, what is late: the first screen, read in ten seconds."""

from __future__ import annotations

import streamlit as st

from data.access import Permission
from data.store import the_store
from pages.leadership import overview_drifts as drift_words
from pages.leadership import overview_words as words
from pages.leadership.board_table import board_table
from pages.leadership.overview_view import Overview, overview
from pages.leadership.pictures import key_results_picture, rollout_picture, wave_table
from pages.shared import frame
from pages.shared.bringing import ask_for_file
from pages.shared.frame import Act
from pages.shared.key_result_table import key_result_table
from pages.shared.key_result_view import KeyResultState, key_result_states
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import say


def render() -> None:
    """Show the state of the rollout on one screen."""
    visit = require(Permission.VIEW)
    version = the_store().data_version()
    view = overview(version, visit.today)
    with frame.page():
        frame.page_head(visit, eyebrow=words.eyebrow(view, visit.language), title=words.title(view, visit.language),
                        synthetic=view.synthetic)  # fmt: skip
        if not view.sites:
            empty(visit)
            return
        frame.counts(words.counts(view, visit))
        offer_next_step(visit, view)
        show_aims(visit, version, view, key_result_states(version, visit.today))
        show_drifts(visit, view)
        show_board(visit, view)


def empty(visit: Visit) -> None:
    """Say what is missing and who can bring it."""
    ask_for_file(visit, say("leadership.empty.what", visit.language), say("leadership.empty.who", visit.language))


def offer_next_step(visit: Visit, view: Overview) -> None:
    """Offer the one next step and go there when it is taken."""
    step = words.next_step(view, visit)
    if frame.next_step(visit, step.text, Act(step.label, "next-step", icon=step.icon)):
        go(step.path, **step.query)


def show_aims(visit: Visit, version: str, view: Overview, states: tuple[KeyResultState, ...]) -> None:
    """Show the rollout against its plan, and the key results with their pace, side by side."""
    left, right = st.columns(2, gap="large")
    theme = frame.current_theme()
    with left:
        frame.section(words.rollout_question(view, visit.language), words.rollout_answer(view, visit.language))
        if view.waves:
            spec = rollout_picture(version, visit.today, visit.language, theme)
            st.vega_lite_chart(spec, theme=None, width="stretch", key="rollout-chart")
            frame.html(wave_table(view, visit.language))
            frame.key_line(words.stage_key(visit.language))
    with right:
        frame.section(say("leadership.kr.question", visit.language), words.key_results_answer(states, visit.language))
        if states:
            spec = key_results_picture(version, visit.today, visit.language, theme)
            st.vega_lite_chart(spec, theme=None, width="stretch", key="key-results-chart")
            frame.html(key_result_table(states, visit.language))


def show_drifts(visit: Visit, view: Overview) -> None:
    """Show which series begin to drift, the clearest first; nothing where none is clearer than chance."""
    lines = drift_words.lines(view, visit.language)
    if lines:
        frame.section(say("scoring.drift.question", visit.language), drift_words.answer(view, visit.language))
        frame.notes(lines)
        frame.small(drift_words.under_the_list(view, visit.language))


def show_board(visit: Visit, view: Overview) -> None:
    """Show sites x metrics, sorted by need of a decision; many sites are first narrowed to those in need."""
    frame.section(say("leadership.table.question", visit.language), say("leadership.table.answer", visit.language))
    rows = words.chosen_rows(view, visit)
    if rows:
        frame.html(board_table(view, rows, visit.language))
        frame.key_line(words.board_key(visit.language))
    frame.small(words.under_the_board(view, len(rows), visit.language))
