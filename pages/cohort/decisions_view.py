"""The register of decisions as people read it: each with its owner, its dates, its value then and now, its fate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from data import records
from data.decisions import all_decisions, value_now
from data.people import person_names
from data.sites import processes, sites
from data.store import the_store
from data.types import Cohort, Decision, Experiment, KeyResult, Metric, Site
from pages.shared.choices import asked

if TYPE_CHECKING:
    import duckdb

STATES = ("open", "overdue", "done", "superseded", "every")


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision with what the record says around it."""

    decision: Decision
    owner: str
    typed_by: str
    recorded_on: dt.date
    site: Site | None
    metric: Metric | None
    cohort: str
    value_now: float | None
    superseded_by: str | None  # label
    supersedes: str | None  # label
    experiment: str  # label and title
    key_result: str

    @property
    def standing(self) -> bool:
        """Whether nothing has closed it: no outcome, no end, no successor."""
        decision = self.decision
        return decision.outcome is None and decision.resolved_on is None and self.superseded_by is None

    def overdue(self, today: dt.date) -> bool:
        """Whether its review day has come and nobody has said what came of it."""
        return self.standing and self.decision.review_on is not None and self.decision.review_on <= today

    def state(self, today: dt.date) -> str:
        """Name its state: "overdue", "open", "done" or "superseded"."""
        if self.superseded_by is not None:
            return "superseded"
        if not self.standing:
            return "done"
        return "overdue" if self.overdue(today) else "open"


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """Every decision, the newest first, with the names to filter by."""

    entries: tuple[Entry, ...]
    sites: dict[str, str]
    metrics: dict[str, Metric]
    synthetic: bool

    def labelled(self, label: str | None) -> Entry | None:
        """Find the entry that a label names."""
        wanted = (label or "").strip().upper()
        return next((entry for entry in self.entries if entry.decision.label == wanted), None)


@dataclass(frozen=True, slots=True)
class Edit:
    """One earlier or present wording of a decision."""

    on: dt.date
    by: str
    changed: tuple[tuple[str, object, object], ...]  # field, before, after; empty for the first wording


@st.cache_resource(max_entries=8, show_spinner=False)
def register(version: str) -> Register:  # noqa: ARG001
    """Gather the register; `version` is the record's, so that any change makes a new one."""
    with the_store().read() as cursor:
        known = {site.id: site for site in sites(cursor)}
        made_up = any(process.synthetic for process in processes(cursor))
        around = _Around.read(cursor, known)
        found = all_decisions(cursor)
        labels = {decision.id: decision.label for decision in found}
        successors = {d.supersedes_id: d.label for d in found if d.supersedes_id}
        entries = [_entry(cursor, decision, around, labels, successors) for decision in found]
    newest = sorted(entries, key=lambda e: (e.decision.applies_on, e.decision.number), reverse=True)
    return Register(tuple(newest), {key: site.name for key, site in known.items()}, around.metrics, made_up)


def edits(decision_id: str) -> list[Edit]:
    """Read how a decision came to its present wording, oldest first."""
    with the_store().read() as cursor:
        names = person_names(cursor)
        revisions = sorted(records.history(cursor, Decision, decision_id), key=lambda revision: revision.recorded_at)
    told, before = [], None
    for revision in revisions:
        told.append(
            Edit(
                revision.recorded_at.date(),
                names.get(revision.recorded_by or "", ""),
                _changed(before, revision.record),
            )
        )
        before = revision.record
    return told


def filtered(found: Register, wanted: Mapping[str, str], today: dt.date, *, every: str) -> list[Entry]:
    """Return the entries that all the reader's filters let through; `every` lets all through.

    wanted: kind, site, metric, state. State "open" holds what is overdue, too.
    """
    return [entry for entry in found.entries if _passes(entry, wanted, today, every)]


def asked_state(found: Register) -> str:
    """Return the state shown at first: what is open, or everything when the address names one decision."""
    return "every" if asked("decision") or not any(entry.standing for entry in found.entries) else "open"


def _passes(entry: Entry, wanted: Mapping[str, str], today: dt.date, every: str) -> bool:
    decision, state = entry.decision, entry.state(today)
    return (
        wanted["kind"] in (every, decision.type)
        and (wanted["site"] == every or decision.site_id in (None, wanted["site"]))
        and (wanted["metric"] == every or decision.metric_id in (None, wanted["metric"]))
        and (wanted["state"] in (every, state) or (wanted["state"], state) == ("open", "overdue"))
    )


@dataclass(frozen=True, slots=True)
class _Around:
    sites: dict[str, Site]
    metrics: dict[str, Metric]
    people: dict[str, str]
    cohorts: dict[str, str]
    experiments: dict[str, str]
    key_results: dict[str, str]

    @classmethod
    def read(cls, cursor: duckdb.DuckDBPyConnection, known: dict[str, Site]) -> _Around:
        return cls(
            sites=known,
            metrics={metric.id: metric for metric in records.current(cursor, Metric)},
            people=person_names(cursor),
            cohorts={cohort.id: cohort.name for cohort in records.current(cursor, Cohort)},
            experiments={e.id: f"{e.label} {e.title}" for e in records.current(cursor, Experiment)},
            key_results={found.id: found.title for found in records.current(cursor, KeyResult)},
        )


def _entry(
    cursor: duckdb.DuckDBPyConnection, decision: Decision, around: _Around, labels: Mapping[str, str],
    successors: Mapping[str, str],
) -> Entry:  # fmt: skip
    first = records.recorded(cursor, Decision, decision.id)
    return Entry(
        decision=decision,
        owner=around.people.get(decision.owner_id, decision.owner_id),
        typed_by=around.people.get(first.recorded_by or "", ""),
        recorded_on=first.recorded_at.date(),
        site=around.sites.get(decision.site_id or ""),
        metric=around.metrics.get(decision.metric_id or ""),
        cohort=around.cohorts.get(decision.cohort_id or "", ""),
        value_now=value_now(cursor, decision) if decision.value_when_decided is not None else None,
        superseded_by=successors.get(decision.id),
        supersedes=labels.get(decision.supersedes_id or ""),
        experiment=around.experiments.get(decision.experiment_id or "", ""),
        key_result=around.key_results.get(decision.key_result_id or "", ""),
    )


def _changed(before: Decision | None, after: Decision) -> tuple[tuple[str, object, object], ...]:
    if before is None:
        return ()
    fields: Sequence[str] = list(type(after).model_fields)
    return tuple((f, getattr(before, f), getattr(after, f)) for f in fields if getattr(before, f) != getattr(after, f))
