"""The first person, roles with dates, and identities."""

import datetime as dt

import pytest

from data import people
from data.access import Forbidden, Permission, Refused, actor_for, allowed
from data.types import Role


def test_the_first_person_is_admin_and_metric_keeper_everywhere(admin):
    assert allowed(admin, Permission.MANAGE_PEOPLE)
    assert allowed(admin, Permission.UPLOAD, site_id="any")


def test_nobody_can_found_the_register_twice(store, admin):
    with pytest.raises(Refused) as refusal:
        people.first_person(store, "Eve")

    assert refusal.value.code == "already_founded"
    with store.read() as cursor:
        assert [person.name for person in people.people(cursor)] == ["Ada"]


@pytest.mark.promises("A3")
def test_a_role_that_ends_while_a_session_is_open_ends_there_too(store, admin, someone, clock):
    keeper = someone(Role.METRIC_KEEPER)
    with store.read() as cursor:
        (held,) = people.assignments_of(cursor, keeper.person_id)
    people.end_assignment(store, admin, held.id, store.today())

    people.end_sessions(store, keeper)
    clock.pass_(days=1)

    with pytest.raises(Forbidden):
        people.end_sessions(store, keeper)


@pytest.mark.promises("A6")
def test_a_disabled_person_is_refused_by_the_next_write(store, admin, someone):
    member = someone(Role.MEMBER)
    people.disable_person(store, admin, member.person_id)

    with pytest.raises(Forbidden):
        people.end_sessions(store, member)
    with store.read() as cursor:
        assert actor_for(cursor, member.person_id, store.today()).person_id is None


@pytest.mark.promises("A5")
def test_identity_is_issuer_and_subject_never_the_e_mail(store, admin):
    known = people.register_person(
        store, admin, name="Cy", email="cy@example.org", issuer="https://id.example.org", subject="1"
    )

    with store.read() as cursor:
        assert people.person_by_identity(cursor, "https://id.example.org", "1") == known
        assert people.person_by_identity(cursor, "https://id.example.org", "2") is None
        assert people.person_by_identity(cursor, "https://other.example.org", "1") is None
    with pytest.raises(Refused, match="identity_taken"):
        people.register_person(store, admin, name="Dee", issuer="https://id.example.org", subject="1")


def test_the_last_admin_can_be_neither_disabled_nor_ended(store, admin):
    with store.read() as cursor:
        held = next(a for a in people.assignments_of(cursor, admin.person_id) if a.role is Role.ADMIN)

    with pytest.raises(Refused, match="last_admin"):
        people.disable_person(store, admin, admin.person_id)
    with pytest.raises(Refused, match="last_admin"):
        people.end_assignment(store, admin, held.id, store.today())


def test_a_person_keeps_the_language_they_choose(store, someone):
    member = someone(Role.VIEWER)
    people.choose_language(store, member, "en")

    with store.read() as cursor:
        assert actor_for(cursor, member.person_id, store.today()).language == "en"


def test_an_admin_of_one_site_gives_roles_at_that_site_only(store, site, someone):
    site("lyon")
    local = someone(Role.ADMIN, site_id="lyon")
    member = someone(Role.VIEWER)

    people.assign(store, local, person_id=member.person_id, role=Role.METRIC_KEEPER, site_id="lyon")

    with pytest.raises(Forbidden):
        people.assign(store, local, person_id=member.person_id, role=Role.METRIC_KEEPER)


def test_a_person_is_found_by_id_name_or_e_mail_when_only_one_fits(store, admin):
    cy = people.register_person(store, admin, name="Cy", email="Cy@Example.org")
    people.register_person(store, admin, name="Twin")
    people.register_person(store, admin, name="Twin")

    with store.read() as cursor:
        assert [people.find_person(cursor, text) for text in (cy.id, "cy ", "cy@example.org")] == [cy, cy, cy]
        assert people.find_person(cursor, "Twin") is None
        assert people.find_person(cursor, "") is None


def test_a_role_may_last_one_day(store, admin):
    cy = people.register_person(store, admin, name="Cy")
    held = people.assign(store, admin, person_id=cy.id, role=Role.MEMBER, ends_on=store.today())
    assert held.starts_on == held.ends_on == store.today()


def test_a_role_cannot_end_before_it_starts(store, admin):
    with pytest.raises(Refused, match="ends_before_it_starts"):
        people.assign(
            store,
            admin,
            person_id=admin.person_id,
            role=Role.LEADER,
            starts_on=dt.date(2026, 5, 4),
            ends_on=dt.date(2026, 5, 3),
        )
