"""The end of every form: its two ways out, and a change that is stored or refused in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from data.access import Forbidden, Refused
from data.store import Conflict
from pages.shared.refusals import refused_words
from wording import Language, say

if TYPE_CHECKING:
    from pages.shared.session import Visit


def pressed(language: Language, form: str) -> bool:
    """Show the two ways out of a form; True when it is to be saved."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(say("shared.button.cancel", language), key=f"{form}-cancel"):
            st.rerun()
        return st.button(say("shared.button.save", language), key=f"{form}-save", type="primary")


def save(visit: Visit, change: Callable[[], object], saved: str, *, under: str) -> None:
    """Make a change and show the screen again with the word `saved` kept in the session under a name; or say why not."""
    try:
        change()
    except (Refused, Forbidden) as refusal:
        st.error(refused_words(refusal, visit.language))
        return
    except Conflict:
        st.error(say("shared.error.conflict", visit.language))
        return
    st.session_state[under] = saved
    st.rerun()
