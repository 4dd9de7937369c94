"""The frame of every screen: head, next step, sections, counts, notes and the states in which there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.shared import markup
from pages.shared.markup import Count, Note
from pages.shared.pictures import described
from pages.shared.theme import PAGE_WIDTH, Theme

if TYPE_CHECKING:
    import altair as alt
    from streamlit.delta_generator import DeltaGenerator

    from pages.shared.session import Visit

__all__ = [
    "Act", "Count", "Note", "counts", "current_theme", "dress", "empty_state", "error_state", "footer", "html",
    "key_line", "loading_state", "next_step", "notes", "on_phone", "page", "page_head", "section", "show_chart", "small",
    "steps",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """A button: its words, its key, and what pressing it calls; or the page it leads to."""

    label: str
    key: str
    icon: str | None = None  # a Material name, for example "push_pin"
    on_click: Callable[..., object] | None = None
    args: tuple[object, ...] = ()
    disabled: bool = False
    help: str | None = None


def current_theme() -> Theme:
    """The theme the reader sees; light until the browser has said so."""
    return "dark" if st.context.theme.type == "dark" else "light"


def on_phone() -> bool:
    """A hint from the browser's own name: the server cannot know the width."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def html(body: str) -> None:
    """Show a piece of markup."""
    st.html(body)


def dress() -> None:
    """Put the stylesheet on the page; `page_head` does it already."""
    html(markup.style(current_theme()))


def page() -> DeltaGenerator:
    """The centred column that everything on a page stands in: `with page():`."""
    outer = st.container(horizontal_alignment="center")
    return outer.container(width=PAGE_WIDTH)


def page_head(visit: Visit, *, eyebrow: str, title: str, lead: str = "", synthetic: bool = False) -> None:
    """Eyebrow, language links, and the finding as the title; the stylesheet comes with it."""
    dress()
    html(markup.head(eyebrow, title, visit.language, st.query_params.to_dict(), lead, made_up=synthetic))


def next_step(
    visit: Visit, text: str, primary: Act | None = None, secondary: Act | None = None, *, narrow: bool = False
) -> str | None:
    """One next step with one primary button and at most one secondary; returns the key of the one pressed.

    narrow: the buttons stand below, as they do on a phone; else beside the words.
    """
    acts: list[tuple[Act, Literal["primary", "secondary"]]] = []
    if primary:
        acts.append((primary, "primary"))
    if secondary:
        acts.append((secondary, "secondary"))
    if not acts or narrow or on_phone():
        html(markup.next_step(text, visit.language))
        with st.container(horizontal=True) if acts else nullcontext():
            return _pressed(acts)
    with st.container(horizontal=True, vertical_alignment="center"):
        html(markup.next_step(text, visit.language))
        return _pressed(acts)


def _pressed(acts: Sequence[tuple[Act, Literal["primary", "secondary"]]]) -> str | None:
    pressed = [act.key for act, kind in acts if _button(act, kind)]
    return pressed[0] if pressed else None


def _button(act: Act, kind: Literal["primary", "secondary"]) -> bool:
    return st.button(
        act.label,
        key=act.key,
        icon=f":material/{act.icon}:" if act.icon else None,
        type=kind,
        on_click=act.on_click,
        args=act.args,
        disabled=act.disabled,
        help=act.help,
    )


def section(title: str, sentence: str | None = None, *, ruled: bool = True, level: Literal[2, 3] = 2) -> None:
    """Open a section with a question, and one sentence of answer."""
    html(markup.section(title, sentence, ruled=ruled, level=level))


def counts(columns: Sequence[Count]) -> None:
    """Show the counts that open an overview."""
    html(markup.counts(columns))


def show_chart(chart: alt.TopLevelMixin, key: str) -> None:
    """Show a chart with its words as the text alternative."""
    spec, words = described(chart)
    st.vega_lite_chart(spec, theme=None, width="stretch", key=key, alt=words)


def key_line(items: Sequence[tuple[str | None, str] | str]) -> None:
    """Show the key of a picture: icon and word, never a legend inside the chart."""
    html(markup.key_line(items))


def notes(lines: Sequence[Note]) -> None:
    """Show a list: decisions, faults, actions."""
    html(markup.notes(lines))


def steps(names: Sequence[str], current: int) -> None:
    """Show where one is in a longer act."""
    html(markup.steps(names, current))


def small(text: str) -> None:
    """Show a remark under a picture."""
    html(markup.small(text))


def empty_state(what: str, who: str = "", act: Act | None = None) -> bool:
    """Say what is missing and who can bring it, with one button; True when it is pressed."""
    html(markup.empty(what, who))
    return bool(act) and _button(act, "primary")


def error_state(what: str, *, safe: str, act: str, reference: str = "") -> None:
    """Say what happened, what is safe, what to do."""
    html(markup.error(what, safe=safe, act=act, reference=reference))


def loading_state(visit: Visit, height: int = 430) -> None:
    """Hold the picture's place while the first answer is computed."""
    html(markup.loading(height, visit.language))


def footer(text: str) -> None:
    """Close the page with one small line."""
    html(markup.footer(text))
