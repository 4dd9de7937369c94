"""How often funnels, components of variance, spreads over time and ranks are wrong, by the product's own functions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.between_sites import funnel, mean_funnel
from analytics.dispersion import dispersion_over_time
from analytics.results import NotComputable
from analytics.results_between import Change, Funnel, Standing, Widening
from analytics.site_ranks import site_means, site_ranks
from analytics.variance import site_components, variance_components
from benchmarks.noise import ar1

Row = tuple[str, tuple[float, float], float]

N_SITES = 15
SIZES = (34.0, 1200.0)  # cases of the smallest and the largest site
LEVEL = 0.12
FAR = (Standing.ABOVE, Standing.BELOW)


def rows(seed: int, n: int) -> list[tuple[str, tuple[float, float], float, int]]:
    """Give (name, nominal band, found share, tables drawn) for each claim; a quarter of n where a table is costly."""
    kinds = (
        (_funnels, n), (_means, n // 4), (_components, n), (_series, n // 4), (_spreads, n // 4), (_ranked, n // 4),
    )  # fmt: skip
    return [
        (*row, tables)
        for place, (kind, tables) in enumerate(kinds)
        for row in kind(np.random.default_rng([seed, 40 + place]), tables)
    ]


def _funnels(rng: np.random.Generator, n: int) -> list[Row]:
    found: list[Row] = []
    for tau in (0.0, 0.03):
        drawn = [_counted(rng, tau, Widening.ADDITIVE) for _ in range(n)]
        found += [
            (f"funnel, true levels differ by {tau}, sites outside 95 %", (0.01, 0.055), _share(drawn, near=True)),
            (f"funnel, true levels differ by {tau}, sites outside 99.8 %", (0.0, 0.009), _share(drawn)),
            (f"funnel, true levels differ by {tau}, smallest third outside 95 %", (0.01, 0.06), _small(drawn)),
        ]
    plain = [_counted(rng, 0.03, Widening.NONE) for _ in range(n)]
    found.append(("funnel, levels differ by 0.03, chance only, outside 99.8 %", (0.04, 1.0), _share(plain)))
    caught = [_counted(rng, 0.015, Widening.ADDITIVE, unusual=0.12) for _ in range(n)]
    power = float(np.mean(["0" in one.outside for one in caught]))
    return [*found, ("funnel, one site at twice the level, found", (0.5, 1.0), power)]


def _counted(rng: np.random.Generator, tau: float, widening: Widening, unusual: float = 0.0) -> Funnel:
    cases = np.exp(rng.uniform(*np.log(SIZES), N_SITES)).astype(int)
    levels = np.clip(rng.normal(LEVEL, tau, N_SITES), 0.001, 0.999)
    if unusual:
        cases[0], levels[0] = 400, LEVEL + unusual
    placed = funnel(rng.binomial(cases, levels), cases, sites=[str(k) for k in range(N_SITES)], widening=widening)
    return _known(placed)


def _means(rng: np.random.Generator, n: int) -> list[Row]:
    found: list[Row] = []
    for phi in (0.0, 0.6):
        drawn = []
        for _ in range(n):
            sds = np.exp(rng.uniform(np.log(0.5), np.log(3), N_SITES))
            drawn.append(_of_means(10 + sds[:, None] * ar1(rng, N_SITES, 40, phi)))
        found.append(
            (f"funnel of means, sites equal, phi {phi}, outside 95 %", (0.005, 0.055), _share(drawn, near=True))
        )
    noisy = []
    for _ in range(n):
        sds = np.ones(N_SITES)
        sds[0] = 10.0
        noisy.append(_of_means(10 + sds[:, None] * ar1(rng, N_SITES, 40, 0.3)))
    wild = float(np.mean([one.standings[0] in FAR for one in noisy]))
    return [*found, ("funnel of means, the site with ten times the noise outside", (0.0, 0.02), wild)]


def _of_means(values: np.ndarray) -> Funnel:
    found = site_means(values)
    return _known(
        mean_funnel(found.means, found.standard_errors, sites=[str(k) for k in range(N_SITES)], unit_sd=found.unit_sd)
    )


def _components(rng: np.random.Generator, n: int) -> list[Row]:
    found: list[Row] = []
    for icc, equal in ((0.0, True), (0.4, True), (0.4, False), (0.8, False)):
        held = []
        for _ in range(n):
            counts = np.full(8, 6) if equal else rng.integers(3, 20, 8)
            sites = np.repeat(np.arange(8), counts)
            values = rng.normal(0, np.sqrt(icc), 8)[sites] + rng.normal(0, np.sqrt(1 - icc), len(sites))
            split = variance_components(values, sites)
            held.append(not isinstance(split, NotComputable) and split.lower <= icc <= split.upper)
        kind = "even" if equal else "uneven"
        found.append(
            (f"share between sites {icc}, {kind} groups, interval holds it", (0.93, 0.975), float(np.mean(held)))
        )
    return found


def _series(rng: np.random.Generator, n: int) -> list[Row]:
    found: list[Row] = []
    for phi in (0.0, 0.6):
        held = []
        for _ in range(n):
            values = rng.normal(0, np.sqrt(0.4), N_SITES)[:, None] + np.sqrt(0.6) * ar1(rng, N_SITES, 52, phi)
            split = site_components(values)
            held.append(not isinstance(split, NotComputable) and split.lower <= 0.4 <= split.upper)
        found.append((f"share between series 0.4, phi {phi}, interval holds it", (0.92, 0.98), float(np.mean(held))))
    return found


def _spreads(rng: np.random.Generator, n: int) -> list[Row]:
    found: list[Row] = []
    weeks = pd.date_range("2025-01-06", periods=52, freq="7D")
    for n_sites, phi in ((3, 0.0), (5, 0.6), (15, 0.0), (15, 0.6)):
        said, narrowed = [], []
        for _ in range(n):
            level = rng.normal(0, 1, n_sites)
            noise = ar1(rng, n_sites, 52, phi).T
            said.append(_change(pd.DataFrame(20 + level + noise, index=weeks)) is not Change.UNCLEAR)
            narrowed.append(
                _change(pd.DataFrame(20 + np.linspace(2, 0.3, 52)[:, None] * level + noise / 2, index=weeks))
            )
        found.append(
            (
                f"one standard? {n_sites} sites, phi {phi}, nothing changes, change told",
                (0.0, 0.065),
                float(np.mean(said)),
            )
        )
        caught = float(np.mean([change is Change.LESS for change in narrowed]))
        found.append((f"one standard? {n_sites} sites, phi {phi}, spread falls sixfold, told", (0.02, 1.0), caught))
    return found  # fmt: skip


def _change(table: pd.DataFrame) -> Change:
    found = dispersion_over_time(table)
    return Change.UNCLEAR if isinstance(found, NotComputable) else found.change


def _ranked(rng: np.random.Generator, n: int) -> list[Row]:
    found: list[Row] = []
    for tau in (0.05, 1.0, 3.0):
        held = []
        for _ in range(n):
            errors = np.exp(rng.uniform(np.log(0.5), np.log(1.7), N_SITES))
            levels = rng.normal(0, tau, N_SITES)
            ranks = site_ranks(
                levels + errors * rng.normal(size=N_SITES), errors, sites=[str(k) for k in range(N_SITES)],
                highest_first=True, rng=rng,
            )  # fmt: skip
            truth = (-levels).argsort().argsort() + 1
            if not isinstance(ranks, NotComputable):
                held.append(((ranks.lower <= truth) & (truth <= ranks.upper)).mean())
        found.append(
            (f"ranks, true levels differ by {tau} errors, interval holds the rank", (0.94, 1.0), float(np.mean(held)))
        )
    return found  # fmt: skip


def _known(placed: Funnel | NotComputable) -> Funnel:
    if isinstance(placed, NotComputable):
        raise TypeError(placed.code)
    return placed


def _share(drawn: list[Funnel], *, near: bool = False) -> float:
    return float(np.mean([at in FAR or (near and at is not Standing.INSIDE) for one in drawn for at in one.standings]))


def _small(drawn: list[Funnel]) -> float:
    beyond = [
        one.standings[place] is not Standing.INSIDE
        for one in drawn
        for place in np.argsort(one.sizes)[: len(one.sizes) // 3]
    ]
    return float(np.mean(beyond))
