"""Files that leave a page: made when asked for, each under a name of its own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.pictures import to_png
from wording import say

if TYPE_CHECKING:
    import altair as alt

    from pages.shared.session import Visit


def own_name(name: str, ending: str) -> str:
    """Give a download a name that no other download has: two of one name and size would share an address.

    >>> own_name("Nantes · délai", "csv").startswith("Nantes-délai-")
    True
    """
    plain = re.sub(r"[^\w]+", "-", name).strip("-")[:80]
    return f"{plain or 'essaim'}-{secrets.token_hex(4)}.{ending}"


def offer_file(visit: Visit, make: Callable[[], bytes], *, name: str, ending: str, mime: str, word: str) -> None:  # noqa: ARG001
    """Offer a file; it is made only when somebody asks for it."""
    st.download_button(
        word, data=make, file_name=own_name(name, ending), mime=mime, key=f"download-{ending}", on_click="ignore",
        type="tertiary", icon=":material/download:",
    )  # fmt: skip


def offer_picture(visit: Visit, draw: Callable[[], alt.TopLevelMixin], *, name: str) -> None:
    """Offer a chart as PNG, with the decisions on it, on paper's colours."""
    offer_file(
        visit, lambda: to_png(draw(), visit.language), name=name, ending="png", mime="image/png",
        word=say("shared.button.download_png", visit.language),
    )  # fmt: skip
