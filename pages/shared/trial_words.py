"""What the screen and the public page both say of a trial, in the same words."""

from __future__ import annotations

from analytics.results import Direction
from data.types import Analysis, Metric, Plan
from wording import Language, difference, say


def interval_words(estimate: float, lower: float, upper: float, metric: Metric, language: Language) -> str:
    """Write an estimate with its interval, for a cell."""
    bare = metric.model_copy(update={"unit": ""})
    low, high = (difference(x, bare, language) for x in (lower, upper))
    return say(
        "evidence.short_effect", language, estimate=difference(estimate, metric, language), lower=low, upper=high
    )


def method_limits(plan: Plan, language: Language) -> list[str]:
    """Say what the method of a plan does not prove."""
    lines = [] if plan.drawn_by_lot else [say("evidence.limit.not_drawn", language, n=len(plan.site_ids))]
    if plan.analysis is not Analysis.SINGLE_SITE:
        return [*lines, say(f"evidence.limit.{plan.analysis.value}", language)]
    trend = "evidence.limit.trend" if plan.trend_term else "evidence.limit.no_trend"
    return [*lines, say("evidence.limit.no_comparison", language), say(trend, language)]


def worthwhile(plan: Plan) -> float:
    """Give the smallest worthwhile effect, signed as expected."""
    return -plan.smallest_effect if plan.expected_direction is Direction.DOWN else plan.smallest_effect
