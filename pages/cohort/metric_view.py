"""What the one-metric page shows, gathered once per state of the record and shared by all readers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analytics.results import NotComputable, XmrChart
from analytics.spc import assurance, xmr_chart
from data import records
from data.decisions import decisions_on, superseded_by, value_now
from data.metrics import undirected_metrics
from data.periods import period_start
from data.series import MetricSeries, metric_series
from data.store import the_store
from data.targets import target_on, targets_for
from data.types import Decision, DecisionType, Grain, Metric, Person, Process, Site
from pages.shared.grain import chart_grain

if TYPE_CHECKING:
    import duckdb

    from analytics.results import Assurance
    from data.types import Target


@dataclass(frozen=True, slots=True)
class Pinned:
    """A decision with what the record says around it."""

    decision: Decision
    owner: str
    typed_by: str
    recorded_on: dt.date
    value_now: float | None
    at: dt.date  # the period of the chart on which it stands
    superseded_by: str | None


@dataclass(frozen=True, slots=True, eq=False)
class MetricView:
    """One metric of one site. series and result are None where nothing has been loaded."""

    metric: Metric
    site: Site
    grain: Grain
    series: MetricSeries | None
    result: XmrChart | NotComputable | None
    targets: tuple[Target, ...]
    assurance: Assurance | NotComputable | None
    pinned: tuple[Pinned, ...]  # newest first
    synthetic: bool
    undecided: bool  # nobody has said which way is better


@st.cache_resource(max_entries=256, show_spinner=False)
def metric_view(version: str, *, site_id: str, metric_id: str, segment: str | None) -> MetricView | None:  # noqa: ARG001
    """Gather the page's view; `version` is the record's, so that a change makes a new one. None = unknown ids."""
    with the_store().read() as cursor:
        metric, site = records.one(cursor, Metric, metric_id), records.one(cursor, Site, site_id)
        if metric is None or site is None:
            return None
        grain = chart_grain(metric)
        series = metric_series(cursor, site_id=site_id, metric_id=metric_id, segment=segment, grain=grain)
        decisions = decisions_on(cursor, site_id=site_id, metric_id=metric_id, with_superseded=True)
        targets = tuple(targets_for(cursor, metric_id=metric_id, site_id=site_id))
        pinned = tuple(_pinned(cursor, decision, grain) for decision in reversed(decisions))
        process = records.one(cursor, Process, site.process_id) if site.process_id else None
        undecided = metric in undirected_metrics(cursor)
    steps = [
        pin.decision.applies_on
        for pin in pinned
        if pin.decision.type is DecisionType.STEP and pin.superseded_by is None
    ]
    result = None if series is None else xmr_chart(series.values, direction=metric.direction, steps=sorted(steps))
    return MetricView(
        metric, site, grain, series, result, targets, _assurance(result, targets, metric), pinned,
        synthetic=process is not None and process.synthetic, undecided=undecided,
    )  # fmt: skip


def _assurance(
    result: XmrChart | NotComputable | None, targets: tuple[Target, ...], metric: Metric
) -> Assurance | NotComputable | None:
    if not isinstance(result, XmrChart):
        return None
    target = target_on(targets, result.latest.end)
    return assurance(result.latest, target.value, metric.direction) if target else None


def _pinned(cursor: duckdb.DuckDBPyConnection, decision: Decision, grain: Grain) -> Pinned:
    first = records.recorded(cursor, Decision, decision.id)
    owner = records.one(cursor, Person, decision.owner_id)
    typed_by = records.one(cursor, Person, first.recorded_by) if first.recorded_by else None
    newer = superseded_by(cursor, decision.id)
    return Pinned(
        decision=decision,
        owner=owner.name if owner else decision.owner_id,
        typed_by=typed_by.name if typed_by else "",
        recorded_on=first.recorded_at.date(),
        value_now=value_now(cursor, decision),
        at=period_start(decision.period_start or decision.applies_on, grain),
        superseded_by=newer.label if newer else None,
    )
