"""Records are revised, never overwritten: now, as known on a day, and through their history."""

from __future__ import annotations

import datetime as dt

import pytest

from data import records
from data.access import Permission
from data.schema import migrations
from data.types import (
    RECORDS,
    Assignment,
    Cohort,
    Decision,
    DecisionType,
    Direction,
    Grain,
    Metric,
    Person,
    Plan,
    Role,
    Site,
    SiteKind,
)  # fmt: skip


@pytest.fixture
def write(store, admin):
    """Append a record through the gate."""

    def append(record) -> None:
        with store.change(admin, Permission.MANAGE_CATALOGUE) as tx:
            tx.append(record)

    return append


def test_the_newest_revision_is_current_and_the_order_is_that_of_the_first(store, write, clock):
    write(Site(id="lyon", name="Lyon"))
    clock.pass_(days=1)
    write(Site(id="lille", name="Lille"))
    clock.pass_(days=1)
    write(Site(id="lyon", name="Lyon Sud"))

    with store.read() as cursor:
        assert [site.name for site in records.current(cursor, Site)] == ["Lyon Sud", "Lille"]


def test_revisions_of_one_moment_follow_one_another(store, admin, write):
    with store.change(admin, Permission.MANAGE_CATALOGUE) as tx:
        for name in "abc":
            tx.append(Site(id="lyon", name=name))
    write(Site(id="lyon", name="d"))

    with store.read() as cursor:
        assert [revision.record.name for revision in records.history(cursor, Site, "lyon")] == list("abcd")
        assert records.one(cursor, Site, "lyon").name == "d"


def test_what_was_known_on_a_day_can_be_read_for_ever(store, write, clock):
    first = clock.moment
    write(Site(id="lyon", name="Lyon"))
    clock.pass_(days=8)
    write(Site(id="lyon", name="Lyon Sud"))

    with store.read() as cursor:
        assert records.one(cursor, Site, "lyon", as_known_on=first - dt.timedelta(seconds=1)) is None
        assert records.one(cursor, Site, "lyon", as_known_on=first).name == "Lyon"
        assert [s.name for s in records.current(cursor, Site, as_known_on=clock.moment)] == ["Lyon Sud"]


def test_a_moment_is_the_same_in_every_time_zone(store, write, clock):
    write(Site(id="lyon", name="Lyon"))
    paris = clock.moment.astimezone(dt.timezone(dt.timedelta(hours=2)))

    with store.read() as cursor:
        assert records.one(cursor, Site, "lyon", as_known_on=paris) is not None
        assert records.recorded(cursor, Site, "lyon").recorded_at == clock.moment


def test_a_record_taken_back_is_gone_from_now_on_and_keeps_its_history(store, admin, write, clock):
    lyon = Site(id="lyon", name="Lyon")
    write(lyon)
    known = clock.moment
    clock.pass_(days=1)
    with store.change(admin, Permission.MANAGE_CATALOGUE) as tx:
        tx.retract(lyon)

    with store.read() as cursor:
        assert records.one(cursor, Site, "lyon") is None
        assert records.current(cursor, Site) == []
        assert records.current(cursor, Site, as_known_on=known) == [lyon]
        assert [revision.retracted for revision in records.history(cursor, Site, "lyon")] == [False, True]


def test_history_says_who_and_when(store, admin, write, clock):
    write(Site(id="lyon", name="Lyon"))

    with store.read() as cursor:
        (revision,) = records.history(cursor, Site, "lyon")
    assert (revision.recorded_by, revision.recorded_at) == (admin.person_id, clock.moment)


def test_records_are_chosen_by_their_newest_values(store, write):
    write(Site(id="lyon", name="Lyon", group="north"))
    write(Site(id="lyon", name="Lyon", group="south"))
    write(Site(id="lille", name="Lille"))

    with store.read() as cursor:
        assert records.current(cursor, Site, group="north") == []
        assert [site.id for site in records.current(cursor, Site, group="south")] == ["lyon"]
        assert [site.id for site in records.current(cursor, Site, group=None)] == ["lille"]
        assert [site.id for site in records.current(cursor, Site, kind=SiteKind.OTHER)] == ["lyon", "lille"]
        with pytest.raises(ValueError, match="has no colour"):
            records.current(cursor, Site, colour="red")


@pytest.mark.parametrize(
    "record",
    [
        Decision(
            id="d", number=12, type=DecisionType.INCIDENT, title="« arrêt » d'une ligne; --", owner_id="p",
            applies_on=dt.date(2026, 5, 4), period_start=dt.date(2026, 5, 4), grain=Grain.WEEK,
            value_when_decided=12.4, expected_direction=Direction.DOWN, public=True,
        ),
        Plan(
            id="e", experiment_id="x", hypothesis="h", metric_id="m", site_ids=("a", "b"),
            expected_direction=Direction.UP, smallest_effect=0.5, starts_on=dt.date(2026, 6, 1),
            ends_on=dt.date(2026, 7, 1), looks=(dt.date(2026, 6, 15),), trend_term=False,
            frozen_at=dt.datetime(2026, 5, 4, 9, 30, 1, 250, tzinfo=dt.UTC),
        ),
        Person(id="p", name="Ada", session_valid_after=dt.datetime(2026, 5, 4, tzinfo=dt.UTC), language="en"),
        Assignment(id="a", person_id="p", role=Role.LEADER, starts_on=dt.date(2026, 1, 1)),
        Cohort(id="c", name="Une", site_ids=("lyon", "Saint-Étienne")),
        Metric(id="m", name_fr="délai", name_en="delay", unit="d", plausible_low=-1.5),
    ],
)  # fmt: skip
def test_a_record_comes_back_as_it_went_in(store, write, record):
    write(record)

    with store.read() as cursor:
        assert records.one(cursor, type(record), record.id) == record


def test_every_record_type_has_a_table_of_its_fields(store):
    with store.read() as cursor:
        rows = cursor.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database()"
        ).fetchall()

    for kind in RECORDS:
        columns = {column for table, column in rows if table == kind.table}
        assert columns == {*records.BOOKKEEPING, *kind.model_fields}, kind.table


def test_migrations_are_numbered_without_a_gap():
    assert [step.version for step in migrations()] == list(range(1, len(migrations()) + 1))
