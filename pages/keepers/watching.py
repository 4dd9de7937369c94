"""Long work as its keeper sees it: the stages done, the one under way, and the way to call it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.progress import Stage
from pages.keepers import words
from pages.keepers.desk import CHECK, FILE
from pages.shared import frame
from wording import say

if TYPE_CHECKING:
    from pages.keepers.desk import Desk
    from pages.shared.session import Visit
    from wording import Language

LOOK_EVERY_SECONDS = 0.5
READING = (Stage.READING, Stage.UNDERSTANDING, Stage.COMPARING)
LOADING = (Stage.STORING,)


def show_work(visit: Visit, desk: Desk) -> None:
    """Show the work under way on the file in hand, until it ends."""
    language = visit.language
    loading = desk.loading is not None
    name = desk.given.name if desk.given else ""
    title = say("keepers_mend.work.loading" if loading else "keepers_mend.work.reading", language, file=name)
    frame.page_head(visit, eyebrow=words.eyebrow(desk, None, language), title=title)
    frame.steps(words.step_names(language), CHECK if loading else FILE)
    frame.next_step(visit, say("keepers_mend.work.next", language))
    st.fragment(_follow, run_every=LOOK_EVERY_SECONDS)(desk, language)


def _follow(desk: Desk, language: Language) -> None:
    work = desk.loading or (desk.work[1] if desk.work else None)
    if work is None or work.finished:
        st.rerun()
    stages = LOADING if desk.loading is not None else READING
    now = stages.index(work.stage) if work.stage in stages else 0
    frame.notes(
        [
            frame.Note(rest=say(f"keepers_mend.stage.{stage.value}", language),
                       icon="done" if at < now else "clock" if at == now else "dots")
            for at, stage in enumerate(stages)
        ]
    )  # fmt: skip
    st.button(say("keepers_mend.work.cancel", language), key="upload-cancel", icon=":material/close:",
              on_click=desk.call_off)  # fmt: skip
