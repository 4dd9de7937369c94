"""Practices tried at several sites: three that agree, one once, one by two metrics, one never; and trials of all ends."""

from __future__ import annotations

import datetime as dt

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
from data.practices import add_practice, standardise
from data.types import (
    Assignment,
    Batch,
    Experiment,
    Metric,
    Person,
    Plan,
    Practice,
    Role,
    Site,
    Verdict,
)
from tests.pages.trials import OVER_ON, REGISTERED, START, WEEKS_AFTER, WEEKS_BEFORE, Registry, registry

SITES = ("nantes", "metz", "lyon", "lille", "dijon", "tours", "brest")
ENDED, ABANDONED, RUNNING, PLANNED = "ended", "abandoned", "running", "planned"
NOISE = 0.5


class Playbook:
    """A store with practices; `trial` lives one trial through."""

    def __init__(self, url: str) -> None:
        self.registry: Registry = registry(url)
        scribe = Person(id="scribe", name="Inès Roy")
        with self.store.change(self.registry.admin, Permission.MANAGE_PEOPLE) as tx:
            tx.append_all([scribe, Assignment(id="role-scribe", person_id="scribe", role=Role.SCRIBE,
                                              starts_on=dt.date(2025, 1, 1))])  # fmt: skip
        with self.store.read() as cursor:
            self.scribe = actor_for(cursor, "scribe", self.store.today())
        with self.store.change(self.registry.admin, Permission.MANAGE_CATALOGUE) as tx:
            tx.append_all(
                [
                    Site(id=key, name=key.title(), process_id="planning")
                    for key in SITES
                    if key not in ("nantes", "metz")
                ]
            )
            tx.append_all(
                [Metric(id="calls", name_fr="appels", name_en="calls", unit="", direction="down", frequency="week",
                        process_id="planning", definition="", kind="count", aggregation="sum")]
            )  # fmt: skip

    @property
    def store(self):
        return self.registry.store

    @property
    def keeper(self) -> Actor:
        return self.registry.keeper

    def practice(self, title: str, *, standard: bool = False) -> Practice:
        """Add a practice."""
        practice = add_practice(self.store, self.scribe, title=title)
        return standardise(self.store, self.scribe, practice.id, reason="It helped.") if standard else practice

    def trial(
        self, practice: Practice | None, site: str, change: float, *, end: str = ENDED, metric: str = "cycle",
        verdict: Verdict | None = None, **planned: object,
    ) -> Experiment:  # fmt: skip
        """Register, run and end a trial whose true effect is `change`."""
        clock = self.registry.clock
        clock.moment = REGISTERED
        experiment = plan_experiment(
            self.store, self.keeper, title=f"Try it at {site.title()}", owner_id="keeper",
            practice_id=practice.id if practice else None,
        )  # fmt: skip
        plan = Plan(
            id="", experiment_id="", hypothesis="It falls.", metric_id=metric, site_ids=(site,),
            expected_direction="down", smallest_effect=0.5, starts_on=START,
            ends_on=START + dt.timedelta(weeks=WEEKS_AFTER, days=-1), trend_term=False, frozen_at=REGISTERED,
        ).model_copy(update=planned)  # fmt: skip
        freeze_plan(self.store, self.keeper, experiment.id, plan)
        if end == PLANNED:
            return experiment
        clock.moment = dt.datetime(2026, 1, 12, 9, tzinfo=dt.UTC)
        start_experiment(self.store, self.keeper, experiment.id)
        self.load(site, change, metric)
        if end == RUNNING:
            return experiment
        clock.moment = dt.datetime.combine(OVER_ON, dt.time(9), dt.UTC)
        if end == ABANDONED:
            return abandon_experiment(self.store, self.keeper, experiment.id, reason="Nobody had time.")
        experiment = end_experiment(self.store, self.keeper, experiment.id)
        return validate_verdict(self.store, self.keeper, experiment.id, verdict) if verdict else experiment

    def load(self, site: str, change: float, metric: str) -> None:
        """Load a site's weeks: level 12.5 with noise of its own."""
        moments = pd.date_range(START - dt.timedelta(weeks=WEEKS_BEFORE), periods=WEEKS_BEFORE + WEEKS_AFTER, freq="7D")
        noise = np.random.default_rng([SITES.index(site), len(metric)]).normal(0, NOISE, len(moments))
        level = 12.5 + noise + np.where(moments >= pd.Timestamp(START), change, 0.0)
        frame = pd.DataFrame(
            {
                "site_id": site, "metric_id": metric, "segment": "", "period_start": moments, "grain": "week",
                "value": level.round(2), "weight": np.nan, "source_row": range(2, 2 + len(moments)),
                "source_column": "C", "mark": "",
            }
        )  # fmt: skip
        batch = Batch(id=records.new_id(), file_name="weeks.csv", file_hash=records.new_id(), person_id="keeper")
        commit_load(self.store, self.keeper, batch=batch, frame=frame, new_records=(), reason="more")


def filled(url: str) -> Playbook:
    """Open a store with four practices and seven trials."""
    book = Playbook(url)
    freeze = book.practice("Freeze the plan", standard=True)
    for site, change in (("nantes", -2.4), ("metz", -1.5), ("lyon", -0.8)):
        book.trial(freeze, site, change, verdict=Verdict.STANDARDISE)
    book.trial(freeze, "lille", 0.1, end=ABANDONED)
    mixed = book.practice("Call ahead")
    book.trial(mixed, "dijon", -1.0, verdict=Verdict.RETIRE)
    book.trial(mixed, "tours", 2.0, metric="calls", verdict=Verdict.CORRECT)
    book.trial(None, "brest", 0.0, end=RUNNING)
    book.practice("Shared calendar")
    return book
