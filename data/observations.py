"""Observations: how a load enters the record, is compared with what stands there, and is undone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from data import records, score, staging
from data.access import Actor, Forbidden, Permission, Refused
from data.batches import AlreadyLoaded, already_loaded, batches, undos
from data.gate import Change
from data.lineage import Freshness, KnownValue, freshness, missing_periods, provenance
from data.score import board, refresh_scores
from data.series import (
    COMBINED,
    NEWEST_LOAD,
    MetricSeries,
    SeriesTable,
    many_series,
    metric_series,
    whole_metric,
)
from data.staging import KEY, Compared, LoadPreview, Staged, on_key
from data.store import Store
from data.types import Batch, BatchUndo, Metric, Process, Record, Site, SiteAlias, SourceMapping

__all__ = [
    "COMBINED", "AlreadyLoaded", "ForbiddenRows", "Freshness", "KnownValue", "LoadPreview", "MetricSeries",
    "SeriesTable", "already_loaded", "batches", "board", "commit_load", "freshness", "many_series", "metric_series",
    "missing_periods", "preview_load", "provenance", "refresh_scores", "undo_load", "undos", "whole_metric",
]  # fmt: skip

CHECKPOINT_ATTEMPTS = 4
CHECKPOINT_PAUSE_SECONDS = 0.01  # the seal of the same change is being written meanwhile

# What a key carries beside its place: replaced together.
CARRIED = (
    "value", "weight", "mark", "batch_id", "source_row", "source_column", "change_id", "recorded_at", "load_number",
)  # fmt: skip


class ForbiddenRows(Forbidden):
    """A load holds rows of sites where the actor may not upload. rows: site id -> its first row in the file."""

    def __init__(self, refusal: Forbidden, rows: dict[str, int | None]) -> None:
        super().__init__(refusal.permission, refusal.person_id, refusal.site_ids)
        self.rows = rows


@dataclass(frozen=True, slots=True)
class _Load:
    batch: Batch
    staged: Staged
    new_records: Sequence[Record]


def preview_load(store: Store, frame: pd.DataFrame) -> LoadPreview:
    """Compare a load with the record, changing nothing. frame: as for `commit_load`."""
    with store.read() as cursor:
        staged = staging.stage(frame)
        staging.show_names(cursor, staged.names)
        return staging.compare(cursor, staged).preview()


def commit_load(
    store: Store,
    actor: Actor,
    *,
    batch: Batch,
    frame: pd.DataFrame,
    new_records: Sequence[Record] = (),
    reason: str = "",
) -> Batch:
    """Commit a load, whole or not at all; return its batch with the counts.

    frame: columns site_id, metric_id, segment ("" = none), period_start (first day of the period), grain, value
        (finite, in the metric's unit), weight (NaN = none), source_row, source_column, mark; each key once.
    new_records: the sites, aliases, metrics, processes and the source mapping that come with it.
    reason: why values change; asked for when any does.
    Raises AlreadyLoaded when nothing would change, ForbiddenRows naming site and row, Refused("reason_needed",
        restated), Refused("unknown_site" or "unknown_metric", id, row), Refused("no_values"), ValueError for a frame
        of another form, Conflict when other loads of the same sites keep coming first.
    """
    with store.read() as cursor:
        _refuse_again(cursor, batch)
    load = _Load(batch.model_copy(update={"reason": reason or batch.reason}), staging.stage(frame), new_records)
    try:
        done = store.retrying(lambda: _commit(store, actor, load), short=False)
    except ForbiddenRows as refusal:
        _note_refusal(store, actor, batch, refusal)
        raise
    _settle(store)
    return done


def undo_load(store: Store, actor: Actor, batch_id: str, reason: str) -> BatchUndo:
    """Take a whole load back: each value it brought gives way to the newest one of the loads that stand.

    Raises Refused("unknown_record"), Refused("already_undone"), Refused("reason_needed"), Forbidden.
    """
    if not reason.strip():
        raise Refused("reason_needed")
    undo = BatchUndo(id=records.new_id(), batch_id=batch_id, reason=reason)
    return store.retrying(lambda: _undo(store, actor, undo), short=False)


def _settle(store: Store) -> None:
    """Write the log into the file, so that losing the log loses no load; while others write, leave it to the next."""
    for _ in range(CHECKPOINT_ATTEMPTS):
        if store.checkpoint():
            return
        time.sleep(CHECKPOINT_PAUSE_SECONDS)


def _commit(store: Store, actor: Actor, load: _Load) -> Batch:
    with store.change(actor, Permission.UPLOAD, somewhere=True) as tx:
        _refuse_again(tx.cursor, load.batch)
        _register(tx, load)
        staging.show_names(tx.cursor, load.staged.names)
        _check_sites(tx, load.staged)
        staging.check_known(tx.cursor, load.staged)
        take_turns(tx.cursor, "SELECT DISTINCT site_id FROM incoming")
        compared = staging.compare(tx.cursor, load.staged)
        batch = _counted(load.batch, compared)
        _append(tx, batch.id, compared)
        score.refresh_touched(tx.cursor, compared.touched())
        tx.append(batch, "load.commit")
    return batch


def _undo(store: Store, actor: Actor, undo: BatchUndo) -> BatchUndo:
    with store.change(actor, Permission.UNDO_UPLOAD, somewhere=True) as tx:
        tx.must_know(Batch, undo.batch_id)
        if undo.batch_id in undos(tx.cursor):
            raise Refused("already_undone")
        found = tx.cursor.execute("SELECT DISTINCT site_id FROM obs WHERE batch_id = ?", [undo.batch_id]).fetchall()
        tx.require(Permission.UNDO_UPLOAD, site_ids=[site for (site,) in found])
        take_turns(tx.cursor, "SELECT DISTINCT site_id FROM obs WHERE batch_id = ?", undo.batch_id)
        tx.append(undo, "load.undo")
        _restore(tx.cursor, undo.batch_id)
        touched = tx.cursor.execute("SELECT DISTINCT metric_id, site_id FROM taken_back").df()
        score.refresh_touched(tx.cursor, touched)
    return undo


def take_turns(cursor: duckdb.DuckDBPyConnection, sites: str, *bound: object) -> None:
    """Make two loads of one site conflict, so that one of them is done again after the other."""
    cursor.execute(f"UPDATE load_seq SET load_number = load_number + 1 WHERE site_id IN ({sites})", bound)
    missing = f"SELECT site_id FROM ({sites}) WHERE site_id NOT IN (SELECT site_id FROM load_seq)"
    if cursor.execute(f"{missing} LIMIT 1", bound).fetchone() is not None:
        cursor.execute("UPDATE load_seq SET load_number = load_number + 1 WHERE site_id = ''")
        cursor.execute(f"INSERT INTO load_seq SELECT site_id, 1 FROM ({missing})", bound)


def _refuse_again(cursor: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    known = already_loaded(cursor, file_hash=batch.file_hash, reading_hash=batch.reading_hash)
    if known is not None:
        raise AlreadyLoaded(known)


def _register(tx: Change, load: _Load) -> None:
    """Append what comes with the load, each kind under its own right."""
    if any(isinstance(record, (Metric, Process)) for record in load.new_records):
        tx.require(Permission.REGISTER_SITE)
    sites = {r.id if isinstance(r, Site) else r.site_id for r in load.new_records if isinstance(r, (Site, SiteAlias))}
    if sites:
        tx.require(Permission.REGISTER_SITE, site_ids=sites)
    strange = [r for r in load.new_records if not isinstance(r, (Metric, Process, Site, SiteAlias, SourceMapping))]
    if strange:
        raise ValueError(f"a load registers no {strange[0].table}")
    tx.append_all(load.new_records, "load.register")


def _check_sites(tx: Change, staged: Staged) -> None:
    try:
        tx.require(Permission.UPLOAD, site_ids=set(staged.names["site_id"]))
    except Forbidden as refusal:
        rows = {site: staging.first_row(staged, "site_id", site) for site in refusal.site_ids}
        raise ForbiddenRows(refusal, rows) from refusal


def _note_refusal(store: Store, actor: Actor, batch: Batch, refusal: ForbiddenRows) -> None:
    """Leave a trace of the attempt, when the actor is a keeper of anything at all."""
    try:
        with store.change(actor, Permission.UPLOAD, somewhere=True) as tx:
            tx.say("load.refused", file_name=batch.file_name, file_hash=batch.file_hash, rows=refusal.rows)
    except Forbidden:
        return


def _counted(batch: Batch, compared: Compared) -> Batch:
    if compared.n_restated and not batch.reason.strip():
        raise Refused("reason_needed", restated=compared.n_restated)
    found = {"n_new": compared.n_new, "n_same": compared.n_same, "n_restated": compared.n_restated}
    return batch.model_copy(update={**found, "n_observations": sum(found.values())})


def _append(tx: Change, batch_id: str, compared: Compared) -> None:
    """Append what is new or restated to the observations, and bring the current values forward."""
    rows = (
        "SELECT n.site_id, n.metric_id, n.segment, CAST(r.period_start AS DATE) AS period_start, n.grain, r.value, "
        "r.weight, CAST(r.mark AS VARCHAR) AS mark, ? AS batch_id, CAST(r.source_row AS INTEGER) AS source_row, "
        "CAST(r.source_column AS VARCHAR) AS source_column, ? AS change_id, ? AS recorded_at, q.load_number "
        "FROM changing r JOIN incoming n ON r.series = n.series JOIN load_seq q ON n.site_id = q.site_id"
    )
    stamp = [batch_id, tx.id, records.stored_time(tx.recorded_at)]
    for chosen, restated in ((~compared.known, False), (compared.differs, True)):
        if not chosen.any():
            continue
        tx.cursor.register("changing", compared.rows(chosen))
        tx.cursor.execute(f"INSERT INTO obs {rows}", stamp)
        if restated:
            _replace_current(tx.cursor, rows, stamp)
        else:
            tx.cursor.execute(f"INSERT INTO cur {rows}", stamp)
        tx.cursor.unregister("changing")


def _replace_current(cursor: duckdb.DuckDBPyConnection, rows: str, bound: Sequence[object]) -> None:
    """Give keys that stand in `cur` other values, in place, so that it keeps its order."""
    columns = ", ".join(f"{name} = r.{name}" for name in CARRIED)
    cursor.execute(f"UPDATE cur SET {columns} FROM ({rows}) r WHERE {on_key('cur', 'r')}", bound)


def _restore(cursor: duckdb.DuckDBPyConnection, batch_id: str) -> None:
    """Give the keys whose current value is the batch's their newest standing value, and drop those without one."""
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE taken_back AS SELECT {', '.join(KEY)} FROM cur WHERE batch_id = ?", [batch_id]
    )
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE restored AS SELECT * FROM obs o SEMI JOIN taken_back t ON {on_key('o', 't')} "
        f"WHERE batch_id NOT IN (SELECT batch_id FROM batch_undo) QUALIFY {NEWEST_LOAD}"
    )
    _replace_current(cursor, "SELECT * FROM restored", [])
    cursor.execute("DELETE FROM cur WHERE batch_id = ?", [batch_id])
