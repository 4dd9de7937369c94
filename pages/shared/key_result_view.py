"""Key results as they stand: value and data date from the stored metric, pace against the line, what hangs on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from analytics.okr import key_result_progress
from analytics.results import NotComputable, Progress
from data import records
from data.objectives import check_ins, key_results, objectives
from data.people import person_names
from data.series import whole_metric
from data.store import the_store
from data.types import CheckIn, Decision, Experiment, KeyResult, Metric, Objective
from pages.shared.grain import chart_grain
from pages.shared.plan_charts import KeyResultLine

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from data.series import MetricSeries


@dataclass(frozen=True, slots=True)
class KeyResultState:
    """One key result today; progress is the reason when there is no current value."""

    key_result: KeyResult
    objective: Objective
    metric: Metric
    owner: str
    progress: Progress | NotComputable
    check_ins: tuple[CheckIn, ...]  # oldest first
    experiments: tuple[Experiment, ...]
    decisions: tuple[Decision, ...]
    earlier_targets: tuple[tuple[dt.date, float], ...]  # those that a dated decision has changed
    values: pd.Series | None = field(compare=False, repr=False, default=None)  # its sites together, by period

    @property
    def line(self) -> KeyResultLine:
        """The key result as the picture draws it."""
        found = self.progress if isinstance(self.progress, Progress) else None
        target = self.key_result
        return KeyResultLine(target.title, self.metric, target.baseline_value, target.target_value, found)


@st.cache_resource(max_entries=16, show_spinner=False)
def key_result_states(version: str, today: dt.date) -> tuple[KeyResultState, ...]:  # noqa: ARG001
    """Gather every key result; `version` is the record's."""
    with the_store().read() as cursor:
        aims = {objective.id: objective for objective in objectives(cursor)}
        names = person_names(cursor)
        return tuple(
            _state(cursor, found, aims[found.objective_id], names, today)
            for found in key_results(cursor)
            if found.objective_id in aims
        )


def _state(
    cursor: duckdb.DuckDBPyConnection, found: KeyResult, objective: Objective, names: dict[str, str], today: dt.date
) -> KeyResultState:
    metric = records.one(cursor, Metric, found.metric_id)
    if metric is None:
        msg = f"key result {found.id} names an unknown metric"
        raise LookupError(msg)
    changes = {
        revision.record.target_value: revision.recorded_at.date()
        for revision in records.history(cursor, KeyResult, found.id)
        if revision.record.target_value != found.target_value
    }
    series = whole_metric(cursor, metric_id=metric.id, site_ids=found.site_ids or None, grain=chart_grain(metric))
    return KeyResultState(
        key_result=found,
        objective=objective,
        metric=metric,
        owner=names.get(found.owner_id, found.owner_id),
        progress=_progress(found, series, today),
        check_ins=tuple(check_ins(cursor, found.id)),
        experiments=tuple(records.current(cursor, Experiment, key_result_id=found.id)),
        decisions=tuple(records.current(cursor, Decision, key_result_id=found.id)),
        earlier_targets=tuple((day, target) for target, day in changes.items()),
        values=None if series is None else series.values,  # noqa: PD011
    )


def _progress(found: KeyResult, series: MetricSeries | None, today: dt.date) -> Progress | NotComputable:
    measured = None if series is None else series.values.dropna()  # noqa: PD011
    if measured is None or measured.empty or series is None:
        return NotComputable("no_data")
    return key_result_progress(
        baseline_value=found.baseline_value,
        baseline_date=found.baseline_date,
        target_value=found.target_value,
        due_date=found.due_date,
        current_value=float(measured.iloc[-1]),
        current_date=series.data_date,
        today=today,
    )
