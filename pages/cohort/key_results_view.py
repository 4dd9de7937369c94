"""What the page of key results shows: each objective with its key results, and what a form can suggest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.results import Pace, Progress
from analytics.results_trend import Forecast
from data import records
from data.changes import logged_changes
from data.objectives import objectives
from data.people import people, person_names
from data.series import whole_metric
from data.sites import processes
from data.store import the_store
from data.types import Cohort, KeyResult, Metric, Objective
from pages.cohort.key_results_ahead import forecasts
from pages.shared.grain import chart_grain
from pages.shared.key_result_view import KeyResultState, key_result_states
from pages.shared.pictures import described
from pages.shared.plan_charts import key_result_chart
from pages.shared.theme import Theme
from wording import Language

if TYPE_CHECKING:
    from collections.abc import Sequence


EDITED = "key_result.edit"  # the act by which a target changes


@dataclass(frozen=True, slots=True)
class Aim:
    """One objective with its key results as they stand today."""

    objective: Objective
    owner: str
    cohort: str
    states: tuple[KeyResultState, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AimsView:
    """Every objective, in the order they were set."""

    aims: tuple[Aim, ...]
    people: dict[str, str]  # names, those shut out too
    synthetic: bool

    @property
    def states(self) -> tuple[KeyResultState, ...]:
        """Return every key result."""
        return tuple(state for aim in self.aims for state in aim.states)

    def state_of(self, key_result_id: str) -> KeyResultState | None:
        """Find a key result by its id."""
        return next((state for state in self.states if state.key_result.id == key_result_id), None)


@dataclass(frozen=True, slots=True)
class Suggested:
    """The stored value from which a key result could start."""

    value: float
    data_date: dt.date


@dataclass(frozen=True, slots=True)
class TargetChange:
    """A target that somebody changed, when and why."""

    on: dt.date
    by: str
    before: KeyResult
    after: KeyResult
    reason: str


@st.cache_resource(max_entries=16, show_spinner=False)
def aims_view(version: str, today: dt.date) -> AimsView:
    """Gather the page; `version` is the record's, so that any change makes a new one."""
    states = key_result_states(version, today)
    with the_store().read() as cursor:
        names = person_names(cursor)
        cohorts = {cohort.id: cohort.name for cohort in records.current(cursor, Cohort)}
        known = objectives(cursor)
        made_up = any(process.synthetic for process in processes(cursor))
    aims = tuple(
        Aim(
            objective,
            names.get(objective.owner_id, objective.owner_id),
            cohorts.get(objective.cohort_id or "", ""),
            tuple(state for state in states if state.objective.id == objective.id),
        )
        for objective in known
    )
    return AimsView(aims, names, made_up)


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(
    version: str, today: dt.date, objective_id: str, language: Language, theme: Theme
) -> tuple[dict[str, Any], str]:
    """Describe the key results of one objective on their way from baseline to target, and the same in words."""
    states = [s for s in aims_view(version, today).states if s.objective.id == objective_id]
    found = forecasts(version, today)
    lines = [
        replace(s.line, forecast=ahead if isinstance(ahead, Forecast) else None)
        for s in states
        for ahead in (found[s.key_result.id],)
    ]
    return described(key_result_chart(lines, language=language, theme=theme))


@st.cache_resource(max_entries=64, show_spinner=False)
def suggested_baseline(version: str, *, metric_id: str, site_ids: tuple[str, ...], on: dt.date) -> Suggested | None:  # noqa: ARG001
    """Read the stored value of a metric, these sites together (none = all), in the last period begun by a day."""
    with the_store().read() as cursor:
        metric = records.one(cursor, Metric, metric_id)
        if metric is None:
            return None
        series = whole_metric(cursor, metric_id=metric_id, site_ids=site_ids or None, grain=chart_grain(metric))
    measured = None if series is None else series.values.dropna()
    if measured is None:
        return None
    until = measured[measured.index <= on.isoformat()]
    return None if until.empty else Suggested(float(until.iloc[-1]), until.index[-1].date())


@st.cache_resource(max_entries=64, show_spinner=False)
def target_changes(version: str, key_result_id: str) -> tuple[TargetChange, ...]:  # noqa: ARG001
    """Read how a key result's target and due date came to be what they are, oldest first."""
    with the_store().read() as cursor:
        wordings = sorted(records.history(cursor, KeyResult, key_result_id), key=lambda revision: revision.recorded_at)
        made = {change.id: change for change in logged_changes(cursor) if EDITED in change.actions}
    return tuple(
        TargetChange(
            on=new.recorded_at.date(), by=made[new.change_id].person_name or "", before=old.record, after=new.record,
            reason=made[new.change_id].note,
        )
        for old, new in pairwise(wordings)
        if new.change_id in made and _aim(old.record) != _aim(new.record)
    )  # fmt: skip


def _aim(found: KeyResult) -> tuple[float, dt.date]:
    return found.target_value, found.due_date


def owners() -> dict[str, str]:
    """Return who can answer for an aim: everyone who is not shut out."""
    with the_store().read() as cursor:
        return {person.id: person.name for person in people(cursor) if not person.disabled}


def behind(states: Sequence[KeyResultState]) -> list[KeyResultState]:
    """Return the key results that are behind their line, the furthest behind first."""
    late = [(s.progress.share - s.progress.expected_share, s) for s in states
            if isinstance(s.progress, Progress) and s.progress.pace is Pace.BEHIND]  # fmt: skip
    return [state for _, state in sorted(late, key=lambda pair: pair[0])]
