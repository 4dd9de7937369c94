"""A query on a real PostgreSQL: rows become cells of their own kind; nothing is ever written there, no secret told."""

from __future__ import annotations

import json

import pytest

from data.types import RunOutcome
from loaders.caps import caps
from loaders.kinds import Kind
from loaders.sources.fetching import as_csv, fetched
from loaders.sources.words import run_words
from tests.loaders.linked import here, keeper, link, run, store, values
from tests.tools.postgres import postgres

__all__ = ["here", "keeper", "link", "store"]
CANARY = "p@ss/canary:9"
QUERY = "SELECT week, site, delay AS \"délai (j)\" FROM delays WHERE week < '2026-02-01' ORDER BY week"


@pytest.fixture(scope="module")
def server():
    with postgres() as running:
        running.do(
            f"CREATE ROLE reader LOGIN PASSWORD '{CANARY}'",
            "CREATE TABLE delays (week date, site text, delay numeric(6,2), seen timestamptz, share float8)",
            "CREATE TABLE private (x int)",
            "GRANT SELECT ON delays TO reader",
            "GRANT INSERT ON delays TO reader",
        )
        yield running


@pytest.fixture
def database(server, store, monkeypatch):
    monkeypatch.setenv("WAREHOUSE", CANARY)
    monkeypatch.setenv("ESSAIM_SOURCE_SECRETS", json.dumps({"WAREHOUSE": ["127.0.0.1"]}))
    monkeypatch.setenv("ESSAIM_SOURCE_PRIVATE_HOSTS", '["127.0.0.1"]')
    server.do(
        "TRUNCATE delays",
        "INSERT INTO delays VALUES ('2026-01-05', 'Lyon', 4.50, '2026-01-06 08:00+00', 0.95), "
        "('2026-01-12', 'Lyon', 5.25, NULL, 'NaN'), ('2026-01-19', 'Lyon', NULL, NULL, NULL)",
    )
    return server


@pytest.fixture
def query(link, database):
    """`query("SELECT …")` links a query as the user who may only read."""

    def one(text: str = QUERY, **fields: object):
        address = f"postgresql://reader:env:WAREHOUSE@127.0.0.1:{database.port}/postgres"
        return link("sql", address, **{"query": text, **fields})

    return one


@pytest.mark.accepts("1.21")
@pytest.mark.usefixtures("here")
def test_the_rows_of_a_query_load_themselves_and_nothing_else_until_they_change(store, query, database):
    source = query()
    first, second = run(store, source), run(store, source)
    database.do(
        "INSERT INTO delays VALUES ('2026-01-26', 'Lyon', 6.75)", "UPDATE delays SET delay = 5 WHERE delay = 5.25"
    )
    third = run(store, source)

    assert [(one.outcome, one.n_new, one.n_restated) for one in (first, second, third)] == [
        (RunOutcome.LOADED, 2, 0), (RunOutcome.UNCHANGED, 0, 0), (RunOutcome.LOADED, 1, 1)
    ]  # fmt: skip
    assert values(store) == [4.5, 5, 6.75]


@pytest.mark.usefixtures("here")
def test_cells_keep_the_kinds_that_the_database_gives_them(query, database):
    with fetched(query("SELECT * FROM delays ORDER BY week"), {}) as delivery:
        (piece,) = delivery.pieces
    grid = piece.book.grid

    assert [grid.text(0, column) for column in range(5)] == ["week", "site", "delay", "seen", "share"]
    kinds = [[grid.kind(row, column).name for column in range(5)] for row in (1, 2)]
    assert kinds == [["DATE", "TEXT", "NUMBER", "DATE", "NUMBER"], ["DATE", "TEXT", "NUMBER", "EMPTY", "EMPTY"]]
    assert grid.numbers(2)[1:3].tolist() == [4.5, 5.25]
    assert str(grid.dates(0)[1])[:10] == "2026-01-05"
    assert grid.kind(3, 2) is Kind.EMPTY
    assert as_csv(piece).decode().splitlines()[1].startswith('"2026-01-05";"Lyon";"4.50";')


def test_the_order_of_the_rows_makes_no_new_table(store, query):
    run(store, query("SELECT week, site, delay FROM delays ORDER BY week", name="Up"))
    up = query("SELECT week, site, delay FROM delays ORDER BY week", name="A")
    down = query("SELECT week, site, delay FROM delays ORDER BY week DESC", name="B")

    with fetched(up, {}) as one, fetched(down, {}) as other:
        marks = {piece.mark.mark for delivery in (one, other) for piece in delivery.pieces}

    assert len(marks) == 1


