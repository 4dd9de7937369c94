"""Key results as a table: pace in a word and an icon, value with the date of its data, due date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results import Progress
from pages.shared.icons import PACE_ICONS
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, date_, say, sentence, state, value

if TYPE_CHECKING:
    from pages.shared.key_result_view import KeyResultState


def key_result_table(states: Sequence[KeyResultState], language: Language) -> str:
    """Write one line a key result."""
    heads = [
        say("leadership.kr.column.key_result", language),
        say("leadership.kr.column.pace", language),
        Column(say("leadership.kr.column.current", language), numeric=True),
        Column(say("leadership.kr.column.due", language), numeric=True),
    ]
    return html_table(
        heads, [_line(state, language) for state in states], caption=say("leadership.kr.caption", language)
    )


def _line(found: KeyResultState, language: Language) -> Line:
    due = date_(found.key_result.due_date, language)
    if not isinstance(found.progress, Progress):
        return Line(found.key_result.title, [sentence(found.progress, language), "–", due])
    now = Cell(
        value(found.progress.current_value, found.metric, language),
        below=(say("leadership.kr.age", language, n=found.progress.data_age_days),),
    )
    pace = Cell(state(found.progress.pace, language), icon=PACE_ICONS[found.progress.pace])
    return Line(Cell(found.key_result.title, below=(found.owner,)), [pace, now, due])
