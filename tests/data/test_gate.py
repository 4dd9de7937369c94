"""One gate for change: the right, all or nothing, and many at once."""

from __future__ import annotations

import threading

import duckdb
import pytest

from data import records
from data.access import Actor, Forbidden, Permission, Refused
from data.store import Conflict
from data.types import Person, Role, Site


def count(store, table: str) -> int:
    with store.read() as cursor:
        return cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_a_change_is_recorded_with_who_what_when_and_the_whole_record(store, admin, clock):
    lyon = Site(id="lyon", name="Lyon")

    with store.change(admin, Permission.REGISTER_SITE, note="opening") as tx:
        tx.append(lyon, "site.register")

    with store.read() as cursor:
        row = cursor.execute(
            "SELECT recorded_at, person_name, permission, actions, note, body FROM change WHERE id = ?", [tx.id]
        ).fetchone()
    assert row[:5] == (clock.moment.replace(tzinfo=None), "Ada", "register_site", "site.register", "opening")
    assert '"name": "Lyon"' in row[5]


@pytest.mark.accepts("1.20")
def test_any_error_leaves_nothing_behind(store, admin):
    before = count(store, "change"), store.data_version()

    def fail_halfway() -> None:
        with store.change(admin, Permission.REGISTER_SITE) as tx:
            tx.append(Site(id="lyon", name="Lyon"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()

    assert (count(store, "change"), store.data_version()) == before
    assert count(store, "site") == 0


def test_an_error_of_the_database_leaves_nothing_behind(store, admin):
    def fail_in_sql() -> None:
        with store.change(admin, Permission.REGISTER_SITE) as tx:
            tx.append(Site(id="lyon", name="Lyon"))
            tx.cursor.execute("SELECT nothing FROM nowhere")

    with pytest.raises(duckdb.Error):
        fail_in_sql()

    assert count(store, "site") == 0


def test_a_change_that_changes_nothing_is_refused(store, admin):
    with pytest.raises(Refused, match="nothing_changed"), store.change(admin, Permission.REGISTER_SITE):
        pass


def test_each_committed_change_gives_another_data_version(store, admin, site):
    versions = {store.data_version()}
    for name in ("lyon", "lille", "metz"):
        site(name)
        versions.add(store.data_version())

    assert len(versions) == 4


@pytest.mark.promises("A4")
def test_roles_that_an_actor_claims_are_not_believed(store, admin, someone):
    viewer = someone(Role.VIEWER)
    forged = Actor(viewer.person_id, viewer.name, admin.assignments)

    with pytest.raises(Forbidden), store.change(forged, Permission.REGISTER_SITE) as tx:
        tx.append(Site(id="lyon", name="Lyon"))

    assert count(store, "site") == 0


def test_the_public_may_change_nothing(store):
    with pytest.raises(Forbidden), store.change(Actor.public(), Permission.VIEW) as tx:
        tx.append(Site(id="lyon", name="Lyon"))


@pytest.mark.promises("A2")
def test_a_right_at_some_sites_refuses_the_others_by_name(store, site, someone):
    site("lyon")
    site("lille")
    keeper = someone(Role.METRIC_KEEPER, site_id="lyon")

    with (
        pytest.raises(Forbidden) as refusal,
        store.change(keeper, Permission.UPLOAD, site_ids=["lyon", "lille"]) as tx,
    ):
        tx.append(Site(id="x", name="X"))

    assert refusal.value.site_ids == ("lille",)


def test_a_record_keeps_its_id_when_revised(store, admin):
    with pytest.raises(ValueError, match="keeps its id"), store.change(admin, Permission.MANAGE_PEOPLE) as tx:
        tx.revise(Person, admin.person_id, id="other")


def test_of_two_changes_to_one_number_the_second_is_a_conflict_and_leaves_nothing(store, admin):
    def late() -> None:
        with store.change(admin, Permission.REGISTER_SITE) as slow:
            slow.append(Site(id="slow", name="Slow"))
            with store.change(admin, Permission.REGISTER_SITE) as quick:
                quick.next_number("D")
                quick.append(Site(id="quick", name="Quick"))
            slow.next_number("D")

    with pytest.raises(Conflict):
        late()

    with store.read() as cursor:
        assert [site.id for site in records.current(cursor, Site)] == ["quick"]


def test_numbers_taken_at_once_are_all_different(store, admin):
    numbers: list[int] = []

    def take() -> int:
        with store.change(admin, Permission.REGISTER_SITE) as tx:
            number = tx.next_number("D")
            tx.append(Site(id=records.new_id(), name=str(number)))
        return number

    def several() -> None:
        numbers.extend(store.retrying(take) for _ in range(4))

    threads = [threading.Thread(target=several) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1, 21))


@pytest.mark.accepts("11.2")
def test_a_pin_commits_while_a_million_rows_load_and_both_survive(store, admin):
    loading, may_end, errors = threading.Event(), threading.Event(), []

    def load() -> None:
        try:
            with store.change(admin, Permission.UPLOAD) as tx:
                tx.cursor.execute(
                    "INSERT INTO cur_row (series, period_start, value) "
                    "SELECT 1, DATE '1000-01-01' + n::INTEGER, n FROM range(1000000) t(n)"
                )
                loading.set()
                may_end.wait(60)
                tx.append(Site(id="lyon", name="Lyon"))
        except BaseException as error:  # noqa: BLE001 shown by the assertion below
            errors.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    assert loading.wait(60)
    with store.change(admin, Permission.REGISTER_SITE) as tx:
        tx.next_number("D")
        tx.append(Site(id="pin", name="Pin"))
    assert count(store, "cur_row") == 0
    may_end.set()
    thread.join()

    assert errors == []
    assert count(store, "cur_row") == 1_000_000
    with store.read() as cursor:
        assert {site.id for site in records.current(cursor, Site)} == {"pin", "lyon"}
    store.seal()
    assert store.verify_audit() is None
