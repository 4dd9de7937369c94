"""Values stand under the numbers of their series and loads, and read in words as before."""

from __future__ import annotations

import datetime as dt
import shutil

import duckdb
import pytest

from data.observations import undo_load
from data.schema import FOLDER, migrate
from tests.data.loads import frame, known, load

NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
NUMBERED = 7
WORDS = "site_id, metric_id, segment, period_start, grain, value, weight"


@pytest.fixture
def before(tmp_path):
    """The schema's steps up to the one that numbers series."""
    folder = tmp_path / "steps"
    folder.mkdir()
    for path in FOLDER.glob("*.sql"):
        if int(path.stem[:4]) < NUMBERED:
            shutil.copy(path, folder)
    return folder


def rows(cursor, sql):
    return sorted(map(repr, cursor.execute(sql).fetchall()))


def test_a_store_of_the_older_form_keeps_every_value_and_where_it_came_from(before, tmp_path):
    with duckdb.connect(str(tmp_path / "old.duckdb")) as cursor:
        migrate(cursor, "old", NOW, before)
        for table in ("obs", "cur"):
            cursor.execute(
                f"INSERT INTO {table} SELECT 's' || i % 3, 'm' || i % 2, CASE i % 5 WHEN 0 THEN 'x' ELSE '' END, "
                "DATE '2026-01-01' + CAST(i // 30 AS INTEGER), 'day', i, CASE i % 4 WHEN 0 THEN i END, "
                "CASE i % 7 WHEN 0 THEN 'implausible' ELSE '' END, 'b' || i % 2, i + 2, 'C “délai”', 'c' || i % 2, "
                "TIMESTAMP '2026-02-01 08:00:00' + INTERVAL (i % 2) DAY, i % 2 + 1 FROM range(900) t(i)"
            )
        held = rows(cursor, "SELECT * FROM obs"), rows(cursor, f"SELECT {WORDS}, load_number FROM cur")

        migrate(cursor, "old", NOW)

        assert (rows(cursor, "SELECT * FROM obs"), rows(cursor, f"SELECT {WORDS}, load_number FROM cur")) == held
        numbers = dict(cursor.execute("SELECT kind, number FROM label_seq").fetchall())
        assert numbers["series"] == len(cursor.execute("SELECT * FROM series").fetchall())
        assert numbers["load"] == 2


def test_a_series_keeps_its_number_when_it_is_loaded_again_and_after_an_undo(store, admin):
    first = load(store, admin, frame({"2026-01-01": 4}), new=known("lyon"))
    load(store, admin, frame({"2026-02-01": 5}), frame({"2026-02-01": 5}, site="lille"), new=known("lille", metrics=()))
    undo_load(store, admin, first.id, "the wrong file")
    load(store, admin, frame({"2026-01-01": 6}), name="again.csv")

    with store.read() as cursor:
        sites = cursor.execute("SELECT site_id, count(*) FROM series GROUP BY site_id ORDER BY site_id").fetchall()
        assert sites == [("lille", 1), ("lyon", 1)]
        assert rows(cursor, "SELECT site_id, value FROM cur") == ["('lille', 5.0)", "('lyon', 5.0)", "('lyon', 6.0)"]


def test_numbers_set_apart_and_not_used_leave_a_gap_and_harm_nothing(store, admin):
    store.reserve("series", 40)
    load(store, admin, frame({"2026-01-01": 4}), new=known("lyon"))

    with store.read() as cursor:
        assert cursor.execute("SELECT series FROM series").fetchall() == [(41,)]


def test_a_kind_that_has_no_numbers_is_a_mistake(store):
    with pytest.raises(ValueError, match="no numbers of kind"):
        store.reserve("nothing")
