"""What the comparison of sites shows: one metric, every measured site, gathered once per state of the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from analytics.results import NotComputable, PointType, Variation
from analytics.results_charts import AttributeChart, RareEventChart
from analytics.spc import POINT_TYPES, VARIATIONS, XmrTable, xmr_chart, xmr_charts
from data import records
from data.attention import Due, dues_by_date, may_explain
from data.charted import COUNTED, chart_as_asked
from data.decisions import all_decisions
from data.limits import LimitDecisions, by_series
from data.rollout import stage_on, stages, waves
from data.series import SeriesTable, many_series, one_site
from data.sites import processes, sites
from data.store import the_store
from data.targets import target_on, targets_for
from data.types import Aggregation, Decision, Grain, Metric, Site, SiteStage, Stage
from pages.shared.grain import chart_grain
from wording import current_signal

if TYPE_CHECKING:
    import duckdb

MOST_PANELS = 15
SIGNALS = (Variation.IMPROVING, Variation.CONCERN, Variation.NEUTRAL)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One site of the comparison; arrays on the comparison's own periods, NaN = not measured."""

    site: Site
    series: np.ndarray
    point_types: tuple[PointType, ...]
    variation: Variation | None  # None: no limits yet
    signal_start: dt.date | None
    unanswered: bool  # a concern that no decision of this site answers
    reviews: tuple[Due, ...]
    wave: int | None
    live_on: dt.date | None
    to_come: bool  # planned and not live yet
    size: float  # what the site handles, where the record knows it; else how long it has been measured

    @property
    def need(self) -> tuple[bool, int, bool]:
        """Sort key: an unanswered concern first, then reviews due, then any concern."""
        return (not self.unanswered, -len(self.reviews), self.variation is not Variation.CONCERN)

    @property
    def waits(self) -> bool:
        """Whether somebody must decide something here."""
        return self.unanswered or bool(self.reviews)


@dataclass(frozen=True, slots=True, eq=False)
class CompareView:
    """One metric at every site that has values of it; rows by wave, then name. periods: oldest first."""

    metric: Metric
    grain: Grain
    periods: pd.DatetimeIndex
    rows: tuple[Compared, ...]
    target: float | None  # of every site, in force at the last period
    data_date: dt.date | None
    unmeasured: int
    synthetic: bool


@st.cache_resource(max_entries=64, show_spinner=False)
def compare_view(version: str, today: dt.date, *, metric_id: str) -> CompareView | None:  # noqa: ARG001
    """Gather the comparison; `version` is the record's. None = unknown metric."""
    with the_store().read() as cursor:
        metric = records.one(cursor, Metric, metric_id)
        if metric is None:
            return None
        known = {site.id: site for site in sites(cursor)}
        made_up = {process.id for process in processes(cursor) if process.synthetic}
        table = many_series(cursor, metric_id=metric_id, grain=chart_grain(metric))
        stored = many_series(cursor, metric_id=metric_id) if metric.kind in COUNTED else table
        rows = () if table is None else _rows(cursor, table, stored or table, known, today)
        target = (
            None if table is None else target_on(targets_for(cursor, metric_id=metric_id, site_id=""), table.data_date)
        )
    return CompareView(
        metric=metric,
        grain=chart_grain(metric),
        periods=pd.DatetimeIndex([]) if table is None else table.periods,
        rows=rows,
        target=target.value if target else None,
        data_date=None if table is None else table.data_date,
        unmeasured=len(known) - len(rows),
        synthetic=any(row.site.process_id in made_up for row in rows),
    )


def most_needed(rows: Sequence[Compared]) -> list[str]:
    """Choose the sites to show when there are too many: those that wait for a decision, then the largest."""
    ordered = sorted(rows, key=lambda row: (*row.need, -row.size, row.site.name.casefold()))
    return [row.site.id for row in ordered[:MOST_PANELS]]


def ordered_rows(view: CompareView, order: str, shown: Collection[str]) -> list[Compared]:
    """Put the rows to show in the order the reader asked for: "wave", "name" or "need"."""
    rows = [row for row in view.rows if row.site.id in shown]
    if order == "name":
        return sorted(rows, key=lambda row: row.site.name.casefold())
    if order == "need":
        return sorted(rows, key=lambda row: (*row.need, row.site.name.casefold()))
    return rows


