"""The noise on which claims are held: neighbours that resemble one another."""

from __future__ import annotations

import numpy as np


def ar1(rng: np.random.Generator, n_series: int, n_periods: int, phi: float) -> np.ndarray:
    """Stationary AR(1) noise of variance 1, shape (n_series, n_periods)."""
    noise = rng.normal(size=(n_series, n_periods))
    noise[:, 1:] *= np.sqrt(1 - phi**2)
    for place in range(1, n_periods):
        noise[:, place] += phi * noise[:, place - 1]
    return noise
