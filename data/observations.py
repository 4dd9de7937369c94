"""Observations: how a load enters the record, is compared with what stands there, and is undone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data import numbering, records, score, staging
from data.access import Actor, Forbidden, Permission, Refused
from data.batches import AlreadyLoaded, already_loaded, batches, undos
from data.combine import Places
from data.gate import Change
from data.lineage import Freshness, KnownValue, freshness, missing_periods, provenance
from data.score import board, refresh_scores
from data.score_rows import brought_by
from data.series import (
    COMBINED,
    MetricSeries,
    SeriesTable,
    many_series,
    metric_series,
    whole_metric,
)
from data.staging import Compared, LoadPreview, Staged
from data.store import Store
from data.types import Batch, BatchUndo, Metric, Process, Record, Site, SiteAlias, SourceMapping

__all__ = [
    "COMBINED", "AlreadyLoaded", "ForbiddenRows", "Freshness", "KnownValue", "LoadPreview", "MetricSeries",
    "SeriesTable", "already_loaded", "batches", "board", "commit_load", "freshness", "many_series", "metric_series",
    "missing_periods", "preview_load", "provenance", "refresh_scores", "undo_load", "undos", "whole_metric",
]  # fmt: skip

CHECKPOINT_ATTEMPTS = 4
CHECKPOINT_PAUSE_SECONDS = 0.01  # the seal of the same change is being written meanwhile


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
    number: int
    first_series: int  # set apart for the series that the record does not have yet


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
    load = _prepared(store, batch.model_copy(update={"reason": reason or batch.reason}), frame, new_records)
    try:
        done = store.retrying(lambda: _commit(store, actor, load), short=False)
    except ForbiddenRows as refusal:
        _note_refusal(store, actor, batch, refusal)
        raise
    _settle(store)
    return done


def _prepared(store: Store, batch: Batch, frame: pd.DataFrame, new_records: Sequence[Record]) -> _Load:
    """Stage a load and set its numbers apart, in short changes of their own that no long load holds up."""
    staged = staging.stage(frame)
    with store.read() as cursor:
        unknown = int((numbering.series_numbers(cursor, staged.names) == numbering.UNKNOWN).sum())
    first = store.reserve("series", unknown) if unknown else 0
    return _Load(batch, staged, new_records, store.reserve("load"), first)


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
        numbers = staging.show_names(tx.cursor, load.staged.names)
        _check_sites(tx, load.staged)
        staging.check_known(tx.cursor, load.staged)
        take_turns(tx.cursor, "SELECT DISTINCT site_id FROM incoming")
        compared = staging.compare(tx.cursor, load.staged)
        batch = _counted(load.batch, compared)
        turns = _turns(tx.cursor, load.staged)
        _append(tx, load, compared, numbers, turns)
        brought = brought_by(load.staged, turns) if (numbers == numbering.UNKNOWN).all() else None
        score.refresh_touched(tx.cursor, compared.touched(), brought)
        tx.append(batch, "load.commit")
    return batch


def _undo(store: Store, actor: Actor, undo: BatchUndo) -> BatchUndo:
    with store.change(actor, Permission.UNDO_UPLOAD, somewhere=True) as tx:
        tx.must_know(Batch, undo.batch_id)
        if undo.batch_id in undos(tx.cursor):
            raise Refused("already_undone")
        number = numbering.load_of(tx.cursor, undo.batch_id)
        of_load = "SELECT DISTINCT site_id FROM series SEMI JOIN obs_row o ON series.series = o.series AND o.load = ?"
        found = tx.cursor.execute(of_load, [number]).fetchall()
        tx.require(Permission.UNDO_UPLOAD, site_ids=[site for (site,) in found])
        take_turns(tx.cursor, of_load, number)
        tx.append(undo, "load.undo")
        _restore(tx.cursor, number)
        touched = tx.cursor.execute(
            "SELECT DISTINCT metric_id, site_id FROM series SEMI JOIN taken_back USING (series)"
        )
        score.refresh_touched(tx.cursor, touched.df())
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


def _turns(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> NDArray[np.int32]:
    """Give the number that this load has among those of each series' site."""
    found = "SELECT site_id, load_number FROM load_seq SEMI JOIN incoming USING (site_id)"
    turns = dict(cursor.execute(found).fetchall())
    return np.array([turns[site] for site in staged.names["site_id"]], np.int32)


def _append(tx: Change, load: _Load, compared: Compared, numbers: Places, turns: NDArray[np.int32]) -> None:
    """Append what is new or restated to the observations, and bring the current values forward."""
    rows = _rows(tx, load, numbers, turns)
    for chosen, restated in ((~compared.known, False), (compared.differs, True)):
        if not chosen.any():
            continue
        tx.cursor.register("changing", rows if chosen.all() else rows.filter(pa.array(chosen)))
        tx.cursor.execute("INSERT INTO obs_row SELECT * FROM changing")
        if restated:
            _replace_current(tx.cursor, "changing")
        else:
            tx.cursor.execute(
                "INSERT INTO cur_row SELECT series, period_start, value, weight, load, load_number FROM changing"
            )
        tx.cursor.unregister("changing")


def _rows(tx: Change, load: _Load, numbers: Places, turns: NDArray[np.int32]) -> pa.Table:
    """Write a load's values as the record keeps them: under numbers. Note the numbers that are new."""
    staged = load.staged
    numbers = numbering.number_series(tx.cursor, staged.names, numbers, first=load.first_series)
    column, mark = (staged.source[name].cat for name in ("source_column", "mark"))
    numbering.note_load(tx.cursor, load.number, load.batch.id, tx.id, tx.recorded_at)
    texts = numbering.note_texts(tx.cursor, load.number, [*column.categories, *mark.categories])
    return pa.table(
        {
            "series": numbers.astype(np.int32)[staged.series],
            "period_start": staged.day,
            "value": staged.value,
            "weight": pa.array(staged.weight, from_pandas=True),  # NaN: no weight
            "mark": np.array([texts[text] for text in mark.categories], np.int32)[mark.codes],
            "load": np.full(len(staged.day), load.number, np.int32),
            "source_row": staged.source["source_row"].to_numpy(np.int32),
            "source_column": np.array([texts[text] for text in column.categories], np.int32)[column.codes],
            "load_number": turns[staged.series],
        }
    )


def _replace_current(cursor: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Give keys that stand among the current values other values, in place, so that these keep their order."""
    cursor.execute(
        "UPDATE cur_row SET value = r.value, weight = r.weight, load = r.load, load_number = r.load_number "
        f"FROM {rows} r WHERE cur_row.series = r.series AND cur_row.period_start = r.period_start"
    )


def _restore(cursor: duckdb.DuckDBPyConnection, load: int | None) -> None:
    """Give the keys whose current value is a load's their newest standing value, and drop those without one."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE taken_back AS SELECT series, period_start FROM cur_row WHERE load = ?", [load]
    )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE restored AS SELECT o.* FROM obs_row o SEMI JOIN taken_back t "
        "ON o.series = t.series AND o.period_start = t.period_start WHERE o.load NOT IN "
        "(SELECT load FROM loaded WHERE batch_id IN (SELECT batch_id FROM batch_undo)) "
        "QUALIFY row_number() OVER (PARTITION BY o.series, o.period_start ORDER BY o.load_number DESC) = 1"
    )
    _replace_current(cursor, "restored")
    cursor.execute("DELETE FROM cur_row WHERE load = ?", [load])
