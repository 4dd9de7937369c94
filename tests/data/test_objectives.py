"""Objectives name what the customer gets; key results have their own date, owner and metric."""

from __future__ import annotations

import datetime as dt

import pytest

from data import objectives, records, sites
from data.access import Forbidden, Refused
from data.metrics import register_metric
from data.types import CustomerOutcome, KeyResult, Metric, Role

FIRST, LAST = dt.date(2026, 4, 1), dt.date(2026, 6, 30)


@pytest.fixture
def leader(someone):
    return someone(Role.LEADER)


@pytest.fixture
def objective(store, leader):
    return objectives.set_objective(
        store,
        leader,
        title="Orders arrive when promised",
        customer_outcome=CustomerOutcome.RELIABILITY,
        owner_id=leader.person_id,
        starts_on=FIRST,
        ends_on=LAST,
    )


@pytest.fixture
def key_result(store, admin, leader, objective):
    """Set a key result, with some of it otherwise."""
    metric = register_metric(store, admin, Metric(id="", name_fr="délai", name_en="delay", unit="d"))

    def made(**otherwise) -> KeyResult:
        given = {
            "objective_id": objective.id,
            "title": "Delay down to 9 days",
            "metric_id": metric.id,
            "baseline_value": 12.4,
            "baseline_date": FIRST,
            "target_value": 9.0,
            "due_date": dt.date(2026, 6, 15),
            "owner_id": leader.person_id,
        }
        return objectives.set_key_result(store, leader, **(given | otherwise))

    return made


@pytest.mark.accepts("4.1", "4.3", "4.4")
def test_a_key_result_has_an_owner_a_metric_and_a_due_date_of_its_own(store, objective, key_result):
    made = key_result()

    with store.read() as cursor:
        assert objectives.key_results(cursor, objective_id=objective.id) == [made]
        assert objectives.key_results(cursor, objective_id="other") == []
        assert objectives.objectives(cursor) == [objective]
    assert made.due_date != objective.ends_on


@pytest.mark.accepts("4.2")
def test_an_objective_without_a_customer_outcome_is_refused(store, leader):
    with pytest.raises(Refused, match="outcome_missing"):
        objectives.set_objective(
            store,
            leader,
            title="Go faster",
            customer_outcome=None,
            owner_id=leader.person_id,
            starts_on=FIRST,
            ends_on=LAST,
        )


@pytest.mark.parametrize(
    ("otherwise", "code"),
    [
        ({"title": ""}, "title_missing"),
        ({"owner_id": "nobody"}, "owner_unknown"),
        ({"due_date": FIRST}, "due_before_baseline"),
        ({"target_value": 12.4}, "target_is_baseline"),
        ({"metric_id": "none"}, "unknown_record"),
        ({"objective_id": "none"}, "unknown_record"),
        ({"site_ids": ("nowhere",)}, "unknown_record"),
    ],
)
def test_a_key_result_that_does_not_hold_is_refused(key_result, otherwise, code):
    with pytest.raises(Refused, match=code):
        key_result(**otherwise)


def test_an_objective_is_edited_within_what_it_must_say(store, leader, objective):
    assert objectives.edit_objective(store, leader, objective.id, title="On time").title == "On time"
    with pytest.raises(Refused, match="ends_before_it_starts"):
        objectives.edit_objective(store, leader, objective.id, ends_on=FIRST - dt.timedelta(days=1))


@pytest.mark.accepts("4.11")
def test_a_target_moved_midway_needs_a_reason_and_the_old_one_stays_readable(store, leader, key_result):
    made = key_result()
    with pytest.raises(Refused, match="reason_missing"):
        objectives.edit_key_result(store, leader, made.id, reason=" ", target_value=10.0)
    objectives.edit_key_result(store, leader, made.id, reason="two lines closed", target_value=10.0)

    with store.read() as cursor:
        revisions = records.history(cursor, KeyResult, made.id)
    assert [revision.record.target_value for revision in revisions] == [9.0, 10.0]


@pytest.mark.accepts("4.8")
def test_confidence_is_stated_at_each_check_in(store, someone, key_result, clock):
    member, made = someone(Role.MEMBER), key_result()
    objectives.check_in(store, member, key_result_id=made.id, confidence=0.7)
    clock.pass_(days=7)
    objectives.check_in(store, member, key_result_id=made.id, confidence=0.5, note="late parts")

    with store.read() as cursor:
        assert [check.confidence for check in objectives.check_ins(cursor, made.id)] == [0.7, 0.5]
    with pytest.raises(Refused, match="confidence_out_of_range"):
        objectives.check_in(store, member, key_result_id=made.id, confidence=70)


def test_a_member_of_another_cohort_does_not_check_in(store, admin, leader, someone, key_result):
    one = sites.form_cohort(store, admin, name="Une", site_ids=[])
    other = sites.form_cohort(store, admin, name="Deux", site_ids=[])
    owned = objectives.set_objective(
        store,
        leader,
        title="Fewer errors",
        customer_outcome=CustomerOutcome.ERRORS,
        owner_id=leader.person_id,
        starts_on=FIRST,
        ends_on=LAST,
        cohort_id=one.id,
    )
    made = key_result(objective_id=owned.id)

    objectives.check_in(store, someone(Role.MEMBER, cohort_id=one.id), key_result_id=made.id, confidence=0.5)
    with pytest.raises(Forbidden):
        objectives.check_in(store, someone(Role.MEMBER, cohort_id=other.id), key_result_id=made.id, confidence=0.5)
