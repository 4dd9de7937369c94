"""One practice at several sites, and all experiments of a metric, as pictures: a row each, then what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt

from analytics.results_effects import PooledEffect, PortfolioTotal
from pages.shared.chart_marks import data
from pages.shared.charts import finish
from pages.shared.effect_pictures_marks import Across, Look, verdict_look
from pages.shared.theme import Theme, tokens
from wording import Language, percent, say, sentence

if TYPE_CHECKING:
    from data.types import Metric

ROW = {False: 30, True: 48}  # pixels from one row to the next; True on a phone
HEAD, LOW_HEAD = 48, 30  # pixels of words over the first row; without "worthwhile from"
SIDES = {False: (200, 218), True: (10, 10)}  # pixels kept free left and right of the effects
WEIGHT_ROOM = 62  # pixels of the last column
AXIS_ROOM = 26
TOP = 0.55  # of the first row, in rows
SMALLEST, LARGEST = 40, 260  # areas of an estimate's mark, by its weight
LIFT = {False: 0, True: -17}  # pixels the words of a row stand above its line
NAME_LENGTH = {False: 29, True: 26}  # characters


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One experiment as drawn: what it is called, its effect and interval in the metric's unit."""

    name: str
    estimate: float
    lower: float
    upper: float
    decided: bool = True  # False = its interval excludes no effect, yet other readings of it do not


