"""The rollout: waves of sites, the stages each passes, and how many are live against the plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.store import Store
from data.types import Process, Site, SiteStage, Stage, Wave


@dataclass(frozen=True, slots=True)
class SitesLive:
    """How many sites were live by a day, and how many the plan had."""

    day: dt.date
    live: int
    planned: int
    total: int  # sites with a planned or actual day to go live


def plan_wave(store: Store, actor: Actor, *, number: int, planned_on: dt.date, process_id: str | None = None) -> Wave:
    """Plan a wave. Raises Refused("wave_number_taken"), Refused("unknown_record")."""
    wave = Wave(id=records.new_id(), number=number, planned_on=planned_on, process_id=process_id)
    with store.change(actor, Permission.MANAGE_ROLLOUT) as tx:
        if process_id is not None:
            tx.must_know(Process, process_id)
        if any(other.number == number and other.process_id == process_id for other in waves(tx.cursor)):
            raise Refused("wave_number_taken", number=number)
        tx.append(wave, "wave.plan")
    return wave


def edit_wave(store: Store, actor: Actor, wave_id: str, **changes: object) -> Wave:
    """Change a wave's planned or actual day; every earlier form stays in its history."""
    with store.change(actor, Permission.MANAGE_ROLLOUT) as tx:
        return tx.revise(Wave, wave_id, "wave.edit", **changes)


def plan_stage(
    store: Store, actor: Actor, *, site_id: str, wave_id: str, stage: Stage, planned_on: dt.date | None
) -> SiteStage:
    """Plan when a site passes into a stage; planned again, it is the same passage with another day."""
    return _record(store, actor, site_id=site_id, wave_id=wave_id, stage=stage, planned_on=planned_on)


def reach_stage(
    store: Store, actor: Actor, *, site_id: str, wave_id: str, stage: Stage, actual_on: dt.date | None = None
) -> SiteStage:
    """Say that a site passed into a stage; actual_on None = today."""
    reached_on = actual_on or store.today()
    return _record(store, actor, site_id=site_id, wave_id=wave_id, stage=stage, actual_on=reached_on)


def waves(cursor: duckdb.DuckDBPyConnection) -> list[Wave]:
    """Read the waves, by number."""
    return sorted(records.current(cursor, Wave), key=lambda wave: wave.number)


def stages(
    cursor: duckdb.DuckDBPyConnection, *, site_id: str | None = None, as_known_on: dt.datetime | None = None
) -> list[SiteStage]:
    """Read the passages of a site, or (None) of all sites."""
    known = records.current(cursor, SiteStage, as_known_on=as_known_on)
    return [passage for passage in known if site_id in (None, passage.site_id)]


def stage_on(passages: list[SiteStage], day: dt.date) -> Stage:
    """Tell the furthest stage that one site's passages had reached by a day, inclusive."""
    order = list(Stage)
    reached = [p.stage for p in passages if p.actual_on is not None and p.actual_on <= day]
    return max(reached, key=order.index, default=Stage.PLANNED)


def sites_live(cursor: duckdb.DuckDBPyConnection, day: dt.date, *, as_known_on: dt.datetime | None = None) -> SitesLive:
    """Count the sites live by a day, inclusive, against those the plan had live by then."""
    known = [p for p in stages(cursor, as_known_on=as_known_on) if p.stage in (Stage.LIVE, Stage.MATURE)]
    live = {p.site_id for p in known if p.actual_on is not None and p.actual_on <= day}
    planned = {p.site_id for p in known if p.planned_on is not None and p.planned_on <= day}
    return SitesLive(day, len(live), len(planned), len({p.site_id for p in known}))


def _record(
    store: Store, actor: Actor, *, site_id: str, wave_id: str, stage: Stage, **days: dt.date | None
) -> SiteStage:
    with store.change(actor, Permission.MANAGE_ROLLOUT, site_id=site_id) as tx:
        tx.must_know(Site, site_id)
        tx.must_know(Wave, wave_id)
        known = [p for p in stages(tx.cursor, site_id=site_id) if p.wave_id == wave_id and p.stage is stage]
        if known:
            return tx.revise(SiteStage, known[0].id, f"site.{stage}", **days)
        passage = SiteStage(id=records.new_id(), site_id=site_id, wave_id=wave_id, stage=stage).model_copy(update=days)
        tx.append(passage, f"site.{stage}")
    return passage
