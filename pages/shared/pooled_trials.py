"""Effects of finished experiments put side by side: which can be pooled, which cannot, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.pooling import pooled_effect, portfolio_total, standard_error_of
from analytics.results import Direction, NotComputable
from analytics.results_effects import ComparisonEffect, PooledEffect, PortfolioTotal
from data.types import Aggregation, Metric, Plan, Verdict
from pages.shared.pooling_charts import EffectRow
from pages.shared.trial_family import Registered
from pages.shared.trial_outcome import Effect

KEPT = (Verdict.STANDARDISE, Verdict.AMPLIFY)  # verdicts that keep a practice


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One finished experiment with an effect that can stand beside others."""

    trial: Registered
    metric: Metric
    plan: Plan
    effect: Effect

    @property
    def name(self) -> str:
        """How a row calls it: its number and its sites."""
        return f"{self.trial.experiment.label} · {', '.join(self.trial.sites)}"

    @property
    def row(self) -> EffectRow:
        """As drawn."""
        effect = self.effect
        decided = not isinstance(effect, ComparisonEffect) or effect.decided
        return EffectRow(self.name, effect.estimate, effect.lower, effect.upper, decided)

    @property
    def standard_error(self) -> float:
        """Read from its interval."""
        return standard_error_of(self.effect.lower, self.effect.upper, self.effect.confidence)


def measured(trials: Sequence[Registered]) -> tuple[Measured, ...]:
    """Keep the finished experiments with an effect and a finite interval, abandoned ones too: failures count."""
    found = []
    for trial in trials:
        effect = trial.effect.result if trial.effect else None
        if effect is None or isinstance(effect, NotComputable) or trial.plan is None or trial.metric is None:
            continue
        if math.isfinite(effect.lower) and math.isfinite(effect.upper) and effect.upper > effect.lower:
            found.append(Measured(trial, trial.metric, trial.plan, effect))
    return tuple(found)


def pooled(known: Sequence[Measured]) -> PooledEffect | NotComputable:
    """Pool effects of one unit; NotComputable "different_metrics" or "different_periods" where they have not one."""
    if len({each.metric.id for each in known}) > 1:
        return NotComputable("different_metrics", {"n": len({each.metric.id for each in known})})
    grains = {each.plan.grain or each.metric.frequency for each in known}
    if len(grains) > 1 and known[0].metric.aggregation is Aggregation.SUM:
        return NotComputable("different_periods")
    return pooled_effect(
        [each.effect.estimate for each in known], [each.standard_error for each in known],
        sites=[each.name for each in known],
    )  # fmt: skip


def total(known: Sequence[Measured]) -> PortfolioTotal | NotComputable:
    """Add up the effects of one metric that were kept, or all where none was, less what may be luck."""
    kept = [each.trial.experiment.verdict in KEPT for each in known]
    return portfolio_total(
        [each.effect.estimate for each in known], [each.standard_error for each in known],
        names=[each.name for each in known], counted=kept if any(kept) else None,
    )  # fmt: skip


def worthwhile(known: Sequence[Measured]) -> float | None:
    """Return the smallest effect that every plan promised to be worth having, signed; None if they aim apart."""
    aims = {each.plan.expected_direction for each in known}
    if len(aims) != 1 or Direction.NEUTRAL in aims:
        return None
    sign = 1 if aims == {Direction.UP} else -1
    return sign * max(each.plan.smallest_effect for each in known)


def by_metric(known: Sequence[Measured]) -> list[tuple[Measured, ...]]:
    """Part effects by metric, those of most experiments first: units do not add up across metrics."""
    parts: dict[str, list[Measured]] = {}
    for each in known:
        parts.setdefault(each.metric.id, []).append(each)
    return [tuple(part) for part in sorted(parts.values(), key=len, reverse=True)]
