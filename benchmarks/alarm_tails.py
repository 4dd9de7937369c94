"""Simulates anew the table of `analytics.alarm_p_values`: `python -m benchmarks.alarm_tails`, some two minutes.

Quiet series of every phi are watched by the product's own function; what it estimates phi to be sorts them, since that is
all that is known of a real series. The largest CUSUM in the window, as a share of its limit, is what the table holds.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: more threads only spin

import numpy as np

from analytics.alarm_p_values import BASELINES, PHIS, SHARES
from analytics.alarms import WATCHED_PERIODS, alarm_table

SEED = 20261122
TRUE_PHIS = (-0.3, 0.85)  # drawn evenly from here
AROUND = 0.08  # series whose estimate lies so near a phi of the table stand for it
SERIES = {60: 1_200_000, 90: 800_000, 180: 500_000, 540: 200_000}
BLOCK = 20_000


def quiet(rng: np.random.Generator, phi: np.ndarray, n_periods: int) -> np.ndarray:
    """Stationary noise of variance 1, a series a phi."""
    values = rng.normal(size=(len(phi), n_periods))
    for place in range(1, n_periods):
        values[:, place] = phi * values[:, place - 1] + np.sqrt(1 - phi**2) * values[:, place]
    return values


def simulated(rng: np.random.Generator, n_baseline: int, n_series: int) -> tuple[np.ndarray, np.ndarray]:
    """The estimated phi and the largest CUSUM of so many quiet series."""
    phis, sums = [], []
    for _ in range(n_series // BLOCK):
        table = alarm_table(quiet(rng, rng.uniform(*TRUE_PHIS, BLOCK), n_baseline + WATCHED_PERIODS))
        phis.append(table.phi)
        sums.append(np.fmax(table.above, table.below).max(axis=1) / table.limit)
    return np.concatenate(phis), np.concatenate(sums)


def main() -> None:
    rng = np.random.default_rng(SEED)
    for n_baseline in BASELINES:
        phi, largest = simulated(rng, n_baseline, SERIES[n_baseline])
        rows = []
        for centre in PHIS:
            falling = np.sort(largest[np.abs(phi - centre) < AROUND])[::-1]
            rows.append(tuple(round(float(falling[int(len(falling) * share)]), 2) for share in SHARES))
        print(n_baseline, rows, flush=True)


if __name__ == "__main__":
    main()
