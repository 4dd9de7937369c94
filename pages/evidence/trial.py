"""One registered trial with what was promised, what was measured and what that comes to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb
import pandas as pd

from analytics.results import NotComputable
from analytics.results_effects import EventStudy, Guard
from data import records
from data.access import Refused
from data.experiments import OPEN_STATES, plans
from data.series import MetricSeries
from data.types import Decision, Experiment, ExperimentState, Metric, Person, Plan, Process, Site, SiteAlias
from pages.evidence.masking import Masks
from pages.shared.trial_effect import TrialEffect, named, study_of, trial_effect
from pages.shared.trial_family import over_on
from pages.shared.trial_guards import named_guard
from pages.shared.trial_outcome import Effect, TrialOutcome
from wording import Language, say


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """All that an evidence page says; in its effect, sites are called by their ids."""

    experiment: Experiment
    plans: tuple[Plan, ...]  # as first frozen, then each amendment
    masks: Masks
    effect: TrialEffect
    study: EventStudy | NotComputable | None  # of sites that start in turn, around their starts
    judge: Person | None
    synthetic: bool
    metrics: dict[str, Metric]  # by id: all that the plans name
    pinned: Decision | None  # the decision that began it, when it may stand on public pages

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self.plans[-1]

    @property
    def metric(self) -> Metric:
        """What it is judged by."""
        return self.effect.data.metric

    @property
    def over_on(self) -> dt.date | None:
        """The day on which it ended or was given up: no later day counts."""
        return self.effect.until

    @property
    def series(self) -> MetricSeries | None:
        """The treated sites together, whole."""
        return self.effect.data.series

    @property
    def values(self) -> pd.Series:
        """The treated sites together in the analysed window; NaN = not measured or held back."""
        return self.effect.data.values  # noqa: PD011 - a field of ours

    @property
    def weights(self) -> pd.Series:
        """The denominators of `values`."""
        return self.effect.data.weights

    @property
    def n_held_back(self) -> int:
        """How many values rest on too few cases to be shown."""
        return self.effect.data.n_held_back

    @property
    def result(self) -> Effect | NotComputable:
        """What may be said of the effect."""
        return self.effect.result

    def result_for(self, language: Language) -> Effect | NotComputable:
        """The effect with its sites called as the page calls them."""
        if isinstance(self.result, NotComputable):
            return replace(self.result, args=_in_public(self.result.args, language))
        return named(self.result, self.called(language))

    def guards_for(self, language: Language) -> list[Guard]:
        """The doubts, with their sites called as the page calls them."""
        doubts = (named_guard(guard, self.called(language)) for guard in self.effect.guards)
        return [replace(guard, args=_in_public(guard.args, language)) for guard in doubts]

    def called(self, language: Language) -> dict[str, str]:
        """What the page calls each site of the plan, by id."""
        planned = (*self.plan.site_ids, *self.plan.comparison_site_ids)
        return {site: self.masks.name(site, language) for site in planned}

    @property
    def days_before(self) -> int:
        """How many days before the start the first plan was frozen."""
        return (self.plans[0].starts_on - self.plans[0].frozen_at.date()).days

    @property
    def outcome(self) -> TrialOutcome:
        """What it came to."""
        if self.experiment.state is ExperimentState.ABANDONED:
            return TrialOutcome.ABANDONED
        return self.effect.outcome


def _in_public(args: Mapping[str, object], language: Language) -> dict[str, object]:
    """Say of other changes what the public register says: a trial's number; of any other, that there was one."""

    def called(label: str) -> str:
        bare = label.partition(" (")[0]
        return bare if bare.startswith("E-") else say("evidence.other_change", language)

    said = dict(args)
    for name in ("change", "changes"):
        if name in said:
            labels = re.split(r", (?=[A-Z]-\d)", str(said[name]))
            said[name] = ", ".join(dict.fromkeys(called(label) for label in labels))
    return said


def gather(cursor: duckdb.DuckDBPyConnection, experiment_id: str, *, masked: bool) -> Trial:
    """Gather a finished trial. Raises Refused "unknown_record", "plan_not_frozen" or "experiment_not_over"."""
    experiment = records.one(cursor, Experiment, experiment_id)
    if experiment is None:
        raise Refused("unknown_record", kind=Experiment.table, id=experiment_id)
    frozen = tuple(plans(cursor, experiment_id))
    if not frozen:
        raise Refused("plan_not_frozen")
    if experiment.state in OPEN_STATES:
        raise Refused("experiment_not_over")
    plan = frozen[-1]
    effect = trial_effect(cursor, experiment, plan, names={}, until=over_on(cursor, experiment))
    process_id = effect.data.metric.process_id
    process = records.one(cursor, Process, process_id) if process_id else None
    return Trial(
        experiment, frozen, masks_for(cursor, plan, hidden=masked), effect,
        study=study_of(effect),
        judge=records.one(cursor, Person, experiment.verdict_by) if experiment.verdict_by else None,
        synthetic=process is not None and process.synthetic,
        metrics={known.id: known for known in records.current(cursor, Metric)},
        pinned=_pinned(cursor, experiment),
    )  # fmt: skip


def masks_for(cursor: duckdb.DuckDBPyConnection, plan: Plan, *, hidden: bool) -> Masks:
    """Read how the sites of a plan may be called; when hidden, every site of the register is masked."""
    planned = (*plan.site_ids, *plan.comparison_site_ids)
    known = {site.id: site for site in records.current(cursor, Site)}
    named = [known.pop(site_id) for site_id in planned if site_id in known]
    return Masks((*named, *known.values()), tuple(records.current(cursor, SiteAlias)), hidden)


def _pinned(cursor: duckdb.DuckDBPyConnection, experiment: Experiment) -> Decision | None:
    chosen = records.current(cursor, Decision, experiment_id=experiment.id, public=True)
    return min(chosen, key=lambda decision: decision.applies_on, default=None)
