"""Tokens: shown once, kept as a digest, ending when they or their keeper's role end."""

from __future__ import annotations

import datetime as dt

import pytest

from data import people
from data.access import Forbidden, Permission, Refused, allowed
from data.tokens import FORM, LONGEST_DAYS, Token, TokenRefused, bearer, digest_of, issue_token, revoke_token, tokens
from data.types import Role


@pytest.fixture
def keeper(someone, site):
    site("lyon")
    return someone(Role.METRIC_KEEPER, site_id="lyon")


@pytest.fixture
def issued(store, keeper):
    return issue_token(store, keeper, name="ERP of Lyon", expires_on=store.today() + dt.timedelta(days=30))


def refusal_of(store, text) -> str:
    with pytest.raises(TokenRefused) as refused:
        bearer(store, text)
    return refused.value.code


def every_cell(store) -> str:
    with store.read() as cursor:
        names = [name for (name,) in cursor.execute("SELECT table_name FROM duckdb_tables() "
                 "WHERE database_name = current_database() AND NOT internal").fetchall()]  # fmt: skip
        return "\n".join(str(cursor.execute(f"SELECT * FROM {name}").fetchall()) for name in names)


@pytest.mark.accepts("1.22")
def test_a_token_acts_with_what_its_keeper_holds_at_that_moment(store, issued, keeper):
    token, actor = bearer(store, issued.text)

    assert (token.name, actor.person_id) == ("ERP of Lyon", keeper.person_id)
    assert allowed(actor, Permission.UPLOAD, site_id="lyon")
    assert not allowed(actor, Permission.UPLOAD, site_id="lille")


def test_the_record_keeps_a_digest_and_never_the_token(store, issued):
    kept = every_cell(store)

    secret = FORM.fullmatch(issued.text)["secret"]
    assert digest_of(issued.text) in kept
    assert secret not in kept
    assert len(secret) == 43


def test_the_audit_tells_of_a_token_and_holds_nothing_that_opens(store, issued):
    with store.read() as cursor:
        (told,) = cursor.execute("SELECT body FROM change WHERE actions = 'token.issue'").fetchone()

    assert "ERP of Lyon" in told
    assert digest_of(issued.text) not in told


@pytest.mark.parametrize(
    "forge",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text + "a",
        lambda text: text[:-1] + ("a" if text[-1] != "a" else "b"),
        lambda text: text.upper(),
        lambda text: text.replace("essaim_", "essaim-"),
        lambda text: text[:17] + "_" + "a" * 43,
        lambda text: "essaim_0000000000_" + text[18:],
        lambda text: "' OR '1'='1",
        lambda text: "\ud800" + text,
    ],
)
def test_a_token_that_is_not_ours_to_the_letter_opens_nothing(store, issued, forge):
    assert refusal_of(store, forge(issued.text)) == "unknown"


def test_a_revoked_token_opens_nothing(store, issued, keeper):
    revoke_token(store, keeper, issued.token.id)

    assert refusal_of(store, issued.text) == "revoked"


def test_a_token_holds_through_its_last_day(store, issued, clock):
    clock.pass_(days=30)
    bearer(store, issued.text)

    clock.pass_(days=1)

    assert refusal_of(store, issued.text) == "expired"


@pytest.mark.promises("A3")
def test_a_token_ends_with_its_keepers_role(store, admin, issued, keeper, clock):
    with store.read() as cursor:
        (held,) = people.assignments_of(cursor, keeper.person_id)
    people.end_assignment(store, admin, held.id, store.today())
    clock.pass_(days=1)

    _, actor = bearer(store, issued.text)

    assert not allowed(actor, Permission.UPLOAD, site_id="lyon")


@pytest.mark.promises("A6")
def test_a_token_ends_with_its_keepers_account(store, admin, issued, keeper):
    people.disable_person(store, admin, keeper.person_id)

    assert refusal_of(store, issued.text) == "disabled"


