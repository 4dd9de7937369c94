"""Choices that stand in the address, so that a link shows the same view to whoever opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

K = TypeVar("K", bound=str)


def asked(name: str) -> str | None:
    """Return what the address says of one choice."""
    return st.query_params.get(name)


def choose(
    label: str, options: Mapping[str, str], *, name: str, default: str | None = None, help_text: str | None = None
) -> str:
    """Offer options (id -> words) in a list and keep the chosen id in the address under `name`.

    An id in the address that is not offered is passed over; without one the default, or the first, is chosen.
    """
    ids = list(options)
    key = f"choice-{name}"
    chosen = asked(name)
    if chosen not in options:
        chosen = default if default in options else ids[0]
    if st.session_state.get(key) not in options:
        st.session_state[key] = chosen
    return st.selectbox(
        label,
        ids,
        format_func=lambda option: options.get(option, option),
        key=key,
        on_change=_remember,
        args=(name, key),
        help=help_text,
    )


def choose_one(label: str, options: Mapping[str, str], *, name: str, default: str) -> str:
    """Offer a few options side by side, kept in the address as `choose` does."""
    key = f"choice-{name}"
    chosen = asked(name)
    if st.session_state.get(key) not in options:
        st.session_state[key] = chosen if chosen in options else default
    picked = st.segmented_control(
        label,
        list(options),
        format_func=_words(options),
        key=key,
        on_change=_remember,
        args=(name, key),
        required=True,
    )
    return picked or default


def _words(options: Mapping[str, str]) -> Callable[[str], str]:
    return lambda option: options.get(option, option)


def _remember(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]
