"""How each source was read last time, so that it can be read the same way again."""

from __future__ import annotations

import hashlib

import duckdb

from data import records
from data.access import Actor, Permission
from data.store import Store
from data.types import SourceMapping


def source_mapping(fingerprint: str, name: str, mapping: str) -> SourceMapping:
    """Make the record of how a source is read; the same fingerprint is always the same record."""
    return SourceMapping(id=_id(fingerprint), fingerprint=fingerprint, name=name, mapping=mapping)


def remember(store: Store, actor: Actor, mapping: SourceMapping) -> None:
    """Keep how a source is read, apart from a load."""
    with store.change(actor, Permission.UPLOAD, somewhere=True) as tx:
        tx.append(mapping, "mapping.remember")


def remembered(cursor: duckdb.DuckDBPyConnection, fingerprint: str) -> SourceMapping | None:
    """Read how a source was read last time; None when it is new."""
    return records.one(cursor, SourceMapping, _id(fingerprint))


def all_remembered(cursor: duckdb.DuckDBPyConnection) -> list[SourceMapping]:
    """Read every source's mapping, for the recognition of one that has changed a little."""
    return records.current(cursor, SourceMapping)


def _id(fingerprint: str) -> str:
    return hashlib.sha256(fingerprint.encode()).hexdigest()[:32]
