"""What the rollout screen shows beyond the plan: dates to come, sites that are stuck, how new sites come up to standard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import streamlit as st

from analytics.results import Direction, NotComputable, XmrChart
from analytics.results_rollout import Completion, LearningCurve, MatureBand, Parity, StageWait, Stalled
from analytics.rollout import (
    Passage,
    completion_forecast,
    learning_curve,
    mature_band,
    since_go_live,
    stalled_sites,
    time_to_parity,
)
from analytics.spc import xmr_chart
from data import records
from data.metrics import metrics
from data.rollout import stages, waves
from data.series import many_series, whole_metric
from data.sites import sites
from data.store import the_store
from data.types import Grain, Metric, Site, SiteStage, Stage
from pages.shared.grain import chart_grain

if TYPE_CHECKING:
    from pages.leadership.overview_view import Overview

MATURE_AFTER = dt.timedelta(weeks=12)  # where nobody recorded that any site is mature
WAITED_IN = (Stage.PREPARING, Stage.LIVE)  # stages with a way out: to live, to mature
_ORDER = list(Stage)
_SEED = 20260105  # the same record and day give the same dates


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """When the sites to come are live, and how long each site has been in its stage."""

    completion: Completion | NotComputable
    stalled: dict[Stage, Stalled | NotComputable]  # sites by name
    waits: dict[str, StageWait]  # by site id, of the stages that could be told


@dataclass(frozen=True, slots=True, eq=False)
class NewSite:
    """One site's values by periods since go-live (1 = the first)."""

    site: Site
    wave: int | None
    values: pd.Series


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """The sites that have long been mature, together, since the last of them came to it."""

    chart: XmrChart | NotComputable
    site_ids: tuple[str, ...]
    since: dt.date


@dataclass(frozen=True, slots=True, eq=False)
class ParityView:
    """One metric of the sites live today; parity and learning are reasons where they cannot be told."""

    metric: Metric
    grain: Grain
    new_sites: tuple[NewSite, ...]
    mature: tuple[Site, ...]
    band: MatureBand | NotComputable
    parity: Parity | NotComputable
    learning: LearningCurve | NotComputable
    guard: Guard
    go_lives: tuple[tuple[dt.date, str], ...]  # of other sites since the guard began: day and code

    def wave_of(self, site_id: str) -> int | None:
        """Return the wave of a new site."""
        return next((new.wave for new in self.new_sites if new.site.id == site_id), None)

    def name_of(self, site_id: str) -> str:
        """Return the name of a new site."""
        return next((new.site.name for new in self.new_sites if new.site.id == site_id), site_id)


@st.cache_resource(max_entries=16, show_spinner=False)
def outlook(version: str, today: dt.date) -> Outlook:  # noqa: ARG001
    """Gather what the stages say; `version` is the record's."""
    with the_store().read() as cursor:
        passed = stages(cursor)
        names = {site.id: site.name for site in sites(cursor)}
    of_site = _by_site(passed)
    found = {stage: _stalled(of_site, stage, today) for stage in WAITED_IN}
    return Outlook(
        completion=completion_forecast(
            [_passage(site_id, own, today) for site_id, own in of_site.items()],
            today=today, rng=np.random.default_rng(_SEED),
        ),
        stalled={stage: _named(held, names) for stage, held in found.items()},
        waits={wait.site: wait for held in found.values() if isinstance(held, Stalled) for wait in held.sites},
    )  # fmt: skip


@st.cache_resource(max_entries=16, show_spinner=False)
def choices(version: str) -> dict[str, Metric]:  # noqa: ARG001
    """Return the metrics that have a good direction first, each by its id."""
    with the_store().read() as cursor:
        known = metrics(cursor)
    return {metric.id: metric for metric in sorted(known, key=lambda metric: metric.direction is Direction.NEUTRAL)}


@st.cache_resource(max_entries=16, show_spinner=False)
def telling_metric(version: str, today: dt.date) -> str | None:
    """Choose the metric to show first: the one for which most sites are not at parity yet."""
    waiting: dict[str, int] = {}
    for metric_id in choices(version):
        view = parity_view(version, today, metric_id)
        if view is not None and isinstance(view.parity, Parity):
            waiting[metric_id] = len(view.parity.sites) - view.parity.n_reached
    return max(waiting, key=waiting.__getitem__) if waiting else None


