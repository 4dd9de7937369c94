"""The list of screens: where each stands in the address, who may open it, and what shows it."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from data.access import Permission


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen of the app. path "" is the first; word is its name's code; render stands in `module`.

    group: the code of the heading that it is found under; "" = it stands in the open.
    """

    path: str
    word: str
    module: str
    permission: Permission
    group: str = ""
    live: bool = False  # drawn again by itself when the record changes; not where something is typed or held in hand

    def render(self) -> Callable[[], None]:
        """Return the function that shows the screen."""
        found: Callable[[], None] = importlib.import_module(self.module).render
        return found


DATA, ADMINISTRATION = "shared.nav.group.data", "shared.nav.group.administration"
TRIALS, SITES = "shared.nav.experiments", "between.nav.group"
SCREENS = (
    Screen("", "shared.nav.overview", "pages.leadership.overview", Permission.VIEW, live=True),
    Screen("metric", "shared.nav.metric", "pages.cohort.metric", Permission.VIEW, live=True),
    Screen("compare", "shared.nav.compare", "pages.cohort.compare", Permission.VIEW, live=True),
    Screen("decisions", "shared.nav.decisions", "pages.cohort.decisions", Permission.VIEW, live=True),
    Screen("key-results", "shared.nav.key_results", "pages.cohort.key_results", Permission.VIEW, live=True),
    Screen("experiments", "experiments.nav", "pages.cohort.experiments", Permission.VIEW, group=TRIALS),
    Screen("practices", "pooling_view.nav", "pages.cohort.practices", Permission.VIEW, group=TRIALS, live=True),
    Screen("rollout", "shared.nav.rollout", "pages.leadership.rollout", Permission.VIEW, group=SITES, live=True),
    Screen("between", "between.nav", "pages.cohort.between", Permission.VIEW, group=SITES, live=True),
    Screen("upload", "shared.nav.upload", "pages.keepers.upload", Permission.UPLOAD),
    Screen("quality", "shared.nav.quality", "pages.keepers.quality", Permission.UPLOAD, group=DATA),
    Screen("sources", "shared.nav.sources", "pages.keepers.sources", Permission.MANAGE_SOURCES, group=DATA),
    Screen("catalogue", "shared.nav.catalogue", "pages.keepers.catalogue", Permission.VIEW, group=DATA),
    Screen("tokens", "api.tokens.nav", "pages.keepers.tokens", Permission.UPLOAD, group=DATA),
    Screen("publishing", "shared.nav.evidence", "pages.evidence.publishing", Permission.VIEW),
    Screen("people", "shared.nav.people", "pages.admin.people", Permission.MANAGE_PEOPLE, group=ADMINISTRATION),
    Screen("all-tokens", "api.tokens.nav_all", "pages.admin.tokens", Permission.MANAGE_PEOPLE, group=ADMINISTRATION),
    Screen("audit", "shared.nav.audit", "pages.admin.audit", Permission.READ_AUDIT, group=ADMINISTRATION),
)


def headings_of(listed: Collection[str]) -> dict[str, str]:
    """Say under which heading each listed screen is found; those in the open are left out.

    listed: the paths that somebody sees. A heading of one screen would only hide it.

    >>> headings_of(["", "catalogue"]), sorted(headings_of(["", "catalogue", "quality"]))
    ({}, ['catalogue', 'quality'])
    """
    seen = [screen for screen in SCREENS if screen.path in listed and screen.group]
    sizes = Counter(screen.group for screen in seen)
    return {screen.path: screen.group for screen in seen if sizes[screen.group] > 1}
