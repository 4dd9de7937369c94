"""Which site on record each name of a file stands for: as a person chose, or by name, code or alias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from data.sites import name_key
from loaders.melt import SiteRows


class SiteFinder:
    """Finds the site that a name or a code stands for.

    known: keys (data.sites.name_key) -> id. chosen: a name as the file writes it -> id; an id not on record is none.

    >>> find = SiteFinder({"lyon": "1"}, {"Lyons": "1"})
    >>> find("Lyons", None), find("LYON", "69"), find("Nice", None)
    ('1', '1', None)
    """

    def __init__(self, known: Mapping[str, str], chosen: Mapping[str, str]) -> None:
        ids = set(known.values())
        self._chosen = {name_key(written): site_id for written, site_id in chosen.items() if site_id in ids}
        self._known = known

    def __call__(self, name: str, code: str | None) -> str | None:
        """Give the id of the site; None when no site on record goes by this name or code."""
        keys = [name_key(text) for text in (code, name) if text]
        found = [names[key] for names in (self._chosen, self._known) for key in keys if key in names]
        return found[0] if found else None


def one_entry_a_site(sites: SiteRows, find: SiteFinder) -> SiteRows:
    """Take the names that stand for one site on record for that one site, under the name that comes first."""
    first: dict[str, int] = {}
    numbers: list[int] = []
    kept: list[int] = []
    for at, (name, code) in enumerate(sites.names):
        site_id = find(name, code)
        number = first.setdefault(site_id, len(kept)) if site_id is not None else len(kept)
        numbers.append(number)
        if number == len(kept):
            kept.append(at)
    if len(kept) == len(sites.names):
        return sites
    renumbered = np.array([*numbers, -1], np.int64)  # the last is for rows without a site: -1
    return replace(
        sites,
        codes=renumbered[sites.codes],
        names=tuple(sites.names[at] for at in kept),
        first_rows=sites.first_rows[kept],
    )
