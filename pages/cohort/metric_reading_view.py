"""What the section under one metric's chart shows, gathered once per state of the record and shared by all readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics.results import NotComputable
from data import records
from data.proposals import Answered, Proposal, answers_on, open_proposals
from data.store import the_store
from data.types import Decision
from data.watched import Watched, watch
from pages.cohort import metric_reading_words as words
from pages.cohort.metric_view import metric_view
from pages.shared.theme import Theme
from pages.shared.trend_charts import drift_chart, levels_chart, trend_chart
from wording import Language


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One series beyond its chart. waiting: oldest first; answered: newest first; labels: of the decisions that answer."""

    watched: Watched
    waiting: tuple[Proposal, ...]
    answered: tuple[Answered, ...]
    labels: Mapping[str, str]


@st.cache_resource(max_entries=256, show_spinner=False)
def reading(version: str, *, site_id: str, metric_id: str, segment: str | None) -> Reading | None:
    """Gather the section's view; `version` is the record's. None where nothing has been loaded."""
    view = metric_view(version, site_id=site_id, metric_id=metric_id, segment=segment)
    if view is None or view.series is None:
        return None
    with the_store().read() as cursor:
        answered = answers_on(cursor, site_id=site_id, metric_id=metric_id, segment=segment)
        named = {each.answer.decision_id for each in answered if each.answer.decision_id}
        decisions = [records.one(cursor, Decision, name) for name in named]
    watched = watch(view.series, view.finest, view.decided)
    waiting = open_proposals(watched, view.result, [each.answer for each in answered], view.decided)
    return Reading(watched, waiting, answered, {found.id: found.label for found in decisions if found is not None})


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(
    version: str, *, site_id: str, metric_id: str, segment: str | None, name: str, language: Language, theme: Theme,
    phone: bool,
) -> dict[str, Any]:  # fmt: skip
    """Describe one picture of the section. Raises ValueError where its finding could not be computed."""
    view = metric_view(version, site_id=site_id, metric_id=metric_id, segment=segment)
    found = reading(version, site_id=site_id, metric_id=metric_id, segment=segment)
    if view is None or found is None:
        raise ValueError("nothing to draw")
    watched = found.watched
    options: dict[str, Any] = {
        "metric": view.metric, "grain": watched.grain, "language": language, "theme": theme, "phone": phone,
    }  # fmt: skip
    match name, watched.trend, watched.slope, watched.alarms, watched.changes:
        case "trend", trend, slope, _, _ if not isinstance(trend, NotComputable) and not isinstance(
            slope, NotComputable
        ):
            since = watched.values if watched.since is None else watched.values[watched.since.isoformat() :]
            drawn = trend_chart(since, slope, trend, description=words.trend(found, view, language), **options)
        case "drift", _, _, alarms, _ if not isinstance(alarms, NotComputable):
            options["grain"] = watched.alarm_grain
            drawn = drift_chart(alarms, description=words.drift(found, view, language), **options)
        case "levels", _, _, _, changes if not isinstance(changes, NotComputable):
            drawn = levels_chart(watched.values, changes, description=words.levels(found, view, language), **options)
        case _:
            raise ValueError(f"no picture of {name}")
    return drawn.to_dict(validate=False)
