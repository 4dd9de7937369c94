"""What the catalogue shows, gathered once per state of the record: metrics with their targets, and sites with their names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import streamlit as st

from analytics.results import Direction
from data import records
from data.measured import measured_spans
from data.metrics import metrics, undirected_metrics
from data.people import person_names
from data.sites import sites
from data.store import the_store
from data.targets import target_on
from data.types import Metric, Process, Site, SiteAlias, Target

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

Standing = Literal["in_force", "to_come", "past", "replaced"]


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """A dated target, whether it holds, and who set it when."""

    target: Target
    site: str | None  # None = every site
    standing: Standing
    set_by: str
    set_on: dt.date


@dataclass(frozen=True, slots=True)
class MetricEntry:
    """A metric of the catalogue. undecided: nobody has said which way is better."""

    metric: Metric
    undecided: bool
    targets: tuple[TargetEntry, ...]  # newest first, those of every site before those of one
    span: tuple[dt.date, dt.date] | None  # first and last period measured

    @property
    def in_force(self) -> TargetEntry | None:
        """The target that holds today at every site."""
        return next((entry for entry in self.targets if entry.site is None and entry.standing == "in_force"), None)

    @property
    def sites_with_their_own(self) -> int:
        """How many sites have a target of their own, today or to come."""
        own = {entry.target.site_id for entry in self.targets if entry.standing in ("in_force", "to_come")}
        return len(own - {None})

    @property
    def lacks_target(self) -> bool:
        """Whether it has a good direction and no target, now or to come, anywhere."""
        holds = any(entry.standing in ("in_force", "to_come") for entry in self.targets)
        return self.metric.direction is not Direction.NEUTRAL and not holds


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A site with the other names that files give it."""

    site: Site
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogueView:
    """The whole catalogue; metrics in the order they came, sites by name."""

    metrics: dict[str, MetricEntry]
    sites: dict[str, SiteEntry]
    synthetic: bool

    @property
    def undecided(self) -> list[MetricEntry]:
        """The metrics of which nobody has said which way is better."""
        return [entry for entry in self.metrics.values() if entry.undecided]

    @property
    def without_target(self) -> list[MetricEntry]:
        """The metrics with a good direction and no target."""
        return [entry for entry in self.metrics.values() if entry.lacks_target]


@st.cache_resource(max_entries=8, show_spinner=False)
def catalogue_view(version: str, today: dt.date) -> CatalogueView:  # noqa: ARG001 the key: each change makes a new view
    """Gather the catalogue as it stands on a day; `version` is the record's."""
    with the_store().read() as cursor:
        found_sites = {site.id: site for site in sorted(sites(cursor), key=lambda site: site.name.casefold())}
        names: dict[str, list[str]] = {}
        for alias in records.current(cursor, SiteAlias):
            names.setdefault(alias.site_id, []).append(alias.alias)
        undecided = {metric.id for metric in undirected_metrics(cursor)}
        spans, set_targets = measured_spans(cursor), _targets(cursor, found_sites, today)
        shown = {
            metric.id: MetricEntry(
                metric, metric.id in undecided, tuple(set_targets.get(metric.id, ())), spans.get(metric.id)
            )
            for metric in metrics(cursor)
        }
        synthetic = any(process.synthetic for process in records.current(cursor, Process))
    return CatalogueView(
        shown, {key: SiteEntry(site, tuple(names.get(key, ()))) for key, site in found_sites.items()}, synthetic
    )


def suggested_start(entry: MetricEntry, today: dt.date) -> dt.date:
    """Propose a target's first day: today, or the newest period where the data stop earlier, so that it meets a value."""
    return min(today, entry.span[1]) if entry.span else today


def sites_found(view: CatalogueView, text: str, most: int) -> tuple[list[SiteEntry], int]:
    """Choose the sites whose name, code, group or other name holds a text; then how many more there are than shown."""
    wanted = text.strip().casefold()
    found = [entry for entry in view.sites.values() if wanted in _searchable(entry)]
    return found[:most], max(0, len(found) - most)


def _searchable(entry: SiteEntry) -> str:
    site = entry.site
    return " ".join([site.name, site.code or "", site.group or "", *entry.aliases]).casefold()


def _targets(
    cursor: duckdb.DuckDBPyConnection, known: Collection[str], today: dt.date
) -> dict[str, list[TargetEntry]]:  # fmt: skip
    """Word nothing, order everything: each metric's targets, those of every site first, newest first."""
    found = records.current(cursor, Target)
    names = person_names(cursor)
    site_names = {site.id: site.name for site in sites(cursor) if site.id in known}
    by_place: dict[tuple[str, str | None], list[Target]] = {}
    for target in found:
        by_place.setdefault((target.metric_id, target.site_id), []).append(target)
    entries: dict[str, list[TargetEntry]] = {}
    for target in sorted(found, key=lambda one: (one.site_id is not None, -one.applies_from.toordinal())):
        revision = records.recorded(cursor, Target, target.id)
        entries.setdefault(target.metric_id, []).append(
            TargetEntry(
                target,
                site_names.get(target.site_id, target.site_id) if target.site_id else None,
                _standing(target, by_place[target.metric_id, target.site_id], today),
                names.get(revision.recorded_by or "", ""),
                revision.recorded_at.date(),
            )
        )
    return entries


def _standing(target: Target, of_place: list[Target], today: dt.date) -> Standing:
    holding = sorted({one.applies_from: one for one in of_place}.values(), key=lambda one: one.applies_from)
    if target not in holding:
        return "replaced"
    if target.applies_from > today:
        return "to_come"
    return "in_force" if target_on(holding, today) == target else "past"
