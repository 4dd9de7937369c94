"""What may be done to an experiment after its plan is frozen: start, end, give up, judge, keep a reading."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from analytics.results_sequential import EarlySignal, Look
from data.access import Permission, Refused, allowed_somewhere, sites_allowed
from data.experiments import (
    OPEN_STATES,
    abandon_experiment,
    end_experiment,
    freeze_plan,
    start_experiment,
    validate_verdict,
)
from data.store import the_store
from data.types import Experiment, ExperimentState, Plan, ReadingKind, Verdict
from pages.shared.moments import DATE_FORM
from pages.shared.saving import pressed, save
from pages.shared.session import Visit
from pages.shared.trial_readings import keep_now, keep_numbers
from wording import say, state

if TYPE_CHECKING:
    from pages.cohort.experiments_view import TrialView

SAVED = "experiments-saved"  # what to say after the page has been drawn again
_save = partial(save, under=SAVED)


def may(visit: Visit, permission: Permission, site_ids: tuple[str, ...]) -> bool:
    """Tell whether this person holds a right at each of some sites; without sites, anywhere."""
    if not site_ids:
        return allowed_somewhere(visit.actor, permission)
    return sites_allowed(visit.actor, permission, site_ids) == set(site_ids)


def acts_allowed(visit: Visit, view: TrialView) -> list[str]:
    """Return the acts open to this person, as the experiment stands."""
    trial = view.registered
    sites = trial.plan.site_ids if trial.plan else ()
    if not may(visit, Permission.PLAN_EXPERIMENT, sites):
        return []
    found = []
    if trial.plan is not None and trial.experiment.state is ExperimentState.PLANNED:
        found += ["start"] if visit.today >= trial.plan.starts_on else []
    if trial.experiment.state is ExperimentState.RUNNING:
        found += ["end", *(["keep"] if newest_look(view) else [])]
    if trial.experiment.state in OPEN_STATES:
        found += ["amend"] if trial.plan is not None and may(visit, Permission.FREEZE_PLAN, sites) else []
        found.append("abandon")
    if trial.experiment.state is ExperimentState.ENDED and may(visit, Permission.VALIDATE_VERDICT, sites):
        found.append("verdict")
    return found


def open_act(visit: Visit, view: TrialView, act: str) -> None:
    """Open the form of an act, or do what needs none."""
    experiment = view.registered.experiment
    match act:
        case "start":
            _save(visit, lambda: start_experiment(the_store(), visit.actor, experiment.id), _said(visit, "start"))
        case "keep":
            _save(visit, lambda: keep_look(visit, view), _said(visit, "keep"))
        case _:
            forms = {"end": _end, "abandon": _abandon, "verdict": _verdict, "amend": _amend}
            words = say(f"experiments.act.{act}", visit.language)
            st.dialog(words, width="medium")(forms[act])(visit, view)


def end_and_read(visit: Visit, experiment: Experiment, reason: str) -> None:
    """End an experiment and keep what its data say on that day."""
    ended = end_experiment(the_store(), visit.actor, experiment.id, reason=reason)
    keep_now(the_store(), visit.actor, ended, ReadingKind.END)


def judge(visit: Visit, experiment: Experiment, verdict: Verdict) -> None:
    """Put the person's name to a verdict, and keep what it was given on."""
    judged = validate_verdict(the_store(), visit.actor, experiment.id, verdict)
    keep_now(the_store(), visit.actor, judged, ReadingKind.VERDICT)


def newest_look(view: TrialView) -> Look | None:
    """Return the newest declared look that says something."""
    return view.early.looks.latest if view.early and view.early.looks else None


def keep_look(visit: Visit, view: TrialView) -> None:
    """Keep the newest look as it is read today."""
    look = newest_look(view)
    plan = view.registered.plan
    if look is None or plan is None or not isinstance(look.outcome, EarlySignal):
        return
    found = look.outcome
    numbers = {"estimate": found.estimate, "lower": found.lower, "upper": found.upper,
               "confidence": found.confidence, "look": look.date.isoformat()}  # fmt: skip
    keep_numbers(
        the_store(), visit.actor, plan, ReadingKind.LOOK, data_date=found.last_period, outcome=str(found.signal),
        numbers=numbers, method=found.method,
    )  # fmt: skip


def _end(visit: Visit, view: TrialView) -> None:
    language, plan = visit.language, view.registered.plan
    if plan is not None and visit.today <= plan.ends_on:
        st.warning(say("experiments.end.early", language, date=plan.ends_on))
    reason = st.text_area(say("experiments.end.reason", language), max_chars=500, key="experiment-end-reason")
    if pressed(language, "experiment-end"):
        _save(visit, lambda: end_and_read(visit, view.registered.experiment, reason), _said(visit, "end"))


def _abandon(visit: Visit, view: TrialView) -> None:
    reason = st.text_area(
        say("experiments.abandon.reason", visit.language), max_chars=500, key="experiment-abandon-reason"
    )
    if pressed(visit.language, "experiment-abandon"):
        experiment = view.registered.experiment
        _save(visit, lambda: abandon_experiment(the_store(), visit.actor, experiment.id, reason=reason),
              _said(visit, "abandon"))  # fmt: skip


def _amend(visit: Visit, view: TrialView) -> None:
    """Change what may still change of a frozen plan: readers will see each point as it was and as it is."""
    language, plan = visit.language, view.registered.plan
    if plan is None:
        return
    st.caption(say("experiments.amend.help", language))
    left, right = st.columns(2)
    ends_on = left.date_input(say("experiments.form.ends_on", language), value=plan.ends_on, key="amend-end",
                              format=DATE_FORM)  # fmt: skip
    smallest = right.number_input(say("experiments.form.smallest", language), value=plan.smallest_effect,
                                  min_value=0.0, key="amend-smallest")  # fmt: skip
    rule = st.text_area(say("experiments.promise.rule", language), value=plan.decision_rule, max_chars=500,
                        key="amend-rule")  # fmt: skip
    if pressed(language, "experiment-amend"):
        changed = plan.model_copy(update={"ends_on": ends_on, "smallest_effect": smallest, "decision_rule": rule})
        _save(visit, lambda: amend(visit, plan, changed), _said(visit, "amend"))


def amend(visit: Visit, plan: Plan, changed: Plan) -> Plan:
    """Freeze a changed plan as an amendment. Raises Refused("nothing_changed"), or as `freeze_plan` does."""
    if changed == plan:
        raise Refused("nothing_changed")
    return freeze_plan(the_store(), visit.actor, plan.experiment_id, changed)


def _verdict(visit: Visit, view: TrialView) -> None:
    language = visit.language
    st.caption(say("experiments.verdict.help", language))
    verdict = st.selectbox(
        say("experiments.verdict.choose", language), list(Verdict), key="experiment-verdict",
        format_func=lambda found: state(found, language),
    )  # fmt: skip
    if pressed(language, "experiment-verdict"):
        _save(visit, lambda: judge(visit, view.registered.experiment, verdict), _said(visit, "verdict"))


def _said(visit: Visit, act: str) -> str:
    return say(f"experiments.saved.{act}", visit.language)
