"""An effect on a line with its interval, beside "no effect" and what was promised to be worthwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from pages.shared.chart_marks import data
from pages.shared.charts import finish
from pages.shared.theme import Theme, Tokens, tokens
from pages.shared.trial_outcome import Effect, TrialOutcome, effect_outcome
from wording import Language, difference, say

if TYPE_CHECKING:
    from data.types import Metric


def effect_interval_chart(
    effect: Effect,
    *,
    metric: Metric,
    language: Language,
    theme: Theme,
    worthwhile: float | None = None,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw an effect on a line with its interval, beside "no effect" and, if promised, "worthwhile from".

    worthwhile: the smallest effect worth having, signed in the metric's unit. A null or a harm is drawn the same way.
    """
    colour = tokens(theme)
    look = _effect_look(effect, metric, colour)
    marked = [effect.lower, effect.upper, effect.estimate, 0.0] + ([] if worthwhile is None else [worthwhile])
    width = max(marked) - min(marked) or 1.0
    x = alt.X(
        "u:Q", scale=alt.Scale(domain=[min(marked) - width * 0.14, max(marked) + width * 0.14], nice=False, zero=False),
        axis=None,
    )  # fmt: skip
    y = alt.Y("y:Q", scale=alt.Scale(domain=[-1, 1], nice=False), axis=None)

    def at(rows: Sequence[dict[str, Any]]) -> alt.Chart:
        return alt.Chart(data([{"y": 0, **row} for row in rows])).encode(x=x, y=y)

    span = [{"u": min(marked) - width * 0.12, "v": max(marked) + width * 0.12}]
    layers = [
        at(span).mark_rule(color=colour.rule, strokeWidth=1).encode(x2="v"),
        _upright(0.0, x, y, color=colour.ink, strokeWidth=1.6),
        at([{"u": effect.lower, "v": effect.upper}])
        .mark_rule(color=look[1], strokeWidth=7, opacity=0.45, strokeCap="round").encode(x2="v"),
        at([{"u": effect.estimate}])
        .mark_point(shape=look[0], size=190, fill=look[2], stroke=look[1], strokeWidth=2, opacity=1),
    ]  # fmt: skip
    if worthwhile is not None:
        layers.append(_upright(worthwhile, x, y, color=colour.target, strokeWidth=2, strokeDash=[5, 3]))
    layers += _effect_words(effect, worthwhile, at, colour, metric, language, width / (358 if phone else 740))
    words = description if description is not None else _interval_words(effect, worthwhile, metric, language)
    return finish(layers, words, theme=theme, language=language, height=104)


def _effect_look(effect: Effect, metric: Metric, colour: Tokens) -> tuple[str, str, str]:
    """Shape, line and fill: the data's verdict, by the interval and the good direction."""
    match effect_outcome(effect, metric):
        case TrialOutcome.HELPED:
            return "diamond", colour.better, colour.better
        case TrialOutcome.HARMFUL:
            return "square", colour.worse, colour.worse
        case TrialOutcome.CHANGED:
            return "triangle-up", colour.dot, colour.bg
    return "circle", colour.dot, colour.bg


def _upright(u: float, x: alt.X, y: alt.Y, **style: Any) -> alt.Chart:
    rows = [{"u": u, "y": -0.42, "y2": 0.42}]
    return alt.Chart(data(rows)).mark_rule(**style).encode(x=x, y=y, y2="y2")


def _effect_words(
    effect: Effect, worthwhile: float | None, at: Any, colour: Tokens, metric: Metric, language: Language,
    per_pixel: float,
) -> list[alt.Chart]:  # fmt: skip
    def written(u: float) -> str:
        return difference(u, metric.model_copy(update={"unit": ""}), language)

    def text(rows: Sequence[dict[str, Any]], **style: Any) -> alt.Chart:
        layer: alt.Chart = at(rows).mark_text(fontSize=12, **style).encode(text="t:N")
        return layer

    bounds = [{"u": u, "t": written(u)} for u in (effect.lower, effect.upper)]
    layers = [
        text([{"u": effect.estimate, "t": difference(effect.estimate, metric, language)}],
             color=colour.ink, fontWeight=600, dy=-31),
        text(bounds, color=colour.soft, dy=19),
    ]  # fmt: skip
    none_below = 36 if worthwhile is None or abs(worthwhile) > 130 * per_pixel else 50
    layers.append(text([{"u": 0.0, "t": say("charts.no_effect", language)}], color=colour.ink, dy=none_below))
    if worthwhile is not None:
        words = say("charts.worthwhile", language, value=written(worthwhile))
        layers.append(text([{"u": worthwhile, "t": words}], color=colour.target, fontWeight=600, dy=36))
    return layers


def _interval_words(effect: Effect, worthwhile: float | None, metric: Metric, language: Language) -> str:
    ends = {
        "estimate": difference(effect.estimate, metric, language),
        "lower": difference(effect.lower, metric, language),
        "upper": difference(effect.upper, metric, language),
    }
    if worthwhile is None:
        return say("charts.effect", language, **ends)
    return say("charts.effect.worthwhile", language, **ends, worthwhile=difference(worthwhile, metric, language))
