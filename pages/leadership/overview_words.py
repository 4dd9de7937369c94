"""The words of the first screen: its finding, its three counts, its next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from analytics.results import Pace, Progress
from data.attention import Due, Kind, Shift
from pages.shared.links import metric_link
from pages.shared.markup import Count, Note
from wording import Language, date_, say

if TYPE_CHECKING:
    from pages.leadership.overview_view import Overview, SiteRow
    from pages.shared.key_result_view import KeyResultState
    from pages.shared.session import Visit

LINES = 3  # of each count
MANY_SITES = 30  # above it the table begins with the sites in need
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """The next step: its words and the screen it leads to."""

    text: str
    path: str
    label: str
    icon: str
    query: dict[str, str] = field(default_factory=dict)


def eyebrow(view: Overview, language: Language) -> str:
    """Say to which day the data go, and from how many sites."""
    if view.data_date is None:
        return say("leadership.eyebrow.none", language)
    measured = sum(bool(row.standings) for row in view.rows)
    return say("leadership.eyebrow", language, date=date_(view.data_date, language), n=measured, total=len(view.sites))


def title(view: Overview, language: Language) -> str:
    """Return the finding: sites live against the plan."""
    if not view.sites:
        return say("leadership.title.empty", language)
    if not view.waves:
        return say("leadership.title.no_plan", language, n=len(view.sites))
    behind = sum(due.kind is Kind.GO_LIVE for due in view.late)
    words = {"live": view.live.live, "total": view.live.total}
    return (
        say("leadership.title.live_late", language, n=behind, **words)
        if behind
        else say("leadership.title.live", language, **words)
    )


def counts(view: Overview, visit: Visit) -> list[Count]:
    """Count what changed, what waits and what is late, with the first lines of each."""
    language = visit.language
    return [
        _count("changes", [shift_note(shift, view, visit) for shift in view.shifts], language),
        _count("decisions", [due_note(due, view, language) for due in view.waits], language),
        _count("late", [late_note(due, view, language) for due in view.late], language),
    ]


def _count(name: str, lines: list[Note], language: Language) -> Count:
    shown = lines[:LINES] or [Note(rest=say(f"leadership.nothing.{name}", language))]
    if len(lines) > LINES:
        shown.append(Note(small=say("leadership.more", language, n=len(lines) - LINES)))
    return Count(len(lines), say(f"leadership.count.{name}", language, n=len(lines)), shown)


def shift_note(shift: Shift, view: Overview, visit: Visit) -> Note:
    """Tell one change: where, what, since when, and which decision may have done it."""
    language = visit.language
    name = view.metrics[shift.metric_id].name(language)
    points = say(f"charts.periods.{shift.grain}", language, n=shift.n_points)
    found = say(f"leadership.shift.{shift.rule}.{shift.side}", language, metric=name, points=points)
    code = "shift.follows" if shift.decision else "shift.unexplained"
    below = say(f"leadership.{code}", language, date=date_(shift.start, language), label=shift.decision or "")
    icon = {True: "diamond", False: "square", None: "triangle"}[shift.good]
    link = metric_link(shift.site_id, shift.metric_id, language)
    return Note(what=view.sites[shift.site_id].name, rest=f", {found}", small=below, icon=icon, href=link)


def due_note(due: Due, view: Overview, language: Language) -> Note:
    """Tell what waits for a decision, of whom, since when."""
    who = view.people.get(due.owner_id or "", "")
    date = date_(due.due_on, language) if due.due_on else ""
    below = " · ".join(part for part in (who, say(f"leadership.due.{due.kind}", language, date=date)) if part)
    if due.kind in (Kind.UNOWNED_SIGNAL, Kind.DRIFT):
        link = metric_link(due.site_id, due.metric_id, language)
        metric = view.metrics[due.metric_id or ""].name(language)
        return Note(what=view.sites[due.site_id or ""].name, rest=f", {metric}", small=below, icon="square", href=link)
    return Note(rest=due.title, small=below, tag=due.label)


def late_note(due: Due, view: Overview, language: Language) -> Note:
    """Tell what is late, and by how much."""
    days = say("shared.count.day", language, n=due.days_late or 0)
    words = say(f"leadership.late.{due.kind}", language, days=days)
    if due.kind is Kind.GO_LIVE and due.due_on:
        below = say("leadership.late.since", language, date=date_(due.due_on, language))
        return Note(what=view.sites[due.site_id or ""].name, rest=f", {words}", small=below, icon="clock")
    return Note(rest=f"{due.title}, {words}", small=view.people.get(due.owner_id or "", ""), icon="clock")


def next_step(view: Overview, visit: Visit) -> Step:
    """Choose the one next step: a concern nobody owns, then what waits, then what is late, then the next file."""
    language = visit.language
    unowned = next((shift for shift in view.shifts if shift.good is False and shift.decision is None), None)
    if unowned is not None:
        return _look_at("leadership.next.unowned", unowned.site_id, unowned.metric_id, view, language)
    if view.waits:
        due = view.waits[0]
        if due.kind is Kind.DRIFT:
            return _look_at("scoring.drift.next", due.site_id or "", due.metric_id or "", view, language)
        code = "verdict" if due.kind is Kind.VERDICT else "review"
        text = say(f"leadership.next.{code}", language, label=due.label, title=due.title)
        return Step(text, "decisions", say("leadership.next.open_decisions", language), "event_note")
    if view.late:
        return Step(
            say("leadership.next.late", language), "rollout", say("leadership.next.open_rollout", language), "flag"
        )
    return Step(
        say("leadership.next.upload", language), "upload", say("leadership.next.open_upload", language), "upload"
    )


def _look_at(code: str, site_id: str, metric_id: str, view: Overview, language: Language) -> Step:
    names = {"site": view.sites[site_id].name, "metric": view.metrics[metric_id].name(language)}
    query = {"site": site_id, "metric": metric_id}
    return Step(
        say(code, language, **names), "metric", say("leadership.next.open_metric", language), "search", query
    )  # fmt: skip


def rollout_question(view: Overview, language: Language) -> str:
    """Ask when all sites will be live."""
    return say("leadership.rollout.question", language, total=view.live.total or len(view.sites))


def rollout_answer(view: Overview, language: Language) -> str:
    """Answer with the sites live against those planned."""
    if not view.waves:
        return say("leadership.rollout.none", language)
    behind = max((due.days_late or 0 for due in view.late if due.kind is Kind.GO_LIVE), default=0)
    if not behind:
        return say("leadership.rollout.answer.on_time", language, live=view.live.live)
    days = say("shared.count.day", language, n=behind)
    return say("leadership.rollout.answer.late", language, live=view.live.live, planned=view.live.planned, days=days)


def stage_key(language: Language) -> list[tuple[str | None, str] | str]:
    """Name the hexagons."""
    names = (("live", "live"), ("preparing", "preparing"), ("planned", "planned"))
    return [(icon, say(f"leadership.rollout.key.{word}", language)) for icon, word in names]


def key_results_answer(states: Sequence[KeyResultState], language: Language) -> str:
    """Count the key results by pace."""
    if not states:
        return say("leadership.kr.none", language)
    paces = [state.progress.pace for state in states if isinstance(state.progress, Progress)]
    return say("leadership.kr.answer", language, **{pace.value: paces.count(pace) for pace in Pace})


def board_key(language: Language) -> list[tuple[str | None, str] | str]:
    """Name the icons of the table."""
    icons = {
        "improving": "diamond",
        "concern": "square",
        "steady": "ring",
        "will_pass": "tick",
        "hit_and_miss": "zigzag",
        "will_fail": "miss",
    }
    return [(icon, say(f"leadership.table.key.{word}", language)) for word, icon in icons.items()]


def chosen_rows(view: Overview, visit: Visit) -> list[SiteRow]:
    """Return the rows to show: all of a few sites; of many, those in need or those searched for."""
    rows = list(view.rows)
    if len(rows) <= MANY_SITES:
        return rows
    language = visit.language
    left, right = st.columns([1, 1])
    names = {"need": say("leadership.table.filter.need", language), "all": say("leadership.table.filter.all", language)}
    shown = left.selectbox(
        say("leadership.table.filter", language), list(names), format_func=names.get, key="board-filter"
    )
    asked = right.text_input(say("leadership.table.search", language), key="board-search").strip().casefold()
    if asked:
        rows = [row for row in rows if asked in row.site.name.casefold() or asked in (row.site.code or "").casefold()]
    elif shown == "need":
        rows = [row for row in rows if row.need[:2] != (0, 0)]
    return rows[:MOST_ROWS]


def under_the_board(view: Overview, shown: int, language: Language) -> str:
    """Say how many sites are not in the table, or not measured."""
    parts = [shown_of(shown, view, language)]
    unmeasured = sum(not row.standings for row in view.rows)
    if unmeasured:
        parts.append(say("leadership.table.unmeasured", language, n=unmeasured))
    return " ".join(part for part in parts if part)


def shown_of(shown: int, view: Overview, language: Language) -> str:
    """Say how many of all sites are in a table; nothing where all are."""
    total = len(view.rows)
    return say("leadership.table.shown", language, shown=shown, total=total) if shown < total else ""


def slip_words(days: int | None, earliest: dt.date | None, language: Language, *, complete: bool) -> str:
    """Say how a wave stands against its plan."""
    if days is None:
        return "–"
    if days > 0:
        return say("leadership.rollout.slip", language, days=say("shared.count.day", language, n=days))
    if complete or earliest is None:
        return say("leadership.rollout.on_date", language)
    return say("leadership.rollout.from", language, date=date_(earliest, language))
