"""The playbook, the rituals and the rollout keep what was done, when, and why."""

from __future__ import annotations

import datetime as dt

import pytest

from data import people, practices, rituals, rollout, sites
from data.access import Forbidden, Refused
from data.types import PracticeState, RitualKind, Role, Stage

TODAY = dt.date(2026, 5, 4)


@pytest.fixture
def cohort(store, admin, site):
    site("lyon")
    return sites.form_cohort(store, admin, name="Une", site_ids=["lyon"])


@pytest.fixture
def scribe(someone):
    return someone(Role.SCRIBE)


def test_a_practice_goes_from_trial_to_standard_to_retired_in_versions(store, scribe):
    made = practices.add_practice(store, scribe, title="Plan on Thursday")
    practices.standardise(store, scribe, made.id, reason="E-01")
    practices.retire(store, scribe, made.id, reason="replaced")

    with store.read() as cursor:
        told = [(r.record.version, r.record.state, r.record.reason) for r in practices.versions(cursor, made.id)]
        assert [practice.id for practice in practices.practices(cursor)] == [made.id]
    assert told == [
        (1, PracticeState.TRY, ""),
        (2, PracticeState.STANDARD, "E-01"),
        (3, PracticeState.RETIRED, "replaced"),
    ]


def test_a_practice_changes_for_a_stated_reason_only(store, scribe, someone):
    made = practices.add_practice(store, scribe, title="Plan on Thursday")

    with pytest.raises(Refused, match="reason_missing"):
        practices.edit_practice(store, scribe, made.id, reason=" ", title="Other")
    with pytest.raises(Refused, match="title_missing"):
        practices.edit_practice(store, scribe, made.id, reason="why", title=" ")
    with pytest.raises(Forbidden):
        practices.retire(store, someone(Role.MEMBER), made.id, reason="why")


def test_a_ritual_closes_with_an_artefact_or_with_the_reason_for_none(store, scribe, cohort):
    with_one = rituals.open_ritual(store, scribe, cohort_id=cohort.id, kind=RitualKind.RETRO)
    with pytest.raises(Refused, match="artefact_missing"):
        rituals.close_ritual(store, scribe, with_one.id)
    left = rituals.add_artefact(store, scribe, ritual_id=with_one.id, kind="checklist", title="Before a launch")
    assert rituals.close_ritual(store, scribe, with_one.id).closed
    with pytest.raises(Refused, match="ritual_closed"):
        rituals.add_artefact(store, scribe, ritual_id=with_one.id, kind="checklist", title="Late")
    with pytest.raises(Refused, match="ritual_closed"):
        rituals.close_ritual(store, scribe, with_one.id)

    without = rituals.open_ritual(store, scribe, cohort_id=cohort.id, kind=RitualKind.STAND_UP, held_on=TODAY)
    closed = rituals.close_ritual(store, scribe, without.id, no_artefact_because="strike")

    assert closed.no_artefact_because == "strike"
    with store.read() as cursor:
        assert rituals.artefacts(cursor, with_one.id) == [left]
        assert [ritual.id for ritual in rituals.rituals(cursor, cohort_id=cohort.id)] == [with_one.id, without.id]
        assert rituals.rituals(cursor, cohort_id="other") == []


def test_an_action_is_done_by_its_owner_or_by_who_runs_rituals(store, admin, scribe, someone, cohort):
    owner, other = someone(Role.VIEWER), someone(Role.VIEWER)
    ritual = rituals.open_ritual(store, scribe, cohort_id=cohort.id, kind=RitualKind.STAND_UP)
    late = rituals.take_action(store, scribe, title="Call", owner_id=owner.person_id, due_on=TODAY, ritual_id=ritual.id)
    soon = rituals.take_action(store, scribe, title="Write", owner_id=owner.person_id, due_on=dt.date(2026, 5, 1))

    with store.read() as cursor:
        assert rituals.open_actions(cursor) == [soon, late]
    with pytest.raises(Forbidden):
        rituals.complete_action(store, other, late.id)
    assert rituals.complete_action(store, owner, late.id).done_on == TODAY
    rituals.complete_action(store, scribe, soon.id)
    with store.read() as cursor:
        assert rituals.open_actions(cursor) == []


def test_sites_live_are_counted_against_the_plan(store, someone, site):
    leader = someone(Role.LEADER)
    wave = rollout.plan_wave(store, leader, number=1, planned_on=dt.date(2026, 4, 1))
    for n, (planned, actual) in enumerate([(1, 1), (10, 20), (15, None), (40, None)]):
        place = site(f"s{n}")
        day = dt.date(2026, 4, 1)
        rollout.plan_stage(
            store,
            leader,
            site_id=place.id,
            wave_id=wave.id,
            stage=Stage.LIVE,
            planned_on=day + dt.timedelta(days=planned),
        )
        if actual:
            reached = day + dt.timedelta(days=actual)
            rollout.reach_stage(store, leader, site_id=place.id, wave_id=wave.id, stage=Stage.LIVE, actual_on=reached)

    with store.read() as cursor:
        then = rollout.sites_live(cursor, dt.date(2026, 4, 16))
        now = rollout.sites_live(cursor, dt.date(2026, 4, 30))
        (passage,) = rollout.stages(cursor, site_id="s1")
    assert (then.live, then.planned, then.total) == (1, 3, 4)
    assert (now.live, now.planned) == (2, 3)
    assert passage.planned_on == dt.date(2026, 4, 11)


def test_a_site_stands_at_the_furthest_stage_it_has_reached(store, someone, site):
    leader, place = someone(Role.LEADER), site("lyon")
    wave = rollout.plan_wave(store, leader, number=1, planned_on=TODAY)
    rollout.reach_stage(store, leader, site_id=place.id, wave_id=wave.id, stage=Stage.LIVE)
    rollout.reach_stage(
        store, leader, site_id=place.id, wave_id=wave.id, stage=Stage.PREPARING, actual_on=dt.date(2026, 4, 1)
    )

    with store.read() as cursor:
        passages = rollout.stages(cursor)
    assert rollout.stage_on(passages, TODAY) is Stage.LIVE
    assert rollout.stage_on(passages, dt.date(2026, 4, 1)) is Stage.PREPARING
    assert rollout.stage_on(passages, dt.date(2026, 3, 31)) is Stage.PLANNED


def test_two_waves_cannot_have_one_number(store, someone):
    leader = someone(Role.LEADER)
    first = rollout.plan_wave(store, leader, number=1, planned_on=TODAY)
    with pytest.raises(Refused, match="wave_number_taken"):
        rollout.plan_wave(store, leader, number=1, planned_on=TODAY)

    assert rollout.edit_wave(store, leader, first.id, actual_on=TODAY).actual_on == TODAY


def test_names_of_people_are_read_by_id(store, admin):
    with store.read() as cursor:
        assert people.person_names(cursor) == {admin.person_id: "Ada"}
