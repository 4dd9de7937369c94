"""The words of the drift alarms on the first screen: which series begin to drift, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.leadership.overview_view import MOST_DRIFTS
from pages.shared.links import metric_link
from pages.shared.markup import Note
from wording import Language, date_, say

if TYPE_CHECKING:
    from data.attention import Drift
    from pages.leadership.overview_view import Overview


def lines(view: Overview, language: Language) -> list[Note]:
    """Tell the clearest drifts, the least likely to be chance first."""
    return [_note(drift, view, language) for drift in _standing(view)[:MOST_DRIFTS]]


def answer(view: Overview, language: Language) -> str:
    """Count the series that drift, of those long enough to be watched."""
    return say("scoring.drift.answer", language, n=len(_standing(view)), watched=view.watched)


def under_the_list(view: Overview, language: Language) -> str:
    """Say what is not in the list, and what the list is worth."""
    standing = len(_standing(view))
    parts = []
    if standing > MOST_DRIFTS:
        parts.append(say("scoring.drift.more", language, n=standing - MOST_DRIFTS))
    if standing < len(view.drifts):
        parts.append(say("scoring.drift.left_out", language, n=len(view.drifts) - standing))
    parts.append(say("scoring.drift.read", language))
    return " ".join(parts)


def _standing(view: Overview) -> list[Drift]:
    return [drift for drift in view.drifts if drift.stands]


def _note(drift: Drift, view: Overview, language: Language) -> Note:
    since = date_(drift.since, language)
    name = view.metrics[drift.metric_id].name(language)
    if drift.or_before:
        since = say("scoring.drift.or_before", language, date=since)
    found = say(f"scoring.drift.{drift.side}", language, metric=name, date=since)
    share = round(100 * drift.adjusted)
    small = [say("scoring.drift.chance", language, n=share) if share else say("scoring.drift.chance.less", language)]
    if drift.decision:
        small.append(say("scoring.drift.follows", language, label=drift.decision))
    elif drift.keeper_id in view.people:
        small.append(say("scoring.drift.keeper", language, name=view.people[drift.keeper_id]))
    icon = {True: "diamond", False: "square", None: "triangle"}[drift.good]
    link = metric_link(drift.site_id, drift.metric_id, language)
    return Note(what=view.sites[drift.site_id].name, rest=f", {found}", small=" · ".join(small), icon=icon, href=link)
