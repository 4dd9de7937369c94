"""A frozen plan and the record, turned into the effect that the plan declared: the one place that does so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd

from analytics.did import comparison_effect
from analytics.guards import effect_without_trigger
from analytics.its import single_site_effect
from analytics.placebos import placebo_sites, placebo_starts
from analytics.results import NotComputable, SiteEffect
from analytics.results_effects import ComparisonEffect, EventStudy, Guard, Placebos, RolloutEffect
from analytics.script import ComparisonInputs, RolloutInputs, SingleSiteInputs, script
from analytics.staggered import event_study, rollout_effect
from data.types import Analysis, Experiment, MetricKind, Plan
from pages.shared.trial_data import TrialData, trial_data
from pages.shared.trial_guards import forbidden_by, named_guard, trial_guards
from pages.shared.trial_outcome import Effect, TrialOutcome, effect_outcome

Inputs = SingleSiteInputs | ComparisonInputs | RolloutInputs
R = TypeVar("R")
METHODS = {
    Analysis.SINGLE_SITE: "ar1_gls_phi_integrated 1",
    Analysis.COMPARISON: "collapsed_did 1",
    Analysis.STAGGERED: "imputation 1",
}


@dataclass(frozen=True, slots=True, eq=False)
class TrialEffect:
    """The effect of a trial by its declared analysis. Sites are called as `names` says.

    declared: as the plan promised; result: what may be said of it, after doubts: NotComputable where one forbids it,
    with a wider interval where the start was chosen on an extreme point.
    """

    plan: Plan
    data: TrialData
    declared: Effect | NotComputable
    result: Effect | NotComputable
    guards: tuple[Guard, ...]
    names: Mapping[str, str]
    until: dt.date | None = None  # the day on which it ended or was given up: the last that counts

    @property
    def outcome(self) -> TrialOutcome:
        """What it came to."""
        return effect_outcome(self.result, self.data.metric)

    @property
    def p_value(self) -> float | None:
        """Of the result; None where there is none."""
        return None if isinstance(self.result, NotComputable) else self.result.p_value

    @property
    def widened(self) -> bool:
        """Whether a doubt has widened the interval."""
        return self.result is not self.declared and not isinstance(self.result, NotComputable)

    @property
    def method(self) -> str:
        """The method with its version."""
        return METHODS[self.plan.analysis]


def trial_effect(
    cursor: duckdb.DuckDBPyConnection,
    experiment: Experiment,
    plan: Plan,
    *,
    names: Mapping[str, str],
    until: dt.date | None = None,
    metric_id: str | None = None,
    as_known_on: dt.datetime | None = None,
) -> TrialEffect:
    """Compute a trial's effect with its doubts.

    names: what each site of the plan is called, by id; until, metric_id, as_known_on: as for `trial_data`.
    """
    data = trial_data(cursor, plan, until=until, metric_id=metric_id, as_known_on=as_known_on)
    doubts = trial_guards(cursor, experiment, plan, data.counted)
    declared = declared_effect(plan, data)
    refusal = forbidden_by(doubts)
    result = declared
    if refusal is not None and not isinstance(declared, NotComputable):
        result = refusal
    elif isinstance(declared, SiteEffect) and (trigger := trigger_dates(doubts)):
        result = effect_without_trigger(
            data.values, intervention_date=plan.starts_on, trigger_dates=trigger, **_options(plan, data)
        )
    said = tuple(named_guard(guard, names) for guard in doubts)
    promised = named(declared, names)
    return TrialEffect(plan, data, promised, promised if result is declared else result, said, names, until)


def declared_effect(plan: Plan, data: TrialData) -> Effect | NotComputable:
    """Compute the effect as the plan declared it; sites are called by their ids."""
    if data.n_measured == 0:
        return NotComputable("all_missing")
    if plan.analysis is Analysis.SINGLE_SITE:
        return single_site_effect(data.values, intervention_date=plan.starts_on, **_options(plan, data))
    rng = np.random.default_rng(plan.seed)
    if plan.analysis is Analysis.COMPARISON:
        return comparison_effect(
            data.by_site, treated_sites=plan.site_ids, intervention_date=plan.starts_on, rng=rng,
            weights=site_weights(data), excluded=data.excluded,
        )  # fmt: skip
    return rollout_effect(
        data.by_site, adoption_dates=adoption_dates(plan), drawn_by_lot=plan.drawn_by_lot, rng=rng,
        excluded=data.excluded,
    )  # fmt: skip


def adoption_dates(plan: Plan) -> dict[str, dt.date | None]:
    """Say when each site of a staggered plan starts; a comparison site never does."""
    starts: dict[str, dt.date | None] = dict(zip(plan.site_ids, plan.site_starts, strict=True))
    return {**starts, **dict.fromkeys(plan.comparison_site_ids)}


def placebos_of(effect: TrialEffect) -> Placebos | NotComputable | None:
    """Look where nothing was done: false starts of one site, comparison sites in the treated ones' place.

    None where there is no effect to compare with, or where the event study shows the time before.
    """
    if isinstance(effect.result, NotComputable) or isinstance(effect.declared, NotComputable):
        return None
    plan, data = effect.plan, effect.data
    if plan.analysis is Analysis.SINGLE_SITE:
        return placebo_starts(
            data.values, intervention_date=plan.starts_on, true_estimate=effect.declared.estimate,
            **_options(plan, data),
        )  # fmt: skip
    if plan.analysis is Analysis.COMPARISON:
        found = placebo_sites(
            data.by_site, treated_sites=plan.site_ids, intervention_date=plan.starts_on,
            true_estimate=effect.declared.estimate, rng=np.random.default_rng(plan.seed),
            weights=site_weights(data, effect.plan.site_ids), excluded=data.excluded,
        )  # fmt: skip
        if isinstance(found, NotComputable):
            return found
        return replace(found, names=tuple(effect.names.get(name, name) for name in found.names))
    return None


def study_of(effect: TrialEffect) -> EventStudy | NotComputable | None:
    """Follow the sites of a staggered trial around their starts; None for another trial."""
    if effect.plan.analysis is not Analysis.STAGGERED or isinstance(effect.result, NotComputable):
        return None
    plan = effect.plan
    found = event_study(
        effect.data.by_site, adoption_dates=adoption_dates(plan), drawn_by_lot=plan.drawn_by_lot,
        rng=np.random.default_rng(plan.seed), excluded=effect.data.excluded,
    )  # fmt: skip
    return named(found, effect.names)


def script_of(effect: TrialEffect) -> str | None:
    """Write the script that repeats the declared effect from its data; None where no effect is shown."""
    if isinstance(effect.result, NotComputable) or isinstance(effect.declared, NotComputable):
        return None
    plan, data, names = effect.plan, effect.data, effect.names
    by_site = data.by_site.rename(columns=dict(names))
    inputs: Inputs
    if plan.analysis is Analysis.SINGLE_SITE:
        inputs = SingleSiteInputs(data.values, plan.starts_on, data.excluded, together_weights(data))
    elif plan.analysis is Analysis.COMPARISON:
        weights = site_weights(data)
        renamed = None if weights is None else weights.rename(columns=dict(names))
        inputs = ComparisonInputs(by_site, plan.starts_on, plan.seed, data.excluded, renamed)
    else:
        starts = {names.get(site, site): day for site, day in adoption_dates(plan).items()}
        inputs = RolloutInputs(by_site, starts, plan.seed, data.excluded)
    return script(inputs, effect.declared)


def named(result: R, names: Mapping[str, str]) -> R:
    """Call the sites in a result as a reader does."""
    match result:
        case ComparisonEffect():
            groups = ("treated_sites", "comparison_sites", "left_out_sites")
            changes = {names.get(site, site): change for site, change in result.site_changes.items()}
            return replace(result, site_changes=changes, **_called(result, groups, names))
        case RolloutEffect():
            return replace(result, **_called(result, ("adopters", "comparison_sites", "left_out_sites"), names))
        case EventStudy():
            return replace(result, **_called(result, ("adopters",), names))
    return result


def _called(result: object, groups: tuple[str, ...], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {group: tuple(names.get(site, site) for site in getattr(result, group)) for group in groups}


def trigger_dates(doubts: tuple[Guard, ...]) -> tuple[dt.date, ...]:
    """Say which extreme periods led to the choice of the start; none without such a doubt."""
    return next((guard.args["dates"] for guard in doubts if guard.code == "chosen_after_extreme"), ())  # type: ignore[return-value]


def together_weights(data: TrialData) -> pd.Series | None:
    """Give the denominators of the treated sites together; None for a metric that is no ratio."""
    return data.weights if data.metric.kind is MetricKind.RATIO and data.weights.notna().any() else None


def site_weights(data: TrialData, without: tuple[str, ...] = ()) -> pd.DataFrame | None:
    """Give the denominators of each site; None for a metric that is no ratio."""
    ratio = data.metric.kind is MetricKind.RATIO and data.site_weights.notna().any().any()
    return data.site_weights.drop(columns=list(without)) if ratio else None


def _options(plan: Plan, data: TrialData) -> dict[str, Any]:
    return {"trend": plan.trend_term, "weights": together_weights(data), "excluded": data.excluded}
