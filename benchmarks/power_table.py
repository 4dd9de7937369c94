"""Simulate what the single-site method can see: `python -m benchmarks.power_table > analytics/power_table.py`.

An effect added to a series moves its interval by as much and changes nothing else, so one set of quiet series tells
the power at every effect: it is seen when it is beyond the interval's far end. Twenty minutes of one core.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from analytics.autoregression import Mixture, fits_at
from analytics.its import RANDOM_WALK_PHI
from analytics.power_algebra import POWER, known_noise_errors, t_multiple

PHIS = (0.0, 0.3, 0.6, 0.8, 0.9)
N_BEFORE = (14, 20, 30, 60, 120, 365)
N_AFTER = (3, 5, 8, 14, 30, 60, 120)
ALPHAS = (0.01, 0.03, 0.05)
SEED, N = 20261122, 2000


def main(arguments: list[str]) -> int:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--seed", type=int, default=SEED)
    said.add_argument("--n", type=int, default=N)
    chosen = said.parse_args(arguments)
    factors = np.empty((2, len(ALPHAS), len(PHIS), len(N_BEFORE), len(N_AFTER)))
    for trend in (0, 1):
        for p, phi in enumerate(PHIS):
            for b, n_before in enumerate(N_BEFORE):
                for a, n_after in enumerate(N_AFTER):
                    rng = np.random.default_rng([chosen.seed, trend, p, b, a])
                    factors[trend, :, p, b, a] = cell(rng, chosen.n, phi, n_before, n_after, trend=bool(trend))
            print(f"trend {trend}, phi {phi}", file=sys.stderr, flush=True)
    if not np.isfinite(factors).all():
        raise ValueError("a verdict is withheld too often in a cell")
    print(module(factors, chosen.seed, chosen.n), end="")
    return 0


def cell(rng: np.random.Generator, n: int, phi: float, n_before: int, n_after: int, *, trend: bool) -> np.ndarray:
    """The detectable effect at each alpha, as a multiple of what known noise would allow."""
    n_periods = n_before + n_after
    columns = [np.ones(n_periods), (np.arange(n_periods) >= n_before).astype(float)]
    if trend:
        columns.append(np.arange(n_periods) - (n_periods - 1) / 2)
    design = np.column_stack(columns)
    values = rng.normal(size=(n, n_periods))
    values[:, 1:] *= np.sqrt(1 - phi**2)
    for place in range(1, n_periods):
        values[:, place] += phi * values[:, place - 1]
    mixture = Mixture.of(fits_at(values, design, column=1))
    withheld = mixture.mean_phi() >= RANDOM_WALK_PHI
    error = known_noise_errors(design, places=np.arange(n_periods), phi=np.array([phi]))[0]
    found = []
    for alpha in ALPHAS:
        ends = np.concatenate([-mixture.quantile(alpha / 2), mixture.quantile(1 - alpha / 2)])
        ends[np.tile(withheld, 2)] = np.inf
        found.append(np.quantile(ends, POWER, method="lower") / error / t_multiple(n_periods - design.shape[1], alpha))
    return np.array(found)


def module(factors: np.ndarray, seed: int, n: int) -> str:
    """The table as a module of numbers, so that analytics read no file."""
    lines = [
        '"""What the single-site method needs beyond known noise: written by `python -m benchmarks.power_table`.',
        "",
        f"Seed {seed}, {n} series a cell. FACTORS: by trend (without, with), alpha, phi, points before, points",
        "after.",
        '"""',
        "",
        f"ALPHAS = {ALPHAS}",
        f"PHIS = {PHIS}",
        f"N_BEFORE = {N_BEFORE}",
        f"N_AFTER = {N_AFTER}",
        "# fmt: off",
        "FACTORS = (",
    ]
    for trend in factors:
        lines.append("    (")
        for alpha in trend:
            lines.append("        (")
            for phi in alpha:
                lines.append("            (")
                lines += ["                (" + ", ".join(f"{factor:.3f}" for factor in row) + ")," for row in phi]
                lines.append("            ),")
            lines.append("        ),")
        lines.append("    ),")
    return "\n".join([*lines, ")", "# fmt: on", ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
