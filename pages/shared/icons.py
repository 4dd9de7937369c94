"""The sixteen-pixel shapes that stand beside a word: one drawing each, for screens and for public pages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from analytics.results import Assurance, Pace, Variation
from data.types import Severity
from pages.shared.theme import Theme, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEXAGON = "M8 1.6 13.6 4.8V11.2L8 14.4 2.4 11.2V4.8Z"
_LINE = '<path d="M1.5 14.2H14.5" stroke="{c}" stroke-width="1.5" stroke-dasharray="2.6 1.6" fill="none"/>'
_STROKE = 'fill="none" stroke="{c}" stroke-linecap="round" stroke-linejoin="round" stroke-width='

# name: (colour token, drawing on a 16 x 16 field; {c} the colour, {b} the page behind it)
SHAPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "diamond": ("better", '<path d="M8 1.8 14.2 8 8 14.2 1.8 8Z" fill="{c}"/>'),
        "square": ("worse", '<path d="M2.8 2.8H13.2V13.2H2.8Z" fill="{c}"/>'),
        "ring": ("dot", '<circle cx="8" cy="8" r="4.6" fill="none" stroke="{c}" stroke-width="1.8"/>'),
        "triangle": ("dot", f'<path d="M8 2.6 14 13H2Z" {_STROKE}"1.7"/>'),
        "tick": ("ink", f'<path d="M3.6 7.4 6.6 10.4 12.4 2.6" {_STROKE}"1.7"/>{_LINE}'),
        "zigzag": ("ink", f'<path d="M2 11.6 5.6 4 9.4 11.6 14 4" {_STROKE}"1.7"/>'
                   '<path d="M1.5 7.8H14.5" stroke="{c}" stroke-width="1.5" stroke-dasharray="2.6 1.6" fill="none"/>'),
        "miss": ("ink", f'<path d="M4.4 2.8 11.6 10M11.6 2.8 4.4 10" {_STROKE}"1.7"/>{_LINE}'),
        "clock": ("ink", f'<circle cx="8" cy="8" r="6" {_STROKE}"1.7"/><path d="M8 4.4V8.2L10.6 9.8" {_STROKE}"1.7"/>'),
        "octagon": ("worse", '<path d="M5.2 1.4H10.8L14.6 5.2V10.8L10.8 14.6H5.2L1.4 10.8V5.2Z" fill="{c}"/>'
                    '<path d="M5.6 5.6 10.4 10.4M10.4 5.6 5.6 10.4" stroke="{b}" stroke-width="1.7"/>'),
        "warning": ("worse", f'<path d="M8 1.8 15 14H1Z" {_STROKE}"1.6"/><path d="M8 6.2V9.6M8 11.4V12" {_STROKE}"1.6"/>'),
        "info": ("soft", f'<circle cx="8" cy="8" r="6.2" {_STROKE}"1.6"/><path d="M8 7.4V11M8 4.8V5.2" {_STROKE}"1.6"/>'),
        "cross": ("dot", f'<path d="M3.4 3.4 12.6 12.6M12.6 3.4 3.4 12.6" {_STROKE}"1.8"/>'),
        "dots": ("soft", '<circle cx="3" cy="8" r="1.3" fill="{c}"/><circle cx="8" cy="8" r="1.3" fill="{c}"/>'
                 '<circle cx="13" cy="8" r="1.3" fill="{c}"/>'),
        "done": ("soft", f'<path d="M2.6 8.6 6.2 12.2 13.4 4" {_STROKE}"1.6"/>'),
        "live": ("ink", f'<path d="{_HEXAGON}" fill="{{c}}" stroke="{{c}}"/>'),
        "preparing": ("soft", f'<path d="{_HEXAGON}" {_STROKE}"1.4"/><path d="M8 1.6V14.4L2.4 11.2V4.8Z" fill="{{c}}"/>'),
        "planned": ("soft", f'<path d="{_HEXAGON}" fill="none" stroke="{{c}}" stroke-width="1.3" '
                    'stroke-dasharray="2.4 1.4"/>'),
        "pace": ("ink", '<path d="M2.6 4H13.4L8 12.6Z" fill="{c}"/>'),
        "forecast": ("soft", '<path d="M0 5.5H16V10.5H0Z" fill="{c}" fill-opacity=".45"/>'
                     '<path d="M8 3.4V12.6" stroke="{c}" stroke-width="1.5"/>'),
        "target": ("target", '<path d="M0 8H6.4M9.6 8H16" stroke="{c}" stroke-width="2.2"/>'),
        "golive": ("person", '<path d="M8 1V15" stroke="{c}" stroke-width="2"/>'),
        "dot": ("ink", '<circle cx="8" cy="8" r="3.6" fill="{c}"/>'),
        "line_ink": ("ink", '<path d="M0 8H16" stroke="{c}" stroke-width="2.4"/>'),
        "line_dot": ("dot", '<path d="M0 8H16" stroke="{c}" stroke-width="1.6"/>'),
        "line_dash": ("soft", '<path d="M0 8H16" stroke="{c}" stroke-width="1.8" stroke-dasharray="3 2.4"/>'),
    }
)  # fmt: skip

VARIATION_ICONS = MappingProxyType(
    {
        Variation.IMPROVING: "diamond",
        Variation.CONCERN: "square",
        Variation.COMMON_CAUSE: "ring",
        Variation.NEUTRAL: "triangle",
    }
)
ASSURANCE_ICONS = MappingProxyType(
    {Assurance.WILL_PASS: "tick", Assurance.HIT_AND_MISS: "zigzag", Assurance.WILL_FAIL: "miss"}
)
PACE_ICONS = MappingProxyType({Pace.AHEAD: "diamond", Pace.ON_PACE: "ring", Pace.BEHIND: "square"})
SEVERITY_ICONS = MappingProxyType({Severity.ERROR: "octagon", Severity.WARNING: "warning", Severity.INFO: "info"})


def svg(name: str, theme: Theme) -> str:
    """One icon as an SVG document with the theme's colours in it."""
    token, drawing = SHAPES[name]
    colour = tokens(theme)
    body = drawing.replace("{c}", getattr(colour, token)).replace("{b}", colour.bg)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">{body}</svg>'


def data_uri(name: str, theme: Theme) -> str:
    """The icon as an address that carries its own picture."""
    return "data:image/svg+xml," + quote(svg(name, theme), safe=" '=:/,.()-")


def icon(name: str) -> str:
    """The icon for `st.html`: a class whose picture stands once in the stylesheet, so that a table of 300 sites
    does not carry it 3,000 times. Decoration: its word always stands beside it.

    >>> icon("diamond")
    '<i class="es-i es-i-diamond" aria-hidden="true"></i>'
    """
    if name not in SHAPES:
        raise ValueError(name)
    return f'<i class="es-i es-i-{name}" aria-hidden="true"></i>'


def icon_image(name: str, theme: Theme) -> str:
    """The icon as a picture of its own, for a place without the stylesheet."""
    return f'<img class="es-i" src="{data_uri(name, theme)}" width="16" height="16" alt="">'


def icon_svg(name: str) -> str:
    """The icon as inline SVG for public pages; its colour follows the page's own variables, light or dark."""
    token, drawing = SHAPES[name]
    body = drawing.replace("{c}", f"var(--es-{token})").replace("{b}", "var(--es-bg)")
    return f'<svg class="es-i" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{body}</svg>'


def icon_styles(theme: Theme) -> str:
    """One CSS rule an icon, its picture inside."""
    return "".join(f'.es-i-{name}::before{{content:url("{data_uri(name, theme)}")}}' for name in SHAPES)
