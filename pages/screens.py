"""The list of screens: where each stands in the address, who may open it, and what shows it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from data.access import Permission


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen of the app. path "" is the first; word is its name's code; render stands in `module`."""

    path: str
    word: str
    module: str
    permission: Permission
    hidden: bool = False  # reached by links, not by the navigation
    live: bool = False  # drawn again by itself when the record changes; not where something is typed or held in hand

    def render(self) -> Callable[[], None]:
        """Return the function that shows the screen."""
        found: Callable[[], None] = importlib.import_module(self.module).render
        return found


SCREENS = (
    Screen("", "shared.nav.overview", "pages.leadership.overview", Permission.VIEW, live=True),
    Screen("metric", "shared.nav.metric", "pages.cohort.metric", Permission.VIEW, live=True),
    Screen("compare", "shared.nav.compare", "pages.cohort.compare", Permission.VIEW, live=True),
    Screen("decisions", "shared.nav.decisions", "pages.cohort.decisions", Permission.VIEW, live=True),
    Screen("key-results", "shared.nav.key_results", "pages.cohort.key_results", Permission.VIEW, live=True),
    Screen("rollout", "shared.nav.rollout", "pages.leadership.rollout", Permission.VIEW, live=True),
    Screen("upload", "shared.nav.upload", "pages.keepers.upload", Permission.UPLOAD),
    Screen("quality", "shared.nav.quality", "pages.keepers.quality", Permission.UPLOAD),
    Screen("sources", "shared.nav.sources", "pages.keepers.sources", Permission.MANAGE_SOURCES),
    Screen("tokens", "api.tokens.nav", "pages.keepers.tokens", Permission.UPLOAD),
    Screen("catalogue", "shared.nav.catalogue", "pages.keepers.catalogue", Permission.VIEW),
    Screen("publishing", "shared.nav.evidence", "pages.evidence.publishing", Permission.VIEW),
    Screen("people", "shared.nav.people", "pages.admin.people", Permission.MANAGE_PEOPLE),
    Screen("all-tokens", "api.tokens.nav_all", "pages.admin.tokens", Permission.MANAGE_PEOPLE),
    Screen("audit", "shared.nav.audit", "pages.admin.audit", Permission.READ_AUDIT),
)
