"""What asks for somebody's attention: signals, and the decisions that may explain them."""

from __future__ import annotations

import datetime as dt

import pytest

from data.attention import DAYS_BEFORE_A_SIGNAL, Kind, awaiting_decision, shifts
from data.decisions import pin_decision, supersede_decision
from data.types import DecisionType
from tests.data.loads import DELAY, frame, known, load

JUMP = dt.date(2026, 1, 1)  # the month in which the delay doubles
BEFORE = (10, 11, 10, 12, 11, 10, 11, 12, 10, 11, 12, 11)


@pytest.fixture
def concern(store, admin):
    """A delay at Lyon that doubles in its last month."""
    months = {dt.date(2025, month, 1): value for month, value in enumerate(BEFORE, 1)} | {JUMP: 24}
    rows = frame({day.isoformat(): value for day, value in months.items()})
    load(store, admin, rows, new=known("lyon", "lille"))


@pytest.fixture
def pin(store, admin):
    """Pin something decided so many days before the signal."""

    def pinned(days_before: int = 0, type_=DecisionType.DECISION, **scope):
        return pin_decision(
            store, admin, type=type_, title="Reroute", owner_id=admin.person_id,
            applies_on=JUMP - dt.timedelta(days=days_before), **scope,
        )  # fmt: skip

    return pinned


def answer(store) -> str | None:
    """The label of the decision that may explain the one signal there is."""
    with store.read() as cursor:
        (shift,) = shifts(cursor)
        waits = [due.kind for due in awaiting_decision(cursor, store.today())]
    assert (Kind.UNOWNED_SIGNAL in waits) == (shift.decision is None)
    return shift.decision


@pytest.mark.accepts("9.15")
def test_a_concern_that_no_decision_of_its_site_answers_waits_for_somebody(store, concern, pin):
    assert answer(store) is None
    pin(site_id="lille", metric_id=DELAY.id)
    assert answer(store) is None


def test_a_decision_on_the_site_or_on_its_series_answers_it(store, concern, pin):
    assert answer(store) is None
    first = pin(DAYS_BEFORE_A_SIGNAL, site_id="lyon", metric_id=DELAY.id)
    assert answer(store) == first.label
    second = pin(site_id="lyon")
    assert answer(store) == second.label


def test_a_decision_made_too_long_before_answers_nothing(store, concern, pin):
    pin(DAYS_BEFORE_A_SIGNAL + 1, site_id="lyon", metric_id=DELAY.id)
    assert answer(store) is None


def test_a_target_changed_for_every_site_explains_no_signal_of_one(store, concern, pin):
    pin(10, DecisionType.TARGET_CHANGE, metric_id=DELAY.id)
    assert answer(store) is None


def test_a_decision_that_was_superseded_answers_nothing(store, concern, pin, admin):
    first = pin(site_id="lyon", metric_id=DELAY.id)
    assert answer(store) == first.label

    supersede_decision(store, admin, first.id, title="A year before", applies_on=JUMP - dt.timedelta(days=365))

    assert answer(store) is None
