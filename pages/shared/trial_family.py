"""Every registered experiment with its effect, and the p values of one cycle judged together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import streamlit as st

from analytics.multiplicity import benjamini_hochberg
from analytics.results import NotComputable
from analytics.results_effects import ComparisonEffect, Multiplicity
from data import records
from data.experiments import OPEN_STATES, experiments, plans_in_force
from data.store import the_store
from data.types import Experiment, ExperimentState, Metric, Plan, Site
from pages.shared.trial_effect import TrialEffect, trial_effect
from pages.shared.trial_outcome import TrialOutcome
from wording import Language, say


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """One experiment as the register holds it; plan None = not promised yet, effect None = not over."""

    experiment: Experiment
    plan: Plan | None
    metric: Metric | None
    effect: TrialEffect | None
    sites: tuple[str, ...]  # names of the treated ones

    @property
    def outcome(self) -> TrialOutcome:
        """What it came to; an abandoned one is called so whatever its effect."""
        match self.experiment.state:
            case ExperimentState.PLANNED:
                return TrialOutcome.PLANNED
            case ExperimentState.RUNNING:
                return TrialOutcome.RUNNING
            case ExperimentState.ABANDONED:
                return TrialOutcome.ABANDONED
        return self.effect.outcome if self.effect else TrialOutcome.NOT_COMPUTABLE

    @property
    def over(self) -> bool:
        """Whether it has ended or was given up."""
        return self.experiment.state not in OPEN_STATES

    @property
    def final_p(self) -> float | None:
        """The p value of its final look; None for one that has had none, or no result.

        That of t where so few sites are compared that no assignment of them could ever stand.
        """
        if self.experiment.state is not ExperimentState.ENDED or self.effect is None:
            return None
        result = self.effect.result
        return result.t_p_value if isinstance(result, ComparisonEffect) and self.judged_by_t else self.effect.p_value

    @property
    def judged_by_t(self) -> bool:
        """Whether too few sites are compared for the share of assignments to fall below the error allowed."""
        result = self.effect.result if self.effect else None
        return isinstance(result, ComparisonEffect) and result.smallest_p > 1 - result.confidence


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The experiments of one cycle, judged together by their final looks; adjusted is aligned with trials."""

    cycle: str
    trials: tuple[Registered, ...]
    judged: Multiplicity | NotComputable

    def adjusted(self, experiment_id: str) -> tuple[float, float, bool] | None:
        """Give the raw and the adjusted p value, and whether it stands; None for one without a final look."""
        judged = self.judged
        if isinstance(judged, NotComputable):
            return None
        for place, trial in enumerate(self.trials):
            if trial.experiment.id == experiment_id and trial.final_p is not None:
                return trial.final_p, float(judged.benjamini_hochberg[place]), bool(judged.discoveries[place])
        return None


def registered(cursor: duckdb.DuckDBPyConnection, only: Iterable[Experiment] | None = None) -> tuple[Registered, ...]:
    """Gather every experiment in the order they were opened, with the effect of those that are over."""
    names = {site.id: site.name for site in records.current(cursor, Site)}
    metrics = {metric.id: metric for metric in records.current(cursor, Metric)}
    in_force = plans_in_force(cursor)
    return tuple(
        _registered(cursor, experiment, in_force.get(experiment.id), names, metrics)
        for experiment in (experiments(cursor) if only is None else only)
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def all_registered(version: str) -> tuple[Registered, ...]:  # noqa: ARG001
    """Gather every experiment once per state of the record; `version` is the record's."""
    with the_store().read() as cursor:
        return registered(cursor)


def families(trials: Sequence[Registered]) -> tuple[Family, ...]:
    """Judge the final looks of each cycle together, the latest cycle first; an experiment without a plan has none."""
    cycles: dict[str, list[Registered]] = {}
    for trial in trials:
        if trial.plan is not None:
            cycles.setdefault(trial.plan.family, []).append(trial)
    return tuple(_family(cycle, cycles[cycle]) for cycle in sorted(cycles, reverse=True))


def _family(cycle: str, trials: Sequence[Registered]) -> Family:
    p_values = [float("nan") if trial.final_p is None else trial.final_p for trial in trials]
    return Family(cycle, tuple(trials), benjamini_hochberg(p_values))


def _registered(
    cursor: duckdb.DuckDBPyConnection,
    experiment: Experiment,
    plan: Plan | None,
    names: dict[str, str],
    metrics: dict[str, Metric],
) -> Registered:
    if plan is None:
        return Registered(experiment, None, None, None, ())
    effect = None
    if experiment.state not in OPEN_STATES:
        until = over_on(cursor, experiment)
        effect = trial_effect(cursor, experiment, plan, names=names, until=until)
    sites = tuple(names.get(site, site) for site in plan.site_ids)
    return Registered(experiment, plan, metrics.get(plan.metric_id), effect, sites)


def over_on(cursor: duckdb.DuckDBPyConnection, experiment: Experiment) -> dt.date | None:
    """Say on which day an experiment ended or was given up: no later day counts; None for one that is not over."""
    if experiment.state in OPEN_STATES:
        return None
    revisions = records.history(cursor, Experiment, experiment.id)
    return next(r.recorded_at.date() for r in revisions if r.record.state is experiment.state)


def cycle_name(name: str, language: Language) -> str:
    """Name a cycle: a quarter as people write it, or the name that the plans give it."""
    year, _, quarter = name.partition("-Q")
    if year.isdigit() and quarter.isdigit():
        return say("pooling_view.quarter", language, quarter=quarter, year=year)
    return name
