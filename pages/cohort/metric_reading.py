"""Under the chart of one metric: whether its level changed, whether it drifts, and what to read with care."""

from __future__ import annotations

import streamlit as st

from analytics.results import NotComputable
from data.access import Forbidden, Permission, Refused, allowed
from data.proposals import Answered, Proposal, accept, dismiss, take_back
from data.store import the_store
from data.types import Decision, DecisionType
from pages.cohort import metric_reading_words as words
from pages.cohort.decision_form import SAVED, Suggested, open_form
from pages.cohort.metric_reading_view import Reading, picture, reading
from pages.cohort.metric_view import MetricView
from pages.shared import frame
from pages.shared.refusals import refused_words
from pages.shared.session import Visit
from wording import say

Chosen = dict[str, str | None]


def show_cautions(visit: Visit, version: str, chosen: Chosen) -> None:
    """Warn beside the picture where its limits would mislead, and say what to do instead."""
    found = reading(version, **chosen)
    if found is not None and not isinstance(found.watched.cautions, NotComputable) and found.watched.cautions:
        frame.notes(words.cautions(found.watched.cautions, visit.language))


def step_to_answer(visit: Visit, version: str, chosen: Chosen, view: MetricView) -> Proposal | None:
    """Find the newest step that waits for this person's answer; None for whoever may not give it."""
    found = reading(version, **chosen)
    if found is None or not allowed(visit.actor, Permission.STEP_LIMITS, site_id=view.site.id):
        return None
    return next((proposal for proposal in reversed(found.waiting) if proposal.is_step), None)


def open_step(visit: Visit, view: MetricView, proposal: Proposal) -> None:
    """Open the decision form on what is proposed; once it is pinned, the proposal is answered."""
    segment = view.series.segment if view.series is not None else None

    def note(decision: Decision) -> None:
        if not proposal.is_step or decision.type is DecisionType.STEP:
            accept(the_store(), visit.actor, proposal, decision, segment=segment)

    kind = DecisionType.STEP if proposal.is_step else DecisionType.DECISION
    title = say("signals_view.accept.title", visit.language, date=proposal.about) if proposal.is_step else ""
    open_form(visit, view, proposal.about, Suggested(kind, title, note))


def show_reading(visit: Visit, version: str, chosen: Chosen, view: MetricView) -> None:
    """Show what waits for an answer, then whether the series drifts; pictures come when they are asked for."""
    found = reading(version, **chosen)
    if found is None:
        return
    may_answer = allowed(visit.actor, Permission.STEP_LIMITS, site_id=view.site.id)
    steps = [proposal for proposal in found.waiting if proposal.is_step]
    if steps:
        frame.section(say("signals_view.levels.title", visit.language), say("signals_view.levels.note", visit.language))
        for proposal in steps:
            _proposal(visit, view, proposal, may_answer=may_answer)
        _picture(visit, version, chosen, "levels", found)
    frame.section(say("signals_view.drift.title", visit.language), words.drift(found, view, visit.language))
    alarm = next((proposal for proposal in found.waiting if not proposal.is_step), None)
    if alarm is not None:
        _answers(visit, view, alarm, may_answer=may_answer)
    for line in words.trend_and_refusals(found, view, visit.language):
        frame.small(line)
    for name in ("drift", "trend"):
        _picture(visit, version, chosen, name, found)
    _answered(visit, found, may_answer=may_answer)


def _proposal(visit: Visit, view: MetricView, proposal: Proposal, *, may_answer: bool) -> None:
    frame.html(words.proposed(proposal, view, visit.language))
    _answers(visit, view, proposal, may_answer=may_answer)


def _answers(visit: Visit, view: MetricView, proposal: Proposal, *, may_answer: bool) -> None:
    """Offer to accept a proposal or to dismiss it; who may not is told who may."""
    language = visit.language
    if not may_answer:
        frame.small(say(f"signals_view.{'levels' if proposal.is_step else 'drift'}.keepers", language))
        return
    key = f"{proposal.kind}-{proposal.about}"
    with st.container(horizontal=True):
        word, icon = ("accept", "stairs") if proposal.is_step else ("pin", "push_pin")
        accepting = st.button(say(f"signals_view.{word}", language), key=f"accept-{key}", icon=f":material/{icon}:")
        dismissing = st.button(say("signals_view.dismiss", language), key=f"dismiss-{key}")
    if accepting:
        open_step(visit, view, proposal)
    elif dismissing:
        st.dialog(say("signals_view.dismiss.title", language))(ask_why)(visit, view, proposal)


def ask_why(visit: Visit, view: MetricView, proposal: Proposal) -> None:
    """Ask why a proposal is not one, and keep the answer."""
    language = visit.language
    frame.html(words.proposed(proposal, view, language))
    why = st.text_area(say("signals_view.dismiss.why", language), placeholder=say("signals_view.dismiss.help", language),
                       max_chars=500, key="dismiss-why")  # fmt: skip
    problem = st.container()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(say("cohort.pin.cancel", language), key="dismiss-cancel"):
            st.rerun()
        confirmed = st.button(say("signals_view.dismiss.confirm", language), key="dismiss-confirm", type="primary")
    if not confirmed:
        return
    try:
        dismiss(the_store(), visit.actor, proposal, site_id=view.site.id, metric_id=view.metric.id, reason=why,
                segment=view.series.segment if view.series is not None else None)  # fmt: skip
    except (Refused, Forbidden) as refusal:
        problem.error(refused_words(refusal, language))
        return
    st.session_state[SAVED] = say("signals_view.dismiss.done", language)
    st.rerun()


def _picture(visit: Visit, version: str, chosen: Chosen, name: str, found: Reading) -> None:
    """Draw one of the pictures when the reader asks for it."""
    if not words.has_picture(name, found) or not st.toggle(
        say(f"signals_view.{name}.show", visit.language), key=f"reading-{name}"
    ):
        return
    spec = picture(version, **chosen, name=name, language=visit.language, theme=frame.current_theme(),
                   phone=frame.on_phone())  # fmt: skip
    st.vega_lite_chart(spec, theme=None, width="stretch", key=f"reading-chart-{name}")
    if name == "drift":
        frame.key_line(words.drift_key(visit.language))
    frame.small(words.under(name, found, visit.language))


def _answered(visit: Visit, found: Reading, *, may_answer: bool) -> None:
    """List what was answered before, folded; whoever may answer may take an answer back."""
    if not found.answered:
        return
    with st.expander(say("signals_view.answered.title", visit.language), key="reading-answered"):
        for each in found.answered:
            frame.notes([words.answered(each, found, visit.language)])
            if not may_answer or each.answer.reply != "dismissed":
                continue
            if st.button(say("signals_view.again", visit.language), key=f"again-{each.answer.id}"):
                _take_back(visit, each)


def _take_back(visit: Visit, each: Answered) -> None:
    try:
        take_back(the_store(), visit.actor, each.answer)
    except (Refused, Forbidden) as refusal:
        st.error(refused_words(refusal, visit.language))
        return
    st.rerun()
