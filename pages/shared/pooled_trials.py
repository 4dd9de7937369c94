"""Effects of finished experiments put side by side: which can be pooled, which cannot, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.pooling import half_width_of, pooled_effect, portfolio_total, standard_error_of
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


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """All experiments of one site, as one effect: weighted by the inverse of their variances."""

    trials: tuple[Measured, ...]

    @property
    def name(self) -> str:
        """How its row calls it: the numbers of its experiments and its sites."""
        labels = ", ".join(each.trial.experiment.label for each in self.trials)
        sites = dict.fromkeys(site for each in self.trials for site in each.trial.sites)
        return f"{labels} · {', '.join(sites)}"

    @property
    def shares(self) -> tuple[float, ...]:
        """How much each experiment weighs in it."""
        precisions = [each.standard_error**-2 for each in self.trials]
        return tuple(precision / sum(precisions) for precision in precisions)

    @property
    def estimate(self) -> float:
        """Their mean effect."""
        return sum(share * each.effect.estimate for share, each in zip(self.shares, self.trials, strict=True))

    @property
    def standard_error(self) -> float:
        """Of that mean; the experiments' own errors are taken as independent."""
        return sum(each.standard_error**-2 for each in self.trials) ** -0.5

    @property
    def row(self) -> EffectRow:
        """As drawn: one experiment with its own interval, several with a normal one."""
        if len(self.trials) == 1:
            return self.trials[0].row
        reach = half_width_of(self.standard_error, self.trials[0].effect.confidence)
        decided = all(each.row.decided for each in self.trials)
        return EffectRow(self.name, self.estimate, self.estimate - reach, self.estimate + reach, decided)


def places(known: Sequence[Measured]) -> tuple[Place, ...]:
    """Gather the experiments that share a site, in the order of the first of each: one site is not several."""
    groups: list[tuple[set[str], list[int]]] = []
    for number, each in enumerate(known):
        sites, numbers = set(each.plan.site_ids), [number]
        for group in [group for group in groups if group[0] & sites]:
            groups.remove(group)
            sites, numbers = sites | group[0], numbers + group[1]
        groups.append((sites, sorted(numbers)))
    return tuple(Place(tuple(known[number] for number in numbers)) for _, numbers in sorted(groups, key=lambda g: g[1]))


def weights(together: PooledEffect | NotComputable, known: Sequence[Measured]) -> dict[str, float]:
    """Say how much each experiment weighs in a pooled effect, by its id; none where nothing was pooled."""
    if isinstance(together, NotComputable):
        return {}
    return {
        each.trial.experiment.id: share * within
        for place, share in zip(places(known), together.shares, strict=True)
        for each, within in zip(place.trials, place.shares, strict=True)
    }


def pooled(known: Sequence[Measured]) -> PooledEffect | NotComputable:
    """Pool effects of one unit over distinct sites, never more sure than one common effect would be.

    Returns NotComputable "different_metrics" or "different_periods" where they have not one, or as `pooled_effect`.
    """
    if len({each.metric.id for each in known}) > 1:
        return NotComputable("different_metrics", {"n": len({each.metric.id for each in known})})
    grains = {each.plan.grain or each.metric.frequency for each in known}
    if len(grains) > 1 and known[0].metric.aggregation is Aggregation.SUM:
        return NotComputable("different_periods")
    sites = places(known)
    return pooled_effect(
        [site.estimate for site in sites], [site.standard_error for site in sites],
        sites=[site.name for site in sites], at_least_fixed=True,
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
