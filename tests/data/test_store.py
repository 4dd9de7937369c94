"""Opening, holding, closing and copying the store; and what is refused rather than repaired."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from data import engine, records
from data import store as store_module
from data.access import Permission
from data.people import first_person
from data.store import StoreDamaged, StoreHeld, StoreNewer, close_store, open_store, the_store
from data.types import Person, Site

ROOT = Path(__file__).parents[2]
HOLD = "import sys; from data.store import open_store; s = open_store(sys.argv[1]); print('held', flush=True); input()"
KILLED = """
import os, signal, sys
from data.store import open_store
from data.people import first_person
s = open_store(sys.argv[1])
first_person(s, "Ada")
print("acknowledged", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def catalogue_of(url: str) -> Path:
    return Path(engine.address(url).catalogue)


@pytest.mark.accepts("11.8")
@pytest.mark.promises("S4")
def test_a_store_held_by_another_process_is_refused_naming_the_holder(url):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreHeld) as refusal:
            open_store(url)
        holder.communicate("\n")

    assert f"PID {holder.pid}" in refusal.value.holder
    assert "python" in refusal.value.holder


@pytest.mark.promises("S4")
def test_a_store_this_process_holds_is_not_opened_twice(store, url):
    with pytest.raises(StoreHeld):
        open_store(url)


@pytest.mark.promises("S1")
@pytest.mark.accepts("11.2")
def test_what_was_acknowledged_survives_a_kill(url):
    ended = subprocess.run([sys.executable, "-c", KILLED, url], capture_output=True, cwd=ROOT, text=True, check=False)
    assert ended.stdout == "acknowledged\n"

    reopened = open_store(url)
    try:
        with reopened.read() as cursor:
            assert [person.name for person in records.current(cursor, Person)] == ["Ada"]
        reopened.seal()
        assert reopened.verify_audit() is None
    finally:
        reopened.close()


def test_everything_is_there_after_a_restart(store, site, url, clock):
    site("lyon")
    version = store.data_version()
    store.close()

    reopened = open_store(url, clock=clock)
    try:
        assert reopened.data_version() == version
        with reopened.read() as cursor:
            assert records.one(cursor, Site, "lyon") is not None
    finally:
        reopened.close()


@pytest.mark.promises("S3")
def test_a_store_of_a_newer_version_is_left_alone(store, url):
    with store.read() as cursor:
        cursor.execute("INSERT INTO schema_version VALUES (9999, 'later', NULL)")
    store.close()

    with pytest.raises(StoreNewer):
        open_store(url)
    with pytest.raises(StoreNewer):
        open_store(url)


@pytest.mark.promises("S3")
@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"\x00" * 20_000])
def test_a_file_that_is_no_store_is_refused_and_not_touched(url, content):
    path = catalogue_of(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

    with pytest.raises(StoreDamaged):
        open_store(url)

    assert path.read_bytes() == content


@pytest.mark.promises("S3")
def test_a_database_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE customers (name VARCHAR)")

    with pytest.raises(StoreDamaged):
        open_store(str(path))


@pytest.mark.promises("S3")
def test_a_lost_log_is_noticed_at_the_next_start(store, admin, url, tmp_path):
    store.checkpoint()
    path = catalogue_of(url)
    before = path.read_bytes()
    with store.change(admin, Permission.REGISTER_SITE) as tx:
        tx.append(Site(id="lyon", name="Lyon"))
    store.seal()
    store.close()
    path.write_bytes(before)

    with pytest.raises(StoreDamaged, match="no longer there"):
        open_store(url)


def test_the_instance_reads_nothing_else_on_the_disk(store, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    allowed = store.staging / "staged.csv"
    allowed.write_text("a,b\n1,2\n")

    with store.read() as cursor:
        assert cursor.execute(f"SELECT a FROM read_csv('{allowed}')").fetchall() == [(1,)]
        with pytest.raises(duckdb.PermissionException):
            cursor.execute(f"SELECT a FROM read_csv('{secret}')")
        with pytest.raises(duckdb.Error):
            cursor.execute("SET enable_external_access = true")


def test_extensions_are_neither_fetched_nor_loaded_by_themselves(store):
    with store.read() as cursor:
        names = ("autoinstall_known_extensions", "autoload_known_extensions")
        values = [cursor.execute("SELECT current_setting(?)", [name]).fetchone()[0] for name in names]

    assert values == [False, False]


@pytest.mark.promises("S7")
def test_a_backup_is_a_whole_store_taken_while_people_work(store, site, tmp_path):
    site("lyon")
    store.seal()
    with store.read() as reader:
        reader.execute("SELECT * FROM site")
        path = store.backup()
    site("after")

    restored = open_store(str(path))
    try:
        with restored.read() as cursor:
            assert [found.id for found in records.current(cursor, Site)] == ["lyon"]
        assert restored.verify_audit() is None
    finally:
        restored.close()
    with pytest.raises(FileExistsError):
        store.backup(path)


def test_a_checkpoint_leaves_no_log(store, site, url):
    site("lyon")
    store.seal()

    assert store.checkpoint()
    log = Path(f"{catalogue_of(url)}.wal")
    assert not log.exists() or log.stat().st_size == 0


def test_threads_share_the_store_and_not_a_cursor(store, site):
    for n in range(20):
        site(f"s{n}")
    counts = []

    def read() -> None:
        for _ in range(20):
            with store.read() as cursor:
                counts.append(len(records.current(cursor, Site)))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == [20] * 80


def test_an_instance_put_out_of_action_is_opened_again(store, site, monkeypatch):
    site("lyon")
    store.seal()
    broken = store._instance

    class OutOfAction:
        def cursor(self):
            raise duckdb.FatalException("database has been invalidated")

        def close(self):
            broken.close()

    store._instance = OutOfAction()

    with store.read() as cursor:
        assert [found.id for found in records.current(cursor, Site)] == ["lyon"]


def test_a_store_in_memory_leaves_nothing_behind():
    memory = open_store(":memory:")
    folder = memory.staging.parent
    first_person(memory, "Ada")
    memory.close()

    assert not folder.exists()


def test_today_is_the_chosen_day_unless_the_store_has_a_clock_of_its_own(monkeypatch, store, clock):
    monkeypatch.setenv("ESSAIM_TODAY", "2024-02-29")
    plain = open_store(":memory:")
    try:
        assert plain.today() == dt.date(2024, 2, 29)
        assert store.today() == clock.moment.astimezone().date()
    finally:
        plain.close()


def test_the_process_opens_its_store_once_from_the_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("ESSAIM_FOLDER", str(tmp_path / "mine"))
    try:
        assert the_store() is the_store()
        assert (tmp_path / "mine" / "essaim.duckdb").exists()
    finally:
        close_store()
    close_store()
    assert store_module._shared is None


def test_a_ducklake_address_needs_its_data_folder():
    with pytest.raises(ValueError, match="ducklake:<catalogue file>;data=<folder>"):
        engine.address("ducklake:/srv/catalogue.ducklake")


def test_a_quote_in_a_path_stays_in_the_path(tmp_path):
    path = tmp_path / "l'essaim.duckdb"
    opened = open_store(str(path))
    opened.close()

    assert path.exists()
    assert os.listdir(tmp_path / "backups") == []  # noqa: PTH208
