"""Is it becoming one standard? How much of the variation lies between sites, within them, and how that changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.autoregression import integrated_effects
from analytics.measured import dated
from analytics.results import NotComputable
from analytics.results_between import Block, Dispersion, Floats, SpreadChange, VarianceComponents

MINIMUM_SITES = 2  # for components of variance
MINIMUM_SITES_OVER_TIME = 3  # for a change of spread: with two, its interval is everything
MINIMUM_PERIODS = 12  # over time: thirds of four
SMALLEST_BLOCK, MOST_BLOCKS = 4, 8  # periods a block, blocks a picture
MEASURED = 0.5  # share of a stretch a site must have been measured in
HIGHEST_PHI = 0.95  # neighbours more alike than this leave no noise to take off


def variance_components(
    values: npt.ArrayLike, sites: Sequence[object] | npt.ArrayLike, *, confidence: float = 0.95
) -> VarianceComponents | NotComputable:
    """Split the variation of independent values into between and within sites.

    values: shape (n,), one unit; NaN = left out. sites: shape (n,), the site of each.
    Between = (mean square between - within) / n0, n0 = (N - sum n² / N) / (sites - 1); a negative one is set to 0 and
        `negative` says so. Interval of the intraclass correlation from F with (sites - 1, N - sites) degrees: exact for
        sites of one length (Searle), by unweighted means for others.
    Returns NotComputable "too_few_sites_between", "no_repeats" (one value a site), "sites_alike" (nothing varies).
    Raises ValueError for lengths that differ. For series whose neighbours are alike: `site_components`.
    Source: Searle, Casella and McCulloch, Variance Components (1992), ch. 3; Thomas and Hultquist (1978).

    >>> found = variance_components([1, 2, 3, 7, 8, 9], ["A", "A", "A", "B", "B", "B"])
    >>> round(found.between, 2), round(found.within, 2), round(found.icc, 2)
    (17.67, 1.0, 0.95)
    """
    observed = np.array(values, dtype=np.float64)
    labels = np.asarray(sites)
    if observed.shape != labels.shape:
        raise ValueError("values and sites must be as many")
    kept = np.isfinite(observed)
    _, place = np.unique(labels[kept], return_inverse=True)
    observed = observed[kept]
    counts = np.bincount(place).astype(np.float64)
    means = np.bincount(place, observed).astype(np.float64) / np.maximum(counts, 1)
    squares = np.bincount(place, (observed - means[place]) ** 2).astype(np.float64)
    return _components(_Groups(counts, means, squares, counts - 1), confidence)


def site_components(values: Floats, *, confidence: float = 0.95) -> VarianceComponents | NotComputable:
    """Split the variation of series into between and within sites, allowing for neighbours that are alike.

    values: shape (n_sites, n_periods), oldest first, NaN = not measured. A site counts as many values as independent
        ones would be as telling; phi, the correlation of neighbours, is the sites' median.
    Otherwise as `variance_components`.
    """
    values = np.asarray(values, dtype=np.float64)
    measured = np.isfinite(values)
    counts = measured.sum(axis=1)
    kept = counts >= 2
    if kept.sum() < MINIMUM_SITES:
        return NotComputable("too_few_sites_between", {"n": int(kept.sum()), "needed": MINIMUM_SITES})
    phi = typical_phi(values[kept])
    stretch = _Stretch.of(values[kept], phi)
    effective = 1 / stretch.noise_share
    freedom = np.maximum(effective - 1, 0.0)
    return _components(_Groups(effective, stretch.means, stretch.variances * freedom, freedom), confidence)


class _Groups(NamedTuple):
    """Sites of a one-way analysis: values, mean, sum of squares around it, degrees of freedom. Shapes (n_sites,)."""

    counts: Floats
    means: Floats
    squares: Floats
    freedom: Floats


def _components(groups: _Groups, confidence: float) -> VarianceComponents | NotComputable:
    n_sites = len(groups.counts)
    if n_sites < MINIMUM_SITES:
        return NotComputable("too_few_sites_between", {"n": n_sites, "needed": MINIMUM_SITES})
    total, freedom = float(groups.counts.sum()), float(groups.freedom.sum())
    if freedom <= 0:
        return NotComputable("no_repeats", {"found": n_sites})
    grand = float((groups.counts * groups.means).sum() / total)
    between_square = float((groups.counts * (groups.means - grand) ** 2).sum() / (n_sites - 1))
    within = float(groups.squares.sum() / freedom)
    if within <= 0 and between_square <= 0:
        return NotComputable("sites_alike", {"value": grand})
    n0 = (total - float((groups.counts**2).sum()) / total) / (n_sites - 1)
    raw = (between_square - within) / n0
    between = max(0.0, raw)
    f = between_square / within if within > 0 else np.inf
    # For sites of different length the F of unweighted means, with the harmonic mean of their lengths, is closer to F.
    harmonic = n_sites / float((1 / groups.counts).sum())
    unweighted = harmonic * float(groups.means.var(ddof=1)) / within if within > 0 else np.inf
    tail = (1 - confidence) / 2
    lower, upper = (
        _intraclass(unweighted / float(special.fdtri(n_sites - 1, freedom, share)), harmonic)
        for share in (1 - tail, tail)
    )
    icc = between / (between + within)
    return VarianceComponents(
        between=between,
        within=within,
        icc=icc,
        lower=lower,
        upper=upper,
        confidence=confidence,
        icc_of_means=between / (between + within / n0),
        raw_between=raw,
        negative=raw < 0,
        mean_square_between=between_square,
        mean_square_within=within,
        f=f,
        p_value=float(special.fdtrc(n_sites - 1, freedom, f)) if np.isfinite(f) else 0.0,
        n0=n0,
        n_sites=n_sites,
        n_values=total,
        degrees_within=freedom,
    )


def _intraclass(f: float, n0: float) -> float:
    return (f - 1) / (f + n0 - 1) if np.isfinite(f) else 1.0


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
    if both.sum() < MINIMUM_SITES_OVER_TIME:
        return NotComputable("too_few_sites_between", {"n": int(both.sum()), "needed": MINIMUM_SITES_OVER_TIME})
    phi = typical_phi(table, _places(len(periods), blocks))
    early, late = (_Stretch.of(part[both], phi) for part in (table[:, :third], table[:, -third:]))
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


def typical_phi(values: Floats, stretches: Sequence[npt.NDArray[np.intp]] = ()) -> float:
    """Give the sites' median correlation of neighbouring values, at most HIGHEST_PHI; 0 where none can be had.

    stretches: places of periods with a level of their own each: a step between them is no correlation.
    """
    design = np.ones((values.shape[1], 1))
    if stretches:
        design = np.zeros((values.shape[1], len(stretches)))
        for column, places in enumerate(stretches):
            design[places, column] = 1.0
    fitted = integrated_effects(values, design, column=design.shape[1] - 1)
    known = fitted.phi[np.isfinite(fitted.phi)]
    return float(np.clip(np.median(known), -0.5, HIGHEST_PHI)) if len(known) else 0.0


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
    if min(first, second) <= floor or n < MINIMUM_SITES_OVER_TIME:
        return None
    shared = float(np.corrcoef(early, late)[0, 1])
    t = float(special.stdtrit(n - 2, (1 + confidence) / 2))
    middle = 1 + 2 * max(0.0, 1 - shared**2) * t**2 / (n - 2)
    reach = middle + np.sqrt(middle**2 - 1)
    ratio = np.sqrt(second / first)
    return SpreadChange(float(ratio), float(ratio / np.sqrt(reach)), float(ratio * np.sqrt(reach)), n, confidence)


class _Stretch(NamedTuple):
    """A stretch of time, a site an entry. variances: of one value; noise_share: of that in the mean."""

    means: Floats
    variances: Floats
    noise_share: Floats
    counts: Floats

    @classmethod
    def of(cls, values: Floats, phi: float) -> _Stretch:
        """Average each row, NaN left out; a short stretch of alike neighbours understates their variance."""
        measured = np.isfinite(values)
        counts = measured.sum(axis=1).astype(np.float64)
        means = np.where(measured, values, 0.0).sum(axis=1) / np.maximum(counts, 1)
        squares = (np.where(measured, values - means[:, None], 0.0) ** 2).sum(axis=1)
        share = np.array([_noise_share(row, phi) for row in measured])
        spare = counts * (1 - share)
        variances = np.divide(squares, spare, out=np.zeros_like(squares), where=spare > 0)
        return cls(means, variances, share, counts)


def _noise_share(measured: npt.NDArray[np.bool_], phi: float) -> float:
    """Give the variance of a mean over that of one value, for AR(1) noise measured at these periods."""
    n = int(measured.sum())
    if n == 0:
        return 1.0
    if phi == 0:
        return 1 / n
    pattern = measured.astype(np.float64)
    pairs = np.rint(np.correlate(pattern, pattern, mode="full")[len(pattern) - 1 :])
    lags = np.arange(1, len(pairs))
    return float((pairs[0] + 2 * (pairs[1:] * np.power(phi, lags)).sum()) / n**2)


def _measured_enough(part: Floats) -> npt.NDArray[np.bool_]:
    enough: npt.NDArray[np.bool_] = np.isfinite(part).sum(axis=1) >= max(2, MEASURED * part.shape[1])
    return enough


def _within_change(early: _Stretch, late: _Stretch, confidence: float) -> SpreadChange | None:
    """Compare each site's own spread late with early; the mean of the sites, on a log scale."""
    known = (early.variances > 0) & (late.variances > 0)
    n = int(known.sum())
    if n < MINIMUM_SITES_OVER_TIME:
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
        if len(part) >= MINIMUM_SITES_OVER_TIME:
            ends = (periods[places[0]].date(), periods[places[-1]].date())
            found.append(_block(_Stretch.of(part, phi), ends, confidence, positive=positive))
    return tuple(found)


def _block(stretch: _Stretch, ends: tuple[dt.date, dt.date], confidence: float, *, positive: bool) -> Block:
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
