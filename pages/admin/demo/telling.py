"""Tell the whole worked example into an empty store."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from data.people import people
from data.store import open_store
from pages.admin.demo import truth
from pages.admin.demo.decisions import decide
from pages.admin.demo.experiments import experiment
from pages.admin.demo.files import send
from pages.admin.demo.series import week_start
from pages.admin.demo.story import WEEKS_BEFORE, Story, StoryClock, found, roll_out

if TYPE_CHECKING:
    from wording import Language


def is_empty(where: str) -> bool:
    """Tell whether nobody is registered in a store yet."""
    store = open_store(where)
    try:
        with store.read() as cursor:
            return not people(cursor)
    finally:
        store.close()


def first_go_live(today: dt.date) -> dt.date:
    """Return the Monday of the first go-live, so that the last complete week of data ended before today."""
    monday = today - dt.timedelta(days=today.weekday())
    return week_start(monday, -(truth.LAST_WEEK + 1))


def tell(where: str, today: dt.date, language: Language) -> dict[str, int]:
    """Live the story up to today and return its counts: sites, observations, experiments."""
    begin = first_go_live(today)
    clock = StoryClock(week_start(begin, -WEEKS_BEFORE))
    store = open_store(where, clock=clock)
    try:
        story = Story(store, clock, language, begin)
        found(story)
        for chapter in (roll_out, send, experiment, decide):
            chapter(story)
        story.play(today)
        store.checkpoint()
        with store.read() as cursor:
            (observations,) = cursor.execute("SELECT count(*) FROM cur").fetchone()
    finally:
        store.close()
    return {"sites": len(truth.SITES), "observations": observations, "experiments": len(truth.TRIALS)}
