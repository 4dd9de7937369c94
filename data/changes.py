"""The log of changes as people read it: who did what, when, under which right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One committed change. actions: names such as "decision.pin"; site_id None = not about one site."""

    id: str
    recorded_at: dt.datetime  # UTC
    person_id: str | None
    person_name: str | None
    permission: str
    actions: tuple[str, ...]
    site_id: str | None
    note: str


def logged_changes(cursor: duckdb.DuckDBPyConnection, *, limit: int | None = None) -> list[LoggedChange]:
    """Read the newest changes, newest first; limit None = all of them."""
    rows = cursor.execute(
        "SELECT id, recorded_at, person_id, person_name, permission, actions, site_id, note FROM change "
        "ORDER BY recorded_at DESC, id DESC" + ("" if limit is None else f" LIMIT {int(limit)}")
    ).fetchall()
    return [
        LoggedChange(key, moment.replace(tzinfo=dt.UTC), person, name, right, _actions(actions), site, note or "")
        for key, moment, person, name, right, actions, site, note in rows
    ]


def count_changes(cursor: duckdb.DuckDBPyConnection) -> int:
    """Count every committed change."""
    row = cursor.execute("SELECT count(*) FROM change").fetchone()
    return int(row[0]) if row else 0


def _actions(stored: str | None) -> tuple[str, ...]:
    return tuple(action for action in (stored or "").split(",") if action)
