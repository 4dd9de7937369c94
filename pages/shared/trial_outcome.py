"""What a trial came to: one word and one icon for its interval, the same on every screen and page."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.results import Direction, NotComputable, SiteEffect
from analytics.results_effects import ComparisonEffect, RolloutEffect

if TYPE_CHECKING:
    from data.types import Metric

Effect = SiteEffect | ComparisonEffect | RolloutEffect


class TrialOutcome(StrEnum):
    """What a trial came to, by its state and its interval; worded as evidence.outcome.<value>."""

    HELPED = "helped"
    NO_VISIBLE_EFFECT = "no_visible_effect"
    HARMFUL = "harmful"
    CHANGED = "changed"  # the metric has no good direction
    NOT_COMPUTABLE = "not_computable"
    ABANDONED = "abandoned"
    RUNNING = "running"
    PLANNED = "planned"
    UNPUBLISHED = "unpublished"
    WITHDRAWN = "withdrawn"


ICONS = {
    TrialOutcome.HELPED: "diamond",
    TrialOutcome.HARMFUL: "square",
    TrialOutcome.ABANDONED: "cross",
    TrialOutcome.RUNNING: "dots",
    TrialOutcome.PLANNED: "dots",
    TrialOutcome.UNPUBLISHED: "dots",
    TrialOutcome.CHANGED: "triangle",
}  # all others: the ring of ordinary variation


def effect_outcome(result: Effect | NotComputable, metric: Metric) -> TrialOutcome:
    """Judge an interval: helped or harmful only when it lies wholly on one side of no effect.

    A comparison must be decided by its assignments of sites, too.
    """
    if isinstance(result, NotComputable):
        return TrialOutcome.NOT_COMPUTABLE
    if result.lower <= 0 <= result.upper or (isinstance(result, ComparisonEffect) and not result.decided):
        return TrialOutcome.NO_VISIBLE_EFFECT
    if metric.direction is Direction.NEUTRAL:
        return TrialOutcome.CHANGED
    better = (result.estimate > 0) == (metric.direction is Direction.UP)
    return TrialOutcome.HELPED if better else TrialOutcome.HARMFUL
