"""The forms of the key results: an objective, a key result, a check-in, and a target that changes with its reason."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from data.access import Permission, allowed, allowed_somewhere
from data.decisions import pin_decision
from data.objectives import check_in, edit_key_result, set_key_result, set_objective
from data.store import the_store
from data.types import CustomerOutcome, DecisionType
from pages.cohort.catalogue import named_metrics, named_sites
from pages.cohort.key_results_view import owners, suggested_baseline
from pages.shared.moments import DATE_FORM
from pages.shared.saving import pressed, save
from wording import Language, date_, percent, say, state, value

if TYPE_CHECKING:
    from data.types import KeyResult, Objective
    from pages.cohort.key_results_view import AimsView
    from pages.shared.key_result_view import KeyResultState
from pages.shared.session import Visit

SAVED = "key-results-saved"  # what to say after the page has been drawn again
_save = partial(save, under=SAVED)
QUARTER_DAYS = 91
CONFIDENCE_STEP = 5  # per cent


def may_manage(visit: Visit, objective: Objective | None = None) -> bool:
    """Tell whether this person may set aims: here, or for any cohort."""
    if objective is None:
        return allowed_somewhere(visit.actor, Permission.MANAGE_KEY_RESULTS)
    return allowed(visit.actor, Permission.MANAGE_KEY_RESULTS, cohort_id=objective.cohort_id)


def may_check_in(visit: Visit, objective: Objective) -> bool:
    """Tell whether this person may state a confidence."""
    if objective.cohort_id is None:
        return allowed_somewhere(visit.actor, Permission.CHECK_IN)
    return allowed(visit.actor, Permission.CHECK_IN, cohort_id=objective.cohort_id)


def open_objective(visit: Visit) -> None:
    """Open the form of an objective."""
    st.dialog(say("cohort_more.kr.form.objective", visit.language), width="medium")(_objective)(visit)


def open_key_result(visit: Visit, view: AimsView, version: str) -> None:
    """Open the form of a key result."""
    st.dialog(say("cohort_more.kr.form.key_result", visit.language), width="medium")(_key_result)(visit, view, version)


def open_check_in(visit: Visit, found: KeyResultState) -> None:
    """Open the form of a check-in."""
    st.dialog(say("cohort_more.kr.form.check_in", visit.language), width="medium")(_check_in)(visit, found)


def open_target(visit: Visit, found: KeyResultState) -> None:
    """Open the form that changes a target."""
    st.dialog(say("cohort_more.kr.form.target", visit.language), width="medium")(_target)(visit, found)


def _objective(visit: Visit) -> None:
    language = visit.language
    title = st.text_input(say("cohort_more.kr.objective.title", language), max_chars=200, key="objective-title",
                          placeholder=say("cohort_more.kr.objective.title.help", language))  # fmt: skip
    outcome = st.selectbox(
        say("cohort_more.kr.objective.outcome", language), list(CustomerOutcome), index=None, key="objective-outcome",
        format_func=lambda found: state(found, language), placeholder=say("cohort_more.kr.choose", language),
    )  # fmt: skip
    owner = _owner(language, "objective-owner")
    left, right = st.columns(2)
    starts = left.date_input(
        say("shared.label.from", language), value=visit.today, key="objective-from", format=DATE_FORM
    )
    ends = right.date_input(say("shared.label.to", language), value=visit.today + dt.timedelta(days=QUARTER_DAYS),
                            key="objective-to", format=DATE_FORM)  # fmt: skip
    if pressed(language, "objective"):
        fields = {"title": title, "customer_outcome": outcome, "owner_id": owner, "starts_on": starts, "ends_on": ends}
        _save(visit, lambda: set_objective(the_store(), visit.actor, **fields),
              say("cohort_more.kr.saved.objective", language, title=title))  # fmt: skip


def _key_result(visit: Visit, view: AimsView, version: str) -> None:
    language = visit.language
    aims = {aim.objective.id: aim.objective for aim in view.aims if may_manage(visit, aim.objective)}
    metrics, sites = named_metrics(version, language), named_sites(version)
    objective = st.selectbox(say("cohort_more.kr.objective", language), list(aims), key="kr-objective",
                             format_func=lambda found: aims[found].title)  # fmt: skip
    metric = st.selectbox(say("shared.label.metric", language), list(metrics), format_func=metrics.get, key="kr-metric")
    chosen = st.multiselect(say("cohort_more.kr.sites", language), list(sites), format_func=sites.get, key="kr-sites",
                            placeholder=say("shared.label.all_sites", language))  # fmt: skip
    title = st.text_input(say("cohort_more.kr.title", language), max_chars=200, key="kr-title")
    left, right = st.columns(2)
    since = left.date_input(
        say("cohort_more.kr.baseline_date", language), value=visit.today, key="kr-since", format=DATE_FORM
    )
    found = suggested_baseline(version, metric_id=metric or "", site_ids=tuple(chosen), on=since)
    baseline = right.number_input(
        say("shared.label.baseline", language), value=None if found is None else round(found.value, 3),
        key=f"kr-baseline-{metric}-{since}-{','.join(chosen)}",
    )  # fmt: skip
    st.caption(say("cohort_more.kr.suggested", language, date=date_(found.data_date, language)) if found
               else say("cohort_more.kr.not_suggested", language))  # fmt: skip
    left, right = st.columns(2)
    target = left.number_input(say("shared.label.target", language), value=None, key="kr-target")
    due = right.date_input(say("shared.label.due_on", language), value=visit.today + dt.timedelta(days=QUARTER_DAYS),
                           key="kr-due", format=DATE_FORM)  # fmt: skip
    owner = _owner(language, "kr-owner")
    if pressed(language, "kr"):
        if baseline is None or target is None:
            st.error(say("cohort_more.kr.numbers_missing", language))
            return
        fields = {
            "objective_id": objective or "", "title": title, "metric_id": metric or "", "site_ids": tuple(chosen),
            "baseline_value": baseline, "baseline_date": since, "target_value": target, "due_date": due, "owner_id": owner,
        }  # fmt: skip
        _save(visit, lambda: set_key_result(the_store(), visit.actor, **fields),
              say("cohort_more.kr.saved.key_result", language, title=title))  # fmt: skip


def _check_in(visit: Visit, found: KeyResultState) -> None:
    language = visit.language
    st.write(found.key_result.title)
    last = round(found.check_ins[-1].confidence * 100) if found.check_ins else 50
    confidence = st.slider(
        say("cohort_more.kr.confidence", language), 0, 100, value=last, step=CONFIDENCE_STEP, key="check-confidence"
    )
    note = st.text_area(say("cohort_more.kr.check_in.note", language), max_chars=500, key="check-note")
    if pressed(language, "check"):
        share = confidence / 100
        _save(visit, lambda: check_in(the_store(), visit.actor, key_result_id=found.key_result.id, confidence=share, note=note),
              say("cohort_more.kr.saved.check_in", language, confidence=percent(share, language, 0)))  # fmt: skip


def _target(visit: Visit, found: KeyResultState) -> None:
    language, aim = visit.language, found.key_result
    st.write(aim.title)
    now = {"target": value(aim.target_value, found.metric, language), "date": date_(aim.due_date, language)}
    st.caption(say("cohort_more.kr.target.now", language, **now))
    left, right = st.columns(2)
    target = left.number_input(say("cohort_more.kr.target.new", language), value=aim.target_value, key="target-value")
    due = right.date_input(say("shared.label.due_on", language), value=aim.due_date, key="target-due", format=DATE_FORM)
    reason = st.text_area(say("cohort_more.kr.target.reason", language), max_chars=500, key="target-reason")
    if pressed(language, "target"):
        if (target, due) == (aim.target_value, aim.due_date):
            st.error(say("cohort_more.kr.target.same", language))
            return
        words = say(
            "cohort_more.kr.target.decision", language, old=now["target"], new=value(target, found.metric, language)
        )
        _save(visit, lambda: change_target(visit, found, target, due, reason, words),
              say("cohort_more.kr.saved.target", language, title=aim.title))  # fmt: skip


def change_target(
    visit: Visit, found: KeyResultState, target: float, due: dt.date, reason: str, words: str
) -> KeyResult:
    """Change a target for a stated reason; whoever may pin decisions pins it as one, too, so that it has a tag."""
    store, aim = the_store(), found.key_result
    changed = edit_key_result(store, visit.actor, aim.id, reason=reason, target_value=target, due_date=due)
    cohort = found.objective.cohort_id
    if allowed(visit.actor, Permission.PIN_DECISION, cohort_id=cohort):
        pin_decision(
            store, visit.actor, type=DecisionType.TARGET_CHANGE, title=words, owner_id=aim.owner_id,
            applies_on=visit.today, note=reason, metric_id=aim.metric_id, cohort_id=cohort, key_result_id=aim.id,
        )  # fmt: skip
    return changed


def _owner(language: Language, key: str) -> str:
    names = owners()
    chosen = st.selectbox(say("shared.label.owner", language), list(names), index=None, format_func=names.get, key=key,
                          placeholder=say("cohort.pin.owner.choose", language))  # fmt: skip
    return chosen or ""
