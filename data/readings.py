"""What was computed of an experiment at a look, at its end and at its verdict: appended, never changed."""

from __future__ import annotations

import duckdb

from data import records
from data.access import Actor, Permission
from data.experiments import planned_sites
from data.store import Store
from data.types import Experiment, ExperimentReading, Plan, ReadingKind


def keep_reading(store: Store, actor: Actor, reading: ExperimentReading) -> ExperimentReading:
    """Keep a reading as it is; its id and its moment are given here.

    The first of each kind of END and VERDICT stands: later ones are kept beside it.
    Raises Refused("unknown_record") for an experiment or a plan that is not there.
    """
    with store.read() as cursor:
        site_ids = planned_sites(cursor, reading.experiment_id)
    with store.change(actor, Permission.PLAN_EXPERIMENT, site_ids=site_ids) as tx:
        tx.must_know(Experiment, reading.experiment_id)
        tx.must_know(Plan, reading.plan_id)
        kept = reading.model_copy(update={"id": records.new_id(), "read_at": tx.recorded_at})
        tx.append(kept, f"experiment.read_{kept.kind}")
    return kept


def readings(cursor: duckdb.DuckDBPyConnection, experiment_id: str) -> list[ExperimentReading]:
    """Read what was kept of an experiment, oldest first."""
    return records.current(cursor, ExperimentReading, experiment_id=experiment_id)


def first_verdict(kept: list[ExperimentReading]) -> ExperimentReading | None:
    """Pick the reading that the verdict was given on, else the one at the end; the first of its kind, for ever."""
    for kind in (ReadingKind.VERDICT, ReadingKind.END):
        for reading in kept:
            if reading.kind is kind:
                return reading
    return None
