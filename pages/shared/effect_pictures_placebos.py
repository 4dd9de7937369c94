"""How often nothing looks like something: placebo starts, placebo sites, other ways to pick the treated sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from analytics.did import differences_by_chance
from analytics.results_effects import ComparisonEffect, Placebos
from pages.shared.chart_marks import Row, data
from pages.shared.charts import finish
from pages.shared.effect_pictures_marks import CHARACTER, Across, Look, verdict_look
from pages.shared.theme import Theme, tokens
from wording import Language, difference, percent, say, sentence

if TYPE_CHECKING:
    from data.types import Metric

DOT = 13  # pixels from one circle to the next one upon it
SIZE = 62  # area of a placebo's circle
REAL = 150  # area of the real one
ABOVE = 44  # pixels of words over the circles
BARS = {False: 41, True: 27}  # an odd number, so that one of them holds zero; True on a phone
BAR_ROOM = 120  # pixels of the highest bar


def rank_words(placebos: Placebos, language: Language) -> str:
    """Say where the real estimate stands among the placebos by its size: "1st of 41"."""
    rank, n = placebos.n_as_large + 1, len(placebos.names) + 1
    kind = "first" if rank == 1 else "later"
    return say(f"pooling_view.placebo.rank.{kind}.{placebos.kind}", language, rank=rank, n=n)


def placebo_chart(
    placebos: Placebos,
    *,
    estimate: float,
    lower: float,
    upper: float,
    metric: Metric,
    language: Language,
    theme: Theme,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw each placebo's estimate as a hollow circle, the real one filled, with its rank in words.

    estimate, lower, upper: of the real effect, in the metric's unit.
    """
    colour = tokens(theme)
    across = Across.of([*placebos.estimates, estimate], rows=(0.0, 1.0), sides=(16, 16), colour=colour, metric=metric,
                       language=language, phone=phone)  # fmt: skip
    dots = stacked([*placebos.estimates, estimate], DOT * across.per_pixel)
    room = max(int(row["y"]) for row in dots) + 1
    height = ABOVE + DOT * (room + 1)
    across = Across.of([*placebos.estimates, estimate], rows=(-1.0, room + ABOVE / DOT), sides=(16, 16), colour=colour,
                       metric=metric, language=language, phone=phone)  # fmt: skip
    real = {**dots.pop(), "u": estimate}
    look = verdict_look(estimate, lower, upper, metric, colour)
    filled = look if look.fill != colour.bg else Look(look.shape, colour.ink, colour.ink)
    layers = [
        across.upright(0.0, -1.0, float(room), color=colour.ink, strokeWidth=1.6),
        across.at(dots).mark_point(shape="circle", size=SIZE, fill=colour.bg, stroke=colour.dot, strokeWidth=1.4, opacity=1),
        across.upright(estimate, real["y"], float(room), color=filled.stroke, strokeWidth=1.2),
        across.mark(estimate, real["y"], filled, REAL),
        *_words(across, estimate, room, rank_words(placebos, language)),
    ]  # fmt: skip
    if abs(estimate) / across.per_pixel > 60:
        layers.append(
            across.texts([{"u": 0.0, "y": room, "t": say("charts.no_effect", language)}], dy=-8, color=colour.ink)
        )
    words = description if description is not None else sentence(placebos, language, metric)
    return finish(layers, words, theme=theme, language=language, height=height + 24)


def permutation_chart(
    effect: ComparisonEffect,
    *,
    metric: Metric,
    language: Language,
    theme: Theme,
    rng: np.random.Generator,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw the differences that other ways to pick the treated sites give; those as large as the real one are dark.

    rng: draws ways where there are too many to make them all, as for `comparison_effect`.
    """
    colour = tokens(theme)
    others = differences_by_chance(effect, rng)
    reach = max(float(np.abs(others).max()), abs(effect.estimate))
    edges = np.linspace(-reach, reach, BARS[phone] + 1) * (1 + 1e-9)
    as_large = np.abs(others) >= abs(effect.estimate) * (1 - 1e-9)
    dark, (pale, _) = np.histogram(others[as_large], edges)[0], np.histogram(others[~as_large], edges)
    highest = float((dark + pale).max())
    across = Across.of([-reach, reach], rows=(0.0, highest * (BAR_ROOM + ABOVE) / BAR_ROOM), sides=(8, 8), colour=colour,
                       metric=metric, language=language, phone=phone)  # fmt: skip
    look = verdict_look(effect.estimate, effect.lower, effect.upper, metric, colour)
    filled = look if look.fill != colour.bg else Look(look.shape, colour.ink, colour.ink)
    real = [{"u": effect.estimate, "y": 0.0, "y2": highest}]
    share = percent(effect.p_value, language)
    layers = [
        _bars(across, edges, np.zeros(len(pale)), pale, colour.band, colour.dot),
        _bars(across, edges, pale, pale + dark, colour.soft, colour.soft),
        across.at(real).mark_rule(color=filled.stroke, strokeWidth=2).encode(y2="y2"),
        across.mark(effect.estimate, highest, filled, REAL),
        *_words(across, effect.estimate, highest, say("pooling_view.permutation", language, share=share)),
    ]
    words = description if description is not None else say(
        "pooling_view.permutation.alt", language, share=share, n=effect.n_assignments, estimate=across.written(effect.estimate)
    )  # fmt: skip
    return finish(layers, words, theme=theme, language=language, height=BAR_ROOM + ABOVE + 24)


def stacked(estimates: Sequence[float], width: float) -> list[Row]:
    """Put one dot upon another where they would touch, in whole steps of `width`; rows in the order given.

    >>> [(row["u"], row["y"]) for row in stacked([0.1, 5.0, -0.1], 1.0)]
    [(0.0, 0), (5.0, 0), (0.0, 1)]
    """
    held: dict[int, int] = {}
    rows = []
    for estimate in estimates:
        place = round(estimate / width)
        rows.append({"u": place * width, "y": held.get(place, 0)})
        held[place] = held.get(place, 0) + 1
    return rows


def _words(across: Across, estimate: float, room: float, rank: str) -> list[alt.Chart]:
    """The real estimate and what is said of it, above it, kept inside the picture."""
    half = max(len(rank), 12) * CHARACTER / 2 * across.per_pixel
    align, u = "center", estimate
    if estimate - half < across.low:
        align, u = "left", across.low
    elif estimate + half > across.high:
        align, u = "right", across.high
    value = difference(estimate, across.metric, across.language)
    return [
        across.texts([{"u": u, "y": room, "t": value}], align=align, dy=-33, color=across.colour.ink, fontWeight=600),
        across.texts([{"u": u, "y": room, "t": rank}], align=align, dy=-18, color=across.colour.ink),
    ]


def _bars(across: Across, edges: np.ndarray, low: np.ndarray, high: np.ndarray, fill: str, stroke: str) -> alt.Chart:
    gap = (edges[1] - edges[0]) * 0.06
    rows = [
        {"u": float(a + gap), "v": float(b - gap), "y": float(y), "y2": float(y2)}
        for a, b, y, y2 in zip(edges[:-1], edges[1:], low, high, strict=True)
        if y2 > y
    ]
    return alt.Chart(data(rows)).mark_rect(fill=fill, stroke=stroke, strokeWidth=0.6).encode(
        x=across.x(), x2="v", y=across.y(), y2="y2"
    )  # fmt: skip
