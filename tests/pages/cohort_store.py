"""Small cohorts for the pages where peers compare, decide and promise: any number of sites, one person of each part."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from data import records
from data.access import Actor, Permission, actor_for
from data.observations import commit_load
from data.people import first_person
from data.store import Store
from data.types import Assignment, Batch, Metric, Person, Role, Site

TODAY = "2026-06-01"  # a Monday
WEEKS = pd.date_range("2025-12-29", periods=22, freq="7D")
CYCLE = Metric(id="cycle", name_fr="délai de cycle", name_en="cycle time", unit="d", direction="down", frequency="week")
ORDERS = Metric(
    id="orders", name_fr="commandes", name_en="orders", unit="", direction="neutral", frequency="week", kind="count",
    aggregation="sum",
)  # fmt: skip
STEADY = np.where(np.arange(len(WEEKS)) % 2, 12.0, 13.0)


@dataclass
class Cohort:
    """A store with people; `actor` looks one of them up by the name of the role."""

    store: Store

    def actor(self, name: str) -> Actor:
        with self.store.read() as cursor:
            return actor_for(cursor, name, self.store.today())


def cohort(store: Store, n_sites: int) -> Cohort:
    """Fill a store: site 0 improves at the end, site 1 becomes a concern, the others are steady; weekly values."""
    founder = first_person(store, "Ada", language="en")
    with store.read() as cursor:
        admin = actor_for(cursor, founder.id, store.today())
    roles = (Role.METRIC_KEEPER, Role.MEMBER, Role.LEADER, Role.VIEWER)
    with store.change(admin, Permission.MANAGE_PEOPLE) as tx:
        tx.append_all([Person(id=str(role), name=f"Pat {role}", language="en") for role in roles])
        tx.append_all(
            [
                Assignment(id=f"as-{role}", person_id=str(role), role=role, starts_on=dt.date(2026, 1, 1))
                for role in roles
            ]
        )
    with store.change(admin, Permission.MANAGE_CATALOGUE) as tx:
        tx.append_all([CYCLE, ORDERS])
        if n_sites:
            tx.append_all([Site(id=f"site-{n}", name=f"Site {n}") for n in range(n_sites)])
    made = Cohort(store)
    if n_sites:
        load(made, pd.concat([rows(f"site-{n}", values_of(n)) for n in range(n_sites)], ignore_index=True))
    return made


def values_of(n: int) -> np.ndarray:
    """Return a site's weeks: the last nine of site 0 fall by 4, those of site 1 rise by 4."""
    change = {0: -4.0, 1: 4.0}.get(n, 0.0)
    return STEADY + np.where(np.arange(len(WEEKS)) >= len(WEEKS) - 9, change, 0.0)


def rows(site: str, values: np.ndarray, metric: str = "cycle") -> pd.DataFrame:
    """Rows of one series, as a load brings them."""
    return pd.DataFrame(
        {
            "site_id": site, "metric_id": metric, "segment": "", "period_start": WEEKS[: len(values)], "grain": "week",
            "value": values, "weight": np.nan, "source_row": range(2, 2 + len(values)), "source_column": "C", "mark": "",
        }
    )  # fmt: skip


def load(made: Cohort, frame: pd.DataFrame, name: str = "weeks.csv") -> None:
    """Commit rows as one load."""
    keeper = made.actor("metric_keeper")
    batch = Batch(id=records.new_id(), file_name=name, file_hash=records.new_id(), person_id=keeper.person_id or "")
    commit_load(made.store, keeper, batch=batch, frame=frame, new_records=(), reason="corrected")


def opened(page, *, language="en", **address) -> AppTest:
    """Open a page at an address."""
    shown = AppTest.from_function(page, default_timeout=30)
    shown.query_params["lang"] = language
    for name, chosen in address.items():
        shown.query_params[name] = chosen
    shown.run()
    assert not shown.exception, shown.exception
    return shown


def pressed(shown: AppTest, key: str) -> AppTest:
    """Press a button and wait for the page."""
    shown.button(key=key).click().run()
    assert not shown.exception, shown.exception
    return shown


def text(shown: AppTest) -> str:
    """Return the page's own markup: heads, notes, tables."""
    return " ".join(element.proto.body for element in shown.get("html"))
