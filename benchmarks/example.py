"""A store to measure with: 300 sites, one metric, two years of weeks, a dozen decisions on the first site's chart."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from data import records
from data.access import Actor, actor_for
from data.decisions import pin_decision
from data.observations import commit_load
from data.people import first_person
from data.store import Store, open_store
from data.types import Batch, DecisionType, Metric, Site

SITES, WEEKS, DECISIONS = 300, 104, 12
LAST_DAY = dt.date(2026, 11, 22)
METRIC = Metric(
    id="delay", name_fr="délai", name_en="delay", unit="d", direction="down", frequency="week", aggregation="mean"
)


def founded(path: Path) -> tuple[Store, Actor]:
    """Open a store with its first person, who may load and pin everywhere."""
    store = open_store(str(path))
    person = first_person(store, "Ada")
    with store.read() as cursor:
        return store, actor_for(cursor, person.id, store.today())


def rows(n_sites: int, n_periods: int, *, grain: str, seed: int = 1, first_site: int = 0) -> pd.DataFrame:
    """Observations of METRIC: n_sites x n_periods, periods ending at LAST_DAY."""
    step = {"week": "W-MON", "day": "D"}[grain]
    periods = pd.date_range(end=LAST_DAY, periods=n_periods, freq=step)
    names = [f"site-{number:03d}" for number in range(first_site, first_site + n_sites)]
    values = np.random.default_rng(seed).normal(12, 2, n_sites * n_periods)
    return pd.DataFrame(
        {
            "site_id": np.repeat(names, n_periods),
            "metric_id": METRIC.id,
            "segment": "",
            "period_start": np.tile(periods, n_sites),
            "grain": grain,
            "value": values,
            "weight": np.nan,
            "source_row": np.arange(2, 2 + len(values)),
            "source_column": "C “délai”",
            "mark": "",
        }
    )


def batch(actor: Actor, name: str) -> Batch:
    """Describe a load of this name."""
    return Batch(id=records.new_id(), file_name=name, file_hash=records.new_id(), person_id=actor.person_id or "")


def sites_of(frame: pd.DataFrame) -> list[Site]:
    """Write the records of a frame's sites."""
    return [Site(id=site, name=site.replace("site-", "Site ")) for site in frame["site_id"].unique()]


def make_store(path: Path) -> str:
    """Fill the store; return the id of its person."""
    store, actor = founded(path)
    frame = rows(SITES, WEEKS, grain="week")
    commit_load(store, actor, batch=batch(actor, "weeks.csv"), frame=frame, new_records=[METRIC, *sites_of(frame)])
    for number in range(DECISIONS):
        day = LAST_DAY - dt.timedelta(weeks=4 * number + 1)
        pin_decision(
            store, actor, type=DecisionType.DECISION, title=f"Try the other carrier, part {number + 1}",
            owner_id=actor.person_id or "", applies_on=day, site_id="site-000", metric_id=METRIC.id,
            period_start=day - dt.timedelta(days=day.weekday()), grain="week",
        )  # fmt: skip
    store.close()
    return actor.person_id or ""