@st.cache_resource(max_entries=32, show_spinner=False)
def parity_view(version: str, today: dt.date, metric_id: str) -> ParityView | None:  # noqa: ARG001
    """Gather one metric by periods since go-live; None where it has no value at any live site."""
    with the_store().read() as cursor:
        metric = records.one(cursor, Metric, metric_id)
        passed = stages(cursor)
        known = {site.id: site for site in sites(cursor)}
        numbers = {wave.id: wave.number for wave in waves(cursor)}
        live = {p.site_id: p.actual_on for p in passed if p.stage is Stage.LIVE and _reached(p, today)}
        if metric is None or not live:
            return None
        grain = chart_grain(metric)
        table = many_series(cursor, metric_id=metric_id, site_ids=sorted(live), grain=grain)
        if table is None:
            return None
        mature = _mature(passed, today)
        guard = _guard(cursor, metric, grain, mature, today)
    values = pd.DataFrame(dict(zip(table.site_ids, table.values, strict=True)), index=table.periods)
    parity = time_to_parity(values, go_live_dates=live, mature_dates=mature, direction=metric.direction)
    wave_of = {p.site_id: numbers[p.wave_id] for p in passed if p.wave_id in numbers}
    return ParityView(
        metric=metric,
        grain=grain,
        new_sites=tuple(
            NewSite(known[site_id], wave_of.get(site_id), own)
            for site_id, own in since_go_live(values, live).items()
            if site_id in known
        ),
        mature=tuple(known[site_id] for site_id in sorted(mature) if site_id in known),
        band=mature_band(values, mature, direction=metric.direction),
        parity=parity,
        learning=_learning(parity, wave_of),
        guard=guard,
        go_lives=tuple(
            sorted(
                (day, known[site_id].code or known[site_id].name[:3].upper())
                for site_id, day in live.items()
                if day is not None and guard.since <= day and site_id not in guard.site_ids and site_id in known
            )
        ),
    )


def _guard(
    cursor: duckdb.DuckDBPyConnection, metric: Metric, grain: Grain, mature: Mapping[str, dt.date], today: dt.date
) -> Guard:
    """Chart the sites mature for so long that their limits can be known, else all that are mature."""
    settled = {site_id: day for site_id, day in mature.items() if day + MATURE_AFTER <= today} or dict(mature)
    if not settled:
        return Guard(NotComputable("no_data"), (), today)
    since = max(settled.values())
    together = whole_metric(cursor, metric_id=metric.id, site_ids=sorted(settled), grain=grain)
    if together is None:
        return Guard(NotComputable("no_data"), tuple(sorted(settled)), since)
    values = together.values[together.values.index >= pd.Timestamp(since)]  # noqa: PD011
    chart = xmr_chart(values, direction=metric.direction) if len(values) else NotComputable("no_data")
    return Guard(chart, tuple(sorted(settled)), since)


def _learning(parity: Parity | NotComputable, wave_of: Mapping[str, int]) -> LearningCurve | NotComputable:
    if isinstance(parity, NotComputable):
        return parity
    own = [site for site in parity.sites if site.site in wave_of]
    return learning_curve(
        [site.periods for site in own], [site.reached for site in own], [wave_of[site.site] for site in own]
    )


def waiting_for(view: Overview, stage: Stage) -> dict[str, str]:
    """Return the sites that may come to a stage next, each with its wave: not there yet, and there in the one before."""
    reached = {(p.site_id, p.stage) for p in view.passages if p.actual_on is not None}
    waves_of = {p.site_id: p.wave_id for p in view.passages if p.site_id in view.sites}
    return {
        site_id: wave_id
        for site_id, wave_id in waves_of.items()
        if not any((site_id, later) in reached for later in _ORDER[_ORDER.index(stage) :])
        and (stage is not Stage.MATURE or (site_id, Stage.LIVE) in reached)
    }


def _by_site(passed: Sequence[SiteStage]) -> dict[str, list[SiteStage]]:
    found: dict[str, list[SiteStage]] = {}
    for passage in passed:
        found.setdefault(passage.site_id, []).append(passage)
    return found


def _reached(passage: SiteStage, today: dt.date) -> bool:
    return passage.actual_on is not None and passage.actual_on <= today


def _mature(passed: Sequence[SiteStage], today: dt.date) -> dict[str, dt.date]:
    """From when each site counts as mature: as recorded; where nobody recorded any, so long after its go-live."""
    found = {p.site_id: p.actual_on for p in passed if p.stage is Stage.MATURE and p.actual_on is not None} or {
        p.site_id: p.actual_on + MATURE_AFTER for p in passed if p.stage is Stage.LIVE and p.actual_on is not None
    }
    return {site_id: day for site_id, day in found.items() if day <= today}


def _passage(site_id: str, own: Sequence[SiteStage], today: dt.date) -> Passage:
    reached = {p.stage: p.actual_on for p in own if _reached(p, today)}
    planned = next((p.planned_on for p in own if p.stage is Stage.LIVE), None)
    live_on = reached.get(Stage.LIVE) or reached.get(Stage.MATURE)
    return Passage(site_id, planned_on=planned, begun_on=reached.get(Stage.PREPARING), live_on=live_on)


def _stalled(of_site: Mapping[str, Sequence[SiteStage]], stage: Stage, today: dt.date) -> Stalled | NotComputable:
    """Hold the sites in a stage against all that came into it."""
    days, left = {}, {}
    for site_id, own in of_site.items():
        reached = sorted((_ORDER.index(p.stage), p.actual_on) for p in own if p.actual_on and p.actual_on <= today)
        for (place, entered), (_, out) in pairwise([*reached, (len(_ORDER), None)]):
            if place == _ORDER.index(stage):
                days[site_id], left[site_id] = max(((out or today) - entered).days, 0), out is not None
    return stalled_sites(days, left)


def _named(found: Stalled | NotComputable, names: Mapping[str, str]) -> Stalled | NotComputable:
    if isinstance(found, NotComputable):
        return found
    return replace(found, sites=tuple(replace(wait, site=names.get(wait.site, wait.site)) for wait in found.sites))
