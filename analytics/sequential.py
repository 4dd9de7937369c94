"""Reading an experiment before it is over: looks declared beforehand, each with its own share of the error.

Reading as often as one likes, and stopping when it looks well, is what makes a quarter of quiet series look like a
success. Here either the looks are few, dated and paid for (`declared_looks`), or the measure itself allows for any
number of them (`e_value`). Words are harm, promising, no signal yet: an early reading is never a result.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from analytics.did import comparison_effect
from analytics.e_value import e_value
from analytics.early import MINIMUM_EARLY, compares_weekdays, period_ends, seen_periods, seen_weights, signal_word
from analytics.its import Scale, Window, single_site_effect
from analytics.results import Direction, NotComputable, SiteEffect
from analytics.results_effects import ComparisonEffect
from analytics.results_sequential import DeclaredLooks, EarlySignal, Look, LookPlan, SignalWord

__all__ = ["LOOKS", "compared_looks", "declared_looks", "e_value", "early_signal"]

# 72 hours, a fortnight and a month, of which the last may err most: 5 % at most in all, 3.7, 3.7 and 3.6 % of quiet
# series at phi 0, 0.3 and 0.6 (simulated, `benchmarks.honesty_sequential`).
LOOKS = (LookPlan(3, 0.01), LookPlan(14, 0.01), LookPlan(30, 0.03))


def early_signal(
    values: pd.Series,
    *,
    intervention_date: dt.date,
    direction: Direction,
    alpha: float = LOOKS[0].alpha,
    seen_by: dt.date | None = None,
    trend: bool = True,
    excluded: Collection[dt.date] = (),
    scale: Scale = "identity",
    weights: pd.Series | None = None,
) -> EarlySignal | NotComputable:
    """Say what a change shows before its experiment is over: harm, promising, or no signal yet.

    values, excluded, scale, weights: as for `single_site_effect`; trend: as registered.
    intervention_date: first day of after, inclusive. seen_by: only periods that ended by the beginning of this day
        count; None = all.
    direction: which way the metric improves. alpha: the share of quiet series that may raise a signal here; it is not
        taken from the final result's.
    A daily series of `early.WEEKDAY_DAYS` or more before the start compares each day of the week with itself.
    Returns NotComputable "too_few_at_look" under MINIMUM_EARLY points after, else what `single_site_effect` answers.
    Source: as `single_site_effect`; 1 % of quiet series at alpha 0.01, 3 points after and phi from 0 to 0.6 (simulated).

    >>> days = pd.date_range("2026-01-05", periods=33, freq="D")
    >>> late = pd.Series([9.0, 11, 10, 9, 11, 10, 10, 9, 11, 10, 9] * 3, index=days)
    >>> late.iloc[-3:] -= 9
    >>> said = early_signal(late, intervention_date=dt.date(2026, 2, 4), direction=Direction.DOWN)
    >>> said.signal, said.n_after, said.confidence
    (<SignalWord.PROMISING: 'promising'>, 3, 0.99)
    """
    seen = seen_periods(values, seen_by)
    weighed = seen_weights(weights, values, seen)
    n_after = Window.of(seen, intervention_date, excluded, weighed).n_after
    if n_after < MINIMUM_EARLY:
        return NotComputable("too_few_at_look", {"found": n_after, "needed": MINIMUM_EARLY})
    effect = single_site_effect(
        seen,
        intervention_date=intervention_date,
        trend=trend,
        weekday=compares_weekdays(seen, intervention_date) or None,
        excluded=excluded,
        scale=scale,
        weights=weighed,
        confidence=1 - alpha,
        minimum_after=MINIMUM_EARLY,
    )
    if isinstance(effect, NotComputable):
        return effect
    return _signal(effect, effect.p_value, seen, direction=direction, alpha=alpha)


def declared_looks(
    values: pd.Series,
    *,
    intervention_date: dt.date,
    direction: Direction,
    today: dt.date,
    looks: Sequence[LookPlan] = LOOKS,
    trend: bool = True,
    excluded: Collection[dt.date] = (),
    scale: Scale = "identity",
    weights: pd.Series | None = None,
) -> DeclaredLooks:
    """Make the looks declared at registration, each only from the data up to it.

    values and the rest: as for `early_signal`. looks: in order of their days; a look is due on the day that begins so
        many days after the start, when the periods before have ended. today: a later look is not due.
    A look that says nothing keeps its place, with its reason: "look_not_due", or what `early_signal` answers.
    Raises ValueError for looks out of order or error that does not lie between 0 and 1.
    Source: the errors of the looks add up (Bonferroni); looks resemble one another, so that the true sum is less.

    >>> days = pd.date_range("2026-01-05", periods=44, freq="D")
    >>> late = pd.Series([9.0, 11, 10, 9, 11, 10, 10, 9, 11, 10, 9] * 4, index=days)
    >>> made = declared_looks(
    ...     late, intervention_date=dt.date(2026, 2, 4), direction=Direction.DOWN, today=dt.date(2026, 2, 20)
    ... )
    >>> [(look.date.isoformat(), look.n_after, look.signal and look.signal.value) for look in made.looks][:2]
    [('2026-02-07', 3, 'no_signal_yet'), ('2026-02-18', 14, 'no_signal_yet')]
    >>> made.next_date.isoformat(), round(made.error_budget, 2)
    ('2026-03-06', 0.05)
    """
    check_plan(looks)
    window = Window.of(values, intervention_date, excluded, seen_weights(weights, values, values))
    measured = window.periods[window.kept]
    made = []
    for plan, date in ((plan, intervention_date + dt.timedelta(days=plan.days)) for plan in looks):
        outcome: EarlySignal | NotComputable = NotComputable("look_not_due", {"date": date})
        if date <= today:
            outcome = early_signal(
                values, intervention_date=intervention_date, direction=direction, alpha=plan.alpha, seen_by=date,
                trend=trend, excluded=excluded, scale=scale, weights=weights,
            )  # fmt: skip
        counts = _counts(measured, values.index, intervention_date, date)
        made.append(Look(plan.days, plan.alpha, date, *counts, outcome))
    return DeclaredLooks(intervention_date, tuple(made), sum(plan.alpha for plan in looks))


def compared_looks(
    values: pd.DataFrame,
    *,
    treated_sites: Collection[str],
    intervention_date: dt.date,
    direction: Direction,
    today: dt.date,
    rng: np.random.Generator,
    looks: Sequence[LookPlan] = LOOKS,
    excluded: Collection[dt.date] = (),
    weights: pd.DataFrame | None = None,
) -> DeclaredLooks:
    """Make the declared looks where treated sites are compared with others: as `comparison_effect`, at each level.

    values, treated_sites, rng, excluded, weights: as for `comparison_effect`; the rest as for `declared_looks`.
    The p value and the interval are those of t with (sites - 2) degrees of freedom. Counts are periods.
    Raises ValueError as `comparison_effect` and `declared_looks` do.
    """
    check_plan(looks)
    kept = values[~values.index.isin(pd.DatetimeIndex(list(excluded)))]
    measured = kept.index[kept.notna().any(axis=1)]
    made = []
    for plan, date in ((plan, intervention_date + dt.timedelta(days=plan.days)) for plan in looks):
        counts = _counts(measured, values.index, intervention_date, date)
        outcome: EarlySignal | NotComputable = NotComputable("look_not_due", {"date": date})
        if date <= today and counts[1] < MINIMUM_EARLY:
            outcome = NotComputable("too_few_at_look", {"found": counts[1], "needed": MINIMUM_EARLY})
        elif date <= today:
            seen = seen_periods(values, date)
            effect = comparison_effect(
                seen, treated_sites=treated_sites, intervention_date=intervention_date, rng=rng, excluded=excluded,
                weights=seen_weights(weights, values, seen), confidence=1 - plan.alpha,
            )  # fmt: skip
            outcome = (
                effect
                if isinstance(effect, NotComputable)
                else _signal(effect, effect.t_p_value, seen.mean(axis=1), direction=direction, alpha=plan.alpha)
            )
        made.append(Look(plan.days, plan.alpha, date, *counts, outcome))
    return DeclaredLooks(intervention_date, tuple(made), sum(plan.alpha for plan in looks))


def check_plan(looks: Sequence[LookPlan]) -> None:
    """Refuse looks out of order, and error that is no share."""
    days = [plan.days for plan in looks]
    if not looks or days != sorted(set(days)) or days[0] < 1:
        raise ValueError("looks must be in order of their days, each once, after the start")
    if not 0 < sum(plan.alpha for plan in looks) < 1 or min(plan.alpha for plan in looks) <= 0:
        raise ValueError("the error of the looks must lie between 0 and 1")


def _counts(measured: pd.Index, calendar: pd.Index, start: dt.date, date: dt.date) -> tuple[int, int]:
    """Measured periods before the start, and from it to a look's date."""
    ends = pd.Series(period_ends(pd.DatetimeIndex(calendar)), index=calendar)
    seen = measured[(ends[measured] <= pd.Timestamp(date)).to_numpy()]
    n_after = int((seen >= pd.Timestamp(start)).sum())
    return int((measured < pd.Timestamp(start)).sum()), n_after


def _signal(
    effect: SiteEffect | ComparisonEffect,
    p_value: float,
    seen: pd.Series,
    *,
    direction: Direction,
    alpha: float,
) -> EarlySignal:
    quiet = effect.lower <= 0 <= effect.upper
    own = effect if isinstance(effect, SiteEffect) else None
    return EarlySignal(
        signal=SignalWord.NO_SIGNAL_YET if quiet else signal_word(effect.estimate, direction),
        estimate=effect.estimate,
        lower=effect.lower,
        upper=effect.upper,
        confidence=effect.confidence,
        relative=effect.relative,
        relative_lower=effect.relative_lower,
        relative_upper=effect.relative_upper,
        level_before=effect.level_before,
        p_value=p_value,
        alpha=alpha,
        phi=own.phi if own else None,
        n_before=effect.n_before,
        n_after=effect.n_after,
        last_period=pd.Timestamp(seen.dropna().index[-1]).date(),
        terms=own.terms if own else (),
        method=effect.method,
    )
