"""Will the customer get what was promised: each objective, its key results, their pace, and what is done for them."""

from __future__ import annotations

import streamlit as st

from data.access import Permission
from data.store import the_store
from pages.cohort import key_results_forms as forms
from pages.cohort import key_results_telling as telling
from pages.cohort import key_results_words as words
from pages.cohort.key_results_view import Aim, AimsView, aims_view, picture, target_changes
from pages.shared import frame
from pages.shared.choices import choose
from pages.shared.frame import Act
from pages.shared.key_result_view import KeyResultState
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import say


def render() -> None:
    """Show every objective with its key results, then one key result whole."""
    visit = require(Permission.VIEW)
    version = the_store().data_version()
    view = aims_view(version, visit.today)
    with frame.page():
        frame.page_head(visit, eyebrow=words.eyebrow(view, visit.language), title=words.title(view, visit.language),
                        synthetic=view.synthetic)  # fmt: skip
        if forms.SAVED in st.session_state:
            st.success(st.session_state.pop(forms.SAVED))
        if not view.aims:
            empty(visit)
            return
        if view.states:
            offer_next_step(visit, view)
            telling.show_flags(visit, view)
        for aim in view.aims:
            show_aim(visit, version, aim)
        if view.states:
            frame.key_line(words.key(visit.language))
            show_one(visit, view, version)
            telling.show_calibration(visit, version)
            telling.offer_files(visit, view)
        offer_forms(visit, view, version)


def empty(visit: Visit) -> None:
    """Say that there is no objective yet, and who can set the first."""
    act = Act(say("cohort_more.kr.add.objective", visit.language), "add-objective", icon="flag")
    pressed = frame.empty_state(
        say("cohort_more.kr.empty.what", visit.language), say("cohort_more.kr.empty.who", visit.language),
        act if forms.may_manage(visit) else None,
    )  # fmt: skip
    if pressed:
        forms.open_objective(visit)


def offer_next_step(visit: Visit, view: AimsView) -> None:
    """Offer the check-in that is most wanted, to whoever may make it."""
    text, about = words.next_step(view, visit.today, visit.language)
    found = view.state_of(about or "")
    may = found is not None and forms.may_check_in(visit, found.objective)
    act = Act(say("cohort_more.kr.check_in", visit.language), "next-check-in", icon="edit") if may else None
    if frame.next_step(visit, text, act) and found is not None:
        forms.open_check_in(visit, found)


def show_aim(visit: Visit, version: str, aim: Aim) -> None:
    """Show one objective: whom it serves, its key results on their way, and the same as a table."""
    language = visit.language
    frame.section(aim.objective.title, words.about(aim, language))
    if not aim.states:
        frame.empty_state(say("cohort_more.kr.none.what", language), say("cohort_more.kr.none.who", language))
        return
    spec, alt = picture(version, visit.today, aim.objective.id, language, frame.current_theme())
    st.vega_lite_chart(spec, theme=None, width="stretch", key=f"kr-chart-{aim.objective.id}", alt=alt)
    frame.html(words.table(aim.states, language))
    telling.show_heading(visit, version, aim.states)


def show_one(visit: Visit, view: AimsView, version: str) -> None:
    """Show one key result whole: its check-ins, its targets, and the work that hangs on it."""
    language = visit.language
    frame.section(say("cohort_more.kr.one.question", language))
    names = {state.key_result.id: state.key_result.title for state in view.states}
    found = view.state_of(choose(say("cohort_more.kr.one", language), names, name="key_result"))
    if found is None:
        return
    frame.small(words.roll_up(found, language))
    offer_acts(visit, found)
    left, right = st.columns(2, gap="large")
    with left:
        frame.section(say("cohort_more.kr.check_ins", language), level=3, ruled=False)
        frame.notes(words.check_in_notes(found, language))
        telling.show_sites(visit, version, found)
    with right:
        frame.section(say("cohort_more.kr.work", language), level=3, ruled=False)
        frame.notes(words.work_notes(found, language))
        changes = target_changes(version, found.key_result.id)
        if changes:
            frame.section(say("cohort_more.kr.targets", language), level=3, ruled=False)
            frame.notes(words.target_notes(changes, found, language))


def offer_acts(visit: Visit, found: KeyResultState) -> None:
    """Offer what this person may do to one key result, and the way to its metric."""
    language = visit.language
    with st.container(horizontal=True):
        if forms.may_check_in(visit, found.objective) and st.button(
            say("cohort_more.kr.check_in", language), key="check-in"
        ):
            forms.open_check_in(visit, found)
        if forms.may_manage(visit, found.objective) and st.button(
            say("cohort_more.kr.target.change", language), key="target"
        ):
            forms.open_target(visit, found)
        if st.button(say("cohort_more.kr.to_sites", language), key="to-compare"):
            go("compare", metric=found.metric.id)


def offer_forms(visit: Visit, view: AimsView, version: str) -> None:
    """Offer to set a further objective or key result, to whoever may."""
    if not forms.may_manage(visit):
        frame.small(say("cohort_more.kr.who_sets", visit.language))
        return
    frame.section(say("cohort_more.kr.add", visit.language))
    with st.container(horizontal=True):
        if st.button(say("cohort_more.kr.add.key_result", visit.language), key="add-key-result", icon=":material/add:"):
            forms.open_key_result(visit, view, version)
        if st.button(say("cohort_more.kr.add.objective", visit.language), key="add-objective", icon=":material/flag:"):
            forms.open_objective(visit)
