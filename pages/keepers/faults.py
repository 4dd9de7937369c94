"""What there is to look at, by severity: each fault that stands in a cell is chosen by a press, and its cell is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.keepers import check_words, mending, words
from pages.shared import frame
from wording import say

if TYPE_CHECKING:
    from pages.keepers.desk import Desk
    from pages.keepers.reading import Held
    from wording import Language


def show_faults(desk: Desk, held: Held, language: Language) -> None:
    """List the faults, the worst first; the one that is chosen opens the field that mends it."""
    groups = check_words.fault_groups(held, language)
    if not groups:
        frame.notes([frame.Note(say("keepers.faults.none", language), small=check_words.counts_line(held, language))])
        return
    frame.section(say("keepers.faults.title", language), level=3, ruled=False)
    for group in groups:
        with st.container(gap=None):
            frame.notes([frame.Note(group.heading, icon=group.icon)])
            for at, line in enumerate(group.lines):
                _show_fault(desk, held, line, f"upload-fault-{group.name}-{at}", language)
    frame.small(check_words.counts_line(held, language))


def _show_fault(desk: Desk, held: Held, line: check_words.FaultLine, key: str, language: Language) -> None:
    if line.place is None:
        frame.small(" ".join(part for part in (line.where, line.words) if part))
        return
    chosen = desk.cell == line.place
    st.button(words.label(line.where), key=key, type="tertiary", on_click=desk.look_at, args=(line.place,),
              icon=":material/my_location:" if chosen else ":material/arrow_right:",
              help=None if chosen else say("keepers_mend.fault.show", language, place=line.place))  # fmt: skip
    frame.small(line.words)
    if chosen and not desk.in_turn and not held.understanding.loaded_before:
        mending.mend_one(desk, held, line.place, language)
