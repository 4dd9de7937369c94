"""What stands where nothing has been loaded yet: who can bring the first file, and the way there."""

from __future__ import annotations

from data.access import Permission, allowed_somewhere
from pages.shared import frame
from pages.shared.frame import Act
from pages.shared.links import go
from pages.shared.session import Visit
from wording import say


def nothing_measured(visit: Visit, screen: str) -> None:
    """Say on a whole page that nothing is measured yet, and who begins. screen: the code of its name."""
    frame.page_head(
        visit, eyebrow=say(screen, visit.language), title=say("cohort.metric.empty.catalogue", visit.language)
    )
    ask_for_file(visit, say("cohort.metric.empty.catalogue.who", visit.language))


def ask_for_file(visit: Visit, what: str, who: str = "") -> None:
    """Say what is missing and who can bring it; who may bring it goes there by one button."""
    may_bring = allowed_somewhere(visit.actor, Permission.UPLOAD)
    act = Act(say("leadership.next.open_upload", visit.language), "next-step", icon="upload") if may_bring else None
    if frame.empty_state(what, who, act):
        go("upload")
