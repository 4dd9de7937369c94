"""What a reader sees when a page fails: words in their language and a reference, never the error itself."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress

import streamlit as st

from pages.shared import frame
from pages.shared.session import visit
from wording import Language, pick_language, say

LOGGER = logging.getLogger(__name__)


def show_failure(failure: Exception) -> bool:
    """Say that the page failed, what is safe and what to do; the log holds the same reference. True: it is shown."""
    reference = secrets.token_hex(4)
    LOGGER.error("reference %s: a page failed with %s", reference, type(failure).__name__)
    language = _language()
    with frame.page():
        frame.dress()
        frame.error_state(
            say("shared.error.page.what", language),
            safe=say("shared.error.page.safe", language),
            act=say("shared.error.page.act", language),
            reference=say("shared.error.reference", language, reference=reference),
        )
    return True


def _language() -> Language:
    """The reader's language, even when what failed is looking up who is asking."""
    with suppress(Exception):
        return visit().language
    return pick_language(asked=st.query_params.get("lang"), accept=st.context.headers.get("Accept-Language"))
