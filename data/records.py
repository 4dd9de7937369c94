"""How records are kept: each change appends a revision, and a read picks the revisions that were known at a moment."""

from __future__ import annotations

import datetime as dt
import functools
import json
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Generic, TypeVar

import duckdb
import uuid_utils

from data.types import Record

R = TypeVar("R", bound=Record)
BOOKKEEPING = ("id", "change_id", "revision", "recorded_at", "recorded_by", "retracted")
OLDEST_FIRST = "recorded_at, change_id, revision"


@dataclass(frozen=True, slots=True)
class Revision(Generic[R]):
    """A record as it stood after one change, and who made that change when (UTC)."""

    record: R
    recorded_at: dt.datetime
    recorded_by: str | None
    change_id: str
    retracted: bool


def new_id() -> str:
    """Make an id that sorts by the time it was made (uuid7)."""
    return str(uuid_utils.uuid7())


def stored_time(moment: dt.datetime) -> dt.datetime:
    """Turn a moment into the store's form: UTC without its zone; a naive one is taken as UTC.

    >>> stored_time(dt.datetime(2026, 5, 12, 9, tzinfo=dt.timezone(dt.timedelta(hours=2))))
    datetime.datetime(2026, 5, 12, 7, 0)
    """
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def current(
    cursor: duckdb.DuckDBPyConnection, kind: type[R], /, *, as_known_on: dt.datetime | None = None, **equals: object
) -> list[R]:
    """Read the records of a kind as last known, those taken back left out, in the order they were first recorded.

    as_known_on: the moment whose knowledge is asked for, inclusive; None = now.
    equals: fields that must have these values (None = has none), judged on the newest revision.
    Raises ValueError for a field the kind does not have.
    """
    where, wanted = _conditions(kind, equals)
    known, moments = _known(as_known_on)
    candidates = f"id IN (SELECT id FROM {kind.table} WHERE {where})" if equals else "true"
    rows = cursor.execute(
        f"SELECT {_columns(kind)}, NOT retracted AND {where} FROM {kind.table} WHERE {known} AND {candidates} "
        f"ORDER BY {OLDEST_FIRST}, id",
        [*wanted, *moments, *(wanted if equals else [])],
    ).fetchall()
    # A dict keeps the place of a key's first value and the value of its last: a third of the CPU of window functions.
    newest = {row[0]: row for row in rows}
    return [_record(kind, row[:-1]) for row in newest.values() if row[-1]]


def one(
    cursor: duckdb.DuckDBPyConnection, kind: type[R], record_id: str, *, as_known_on: dt.datetime | None = None
) -> R | None:
    """Read one record as last known; None when there is none or it was taken back."""
    known, moments = _known(as_known_on)
    rows = cursor.execute(
        f"SELECT {_columns(kind)}, retracted, {OLDEST_FIRST} FROM {kind.table} WHERE id = ? AND {known}",
        [record_id, *moments],
    ).fetchall()
    if not rows:
        return None
    *values, retracted = max(rows, key=itemgetter(-3, -2, -1))[:-3]
    return None if retracted else _record(kind, values)


def history(cursor: duckdb.DuckDBPyConnection, kind: type[R], record_id: str) -> list[Revision[R]]:
    """Read every revision of a record, oldest first."""
    rows = cursor.execute(
        f"SELECT {_columns(kind)}, recorded_at, recorded_by, change_id, retracted FROM {kind.table} WHERE id = ? "
        f"ORDER BY {OLDEST_FIRST}",
        [record_id],
    ).fetchall()
    return [_revision(kind, row) for row in rows]


def recorded(cursor: duckdb.DuckDBPyConnection, kind: type[R], record_id: str) -> Revision[R]:
    """Read the first revision of a record: who typed it, and when.

    Raises LookupError when there is no such record.
    """
    revisions = history(cursor, kind, record_id)
    if not revisions:
        raise LookupError(f"no {kind.table} {record_id}")
    return revisions[0]


def insert(
    cursor: duckdb.DuckDBPyConnection,
    records: Sequence[Record],
    *,
    change_id: str,
    first_revision: int,
    recorded_at: dt.datetime,
    recorded_by: str | None,
    retracted: bool = False,
) -> None:
    """Append a revision of each record, all of one kind. For the gate only: nothing else writes records."""
    kind = type(records[0])
    rows: list[object] = []
    for place, record in enumerate(records, start=first_revision):
        rows += [record.id, change_id, place, stored_time(recorded_at), recorded_by, retracted]
        rows += [_stored(getattr(record, name)) for name in _fields(kind)]
    width = len(BOOKKEEPING) + len(_fields(kind))
    names = ", ".join([*BOOKKEEPING, *(f'"{name}"' for name in _fields(kind))])
    values = ", ".join(["(" + ", ".join("?" * width) + ")"] * len(records))
    cursor.execute(f"INSERT INTO {kind.table} ({names}) VALUES {values}", rows)


def body(record: Record) -> dict[str, Any]:
    """The whole record as plain JSON values, for the audit."""
    return record.model_dump(mode="json")


@functools.cache
def _fields(kind: type[Record]) -> tuple[str, ...]:
    return tuple(name for name in kind.model_fields if name != "id")


@functools.cache
def _lists(kind: type[Record]) -> frozenset[str]:
    return frozenset(name for name, hint in typing.get_type_hints(kind).items() if typing.get_origin(hint) is tuple)


@functools.cache
def _moments(kind: type[Record]) -> frozenset[str]:
    return frozenset(name for name, hint in typing.get_type_hints(kind).items() if dt.datetime in _choices(hint))


def _choices(hint: object) -> tuple[object, ...]:
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def _columns(kind: type[Record]) -> str:
    return ", ".join(f'"{name}"' for name in ("id", *_fields(kind)))


def _conditions(kind: type[Record], equals: dict[str, object]) -> tuple[str, list[object]]:
    unknown = equals.keys() - kind.model_fields.keys()
    if unknown:
        raise ValueError(f"{kind.table} has no {', '.join(sorted(unknown))}")
    parts = [f'"{name}" IS NOT DISTINCT FROM ?' for name in equals]
    return " AND ".join(["true", *parts]), [_stored(value) for value in equals.values()]


def _known(as_known_on: dt.datetime | None) -> tuple[str, list[object]]:
    return ("true", []) if as_known_on is None else ("recorded_at <= ?", [stored_time(as_known_on)])


def _stored(value: object) -> object:
    if isinstance(value, dt.datetime):
        return stored_time(value)
    if isinstance(value, (tuple, list)):
        return json.dumps([item.isoformat() if isinstance(item, dt.date) else item for item in value])
    return str(value) if isinstance(value, str) else value


def _record(kind: type[R], row: Sequence[Any]) -> R:
    values = dict(zip(("id", *_fields(kind)), row, strict=True))
    for name in _lists(kind):
        values[name] = json.loads(values[name])
    for name in _moments(kind):
        values[name] = values[name] and values[name].replace(tzinfo=dt.UTC)
    return kind.model_validate(values)


def _revision(kind: type[R], row: Sequence[Any]) -> Revision[R]:
    *values, recorded_at, recorded_by, change_id, retracted = row
    return Revision(_record(kind, values), recorded_at.replace(tzinfo=dt.UTC), recorded_by, change_id, retracted)
