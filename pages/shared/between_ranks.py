"""Ranks with their intervals as a picture: never a bare league table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from analytics.results import Direction
from analytics.results_between import SiteRanks
from pages.shared.between_looks import by_kind
from pages.shared.chart_marks import Row, data
from pages.shared.charts import finish
from pages.shared.theme import Theme, Tokens, tokens
from wording import Language, say, sentence

if TYPE_CHECKING:
    from data.types import Metric

MOST_ROWS = 40  # sites that have a row of their own; more stand side by side, without names
ROW_HEIGHT, HEAD, MANY_HEIGHT = 22, 30, 320
WIDTH = {False: 1040, True: 300}  # of the plot, in pixels, as far as the server can know; True on a phone
TICKS = {False: 8, True: 4}


def rank_chart(
    found: SiteRanks, *, metric: Metric, language: Language, theme: Theme, phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:  # fmt: skip
    """Draw each site's rank with its interval: a row a site, or side by side without names where they are many."""
    colour = tokens(theme)
    rows = _rank_rows(found, metric)
    many = len(rows) > MOST_ROWS
    draw = _beside if many else _below_each_other
    layers = draw(rows, _tooltip(language), colour, phone=phone)
    words = description if description is not None else sentence(found, language, metric)
    height = MANY_HEIGHT if many else ROW_HEIGHT * len(rows) + HEAD
    return finish(layers, words, theme=theme, language=language, height=height)


def _below_each_other(rows: list[Row], tip: list[Any], colour: Tokens, *, phone: bool) -> list[alt.Chart]:
    order = [row["s"] for row in rows]
    names = alt.Y(
        "s:N", sort=order, scale=alt.Scale(domain=order, paddingInner=0.3),
        axis=alt.Axis(labelColor=colour.ink, labelLimit=110 if phone else 190, grid=False),
    )  # fmt: skip
    bounds = alt.Scale(domain=[0.5, len(rows) + 0.5], nice=False, zero=False)
    ranks = alt.Axis(
        values=_ticks(len(rows), phone=phone), format="d", grid=True, orient="top", domain=False, ticks=False
    )
    base = alt.Chart(data(rows))
    bar = base.mark_rule(strokeWidth=7, opacity=0.45, strokeCap="round")
    point = base.mark_point(size=66, strokeWidth=1.6, opacity=1)
    return [
        bar.encode(
            x=alt.X("lo:Q", scale=bounds, axis=ranks), x2="hi", y=names, color=by_kind("color", rows, colour), tooltip=tip
        ),
        point.encode(
            x=alt.X("r:Q", scale=bounds), y=names, shape=by_kind("shape", rows, colour),
            fill=by_kind("fill", rows, colour), stroke=by_kind("stroke", rows, colour), tooltip=tip,
        ),
    ]  # fmt: skip


def _beside(rows: list[Row], tip: list[Any], colour: Tokens, *, phone: bool) -> list[alt.Chart]:
    most = len(rows)
    across = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[0, most + 1], nice=False))
    bounds = alt.Scale(domain=[0.5, most + 0.5], nice=False, zero=False, reverse=True)
    ranks = alt.Axis(values=_ticks(most, phone=phone), format="d")
    hue = by_kind("color", rows, colour)
    base = alt.Chart(data(rows))
    bar = base.mark_rule(strokeWidth=max(1.0, min(5.0, 0.7 * WIDTH[phone] / most)), opacity=0.45)
    point = base.mark_point(size=8, filled=True, opacity=1)
    return [
        bar.encode(x=across, y=alt.Y("lo:Q", scale=bounds, axis=ranks), y2="hi", color=hue, tooltip=tip),
        point.encode(x=across, y=alt.Y("r:Q", scale=bounds), color=hue, tooltip=tip),
    ]


def _ticks(most: int, *, phone: bool) -> list[int]:
    """Ranks to write: all of a few, round ones of many, the first always.

    >>> _ticks(5, phone=False), _ticks(300, phone=True)
    ([1, 2, 3, 4, 5], [1, 100, 200, 300])
    """
    wanted = most / TICKS[phone]
    if wanted <= 2:
        return list(range(1, most + 1)) if wanted <= 1 or not phone else [1, *range(2, most + 1, 2)]
    power = 10 ** int(np.log10(wanted))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= wanted)
    return [1, *range(step, most + 1, step)]


def _tooltip(language: Language) -> list[Any]:
    return [
        alt.Tooltip("s:N", title=say("shared.label.site", language)),
        alt.Tooltip("r:Q", title=say("between.column.rank", language)),
        alt.Tooltip("lo:Q", title=say("between.column.rank_from", language)),
        alt.Tooltip("hi:Q", title=say("between.column.rank_to", language)),
    ]


def _rank_rows(found: SiteRanks, metric: Metric) -> list[Row]:
    first, second = set(found.surely_first_half), set(found.surely_second_half)
    neutral = metric.direction is Direction.NEUTRAL
    rows = []
    places = np.lexsort((found.upper, found.lower, found.rank))
    for order, place in enumerate(places, start=1):
        site = found.sites[place]
        kind = "better" if site in first else "worse" if site in second else "inside"
        rows.append(
            {
                "s": site, "place": order, "r": int(found.rank[place]), "lo": int(found.lower[place]),
                "hi": int(found.upper[place]), "k": "neutral" if neutral and kind != "inside" else kind,
            }
        )  # fmt: skip
    return rows
