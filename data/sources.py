"""Linked sources: how one is added, changed, paused and removed, each through the gate; never what a secret is."""

from __future__ import annotations

from typing import Any

import duckdb

from data import records, source_rules
from data.access import Actor, Permission, Refused, allowed
from data.gate import Change
from data.schedules import Schedule
from data.settings import settings
from data.sites import name_key
from data.store import Store
from data.types import Process, Site, Source, SourceKind


def link_source(store: Store, actor: Actor, **fields: Any) -> Source:
    """Link a source; who links it owns it, and it loads with their rights. fields: those of Source.

    Raises Refused naming what is wrong with it, Forbidden without the rights to manage sources and to upload there.
    """
    source = _checked(Source(id=records.new_id(), owner_id=actor.person_id or "", **fields))
    with store.change(actor, Permission.MANAGE_SOURCES, site_id=source.site_id) as tx:
        _check_place(tx, source)
        tx.append(source, "source.link")
    return source


def edit_source(store: Store, actor: Actor, source_id: str, **changes: Any) -> Source:
    """Change a source; who changes it owns it from now on. Raises as `link_source`, Refused("unknown_record")."""
    before = must_know(store, source_id)
    changes = {**changes, "owner_id": actor.person_id or ""}
    after = _checked(Source.model_validate({**before.model_dump(), **changes}))
    with store.change(actor, Permission.MANAGE_SOURCES, site_id=after.site_id) as tx:
        tx.require(Permission.MANAGE_SOURCES, site_id=before.site_id)
        _check_place(tx, after)
        tx.must_know(Source, source_id)
        tx.append(after, "source.edit")
        if (before.kind, before.address, before.query) != (after.kind, after.address, after.query):
            tx.cursor.execute("DELETE FROM source_mark WHERE source_id = ?", [source_id])
    return after


def pause_source(store: Store, actor: Actor, source_id: str, *, paused: bool) -> Source:
    """Pause a source, or let it run again; its owner stays."""
    before = must_know(store, source_id)
    with store.change(actor, Permission.MANAGE_SOURCES, site_id=before.site_id) as tx:
        return tx.revise(Source, source_id, "source.pause" if paused else "source.resume", paused=paused)


def remove_source(store: Store, actor: Actor, source_id: str) -> None:
    """Remove a source; what it loaded stays, and so does the history of the source itself."""
    before = must_know(store, source_id)
    with store.change(actor, Permission.MANAGE_SOURCES, site_id=before.site_id) as tx:
        tx.retract(tx.must_know(Source, source_id), "source.remove")


def ask_for_run(store: Store, actor: Actor, source_id: str) -> None:
    """Ask that a source run now, whatever its schedule; the runner takes it up within seconds."""
    source = must_know(store, source_id)
    with store.change(actor, Permission.MANAGE_SOURCES, site_id=source.site_id) as tx:
        tx.must_know(Source, source_id)
        tx.say("source.run_now", source=source_id, name=source.name)
        tx.cursor.execute("INSERT INTO source_ask VALUES (?, ?)", [source_id, records.stored_time(tx.recorded_at)])


def sources(cursor: duckdb.DuckDBPyConnection) -> list[Source]:
    """Read the sources that are linked, in the order they were."""
    return records.current(cursor, Source)


def must_know(store: Store, source_id: str) -> Source:
    """Read one source. Raises Refused("unknown_record")."""
    with store.read() as cursor:
        found = records.one(cursor, Source, source_id)
    if found is None:
        raise Refused("unknown_record", kind="source", id=source_id)
    return found


def may_manage(actor: Actor, source: Source) -> bool:
    """Tell whether the actor may change, pause or remove a source."""
    return allowed(actor, Permission.MANAGE_SOURCES, site_id=source.site_id)


def _checked(source: Source) -> Source:
    """Give a source without the fields that its kind does not have, if nothing is wrong with it."""
    kept = source.model_copy(
        update={
            "name": " ".join(source.name.split()),
            "address": source.address.strip(),
            "pattern": (source.pattern.strip() or "*") if source.kind is SourceKind.FOLDER else "",
            "query": source.query.strip() if source.kind is SourceKind.SQL else "",
            "headers": tuple(filter(None, map(str.strip, source.headers))) if source.kind is SourceKind.HTTP else (),
            "access_key": source.access_key.strip() if source.kind is SourceKind.S3 else "",
            "secret_key": source.secret_key.strip() if source.kind is SourceKind.S3 else "",
            "schedule": str(Schedule.read(source.schedule)),
        }
    )
    source_rules.check_form(kept)
    source_rules.check_allowed(kept, settings())
    return kept


def _check_place(tx: Change, source: Source) -> None:
    """Check that the owner may load there, that the place is known, and that the name is free."""
    tx.require(Permission.UPLOAD, site_id=source.site_id)
    if source.site_id:
        tx.must_know(Site, source.site_id)
    if source.process_id:
        tx.must_know(Process, source.process_id)
    others = [one for one in sources(tx.cursor) if one.id != source.id]
    if any(name_key(one.name) == name_key(source.name) for one in others):
        raise Refused("source_name_taken")
