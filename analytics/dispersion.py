"""Is it becoming one standard? The spread between sites and within them over time, and whether it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.measured import Floats, dated
from analytics.results import NotComputable
from analytics.results_between import Block, Dispersion, SpreadChange
from analytics.stretches import Stretch, typical_phi

MINIMUM_SITES = 3  # with two, the interval of a change of spread is everything
MINIMUM_PERIODS = 12  # over time: thirds of four
SMALLEST_BLOCK, MOST_BLOCKS = 4, 8  # periods a block, blocks a picture
MEASURED = 0.5  # share of a stretch a site must have been measured in


def dispersion_over_time(
    values: pd.DataFrame, *, ratio_scale: bool = False, blocks: int | None = None, confidence: float = 0.95
) -> Dispersion | NotComputable:
    """Follow the spread between sites and within them over time, and compare the first third with the last.

    values: shape (n_periods, n_sites), indexed by period start, oldest first, one column a site, the metric's unit.
        NaN = not measured; a site counts where it was measured in half of a stretch.
    ratio_scale: the metric has a true zero, so that its spread may be told as a share of its level; values at or below
        0 switch that off. blocks: stretches to draw; None = by the length.
    The spread of the same sites' means is compared late with early as variances of pairs: the interval is exact for
        normal levels however few sites there are, and noise that is the same early and late cancels.
    Returns NotComputable "all_missing", "short_over_time", "too_few_sites_between", "sites_alike". Raises ValueError
        for an index without dates, unsorted or repeating one.
    Source: Pitman (1939) and Morgan (1939), Biometrika 31; the interval by Maloney and Rastogi (1970).

    >>> weeks = pd.date_range("2026-01-05", periods=60, freq="7D")
    >>> wave, apart = np.tile([0.5, -0.5], 30)[:, None], np.linspace(1, 0.1, 60)[:, None] * np.array([[-3.0, -1, 0, 1, 3]])
    >>> found = dispersion_over_time(pd.DataFrame(20 + apart + wave, index=weeks))
    >>> found.change, round(found.between.ratio, 2)
    (<Change.LESS: 'less'>, 0.29)
    """
    periods = dated(values.iloc[:, 0]) if values.shape[1] else pd.DatetimeIndex([])
    table = values.to_numpy(dtype=np.float64, na_value=np.nan).T
    table = np.where(np.isfinite(table), table, np.nan)
    if not np.isfinite(table).any():
        return NotComputable("all_missing")
    used = np.flatnonzero(np.isfinite(table).any(axis=0))
    table, periods = table[:, used[0] : used[-1] + 1], periods[used[0] : used[-1] + 1]
    if len(periods) < MINIMUM_PERIODS:
        return NotComputable("short_over_time", {"found": len(periods), "needed": MINIMUM_PERIODS})
    third = len(periods) // 3
    both = _measured_enough(table[:, :third]) & _measured_enough(table[:, -third:])
    if both.sum() < MINIMUM_SITES:
        return NotComputable("too_few_sites_between", {"n": int(both.sum()), "needed": MINIMUM_SITES})
    phi = typical_phi(table, _places(len(periods), blocks))
    early, late = (Stretch.of(part[both], phi) for part in (table[:, :third], table[:, -third:]))
    between = paired_spread(early.means, late.means, confidence=confidence)
    if between is None:
        return NotComputable("sites_alike", {"value": float(early.means.mean())})
    positive = ratio_scale and bool((table[np.isfinite(table)] > 0).all())
    relative = (
        paired_spread(early.means / early.means.mean(), late.means / late.means.mean(), confidence=confidence)
        if positive
        else None
    )
    return Dispersion(
        blocks=_blocks(table, periods, _places(len(periods), blocks), phi, confidence, positive=positive),
        between=between,
        relative=relative,
        within=_within_change(early, late, confidence),
        early_between=float(early.means.std(ddof=1)),
        late_between=float(late.means.std(ddof=1)),
        phi=phi,
        n_sites=int(both.sum()),
        n_left_out=int(len(both) - both.sum()),
    )


def _places(n_periods: int, wanted: int | None) -> list[npt.NDArray[np.intp]]:
    n_blocks = wanted or int(np.clip(n_periods // (2 * SMALLEST_BLOCK), 3, MOST_BLOCKS))
    return np.array_split(np.arange(n_periods), n_blocks)


def paired_spread(early: Floats, late: Floats, *, confidence: float = 0.95) -> SpreadChange | None:
    """Compare the spread of the same sites late with early: the ratio of their standard deviations.

    early, late: shape (n_sites,), the same sites in the same order. None where one of the two does not vary.

    >>> paired_spread(np.array([1.0, 2, 3, 4, 5, 6]), np.array([1.1, 1.9, 3.2, 4.0, 4.9, 6.1])).change
    <Change.UNCLEAR: 'unclear'>
    """
    n = len(early)
    first, second = float(early.var(ddof=1)), float(late.var(ddof=1))
    floor = (n * np.finfo(float).eps * max(float(np.abs(early).max()), float(np.abs(late).max()))) ** 2
    if min(first, second) <= floor or n < MINIMUM_SITES:
        return None
    shared = float(np.corrcoef(early, late)[0, 1])
    t = float(special.stdtrit(n - 2, (1 + confidence) / 2))
    middle = 1 + 2 * max(0.0, 1 - shared**2) * t**2 / (n - 2)
    reach = middle + np.sqrt(middle**2 - 1)
    ratio = np.sqrt(second / first)
    return SpreadChange(float(ratio), float(ratio / np.sqrt(reach)), float(ratio * np.sqrt(reach)), n, confidence)


def _measured_enough(part: Floats) -> npt.NDArray[np.bool_]:
    enough: npt.NDArray[np.bool_] = np.isfinite(part).sum(axis=1) >= max(2, MEASURED * part.shape[1])
    return enough


def _within_change(early: Stretch, late: Stretch, confidence: float) -> SpreadChange | None:
    """Compare each site's own spread late with early; the mean of the sites, on a log scale."""
    known = (early.variances > 0) & (late.variances > 0)
    n = int(known.sum())
    if n < MINIMUM_SITES:
        return None
    logs = (np.log(late.variances[known]) - np.log(early.variances[known])) / 2
    half = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * float(logs.std(ddof=1)) / np.sqrt(n)
    middle = float(logs.mean())
    return SpreadChange(
        float(np.exp(middle)), float(np.exp(middle - half)), float(np.exp(middle + half)), n, confidence
    )


