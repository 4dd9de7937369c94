"""How often charts of counts, of rare events and run charts call a quiet series unusual, by the product's own functions."""

from __future__ import annotations

import numpy as np

from analytics.results import Direction, Rule
from analytics.results_charts import LimitsForm
from analytics.spc import c_charts, g_charts, p_charts, run_charts, t_charts, xmr_charts
from analytics.spc_reading import ControlTable

Row = tuple[str, tuple[float, float], float]

N_PERIODS = 40
OUTSIDE = [Rule.OUTSIDE_LIMITS]  # shares below are of points outside the limits, .27 % of normal ones
SPREAD = 0.05  # standard deviation of the level of an over-dispersed share, around .3


def rows(seed: int, n: int) -> list[Row]:
    """Give (name, nominal band, found share) for each claim; n series a claim."""
    rng = np.random.default_rng([seed, 90])
    return [*_counts(rng, n), *_gaps(rng, n), *_runs(rng, n), *_any_rule(rng, n)]


def _counts(rng: np.random.Generator, n: int) -> list[Row]:
    cases = rng.integers(200, 400, (n, N_PERIODS))
    steady = rng.binomial(cases, 0.3).astype(float)
    wild = rng.binomial(cases, np.clip(rng.normal(0.3, SPREAD, cases.shape), 0, 1)).astype(float)
    few = rng.poisson(1.2, cases.shape).astype(float)
    sizes = cases.astype(float)
    textbook = p_charts(wild, sizes, directions=Direction.DOWN, rules=OUTSIDE, limits=LimitsForm.THREE_SIGMA)
    return [
        ("p chart, steady, points outside", (0.0, 0.004), _share(p_charts(steady, sizes, directions=Direction.DOWN, rules=OUTSIDE))),
        ("p chart, over-dispersed, points outside", (0.0, 0.006), _share(p_charts(wild, sizes, directions=Direction.DOWN, rules=OUTSIDE))),
        ("p chart, over-dispersed, by textbook limits", (0.05, 1.0), _share(textbook)),
        ("c chart, 1.2 events, points outside", (0.0, 0.002), _share(c_charts(few, directions=Direction.DOWN, rules=OUTSIDE))),
        ("c chart, 1.2 events, by textbook limits", (0.004, 1.0), _share(c_charts(few, directions=Direction.DOWN, rules=OUTSIDE, limits=LimitsForm.THREE_SIGMA))),
    ]  # fmt: skip


def _gaps(rng: np.random.Generator, n: int) -> list[Row]:
    gaps = rng.geometric(0.03, (n, N_PERIODS)) - 1.0
    days = rng.exponential(30, (n, N_PERIODS))
    textbook = g_charts(gaps, directions=Direction.UP, rules=OUTSIDE, limits=LimitsForm.THREE_SIGMA)
    return [
        ("g chart, quiet, points outside", (0.0, 0.003), _share(g_charts(gaps, directions=Direction.UP, rules=OUTSIDE))),
        ("g chart, quiet, by textbook limits", (0.012, 1.0), _share(textbook)),
        ("t chart, quiet, points outside", (0.0, 0.004), _share(t_charts(days, directions=Direction.UP, rules=OUTSIDE))),
    ]  # fmt: skip


def _runs(rng: np.random.Generator, n: int) -> list[Row]:
    found = []
    for n_periods, most in ((12, 0.03), (24, 0.05), (60, 0.06)):
        quiet = rng.normal(size=(n, n_periods))
        share = float(run_charts(quiet, directions=Direction.UP).signal.mean())
        found.append((f"run chart, {n_periods} quiet points, any signal", (0.0, most), share))
    shifted = rng.normal(size=(n, 24)) + 1.5 * (np.arange(24) >= 12)
    caught = float(run_charts(shifted, directions=Direction.UP).signal.mean())
    return [*found, ("run chart, +1.5 SD half way of 24, caught", (0.3, 1.0), caught)]


def _any_rule(rng: np.random.Generator, n: int) -> list[Row]:
    """An XmR chart read with all four rules: what monthly charts of quiet series show somewhere on them."""
    quiet = rng.normal(size=(n, 24))
    table = xmr_charts(quiet, directions=Direction.DOWN)
    return [("XmR, 24 quiet points, any of four rules anywhere", (0.15, 0.40), float((table.marks != 0).any(axis=1).mean()))]  # fmt: skip


def _share(table: ControlTable) -> float:
    return float((table.marks != 0).mean())