def _rows(
    cursor: duckdb.DuckDBPyConnection, table: SeriesTable, stored: SeriesTable, known: dict[str, Site], today: dt.date
) -> tuple[Compared, ...]:
    """Read a row a site; `stored` is the same metric as it is stored, for the gaps between rare events."""
    decisions = all_decisions(cursor, with_superseded=False)
    of_series = by_series(decisions)
    pairs = [(table.metric.id, site_id) for site_id in table.site_ids]
    decided = {place: of_series[pair] for place, pair in enumerate(pairs) if pair in of_series}
    charts = xmr_charts(
        table.values, directions=table.metric.direction, periods=table.periods,
        steps={place: limits.step_days for place, limits in decided.items()},
        baselines={place: limits.baseline_days for place, limits in decided.items()},
        excluded={place: limits.left_out(table.periods, table.grain) for place, limits in decided.items()},
    )  # fmt: skip
    around = _Around(
        decisions=[d for d in decisions if d.metric_id in (None, table.metric.id)],
        dues=[due for due in dues_by_date(cursor, today, days_ahead=0) if due.metric_id in (None, table.metric.id)],
        passages=stages(cursor),
        waves={wave.id: wave.number for wave in waves(cursor)},
        decided=decided,
        stored=stored,
        today=today,
    )
    found = [
        _row(known[site_id], place, table, charts, around)
        for place, site_id in enumerate(table.site_ids)
        if site_id in known
    ]
    return tuple(sorted(found, key=lambda row: (row.wave is None, row.wave or 0, row.site.name.casefold())))


@dataclass(frozen=True, slots=True)
class _Around:
    """What people did and planned, read once for all sites."""

    decisions: list[Decision]
    dues: list[Due]
    passages: list[SiteStage]
    waves: dict[str, int]
    decided: dict[int, LimitDecisions]  # of its limits, by the site's place in the table
    stored: SeriesTable
    today: dt.date


def _row(site: Site, place: int, table: SeriesTable, charts: XmrTable, around: _Around) -> Compared:
    passages = [passage for passage in around.passages if passage.site_id == site.id]
    live = next((p.actual_on for p in passages if p.stage is Stage.LIVE and p.actual_on is not None), None)
    reached = stage_on(passages, around.today)
    decided = around.decided.get(place, LimitDecisions())
    own = _chart_of_counts(site, place, table, around.stored, decided)
    variation = VARIATIONS[charts.variation[place]] if own is None else own.variation
    since = _signal_start(table, place, decided, own) if variation in SIGNALS else None
    return Compared(
        site=site,
        series=table.values[place],  # noqa: PD011
        point_types=_point_types(table, place, charts, own),
        variation=variation,
        signal_start=since,
        unanswered=variation is Variation.CONCERN and not _answered(site.id, table.metric.id, since, around.decisions),
        reviews=tuple(due for due in around.dues if due.site_id == site.id),
        wave=next((around.waves[p.wave_id] for p in passages if p.wave_id in around.waves), None),
        live_on=live,
        to_come=bool(passages) and reached not in (Stage.LIVE, Stage.MATURE),
        size=_size(place, table),
    )


def _chart_of_counts(
    site: Site, place: int, table: SeriesTable, stored: SeriesTable, decided: LimitDecisions
) -> AttributeChart | RareEventChart | None:
    """The chart of a metric that counts something, as the site's own page draws it; None = individual values."""
    if table.metric.kind not in COUNTED or site.id not in stored.site_ids:
        return None
    finest = one_site(stored, stored.site_ids.index(site.id), site)
    _, chart = chart_as_asked(one_site(table, place, site), finest, decided=decided)
    return chart if isinstance(chart, AttributeChart | RareEventChart) else None


def _point_types(
    table: SeriesTable, place: int, charts: XmrTable, own: AttributeChart | RareEventChart | None
) -> tuple[PointType, ...]:
    """What the data say of each period; where gaps between events are judged, of none of them."""
    if isinstance(own, AttributeChart):
        return own.point_types
    if own is None:
        return tuple(POINT_TYPES[code] for code in charts.point_types[place])
    measured = ~np.isnan(table.values[place])  # noqa: PD011
    return tuple(PointType.COMMON_CAUSE if here else PointType.MISSING for here in measured)


def _signal_start(
    table: SeriesTable, place: int, decided: LimitDecisions, own: AttributeChart | RareEventChart | None
) -> dt.date | None:
    """Find since when a site's signal holds, as its own page tells it."""
    series = pd.Series(table.values[place], index=table.periods)  # noqa: PD011
    chart = own or xmr_chart(
        series, direction=table.metric.direction, steps=decided.step_days, baseline_until=decided.baseline_days,
        excluded=decided.left_out(table.periods, table.grain),
    )  # fmt: skip
    signal = None if isinstance(chart, NotComputable) else current_signal(chart)
    return signal.start if signal else None


def _answered(site_id: str, metric_id: str, since: dt.date | None, decisions: Sequence[Decision]) -> bool:
    """Tell whether a decision of this site stands near enough to the signal to be about it."""
    return since is not None and any(
        may_explain(decision, site_id=site_id, metric_id=metric_id, start=since) for decision in decisions
    )


def _size(place: int, table: SeriesTable) -> float:
    weights, values = table.weights[place], table.values[place]  # noqa: PD011
    if np.isfinite(weights).any():
        return float(np.nanmean(weights))
    if table.metric.aggregation is Aggregation.SUM and np.isfinite(values).any():
        return float(np.nanmean(values))
    return float(np.isfinite(values).sum())
