"""What the pages of experiments show: one trial whole, with all that its record and its data say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import streamlit as st

from analytics.e_value import e_value
from analytics.power import detectable_by_date, minimum_detectable_difference, minimum_detectable_effect
from analytics.results import NotComputable
from analytics.results_effects import EventStudy, Guard, Placebos
from analytics.results_sequential import DeclaredLooks, DetectableByDate, DetectableEffect, EValue, LookPlan
from analytics.sequential import LOOKS, compared_looks, declared_looks
from data import records
from data.experiments import OPEN_STATES, plans
from data.people import person_names
from data.readings import first_verdict, readings
from data.sites import processes
from data.store import the_store
from data.types import Analysis, Experiment, ExperimentState, Metric, Plan, ReadingKind, Site
from pages.shared.trial_data import TrialData, trial_data
from pages.shared.trial_effect import (
    TrialEffect,
    placebos_of,
    site_weights,
    study_of,
    together_weights,
    trial_effect,
    trigger_dates,
)
from pages.shared.trial_family import Family, Registered, all_registered, families
from pages.shared.trial_guards import chosen_after_extreme, forbidden_by, named_guard, trial_guards
from pages.shared.trial_readings import Kept

BUDGET = sum(look.alpha for look in LOOKS)  # of all looks together, the share that alarms where nothing changed

OTHER_ENDS = (4, 8, 12, 16, 20, 26)  # weeks after the start, shown beside the plan's own end


@dataclass(frozen=True, slots=True, eq=False)
class Early:
    """What may be said of a trial under way. refusal: the doubt that forbids any reading, looks are then None."""

    doubts: tuple[Guard, ...]
    refusal: NotComputable | None
    looks: DeclaredLooks | None
    evidence: EValue | NotComputable | None  # of one site: may be read on any day


@dataclass(frozen=True, slots=True, eq=False)
class TrialView:
    """One experiment. effect and what follows from it: of one that is over; early, of one under way."""

    registered: Registered
    plans: tuple[Plan, ...]
    names: dict[str, str]  # of every site, by id
    metrics: dict[str, Metric]
    people: dict[str, str]
    early: Early | None
    detectable: DetectableEffect | NotComputable | None
    curve: DetectableByDate | None  # what one site could see by other ends
    chosen_on_extreme: Guard | None
    placebos: Placebos | NotComputable | None
    study: EventStudy | NotComputable | None
    guardrails: tuple[tuple[Metric, TrialEffect], ...]
    then: Kept | None  # what the verdict was given on, else what was read at the end
    looks_kept: tuple[Kept, ...]
    family: Family | None
    synthetic: bool


@st.cache_resource(max_entries=8, show_spinner=False)
def any_synthetic(version: str) -> bool:  # noqa: ARG001
    """Tell whether the record holds the worked example."""
    with the_store().read() as cursor:
        return any(process.synthetic for process in processes(cursor))


def labelled(version: str, label: str | None) -> Registered | None:
    """Find an experiment by its label, E-07."""
    return next((trial for trial in all_registered(version) if trial.experiment.label == label), None)


@st.cache_resource(max_entries=16, show_spinner=False)
def trial_view(version: str, today: dt.date, label: str) -> TrialView | None:
    """Gather one experiment; `version` is the record's, so that any change makes a new one."""
    found = labelled(version, label)
    if found is None:
        return None
    experiment, plan = found.experiment, found.plan
    with the_store().read() as cursor:
        frozen = tuple(plans(cursor, experiment.id))
        names = {site.id: site.name for site in records.current(cursor, Site)}
        metrics = {metric.id: metric for metric in records.current(cursor, Metric)}
        kept = readings(cursor, experiment.id)
        people = person_names(cursor)
        under_way = plan is not None and experiment.state in OPEN_STATES
        data = trial_data(cursor, plan) if plan is not None and under_way else None
        guardrails = guardrail_effects(cursor, found, names)
        early = None
        if plan is not None and data is not None and experiment.state is ExperimentState.RUNNING:
            early = early_reading(cursor, experiment, plan, data, names=names, today=today)
    before = data is not None and plan is not None and today < plan.starts_on
    then = first_verdict(kept)
    own = detectable(plan, data) if plan and data and before else None
    return TrialView(
        registered=found, plans=frozen, names=names, metrics=metrics, people=people,
        early=early,
        detectable=own,
        curve=detectable_curve(plan, data) if plan and data and isinstance(own, DetectableEffect) else None,
        chosen_on_extreme=_extreme(frozen, data) if before and data else None,
        placebos=placebos_of(found.effect) if found.effect else None,
        study=study_of(found.effect) if found.effect else None,
        guardrails=guardrails,
        then=Kept.of(then) if then else None,
        looks_kept=tuple(Kept.of(reading) for reading in kept if reading.kind is ReadingKind.LOOK),
        family=next((f for f in families(all_registered(version)) if plan and f.cycle == plan.family), None),
        synthetic=any_synthetic(version),
    )  # fmt: skip


