"""The forms of a new experiment: what it is called, then its plan, with how small an effect it could see."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.results import Direction
from data import records
from data.access import Permission, Refused
from data.experiments import check_plan, default_looks, freeze_plan, plan_experiment
from data.metrics import metrics as all_metrics
from data.people import people
from data.store import the_store
from data.types import Analysis, Metric, Plan
from pages.cohort.catalogue import named_metrics, named_sites
from pages.cohort.experiment_acts import SAVED, may
from pages.cohort.experiments_early import detectable_words
from pages.cohort.experiments_view import detectable
from pages.shared.moments import DATE_FORM
from pages.shared.refusals import refused_words
from pages.shared.saving import pressed, save
from pages.shared.session import Visit
from pages.shared.trial_data import trial_data
from pages.shared.trial_guards import chosen_after_extreme
from wording import date_, say, sentence, state

if TYPE_CHECKING:
    from data.types import Experiment

FIRST_DAYS, LAST_DAYS = 7, 63  # from today: a week to prepare, eight weeks to run
_save = partial(save, under=SAVED)


def may_plan(visit: Visit) -> bool:
    """Tell whether this person may open an experiment."""
    return may(visit, Permission.PLAN_EXPERIMENT, ())


def may_freeze(visit: Visit) -> bool:
    """Tell whether this person may freeze a plan at any site."""
    return may(visit, Permission.FREEZE_PLAN, ())


def open_new(visit: Visit) -> None:
    """Open the form of a new experiment."""
    st.dialog(say("experiments.form.new", visit.language), width="medium")(_new)(visit)


def open_plan(visit: Visit, version: str, experiment: Experiment) -> None:
    """Open the form of a plan."""
    st.dialog(say("experiments.form.plan", visit.language), width="large")(_plan)(visit, version, experiment)


def _new(visit: Visit) -> None:
    language = visit.language
    title = st.text_input(say("experiments.form.title", language), max_chars=200, key="experiment-title",
                          placeholder=say("experiments.form.title_help", language))  # fmt: skip
    with the_store().read() as cursor:
        known = {person.id: person.name for person in people(cursor) if not person.disabled}
    ids = list(known)
    own = ids.index(visit.actor.person_id) if visit.actor.person_id in known else 0
    owner = st.selectbox(say("shared.label.owner", language), ids, index=own, format_func=known.get,
                         key="experiment-owner")  # fmt: skip
    if pressed(language, "experiment-new"):
        _save(visit, lambda: _opened(visit, title, owner), say("experiments.saved.new", language, title=title))


def _opened(visit: Visit, title: str, owner: str) -> None:
    made = plan_experiment(the_store(), visit.actor, title=title, owner_id=owner)
    st.query_params["experiment"] = made.label


def _plan(visit: Visit, version: str, experiment: Experiment) -> None:
    language = visit.language
    metrics, sites = named_metrics(version, language), named_sites(version)
    if not metrics or not sites:
        st.info(say("experiments.form.nothing_measured", language))
        return
    hypothesis = st.text_area(say("experiments.promise.hypothesis", language), max_chars=500, key="plan-hypothesis",
                              placeholder=say("experiments.form.hypothesis_help", language))  # fmt: skip
    left, right = st.columns(2)
    metric = left.selectbox(say("experiments.form.metric", language), list(metrics), format_func=metrics.get,
                            key="plan-metric")  # fmt: skip
    with the_store().read() as cursor:
        upwards = any(known.id == metric and known.direction is Direction.UP for known in all_metrics(cursor))
    expected = right.selectbox(
        say("experiments.promise.expected", language), [Direction.DOWN, Direction.UP], index=int(upwards),
        key=f"plan-direction-{metric}",
        format_func=lambda found: say(f"experiments.form.direction.{found}", language),
    )  # fmt: skip
    where = _where(visit, sites)
    when = _when(visit, where, sites)
    left, right = st.columns(2)
    smallest = left.number_input(say("experiments.form.smallest", language), value=None, min_value=0.0,
                                 key="plan-smallest", help=say("experiments.form.smallest_help", language))  # fmt: skip
    cycle = right.text_input(say("experiments.form.cycle", language), max_chars=60, key="plan-cycle",
                             help=say("experiments.form.cycle_help", language))  # fmt: skip
    rule = st.text_area(say("experiments.promise.rule", language), max_chars=500, key="plan-rule",
                        placeholder=say("experiments.form.rule_help", language))  # fmt: skip
    guardrails = st.multiselect(say("experiments.promise.guardrails", language),
                                [key for key in metrics if key != metric], format_func=metrics.get,
                                key="plan-guardrails", placeholder=say("experiments.form.choose", language),
                                help=say("experiments.form.guardrails_help", language))  # fmt: skip
    trend = where["analysis"] is Analysis.SINGLE_SITE and st.checkbox(
        say("experiments.form.trend", language), value=True, key="plan-trend",
        help=say("experiments.form.trend_help", language),
    )  # fmt: skip
    plan = Plan(
        id="", experiment_id=experiment.id, hypothesis=hypothesis, metric_id=metric, expected_direction=expected,
        smallest_effect=smallest or 0.0, cycle=cycle.strip(), decision_rule=rule, trend_term=trend,
        guardrail_metric_ids=tuple(guardrails), frozen_at=the_store().now(), **where, **when,
    )  # fmt: skip
    preview(visit, plan)
    if pressed(language, "plan"):
        _save(visit, lambda: freeze_plan(the_store(), visit.actor, experiment.id, plan),
              say("experiments.saved.freeze", language))  # fmt: skip


def _where(visit: Visit, sites: dict[str, str]) -> dict[str, Any]:
    """Ask where it is tried, how it is judged, and beside which sites."""
    language = visit.language
    analysis = st.radio(say("experiments.promise.analysis", language), list(Analysis), key="plan-analysis",
                        format_func=lambda found: state(found, language), horizontal=True,
                        help=say("experiments.form.analysis_help", language))  # fmt: skip
    treated = st.multiselect(say("experiments.promise.sites", language), list(sites), format_func=sites.get,
                             key="plan-sites", placeholder=say("experiments.form.choose", language))  # fmt: skip
    chosen: dict[str, Any] = {"analysis": analysis, "site_ids": tuple(treated)}
    if analysis is not Analysis.SINGLE_SITE:
        others = [site for site in sites if site not in treated]
        chosen["comparison_site_ids"] = tuple(
            st.multiselect(
                say("experiments.promise.comparison", language),
                others,
                format_func=sites.get,
                key="plan-comparison",
                placeholder=say("experiments.form.choose", language),
            )
        )
        chosen["drawn_by_lot"] = st.checkbox(say("experiments.form.lot", language), key="plan-lot")
    return chosen


def _when(visit: Visit, where: dict[str, Any], sites: dict[str, str]) -> dict[str, Any]:
    """Ask when it starts, per site where they start one after another, when it ends, and when it is looked at."""
    language = visit.language
    left, right = st.columns(2)
    first, last = (visit.today + dt.timedelta(days=days) for days in (FIRST_DAYS, LAST_DAYS))
    starts_on = left.date_input(say("experiments.form.starts_on", language), value=first, key="plan-start",
                                format=DATE_FORM)  # fmt: skip
    ends_on = right.date_input(say("experiments.form.ends_on", language), value=last, key="plan-end", format=DATE_FORM)
    site_starts: tuple[dt.date, ...] = ()
    if where["analysis"] is Analysis.STAGGERED:
        site_starts = tuple(
            st.date_input(say("experiments.form.site_start", language, site=sites[site]), value=starts_on,
                          key=f"plan-start-{site}", format=DATE_FORM)
            for site in where["site_ids"]
        )  # fmt: skip
        starts_on = min(site_starts, default=starts_on)
    in_turn = where["analysis"] is Analysis.STAGGERED
    looks = () if in_turn else default_looks(starts_on, ends_on)
    days = ", ".join(date_(look, language) for look in looks)
    code = "early.staggered" if in_turn else "form.looks" if looks else "form.no_looks"
    st.caption(say(f"experiments.{code}", language, days=days))
    return {"starts_on": starts_on, "ends_on": ends_on, "site_starts": site_starts, "looks": looks}


def preview(visit: Visit, plan: Plan) -> None:
    """Say, before anything is promised, how small an effect this plan could see and what speaks against its start."""
    language = visit.language
    try:
        check_plan(plan)
        with the_store().read() as cursor:
            data = trial_data(cursor, plan)
            metric = records.one(cursor, Metric, plan.metric_id)
    except Refused as refusal:
        st.info(refused_words(refusal, language))
        return
    if metric is None:
        return
    for line in detectable_words(detectable(plan, data), plan.smallest_effect, metric, language):
        st.info(line)
    extreme = chosen_after_extreme(data.values, data.grain, visit.today)
    if extreme is not None:
        st.warning(sentence(extreme, language, metric))
