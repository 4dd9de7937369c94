"""What the first screen shows, gathered once per state of the record and day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analytics.results import Assurance, Variation
from data.attention import Drift, Due, Kind, Shift, awaiting_decision, dated, drifts, late, shifts
from data.metrics import metrics
from data.people import person_names
from data.periods import period_end
from data.rollout import SitesLive, sites_live, stages, waves
from data.score import board
from data.sites import processes, sites
from data.store import the_store
from data.types import Grain, Metric, Site, SiteStage, Stage, Wave
from pages.shared.plan_charts import RolloutStep

if TYPE_CHECKING:
    import pandas as pd


MOST_DRIFTS = 5  # told on the first screen
RECENT = dt.timedelta(weeks=8)  # an older shift is the new normal: its limits want a step, not attention


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one metric of one site stands."""

    value: float
    period: dt.date
    variation: Variation | None  # None: no limits yet
    assurance: Assurance | None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site on the board; standings by metric id, only where there are values."""

    site: Site
    wave: int | None
    stage: Stage
    standings: dict[str, Standing]
    waits: tuple[Due, ...]
    late: tuple[Due, ...]

    @property
    def need(self) -> tuple[int, int, str]:
        """Sort key: most in need of a decision first, then by name."""
        concerns = sum(s.variation is Variation.CONCERN for s in self.standings.values())
        return (-len(self.waits) - len(self.late), -concerns, self.site.name.casefold())


@dataclass(frozen=True, slots=True)
class WaveRow:
    """One wave: its members' furthest stage, and its slip in days where one is known."""

    wave: Wave
    members: tuple[tuple[str, Stage], ...]  # site name, stage reached by today
    slip_days: int | None
    earliest: dt.date | None  # of the members still to come


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """The first screen's content."""

    sites: dict[str, Site]
    metrics: dict[str, Metric]
    people: dict[str, str]
    rows: tuple[SiteRow, ...]
    shifts: tuple[Shift, ...]
    drifts: tuple[Drift, ...]
    watched: int  # series long enough for drift alarms
    waits: tuple[Due, ...]
    late: tuple[Due, ...]
    live: SitesLive
    waves: tuple[WaveRow, ...]
    passages: tuple[SiteStage, ...]
    live_steps: tuple[RolloutStep, ...]
    planned_steps: tuple[RolloutStep, ...]
    data_date: dt.date | None
    synthetic: bool


@st.cache_resource(max_entries=16, show_spinner=False)
def overview(version: str, today: dt.date) -> Overview:  # noqa: ARG001
    """Gather the first screen; `version` is the record's, so that any change makes a new one."""
    with the_store().read() as cursor:
        known = {site.id: site for site in sites(cursor)}
        measured = board(cursor)
        passages = stages(cursor)
        waiting, overdue = awaiting_decision(cursor, today, scores=measured), late(cursor, today)
        by_number = {wave.id: wave for wave in waves(cursor)}
        return Overview(
            sites=known,
            metrics={metric.id: metric for metric in metrics(cursor)},
            people=person_names(cursor),
            rows=_rows(known, measured, passages, by_number, waiting, overdue, today),
            shifts=tuple(shifts(cursor, today - RECENT)),
            drifts=tuple(dated(cursor, drifts(cursor, today, measured), MOST_DRIFTS)),
            watched=int(measured["alarm_p"].notna().sum()),
            waits=tuple(waiting),
            late=tuple(overdue),
            live=sites_live(cursor, today),
            waves=tuple(_wave(wave, passages, known, today) for wave in by_number.values()),
            passages=tuple(passages),
            live_steps=_steps([p.actual_on for p in passages if p.stage is Stage.LIVE]),
            planned_steps=_steps([p.planned_on for p in passages if p.stage is Stage.LIVE]),
            data_date=_data_date(measured),
            synthetic=any(process.synthetic for process in processes(cursor)),
        )


def _data_date(measured: pd.DataFrame) -> dt.date | None:
    """Give the last day inside the newest period that any series has."""
    newest = measured.groupby("stored_grain")["stored_last"].max()
    return max((period_end(last.date(), Grain(str(grain))) for grain, last in newest.items()), default=None)


def _rows(
    known: dict[str, Site],
    measured: pd.DataFrame,
    passages: list[SiteStage],
    by_number: dict[str, Wave],
    waiting: list[Due],
    overdue: list[Due],
    today: dt.date,
) -> tuple[SiteRow, ...]:
    standings: dict[str, dict[str, Standing]] = {}
    columns = ["site_id", "metric_id", "last_value", "last_period", "variation", "assurance"]
    for site_id, metric_id, value, period, variation, assurance in measured[columns].itertuples(index=False):
        standings.setdefault(site_id, {})[metric_id] = Standing(
            value,
            period.date(),
            Variation(variation) if isinstance(variation, str) else None,
            Assurance(assurance) if isinstance(assurance, str) else None,
        )
    of_site: dict[str, list[SiteStage]] = {}
    for passage in passages:
        of_site.setdefault(passage.site_id, []).append(passage)
    rows = [
        SiteRow(
            site,
            next((by_number[p.wave_id].number for p in of_site.get(site.id, []) if p.wave_id in by_number), None),
            _reached(of_site.get(site.id, []), today),
            standings.get(site.id, {}),
            tuple(due for due in waiting if due.site_id == site.id),
            tuple(due for due in overdue if due.site_id == site.id and due.kind is Kind.GO_LIVE),
        )
        for site in known.values()
    ]
    return tuple(sorted(rows, key=lambda row: row.need))


def _reached(passages: list[SiteStage], today: dt.date) -> Stage:
    order = list(Stage)
    done = [p.stage for p in passages if p.actual_on is not None and p.actual_on <= today]
    return max(done, key=order.index, default=Stage.PLANNED)


def _wave(wave: Wave, passages: list[SiteStage], known: dict[str, Site], today: dt.date) -> WaveRow:
    own = [p for p in passages if p.wave_id == wave.id]
    live = [p for p in own if p.stage is Stage.LIVE]
    members = tuple(
        (known[p.site_id].name, _reached([q for q in own if q.site_id == p.site_id], today))
        for p in live
        if p.site_id in known
    )
    slips = [((p.actual_on or max(today, p.planned_on)) - p.planned_on).days for p in live if p.planned_on is not None]
    to_come = [p.planned_on for p in live if p.actual_on is None and p.planned_on is not None]
    return WaveRow(wave, members, max(slips, default=None), min(to_come, default=None))


def _steps(days: list[dt.date | None]) -> tuple[RolloutStep, ...]:
    ordered = sorted(day for day in days if day is not None)
    return tuple(RolloutStep(day, n) for n, day in enumerate(ordered, 1))
