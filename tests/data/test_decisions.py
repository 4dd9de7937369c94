"""Decisions pinned to data: numbered, scoped, edited with their history, never deleted."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from data import decisions, records, sites
from data.access import Forbidden, Permission, Refused
from data.decisions import pin_decision
from data.limits import limits_on
from data.metrics import register_metric
from data.types import Decision, DecisionType, Direction, Grain, Metric, Outcome, Role
from tests.data.loads import put

DAY = dt.date(2026, 4, 1)


@pytest.fixture
def delay(store, admin, site) -> Metric:
    site("lyon")
    site("lille")
    return register_metric(store, admin, Metric(id="", name_fr="délai", name_en="delay", unit="d"))


@pytest.fixture
def value(store, admin, delay):
    """Say what the record holds for April at Lyon."""

    def hold(number: float, segment: str = "") -> None:
        with store.change(admin, Permission.UPLOAD) as tx:
            put(tx.cursor, "lyon", delay.id, dt.date(2026, 4, 1), number, segment=segment)
            tx.say("test.hold")

    return hold


@pytest.fixture
def pin(store, admin, delay):
    """Pin a decision, as the admin unless said otherwise."""

    def pinned(title: str = "Reroute", actor=admin, **fields) -> Decision:
        given = {"type": DecisionType.DECISION, "owner_id": admin.person_id, "applies_on": DAY} | fields
        return pin_decision(store, actor, title=title, **given)

    return pinned


@pytest.mark.accepts("3.3", "3.12")
def test_a_decision_keeps_the_value_it_was_made_on_and_tells_the_value_now(store, pin, value, delay):
    value(12.4)
    anchor = {"site_id": "lyon", "metric_id": delay.id, "period_start": DAY, "grain": Grain.MONTH}
    made = pin(**anchor)
    value(9.8)

    with store.read() as cursor:
        kept = records.one(cursor, Decision, made.id)
        assert (kept.value_when_decided, decisions.value_now(cursor, kept)) == (12.4, 9.8)


def test_a_datum_of_several_segments_has_the_value_the_chart_shows(store, pin, value, delay):
    value(10, "a")
    value(20, "b")
    anchor = {"site_id": "lyon", "metric_id": delay.id, "period_start": DAY, "grain": Grain.MONTH}

    assert pin(**anchor).value_when_decided == 15
    assert pin(**anchor, segment="b").value_when_decided == 20


def test_a_datum_without_a_value_has_none(store, pin, delay):
    made = pin(site_id="lyon", metric_id=delay.id, period_start=DAY, grain=Grain.MONTH)

    assert made.value_when_decided is None
    assert pin().value_when_decided is None


def test_labels_count_by_letter(pin):
    labels = [pin(type=kind).label for kind in (DecisionType.DECISION, DecisionType.INCIDENT, DecisionType.HYPOTHESIS)]

    assert labels == ["D-01", "I-01", "D-02"]


def test_pins_made_at_once_get_numbers_of_their_own(store, pin):
    made: list[Decision] = []
    threads = [threading.Thread(target=lambda: made.append(pin())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(decision.number for decision in made) == [1, 2, 3, 4, 5, 6]


@pytest.mark.accepts("3.5", "3.6")
def test_owner_and_typist_and_both_dates_are_kept_apart(store, admin, someone, pin, clock):
    member = someone(Role.MEMBER, name="Bo")
    made = pin(actor=member, owner_id=admin.person_id)

    with store.read() as cursor:
        first = records.recorded(cursor, Decision, made.id)
    assert (first.record.owner_id, first.recorded_by) == (admin.person_id, member.person_id)
    assert (first.record.applies_on, first.recorded_at) == (DAY, clock.moment)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": "  "}, "title_missing"),
        ({"owner_id": ""}, "owner_missing"),
        ({"owner_id": "nobody"}, "owner_unknown"),
        ({"review_on": DAY - dt.timedelta(days=1)}, "review_before_applies"),
        ({"expected_by": DAY - dt.timedelta(days=1)}, "expected_before_applies"),
        ({"evidence_url": "javascript:alert(1)"}, "evidence_not_a_link"),
        ({"evidence_url": "http://[bad"}, "evidence_not_a_link"),
        ({"period_start": DAY}, "grain_missing"),
        ({"period_start": DAY, "period_end": dt.date(2026, 3, 1), "grain": Grain.MONTH}, "period_reversed"),
        ({"site_id": "nowhere"}, "unknown_record"),
        ({"experiment_id": "none"}, "unknown_record"),
        ({"type": DecisionType.STEP}, "step_without_series"),
    ],
)
def test_a_decision_that_does_not_hold_is_refused_with_its_reason(store, pin, fields, code):
    with pytest.raises(Refused) as refusal:
        pin(**fields)

    assert refusal.value.code == code
    with store.read() as cursor:
        assert decisions.all_decisions(cursor) == []


def test_a_decision_may_be_reviewed_expected_and_over_on_the_day_it_applies(pin):
    assert pin(review_on=DAY, expected_by=DAY, resolved_on=DAY).review_on == DAY


@pytest.mark.accepts("3.7", "3.8", "3.13")
def test_expectation_review_and_evidence_are_kept(pin, delay):
    told = {
        "expected_metric_id": delay.id,
        "expected_direction": Direction.DOWN,
        "expected_size": 2.5,
        "expected_by": dt.date(2026, 6, 1),
        "review_on": dt.date(2026, 6, 15),
        "evidence_url": "https://example.org/rapport",
        "period_start": DAY,
        "period_end": dt.date(2026, 4, 30),
        "grain": Grain.MONTH,
    }

    assert told.items() <= pin(**told).model_dump().items()


@pytest.mark.accepts("2.7")
def test_a_step_needs_a_reason_and_its_own_right(store, someone, pin, delay):
    series = {"type": DecisionType.STEP, "site_id": "lyon", "metric_id": delay.id}
    with pytest.raises(Refused, match="reason_missing"):
        pin(**series)
    with pytest.raises(Forbidden):
        pin(actor=someone(Role.MEMBER), note="new line", **series)

    pin(note="new line", **series)

    with store.read() as cursor:
        assert limits_on(cursor, site_id="lyon", metric_id=delay.id).step_days == [DAY]
        assert limits_on(cursor, site_id="lille", metric_id=delay.id).step_days == []


def test_a_member_of_a_site_pins_there_and_nowhere_else(someone, pin):
    member = someone(Role.MEMBER, site_id="lyon")

    assert pin(actor=member, site_id="lyon").site_id == "lyon"
    for scope in ({"site_id": "lille"}, {}):
        with pytest.raises(Forbidden):
            pin(actor=member, **scope)


@pytest.mark.accepts("3.11")
def test_a_chart_shows_what_concerns_it(store, admin, pin, delay):
    with_lyon = sites.form_cohort(store, admin, name="Une", site_ids=["lyon"])
    with_lille = sites.form_cohort(store, admin, name="Deux", site_ids=["lille"])
    for title, scope in {
        "all": {},
        "lyon": {"site_id": "lyon"},
        "lille": {"site_id": "lille"},
        "delay": {"metric_id": delay.id},
        "cohort": {"cohort_id": with_lyon.id},
        "other cohort": {"cohort_id": with_lille.id},
    }.items():
        pin(title, **scope)

    with store.read() as cursor:
        shown = {d.title for d in decisions.decisions_on(cursor, site_id="lyon", metric_id=delay.id)}
        of_another_metric = {d.title for d in decisions.decisions_on(cursor, site_id="lyon", metric_id="other")}
    assert shown == {"all", "lyon", "delay", "cohort"}
    assert of_another_metric == {"all", "lyon", "cohort"}


@pytest.mark.accepts("3.10")
def test_an_edit_keeps_every_earlier_wording(store, admin, pin, clock):
    made = pin("Reroute")
    before = clock.moment
    clock.pass_(days=3)
    decisions.edit_decision(store, admin, made.id, title="Reroute by night")

    with store.read() as cursor:
        titles = [revision.record.title for revision in records.history(cursor, Decision, made.id)]
        assert titles == ["Reroute", "Reroute by night"]
        (known,) = decisions.decisions_on(cursor, as_known_on=before)
        assert known.title == "Reroute"


@pytest.mark.parametrize("fixed", ["number", "site_id", "value_when_decided", "period_start", "type"])
def test_what_a_decision_was_pinned_to_cannot_be_edited(store, admin, pin, fixed):
    with pytest.raises(Refused, match="field_fixed"):
        decisions.edit_decision(store, admin, pin().id, **{fixed: None})


@pytest.mark.accepts("3.10")
def test_a_superseded_decision_is_replaced_and_still_there(store, admin, pin):
    old = pin("Reroute", site_id="lyon", review_on=dt.date(2026, 6, 1))
    new = decisions.supersede_decision(store, admin, old.id, title="Do not reroute")

    assert (new.label, new.supersedes_id, new.site_id, new.review_on) == ("D-02", old.id, "lyon", old.review_on)
    with store.read() as cursor:
        assert decisions.decisions_on(cursor, site_id="lyon") == [new]
        assert decisions.all_decisions(cursor) == [old, new]
        assert decisions.superseded_by(cursor, old.id) == new
        assert decisions.labelled(cursor, "d-01") == old
    with pytest.raises(Refused, match="already_superseded"):
        decisions.supersede_decision(store, admin, old.id, title="Again")


def test_nobody_replaces_a_decision_of_a_site_where_they_may_not_decide(store, someone, pin):
    old = pin(site_id="lille")

    with pytest.raises(Forbidden):
        decisions.supersede_decision(store, someone(Role.MEMBER, site_id="lyon"), old.id, site_id="lyon")


def test_no_function_of_the_record_deletes_a_decision():
    assert not [name for name in dir(decisions) if "delete" in name or "remove" in name]


def test_a_review_comes_due_on_its_day_and_goes_with_its_outcome(store, admin, pin):
    made = pin(review_on=dt.date(2026, 5, 4))

    with store.read() as cursor:
        assert decisions.reviews_due(cursor, dt.date(2026, 5, 3)) == []
        assert decisions.reviews_due(cursor, dt.date(2026, 5, 4)) == [made]
    done = decisions.review_decision(store, admin, made.id, outcome=Outcome.KEPT)
    assert done.outcome_on == store.today()
    with store.read() as cursor:
        assert decisions.reviews_due(cursor, dt.date(2026, 5, 4)) == []


@pytest.mark.accepts("3.4")
def test_an_obstacle_is_raised_owned_and_resolved(store, admin, pin):
    raised = pin(type=DecisionType.OBSTACLE)

    assert raised.label == "O-01"
    assert decisions.resolve(store, admin, raised.id).resolved_on == store.today()
    with pytest.raises(Refused, match="resolved_before_applies"):
        decisions.resolve(store, admin, raised.id, resolved_on=DAY - dt.timedelta(days=1))
