"""The one gate for change: a right checked, a transaction, and a row that says who changed what, all or nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

import duckdb

from data import access, records
from data.access import Actor, Forbidden, Permission, Refused
from data.types import Record

R = TypeVar("R", bound=Record)


class Conflict(Exception):
    """Two changes touched the same row at once: nothing of this one was kept, and it may be tried again."""


class Change:
    """One change under way: what it appends commits together, or not at all."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        permission: Permission,
        *,
        recorded_at: dt.datetime,
        note: str = "",
    ) -> None:
        self.cursor = cursor
        self.id = records.new_id()
        self.permission = permission
        self.recorded_at = recorded_at
        self.note = note
        self.actor = Actor.public()
        self.site_id: str | None = None
        self.cohort_id: str | None = None
        self._entries: list[dict[str, Any]] = []

    def begin(self, person_id: str | None, today: dt.date, only_sites: frozenset[str] | None = None) -> None:
        """Look up who is changing the record, as this transaction sees them; only_sites narrows where they may."""
        self.actor = replace(access.actor_for(self.cursor, person_id, today), only_sites=only_sites)

    def check_unfounded(self, name: str) -> None:
        """Let the first person in: only as long as nobody is registered. Raises Refused("already_founded")."""
        row = self.cursor.execute("SELECT count(*) FROM person").fetchone()
        if row != (0,) or self.next_number("founder") != 1:
            raise Refused("already_founded")
        self.actor = Actor(None, name)

    def require(
        self,
        permission: Permission,
        *,
        site_id: str | None = None,
        cohort_id: str | None = None,
        site_ids: Collection[str] | None = None,
        somewhere: bool = False,
    ) -> None:
        """Check a right as it stands inside this transaction.

        site_ids: the right must be held at each of them, and somewhere when there are none. somewhere: holding it
        for any one site or cohort is enough. Raises Forbidden, naming the sites where it is not held.
        """
        if somewhere:
            site_ids = ()
        if site_ids is not None:
            refused = set(site_ids) - access.sites_allowed(self.actor, permission, site_ids)
            if refused or not access.allowed_somewhere(self.actor, permission):
                raise Forbidden(permission, self.actor.person_id, refused)
        elif not access.allowed(self.actor, permission, site_id=site_id, cohort_id=cohort_id):
            raise Forbidden(permission, self.actor.person_id, {site_id} if site_id else ())

    def append(self, record: Record, action: str = "") -> None:
        """Append a revision of a record, and the whole record to the audit."""
        self.append_all([record], action)

    def append_all(self, new_records: Iterable[Record], action: str = "") -> None:
        """Append a revision of each record: one statement a run of records of one kind."""
        for _, run in groupby(new_records, type):
            self._insert(list(run), action, retracted=False)

    def retract(self, record: Record, action: str = "") -> None:
        """Take a record back: it is no longer current, and its history stays."""
        self._insert([record], action, retracted=True)

    def must_know(self, kind: type[R], record_id: str) -> R:
        """Read a record that this change builds on. Raises Refused("unknown_record") when there is none."""
        found = records.one(self.cursor, kind, record_id)
        if found is None:
            raise Refused("unknown_record", kind=kind.table, id=record_id)
        return found

    def revise(self, kind: type[R], record_id: str, action: str = "", /, **changes: object) -> R:
        """Append a revision of a record with some fields changed, as it stands inside this transaction.

        Raises Refused("unknown_record") when there is none, ValueError for a field or value it cannot have.
        """
        if "id" in changes:
            raise ValueError("a record keeps its id")
        before = self.must_know(kind, record_id)
        after = kind.model_validate({**before.model_dump(), **changes})
        self.append(after, action or f"{kind.table}.edit")
        return after

    def say(self, action: str, **details: object) -> None:
        """Add to the audit what this change does beside its records; details must be plain JSON values."""
        self._entries.append({"action": action, "details": details})

    def next_number(self, kind: str) -> int:
        """Take the next number of a kind of label ("D", "I", "O", "E"). For short changes only.

        Two changes that take a number at once conflict, and one of them is tried again by its caller.
        """
        self.cursor.execute("UPDATE label_seq SET number = number + 1 WHERE kind = ?", [kind])
        row = self.cursor.execute("SELECT number FROM label_seq WHERE kind = ?", [kind]).fetchone()
        if row is None:
            raise ValueError(f"no labels of kind {kind}")
        return int(row[0])

    def in_turn(self, kind: str) -> None:
        """Let changes of a kind ("plan", "publication") happen one after the other, as if by one hand.

        Of two at once one is a Conflict, to be tried again by its caller. For short changes only.
        """
        self.next_number(kind)

    def write_audit(self) -> None:
        """Append the row that tells of this change: its last act before the commit."""
        if not self._entries:
            raise Refused("nothing_changed")
        actions = ",".join(dict.fromkeys(entry["action"] for entry in self._entries))
        self.cursor.execute(
            "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self.id,
                records.stored_time(self.recorded_at),
                self.actor.person_id,
                self.actor.name,
                str(self.permission),
                actions,
                self.site_id,
                self.cohort_id,
                self.note,
                json.dumps(self._entries, ensure_ascii=False, sort_keys=True),
            ],
        )

    def _insert(self, run: list[Record], action: str, *, retracted: bool) -> None:
        records.insert(
            self.cursor,
            run,
            change_id=self.id,
            first_revision=len(self._entries),
            recorded_at=self.recorded_at,
            recorded_by=self.actor.person_id,
            retracted=retracted,
        )
        action = action or f"{run[0].table}.{'retract' if retracted else 'record'}"
        self._entries += [
            {"action": action, "table": record.table, "record": records.body(record), "retracted": retracted}
            for record in run
        ]


def is_conflict(error: duckdb.Error) -> bool:
    """Tell whether DuckDB refused a commit because another change came first."""
    return isinstance(error, duckdb.TransactionException) and "conflict" in str(error).lower()
