"""What speaks against a trial's effect beside its own numbers: other changes, a changed metric, an extreme start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd

from analytics.guards import (
    definition_changes,
    different_trends_before,
    extreme_before_start,
    few_points,
    overlapping_changes,
    refusal_of,
    sites_chosen_extreme,
    uneven_sites,
)
from analytics.results import NotComputable
from analytics.results_effects import Guard, GuardLevel
from data import records
from data.decisions import all_decisions
from data.definitions import redefinitions
from data.experiments import experiments, plans, plans_in_force
from data.periods import period_end
from data.types import Analysis, Cohort, Decision, DecisionType, Experiment, ExperimentState, Grain, Plan, Site
from pages.shared.trial_data import TrialData

BEGUN = (ExperimentState.RUNNING, ExperimentState.ENDED, ExperimentState.ABANDONED)


def trial_guards(
    cursor: duckdb.DuckDBPyConnection, experiment: Experiment, plan: Plan, data: TrialData
) -> tuple[Guard, ...]:
    """Find every reason to doubt a trial's effect; sites in them are ids."""
    periods = pd.DatetimeIndex(data.measured_cells.dropna(how="all").index)
    found = [
        *_overlaps(cursor, experiment, plan, data.metric.id, periods),
        *_definitions(cursor, (*plan.site_ids, *plan.comparison_site_ids), data, periods),
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


def forbidden_by(doubts: Sequence[Guard]) -> NotComputable | None:
    """Say why no effect may be shown, where a doubt forbids it."""
    forbidding = refusal_of(doubts)
    return None if forbidding is None else NotComputable(forbidding.code, forbidding.args)


def named_guard(guard: Guard, names: Mapping[str, str]) -> Guard:
    """Call the site of a doubt as a reader does."""
    site = guard.args.get("site")
    return replace(guard, args={**guard.args, "site": names.get(str(site), str(site))}) if site else guard


def _chosen_on(cursor: duckdb.DuckDBPyConnection, experiment: Experiment, plan: Plan) -> dt.date:
    frozen = plans(cursor, experiment.id)
    return min(frozen[0].frozen_at.date(), plan.starts_on) if frozen else plan.starts_on


def _definitions(
    cursor: duckdb.DuckDBPyConnection, site_ids: Sequence[str], data: TrialData, periods: pd.DatetimeIndex
) -> tuple[Guard, ...]:
    if periods.empty:
        return ()
    last_day = period_end(periods[-1].date(), data.grain)
    anew = redefinitions(
        cursor, metric_id=data.metric.id, site_ids=site_ids, first_day=periods[0].date(), last_day=last_day
    )
    days = {each.day for each in anew}
    return definition_changes(
        periods,
        changed=days,
        restated=days - {each.day for each in anew if not each.restated},
        mixed={each.day for each in anew if each.mixed},
    )


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
    cursor: duckdb.DuckDBPyConnection, experiment: Experiment, plan: Plan, metric_id: str, periods: pd.DatetimeIndex
) -> list[Guard]:
    """Other changes in the window.

    One of the same metric forbids the effect where it comes too close at every treated site, and is warned of by name
    elsewhere; those at the treated sites in other metrics are warned of together.
    """
    names = {site.id: site.name for site in records.current(cursor, Site)}
    forbidding, doubtful, beside = {}, {}, {}
    for change in _other_changes(cursor, experiment, (*plan.site_ids, *plan.comparison_site_ids)):
        treated = {site: day for site, day in change.days.items() if site in plan.site_ids}
        if change.metric_id not in (None, metric_id):
            if _within(treated, plan, periods):
                beside[change.label] = min(treated.values())
        elif len(treated) == len(plan.site_ids) and _inseparable(treated, plan, periods):
            forbidding[change.named(change.days, names)] = min(
                treated.values(), key=lambda day: abs(day - plan.starts_on)
            )
        else:
            for day in set(change.days.values()):
                doubtful[change.named([site for site, at in change.days.items() if at == day], names)] = day
    start = plan.starts_on
    labels = sorted(beside, key=lambda label: (beside[label], label))
    elsewhere = Guard("overlap_elsewhere", GuardLevel.WARNING, {"n": len(labels), "changes": ", ".join(labels)})
    warned = overlapping_changes(periods, intervention_date=start, other_changes=doubtful)
    return [
        *overlapping_changes(periods, intervention_date=start, other_changes=forbidding),
        *(replace(guard, code="overlap", level=GuardLevel.WARNING) for guard in warned),
        *([elsewhere] if labels else []),
    ]


def _within(days: Mapping[str, dt.date], plan: Plan, periods: pd.DatetimeIndex) -> tuple[Guard, ...]:
    return overlapping_changes(periods, intervention_date=plan.starts_on, other_changes=days)


def _inseparable(days: Mapping[str, dt.date], plan: Plan, periods: pd.DatetimeIndex) -> bool:
    """Whether a change falls too close to the start at each of these sites; sites that start in turn differ in it."""
    close = [guard for guard in _within(days, plan, periods) if guard.level is GuardLevel.REFUSAL]
    return plan.analysis is not Analysis.STAGGERED and len(close) == len(days)


@dataclass(frozen=True, slots=True)
class _Change:
    """Another change. days: its first day at each site of ours that it touches; metric_id None = in every metric."""

    label: str
    days: Mapping[str, dt.date]
    metric_id: str | None
    everywhere: bool

    def named(self, sites: Iterable[str], names: Mapping[str, str]) -> str:
        """What a reader calls it, with the sites meant where it does not touch all there are."""
        return self.label if self.everywhere else f"{self.label} ({', '.join(names.get(site, site) for site in sites)})"


def _other_changes(cursor: duckdb.DuckDBPyConnection, experiment: Experiment, site_ids: Sequence[str]) -> list[_Change]:
    """Every other trial that has begun, and every change of the process that stands, as far as it touches these sites."""
    found = []
    in_force = plans_in_force(cursor)
    for other in experiments(cursor):
        frozen = in_force.get(other.id)
        if frozen is not None and other.id != experiment.id and other.state in BEGUN:
            starts = frozen.site_starts or (frozen.starts_on,) * len(frozen.site_ids)
            first_days = dict(zip(frozen.site_ids, starts, strict=True))
            days = {site: first_days[site] for site in site_ids if site in first_days}
            found.append(_Change(other.label, days, frozen.metric_id, everywhere=False))
    members = {cohort.id: cohort.site_ids for cohort in records.current(cursor, Cohort)}
    for decision in all_decisions(cursor, with_superseded=False):
        if decision.type is DecisionType.PROCESS_CHANGE and decision.experiment_id != experiment.id:
            sites = _sites_of(decision, members)
            days = {site: decision.applies_on for site in site_ids if sites is None or site in sites}
            found.append(_Change(decision.label, days, decision.metric_id, everywhere=sites is None))
    return [change for change in found if change.days]


def _sites_of(decision: Decision, members: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """The sites that a decision concerns; None = all there are."""
    if decision.site_id is not None:
        return (decision.site_id,)
    return None if decision.cohort_id is None else members.get(decision.cohort_id, ())
