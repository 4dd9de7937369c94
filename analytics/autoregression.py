"""Regression on a series whose neighbouring points resemble each other, without betting on how much they do.

The noise is AR(1). Its lag-one correlation phi is not estimated and then believed: a fit by generalised least squares
is made at each phi of a grid, and the fits are averaged, each weighted by its restricted likelihood under a flat
prior. Series measured at the same periods share every matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from analytics.whitening import same_gaps, terms_told_apart, whitened, whitened_apart

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

# Finer near 1, where the likelihood changes fast; below -0.5 and above 0.99 no process series was met.
PHI_GRID: Floats = np.concatenate([np.arange(-10, 18) * 5, np.arange(90, 100)]) / 100
NEGLIGIBLE_WEIGHT = 1e-8  # of a phi in the average; leaving it out moves no figure that is shown
SHARE_TOLERANCE = 1e-9  # a quantile's share of the distribution is met this closely
_BLOCK_SERIES = 2048
_ALIKE = 16  # series on one calendar from which its matrices are worth sharing
# Terms that scattered periods tell apart less well than this are fitted alone, on a basis of their own.
_CLEAR = 1e-3

__all__ = ["PHI_GRID", "Effects", "Fits", "Mixture", "fits_at", "integrated_effects", "terms_told_apart"]


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Fits of many series at each phi. Shapes: phi (n_phi,), coefficients (n_phi, n_terms, n_series), the rest
    (n_phi, n_series). `effect` is the chosen term's coefficient; log_likelihood is restricted, to a constant.
    """

    phi: Floats
    effect: Floats
    standard_error: Floats
    residual_sum: Floats
    log_likelihood: Floats
    coefficients: Floats
    degrees_of_freedom: int

    def of_series(self, chosen: npt.NDArray[np.bool_]) -> Fits:
        """Keep some of the series."""
        if chosen.all():
            return self
        return replace(
            self,
            effect=self.effect[:, chosen],
            standard_error=self.standard_error[:, chosen],
            residual_sum=self.residual_sum[:, chosen],
            log_likelihood=self.log_likelihood[:, chosen],
            coefficients=self.coefficients[:, :, chosen],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """One term's effect in many series, phi averaged over. Shapes (n_series,), coefficients (n_series, n_terms).

    NaN where the term cannot be told from the others in the periods measured, or the fit leaves no noise.
    """

    estimate: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    phi: Floats  # posterior mean
    coefficients: Floats  # of the terms as given

    @classmethod
    def unknown(cls, n_series: int, n_terms: int) -> Effects:
        """Begin with nothing known."""
        estimate, lower, upper, p_value, phi = (np.full(n_series, np.nan) for _ in range(5))
        return cls(estimate, lower, upper, p_value, phi, np.full((n_series, n_terms), np.nan))

    def fill(self, rows: Places, terms: Places, fits: Fits, confidence: float) -> None:
        """Write down what these fits say of these rows."""
        mixture = Mixture.of(fits)
        tail = (1 - confidence) / 2
        below = mixture.share_below(np.zeros(len(rows)))
        self.estimate[rows] = mixture.mean()
        self.lower[rows] = mixture.quantile(tail)
        self.upper[rows] = mixture.quantile(1 - tail)
        self.p_value[rows] = 2 * np.minimum(below, 1 - below)
        self.phi[rows] = mixture.mean_phi()
        # Of the other terms only the mean is asked for: a fit at each phi, weighted.
        weight = np.zeros(fits.effect.shape)
        weight[np.searchsorted(fits.phi, mixture.phi), mixture.series] = mixture.weight
        self.coefficients[np.ix_(rows, terms)] = np.einsum("pks,ps->sk", fits.coefficients, weight)


def integrated_effects(
    values: Floats, design: Floats, *, column: int, places: Places | None = None, confidence: float = 0.95
) -> Effects:
    """Estimate one term's effect in many series on one calendar.

    values: shape (n_series, n_periods), oldest first; NaN = not measured, and the correlation fades over the gap.
    design: shape (n_periods, n_terms), one column a term, the intercept among them.
    column: the term whose effect is asked for.
    places: shape (n_periods,), whole numbers of periods, rising; None = one after another.
    The p value is 2 min(F(0), 1 - F(0)) of the averaged distribution F.
    Source: restricted likelihood of Harville (1977); mixture of t distributions over phi as in Zellner and Tiao (1964).

    >>> step = np.repeat([0.0, 1.0], 20)
    >>> noise = np.tile([0.1, -0.1, -0.1, 0.1], 10)
    >>> effects = integrated_effects((5 * step + noise)[None, :], np.column_stack([np.ones(40), step]), column=1)
    >>> round(float(effects.estimate[0]), 2)
    5.0
    """
    places = np.arange(values.shape[1]) if places is None else places
    effects = Effects.unknown(len(values), design.shape[1])
    groups = list(same_gaps(values))
    few = [rows for rows, _ in groups if len(rows) < _ALIKE]
    scattered = np.concatenate(few) if len(few) > 1 else np.zeros(0, dtype=np.intp)
    done = _fill_scattered(effects, scattered, values, design, column, places, confidence)
    for rows, kept in groups:
        if done[rows].all():
            continue
        terms = terms_told_apart(design[kept])
        if column not in terms or kept.sum() <= len(terms):
            continue
        for first in range(0, len(rows), _BLOCK_SERIES):
            block = rows[first : first + _BLOCK_SERIES]
            fits = fits_at(
                values[np.ix_(block, kept)],
                design[np.ix_(kept, terms)],
                column=int(np.searchsorted(terms, column)),
                gaps=np.diff(places[kept]),
            )
            noisy = ~np.isnan(fits.log_likelihood[0])
            if noisy.any():
                effects.fill(block[noisy], terms, fits.of_series(noisy), confidence)
    return effects


def _fill_scattered(
    effects: Effects, rows: Places, values: Floats, design: Floats, column: int, places: Places, confidence: float
) -> npt.NDArray[np.bool_]:
    """Write down the effects of series whose calendars are their own, many at once; says which ones it could."""
    done = np.zeros(len(values), dtype=np.bool_)
    n_terms = design.shape[1]
    if len(rows) < _ALIKE or len(terms_told_apart(design)) < n_terms:
        return done
    measured = ~np.isnan(values[rows])
    n_measured = measured.sum(axis=1)
    scaled = np.linalg.qr(design)[0]
    for n in np.unique(n_measured[n_measured > n_terms]).tolist():
        alike = np.flatnonzero(n_measured == n)
        among = np.einsum("st,ti,tj->sij", measured[alike].astype(np.float64), scaled, scaled, optimize=True)
        clear = alike[np.linalg.eigvalsh(among)[:, 0] > _CLEAR]
        for first in range(0, len(clear), _BLOCK_SERIES):
            block = rows[clear[first : first + _BLOCK_SERIES]]
            fits = _fits_apart(values[block], design, column=column, places=places)
            noisy = ~np.isnan(fits.log_likelihood[0])
            if noisy.any():
                effects.fill(block[noisy], np.arange(n_terms), fits.of_series(noisy), confidence)
            done[block] = True
    return done


def _fits_apart(values: Floats, design: Floats, *, column: int, places: Places, phi: Floats = PHI_GRID) -> Fits:
    """Fit many series at each phi, each measured at as many periods as the others, but not the same."""
    measured = ~np.isnan(values)
    observed = np.where(measured, values, 0.0)
    n, n_terms = int(measured[0].sum()), design.shape[1]
    basis, triangle = (np.asarray(part, dtype=np.float64) for part in linalg.qr(design, mode="economic"))
    to_terms = linalg.solve_triangular(triangle, np.eye(n_terms), check_finite=False)
    among = np.einsum("st,ti,tj->sij", measured.astype(np.float64), basis, basis, optimize=True)
    plain = np.linalg.solve(among, (observed @ basis)[:, :, None])[:, :, 0]
    residuals = np.where(measured, observed - plain @ basis.T, 0.0)

    cross, with_noise, noise, log_determinant = whitened_apart(basis, residuals, measured, places, phi)
    inverse = np.linalg.inv(cross)
    shift = (inverse @ with_noise[..., None])[..., 0]
    coefficients = (plain + shift) @ to_terms.T
    variance = np.einsum("i,psij,j->ps", to_terms[column], inverse, to_terms[column], optimize=True)
    residual_sum = noise - (with_noise * shift).sum(axis=2)
    determinants = log_determinant + np.linalg.slogdet(cross)[1]
    degrees = n - n_terms
    size = np.abs(observed).max(axis=1, initial=0.0)
    residual_sum[:, (residuals**2).sum(axis=1) <= n * (n * np.finfo(float).eps * size) ** 2] = np.nan
    return Fits(
        phi=phi,
        effect=np.where(np.isnan(residual_sum), np.nan, coefficients[:, :, column]),
        standard_error=np.sqrt(residual_sum / degrees * variance),
        residual_sum=residual_sum,
        log_likelihood=-(degrees * np.log(residual_sum) + determinants) / 2,
        coefficients=coefficients.transpose(0, 2, 1),
        degrees_of_freedom=degrees,
    )


def fits_at(values: Floats, design: Floats, *, column: int, gaps: Places | None = None, phi: Floats = PHI_GRID) -> Fits:
    """Fit many series at each phi, all measured at the same periods.

    values: shape (n_series, n), nothing missing; design: shape (n, n_terms) of full rank.
    gaps: shape (n - 1,), whole periods from each row to the next; the correlation over a gap is phi ** gap.
    A series that the terms explain without remainder has NaN throughout.
    """
    n, n_terms = design.shape
    gaps = np.ones(n - 1, dtype=np.intp) if gaps is None else gaps
    # In orthonormal terms and around the plain fit, sums of squares lose no digits to cancellation.
    basis, triangle = (np.asarray(part, dtype=np.float64) for part in linalg.qr(design, mode="economic"))
    plain = basis.T @ values.T
    residuals = values.T - basis @ plain
    to_terms = linalg.solve_triangular(triangle, np.eye(n_terms), check_finite=False)

    cross, with_noise, noise, log_determinant = whitened(basis, residuals, gaps, phi)
    inverse = np.linalg.inv(cross)
    shift = inverse @ with_noise
    coefficients = to_terms @ (plain + shift)
    variance = np.einsum("i,pij,j->p", to_terms[column], inverse, to_terms[column])
    residual_sum = noise - np.einsum("pks,pks->ps", with_noise, shift)
    determinants = log_determinant + np.linalg.slogdet(cross)[1]
    degrees = n - n_terms
    size = np.abs(values).max(axis=1, initial=0.0)
    residual_sum[:, (residuals**2).sum(axis=0) <= n * (n * np.finfo(float).eps * size) ** 2] = np.nan
    return Fits(
        phi=phi,
        effect=np.where(np.isnan(residual_sum), np.nan, coefficients[:, column]),
        standard_error=np.sqrt(residual_sum / degrees * variance[:, None]),
        residual_sum=residual_sum,
        log_likelihood=-(degrees * np.log(residual_sum) + determinants[:, None]) / 2,
        coefficients=coefficients,
        degrees_of_freedom=degrees,
    )


def grid_shares(phi: Floats) -> Floats:
    """Give the stretch of the grid that each phi stands for (trapezoid rule), up to a factor."""
    stretch = np.gradient(phi) if len(phi) > 1 else np.ones(1)
    stretch[[0, -1]] /= 2
    return stretch


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """The distribution of an effect, phi averaged over: t distributions, one a phi, weights adding up to 1.

    Only phis that weigh are kept, those of one series together: `series` and the four arrays have one entry each.
    """

    series: Places
    phi: Floats
    weight: Floats
    location: Floats
    scale: Floats
    first: Places  # of each series
    degrees_of_freedom: int

    @classmethod
    def of(cls, fits: Fits) -> Mixture:
        """Weight each fit by its likelihood and by the stretch of the grid it stands for (trapezoid rule).

        Raises ValueError for a series without noise; see `fits_at`.
        """
        if np.isnan(fits.log_likelihood).any():
            raise ValueError("a series without noise has no distribution")
        density = np.exp(fits.log_likelihood - fits.log_likelihood.max(axis=0)) * grid_shares(fits.phi)[:, None]
        weight = (density / density.sum(axis=0)).T
        series, phi = np.nonzero(weight > NEGLIGIBLE_WEIGHT)
        return cls(
            series=series,
            phi=fits.phi[phi],
            weight=weight[series, phi],
            location=fits.effect[phi, series],
            scale=fits.standard_error[phi, series],
            first=np.searchsorted(series, np.arange(len(weight))),
            degrees_of_freedom=fits.degrees_of_freedom,
        )

    def mean(self) -> Floats:
        """The expected effect, shape (n_series,)."""
        return self._total(self.weight * self.location)

    def mean_phi(self) -> Floats:
        """The expected lag-one correlation, shape (n_series,)."""
        return self._total(self.weight * self.phi)

    def share_below(self, limit: Floats) -> Floats:
        """The probability of an effect below the limit; both of shape (n_series,)."""
        return self._total(self.weight * special.stdtr(self.degrees_of_freedom, self._standardised(limit)))

    def quantile(self, share: float) -> Floats:
        """The effect below which this share lies, shape (n_series,): Newton's steps, kept within a bracket."""
        each = self.location + special.stdtrit(self.degrees_of_freedom, share) * self.scale
        low, high = np.minimum.reduceat(each, self.first), np.maximum.reduceat(each, self.first)
        found = self._total(self.weight * each)
        for _ in range(60):  # bisection alone would be done by then
            excess = self.share_below(found) - share
            low, high = np.where(excess < 0, found, low), np.where(excess < 0, high, found)
            open_ = np.abs(excess) > SHARE_TOLERANCE
            if not open_.any():
                break
            step = found - excess / self._density(found)
            found = np.where(open_, np.where((step > low) & (step < high), step, (low + high) / 2), found)
        return found

    def _density(self, limit: Floats) -> Floats:
        degrees = self.degrees_of_freedom
        height = np.exp(special.gammaln((degrees + 1) / 2) - special.gammaln(degrees / 2)) / np.sqrt(np.pi * degrees)
        tail = np.log1p(self._standardised(limit) ** 2 / degrees)
        return self._total(self.weight / self.scale * height * np.exp(-(degrees + 1) / 2 * tail))

    def _standardised(self, limit: Floats) -> Floats:
        return (limit[self.series] - self.location) / self.scale

    def _total(self, parts: Floats) -> Floats:
        total: Floats = np.add.reduceat(parts, self.first)
        return total