def guardrail_effects(
    cursor: duckdb.DuckDBPyConnection, found: Registered, names: Mapping[str, str]
) -> tuple[tuple[Metric, TrialEffect], ...]:
    """Judge each guardrail by the plan, over the same days as the effect; none for a trial that is not over."""
    if found.plan is None or found.effect is None:
        return ()
    effects = [
        trial_effect(cursor, found.experiment, found.plan, names=names, metric_id=metric_id, until=found.effect.until)
        for metric_id in found.plan.guardrail_metric_ids
    ]
    return tuple((effect.data.metric, effect) for effect in effects)


def look_plans(plan: Plan) -> tuple[LookPlan, ...]:
    """Share the error budget out over a plan's looks: the last has the most, the earlier ones the rest."""
    days = sorted({(look - plan.starts_on).days for look in plan.looks if look > plan.starts_on})
    if not days:
        return ()
    if len(days) == 1:
        return (LookPlan(days[0], BUDGET),)
    last = LOOKS[-1].alpha
    early = (BUDGET - last) / (len(days) - 1)
    return (*(LookPlan(day, early) for day in days[:-1]), LookPlan(days[-1], last))


def early_reading(
    cursor: duckdb.DuckDBPyConnection, experiment: Experiment, plan: Plan, data: TrialData, *,
    names: Mapping[str, str], today: dt.date,
) -> Early:  # fmt: skip
    """Read a trial under way with the doubts that its effect will have: what forbids the one forbids the other."""
    doubts = trial_guards(cursor, experiment, plan, data.counted)
    said = tuple(named_guard(guard, names) for guard in doubts)
    refusal = forbidden_by(doubts)
    if refusal is not None:
        return Early(said, refusal, None, refusal)
    trigger = trigger_dates(doubts)
    return Early(said, None, early_looks(plan, data, today, trigger), evidence_so_far(plan, data, trigger))


def early_looks(
    plan: Plan, data: TrialData, today: dt.date, trigger: Collection[dt.date] = ()
) -> DeclaredLooks | None:  # fmt: skip
    """Make the declared looks of a trial under way; None without looks, or for sites that start one after another.

    trigger: extreme points that the start was chosen on, left out.
    """
    planned = look_plans(plan)
    if not planned or plan.analysis is Analysis.STAGGERED or data.n_measured == 0:
        return None
    asked = {
        "intervention_date": plan.starts_on, "direction": data.metric.direction, "today": today, "looks": planned,
        "excluded": (*data.excluded, *trigger),
    }  # fmt: skip
    if plan.analysis is Analysis.COMPARISON:
        rng = np.random.default_rng(plan.seed)
        return compared_looks(data.by_site, treated_sites=plan.site_ids, rng=rng, weights=site_weights(data), **asked)
    return declared_looks(data.values, trend=plan.trend_term, weights=together_weights(data), **asked)


def evidence_so_far(plan: Plan, data: TrialData, trigger: Collection[dt.date] = ()) -> EValue | NotComputable | None:
    """Weigh the evidence of one site under way, which may be read as often as one likes; None for several sites.

    trigger: as for `early_looks`.
    """
    if plan.analysis is not Analysis.SINGLE_SITE or data.n_measured == 0:
        return None
    return e_value(
        data.values, intervention_date=plan.starts_on, direction=data.metric.direction, trend=plan.trend_term,
        weights=together_weights(data), excluded=(*data.excluded, *trigger),
    )  # fmt: skip


def detectable_curve(plan: Plan, data: TrialData) -> DetectableByDate | None:
    """Tell what one site could see by other ends than the plan's; None for several sites."""
    if plan.analysis is not Analysis.SINGLE_SITE:
        return None
    ends = sorted({plan.ends_on, *(plan.starts_on + dt.timedelta(weeks=weeks, days=-1) for weeks in OTHER_ENDS)})
    return detectable_by_date(
        data.values, start=plan.starts_on, ends=ends, trend=plan.trend_term, weights=together_weights(data)
    )


def detectable(plan: Plan, data: TrialData) -> DetectableEffect | NotComputable | None:
    """Tell the smallest effect that a plan could see; None for sites that start one after another."""
    if data.n_measured == 0:
        return NotComputable("all_missing")
    if plan.analysis is Analysis.STAGGERED:
        return None
    dates = {"start": plan.starts_on, "end": plan.ends_on}
    if plan.analysis is Analysis.COMPARISON:
        return minimum_detectable_difference(data.by_site, treated_sites=plan.site_ids, **dates)
    return minimum_detectable_effect(data.values, trend=plan.trend_term, weights=together_weights(data), **dates)


def _extreme(frozen: tuple[Plan, ...], data: TrialData) -> Guard | None:
    return chosen_after_extreme(data.values, data.grain, frozen[0].frozen_at.date())