def forest_chart(
    pooled: PooledEffect,
    rows: Sequence[EffectRow],
    *,
    metric: Metric,
    language: Language,
    theme: Theme,
    worthwhile: float | None = None,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw one row an experiment (the mark's size is its weight), the pooled diamond, and what the next site may expect.

    rows: those of `pooled.sites`, in that order; worthwhile: the smallest effect worth having, signed.
    """
    if len(rows) != len(pooled.sites):
        msg = "as many rows as pooled sites"
        raise ValueError(msg)
    n, ahead = len(rows), _ahead(pooled)
    ends = [x for row in rows for x in (row.lower, row.upper)] + [pooled.lower, pooled.upper, *(ahead or ())]
    across = _across(
        [*ends, *([] if worthwhile is None else [worthwhile])], n + 2, HEAD, metric, language, theme, phone
    )
    layers = [
        across.at([{"u": across.low, "v": across.high, "y": 0.5 - n}])
        .mark_rule(color=across.colour.rule, strokeWidth=1).encode(x2="v"),
        *across.benchmarks(worthwhile, _stretches(n + 2, phone), TOP),
        *(layer for place, row in enumerate(rows) for layer in _estimate(across, row, -place, pooled.shares[place])),
        *_lozenge(across, pooled, -n),
        *_next_site(across, pooled, ahead, -(n + 1)),
        *_names(across, [*(row.name for row in rows), say("pooling_view.forest.pooled", language),
                         say("pooling_view.forest.next", language)], bold_from=n),
        *_numbers(across, pooled, rows, ahead),
    ]  # fmt: skip
    words = description if description is not None else sentence(pooled, language, metric)
    return finish(layers, words, theme=theme, language=language, height=_height(n + 2, HEAD, phone))


def portfolio_chart(
    total: PortfolioTotal,
    rows: Sequence[EffectRow],
    *,
    metric: Metric,
    language: Language,
    theme: Theme,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw every experiment's effect as measured (ring) and drawn towards the mean of all (dot on a bar).

    rows: those of `total.names`, in that order.
    """
    if len(rows) != len(total.names):
        msg = "as many rows as experiments in the total"
        raise ValueError(msg)
    n = len(rows)
    across = _across([x for row in rows for x in (row.lower, row.upper)], n, LOW_HEAD, metric, language, theme, phone)
    colour = across.colour
    layers = across.benchmarks(None, _stretches(n, phone), TOP)
    for place, row in enumerate(rows):
        y = -place
        ends = {"u": total.shrunk_lower[place], "v": total.shrunk_upper[place], "y": y}
        layers += [
            across.interval({"u": row.lower, "v": row.upper, "y": y}, color=colour.dot, strokeWidth=1.2),
            across.interval(ends, color=colour.soft, strokeWidth=8, opacity=0.35),
            across.mark(row.estimate, y, Look("circle", colour.dot, colour.bg), 60),
            across.mark(total.shrunk[place], y, Look("circle", colour.ink, colour.ink), 44),
        ]
    layers += [*_names(across, [row.name for row in rows], bold_from=n), *_two_numbers(across, total, rows)]
    words = description if description is not None else sentence(total, language, metric)
    return finish(layers, words, theme=theme, language=language, height=_height(n, LOW_HEAD, phone))


def forest_key(language: Language) -> list[tuple[str | None, str] | str]:
    """Say what the marks of a forest mean."""
    return [
        ("ring", say("pooling_view.key.forest.none", language)),
        ("diamond", say("pooling_view.key.study.better", language)),
        ("square", say("pooling_view.key.study.worse", language)),
        ("forecast", say("pooling_view.key.forest.next", language)),
        say("pooling_view.key.forest.weight", language),
    ]


def portfolio_key(language: Language) -> list[tuple[str | None, str] | str]:
    """Say what the marks of the picture of all experiments mean."""
    return [("ring", say("pooling_view.key.raw", language)), ("dot", say("pooling_view.key.shrunk", language))]


def _ahead(pooled: PooledEffect) -> tuple[float, float] | None:
    if pooled.next_lower is None or pooled.next_upper is None:
        return None
    return pooled.next_lower, pooled.next_upper


def _stretches(n_rows: int, phone: bool) -> list[tuple[float, float]]:
    """Where lines stand: through all rows, or on a phone beside the marks only, free of the words above them."""
    if not phone:
        return [(TOP - n_rows, TOP)]
    return [(-place - 0.28, -place + 0.18) for place in range(n_rows)]


def _height(n_rows: int, head: int, phone: bool) -> int:
    return head + ROW[phone] * n_rows + AXIS_ROOM


def _across(
    effects: Sequence[float], n_rows: int, head: int, metric: Metric, language: Language, theme: Theme, phone: bool
) -> Across:
    return Across.of(
        effects, rows=(0.45 - n_rows, TOP + head / ROW[phone]), sides=SIDES[phone], colour=tokens(theme),
        metric=metric, language=language, phone=phone,
    )  # fmt: skip


def _estimate(across: Across, row: EffectRow, y: int, share: float) -> list[alt.Chart]:
    look = verdict_look(row.estimate, row.lower, row.upper, across.metric, across.colour)
    if not row.decided:
        look = Look("circle", across.colour.dot, across.colour.bg)
    return [
        across.interval({"u": row.lower, "v": row.upper, "y": y}, color=look.stroke, strokeWidth=1.8),
        across.mark(row.estimate, y, look, SMALLEST + (LARGEST - SMALLEST) * share),
    ]


def _lozenge(across: Across, pooled: PooledEffect, y: int) -> list[alt.Chart]:
    """The pooled effect: as wide as its interval, its verdict's shape in the middle."""
    look = verdict_look(pooled.estimate, pooled.lower, pooled.upper, across.metric, across.colour)
    half = 9 / ROW[across.phone]
    corners = [(pooled.lower, 0.0), (pooled.estimate, half), (pooled.upper, 0.0)]
    rows = [{"u": u, "y": y + h, "y2": y - h} for u, h in corners]
    lozenge = alt.Chart(data(rows)).mark_area(color=look.stroke, opacity=0.4).encode(
        x=across.x(), y=across.y(), y2="y2"
    )  # fmt: skip
    return [lozenge, across.mark(pooled.estimate, y, look, 80)]


def _next_site(across: Across, pooled: PooledEffect, ahead: tuple[float, float] | None, y: int) -> list[alt.Chart]:
    if ahead is None:
        return []
    half = 8 / ROW[across.phone]
    return [
        across.interval({"u": ahead[0], "v": ahead[1], "y": y}, color=across.colour.soft, strokeWidth=9, opacity=0.45),
        across.upright(pooled.estimate, y - half, y + half, color=across.colour.soft, strokeWidth=1.8),
    ]


def _names(across: Across, names: Sequence[str], *, bold_from: int) -> list[alt.Chart]:
    longest = NAME_LENGTH[across.phone]
    rows = [
        {"u": across.low, "y": -place, "t": name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"}
        for place, name in enumerate(names)
    ]
    style = {"align": "left", "dx": 2, "dy": LIFT[across.phone], "color": across.colour.ink}
    layers = [across.texts(rows[:bold_from], **style)]
    if rows[bold_from:]:
        layers.append(across.texts(rows[bold_from:], fontWeight=600, **style))
    return layers


def _numbers(
    across: Across, pooled: PooledEffect, rows: Sequence[EffectRow], ahead: tuple[float, float] | None
) -> list[alt.Chart]:
    n = len(rows)
    effects = [_interval_words(across, row.estimate, row.lower, row.upper) for row in rows]
    weights = [percent(share, across.language, 0) for share in pooled.shares]
    last = [_interval_words(across, pooled.estimate, pooled.lower, pooled.upper), _next_words(across, ahead)]
    if across.phone:
        joined = [f"{effect} · {weight}" for effect, weight in zip(effects, weights, strict=True)]
        return [*_column(across, joined, 0), *_column(across, last, 0, first=n, bold=True)]
    confidence = percent(pooled.confidence, across.language, 0)
    heads = (
        say("pooling_view.forest.effect", across.language, confidence=confidence),
        say("pooling_view.forest.weight", across.language),
    )
    return [
        *_column(across, effects, WEIGHT_ROOM),
        *_column(across, weights, 0),
        *_column(across, last, WEIGHT_ROOM, first=n, bold=True),
        *_heads(across, heads),
    ]


def _two_numbers(across: Across, total: PortfolioTotal, rows: Sequence[EffectRow]) -> list[alt.Chart]:
    raw = [across.bare(row.estimate) for row in rows]
    shrunk = [across.bare(estimate) for estimate in total.shrunk]
    if across.phone:
        words = [
            say("pooling_view.portfolio.both", across.language, raw=a, shrunk=b)
            for a, b in zip(raw, shrunk, strict=True)
        ]
        return _column(across, words, 0)
    heads = tuple(say(f"pooling_view.portfolio.{name}", across.language) for name in ("raw", "shrunk"))
    return [
        *_column(across, raw, WEIGHT_ROOM + 48),
        *_column(across, shrunk, 0, bold=True),
        *_heads(across, heads, WEIGHT_ROOM + 48),
    ]


def _column(across: Across, words: Sequence[str], back: int, *, first: int = 0, bold: bool = False) -> list[alt.Chart]:
    """Figures at the right, on a ground of their own: in a narrow window they come to lie over the lines."""
    rows = [{"u": across.high, "y": -(first + place), "t": text} for place, text in enumerate(words)]
    ink = across.colour.ink if bold else across.colour.soft
    weight = 600 if bold else 400
    dy = LIFT[across.phone]
    style = {"align": "right", "dx": -2 - back, "dy": dy, "fontWeight": weight}
    ground = {"color": across.colour.bg, "stroke": across.colour.bg, "strokeWidth": 6, "strokeJoin": "round"}
    return [across.texts(rows, **style, **ground), across.texts(rows, **style, color=ink)]


def _heads(across: Across, heads: tuple[str, str], back: int = WEIGHT_ROOM) -> list[alt.Chart]:
    at = [{"u": across.high, "y": TOP}]
    return [
        across.texts([{**at[0], "t": heads[0]}], align="right", dx=-2 - back, dy=-9, color=across.colour.soft),
        across.texts([{**at[0], "t": heads[1]}], align="right", dx=-2, dy=-9, color=across.colour.soft),
    ]


def _interval_words(across: Across, estimate: float, lower: float, upper: float) -> str:
    ends = {"estimate": across.bare(estimate), "lower": across.bare(lower), "upper": across.bare(upper)}
    return say("pooling_view.forest.interval", across.language, **ends)


def _next_words(across: Across, ahead: tuple[float, float] | None) -> str:
    if ahead is None:
        return say("pooling_view.forest.next.unknown", across.language)
    ends = {"lower": across.bare(ahead[0]), "upper": across.bare(ahead[1])}
    return say("pooling_view.forest.next.interval", across.language, **ends)
