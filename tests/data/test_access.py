"""Who may do what: the matrix written by hand, and the scope of each role."""

from __future__ import annotations

import datetime as dt

import pytest

from data import people, sites
from data.access import Forbidden, Permission, actor_for, allowed, allowed_somewhere, sites_allowed
from data.types import Role, Site

# One row a permission: viewer, member, facilitator, scribe, metric keeper, leader, admin.
MATRIX = """
view                y y y y y y y
upload              . . . . y . .
register_site       . . . . y . y
undo_upload         . . . . y . .
pin_decision        . y y y y . .
review_decision     . y y y y . .
step_limits         . . . . y . .
exclude_point       . . . . y . .
set_target          . . . . . y .
manage_key_results  . . . . . y .
check_in            . y y y y . .
plan_experiment     . y y y y . .
freeze_plan         . . . . y . .
validate_verdict    . . . . y . .
publish             . . . . . y .
withdraw            . . . . . y .
edit_playbook       . . . y . . .
run_ritual          . . y y . . .
manage_rollout      . . . . . y .
manage_catalogue    . . . . . . y
manage_sources      . . . . y . y
manage_people       . . . . . . y
read_audit          . . . . . . y
moderate            . . . . . . y
operate             . . . . . . y
"""
EXPECTED = {line.split()[0]: line.split()[1:] for line in MATRIX.strip().splitlines()}


def test_the_matrix_names_every_permission():
    assert list(EXPECTED) == [str(permission) for permission in Permission]


@pytest.mark.accepts("10.1", "10.4")
@pytest.mark.promises("A1", "A3")
@pytest.mark.parametrize("role", list(Role))
def test_the_gate_lets_each_role_do_what_the_matrix_says_and_nothing_else(store, someone, role):
    actor = someone(role)
    place = list(Role).index(role)

    may = set()
    for permission in Permission:
        try:
            with store.change(actor, permission) as tx:
                tx.say("test.touch")
            may.add(str(permission))
        except Forbidden:
            pass

    assert may == {permission for permission, row in EXPECTED.items() if row[place] == "y"}


@pytest.mark.promises("A1")
def test_nobody_in_particular_may_do_nothing_at_all(store):
    with store.read() as cursor:
        public = actor_for(cursor, "unknown", store.today())

    assert not any(allowed(public, permission) for permission in Permission)


@pytest.mark.accepts("10.2")
@pytest.mark.promises("A2")
def test_a_role_at_a_site_counts_there_only(site, someone):
    site("lyon")
    keeper = someone(Role.METRIC_KEEPER, site_id="lyon")

    assert allowed(keeper, Permission.UPLOAD, site_id="lyon")
    assert not allowed(keeper, Permission.UPLOAD, site_id="lille")
    assert not allowed(keeper, Permission.UPLOAD)
    assert not allowed(keeper, Permission.UPLOAD, cohort_id="any")
    assert allowed_somewhere(keeper, Permission.UPLOAD)
    assert not allowed_somewhere(keeper, Permission.PUBLISH)
    assert sites_allowed(keeper, Permission.UPLOAD, ["lyon", "lille"]) == {"lyon"}


def test_a_role_in_a_cohort_counts_for_it_and_for_its_sites(store, admin, site, someone):
    site("lyon")
    site("lille")
    cohort = sites.form_cohort(store, admin, name="Une", site_ids=["lyon"])
    member = someone(Role.MEMBER, cohort_id=cohort.id)

    assert allowed(member, Permission.PIN_DECISION, cohort_id=cohort.id)
    assert allowed(member, Permission.PIN_DECISION, site_id="lyon")
    assert not allowed(member, Permission.PIN_DECISION, site_id="lille")
    assert not allowed(member, Permission.PIN_DECISION)


def test_peers_see_one_another_whatever_the_scope_of_their_role(site, someone):
    site("lyon")
    keeper = someone(Role.METRIC_KEEPER, site_id="lyon")

    assert allowed(keeper, Permission.VIEW, site_id="lille")
    assert allowed(keeper, Permission.VIEW)


def test_a_site_that_leaves_a_cohort_takes_its_rights_along(store, admin, site, someone):
    site("lyon")
    cohort = sites.form_cohort(store, admin, name="Une", site_ids=["lyon"])
    member = someone(Role.MEMBER, cohort_id=cohort.id)
    sites.edit_cohort(store, admin, cohort.id, site_ids=())

    with (
        pytest.raises(Forbidden),
        store.change(member, Permission.PIN_DECISION, site_id="lyon") as tx,
    ):
        tx.append(Site(id="x", name="X"))


@pytest.mark.promises("A3")
def test_a_role_counts_from_its_first_to_its_last_day(store, admin):
    person = people.register_person(store, admin, name="Bo")
    first, last = dt.date(2026, 5, 10), dt.date(2026, 5, 12)
    people.assign(store, admin, person_id=person.id, role=Role.LEADER, starts_on=first, ends_on=last)

    with store.read() as cursor:
        held = [
            allowed(actor_for(cursor, person.id, dt.date(2026, 5, day)), Permission.PUBLISH) for day in range(9, 14)
        ]

    assert held == [False, True, True, True, False]
