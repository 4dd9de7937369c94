"""A chart as a file, for pages and documents that leave the app: the very same chart, in our own fonts."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages.shared.theme import Theme, tokens
from wording import Language, vega_locale

if TYPE_CHECKING:
    import altair as alt

FONTS = Path(__file__).parent / "chart_fonts"
WIDE, NARROW = 760, 430  # the two widths of a public page's pictures
_RENDERER = threading.Lock()  # one renderer for the whole process


def described(chart: alt.TopLevelMixin) -> tuple[dict[str, Any], str]:
    """Part a chart into what is drawn and the words that say the same."""
    spec: dict[str, Any] = chart.to_dict(validate=False)  # tests hold every chart to the schema
    return spec, str(spec.pop("description"))


def to_svg(chart: alt.TopLevelMixin, language: Language, *, width: int | None = None) -> str:
    """Draw a chart as SVG: text stays text, in the language's numbers and months; nothing is fetched."""
    spec = _spec(chart, width)
    with _RENDERER:
        svg: str = _renderer().vegalite_to_svg(spec, **_arguments(language))
    return svg


def to_png(
    chart: alt.TopLevelMixin, language: Language, *, theme: Theme = "light", width: int | None = None, scale: float = 2
) -> bytes:
    """Draw a chart as PNG on the page's own background, twice as fine as it is wide."""
    spec = _spec(chart, width)
    spec["background"] = tokens(theme).bg
    with _RENDERER:
        png: bytes = _renderer().vegalite_to_png(spec, scale=scale, **_arguments(language))
    return png


def _spec(chart: alt.TopLevelMixin, width: int | None) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict(validate=False)  # tests hold every chart to the schema
    if "facet" in spec:
        return spec
    inside = width or WIDE
    return {**spec, "width": inside, "autosize": {"type": "fit-x", "contains": "padding"}}


def _arguments(language: Language) -> dict[str, Any]:
    locale = vega_locale(language)
    return {
        "format_locale": locale["number"],
        "time_format_locale": locale["time"],
        "allowed_base_urls": [],
        "show_warnings": False,
    }


@cache
def _renderer() -> Any:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert
