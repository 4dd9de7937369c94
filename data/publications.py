"""Published pages: their bytes as frozen at publication, readable by anyone, withdrawn with a notice, never changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.experiments import plans
from data.gate import Change
from data.store import Store
from data.types import Experiment, Publication

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FILE_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")


def publish(store: Store, actor: Actor, publication: Publication, files: Mapping[str, bytes]) -> Publication:
    """Freeze a page and its files under a slug of its own, with a hash over them all.

    publication: its id and content_hash are given here; files: by name, bytes as they will be served.
    Raises Refused("slug_unfit"), Refused("slug_taken") (withdrawn ones too), Refused("files_missing"),
    Refused("file_name_unfit"), Refused("plan_not_frozen").
    """
    if not SLUG.fullmatch(publication.slug):
        raise Refused("slug_unfit", found=publication.slug)
    if not files:
        raise Refused("files_missing")
    for name in files:
        if not FILE_NAME.fullmatch(name):
            raise Refused("file_name_unfit", found=name)
    given = {"id": records.new_id(), "content_hash": content_hash(files), "withdrawn_on": None, "withdrawn_reason": ""}
    page = publication.model_copy(update=given)
    store.retrying(lambda: _publish(store, actor, page, files))
    return page


def withdraw(store: Store, actor: Actor, publication_id: str, *, reason: str) -> Publication:
    """Take a page's files from view; its slug, title, dates and the reason stay as a notice.

    Raises Refused("reason_missing"), Refused("already_withdrawn"), Refused("unknown_record").
    """
    if not reason.strip():
        raise Refused("reason_missing")
    with store.read() as cursor:
        known = records.one(cursor, Publication, publication_id)
        site_ids = _sites(cursor, known.experiment_id) if known else ()
    with store.change(actor, Permission.WITHDRAW, site_ids=site_ids) as tx:
        if tx.must_know(Publication, publication_id).withdrawn_on is not None:
            raise Refused("already_withdrawn")
        changes = {"withdrawn_on": store.today(), "withdrawn_reason": reason.strip()}
        return tx.revise(Publication, publication_id, "publication.withdraw", **changes)


def publications(cursor: duckdb.DuckDBPyConnection) -> list[Publication]:
    """Read every page ever published, withdrawn ones too, in the order of publication. Needs no actor."""
    return records.current(cursor, Publication)


def publication(cursor: duckdb.DuckDBPyConnection, slug: str) -> Publication | None:
    """Read the page published under a slug; None when there is none. Needs no actor."""
    found = records.current(cursor, Publication, slug=slug)
    return found[0] if found else None


def publication_file(cursor: duckdb.DuckDBPyConnection, slug: str, name: str) -> bytes | None:
    """Read one file of a page as it was frozen; None when there is none, or the page is withdrawn. Needs no actor."""
    page = publication(cursor, slug)
    return None if page is None or page.withdrawn_on is not None else frozen_files(cursor, page.id).get(name)


def published_on(cursor: duckdb.DuckDBPyConnection, publication_id: str) -> dt.datetime:
    """Read the moment a page was published. Needs no actor."""
    return records.recorded(cursor, Publication, publication_id).recorded_at


def is_intact(cursor: duckdb.DuckDBPyConnection, page: Publication) -> bool:
    """Tell whether a page's stored files still have the hash of their publication."""
    return content_hash(frozen_files(cursor, page.id)) == page.content_hash


def frozen_files(cursor: duckdb.DuckDBPyConnection, publication_id: str) -> dict[str, bytes]:
    """Read a page's files by name, whether it is withdrawn or not: for checks, never for serving."""
    rows = cursor.execute(
        "SELECT name, content FROM publication_file WHERE publication_id = ? ORDER BY name", [publication_id]
    ).fetchall()
    return {name: bytes(content) for name, content in rows}


def content_hash(files: Mapping[str, bytes]) -> str:
    """Hash files together: SHA-256 over each one's name, length and bytes, in name order."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\n{len(files[name])}\n".encode())
        digest.update(files[name])
    return digest.hexdigest()


def _publish(store: Store, actor: Actor, page: Publication, files: Mapping[str, bytes]) -> None:
    with store.read() as cursor:
        site_ids = _sites(cursor, page.experiment_id)
    with store.change(actor, Permission.PUBLISH, site_ids=site_ids) as tx:
        tx.in_turn("publication")
        tx.must_know(Experiment, page.experiment_id)
        if not site_ids:
            raise Refused("plan_not_frozen")
        if records.current(tx.cursor, Publication, slug=page.slug):
            raise Refused("slug_taken", found=page.slug)
        tx.append(page, "publication.publish")
        _keep(tx, page, files)


def _keep(tx: Change, page: Publication, files: Mapping[str, bytes]) -> None:
    for name in sorted(files):
        digest = hashlib.sha256(files[name]).hexdigest()
        tx.cursor.execute(
            "INSERT INTO publication_file VALUES (?, ?, ?, ?, ?, ?, ?)",
            [page.id, page.slug, name, files[name], digest, tx.id, records.stored_time(tx.recorded_at)],
        )


def _sites(cursor: duckdb.DuckDBPyConnection, experiment_id: str) -> tuple[str, ...]:
    frozen = plans(cursor, experiment_id)
    return frozen[-1].site_ids if frozen else ()
