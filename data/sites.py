"""Processes, the sites that run them, the names sites go by, and the cohorts they learn in."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.gate import Change
from data.store import Store
from data.types import Cohort, Process, Site, SiteAlias, SiteKind


def register_process(
    store: Store, actor: Actor, *, name: str, description: str = "", synthetic: bool = False
) -> Process:
    """Register a process: the perimeter everything hangs on. Raises Refused("name_missing")."""
    process = Process(id=records.new_id(), name=_name(name), description=description, synthetic=synthetic)
    with store.change(actor, Permission.MANAGE_CATALOGUE) as tx:
        tx.append(process, "process.register")
    return process


def register_site(
    store: Store,
    actor: Actor,
    *,
    name: str,
    code: str | None = None,
    kind: SiteKind = SiteKind.OTHER,
    process_id: str | None = None,
    group: str | None = None,
) -> Site:
    """Register a site. Raises Refused("name_missing"), Refused("site_name_taken")."""
    site = Site(id=records.new_id(), name=_name(name), code=code, kind=kind, process_id=process_id, group=group)
    with store.change(actor, Permission.REGISTER_SITE) as tx:
        _check_free(tx, site.id, [site.name, *([code] if code else [])])
        tx.append(site, "site.register")
    return site


def edit_site(store: Store, actor: Actor, site_id: str, **changes: object) -> Site:
    """Change what is known of a site; a former name stays as an alias, so that its files are still recognised.

    Raises Refused("name_missing"), Refused("site_name_taken").
    """
    with store.change(actor, Permission.MANAGE_CATALOGUE, site_id=site_id) as tx:
        before = tx.must_know(Site, site_id)
        after = tx.revise(Site, site_id, "site.edit", **changes)
        _check_free(tx, site_id, [_name(after.name), *([after.code] if after.code else [])])
        if name_key(before.name) != name_key(after.name):
            tx.append(SiteAlias(id=records.new_id(), site_id=site_id, alias=before.name), "site.alias")
    return after


def add_alias(store: Store, actor: Actor, site_id: str, alias: str) -> SiteAlias:
    """Note another name that files give a site. Raises Refused("site_name_taken"), Refused("unknown_record")."""
    made = SiteAlias(id=records.new_id(), site_id=site_id, alias=_name(alias))
    with store.change(actor, Permission.REGISTER_SITE, site_id=site_id) as tx:
        tx.must_know(Site, site_id)
        _check_free(tx, site_id, [made.alias])
        tx.append(made, "site.alias")
    return made


def form_cohort(
    store: Store, actor: Actor, *, name: str, site_ids: Iterable[str], process_id: str | None = None
) -> Cohort:
    """Form a cohort of sites. Raises Refused("name_missing"), Refused("unknown_record")."""
    cohort = Cohort(id=records.new_id(), name=_name(name), site_ids=tuple(site_ids), process_id=process_id)
    with store.change(actor, Permission.MANAGE_CATALOGUE) as tx:
        _check_sites(tx, cohort.site_ids)
        tx.append(cohort, "cohort.form")
    return cohort


def edit_cohort(store: Store, actor: Actor, cohort_id: str, **changes: object) -> Cohort:
    """Change a cohort's name or sites. Raises Refused("unknown_record")."""
    with store.change(actor, Permission.MANAGE_CATALOGUE) as tx:
        cohort = tx.revise(Cohort, cohort_id, "cohort.edit", **changes)
        _check_sites(tx, cohort.site_ids)
    return cohort


def processes(cursor: duckdb.DuckDBPyConnection) -> list[Process]:
    """Read the processes, in the order they were registered."""
    return records.current(cursor, Process)


def sites(cursor: duckdb.DuckDBPyConnection, *, as_known_on: dt.datetime | None = None) -> list[Site]:
    """Read the sites, in the order they were registered."""
    return records.current(cursor, Site, as_known_on=as_known_on)


def cohorts(cursor: duckdb.DuckDBPyConnection, *, as_known_on: dt.datetime | None = None) -> list[Cohort]:
    """Read the cohorts, in the order they were formed."""
    return records.current(cursor, Cohort, as_known_on=as_known_on)


def cohorts_of(
    cursor: duckdb.DuckDBPyConnection, site_id: str, *, as_known_on: dt.datetime | None = None
) -> list[Cohort]:
    """Read the cohorts that a site is in."""
    return [cohort for cohort in cohorts(cursor, as_known_on=as_known_on) if site_id in cohort.site_ids]


def site_keys(cursor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Read which site each known name, code and alias stands for, in the form of `name_key`."""
    known = sites(cursor)
    keys = {name_key(alias.alias): alias.site_id for alias in records.current(cursor, SiteAlias)}
    keys |= {name_key(site.code): site.id for site in known if site.code}
    return keys | {name_key(site.name): site.id for site in known}


def site_named(cursor: duckdb.DuckDBPyConnection, text: str) -> Site | None:
    """Find the site that a text names by name, code or alias; None when none does."""
    site_id = site_keys(cursor).get(name_key(text))
    return records.one(cursor, Site, site_id) if site_id else None


def name_key(text: str) -> str:
    """Reduce a name to what makes two spellings the same: case, spaces and invisible characters fall away.

    >>> name_key("  Saint\\u00a0Étienne\\u200b ") == name_key("saint E\\u0301TIENNE")
    True
    """
    visible = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", " ".join(visible.split()).casefold())


def _name(name: str) -> str:
    if not name_key(name):
        raise Refused("name_missing")
    return unicodedata.normalize("NFC", name).strip()


def _check_free(tx: Change, site_id: str, names: list[str]) -> None:
    taken = site_keys(tx.cursor)
    for name in names:
        if taken.get(name_key(name), site_id) != site_id:
            raise Refused("site_name_taken", name=name)


def _check_sites(tx: Change, site_ids: Iterable[str]) -> None:
    for site_id in site_ids:
        tx.must_know(Site, site_id)
