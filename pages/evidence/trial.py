"""One registered trial with what was promised, what was measured and what that comes to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import duckdb
import pandas as pd

from analytics.its import single_site_effect
from analytics.results import Direction, NotComputable, SiteEffect
from data import records
from data.access import Refused
from data.experiments import plans
from data.series import MetricSeries, metric_series, whole_metric
from data.types import (
    Decision,
    Experiment,
    ExperimentState,
    Metric,
    MetricKind,
    Person,
    Plan,
    Process,
    Site,
    SiteAlias,
)
from pages.evidence.masking import SMALLEST_GROUP, Masks


class TrialOutcome(StrEnum):
    """What a trial came to, by its state and its interval; worded as evidence.outcome.<value>."""

    HELPED = "helped"
    NO_VISIBLE_EFFECT = "no_visible_effect"
    HARMFUL = "harmful"
    CHANGED = "changed"  # the metric has no good direction
    NOT_COMPUTABLE = "not_computable"
    ABANDONED = "abandoned"
    RUNNING = "running"
    PLANNED = "planned"
    UNPUBLISHED = "unpublished"
    WITHDRAWN = "withdrawn"


ICONS = {
    TrialOutcome.HELPED: "diamond",
    TrialOutcome.HARMFUL: "square",
    TrialOutcome.ABANDONED: "cross",
    TrialOutcome.RUNNING: "dots",
    TrialOutcome.PLANNED: "dots",
    TrialOutcome.UNPUBLISHED: "dots",
    TrialOutcome.CHANGED: "triangle",
}  # all others: the ring of ordinary variation


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """All that an evidence page says. values, weights: the analysed window, NaN = not measured or held back."""

    experiment: Experiment
    plans: tuple[Plan, ...]  # as first frozen, then each amendment
    metric: Metric
    masks: Masks
    series: MetricSeries | None
    values: pd.Series
    weights: pd.Series
    n_held_back: int
    result: SiteEffect | NotComputable
    judge: Person | None
    synthetic: bool
    metrics: dict[str, Metric]  # by id: all that the plans name
    given_up_on: dt.date | None  # of an abandoned trial: the last day that counts
    pinned: Decision | None  # the decision that began it, when it may stand on public pages

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self.plans[-1]

    @property
    def days_before(self) -> int:
        """How many days before the start the first plan was frozen."""
        return (self.plans[0].starts_on - self.plans[0].frozen_at.date()).days

    @property
    def outcome(self) -> TrialOutcome:
        """What it came to."""
        if self.experiment.state is ExperimentState.ABANDONED:
            return TrialOutcome.ABANDONED
        return effect_outcome(self.result, self.metric)


def effect_outcome(result: SiteEffect | NotComputable, metric: Metric) -> TrialOutcome:
    """Judge an interval: helped or harmful only when it lies wholly on one side of no effect."""
    if isinstance(result, NotComputable):
        return TrialOutcome.NOT_COMPUTABLE
    if result.lower <= 0 <= result.upper:
        return TrialOutcome.NO_VISIBLE_EFFECT
    if metric.direction is Direction.NEUTRAL:
        return TrialOutcome.CHANGED
    better = (result.estimate > 0) == (metric.direction is Direction.UP)
    return TrialOutcome.HELPED if better else TrialOutcome.HARMFUL


def gather(cursor: duckdb.DuckDBPyConnection, experiment_id: str, *, masked: bool) -> Trial:
    """Gather a finished trial. Raises Refused "unknown_record", "plan_not_frozen" or "experiment_not_over"."""
    experiment = records.one(cursor, Experiment, experiment_id)
    if experiment is None:
        raise Refused("unknown_record", kind=Experiment.table, id=experiment_id)
    frozen = tuple(plans(cursor, experiment_id))
    if not frozen:
        raise Refused("plan_not_frozen")
    if experiment.state not in (ExperimentState.ENDED, ExperimentState.ABANDONED):
        raise Refused("experiment_not_over")
    plan = frozen[-1]
    metric = records.one(cursor, Metric, plan.metric_id)
    if metric is None:
        raise Refused("unknown_record", kind=Metric.table, id=plan.metric_id)
    masks = masks_for(cursor, plan, hidden=masked)
    series = _planned_series(cursor, plan)
    given_up_on = _given_up_on(cursor, experiment)
    values, weights, held_back = _window(series, plan, metric, given_up_on)
    process = records.one(cursor, Process, metric.process_id) if metric.process_id else None
    return Trial(
        experiment, frozen, metric, masks, series, values, weights, held_back,
        result=_effect(values, weights, plan, metric),
        judge=records.one(cursor, Person, experiment.verdict_by) if experiment.verdict_by else None,
        synthetic=process is not None and process.synthetic,
        metrics={known.id: known for known in records.current(cursor, Metric)},
        given_up_on=given_up_on,
        pinned=_pinned(cursor, experiment),
    )  # fmt: skip


def masks_for(cursor: duckdb.DuckDBPyConnection, plan: Plan, *, hidden: bool) -> Masks:
    """Read how the sites of a plan may be called; when hidden, every site of the register is masked."""
    planned = (*plan.site_ids, *plan.comparison_site_ids)
    known = {site.id: site for site in records.current(cursor, Site)}
    named = [known.pop(site_id) for site_id in planned if site_id in known]
    return Masks((*named, *known.values()), tuple(records.current(cursor, SiteAlias)), hidden)


def _planned_series(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> MetricSeries | None:
    if len(plan.site_ids) == 1:
        return metric_series(cursor, site_id=plan.site_ids[0], metric_id=plan.metric_id, grain=plan.grain)
    return whole_metric(cursor, metric_id=plan.metric_id, site_ids=plan.site_ids, grain=plan.grain)


def _given_up_on(cursor: duckdb.DuckDBPyConnection, experiment: Experiment) -> dt.date | None:
    if experiment.state is not ExperimentState.ABANDONED:
        return None
    revisions = records.history(cursor, Experiment, experiment.id)
    return next(r.recorded_at.date() for r in revisions if r.record.state is ExperimentState.ABANDONED)


def _pinned(cursor: duckdb.DuckDBPyConnection, experiment: Experiment) -> Decision | None:
    chosen = records.current(cursor, Decision, experiment_id=experiment.id, public=True)
    return min(chosen, key=lambda decision: decision.applies_on, default=None)


def _window(
    series: MetricSeries | None, plan: Plan, metric: Metric, given_up_on: dt.date | None
) -> tuple[pd.Series, pd.Series, int]:
    """Cut the series to the plan's window; ratios over fewer than SMALLEST_GROUP cases are held back."""
    if series is None:
        nothing = pd.Series([], index=pd.DatetimeIndex([]), dtype=float)
        return nothing, nothing, 0
    last_day = min(plan.ends_on, given_up_on or plan.ends_on)
    within = slice(_stamp(plan.baseline_from), _stamp(last_day))
    values, weights = series.values.loc[within].copy(), series.weights.loc[within].copy()  # noqa: PD011
    if metric.kind is not MetricKind.RATIO:
        return values, weights, 0
    small = (weights < SMALLEST_GROUP) & values.notna()
    values[small], weights[small] = float("nan"), float("nan")
    return values, weights, int(small.sum())


def _stamp(day: dt.date | None) -> pd.Timestamp | None:
    return None if day is None else pd.Timestamp(day)


def _effect(values: pd.Series, weights: pd.Series, plan: Plan, metric: Metric) -> SiteEffect | NotComputable:
    if values.notna().sum() == 0:
        return NotComputable("all_missing")
    known = weights if metric.kind is MetricKind.RATIO and weights.notna().any() else None
    return single_site_effect(values, intervention_date=plan.starts_on, trend=plan.trend_term, weights=known)
