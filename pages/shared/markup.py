"""The pieces of a page as HTML text, every word from outside escaped: what `frame` shows and the public pages reuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from pages.shared.icons import icon, icon_styles
from pages.shared.theme import Theme, css_variables
from wording import Language, say

STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Note:
    """One line of a list: what in bold, the rest of the sentence, a small second line, an icon or a tag before it."""

    what: str = ""
    rest: str = ""
    small: Sequence[str] | str = ()
    icon: str | None = None
    tag: str | None = None
    open_tag: bool = False  # outlined: an incident, not an act
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """One of the counts under the thick rule: a number, its words and the first lines of what it counts."""

    number: int | str
    words: str
    notes: Sequence[Note] = ()


@cache
def style(theme: Theme) -> str:
    """The whole stylesheet with the theme's colours and icons."""
    return f"<style>:root{{{css_variables(theme)}}}{icon_styles(theme)}{STYLE}</style>"


CHOSEN = "chosen"  # says that the reader pressed the switch, and did not just follow somebody's link


def language_links(language: Language, query: Mapping[str, str]) -> str:
    """FR · EN, each keeping the rest of the address."""
    links = []
    for code in ("fr", "en"):
        address = escape("?" + urlencode({**query, "lang": code, CHOSEN: "1"}), quote=True)
        current = ' aria-current="true"' if code == language else ""
        name = escape(say(f"charts.language.{code}", language))
        links.append(
            f'<a class="es-lang-link" href="{address}" lang="{code}" hreflang="{code}" target="_self" '
            f'title="{name}"{current}>{code.upper()}</a>'
        )
    label = escape(say("charts.language.label", language))
    return f'<nav class="es-lang" aria-label="{label}">{" · ".join(links)}</nav>'


def head(
    eyebrow: str, title: str, language: Language, query: Mapping[str, str], lead: str = "", *, made_up: bool = False
) -> str:
    """Eyebrow and language links, then the finding as the page's one h1; made_up: the figures are an example's."""
    below = f'<p class="es-lead">{escape(lead)}</p>' if lead else ""
    mark = f'<span class="es-synthetic">{escape(say("charts.synthetic", language))}</span>' if made_up else ""
    return (
        f'<div class="es" lang="{language}"><div class="es-head"><div class="es-over">'
        f'<p class="es-eyebrow">{escape(eyebrow)}</p>{mark}</div>'
        f'{language_links(language, query)}</div><h1 class="es-title">{escape(title)}</h1>{below}</div>'
    )


def next_step(text: str, language: Language) -> str:
    """The violet-edged panel that names one act."""
    return (
        f'<div class="es es-next" lang="{language}"><p><strong>{escape(say("charts.next_step", language))}</strong> '
        f"{escape(text)}</p></div>"
    )


def section(title: str, sentence: str | None = None, *, ruled: bool = True, level: Literal[2, 3] = 2) -> str:
    """A question as a heading, and one sentence of answer; side headings are level 3 and have no rule."""
    below = f'<p class="es-sub">{escape(sentence)}</p>' if sentence else ""
    kind = "es-section" if ruled else "es-section-plain"
    return f'<div class="es {kind}"><h{level} class="es-h{level}">{escape(title)}</h{level}>{below}</div>'


def tag(label: str, *, outlined: bool = False) -> str:
    """The tag of a decision (filled) or of an incident (outlined).

    >>> tag("I-3", outlined=True)
    '<span class="es-tag es-tag-open">I-3</span>'
    """
    kind = "es-tag es-tag-open" if outlined else "es-tag"
    return f'<span class="{kind}">{escape(label)}</span>'


def key_line(items: Sequence[tuple[str | None, str] | str]) -> str:
    """Icon + word, in one line that wraps: (icon name, word), or a word alone."""
    pairs = [(None, item) if isinstance(item, str) else item for item in items]
    spans = (f"<span>{icon(name) if name else ''}{escape(word)}</span>" for name, word in pairs)
    return f'<div class="es es-key">{"".join(spans)}</div>'


def note(line: Note) -> str:
    """One item of a notes list."""
    before = icon(line.icon) if line.icon else ""
    before += tag(line.tag, outlined=line.open_tag) if line.tag else ""
    what = f'<span class="es-what">{escape(line.what)}</span>' if line.what else ""
    if line.href:
        what = f'<a href="{escape(line.href, quote=True)}" target="_self">{what}</a>'
    smalls = [line.small] if isinstance(line.small, str) else line.small
    said = " ".join(f"<span>{escape(small)}</span>" for small in smalls if small)
    below = f'<span class="es-small">{said}</span>' if said else ""
    return f"<li>{before}{what}{escape(line.rest)}{below}</li>"


def notes(lines: Sequence[Note]) -> str:
    """A list under hairlines."""
    return f'<ul class="es es-notes">{"".join(map(note, lines))}</ul>'


def counts(columns: Sequence[Count]) -> str:
    """Columns under a thick rule: a number, its words, at most three lines each."""
    cells = (
        f'<section><div class="es-count-head"><span class="es-count">{escape(str(column.number))}</span>'
        f'<span class="es-count-word">{escape(column.words)}</span></div>'
        f'<ul class="es-notes">{"".join(map(note, column.notes[:3]))}</ul></section>'
        for column in columns
    )
    return f'<div class="es es-counts">{"".join(cells)}</div>'


def steps(names: Sequence[str], current: int) -> str:
    """The steps of a longer act as one line of text; `current` counts from 0, those before it are done."""
    spans = []
    for index, name in enumerate(names):
        mark = icon("done") if index < current else ""
        here = ' aria-current="step"' if index == current else ""
        spans.append(f"<span{here}>{mark}{index + 1}. {escape(name)}</span>")
    return f'<div class="es es-steps">{"".join(spans)}</div>'


def empty(what: str, who: str = "") -> str:
    """Nothing here yet: what is missing, and who can bring it."""
    below = f"<p>{escape(who)}</p>" if who else ""
    return f'<div class="es es-empty"><p class="es-what">{escape(what)}</p>{below}</div>'


def error(what: str, *, safe: str, act: str, reference: str = "") -> str:
    """What happened, what is safe, what to do, and a reference for the administrator."""
    mark = f'<p class="es-small">{escape(reference)}</p>' if reference else ""
    return (
        f'<div class="es es-error" role="alert"><p>{icon("octagon")}<strong>{escape(what)}</strong></p>'
        f"<p>{escape(safe)}</p><p>{escape(act)}</p>{mark}</div>"
    )


def loading(height: int, language: Language) -> str:
    """A quiet place of the picture's own height, while the first answer is computed."""
    word = escape(say("charts.loading", language))
    return f'<div class="es es-loading" style="height:{height}px" role="status"><span class="es-hidden">{word}</span></div>'


def footer(text: str) -> str:
    """The last line of a page."""
    return f'<div class="es es-footer">{escape(text)}</div>'


def small(text: str) -> str:
    """A remark under a picture."""
    return f'<p class="es es-small">{escape(text)}</p>'
