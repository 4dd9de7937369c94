"""Names that would be SQL, a path or a pattern elsewhere: on record they are names, to the letter."""

from __future__ import annotations

import csv
import io

import pytest

from data.access import actor_for
from data.batches import batches
from data.people import first_person
from data.sites import sites
from data.store import open_store
from loaders import ingest

NAMES = (
    "'; DROP TABLE cur_row; --", 'x" OR "1"="1', "a', (SELECT 1), '", "$1 ? :x %(x)s %s", "{0} {site.__class__}",
    "../../etc/passwd", "C:\\Windows\\x", "*.csv", "file:///etc/passwd", "obs_row", "NULL", "é; COPY x TO 'y'",
)  # fmt: skip


@pytest.fixture
def store(tmp_path):
    opened = open_store(str(tmp_path / "essaim.duckdb"))
    yield opened
    opened.close()


@pytest.mark.promises("F6")
@pytest.mark.parametrize("where", ["site", "segment", "metric", "file"])
def test_what_would_be_sql_or_a_path_elsewhere_is_a_name_and_nothing_happens(store, tmp_path, where):
    person = first_person(store, "Ana")
    with store.read() as cursor:
        keeper = actor_for(cursor, person.id, store.today())
        before = cursor.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()

    for number, name in enumerate(NAMES):
        named = {"site": f"Lyon {number}", "segment": "A", "metric": "délai (j)", "file": "delais.csv", where: name}
        text = io.StringIO()
        table = csv.writer(text, delimiter=";")
        table.writerow(["semaine", "site", "ligne", "indicateur", "valeur"])
        table.writerows([f"2026-01-{5 + 7 * week:02}", named["site"], named["segment"], named["metric"], f"{number},5"]
                        for week in range(3))  # fmt: skip
        understanding = ingest.understand(text.getvalue().encode(), named["file"], store, keeper)
        assert [one.code for one in understanding.interpretation.errors] in ([], ["unknown_site"])
        report = ingest.load(understanding, store, keeper, register=True)
        assert report.batch.n_new == 3

    with store.read() as cursor:
        assert cursor.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall() == before
        assert cursor.execute("SELECT count(*) FROM cur").fetchone() == (3 * len(NAMES),)
        if where == "site":
            assert {site.name for site in sites(cursor)} == set(NAMES)
        if where == "file":
            assert {batch.file_name for batch in batches(cursor)} == set(NAMES)
    assert [
        path for path in tmp_path.iterdir() if not path.name.startswith(("essaim.duckdb", "backups", "staging"))
    ] == []
