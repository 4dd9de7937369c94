"""What may be done to a decision: its review, a correction, another in its place, its end; each in a small form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.access import Permission, allowed
from data.decisions import edit_decision, resolve, review_decision, right_to_pin, supersede_decision
from data.limits import LIMIT_TYPES
from data.people import people
from data.store import the_store
from data.types import DecisionType, Outcome
from pages.shared.moments import DATE_FORM
from pages.shared.saving import save
from wording import Language, date_, say, state

if TYPE_CHECKING:
    from pages.cohort.decisions_view import Entry
from pages.shared.session import Visit

SAVED = "decisions-saved"  # what to say after the page has been drawn again
_save = partial(save, under=SAVED)
ENDING = (DecisionType.INCIDENT, DecisionType.OBSTACLE)


def acts_allowed(visit: Visit, entry: Entry) -> list[str]:
    """Name what this person may do to this decision, the most pressing first."""
    if entry.superseded_by is not None:
        return []
    decision = entry.decision
    right = right_to_pin(decision)
    scope = {"site_id": decision.site_id, "cohort_id": decision.cohort_id}
    acts = []
    if decision.outcome is None and allowed(visit.actor, Permission.REVIEW_DECISION, **scope):
        acts.append("review")
    if allowed(visit.actor, right, **scope):
        if decision.type in ENDING and decision.resolved_on is None:
            acts.insert(0, "resolve")
        acts += ["edit", "supersede"]
    return acts


def open_act(visit: Visit, entry: Entry, act: str) -> None:
    """Open the form of one act on one decision."""
    forms: dict[str, Callable[[Visit, Entry], None]] = {
        "review": _review, "resolve": _resolve, "edit": _edit, "supersede": _supersede,
    }  # fmt: skip
    title = say(f"cohort_more.decisions.act.{act}.title", visit.language, label=entry.decision.label)
    st.dialog(title, width="medium")(forms[act])(visit, entry)


def _review(visit: Visit, entry: Entry) -> None:
    language, decision = visit.language, entry.decision
    st.write(decision.title)
    if decision.expected_effect:
        st.caption(say("cohort.decision.expected", language, effect=decision.expected_effect))
    outcome = st.radio(
        say("cohort_more.decisions.review.question", language), list(Outcome), index=None, key="review-outcome",
        format_func=lambda found: say(f"cohort_more.decisions.review.{found}", language),
    )  # fmt: skip
    on = st.date_input(
        say("cohort_more.decisions.review.on", language), value=visit.today, key="review-on", format=DATE_FORM
    )
    if _pressed(visit, "review"):
        if outcome is None:
            st.error(say("cohort_more.decisions.review.choose", language))
            return
        _save(visit, lambda: review_decision(the_store(), visit.actor, decision.id, outcome=outcome, outcome_on=on),
              say("cohort_more.decisions.saved.review", language, label=decision.label, outcome=state(outcome, language)))  # fmt: skip


def _resolve(visit: Visit, entry: Entry) -> None:
    language, decision = visit.language, entry.decision
    st.write(decision.title)
    on = st.date_input(
        say("cohort_more.decisions.resolve.on", language), value=visit.today, key="resolve-on", format=DATE_FORM
    )
    if _pressed(visit, "resolve"):
        _save(visit, lambda: resolve(the_store(), visit.actor, decision.id, resolved_on=on),
              say("cohort_more.decisions.saved.resolve", language, label=decision.label, date=date_(on, language)))  # fmt: skip


def _edit(visit: Visit, entry: Entry) -> None:
    language, decision = visit.language, entry.decision
    changes = _words_owner_review(visit, entry, "edit")
    changes["expected_effect"] = st.text_input(
        say("shared.label.expected_effect", language), value=decision.expected_effect, max_chars=200, key="edit-effect"
    )
    changes["evidence_url"] = (
        st.text_input(say("shared.label.evidence_link", language), value=decision.evidence_url or "", max_chars=500,
                      key="edit-evidence") or None
    )  # fmt: skip
    if _pressed(visit, "edit"):
        changed = {name: found for name, found in changes.items() if found != getattr(decision, name)}
        if not changed:
            st.error(say("cohort_more.decisions.edit.nothing", language))
            return
        _save(visit, lambda: edit_decision(the_store(), visit.actor, decision.id, **changed),
              say("cohort_more.decisions.saved.edit", language, label=decision.label))  # fmt: skip


def _supersede(visit: Visit, entry: Entry) -> None:
    language, decision = visit.language, entry.decision
    st.caption(say("cohort_more.decisions.supersede.explained", language, label=decision.label))
    changes = _words_owner_review(visit, entry, "supersede")
    changes["applies_on"] = st.date_input(
        say("shared.label.applies_on", language), value=visit.today, key="supersede-applies", format=DATE_FORM
    )
    if decision.type in LIMIT_TYPES and st.checkbox(say("chart_choice.lift", language), key="supersede-lift"):
        changes["type"] = DecisionType.DECISION
    if _pressed(visit, "supersede"):
        _save(visit, lambda: supersede_decision(the_store(), visit.actor, decision.id, **changes),
              say("cohort_more.decisions.saved.supersede", language, label=decision.label))  # fmt: skip


def _words_owner_review(visit: Visit, entry: Entry, act: str) -> dict[str, Any]:
    """Ask for the words, the owner and the review day; as they stand unless somebody changes them."""
    language, decision = visit.language, entry.decision
    names = _owners()
    ids = list(names)
    title = st.text_input(say("cohort.pin.what", language), value=decision.title, max_chars=200, key=f"{act}-title")
    note = st.text_area(say("shared.label.note", language), value=decision.note, max_chars=1000, key=f"{act}-note")
    left, right = st.columns(2)
    owner = left.selectbox(
        say("shared.label.owner", language), ids, format_func=names.get, key=f"{act}-owner",
        index=ids.index(decision.owner_id) if decision.owner_id in names else None,
        placeholder=say("cohort.pin.owner.choose", language),
    )  # fmt: skip
    review_on: dt.date | None = right.date_input(
        say("shared.label.review_on", language), value=decision.review_on, key=f"{act}-review", format=DATE_FORM
    )
    return {"title": title, "note": note, "owner_id": owner or "", "review_on": review_on}


def _pressed(visit: Visit, act: str) -> bool:
    """Show the two ways out of a form; True when its act is wanted."""
    language: Language = visit.language
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(say("shared.button.cancel", language), key=f"{act}-cancel"):
            st.rerun()
        return st.button(say(f"cohort_more.decisions.act.{act}", language), key=f"{act}-save", type="primary")


def _owners() -> dict[str, str]:
    with the_store().read() as cursor:
        return {person.id: person.name for person in people(cursor) if not person.disabled}
