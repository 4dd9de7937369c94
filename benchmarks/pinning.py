"""Whether people can pin while a large load runs: both must survive, and a pin must not wait for the load."""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.example import LAST_DAY, METRIC, batch, founded, rows, sites_of
from benchmarks.figures import figure
from data.access import Actor
from data.decisions import pin_decision
from data.observations import commit_load
from data.store import Store
from data.types import Batch, DecisionType, Grain

SITES, DAYS = 1_000, 1_000  # a million rows
PAUSE_SECONDS = 0.05  # between two pins: people, not a machine
PINS_ALONE = 40
SLOWEST_SECONDS = 0.05
DAILY = METRIC.model_copy(update={"frequency": Grain.DAY})


def pin_while_loading() -> None:
    """Pin again and again while a million rows load; the floor is a pin alone."""
    with tempfile.TemporaryDirectory() as folder:
        store, actor = founded(Path(folder) / "essaim.duckdb")
        few = rows(1, 200, grain="day")
        commit_load(store, actor, batch=batch(actor, "few.csv"), frame=few, new_records=[DAILY, *sites_of(few)])
        many = rows(SITES, DAYS, grain="day", first_site=1)
        alone = [timed_pin(store, actor) for _ in range(PINS_ALONE)]
        done: list[Batch] = []
        described = batch(actor, "many.csv")

        def load() -> None:
            done.append(commit_load(store, actor, batch=described, frame=many, new_records=sites_of(many)))

        loading = threading.Thread(target=load)
        loading.start()
        during = []
        while loading.is_alive():
            during.append(timed_pin(store, actor))
            time.sleep(PAUSE_SECONDS)
        loading.join()
        _check(store, done, n_pins=len(alone) + len(during))
        store.close()
    figure(
        "pin_while_1M_rows_load_p95_s", p95(during), p95(alone), most=SLOWEST_SECONDS,
        goal="<= 0.05 s; load and pins stand, one chain",
    )  # fmt: skip


def timed_pin(store: Store, actor: Actor) -> float:
    """Pin a decision on a site that is not being loaded; return the seconds its author waited."""
    started = time.perf_counter()
    pin_decision(
        store, actor, type=DecisionType.DECISION, title="Try the other carrier", owner_id=actor.person_id or "",
        applies_on=LAST_DAY, site_id="site-000", metric_id=DAILY.id, period_start=LAST_DAY - dt.timedelta(days=1),
        grain="day",
    )  # fmt: skip
    return time.perf_counter() - started


def p95(seconds: list[float]) -> float:
    """Return the time that nineteen of twenty do not exceed."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def _check(store: Store, done: list[Batch], *, n_pins: int) -> None:
    store.seal()
    with store.read() as cursor:
        held = cursor.execute("SELECT count(*) FROM cur").fetchall()[0][0]
        pinned = cursor.execute("SELECT count(DISTINCT id) FROM decision").fetchall()[0][0]
    problem = store.verify_audit()
    if not done or held != SITES * DAYS + 200 or pinned != n_pins or problem is not None:
        raise RuntimeError(f"lost: {held} rows, {pinned} of {n_pins} pins, audit {problem}")
