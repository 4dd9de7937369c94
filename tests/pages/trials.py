"""Small trials for the public pages: one that helped, one without effect, a harm, an abandoned one, one too short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data import records
from data.access import Actor, Permission, actor_for
from data.experiments import (
    abandon_experiment,
    end_experiment,
    freeze_plan,
    plan_experiment,
    start_experiment,
    validate_verdict,
)
from data.observations import commit_load
from data.people import first_person
from data.store import Store, open_store
from data.types import Assignment, Batch, Experiment, Metric, Person, Plan, Process, Role, Site, Verdict

START = dt.date(2026, 1, 5)  # a Monday: first day of after
OVER_ON = dt.date(2026, 5, 15)
WEEKS_BEFORE, WEEKS_AFTER = 20, 14
REGISTERED = dt.datetime(2025, 12, 24, 9, 0, tzinfo=dt.UTC)  # twelve days before
PRIVATE_NOTE, PRIVATE_MAIL = "canary-note-7f3a", "canary-mail@example.org"
NEIGHBOUR = "Canaryville"
JUDGE = "Léa Roux"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def __call__(self) -> dt.datetime:
        return self.moment


@dataclass
class Registry:
    """A store with sites, people and one metric; `trial` lives one trial through."""

    store: Store
    clock: Clock
    admin: Actor
    keeper: Actor
    leader: Actor

    def trial(
        self,
        change: float = 0.0,
        *,
        title: str = "Freeze the plan at D-2",
        site: str = "nantes",
        hypothesis: str = "If the plan no longer moves, cycle time falls by at least one day.",
        abandoned: str = "",
        over_on: dt.date = OVER_ON,
        weeks_after: int = WEEKS_AFTER,
        verdict: Verdict | None = Verdict.STANDARDISE,
        running: bool = False,
        amend: Callable[[Plan], Plan] | None = None,
        metric: str = "cycle",
        weight: float | None = None,
        **changes: object,
    ) -> Experiment:
        """Register, run and end a trial whose true effect is `change`, in the metric's unit."""
        self.clock.moment = REGISTERED
        owner = self.keeper.person_id or ""
        experiment = plan_experiment(self.store, self.keeper, title=title, owner_id=owner)
        plan = Plan(
            id="", experiment_id="", hypothesis=hypothesis, metric_id=metric, site_ids=(site,),
            expected_direction="down", smallest_effect=1.0, starts_on=START,
            ends_on=START + dt.timedelta(weeks=WEEKS_AFTER, days=-1), trend_term=False,
            decision_rule="Standardise if the whole interval is better than no effect.", frozen_at=REGISTERED,
        ).model_copy(update=changes)  # fmt: skip
        freeze_plan(self.store, self.keeper, experiment.id, plan)
        self.clock.moment = dt.datetime(2026, 1, 12, 9, tzinfo=dt.UTC)
        start_experiment(self.store, self.keeper, experiment.id)
        if amend is not None:
            freeze_plan(self.store, self.keeper, experiment.id, amend(plan))
        self.load(change, site=site, weeks_after=weeks_after, metric=metric, weight=weight)
        if running:
            return experiment
        self.clock.moment = dt.datetime.combine(over_on, dt.time(9), dt.UTC)
        if abandoned:
            return abandon_experiment(self.store, self.keeper, experiment.id, reason=abandoned)
        experiment = end_experiment(self.store, self.keeper, experiment.id)
        return validate_verdict(self.store, self.keeper, experiment.id, verdict) if verdict else experiment

    def load(
        self, change: float, *, site: str = "nantes", weeks_after: int = WEEKS_AFTER, metric: str = "cycle",
        weight: float | None = None, reason: str = "corrected", seed: int = 7,
    ) -> None:  # fmt: skip
        """Load a site's weeks: level 12.5, one week missing before the start."""
        moments = pd.date_range(START - dt.timedelta(weeks=WEEKS_BEFORE), periods=WEEKS_BEFORE + weeks_after, freq="7D")
        noise = np.random.default_rng(seed).normal(0, 0.5, len(moments))
        level = 12.5 + noise + np.where(moments >= pd.Timestamp(START), change, 0.0)
        rows = pd.DataFrame(
            {
                "site_id": site, "metric_id": metric, "segment": "", "period_start": moments, "grain": "week",
                "value": level.round(2), "weight": np.nan if weight is None else weight,
                "source_row": range(2, 2 + len(moments)), "source_column": "C “délai”", "mark": "",
            }
        ).drop(index=5)  # fmt: skip
        batch = Batch(
            id=records.new_id(), file_name=f"{PRIVATE_NOTE}.csv", file_hash=f"{site}{metric}{seed}{change}",
            person_id=self.keeper.person_id or "",
        )  # fmt: skip
        commit_load(self.store, self.keeper, batch=batch, frame=rows, new_records=(), reason=reason)


def registry(url: str, *, synthetic: bool = False) -> Registry:
    """Open a store with three sites, a keeper and a leader."""
    clock = Clock(dt.datetime(2025, 6, 2, 9, tzinfo=dt.UTC))
    store = open_store(url, clock=clock)
    founder = first_person(store, "Ada", email=PRIVATE_MAIL)
    with store.read() as cursor:
        admin = actor_for(cursor, founder.id, store.today())
    keeper = Person(id="keeper", name=JUDGE, email=PRIVATE_MAIL)
    leader = Person(id="leader", name="Claire Diallo", email=PRIVATE_MAIL)
    held = [
        Assignment(id=f"role-{person.id}", person_id=person.id, role=role, starts_on=dt.date(2025, 1, 1))
        for person, role in ((keeper, Role.METRIC_KEEPER), (leader, Role.LEADER))
    ]
    with store.change(admin, Permission.MANAGE_PEOPLE) as tx:
        tx.append_all([keeper, leader, *held])
    process = Process(id="planning", name="Planning", description=PRIVATE_NOTE, synthetic=synthetic)
    metric = {"direction": "down", "frequency": "week", "process_id": "planning", "definition": PRIVATE_NOTE}
    with store.change(admin, Permission.MANAGE_CATALOGUE) as tx:
        tx.append_all([process])
        tx.append_all([
            Metric(id="cycle", name_fr="délai de cycle", name_en="cycle time", unit="d", **metric),
            Metric(id="errors", name_fr="erreurs", name_en="errors", unit="%", kind="ratio",
                   aggregation="weighted_mean", **metric),
        ])  # fmt: skip
        tx.append_all([
            Site(id=key, name=name, code=f"{key[:3].upper()}9", process_id="planning")
            for key, name in (("nantes", "Nantes"), ("metz", "Metz"), ("far", NEIGHBOUR))
        ])  # fmt: skip
    with store.read() as cursor:
        people = [actor_for(cursor, person_id, store.today()) for person_id in ("keeper", "leader")]
    return Registry(store, clock, admin, *people)
