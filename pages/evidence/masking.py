"""Site names that stay private: letters in their place, in every text that leaves the app."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.types import Site, SiteAlias
from wording import Language, say


@dataclass(frozen=True, slots=True)
class Masks:
    """How each site is called on a page: its name, or a letter when names are masked."""

    sites: tuple[Site, ...]
    aliases: tuple[SiteAlias, ...] = ()
    hidden: bool = False

    def name(self, site_id: str, language: Language) -> str:
        """Name one site."""
        place = next(index for index, site in enumerate(self.sites) if site.id == site_id)
        return self._called(place, language) if self.hidden else self.sites[place].name

    def names(self, site_ids: Sequence[str], language: Language) -> str:
        """Name sites in a list, in the order of the plan."""
        return ", ".join(self.name(site_id, language) for site_id in site_ids)

    def text(self, words: str, language: Language) -> str:
        """Put letters in place of the names, codes and aliases that a text mentions."""
        if not self.hidden:
            return words
        for place, site in enumerate(self.sites):
            for known in sorted(self._known_as(site), key=len, reverse=True):
                words = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", self._called(place, language), words, flags=re.I)
        return words

    def _known_as(self, site: Site) -> set[str]:
        aliases = {alias.alias for alias in self.aliases if alias.site_id == site.id}
        return {known for known in {site.name, site.code or "", *aliases} if known.strip()}

    @staticmethod
    def _called(place: int, language: Language) -> str:
        return say("evidence.masked_site", language, letter=_letters(place))


def _letters(place: int) -> str:
    """Count with letters: A to Z, then AA.

    >>> _letters(0), _letters(26)
    ('A', 'AA')
    """
    head, last = divmod(place, 26)
    return (_letters(head - 1) if head else "") + chr(ord("A") + last)
