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
    key = _follow_address(name, options, default if default in options else ids[0])
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
    key = _follow_address(name, options, default)
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


def _follow_address(name: str, options: Mapping[str, str], default: str | None) -> str:
    """Set the widget to what the address says when that has changed, by the browser's back button; return its key."""
    key, seen, chosen = f"choice-{name}", f"address-{name}", asked(name)
    moved = seen in st.session_state and st.session_state[seen] != chosen
    if st.session_state.get(key) not in options or (moved and (chosen is None or chosen in options)):
        st.session_state[key] = chosen if chosen in options else default
    st.session_state[seen] = chosen
    return key


def _remember(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[f"address-{name}"] = st.session_state[key]
