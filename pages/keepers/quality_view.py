"""What the data-quality screen shows, gathered once per state of the record, day and set of sites."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analytics.results import Direction, NotComputable, XmrChart
from analytics.spc import xmr_chart
from data.batches import past_loads
from data.lineage import missing_periods
from data.metrics import metrics
from data.quality import (
    LoadCounts,
    Measure,
    SiteQuality,
    load_counts,
    load_trend,
    loads_of_sites,
    most_affected,
    recent,
    site_qualities,
)
from data.sites import processes, sites
from data.store import the_store
from data.types import Grain, Metric, Site
from wording import say

if TYPE_CHECKING:
    import pandas as pd

    from data.batches import PastLoad
    from wording import Language


@dataclass(frozen=True, slots=True, eq=False)
class QualityView:
    """The quality of some sites' data. qualities: the latest site first. counts, worst_file: of the recent loads."""

    sites: dict[str, Site]
    metrics: dict[str, Metric]
    qualities: list[SiteQuality]
    loads: list[PastLoad]
    counts: LoadCounts
    worst_file: str | None
    synthetic: bool

    @property
    def measured(self) -> list[SiteQuality]:
        """The sites with values."""
        return [one for one in self.qualities if one.series]

    @property
    def late(self) -> list[SiteQuality]:
        """The sites with a metric that is late."""
        return [one for one in self.qualities if one.days_late]

    @property
    def n_missing(self) -> int:
        """Periods missing inside the series."""
        return sum(one.n_missing for one in self.qualities)

    @property
    def to_look_at(self) -> list[SiteQuality]:
        """The sites of which something is late or missing."""
        return [one for one in self.qualities if one.days_late or one.n_missing]


@st.cache_resource(max_entries=16, show_spinner=False)
def quality_view(version: str, today: dt.date, site_ids: tuple[str, ...] | None) -> QualityView:  # noqa: ARG001
    """Gather the view; site_ids: None = every site."""
    with the_store().read() as cursor:
        known = {site.id: site for site in sites(cursor) if site_ids is None or site.id in site_ids}
        loads = past_loads(cursor) if site_ids is None else loads_of_sites(cursor, site_ids)
        newest = recent(loads, today)
        return QualityView(
            sites=known, metrics={metric.id: metric for metric in metrics(cursor)},
            qualities=site_qualities(cursor, today, site_ids=known), loads=loads, counts=load_counts(newest),
            worst_file=most_affected(newest, Measure.RESTATED),
            synthetic=any(process.synthetic for process in processes(cursor)),
        )  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner=False)
def missing_of(version: str, site_id: str) -> dict[str, list[dt.date]]:  # noqa: ARG001
    """List the missing periods of each metric of a site."""
    with the_store().read() as cursor:
        known = [metric.id for metric in metrics(cursor)]
        found = {metric: missing_periods(cursor, site_id=site_id, metric_id=metric) for metric in known}
    return {metric: days for metric, days in found.items() if days}


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """One measure of the loads over time, as a metric that a chart can draw. result: why there are no limits, or them."""

    metric: Metric
    grain: Grain
    values: pd.Series
    result: XmrChart | NotComputable


def trend(view: QualityView, measure: Measure, grain: Grain) -> Trend | None:
    """Chart a measure by week or month; None where nothing was loaded."""
    values = load_trend(view.loads, measure, grain)
    if values.notna().sum() == 0:
        return None
    names = {language: say(f"quality.measure.{measure.value}", language) for language in ("fr", "en")}
    unit = "" if measure is Measure.UNDONE else "%"
    metric = Metric(
        id=measure.value, name_fr=names["fr"], name_en=names["en"], unit=unit, direction=Direction.DOWN, frequency=grain,
        decimals=1 if unit else 0,
    )  # fmt: skip
    return Trend(metric, grain, values, xmr_chart(values, direction=Direction.DOWN))


def metric_name(view: QualityView, metric_id: str, language: Language) -> str:
    """Name a metric; its id where the catalogue lost it."""
    metric = view.metrics.get(metric_id)
    return metric.name(language) if metric else metric_id
