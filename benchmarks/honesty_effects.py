"""How often effects over several sites are wrong, by the product's own functions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analytics.did import compare_sites, site_changes
from analytics.guards import effect_without_trigger
from analytics.imputation import estimates_by_order
from analytics.its import single_site_effect
from analytics.multiplicity import benjamini_hochberg
from analytics.pooling import pooled_effect, portfolio_total, standard_error_of
from analytics.results import NotComputable
from analytics.staggered import order_tests
from benchmarks.noise import ar1

Row = tuple[str, tuple[float, float], float, int]

PHIS = (0.0, 0.3, 0.6)
N_SITES, N_TREATED = 15, 3
N_BEFORE, N_AFTER = 60, 30
WAVES = (8, 12, 16, 20, 24)  # first treated weeks of five waves of three
N_WEEKS = 26
N_ORDERS = 400
BLOCK = 500
NEXT_SITE = ((4, 0.0), (4, 1.0), (8, 1.0), (15, 0.5))  # sites, and how much their true effects differ


def rows(seed: int, n: int) -> list[Row]:
    """Give (name, nominal band, found share, trials) for each claim; fewer than n where each series is alone."""
    found = [row for place, phi in enumerate(PHIS) for row in _at(np.random.default_rng([seed, place]), n, phi)]
    for place, (n_sites, tau) in enumerate(NEXT_SITE):
        found += _pooled(np.random.default_rng([seed, 10 + place]), n // 2, n_sites, tau)
    found.append(_pooled_series(np.random.default_rng([seed, 15]), n // 8))
    found.append(_portfolio(np.random.default_rng([seed, 16]), n // 4))
    return [*found, _discoveries(np.random.default_rng([seed, 20]), n)]


def _at(rng: np.random.Generator, n: int, phi: float) -> list[Row]:
    t_test, shuffled, covered = _compared(rng, n, phi)
    some, some_covered = _rolled_out(rng, n, phi, n_never=3)
    every, every_covered = _rolled_out(rng, n, phi, n_never=0)
    return [
        (f"comparison, t, 3 of 15, no effect, phi {phi}", (0.04, 0.06), t_test, n),
        (f"comparison, all assignments, no effect, phi {phi}", (0.04, 0.06), shuffled, n),
        (f"comparison, interval holds the effect, phi {phi}", (0.94, 0.96), covered, n),
        (f"rollout, 3 of 15 never, no effect, phi {phi}", (0.04, 0.06), some, n),
        (f"rollout, interval holds the effect, phi {phi}", (0.94, 0.96), some_covered, n),
        (f"rollout, all treated in the end, no effect, phi {phi}", (0.04, 0.06), every, n),
        (f"rollout, all treated, interval holds the effect, phi {phi}", (0.94, 0.96), every_covered, n),
        (f"start after an extreme point, point left out, phi {phi}", (0.0, 0.05), _triggered(rng, n // 8, phi), n // 8),
    ]


def _compared(rng: np.random.Generator, n: int, phi: float) -> tuple[float, float, float]:
    treated = np.arange(N_SITES) < N_TREATED
    after = np.arange(N_BEFORE + N_AFTER) >= N_BEFORE
    effect = 0.5
    t_test, shuffled, covered = [], [], []
    for size in _blocks(n):
        values = ar1(rng, size * N_SITES, len(after), phi).reshape(size, N_SITES, -1)
        nothing = compare_sites(site_changes(values, after), treated, rng=rng)
        something = compare_sites(site_changes(values, after) + effect * treated, treated, rng=rng)
        t_test.append(nothing.t_p_value < 0.05)
        shuffled.append(nothing.p_value <= 0.05)
        covered.append((something.lower < effect) & (something.upper > effect))
    return _share(t_test), _share(shuffled), _share(covered)


def _rolled_out(rng: np.random.Generator, n: int, phi: float, *, n_never: int) -> tuple[float, float]:
    dates = np.repeat(WAVES, 3)
    dates[N_SITES - n_never :] = N_WEEKS
    effect = 0.5 * (np.arange(N_WEEKS) >= dates[:, None])
    adopters = np.flatnonzero(dates < N_WEEKS)
    alarms, covered = [], []
    for size in _blocks(n):
        values = ar1(rng, size * N_SITES, N_WEEKS, phi).reshape(size, N_SITES, -1)
        orders = np.tile(np.arange(N_SITES), (N_ORDERS, 1))
        orders[1:, adopters] = rng.permuted(np.tile(adopters, (N_ORDERS - 1, 1)), axis=1)
        nothing = order_tests(estimates_by_order(values, dates, orders))
        something = order_tests(estimates_by_order(values + effect, dates, orders))
        alarms.append(nothing.p_value <= 0.05)
        covered.append((something.lower < 0.5) & (something.upper > 0.5))
    return _share(alarms), _share(covered)


def _triggered(rng: np.random.Generator, n: int, phi: float) -> float:
    """Starts right after a point beyond two spreads, the point told as the trigger."""
    weeks = pd.date_range("2024-01-01", periods=60, freq="7D")
    start, trigger = weeks[40].date(), [weeks[39].date()]
    series = ar1(rng, 40 * n, 60, phi)
    alarms = []
    for cells in series[np.abs(series[:, 39]) > 2 * series.std()][:n]:
        effect = effect_without_trigger(pd.Series(cells, weeks), intervention_date=start, trigger_dates=trigger)
        alarms.append(not isinstance(effect, NotComputable) and effect.p_value < 0.05)
    return float(np.mean(alarms))


def _pooled(rng: np.random.Generator, n: int, n_sites: int, tau: float) -> list[Row]:
    variances = rng.uniform(0.3, 2, (n, n_sites))
    seen = tau * rng.normal(size=(n, n_sites)) + np.sqrt(variances) * rng.normal(size=(n, n_sites))
    errors = np.sqrt(variances * rng.chisquare(60, (n, n_sites)) / 60)
    following = tau * rng.normal(size=n)
    names = [str(place) for place in range(n_sites)]
    mean, ahead = [], []
    for cells, error, true in zip(seen, errors, following, strict=True):
        effect = pooled_effect(cells, error, sites=names)
        if not isinstance(effect, NotComputable) and effect.next_lower is not None and effect.next_upper is not None:
            mean.append(effect.lower < 0 < effect.upper)
            ahead.append(effect.next_lower < true < effect.next_upper)
    return [
        (f"pooled, interval holds the mean, {n_sites} sites, spread {tau}", (0.93, 0.965), float(np.mean(mean)), n),
        (f"pooled, holds the next site, {n_sites} sites, spread {tau}", (0.93, 1.0), float(np.mean(ahead)), n),
    ]


def _pooled_series(rng: np.random.Generator, n: int) -> Row:
    """Five sites with true effects of their own, each found from its series and read from the interval shown."""
    weeks = pd.date_range("2024-01-01", periods=N_BEFORE + N_AFTER, freq="7D")
    start, after = weeks[N_BEFORE].date(), np.arange(N_BEFORE + N_AFTER) >= N_BEFORE
    ahead = []
    for _ in range(n):
        *true, following = 1 + 0.5 * rng.normal(size=6)
        series = ar1(rng, 5, len(weeks), 0.3) + np.outer(true, after)
        effects = [
            single_site_effect(pd.Series(cells, weeks), intervention_date=start, trend=False) for cells in series
        ]
        known = [effect for effect in effects if not isinstance(effect, NotComputable)]
        errors = [standard_error_of(effect.lower, effect.upper, effect.confidence) for effect in known]
        pooled = pooled_effect([effect.estimate for effect in known], errors, sites=[str(k) for k in range(len(known))])
        if not isinstance(pooled, NotComputable) and pooled.next_lower is not None and pooled.next_upper is not None:
            ahead.append(pooled.next_lower < following < pooled.next_upper)
    return ("pooled from five series, holds the next site, phi 0.3", (0.92, 1.0), float(np.mean(ahead)), n)


def _portfolio(rng: np.random.Generator, n: int) -> Row:
    """Sixteen experiments, the better half of them kept: the total of those kept."""
    held = []
    for _ in range(n):
        true, error = 0.7 * rng.normal(size=16), rng.uniform(0.6, 1.4, 16)
        seen = true + error * rng.normal(size=16)
        kept = seen >= np.median(seen)
        total = portfolio_total(seen, error, names=[str(k) for k in range(16)], counted=kept.tolist())
        if not isinstance(total, NotComputable):
            held.append(total.lower < true[kept].sum() < total.upper)
    return ("portfolio, total of the better half, interval holds it", (0.92, 0.97), float(np.mean(held)), n)


def _discoveries(rng: np.random.Generator, n: int) -> Row:
    """Forty effects a family, ten of them true; 5 % of 30 / 40."""
    z = rng.normal(size=(n, 40)) + np.where(np.arange(40) < 10, 3.0, 0.0)
    p_values = 2 * special.ndtr(-np.abs(z))
    shares = []
    for family in p_values:
        judged = benjamini_hochberg(family)
        if not isinstance(judged, NotComputable):
            shares.append(judged.discoveries[10:].sum() / max(1, judged.discoveries.sum()))
    return ("families, share of discoveries that are false", (0.033, 0.042), float(np.mean(shares)), n)


def _blocks(n: int) -> list[int]:
    return [min(BLOCK, n - first) for first in range(0, n, BLOCK)]


def _share(parts: list[np.ndarray]) -> float:
    return float(np.concatenate(parts).mean())
