"""Going from one screen to another, with what to look at in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

    from wording import Language

_KNOWN = "screens-by-path"


def know(pages: Mapping[str, StreamlitPage]) -> None:
    """Remember this run's screens by their path."""
    st.session_state[_KNOWN] = dict(pages)


def metric_link(site_id: str | None, metric_id: str | None, language: Language) -> str:
    """Give the address of one metric of one site."""
    return f"/metric?site={site_id}&metric={metric_id}&lang={language}"


def go(path: str, **query: str | None) -> NoReturn:
    """Open a screen of this session; what is None stays out of the address."""
    wanted = {name: chosen for name, chosen in query.items() if chosen is not None}
    for name in wanted:
        st.session_state.pop(f"choice-{name}", None)
    if st.query_params.get("lang"):
        wanted.setdefault("lang", st.query_params["lang"])
    st.switch_page(st.session_state[_KNOWN][path], query_params=wanted)
