"""How often early readings are wrong, and how often what is said to be detectable is seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from analytics.autoregression import integrated_effects
from analytics.did import comparison_effect
from analytics.e_value import e_value
from analytics.its import RANDOM_WALK_PHI, Window, design_of, single_site_effect
from analytics.power import minimum_detectable_difference, minimum_detectable_effect
from analytics.power_rollout import minimum_detectable_rollout
from analytics.results import Direction, NotComputable
from analytics.results_effects import ComparisonEffect
from analytics.results_sequential import EValue, SignalWord
from analytics.sequential import LOOKS, early_signal
from analytics.staggered import rollout_effect
from benchmarks.noise import ar1

Row = tuple[str, tuple[float, float], float, int]

PHIS = (0.0, 0.3, 0.6)
N_BEFORE, N_AFTER, N_EARLY = 60, 30, 3
N_SITES, N_TREATED = 15, 3
SEEN_BAND = (0.75, 0.87)  # about 0.8: noise and phi are estimated from 60 points
DAYS = pd.date_range("2024-01-01", periods=N_BEFORE + N_AFTER, freq="D")
START, END = DAYS[N_BEFORE].date(), DAYS[-1].date()
EARLY_END = DAYS[N_BEFORE + N_EARLY - 1].date()


def rows(seed: int, n: int) -> list[Row]:
    """Give (name, nominal band, found share, trials) for each claim; fewer than n where each series is read alone."""
    found = []
    for place, phi in enumerate(PHIS):
        rng = np.random.default_rng([seed, place])
        found += [*looks_rows(rng, n, phi), evidence_row(rng, n // 4, phi), *power_rows(rng, n // 4, phi)]
        found += [difference_row(rng, n // 8, phi), rollout_row(rng, n // 16, phi)]
    return found


def looks_rows(rng: np.random.Generator, n: int, phi: float) -> list[Row]:
    """Quiet series that raise a signal at any look, and at the first one: the fits that `declared_looks` makes, at once."""
    values = ar1(rng, n, len(DAYS), phi)
    raised = np.zeros((len(LOOKS), n), dtype=bool)
    for place, look in enumerate(LOOKS):
        n_seen = N_BEFORE + look.days
        window = Window.of(pd.Series(values[0, :n_seen], DAYS[:n_seen]), START, (), None)
        design = design_of(window, trend=True, weekday=True)[0]
        effects = integrated_effects(values[:, :n_seen], design, column=1, confidence=1 - look.alpha)
        quiet = (effects.lower <= 0) & (effects.upper >= 0)
        raised[place] = ~quiet & (effects.phi < RANDOM_WALK_PHI)
    return [
        (f"three declared looks, nothing changed, phi {phi}", (0.0, 0.05), float(raised.any(axis=0).mean()), n),
        (f"look at 72 hours, nothing changed, phi {phi}", (0.0, 0.015), float(raised[0].mean()), n),
    ]


def evidence_row(rng: np.random.Generator, n: int, phi: float) -> Row:
    """Quiet series whose evidence, read daily, ever reaches 20."""
    crossed = []
    for series in _quiet(rng, n, phi):
        read = e_value(series, intervention_date=START, direction=Direction.UP)
        crossed.append(isinstance(read, EValue) and read.crossed_on is not None)
    return (f"e-value read daily, nothing changed, phi {phi}", (0.0, 0.02), float(np.mean(crossed)), n)


def power_rows(rng: np.random.Generator, n: int, phi: float) -> list[Row]:
    """Series with an effect as large as was said to be detectable from their own history, and how often it is seen."""
    final, early = [], []
    for series in _quiet(rng, n, phi):
        final.append(_seen(series, END, early=False, read=_interval))
        early.append(_seen(series, EARLY_END, early=True, read=_early))
    return [
        (f"detectable effect, 30 days, is seen, phi {phi}", SEEN_BAND, float(np.mean(final)), n),
        (f"detectable effect, 72 hours, is seen, phi {phi}", SEEN_BAND, float(np.mean(early)), n),
    ]


def difference_row(rng: np.random.Generator, n: int, phi: float) -> Row:
    """The same with 3 treated sites of 15."""
    names = [f"S{place:02d}" for place in range(N_SITES)]
    seen = []
    for _ in range(n):
        values = pd.DataFrame(np.column_stack(list(_quiet(rng, N_SITES, phi))), index=DAYS, columns=names)
        said = minimum_detectable_difference(values, treated_sites=names[:N_TREATED], start=START, end=END)
        if isinstance(said, NotComputable):
            seen.append(False)
            continue
        values.loc[values.index >= DAYS[N_BEFORE], names[:N_TREATED]] += said.effect
        effect = comparison_effect(values, treated_sites=names[:N_TREATED], intervention_date=START, rng=rng)
        seen.append(isinstance(effect, ComparisonEffect) and effect.decided)
    return (f"detectable difference, 3 of 15 sites, is seen, phi {phi}", SEEN_BAND, float(np.mean(seen)), n)


def rollout_row(rng: np.random.Generator, n: int, phi: float) -> Row:
    """The same with 12 of 15 sites adopting in four waves of three, five days apart."""
    names = [f"S{place:02d}" for place in range(N_SITES)]
    dates = {name: START + dt.timedelta(days=5 * (place // 3)) for place, name in enumerate(names[:12])}
    seen = []
    for _ in range(n):
        values = pd.DataFrame(np.column_stack(list(_quiet(rng, N_SITES, phi))), index=DAYS, columns=names)
        said = minimum_detectable_rollout(values, adoption_dates=dates, end=END, rng=rng, n_panels=200)
        if isinstance(said, NotComputable):
            seen.append(False)
            continue
        for name, date in dates.items():
            values.loc[values.index >= pd.Timestamp(date), name] += said.effect
        effect = rollout_effect(values, adoption_dates=dates, drawn_by_lot=True, rng=rng, n_orders=400)
        seen.append(not isinstance(effect, NotComputable) and effect.lower > 0)
    return (f"detectable effect of a rollout, 4 waves, is seen, phi {phi}", SEEN_BAND, float(np.mean(seen)), n)


def _seen(series: pd.Series, end: dt.date, *, early: bool, read: Callable[[pd.Series], bool]) -> bool:
    alpha = LOOKS[0].alpha if early else 0.05
    said = minimum_detectable_effect(series, start=START, end=end, early=early, alpha=alpha)
    if isinstance(said, NotComputable):
        return False
    changed = series + said.effect * (series.index >= DAYS[N_BEFORE])
    return read(changed[changed.index <= pd.Timestamp(end)])


def _interval(changed: pd.Series) -> bool:
    effect = single_site_effect(changed, intervention_date=START)
    return not isinstance(effect, NotComputable) and not effect.lower <= 0 <= effect.upper


def _early(changed: pd.Series) -> bool:
    said = early_signal(changed, intervention_date=START, direction=Direction.UP)
    return not isinstance(said, NotComputable) and said.signal is SignalWord.PROMISING


def _quiet(rng: np.random.Generator, n: int, phi: float) -> Iterator[pd.Series]:
    """Stationary noise of variance 1, and days of the week that differ."""
    weekday = np.array([0, 0.5, 1, 0.5, 0, -1, -1])[DAYS.day_of_week.to_numpy()]
    for noise in ar1(rng, n, len(DAYS), phi):
        yield pd.Series(10 + weekday + noise, index=DAYS)
