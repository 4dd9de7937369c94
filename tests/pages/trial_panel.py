"""Seven sites with fifty weeks each, and one trial of every kind lived through on them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from data import records
from data.access import Permission
from data.experiments import end_experiment, freeze_plan, plan_experiment, start_experiment
from data.observations import commit_load
from data.types import Analysis, Batch, Experiment, Plan, ReadingKind, Site
from pages.shared.trial_readings import keep_now
from tests.pages.trials import REGISTERED, START, Registry, registry

SITES = ("nantes", "metz", "far", "lyon", "lille", "dijon", "tours")
NAMES = {"nantes": "Nantes", "metz": "Metz", "far": "Canaryville", "lyon": "Lyon", "lille": "Lille", "dijon": "Dijon",
         "tours": "Tours"}  # fmt: skip
WEEKS_BEFORE = 30
WEEKS = pd.date_range(START - dt.timedelta(weeks=WEEKS_BEFORE), periods=50, freq="7D")
STARTS = tuple(START + dt.timedelta(weeks=3 * place) for place in range(5))
OVER_ON = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)
TODAY = "2026-05-25"
COMPARED = {"analysis": Analysis.COMPARISON, "comparison_site_ids": SITES[1:6]}
STAGGERED = {
    "analysis": Analysis.STAGGERED, "metric_id": "errors", "site_ids": SITES[:5], "site_starts": STARTS,
    "comparison_site_ids": SITES[5:],
}  # fmt: skip


def sites(url: str) -> Registry:
    """A store with seven sites and no value yet."""
    made = registry(url)
    with made.store.change(made.admin, Permission.MANAGE_CATALOGUE) as tx:
        tx.append_all([Site(id=site, name=site.title()) for site in SITES[3:]])
    return made


def load_weeks(made: Registry, *, reason: str = "", shift: float = 0.0) -> None:
    """Load every week: nantes falls by two at the start, the errors of five sites one after another; Tours has an
    extreme week of cycle time at the end, and one of errors right before the start. shift: of nantes' weeks before the start, as a correction."""
    noise = np.random.default_rng(3).normal(0, 0.5, (len(WEEKS), len(SITES)))
    frames = []
    for place, site in enumerate(SITES):
        starts = {"cycle": START if site == "nantes" else None, "errors": STARTS[place] if place < 5 else None}
        for metric, change in (("cycle", -2.0), ("errors", -1.5)):
            start = starts[metric]
            after = np.zeros(len(WEEKS), bool) if start is None else np.asarray(pd.Timestamp(start) <= WEEKS)
            y = 12 + noise[:, place] + change * after
            if metric == "errors":
                y = y + 2.0 * ((site == "tours") & (np.arange(len(WEEKS)) == WEEKS_BEFORE - 1))
            else:
                y = y + 4.0 * ((site == "tours") & (np.arange(len(WEEKS)) == len(WEEKS) - 2))
                y = y + shift * ((site == "nantes") & (pd.Timestamp(START) > WEEKS))
            frames.append(pd.DataFrame(
                {"site_id": site, "metric_id": metric, "segment": "", "period_start": WEEKS, "grain": "week",
                 "value": y.round(3), "weight": 40.0 if metric == "errors" else np.nan,
                 "source_row": range(len(WEEKS)), "source_column": "C", "mark": ""}))  # fmt: skip
    batch = Batch(id=records.new_id(), file_name="w.csv", file_hash=f"w{shift}", person_id="keeper")
    commit_load(
        made.store, made.keeper, batch=batch, frame=pd.concat(frames, ignore_index=True), new_records=(), reason=reason
    )


def plan(**changes: object) -> Plan:
    """A plan at nantes from the start to the last week, unless it says otherwise."""
    return Plan(
        id="", experiment_id="", hypothesis="It falls by a day", metric_id="cycle", site_ids=("nantes",),
        expected_direction="down", smallest_effect=1.0, starts_on=START, ends_on=WEEKS[-1].date(), trend_term=False,
        decision_rule="Keep it if the whole interval is better.", frozen_at=REGISTERED,
    ).model_copy(update=changes)  # fmt: skip


def promised(made: Registry, title: str, **changes: object) -> Experiment:
    """Open an experiment and freeze its plan."""
    experiment = plan_experiment(made.store, made.keeper, title=title, owner_id="keeper")
    freeze_plan(made.store, made.keeper, experiment.id, plan(**changes))
    return experiment


def one_of_each(url: str) -> Registry:
    """E-01 beside its own past, E-02 beside other sites and without effect, E-03 one after another; E-04 runs, E-05 waits."""
    made = sites(url)
    made.clock.moment = REGISTERED
    over = [
        promised(made, "Freeze the plan", guardrail_metric_ids=("errors",)),
        promised(made, "Second check", analysis=Analysis.COMPARISON, site_ids=("metz",),
                 comparison_site_ids=("far", "lyon", "lille", "dijon")),
        promised(made, "Daily call", **STAGGERED),
    ]  # fmt: skip
    looks = tuple(START + dt.timedelta(days=days) for days in (3, 14, 30))
    runs = promised(made, "Evening shift", site_ids=("dijon",), looks=looks, ends_on=dt.date(2026, 6, 28))
    made.clock.moment = dt.datetime.combine(START, dt.time(9), dt.UTC)
    for experiment in (*over, runs):
        start_experiment(made.store, made.keeper, experiment.id)
    made.clock.moment = OVER_ON
    load_weeks(made)
    for experiment in over:
        ended = end_experiment(made.store, made.keeper, experiment.id)
        keep_now(made.store, made.keeper, ended, ReadingKind.END)
    promised(made, "Shared calendar", site_ids=("tours",), starts_on=dt.date(2026, 6, 1),
             ends_on=dt.date(2026, 8, 30), smallest_effect=0.05, guardrail_metric_ids=("errors",))  # fmt: skip
    return made
