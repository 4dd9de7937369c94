"""How often one site's before and after is wrong, by the product's own functions."""

from __future__ import annotations

import numpy as np

from analytics.autoregression import Effects, integrated_effects
from benchmarks.noise import ar1

Row = tuple[str, tuple[float, float], float, int]

PHIS = (0.0, 0.3, 0.6)
N_BEFORE, N_AFTER = 60, 30
SHORT_BEFORE, SHORT_AFTER = 26, 8
NUGGET, WANDERING = 1.0, 0.1  # standard deviations of the noise, and of each step of the drift beneath it
AR2 = (0.5, 0.3)
# What the page says of series that are no AR(1): false alarms of so much, at a nominal 5 %.
DRIFT_BAND, AR2_BAND, SHORT_BAND = (0.05, 0.30), (0.05, 0.17), (0.04, 0.07)
EFFECT = 0.8


def rows(seed: int, n: int) -> list[Row]:
    """Give (name, nominal band, found share, trials) for each claim; an eighth of n where no two share a calendar."""
    found = [row for place, phi in enumerate(PHIS) for row in _at(np.random.default_rng([seed, 60 + place]), n, phi)]
    return [*found, *_beyond(np.random.default_rng([seed, 70]), n)]


def _at(rng: np.random.Generator, n: int, phi: float) -> list[Row]:
    values = ar1(rng, n, N_BEFORE + N_AFTER, phi)
    quiet = _effects(values, N_BEFORE)
    moved = _effects(values + EFFECT * (np.arange(values.shape[1]) >= N_BEFORE), N_BEFORE)
    weekdays = np.eye(7)[np.arange(values.shape[1]) % 7][:, 1:]
    patchy = np.where(rng.random((n // 8, values.shape[1])) < 0.1, np.nan, values[: n // 8])
    short = _effects(ar1(rng, n, SHORT_BEFORE + SHORT_AFTER, phi), SHORT_BEFORE)
    covered = (moved.lower < EFFECT) & (moved.upper > EFFECT)
    return [
        (f"one site, no effect, phi {phi}", (0.04, 0.06), _alarms(quiet), n),
        (f"one site, interval holds the effect, phi {phi}", (0.94, 0.96), float(covered.mean()), n),
        (f"one site, trend and weekdays, no effect, phi {phi}", (0.04, 0.065), _alarms(_effects(values, N_BEFORE, _trend(values), weekdays)), n),
        (f"one site, 10 % scattered gaps, no effect, phi {phi}", (0.04, 0.06), _alarms(_effects(patchy, N_BEFORE)), len(patchy)),
        (f"one site, {SHORT_BEFORE} + {SHORT_AFTER} weeks, no effect, phi {phi}", SHORT_BAND, _alarms(short), n),
    ]  # fmt: skip


def _beyond(rng: np.random.Generator, n: int) -> list[Row]:
    """Noise of another kind than the model's, said on the page with these rates."""
    length = N_BEFORE + N_AFTER
    drifting = np.cumsum(WANDERING * rng.normal(size=(n, length)), axis=1) + NUGGET * rng.normal(size=(n, length))
    second = rng.normal(size=(n, length + 100))
    for place in range(2, second.shape[1]):
        second[:, place] += AR2[0] * second[:, place - 1] + AR2[1] * second[:, place - 2]
    second = second[:, 100:]  # begun long before, so that it is stationary
    return [
        (
            "one site, slow drift plus noise, as the page says",
            DRIFT_BAND,
            _alarms(_effects(drifting, N_BEFORE, _trend(drifting))),
            n,
        ),
        ("one site, AR(2), as the page says", AR2_BAND, _alarms(_effects(second, N_BEFORE, _trend(second))), n),
    ]


def _effects(values: np.ndarray, n_before: int, *beside: np.ndarray) -> Effects:
    after = (np.arange(values.shape[1]) >= n_before).astype(float)
    design = np.column_stack([np.ones(values.shape[1]), after, *beside])
    return integrated_effects(values, design, column=1)


def _trend(values: np.ndarray) -> np.ndarray:
    return np.arange(values.shape[1]) - (values.shape[1] - 1) / 2


def _alarms(effects: Effects) -> float:
    return float((effects.p_value < 0.05).mean())
