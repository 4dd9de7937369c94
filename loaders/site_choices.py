"""Sites that a person names for those of a file, found in the record."""

from __future__ import annotations

import duckdb

from data.sites import site_named, sites
from loaders.choices import Choices
from loaders.grid import Refusal


def with_site_ids(choices: Choices, cursor: duckdb.DuckDBPyConnection) -> Choices:
    """Give the choices with each site by its id, where it was given by name, code or former name.

    Raises Refusal("no_such_site") for one that is not on record.
    """
    if not choices.sites:
        return choices
    known = {site.id for site in sites(cursor)}
    return choices.model_copy(
        update={
            "sites": {name: given if given in known else _id_of(given, cursor) for name, given in choices.sites.items()}
        }
    )


def _id_of(given: str, cursor: duckdb.DuckDBPyConnection) -> str:
    site = site_named(cursor, given)
    if site is None:
        raise Refusal("no_such_site", domain="loaders", name=given)
    return site.id
