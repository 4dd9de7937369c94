"""The Streamlit script: who is asking, which screens they have, and the one they asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.access import allowed_somewhere
from data.store import the_store
from pages.screens import SCREENS, headings_of
from pages.shared.frame import current_theme
from pages.shared.language import follow_reader
from pages.shared.links import know
from pages.shared.refresh import follow_record
from pages.shared.session import keep_language, visit, who_line
from pages.shared.theme import FAVICON, logo
from wording import say

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


def main() -> None:
    """Offer every screen's address, list those that this person may open, and run the one asked for."""
    now = visit()
    st.set_page_config(page_title=say("shared.app.name", now.language), page_icon=FAVICON, layout="wide")
    st.logo(logo(current_theme()))
    pages = [
        st.Page(
            screen.render(),
            title=say(screen.word, now.language),
            url_path=screen.path,
            default=screen.path == "",
            visibility="visible" if allowed_somewhere(now.actor, screen.permission) else "hidden",
        )
        for screen in SCREENS
    ]
    headings = headings_of(
        [screen.path for screen, page in zip(SCREENS, pages, strict=True) if page.visibility == "visible"]
    )
    listed: dict[str, list[StreamlitPage]] = {"": []}
    for screen, page in zip(SCREENS, pages, strict=True):
        heading = headings.get(screen.path)
        listed.setdefault(say(heading, now.language) if heading else "", []).append(page)
    know({screen.path: page for screen, page in zip(SCREENS, pages, strict=True)})
    chosen = st.navigation(listed, position="top")
    keep_language(now)
    follow_reader(now.language)
    drawn_from = the_store().data_version()
    chosen.run()
    who_line(now)
    if any(screen.live and screen.path == chosen.url_path for screen in SCREENS):
        follow_record(now, drawn_from)


main()
