"""What the one-metric page shows, gathered once per state of the record and shared by all readers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analytics.results import NotComputable, PointType, XmrChart
from analytics.results_charts import AttributeChart, ChartKind, RareEventChart
from analytics.spc import assurance
from data import records
from data.charted import RARE, chart_as_asked, fitting
from data.decisions import decisions_on, superseded_by, value_now
from data.limits import LimitDecisions, left_out, limits_on
from data.metrics import undirected_metrics
from data.periods import period_start
from data.series import MetricSeries, metric_series
from data.store import the_store
from data.targets import target_on, targets_for
from data.types import Aggregation, Decision, Grain, Metric, Person, Process, Site
from pages.cohort.metric_rules import DEFAULT_RULES, RULE_SETS
from pages.shared.grain import chart_grain

if TYPE_CHECKING:
    import duckdb

    from analytics.results import Assurance
    from analytics.results_charts import ControlChart
    from data.charted import Chart, Fitting
    from data.types import Target


MOST_DAYS = 1100  # three years of days: a picture stays under 1,500 marks


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
    """One metric of one site. series, finest and result are None where nothing has been loaded."""

    metric: Metric
    site: Site
    grain: Grain
    series: MetricSeries | None
    finest: MetricSeries | None  # the same as it is stored
    result: Chart | NotComputable | None
    targets: tuple[Target, ...]
    assurance: Assurance | NotComputable | None
    pinned: tuple[Pinned, ...]  # newest first
    synthetic: bool
    undecided: bool  # nobody has said which way is better
    fitting: Fitting | None  # the charts that may be chosen
    kind: ChartKind  # the one drawn
    unasked: ChartKind  # the one drawn when nobody chooses
    rules: str  # the set of rules that judges its points
    decided: LimitDecisions
    days: pd.Series | None  # behind a weekly chart, where they stand in the same unit

    @property
    def finest_grain(self) -> Grain:
        """The grain in which it is stored."""
        return self.grain if self.finest is None else self.finest.grain

    @property
    def limited(self) -> ControlChart | None:
        """The chart, where it has limits and signals."""
        return self.result if isinstance(self.result, XmrChart | AttributeChart | RareEventChart) else None

    @property
    def frozen(self) -> Decision | None:
        """The decision that froze the limits in force, if any."""
        if self.result is None or isinstance(self.result, NotComputable):
            return None
        since = self.result.latest.start
        return next((each for each in reversed(self.decided.baselines) if each.applies_on >= since), None)

    @property
    def left_out(self) -> list[tuple[dt.date, Decision]]:
        """The measured periods that the limits leave out, each with the decision that says why."""
        if self.result is None or isinstance(self.result, NotComputable):
            return []
        kinds = zip(self.result.periods, self.result.point_types, strict=True)
        drawn = pd.DatetimeIndex(sorted({at for at, kind in kinds if kind is PointType.EXCLUDED}))
        grain = self.finest_grain if self.kind in RARE else self.grain
        named = {day: each for each in self.decided.exclusions for day in left_out(each, drawn, grain)}
        return sorted(named.items(), key=lambda pair: pair[0])


@st.cache_resource(max_entries=256, show_spinner=False)
def metric_view(
    version: str,  # noqa: ARG001
    *,
    site_id: str,
    metric_id: str,
    segment: str | None,
    chart: str | None = None,
    rules: str = DEFAULT_RULES,
) -> MetricView | None:
    """Gather the page's view; `version` is the record's, so that a change makes a new one. None = unknown ids.

    chart: the kind that was chosen, None or another word = the one that fits; rules: a name of RULE_SETS.
    """
    with the_store().read() as cursor:
        metric, site = records.one(cursor, Metric, metric_id), records.one(cursor, Site, site_id)
        if metric is None or site is None:
            return None
        grain = chart_grain(metric)
        series = metric_series(cursor, site_id=site_id, metric_id=metric_id, segment=segment, grain=grain)
        finest = metric_series(cursor, site_id=site_id, metric_id=metric_id, segment=segment)
        decided = limits_on(cursor, site_id=site_id, metric_id=metric_id)
        decisions = decisions_on(cursor, site_id=site_id, metric_id=metric_id, with_superseded=True)
        targets = tuple(targets_for(cursor, metric_id=metric_id, site_id=site_id))
        pinned = tuple(_pinned(cursor, decision, grain) for decision in reversed(decisions))
        process = records.one(cursor, Process, site.process_id) if site.process_id else None
        undecided = metric in undirected_metrics(cursor)
    kind, unasked, result = _charted(series, finest, chart, rules, decided)
    return MetricView(
        metric, site, grain, series, finest, result, targets,
        _assurance(result, targets, metric), pinned,
        synthetic=process is not None and process.synthetic, undecided=undecided,
        fitting=None if series is None else fitting(series), kind=kind, unasked=unasked, rules=rules, decided=decided,
        days=_days(series, finest, kind),
    )  # fmt: skip


def _charted(
    series: MetricSeries | None, finest: MetricSeries | None, chart: str | None, rules: str, decided: LimitDecisions
) -> tuple[ChartKind, ChartKind, Chart | NotComputable | None]:
    """The kind drawn, the kind drawn when nobody chooses, and the chart."""
    if series is None or finest is None:
        return ChartKind.XMR, ChartKind.XMR, None
    wanted = ChartKind(chart) if chart in {each.value for each in ChartKind} else None
    unasked, result = chart_as_asked(series, finest, decided=decided, rules=RULE_SETS[rules])
    if wanted is None or wanted is unasked:
        return unasked, unasked, result
    kind, result = chart_as_asked(series, finest, kind=wanted, decided=decided, rules=RULE_SETS[rules])
    return kind, unasked, result


def _days(series: MetricSeries | None, finest: MetricSeries | None, kind: ChartKind) -> pd.Series | None:
    """The newest MOST_DAYS days behind the weeks of a chart; none where a week is the sum of its days."""
    if series is None or finest is None or finest.grain is series.grain or finest.grain is not Grain.DAY:
        return None
    if series.metric.aggregation is Aggregation.SUM or kind in (*RARE, ChartKind.C):
        return None
    return pd.Series(finest.values).dropna().iloc[-MOST_DAYS:]


def _assurance(
    result: Chart | NotComputable | None, targets: tuple[Target, ...], metric: Metric
) -> Assurance | NotComputable | None:
    if not isinstance(result, XmrChart | AttributeChart):
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
