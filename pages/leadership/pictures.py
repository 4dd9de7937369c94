"""The pictures of the first screen, described once per state of the record, day, language and theme."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import streamlit as st

from analytics.results_rollout import Completion
from data.types import Stage
from pages.leadership.overview_view import Overview, WaveRow, overview
from pages.leadership.overview_words import rollout_answer, slip_words
from pages.leadership.rollout_view import outlook
from pages.shared.key_result_view import key_result_states
from pages.shared.plan_charts import key_result_chart, rollout_chart
from pages.shared.tables import Cell, Column, Line, html_table
from pages.shared.theme import Theme
from wording import NBSP, Language, say, sentence

MOST_NAMED = 8  # sites of a wave


@st.cache_resource(max_entries=32, show_spinner=False)
def rollout_picture(
    version: str, today: dt.date, language: Language, theme: Theme, *, ahead: bool = False
) -> dict[str, Any]:
    """Describe sites live against the plan; ahead: and when the others are likely live."""
    view = overview(version, today)
    found = outlook(version, today).completion if ahead else None
    words = rollout_answer(view, language)
    spec: dict[str, Any] = rollout_chart(
        view.live_steps, view.planned_steps, today=today, total=view.live.total, language=language, theme=theme,
        description=words if found is None else f"{words} {sentence(found, language)}",
        ahead=found.dates if isinstance(found, Completion) else (),
    ).to_dict(validate=False)  # fmt: skip
    return spec


@st.cache_resource(max_entries=32, show_spinner=False)
def key_results_picture(version: str, today: dt.date, language: Language, theme: Theme) -> dict[str, Any]:
    """Describe the key results on their way from baseline to target."""
    states = key_result_states(version, today)
    spec: dict[str, Any] = key_result_chart([s.line for s in states], language=language, theme=theme).to_dict(
        validate=False
    )
    return spec


def wave_table(view: Overview, language: Language) -> str:
    """Write the waves: their sites, how many are live, and the slip."""
    heads = [
        say("leadership.rollout.column.wave", language),
        Column(say("leadership.rollout.column.live", language), numeric=True),
        Column(say("leadership.rollout.column.slip", language), numeric=True),
    ]
    return html_table(
        heads,
        [_wave(row, language) for row in view.waves],
        caption=say("leadership.rollout.caption", language),
        as_list=False,
    )


def _wave(row: WaveRow, language: Language) -> Line:
    live = sum(stage in (Stage.LIVE, Stage.MATURE) for _, stage in row.members)
    words = slip_words(row.slip_days, row.earliest, language, complete=live == len(row.members))
    return Line(
        Cell(
            say("leadership.rollout.wave", language, n=row.wave.number),
            below=_members(row, language),
        ),
        [f"{live}/{len(row.members)}", words],
    )


def _members(row: WaveRow, language: Language) -> list[tuple[str | None, str] | str]:
    """A hexagon beside each site's name; of many sites, beside how many stand at each stage."""
    if len(row.members) <= MOST_NAMED:
        return [(_hexagon(stage), name) for name, stage in row.members]
    reached = Counter(_hexagon(stage) for _, stage in row.members)
    return [
        (shape, f"{reached[shape]}{NBSP}{say(f'leadership.rollout.key.{shape}', language)}")
        for shape in ("live", "preparing", "planned")
        if reached[shape]
    ]


def _hexagon(stage: Stage) -> str:
    return {Stage.LIVE: "live", Stage.MATURE: "live", Stage.PREPARING: "preparing"}.get(stage, "planned")
