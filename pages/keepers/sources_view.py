"""What the sources page shows: the sources that this person may manage, as they stand now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import source_runs
from data.access import Permission, allowed
from data.people import person_names
from data.sites import processes, sites
from data.sources import may_manage
from data.store import the_store

if TYPE_CHECKING:
    from data.source_runs import Mark, SourceRun, SourceStanding
    from data.types import Source
    from pages.shared.session import Visit


@dataclass(frozen=True, slots=True)
class SourcesView:
    """Sources in the order they were linked; their newest runs by source; names of people, sites and processes by id."""

    standings: tuple[SourceStanding, ...]
    runs: dict[str, list[SourceRun]]
    people: dict[str, str]
    sites: dict[str, str]
    processes: dict[str, str]
    now: dt.datetime
    everywhere: bool  # whether the person may link a source that is not of one site
    own_sites: tuple[str, ...]

    @property
    def troubled(self) -> list[SourceStanding]:
        """Those that wait for a person: questions first."""
        found = [one for one in self.standings if one.in_trouble]
        return sorted(found, key=lambda one: one.last is None or one.last.outcome != "question")


def sources_view(visit: Visit) -> SourcesView:
    """Read the sources as they stand. Never cached: it depends on the person and on runs, which are not of the record."""
    store = the_store()
    with store.read() as cursor:
        managed = tuple(one for one in source_runs.standings(cursor) if may_manage(visit.actor, one.source))
        names = {site.id: site.name for site in sites(cursor)}
        return SourcesView(
            managed,
            {one.source.id: source_runs.runs_of(cursor, one.source.id, 5) for one in managed},
            person_names(cursor),
            names,
            {process.id: process.name for process in processes(cursor)},
            store.now(),
            allowed(visit.actor, Permission.UPLOAD) and allowed(visit.actor, Permission.MANAGE_SOURCES),
            tuple(key for key in names if allowed(visit.actor, Permission.UPLOAD, site_id=key)),
        )


def taken_from(source: Source) -> dict[str, Mark]:
    """Read what a source's runs have taken: only what waits is then fetched for a person."""
    with the_store().read() as cursor:
        return {name: mark for name, mark in source_runs.marks_of(cursor, source.id).items() if mark.file_hash}
