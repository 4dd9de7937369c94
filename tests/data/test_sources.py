"""Linked sources in the record: who may link what, which addresses and secrets are refused, when each runs next."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import records, source_runs
from data.access import Forbidden, Refused
from data.people import end_assignment
from data.schedules import Every, Schedule
from data.source_rules import filled, secrets_of, without
from data.source_runs import Mark, SourceRun
from data.sources import ask_for_run, edit_source, link_source, pause_source, remove_source, sources
from data.types import Assignment, Role, RunOutcome, Source, SourceKind

CANARY = "s3cr3t/of the house"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "exports"
    place.mkdir()
    monkeypatch.setenv("ESSAIM_SOURCE_FOLDERS", f'["{place}"]')
    return place


@pytest.fixture
def link(store, admin, folder):
    def one(actor=admin, **fields):
        given = {"name": "ERP", "kind": "folder", "address": str(folder), "pattern": "*.csv", "schedule": "hourly"}
        return link_source(store, actor, **{**given, **fields})

    return one


def refused(link, **fields) -> str:
    with pytest.raises(Refused) as error:
        link(**fields)
    return error.value.code


def current(store) -> list[Source]:
    with store.read() as cursor:
        return sources(cursor)


def run_of(source, clock, outcome=RunOutcome.UNCHANGED, **more) -> SourceRun:
    return SourceRun(source.id, clock(), clock(), outcome, **more)


# --- through the gate ---------------------------------------------------------------------------------------------


@pytest.mark.accepts("1.21")
def test_a_source_is_linked_changed_paused_and_removed_with_its_history_kept(store, admin, link):
    source = link()
    edit_source(store, admin, source.id, schedule="Daily  06:30")
    pause_source(store, admin, source.id, paused=True)

    (found,) = current(store)
    remove_source(store, admin, source.id)

    assert (found.name, found.schedule, found.paused, found.owner_id) == ("ERP", "daily 06:30", True, admin.person_id)
    assert current(store) == []
    with store.read() as cursor:
        assert len(records.history(cursor, Source, source.id)) == 4


def test_a_keeper_of_one_site_links_sources_of_that_site_only(link, someone, site, store):
    site("lyon")
    site("metz")
    keeper = someone(Role.METRIC_KEEPER, site_id="lyon")

    link(keeper, site_id="lyon")

    for elsewhere in ({"site_id": "metz"}, {}):
        with pytest.raises(Forbidden):
            link(keeper, name="Other", **elsewhere)
    assert [one.site_id for one in current(store)] == ["lyon"]


def test_an_administrator_who_keeps_no_metric_may_pause_a_source_and_not_own_one(link, someone, store):
    source = link()
    clerk = someone(Role.ADMIN)

    with pytest.raises(Forbidden):
        link(clerk, name="Another")
    with pytest.raises(Forbidden):
        edit_source(store, clerk, source.id, name="Mine")
    pause_source(store, clerk, source.id, paused=True)

    assert [(one.name, one.paused) for one in current(store)] == [("ERP", True)]


def test_who_changes_a_source_owns_it(link, someone, store, admin):
    source = link()
    keeper = someone(Role.METRIC_KEEPER)

    edit_source(store, keeper, source.id, pattern="*.xlsx")

    assert [one.owner_id for one in current(store)] == [keeper.person_id]


@pytest.mark.promises("A3")
def test_a_source_acts_with_the_rights_that_its_owner_holds_at_that_moment(link, someone, store, admin, clock):
    keeper = someone(Role.METRIC_KEEPER)
    source = link(keeper)
    with store.read() as cursor:
        held = records.current(cursor, Assignment, person_id=keeper.person_id)[0]
        before = source_runs.owner_of(cursor, source, store.today())

    end_assignment(store, admin, held.id, store.today() - dt.timedelta(days=1))

    with store.read() as cursor:
        after = source_runs.owner_of(cursor, source, store.today())
    assert before is not None
    assert before.person_id == keeper.person_id
    assert after is None


def test_two_sources_do_not_share_a_name(link):
    link()

    assert refused(link, name=" erp ") == "source_name_taken"


# --- what an address may be ---------------------------------------------------------------------------------------


@pytest.mark.promises("F6")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"schedule": "now and then"}, "source_schedule"),
        ({"schedule": "every 0 min"}, "source_schedule"),
        ({"schedule": "daily 25:00"}, "source_schedule"),
        ({"schedule": "weekly xyz 06:00"}, "source_schedule"),
        ({"site_id": "lyon", "process_id": "p"}, "source_scope"),
        ({"address": "exports"}, "source_address_folder"),
        ({"address": "/etc/../etc"}, "source_address_folder"),
        ({"address": "/etc"}, "source_folder_not_allowed"),
        ({"pattern": "../*.csv"}, "source_pattern"),
        ({"kind": "http", "address": "ftp://host/x.csv"}, "source_address_http"),
        ({"kind": "http", "address": "http:///x.csv"}, "source_address_http"),
        ({"kind": "http", "address": "http://host:port/x.csv"}, "source_address_http"),
        ({"kind": "http", "address": "https://ada:pw@host/x.csv"}, "source_secret_in_address"),
        ({"kind": "http", "address": "https://host/x.csv?sig=abc"}, "source_secret_in_address"),
        ({"kind": "http", "address": "https://host/x", "headers": ("Authorization: Bearer abc",)}, "source_header"),
        ({"kind": "http", "address": "https://host/x", "headers": ("A: env:X\r\nB: c",)}, "source_header"),
        ({"kind": "s3", "address": "s3://bucket"}, "source_address_s3"),
        ({"kind": "s3", "address": "s3://bucket/env:KEY/*.csv"}, "source_address_s3"),
        ({"kind": "s3", "address": "s3://bucket/x.csv", "access_key": "AKIA", "secret_key": "x"}, "source_keys"),
        ({"kind": "sql", "address": "sqlite:///etc/passwd", "query": "select 1"}, "source_address_sql"),
        ({"kind": "sql", "address": "postgresql://ada:pw@db/x", "query": "select 1"}, "source_secret_in_address"),
        ({"kind": "sql", "address": "postgresql://db/x", "query": "delete from x"}, "source_query"),
        ({"kind": "sql", "address": "postgresql://db/x", "query": "/* select */ drop table x"}, "source_query"),
        ({"kind": "sql", "address": "env:COOKIE", "query": "select 1"}, "source_secret_not_allowed"),
    ],
)
def test_a_source_that_cannot_be_or_may_not_be_is_refused_with_its_reason(link, store, fields, code):
    assert refused(link, **fields) == code
    assert current(store) == []


@pytest.mark.promises("F6")
def test_a_link_that_leads_out_of_the_allowed_folders_is_refused(link, folder, tmp_path):
    (tmp_path / "private").mkdir()
    (folder / "way-out").symlink_to(tmp_path / "private")

    assert refused(link, address=str(folder / "way-out")) == "source_folder_not_allowed"


def test_a_secret_goes_only_to_the_hosts_that_the_installation_names(link, monkeypatch):
    monkeypatch.setenv("API_TOKEN", CANARY)
    monkeypatch.setenv("ESSAIM_SOURCE_SECRETS", '{"API_TOKEN": ["api.example.org"]}')
    asks = {"kind": "http", "headers": ("Authorization: Bearer env:API_TOKEN",)}

    link(name="API", address="https://api.example.org/x.csv", **asks)

    assert refused(link, address="https://thief.example/x.csv", **asks) == "source_secret_not_allowed"
    monkeypatch.delenv("API_TOKEN")
    assert refused(link, address="https://api.example.org/x.csv", **asks) == "source_secret_unset"


def test_no_secret_enters_the_record(link, store, monkeypatch):
    monkeypatch.setenv("WAREHOUSE", CANARY)
    monkeypatch.setenv("ESSAIM_SOURCE_SECRETS", '{"WAREHOUSE": ["db.example"]}')

    link(kind="sql", address="postgresql://ada:env:WAREHOUSE@db.example/x", query="select 1")

    with store.read() as cursor:
        told = str(
            cursor.execute("SELECT * FROM source").fetchall() + cursor.execute("SELECT * FROM change").fetchall()
        )
    assert "env:WAREHOUSE" in told
    assert CANARY not in told


def test_a_secret_is_taken_out_of_every_text_however_it_is_written(monkeypatch):
    monkeypatch.setenv("DSN", "postgresql://ada:p%40ss@db/x")
    source = Source(id="x", name="x", kind=SourceKind.SQL, address="env:DSN", schedule="hourly", owner_id="")

    said = without(f"{filled(source.address)} p@ss p%40ss", secrets_of(source))

    assert said == "••• ••• •••"


# --- when it runs -------------------------------------------------------------------------------------------------


def test_a_source_runs_at_once_and_then_by_its_schedule(link, store, clock):
    source = link(schedule="every 15 min")
    with store.read() as cursor:
        assert source_runs.due(cursor, clock()) == [source]

    source_runs.note_run(store, run_of(source, clock))

    with store.read() as cursor:
        assert source_runs.due(cursor, clock()) == []
        assert source_runs.due(cursor, clock.pass_(minutes=14)) == []
        assert source_runs.due(cursor, clock.pass_(minutes=1)) == [source]


def test_a_paused_source_runs_only_when_somebody_asks(link, store, admin, clock):
    source = link()
    pause_source(store, admin, source.id, paused=True)
    with store.read() as cursor:
        assert source_runs.due(cursor, clock.pass_(days=2)) == []

    ask_for_run(store, admin, source.id)

    with store.read() as cursor:
        assert [one.id for one in source_runs.due(cursor, clock())] == [source.id]
    source_runs.note_run(store, run_of(source, clock))
    with store.read() as cursor:
        assert source_runs.due(cursor, clock.pass_(days=2)) == []


def test_a_run_that_finds_nothing_new_is_no_change_of_the_record(link, store, clock):
    source = link()
    version = store.data_version()

    source_runs.note_run(store, run_of(source, clock), [Mark("a.csv", "1", "h")])

    assert store.data_version() == version
    with store.read() as cursor:
        assert source_runs.marks_of(cursor, source.id) == {"a.csv": Mark("a.csv", "1", "h")}


def test_another_address_forgets_what_was_taken_from_the_former_one(link, store, admin, clock, folder):
    source = link()
    source_runs.note_run(store, run_of(source, clock), [Mark("a.csv", "1", "h")])
    (folder / "lyon").mkdir()

    edit_source(store, admin, source.id, address=str(folder / "lyon"))

    with store.read() as cursor:
        assert source_runs.marks_of(cursor, source.id) == {}


def test_a_source_is_in_trouble_after_three_faults_in_a_row_or_one_question(link, store, clock):
    source, standing = link(), []

    for outcome in (RunOutcome.FAULT, RunOutcome.FAULT, RunOutcome.FAULT, RunOutcome.LOADED, RunOutcome.QUESTION):
        clock.pass_(hours=1)
        again = clock() + dt.timedelta(minutes=5) if outcome is RunOutcome.FAULT else None
        source_runs.note_run(store, run_of(source, clock, outcome, again_at=again))
        with store.read() as cursor:
            standing.append(source_runs.standing(cursor, source.id))

    assert [(one.failures, one.in_trouble) for one in standing] == [
        (1, False), (2, False), (3, True), (0, False), (1, True)
    ]  # fmt: skip
    assert standing[-1].last_loaded.started_at == clock() - dt.timedelta(hours=1)


def test_a_fault_that_waiting_does_not_mend_waits_for_a_person_at_once(link, store, clock):
    source = link()

    source_runs.note_run(store, run_of(source, clock, RunOutcome.FAULT, code="folder_missing"))

    with store.read() as cursor:
        assert source_runs.standing(cursor, source.id).in_trouble


def test_a_source_is_late_when_its_time_has_passed_more_than_twice(link, store, clock):
    source = link()
    source_runs.note_run(store, run_of(source, clock))
    with store.read() as cursor:
        found = source_runs.standing(cursor, source.id)

    assert not found.is_late(clock() + dt.timedelta(hours=2, minutes=59))
    assert found.is_late(clock() + dt.timedelta(hours=3))


def test_a_source_looks_again_early_when_its_run_says_so(link, store, clock):
    source = link(schedule="weekly mon 06:00")
    source_runs.note_run(store, run_of(source, clock, again_at=clock() + dt.timedelta(minutes=1)))

    with store.read() as cursor:
        assert source_runs.due(cursor, clock.pass_(minutes=1)) == [source]


def test_old_runs_are_let_go_and_loads_are_kept(link, store, clock, monkeypatch):
    monkeypatch.setattr(source_runs, "KEPT_RUNS", 3)
    source = link()

    for outcome in [RunOutcome.LOADED, *[RunOutcome.UNCHANGED] * 6]:
        source_runs.note_run(store, run_of(source, clock, outcome))

    with store.read() as cursor:
        kept = [str(run.outcome) for run in source_runs.runs_of(cursor, source.id, 100)]
    assert kept == ["unchanged", "unchanged", "unchanged", "loaded"]


def test_one_process_at_a_time_holds_the_lease(store, clock):
    assert source_runs.hold_lease(store, "a", 60)
    assert not source_runs.hold_lease(store, "b", 60)

    clock.pass_(seconds=61)
    assert source_runs.hold_lease(store, "b", 60)
    assert not source_runs.hold_lease(store, "a", 60)

    source_runs.release_lease(store, "b")
    assert source_runs.hold_lease(store, "a", 60)


def test_a_lease_from_a_clock_that_was_set_back_is_not_waited_for(store, clock):
    assert source_runs.hold_lease(store, "a", 60)

    clock.pass_(minutes=-4)
    assert not source_runs.hold_lease(store, "b", 60)  # two machines' clocks may be that far apart
    clock.pass_(days=-400)
    assert source_runs.hold_lease(store, "b", 60)


def test_a_clock_that_is_set_back_holds_no_source_up_and_runs_it_once(link, store, admin, clock):
    source, waiting = link(), link(name="New")
    source_runs.note_run(store, run_of(source, clock))
    clock.pass_(hours=-5)

    ask_for_run(store, admin, waiting.id)
    with store.read() as cursor:
        assert {one.id for one in source_runs.due(cursor, clock())} == {source.id, waiting.id}
    for one in (source, waiting):
        source_runs.note_run(store, run_of(one, clock))

    with store.read() as cursor:
        assert source_runs.due(cursor, clock.pass_(minutes=59)) == []
        assert len(source_runs.due(cursor, clock.pass_(minutes=1))) == 2


def test_a_wish_from_before_the_clock_was_set_back_is_settled_by_one_run(link, store, admin, clock):
    source = link()
    ask_for_run(store, admin, source.id)
    clock.pass_(hours=-5)

    source_runs.note_run(store, run_of(source, clock))

    with store.read() as cursor:
        assert source_runs.due(cursor, clock()) == []


def test_how_sources_stand_is_read_as_quickly_after_years_of_loads(link, store, clock):
    source = link()
    with store.read() as cursor:
        cursor.execute(
            f"INSERT INTO source_run SELECT 'r' || n, '{source.id}', TIMESTAMP '2020-01-01' + INTERVAL (n) MINUTE, "
            "TIMESTAMP '2020-01-01', 'loaded', '', '{}', 1, 1, 0, 0, 0, NULL, NULL FROM range(300000) t(n)"
        )
    source_runs.note_run(store, run_of(source, clock, RunOutcome.FAULT))

    with store.read() as cursor:
        began = time.process_time()
        found = source_runs.standing(cursor, source.id)
        seconds = time.process_time() - began

    assert (found.failures, found.last.outcome, found.last_loaded.id) == (1, RunOutcome.FAULT, "r299999")
    assert seconds < 0.5  # about 3 s where each of them is read


def test_an_hour_of_the_day_is_read_off_the_clock_across_its_changes():
    paris, daily = ZoneInfo("Europe/Paris"), Schedule.read("daily 06:00")

    before = daily.next_after(dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC), paris)

    assert before == dt.datetime(2026, 3, 29, 4, tzinfo=dt.UTC)
    assert Schedule.read("daily 02:30").next_after(dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC), paris).hour == 1


@settings(deadline=None)
@given(
    st.builds(
        Schedule, every=st.sampled_from(Every), minutes=st.integers(1, 1440), weekday=st.integers(0, 6),
        at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    ),
    st.integers(1_700_000_000, 1_900_000_000).map(lambda at: dt.datetime.fromtimestamp(at, dt.UTC)),
)  # fmt: skip
def test_the_next_run_is_later_and_within_a_week(schedule, moment):
    found = schedule.next_after(moment, ZoneInfo("Europe/Paris"))

    assert moment < found <= moment + dt.timedelta(days=7, hours=1)
    assert str(Schedule.read(str(schedule))) == str(schedule)
