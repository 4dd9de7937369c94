"""CPU that effects over several sites take: `python -m benchmarks analytics_effects`, one JSON line a figure.

Floors are the least that any way of doing it needs: reading the values, or one regression on untreated cells.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from analytics.did import comparison_effect
from analytics.multiplicity import benjamini_hochberg
from analytics.pooling import pooled_effect
from analytics.staggered import event_study, rollout_effect
from benchmarks.figures import cpu_seconds, figure

ORDERS = 2_000


def said(name: str, ours: float, floor: float, goal: float) -> None:
    """The goal is in CPU seconds."""
    figure(name, ours, floor, most=goal, goal=f"<= {goal} s")


def panel(n_sites: int, n_weeks: int, missing: float) -> tuple[pd.DataFrame, dict[str, dt.date | None]]:
    """Sites in five waves, a fifth of them never treated, a share of the cells not measured."""
    rng = np.random.default_rng(1)
    weeks = pd.date_range("2025-01-06", periods=n_weeks, freq="7D")
    values = pd.DataFrame(rng.normal(50, 5, (n_weeks, n_sites)), weeks, [f"s{place}" for place in range(n_sites)])
    firsts = [n_weeks * (2 + place % 5) // 8 for place in range(n_sites)]
    dates = {
        site: None if first == n_weeks * 6 // 8 else weeks[first].date()
        for site, first in zip(values, firsts, strict=True)
    }
    return values.mask(rng.random(values.shape) < missing), dates


def rollout(n_sites: int, n_weeks: int, missing: float, goal: float) -> None:
    values, dates = panel(n_sites, n_weeks, missing)
    places = [values.index.searchsorted(pd.Timestamp(date)) if date else n_weeks for date in dates.values()]
    free = values.notna().to_numpy().T & (np.arange(n_weeks) < np.array(places)[:, None])
    site, week = np.nonzero(free)
    design = np.column_stack([np.eye(n_sites)[site], np.eye(n_weeks)[week]])
    observed = values.to_numpy().T[free]

    def ours() -> None:
        rollout_effect(values, adoption_dates=dates, drawn_by_lot=True, rng=np.random.default_rng(0), n_orders=ORDERS)

    def study() -> None:
        event_study(values, adoption_dates=dates, drawn_by_lot=True, rng=np.random.default_rng(0))

    name = f"{n_sites}x{n_weeks}" + (f"_{missing:.0%}_missing".replace("%", "pc") if missing else "")
    floor = cpu_seconds(lambda: np.linalg.lstsq(design, observed, rcond=None), repeats=3)
    said(f"rollout_{ORDERS}_orders_{name}_cpu_s", cpu_seconds(ours, repeats=3), floor, goal)
    said(f"event_study_{name}_cpu_s", cpu_seconds(study, repeats=3), floor, goal)


def comparison(n_sites: int, n_weeks: int, n_treated: int, goal: float) -> None:
    values, _ = panel(n_sites, n_weeks, 0.05)
    treated, start = list(values.columns[:n_treated]), values.index[n_weeks // 2].date()
    rng = np.random.default_rng(0)
    floor = cpu_seconds(lambda: (values.iloc[: n_weeks // 2].mean(), values.iloc[n_weeks // 2 :].mean()), repeats=3)
    ours = cpu_seconds(
        lambda: comparison_effect(values, treated_sites=treated, intervention_date=start, rng=rng), repeats=3
    )
    said(f"comparison_{n_treated}_of_{n_sites}x{n_weeks}_cpu_s", ours, floor, goal)


def families() -> None:
    rng = np.random.default_rng(2)
    p_values, estimates, errors = rng.random(30_000), rng.normal(size=15), rng.uniform(0.5, 2, 15)
    names = [str(place) for place in range(15)]
    said(
        "benjamini_hochberg_30000_cpu_s", cpu_seconds(lambda: benjamini_hochberg(p_values)),
        cpu_seconds(lambda: np.sort(p_values)), 0.05,
    )  # fmt: skip
    said(
        "pooled_effect_15_cpu_s", cpu_seconds(lambda: pooled_effect(estimates, errors, sites=names)),
        cpu_seconds(lambda: np.average(estimates, weights=errors**-2), loops=50), 0.02,
    )  # fmt: skip


def main() -> None:
    comparison(15, 90, 3, 0.05)
    comparison(30, 90, 12, 0.2)
    rollout(15, 52, 0.0, 1.0)
    rollout(15, 90, 0.1, 1.0)
    rollout(300, 52, 0.0, 1.0)
    families()


if __name__ == "__main__":
    main()
