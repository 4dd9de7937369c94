"""Stores of any size for tests of screens: n sites, four metrics, sixty weeks, always the same for the same n."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.results import Direction
from data import records
from data.access import Actor, Permission, actor_for
from data.observations import commit_load, refresh_scores
from data.people import first_person
from data.store import Store, open_store
from data.types import Aggregation, Batch, Grain, Metric, MetricKind, Process, Site, SiteStage, Stage, Target, Wave

TODAY = dt.date(2026, 5, 18)
WEEKS = 60
METRICS = (
    ("cycle", "Délai de cycle", "Cycle time", "d", Direction.DOWN, 12.0, 0.8, 10.0),
    ("on_time", "Livraisons à l'heure", "On-time delivery", "%", Direction.UP, 91.0, 1.5, 95.0),
    ("errors", "Erreurs de commande", "Order errors", "%", Direction.DOWN, 5.0, 0.6, 4.0),
    ("stock", "Stock moyen", "Average stock", "", Direction.NEUTRAL, 480.0, 30.0, None),
)


def founder(store: Store) -> Actor:
    """Register the first person, as an administrator who keeps every site's metrics."""
    person = first_person(store, "Ada Keeper", language="en")
    with store.read() as cursor:
        return actor_for(cursor, person.id, store.today())


def filled(path: Path, n_sites: int) -> str:
    """Make a store with n sites and return its founder's id; with 0 sites only its founder."""
    store = open_store(str(path), clock=lambda: dt.datetime.combine(TODAY, dt.time(9), tzinfo=dt.UTC))
    try:
        actor = founder(store)
        if n_sites:
            _fill(store, actor, n_sites)
        store.checkpoint()
    finally:
        store.close()
    return actor.person_id


def _fill(store: Store, actor: Actor, n_sites: int) -> None:
    sites = [Site(id=f"s{n:03d}", name=f"Site {n:03d}", code=f"S{n:03d}", process_id="process") for n in range(n_sites)]
    metrics = [
        Metric(id=key, name_fr=french, name_en=english, unit=unit, direction=direction, kind=MetricKind.MEASURE,
               frequency=Grain.WEEK, aggregation=Aggregation.MEAN, process_id="process")
        for key, french, english, unit, direction, *_ in METRICS
    ]  # fmt: skip
    batch = Batch(id=records.new_id(), file_name="filled.csv", file_hash="0" * 64, person_id=actor.person_id or "")
    start = TODAY - dt.timedelta(weeks=WEEKS)
    targets = [
        Target(id=f"t-{m[0]}", metric_id=m[0], applies_from=start, value=m[-1]) for m in METRICS if m[-1] is not None
    ]
    commit_load(
        store,
        actor,
        batch=batch,
        frame=_frame(n_sites, start),
        new_records=[Process(id="process", name="P"), *sites, *metrics],
    )
    waves = [
        Wave(id=f"w{n}", number=n, process_id="process", planned_on=start + dt.timedelta(weeks=10 * n))
        for n in (1, 2, 3)
    ]
    stages = [
        SiteStage(id=f"g{n:03d}", site_id=site.id, wave_id=f"w{n % 3 + 1}", stage=Stage.LIVE,
                  planned_on=start + dt.timedelta(weeks=10 * (n % 3 + 1)),
                  actual_on=start + dt.timedelta(weeks=10 * (n % 3 + 1)) if n % 7 else None)
        for n, site in enumerate(sites)
    ]  # fmt: skip
    with store._transaction(
        actor.person_id, Permission.MANAGE_ROLLOUT, ""
    ) as tx:  # what nobody may do at once, a test may
        tx.append_all([*targets, *waves, *stages])
        refresh_scores(tx.cursor)


def _frame(n_sites: int, start: dt.date) -> pd.DataFrame:
    draw = np.random.default_rng(7)
    weeks = [start + dt.timedelta(weeks=k) for k in range(WEEKS)]
    parts = []
    for key, _, _, _, _, level, sd, _ in METRICS:
        values = level + sd * draw.normal(size=(n_sites, WEEKS)) + sd * draw.normal(size=(n_sites, 1))
        values[:, 40:] -= sd * 1.5 * (np.arange(n_sites) % 4 == 0)[:, None]
        parts.append(
            pd.DataFrame(
                {
                    "site_id": np.repeat([f"s{n:03d}" for n in range(n_sites)], WEEKS),
                    "metric_id": key,
                    "period_start": weeks * n_sites,
                    "value": values.round(2).ravel(),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[~((frame["site_id"] == "s000") & frame["period_start"].isin(weeks[20:22]))]
    return frame.assign(
        segment="", grain="week", weight=np.nan, source_row=range(len(frame)), source_column="B", mark=""
    ).reset_index(drop=True)
