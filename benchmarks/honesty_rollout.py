"""How often what is said of a rollout is wrong, by the product's own functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
from scipy import special

from analytics.results import NotComputable
from analytics.rollout import Passage, completion_forecast, learning_curve
from analytics.waiting import kaplan_meier

Draw = Callable[[np.random.Generator, int], np.ndarray]
Row = tuple[str, tuple[float, float], float, int]

N_SITES = 15
WAVES = np.repeat([1, 2, 3, 4], [3, 4, 4, 4])
WEEKS_APART, WEEKS_SEEN = 8, 32  # waves begin so far apart; today stands so long after the first
MEDIAN_WEEKS, SCATTER = 8.0, 0.5
GAMMA_SHAPE = 3.0  # as if three steps followed one another; not what the product supposes
LEARNING_SEEN = {"log-normal": 0.68, "gamma": 0.45}  # at least, of 15 sites in 4 waves
TODAY = dt.date(2026, 6, 1)


def rows(seed: int, n: int) -> list[Row]:
    """Give (name, nominal band, found share, rollouts) for each claim; fewer rollouts where each takes longer."""
    few, fewest = max(n // 4, 1), max(n // 8, 1)
    found: list[Row] = []
    for place, (name, draw) in enumerate((("log-normal", _log_normal), ("gamma", _gamma))):
        rng = np.random.default_rng([seed, place])
        seen = LEARNING_SEEN[name]
        found += [
            (f"Kaplan-Meier median in its 95 %, {name}", (0.93, 0.97), _median_held(rng, n, draw), n),
            (f"learning claimed, waves alike, {name}", (0.0, 0.05), _learning(rng, few, draw, 1.0), few),
            (f"learning seen, each wave 0.7 times, {name}", (seen, 1.0), _learning(rng, few, draw, 0.7), few),
            (f"last go-live in its 80 % range, {name}", (0.77, 0.86), _completed(rng, fewest, draw), fewest),
        ]
    odd = _learning(np.random.default_rng([seed, 2]), few, _at_once, 1.0)
    return [*found, ("learning claimed, waves alike, most at once", (0.0, 0.05), odd, few)]


def _at_once(rng: np.random.Generator, size: int) -> np.ndarray:
    """Most sites are there in their first week and a few take long: no line is the right one."""
    return np.where(rng.random(size) < 0.85, 1.0, 1.0 + rng.geometric(0.12, size))


def _log_normal(rng: np.random.Generator, size: int) -> np.ndarray:
    return MEDIAN_WEEKS * np.exp(SCATTER * rng.normal(size=size))


def _gamma(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.gamma(GAMMA_SHAPE, MEDIAN_WEEKS / special.gammaincinv(GAMMA_SHAPE, 0.5), size)


def _median_held(rng: np.random.Generator, n: int, draw: Draw) -> float:
    held = []
    for _ in range(n):
        times, seen = draw(rng, 40), rng.uniform(4, 24, 40)
        curve = kaplan_meier(np.minimum(times, seen), times <= seen)
        if isinstance(curve, NotComputable):
            continue
        high = np.inf if curve.upper is None else curve.upper
        held.append(curve.lower is not None and curve.lower <= MEDIAN_WEEKS <= high)
    return float(np.mean(held))


def _learning(rng: np.random.Generator, n: int, draw: Draw, factor: float) -> float:
    """The share of rollouts of which a difference between waves is claimed."""
    seen = WEEKS_SEEN - WEEKS_APART * (WAVES - 1.0)
    claims = []
    for _ in range(n):
        weeks = np.ceil(draw(rng, N_SITES) * factor ** (WAVES - 1))
        found = learning_curve(np.minimum(weeks, seen), weeks <= seen, WAVES)
        if not isinstance(found, NotComputable):
            claims.append(found.is_clear)
    return float(np.mean(claims))


def _completed(rng: np.random.Generator, n: int, draw: Draw) -> float:
    """Nine sites of fifteen have begun or gone live; whether the last one's true day lies in its range."""
    held = []
    for _ in range(n):
        days = np.ceil(7 * draw(rng, N_SITES)).astype(int)
        begun = np.array([TODAY - dt.timedelta(days=int(back)) for back in rng.integers(20, 200, N_SITES)])
        live = [start + dt.timedelta(days=int(span)) for start, span in zip(begun, days, strict=True)]
        passages = [
            Passage(str(place), begun_on=start, live_on=day if day <= TODAY else None)
            for place, (start, day) in enumerate(zip(begun, live, strict=True))
        ]
        found = completion_forecast(passages, today=TODAY, rng=rng, n_futures=1000)
        if isinstance(found, NotComputable):
            continue
        held.append(found.last.lower <= max(live) <= found.last.upper)
    return float(np.mean(held))