@pytest.mark.promises("F6")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT 1; DROP TABLE delays", "sql_statement"),
        ("SELECT 1; COMMIT; SET default_transaction_read_only = off; DELETE FROM delays", "sql_statement"),
        ("WITH gone AS (DELETE FROM delays RETURNING *) SELECT * FROM gone", "sql_statement"),
        (
            "WITH new AS (INSERT INTO delays VALUES ('2026-01-01', 'x', 1) RETURNING *) SELECT * FROM new",
            "sql_statement",
        ),
        ("SELECT * INTO copied FROM delays", "sql_statement"),
        ("SELECT * FROM delays FOR UPDATE", "sql_writes"),
        ("SELECT * FROM private", "sql_denied"),
        ("SELECT * FROM nothing", "sql_statement"),
        ("SELECT set_config('transaction_read_only', 'off', false), * FROM delays", "sql_statement"),
        ("SELECT pg_read_file('/etc/passwd')", "sql_denied"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_query_that_does_more_than_read_is_refused_and_leaves_nothing(store, query, database, text, code):
    done = run(store, query(text))

    assert (done.outcome, done.code, values(store)) == (RunOutcome.FAULT, code, [])
    assert database.value("SELECT count(*) FROM delays") == 3
    assert database.value("SELECT count(*) FROM pg_tables WHERE tablename = 'copied'") == 0


def test_a_function_that_writes_is_stopped_by_the_transaction(store, query, database):
    database.do("CREATE OR REPLACE FUNCTION sly() RETURNS int LANGUAGE sql AS "
                "$$ INSERT INTO delays VALUES ('2026-01-01', 'x', 1) RETURNING 1 $$")  # fmt: skip

    done = run(store, query("SELECT sly()"))

    assert done.code == "sql_writes"
    assert database.value("SELECT count(*) FROM delays") == 3
    assert run_words(done, "en") == "The query tries to write. A source only reads: write one SELECT."


def test_a_query_that_takes_too_long_is_stopped_at_the_server(store, query, database, monkeypatch):
    limits = caps().model_copy(update={"source_seconds": 2})
    monkeypatch.setattr("loaders.sources.fetching.caps", lambda: limits)

    done = run(store, query("SELECT pg_sleep(30)"))

    assert (done.outcome, done.code) == (RunOutcome.FAULT, "sql_time")
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()"
    assert database.value(sleeping + " AND state = 'active'") == 0


def test_a_query_that_lifts_its_own_time_limit_is_stopped_at_the_server_all_the_same(
    store, query, database, monkeypatch
):
    limits = caps().model_copy(update={"source_seconds": 2})
    monkeypatch.setattr("loaders.sources.fetching.caps", lambda: limits)

    done = run(store, query("SELECT set_config('statement_timeout', '0', false), CASE WHEN n > 5000 THEN pg_sleep(31) END "
                            "FROM generate_series(1, 5001) AS n"))  # fmt: skip

    assert done.outcome is RunOutcome.FAULT
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%FETCH%' AND pid <> pg_backend_pid()"
    assert database.value(sleeping + " AND state = 'active'") == 0


@pytest.mark.usefixtures("here")
def test_more_rows_than_the_cap_are_refused(store, query, monkeypatch):
    limits = caps().model_copy(update={"rows": 1000})
    monkeypatch.setattr("loaders.sources.fetching.caps", lambda: limits)

    done = run(store, query("SELECT generate_series(1, 100000) AS n"))

    assert run_words(done, "en").startswith("The query gives more than 1,000 rows.")


@pytest.mark.usefixtures("here")
def test_a_wrong_password_and_an_unknown_database_are_told_apart_and_tell_no_secret(store, link, database, monkeypatch):
    address = f"postgresql://reader:env:WAREHOUSE@127.0.0.1:{database.port}"
    nowhere = run(store, link("sql", f"{address}/nowhere", name="Nowhere", query=QUERY))
    monkeypatch.setenv("WAREHOUSE", "wrong-canary")
    wrong = run(store, link("sql", f"{address}/postgres", name="Wrong", query=QUERY))

    assert (nowhere.code, wrong.code) == ("sql_database", "sql_login")
    for done in (nowhere, wrong):
        assert "canary" not in str(done)
        assert run_words(done, "fr")


def test_the_databases_own_words_about_a_query_hold_no_secret(store, query):
    done = run(store, query(f'SELECT * FROM "{CANARY}"'))

    assert done.code == "sql_statement"
    assert "•••" in run_words(done, "en")
    assert "canary" not in str(done)


def test_a_whole_address_may_stand_in_the_environment(store, link, database, monkeypatch):
    monkeypatch.setenv("WAREHOUSE", f"postgresql://reader:p%40ss%2Fcanary%3A9@127.0.0.1:{database.port}/postgres")

    assert run(store, link("sql", "env:WAREHOUSE", query=QUERY)).outcome is RunOutcome.LOADED


def test_a_database_on_a_private_network_is_reached_only_when_that_is_allowed(store, query, monkeypatch):
    source = query()
    monkeypatch.delenv("ESSAIM_SOURCE_PRIVATE_HOSTS")

    assert run(store, source).code == "private_host"


@pytest.mark.usefixtures("here")
def test_a_server_that_is_down_is_tried_again(store, link, database):
    done = run(store, link("sql", "postgresql://reader@127.0.0.1:9/x", query=QUERY))

    assert (done.code, done.again_at is not None) == ("unreachable", True)


def test_a_query_without_rows_is_a_fault_and_not_an_empty_chart(store, query):
    done = run(store, query("SELECT week, site, delay FROM delays WHERE false"))

    assert done.outcome is RunOutcome.FAULT
    assert run_words(done, "en")
