"""People pin while a load is under way: neither waits for the other."""

import datetime as dt
import threading

import pytest

from data import staging
from data.decisions import pin_decision
from data.types import DecisionType
from tests.data.loads import frame, known, load, table


@pytest.mark.accepts("11.2")
def test_a_pin_does_not_wait_for_a_load_under_way(store, admin, monkeypatch):
    load(store, admin, frame({"2026-03-01": 12.0}), new=known("lyon"))
    comparing, may_end = threading.Event(), threading.Event()
    compare = staging.compare

    def slow(*arguments):
        comparing.set()
        may_end.wait(60)
        return compare(*arguments)

    monkeypatch.setattr(staging, "compare", slow)
    loading = threading.Thread(target=load, args=(store, admin, frame({"2026-04-01": 9.0})))
    loading.start()
    assert comparing.wait(60)

    pinning = threading.Thread(
        target=pin_decision,
        args=(store, admin),
        kwargs={
            "type": DecisionType.DECISION, "title": "Second shift", "owner_id": admin.person_id,
            "applies_on": dt.date(2026, 5, 1), "site_id": "lyon", "metric_id": "delay",
        },
    )  # fmt: skip
    pinning.start()
    pinning.join(30)
    pinned_meanwhile = not pinning.is_alive()
    may_end.set()
    loading.join()
    pinning.join()

    assert pinned_meanwhile
    assert len(table(store, "decision")) == 1
    assert len(table(store, "cur")) == 2
    store.seal()
    assert store.verify_audit() is None
