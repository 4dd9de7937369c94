"""What speaks against a trial's effect beside its own numbers: other changes, a changed metric, an extreme start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd

from analytics import guards
from analytics.guards import (
    definition_changes,
    different_trends_before,
    extreme_before_start,
    few_points,
    overlapping_changes,
    sites_chosen_extreme,
    uneven_sites,
)
from analytics.results_effects import Guard, GuardLevel
from data import records
from data.definitions import redefinitions
from data.experiments import experiments, plans
from data.periods import period_end
from data.types import Analysis, Decision, DecisionType, Experiment, ExperimentState, Grain, Plan, Site
from pages.shared.trial_data import TrialData

refusal_of = guards.refusal_of
BEGUN = (ExperimentState.RUNNING, ExperimentState.ENDED, ExperimentState.ABANDONED)


def trial_guards(
    cursor: duckdb.DuckDBPyConnection, experiment: Experiment, plan: Plan, data: TrialData
) -> tuple[Guard, ...]:
    """Find every reason to doubt a trial's effect; sites in them are ids."""
    of_sites = data.values.to_frame() if data.by_site.empty else data.by_site  # noqa: PD011 - a field of ours
    periods = pd.DatetimeIndex(of_sites.dropna(how="all").index)
    sites = (*plan.site_ids, *plan.comparison_site_ids)
    anew = redefinitions(cursor, metric_id=data.metric.id, site_ids=sites)
    found = [
        *_overlaps(cursor, experiment, plan, periods),
        *definition_changes(
            periods, changed=[each.day for each in anew], restated=[each.day for each in anew if each.restated]
        ),
    ]
    if plan.analysis is Analysis.SINGLE_SITE:
        chosen = chosen_after_extreme(data.values, data.grain, _chosen_on(cursor, experiment, plan))
        after = int((periods >= pd.Timestamp(plan.starts_on)).sum())
        few = [guard for guard in few_points(len(periods) - after, after) if guard.level is GuardLevel.WARNING]
        return (*found, *([chosen] if chosen else []), *few)
    if plan.analysis is Analysis.COMPARISON and not data.by_site.empty:
        found += _of_comparison(plan, data)
    return tuple(found)


def chosen_after_extreme(values: pd.Series, grain: Grain, chosen_on: dt.date) -> Guard | None:
    """Warn that a start was chosen when the newest points were extreme: such points fall back by themselves.

    chosen_on: the day on which the plan was frozen, or today while it is drafted; only periods that
        had ended by then could lead anybody to choose.
    """
    ended = [period_end(stamp.date(), grain) < chosen_on for stamp in pd.DatetimeIndex(values.index)]
    found = extreme_before_start(values[ended], intervention_date=chosen_on)
    return None if found is None else replace(found, code="chosen_after_extreme")


def named_guard(guard: Guard, names: Mapping[str, str]) -> Guard:
    """Call the site of a doubt as a reader does."""
    site = guard.args.get("site")
    return replace(guard, args={**guard.args, "site": names.get(str(site), str(site))}) if site else guard


def _chosen_on(cursor: duckdb.DuckDBPyConnection, experiment: Experiment, plan: Plan) -> dt.date:
    frozen = plans(cursor, experiment.id)
    return min(frozen[0].frozen_at.date(), plan.starts_on) if frozen else plan.starts_on


def _of_comparison(plan: Plan, data: TrialData) -> list[Guard]:
    start = plan.starts_on
    parting = different_trends_before(
        data.by_site, treated_sites=plan.site_ids, intervention_date=start, rng=np.random.default_rng(plan.seed)
    )
    return [
        *sites_chosen_extreme(data.by_site, treated_sites=plan.site_ids, intervention_date=start),
        *uneven_sites(data.by_site, intervention_date=start),
        *([parting] if parting else []),
    ]


def _overlaps(
    cursor: duckdb.DuckDBPyConnection, experiment: Experiment, plan: Plan, periods: pd.DatetimeIndex
) -> list[Guard]:
    """Other changes in the window.

    One of the same metric forbids the effect where it touches every treated site, and is warned of by name elsewhere;
    those at the treated sites in other metrics are warned of together.
    """
    names = {site.id: site.name for site in records.current(cursor, Site)}
    forbidding, doubtful, beside = {}, {}, {}
    for label, date, sites, metric_id in _other_changes(cursor, experiment):
        touched = [site for site in (*plan.site_ids, *plan.comparison_site_ids) if not sites or site in sites]
        treated = [site for site in touched if site in plan.site_ids]
        if metric_id != plan.metric_id:
            if treated:
                beside[label] = date
        elif touched:
            whole = not sites or set(plan.site_ids) <= set(sites)
            where = f"{label} ({', '.join(names.get(site, site) for site in touched)})" if sites else label
            (forbidding if whole and plan.analysis is not Analysis.STAGGERED else doubtful)[where] = date
    start = plan.starts_on
    warned = overlapping_changes(periods, intervention_date=start, other_changes=doubtful)
    near = overlapping_changes(periods, intervention_date=start, other_changes=beside)
    labels = [str(guard.args["change"]) for guard in near]
    elsewhere = Guard("overlap_elsewhere", GuardLevel.WARNING, {"n": len(near), "changes": ", ".join(labels)})
    return [
        *overlapping_changes(periods, intervention_date=start, other_changes=forbidding),
        *(replace(guard, code="overlap", level=GuardLevel.WARNING) for guard in warned),
        *([elsewhere] if near else []),
    ]


def _amendment(plan: Plan) -> int:
    return plan.amendment


def _other_changes(
    cursor: duckdb.DuckDBPyConnection, experiment: Experiment
) -> list[tuple[str, dt.date, tuple[str, ...], str | None]]:
    """Every other trial that has begun, and every change of the process: label, first day, sites (none = all), metric."""
    found: list[tuple[str, dt.date, tuple[str, ...], str | None]] = []
    in_force = {plan.experiment_id: plan for plan in sorted(records.current(cursor, Plan), key=_amendment)}
    for other in experiments(cursor):
        frozen = in_force.get(other.id)
        if frozen is not None and other.id != experiment.id and other.state in BEGUN:
            found.append((other.label, frozen.starts_on, frozen.site_ids, frozen.metric_id))
    for decision in records.current(cursor, Decision, type=DecisionType.PROCESS_CHANGE):
        if decision.experiment_id != experiment.id:
            sites = (decision.site_id,) if decision.site_id else ()
            found.append((decision.label, decision.applies_on, sites, decision.metric_id))
    return found