@pytest.mark.parametrize("days", [-1, LONGEST_DAYS + 1])
def test_a_token_holds_for_a_year_at_most_and_not_in_the_past(store, keeper, days):
    with pytest.raises(Refused, match="token_expiry"):
        issue_token(store, keeper, name="x", expires_on=store.today() + dt.timedelta(days=days))


def test_a_token_without_a_name_is_refused(store, keeper):
    with pytest.raises(Refused, match="name_missing"):
        issue_token(store, keeper, name="  ", expires_on=store.today())


@pytest.mark.promises("A1")
def test_whoever_may_not_upload_makes_no_token(store, someone):
    with pytest.raises(Forbidden):
        issue_token(store, someone(Role.MEMBER), name="x", expires_on=store.today())


@pytest.mark.promises("A2")
def test_a_token_cannot_be_made_for_a_site_that_is_not_its_keepers(store, keeper, site):
    site("lille")

    with pytest.raises(Forbidden):
        issue_token(store, keeper, name="x", expires_on=store.today(), site_ids=["lyon", "lille"])


@pytest.mark.promises("A2")
def test_a_token_made_for_some_sites_serves_no_other_even_if_its_keeper_may(store, someone, site):
    everywhere = someone(Role.METRIC_KEEPER)
    site("lyon"), site("lille")
    issued = issue_token(store, everywhere, name="x", expires_on=store.today(), site_ids=["lyon"])

    _, actor = bearer(store, issued.text)

    with store.change(actor, Permission.UPLOAD, site_ids=["lyon"]) as tx:
        tx.say("test.touch")
    for wanted in ({"site_ids": ["lyon", "lille"]}, {"site_id": "lille"}, {}):
        with pytest.raises(Forbidden), store.change(actor, Permission.UPLOAD, **wanted) as tx:
            tx.say("test.touch")


def test_its_last_use_is_known_to_the_minute_and_is_no_change_of_the_record(store, issued, clock):
    before = store.data_version()
    bearer(store, issued.text)
    first = clock.moment
    clock.pass_(seconds=30)
    bearer(store, issued.text)

    with store.read() as cursor:
        (soon,) = tokens(cursor)
    clock.pass_(minutes=5)
    bearer(store, issued.text)
    with store.read() as cursor:
        (later,) = tokens(cursor)

    assert (soon.used_at, later.used_at) == (first, clock.moment)
    assert store.data_version() == before


def test_a_failed_attempt_is_no_use(store, issued):
    refusal_of(store, issued.text[:-1] + "-")

    with store.read() as cursor:
        assert [known.used_at for known in tokens(cursor)] == [None]


def test_a_keeper_sees_their_own_and_an_administrator_everybodys(store, admin, issued, keeper, someone):
    other = someone(Role.METRIC_KEEPER, "Cy", site_id="lyon")
    issue_token(store, other, name="night job", expires_on=store.today())

    with store.read() as cursor:
        assert [(known.token.name, known.person) for known in tokens(cursor, keeper.person_id)] == [
            ("ERP of Lyon", "Bo")
        ]
        assert [known.token.name for known in tokens(cursor)] == ["night job", "ERP of Lyon"]


def test_an_administrator_revokes_anybodys_token_and_another_keeper_does_not(store, admin, issued, someone):
    with pytest.raises(Forbidden):
        revoke_token(store, someone(Role.METRIC_KEEPER, "Cy", site_id="lyon"), issued.token.id)

    revoke_token(store, admin, issued.token.id)

    assert refusal_of(store, issued.text) == "revoked"


def test_the_table_has_a_column_for_each_field(store):
    with store.read() as cursor:
        columns = {name for (name,) in cursor.execute("SELECT column_name FROM duckdb_columns() "
                   "WHERE table_name = 'token'").fetchall()}  # fmt: skip

    assert set(Token.model_fields) <= columns
