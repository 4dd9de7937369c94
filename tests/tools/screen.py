"""A screen opened without a browser: `opened("pages.cohort.metric", lang="fr")`, then its words, tables and buttons."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

from streamlit.testing.v1 import AppTest

SECONDS = 30


def _screen(module: str) -> None:
    import importlib

    importlib.import_module(module).render()


def opened(module: str, **query: str) -> AppTest:
    """Run a screen for the person of ESSAIM_PERSON at an address."""
    page = AppTest.from_function(_screen, default_timeout=SECONDS, args=(module,))
    for name, chosen in query.items():
        page.query_params[name] = chosen
    return page.run()


def markup(page: AppTest) -> str:
    """All the HTML of a screen, without its stylesheet."""
    return "\n".join(body for part in page.get("html") if "<style>" not in (body := part.proto.body))


def words(page: AppTest) -> str:
    """What the HTML of a screen says: no markup, plain single spaces."""
    return plain(markup(page))


def title(page: AppTest) -> str:
    """The finding: the one h1."""
    (found,) = re.findall(r"<h1[^>]*>(.*?)</h1>", markup(page), re.DOTALL)
    return plain(found)


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").split())


def rows(page: AppTest, caption: str) -> list[list[str]]:
    """The cells of the table with that caption, a list a row, its head left out."""
    table = next(t for t in re.findall(r"<table.*?</table>", markup(page), re.DOTALL) if caption in plain(t))
    body = table.partition("<tbody")[2]
    lines = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", line, re.DOTALL)] for line in lines]


def primary_buttons(page: AppTest) -> list[str]:
    """The labels of the primary buttons outside a dialog and folded parts."""
    return [button.label for button in page.button if button.proto.type == "primary"]


def charts(page: AppTest) -> list[dict]:
    """The descriptions of the screen's charts."""
    return [json.loads(chart.proto.spec) for chart in page.get("vega_lite_chart")]


def inside(described: object) -> Iterator[dict]:
    """Every part of a chart's description that names something, the outermost first."""
    if isinstance(described, dict):
        yield described
    for part in described.values() if isinstance(described, dict) else described if isinstance(described, list) else ():
        yield from inside(part)
