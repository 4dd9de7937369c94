"""The chain over committed changes names the first entry that does not hold."""

from __future__ import annotations

import pytest

from data import audit, sealer
from data.access import Permission
from data.audit import BadEntry
from data.store import open_store
from data.types import Site


@pytest.fixture
def tamper(store):
    """Change the tables behind the gate's back."""

    def execute(sql: str, *values: object) -> None:
        with store.read() as cursor:
            cursor.execute(sql, list(values))

    return execute


@pytest.fixture
def changes(store, admin, site) -> list[str]:
    """Five sealed changes, in the order they were committed."""
    for name in ("lyon", "lille", "metz", "nice"):
        site(name)
    store.seal()
    with store.read() as cursor:
        return [row[0] for row in cursor.execute("SELECT change_id FROM seal ORDER BY seq").fetchall()]


def test_an_untouched_audit_holds(store, changes):
    assert len(changes) == 5
    assert store.verify_audit() is None


@pytest.mark.promises("S5")
@pytest.mark.parametrize("column", ["person_id", "person_name", "permission", "actions", "note", "body"])
def test_an_edited_entry_is_named_whatever_was_edited(store, tamper, changes, column):
    tamper(f"UPDATE change SET {column} = 'x' WHERE id = ? OR id = ?", changes[2], changes[4])

    assert store.verify_audit() == BadEntry("edited", 3, changes[2])


@pytest.mark.promises("S5")
def test_an_entry_given_another_date_is_named(store, tamper, changes):
    tamper("UPDATE change SET recorded_at = recorded_at - INTERVAL 1 DAY WHERE id = ?", changes[1])

    assert store.verify_audit() == BadEntry("edited", 2, changes[1])


@pytest.mark.promises("S5")
def test_an_entry_that_is_gone_is_named(store, tamper, changes):
    tamper("DELETE FROM change WHERE id = ?", changes[3])

    assert store.verify_audit() == BadEntry("missing", 4, changes[3])


def test_an_entry_cut_out_of_the_chain_too_is_named(store, tamper, changes):
    tamper("DELETE FROM change WHERE id = ?", changes[1])
    tamper("DELETE FROM seal WHERE change_id = ?", changes[1])

    assert store.verify_audit() == BadEntry("broken_link", 2, changes[2])


def test_an_end_cut_off_is_noticed(store, tamper, changes):
    tamper("DELETE FROM change WHERE id = ?", changes[4])
    tamper("DELETE FROM seal WHERE change_id = ?", changes[4])

    assert store.verify_audit() == BadEntry("cut_short", 5, "")


def test_an_entry_that_nobody_sealed_is_named(store, tamper, changes, monkeypatch):
    monkeypatch.setattr(sealer, "OTHERS_GRACE_SECONDS", 0.0)
    tamper("INSERT INTO change SELECT 'forged', * EXCLUDE id FROM change WHERE id = ?", changes[0])

    assert store.verify_audit() == BadEntry("unsealed", None, "forged")


def test_changes_of_the_last_moments_may_wait_for_their_seal(store, admin, monkeypatch):
    monkeypatch.setattr(store.sealer, "wake", lambda: None)
    with store.change(admin, Permission.REGISTER_SITE) as tx:
        tx.append(Site(id="lyon", name="Lyon"))

    assert store.verify_audit() is None


def test_sealing_is_taken_up_again_at_the_next_start(store, admin, url, clock, monkeypatch):
    monkeypatch.setattr(store.sealer, "wake", lambda: None)
    monkeypatch.setattr(store.sealer, "_try", lambda: True)
    with store.change(admin, Permission.REGISTER_SITE) as tx:
        tx.append(Site(id="lyon", name="Lyon"))
    store.close()

    with_rest = open_store(url, clock=clock)
    try:
        with_rest.seal()
        with with_rest.read() as cursor:
            assert audit.unsealed(cursor) == []
        assert with_rest.verify_audit() is None
    finally:
        with_rest.close()


def test_the_chain_follows_the_order_of_commits_not_of_beginnings(store, admin):
    with store.change(admin, Permission.REGISTER_SITE) as slow:
        slow.append(Site(id="slow", name="Slow"))
        with store.change(admin, Permission.REGISTER_SITE) as quick:
            quick.append(Site(id="quick", name="Quick"))
    store.seal()

    with store.read() as cursor:
        order = [row[0] for row in cursor.execute("SELECT change_id FROM seal ORDER BY seq").fetchall()]
    assert order[-2:] == [quick.id, slow.id]


def test_the_head_is_the_newest_link(store, changes):
    with store.read() as cursor:
        newest = audit.head(cursor)

    assert newest.seq == 5
    assert len(newest.hash) == 64
