"""One SELECT on a PostgreSQL database, in a transaction that cannot write, as a table whose cells keep their kinds."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

import pg8000
import pyarrow as pa
import pyarrow.ipc
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from loaders.sources.cells import column_of
from loaders.sources.job import Answer, Deadline, Job, Trouble, check_size
from loaders.sources.web import is_private, looked_up

PORT = 5432
ROWS_AT_ONCE = 5_000
CONNECT_SECONDS = 15
LONGEST_DETAIL = 200
# SQLSTATE: what PostgreSQL says went wrong (its manual, appendix A).
STATES = {
    "28000": "sql_login", "28P01": "sql_login", "3D000": "sql_database", "57014": "sql_time", "25006": "sql_writes",
    "42501": "sql_denied", "42601": "sql_statement",
}  # fmt: skip
BUSY = ("08", "53", "57P")  # connections, resources, a server that starts or stops


def fetch(job: Job, answer: Answer, deadline: Deadline) -> None:
    """Give the rows of the query as one table, unless they are those taken before."""
    engine = sa.create_engine(
        "postgresql+pg8000://",
        creator=lambda: _connected(job, deadline),
        poolclass=sa.NullPool,
        pool_reset_on_return=None,
    )
    try:
        with engine.connect().execution_options(postgresql_readonly=True, no_parameters=True) as connection:
            names, rows = _selected(connection, job, deadline)
    except SQLAlchemyError as error:
        raise trouble_of(error.orig if isinstance(error, sa.exc.DBAPIError) else error, job) from error
    except (pg8000.Error, OSError) as error:
        raise trouble_of(error, job) from error
    mark = _mark(names, rows)
    if job.marks.get("") != mark:
        table = _table(names, rows)
        check_size(len(table) // 4, job.limits)  # kinds, offsets and typed cells: about four times the same as a CSV
        answer.give("", mark, table, "table")


def _connected(job: Job, deadline: Deadline) -> Any:
    """Connect to the very address that was looked at: over the internet only with TLS and a certificate that holds."""
    parts = urlsplit(job.address)
    host, port = parts.hostname or "", parts.port or PORT
    _, number = looked_up(host, port, job.private_hosts)[0]
    try:
        plug = socket.create_connection((number, port), timeout=min(CONNECT_SECONDS, deadline.left()))
    except OSError as error:
        raise Trouble("unreachable", transient=True, host=host) from error
    plug.settimeout(deadline.left())
    private = is_private(ipaddress.ip_address(number.partition("%")[0]))
    return pg8000.Connection(
        user=unquote(parts.username or "postgres"), password=unquote(parts.password) if parts.password else None,
        host=host, database=unquote(parts.path[1:]), sock=plug, application_name="Essaim",
        ssl_context=None if private else ssl.create_default_context(),  # None: with TLS where the server has it
    )  # fmt: skip


def _selected(connection: sa.Connection, job: Job, deadline: Deadline) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Read through a cursor of the server's: PostgreSQL declares one for a query that reads and for nothing else.

    It is declared as an unnamed statement, which may hold one command only; a simple one could end our transaction.
    """
    _limit(connection, deadline)
    query = job.query.strip().rstrip(";").strip()
    driver = connection.connection.driver_connection
    if driver is None:
        raise Trouble("sql_busy", transient=True, kind="closed")
    driver.execute_unnamed(f"DECLARE essaim NO SCROLL CURSOR FOR {query}")
    rows: list[tuple[Any, ...]] = []
    while True:
        _limit(connection, deadline)  # anew: the query itself may have set another one
        found = connection.exec_driver_sql(f"FETCH FORWARD {ROWS_AT_ONCE} FROM essaim")
        names = list(found.keys())
        piece = [tuple(row) for row in found]
        rows += piece
        if len(rows) > job.limits["rows"] or len(rows) * max(1, len(names)) > job.limits["cells"]:
            raise Trouble("sql_rows", limit=min(job.limits["rows"], job.limits["cells"] // max(1, len(names))))
        if len(piece) < ROWS_AT_ONCE:
            return names, rows


def _limit(connection: sa.Connection, deadline: Deadline) -> None:
    """Let the server stop the next statement when the time is up."""
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(deadline.left() * 1000))}")


def _table(names: list[str], rows: list[tuple[Any, ...]]) -> bytes:
    """Write the cells, the headings first: of each column its texts, and what kind each of them is."""
    columns: dict[str, pa.Array] = {}
    for place, name in enumerate(names):
        texts, kinds = column_of([row[place] for row in rows], heading=name)
        columns[f"text{place}"], columns[f"kind{place}"] = texts, kinds
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def _mark(names: list[str], rows: list[tuple[Any, ...]]) -> str:
    """Name what was read, whatever the order of the rows: a query without ORDER BY may give them in any."""
    total = hashlib.sha256(repr(names).encode())
    for line in sorted(repr(row) for row in rows):
        total.update(line.encode("utf-8", "surrogatepass"))
        total.update(b"\n")
    return total.hexdigest()


def trouble_of(error: BaseException | None, job: Job) -> Trouble:
    """Say what a database's error comes to; its own words are told only where they speak of the query."""
    cause = error
    while cause is not None:
        if isinstance(cause, Trouble):
            return cause
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, ssl.SSLError) or (isinstance(error, pg8000.InterfaceError) and "SSL" in str(error)):
        return Trouble("certificate", host=urlsplit(job.address).hostname or "")
    if isinstance(error, TimeoutError):
        return Trouble("sql_time", limit=job.limits["seconds"])
    told = error.args[0] if error is not None and error.args and isinstance(error.args[0], dict) else {}
    state, said = str(told.get("C", "")), " ".join(str(told.get("M", "")).split())[:LONGEST_DETAIL]
    if not state or state.startswith(BUSY):
        return Trouble("sql_busy", transient=True, kind=type(error).__name__)
    code = STATES.get(state, "sql_statement")
    return Trouble(code, limit=job.limits["seconds"]) if code == "sql_time" else Trouble(code, said=said)