def _blocks(
    table: Floats, periods: pd.DatetimeIndex, stretches: Sequence[npt.NDArray[np.intp]], phi: float, confidence: float,
    *, positive: bool,
) -> tuple[Block, ...]:  # fmt: skip
    found = []
    for places in stretches:
        part = table[:, places]
        part = part[_measured_enough(part)]
        if len(part) >= MINIMUM_SITES:
            ends = (periods[places[0]].date(), periods[places[-1]].date())
            found.append(_block(Stretch.of(part, phi), ends, confidence, positive=positive))
    return tuple(found)


def _block(stretch: Stretch, ends: tuple[dt.date, dt.date], confidence: float, *, positive: bool) -> Block:
    n = len(stretch.means)
    noise = float((stretch.variances * stretch.noise_share).mean())
    apart = float(stretch.means.var(ddof=1))
    tail = (1 - confidence) / 2
    spread, lower, upper = (
        float(np.sqrt(max(0.0, seen - noise)))
        for seen in (
            apart,
            apart * (n - 1) / float(special.chdtri(n - 1, tail)),
            apart * (n - 1) / float(special.chdtri(n - 1, 1 - tail)),
        )
    )
    within = float(np.sqrt((stretch.variances * (stretch.counts - 1)).sum() / (stretch.counts - 1).sum()))
    level = float(stretch.means.mean())
    return Block(
        start=ends[0],
        end=ends[1],
        n_sites=n,
        level=level,
        between=spread,
        between_lower=lower,
        between_upper=upper,
        within=within,
        cv_between=spread / level if positive else None,
        cv_within=within / level if positive else None,
    )
