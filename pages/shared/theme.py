"""Every colour and size of the product, once: for the stylesheet, the charts and the public pages."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from wording import Language, vega_locale

Theme = Literal["light", "dark"]

STATIC = Path(__file__).parent.parent / "static"
FAVICON = str(STATIC / "favicon.svg")
CHART_FONT = "Plex, Essaim Sans, sans-serif"  # the second name is what the picture renderer finds
PAGE_WIDTH = 1120


@dataclass(frozen=True, slots=True)
class Tokens:
    """What each colour means; contrasts are held by tests."""

    bg: str  # page
    panel: str  # source cells, inputs
    band: str  # natural limits
    ink: str  # text, mean, actual
    soft: str  # second text, limit lines
    dot: str  # ordinary points and their line: marks only
    better: str
    worse: str
    person: str  # decision, act, link
    target: str  # target, plan
    onperson: str  # text in a tag of the person's colour
    worsebg: str
    betterbg: str
    personbg: str
    rule: str  # hairlines, decoration only
    faint: str
    primary: str  # the primary button, under white text


LIGHT = Tokens(
    bg="#FCFBF8", panel="#F3F1EB", band="#E6E9EE", ink="#1E2530", soft="#5A6472", dot="#6B7480",
    better="#2470BE", worse="#B4430A", person="#4A2380", target="#10684A", onperson="#FFFFFF",
    worsebg="#FBE9DD", betterbg="#E4EEF8", personbg="#EEE8F8", rule="#D9D5CB", faint="#ECE9E1", primary="#4A2380",
)  # fmt: skip
DARK = Tokens(
    bg="#15181D", panel="#1E232A", band="#252C36", ink="#E9E6DF", soft="#A7AFBA", dot="#98A1AD",
    better="#4C9BE8", worse="#F4935A", person="#CDBDF7", target="#5FD0A0", onperson="#15181D",
    worsebg="#3A2418", betterbg="#16293D", personbg="#2A2340", rule="#3A414B", faint="#262C34", primary="#8160CC",
)  # fmt: skip


def tokens(theme: Theme) -> Tokens:
    """The colours of a theme.

    >>> tokens("light").person
    '#4A2380'
    """
    return DARK if theme == "dark" else LIGHT


def css_variables(theme: Theme) -> str:
    """The colours as CSS custom properties, for one rule's body.

    >>> css_variables("dark")[:16]
    '--es-bg:#15181D;'
    """
    return "".join(f"--es-{name}:{colour};" for name, colour in asdict(tokens(theme)).items())


def logo(theme: Theme) -> str:
    """The path of the wordmark, drawn as outlines so that it needs no font."""
    return str(STATIC / f"logo_{theme}.svg")


def chart_config(theme: Theme, language: Language) -> dict[str, Any]:
    """Altair's configuration: transparent, our font, faint horizontal grid, numbers and months in the language."""
    colour = tokens(theme)
    text = {"font": CHART_FONT, "fontSize": 12, "color": colour.soft}
    axis = {
        "labelFont": CHART_FONT, "labelFontSize": 12, "labelColor": colour.soft, "labelPadding": 6,
        "aria": False, "domain": False, "ticks": False, "grid": False, "gridColor": colour.faint, "gridWidth": 1,
        "title": None,
    }  # fmt: skip
    return {
        "background": "transparent",
        "font": CHART_FONT,
        "locale": vega_locale(language),
        "view": {"stroke": None},
        # The renderer's own spoken words are English only: the description is what a screen reader gets.
        "mark": {"aria": False},
        "text": text,
        "axis": axis,
        "axisX": {
            "domain": True, "domainColor": colour.rule, "ticks": True, "tickColor": colour.rule, "tickSize": 5,
        },
        "axisY": {"grid": True, "labelPadding": 8},
        "header": {
            "labelFont": CHART_FONT, "labelFontSize": 12, "labelFontWeight": 600, "labelColor": colour.ink,
            "labelAnchor": "start", "labelPadding": 4, "title": None,
        },
    }  # fmt: skip
