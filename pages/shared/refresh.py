"""An open page follows the record: it is drawn again when something was loaded or changed, but never under a form."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data.store import the_store
from pages.shared import frame
from wording import Language, say

if TYPE_CHECKING:
    from pages.shared.session import Visit

EVERY_SECONDS = 15  # a chart is at most twice that behind a load


def follow_record(visit: Visit, drawn_from: str) -> None:
    """Look at the record from time to time, and draw the page again when it is another one.

    drawn_from: the record's version before the page was drawn. While a form is open the page only says so.
    """
    if visit.signed_in:
        _watch(drawn_from, visit.language, form_open=_form_open())


@st.fragment(run_every=EVERY_SECONDS)
def _watch(drawn_from: str, language: Language, *, form_open: bool) -> None:
    if the_store().data_version() == drawn_from:
        return
    if not form_open:
        st.rerun()
    words, show = escape(say("sources.fresh.came", language)), escape(say("sources.fresh.show", language))
    here = escape("?" + urlencode(st.query_params.to_dict()), quote=True)
    frame.html(f'<p class="es es-fresh" role="status">{words} <a href="{here}" target="_self">{show}</a></p>')


def _form_open() -> bool:
    """Tell whether this run has opened a dialog: what is typed into one is lost when the page is drawn without it."""
    context = get_script_run_ctx()
    return bool(context and context.has_dialog_opened)
