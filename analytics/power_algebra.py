"""What could be seen if the noise were known: exact algebra of AR(1), and of the t test."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.whitening import whitened_rows

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

POWER = 0.8  # an effect is called detectable if it is seen four times in five


def known_noise_errors(design: Floats, *, places: Places, phi: Floats, column: int = 1) -> Floats:
    """The standard error of one term by generalised least squares, noise of variance 1 whose phi is known.

    design: shape (n_periods, n_terms); a column of zeros is left out. places: whole numbers of periods, rising.
    Returns shape (n_phi,); infinite where the term cannot be told from the others.

    >>> step = np.repeat([0.0, 1.0], [60, 3])
    >>> design = np.column_stack([np.ones(63), step])
    >>> known_noise_errors(design, places=np.arange(63), phi=np.array([0.0, 0.6])).round(6)
    array([0.591608, 0.709631])
    """
    kept = np.flatnonzero((design != 0).any(axis=0))
    rows = design[:, kept] / np.sqrt((design[:, kept] ** 2).sum(axis=0))
    length = float(np.sqrt((design[:, column] ** 2).sum()))
    whitened, _ = whitened_rows(rows, places, phi)
    own = whitened[..., kept == column]
    others = whitened[..., kept != column]
    if not own.shape[-1]:
        return np.full(len(phi), np.inf)
    coefficients = np.linalg.pinv(others) @ own
    left = ((own - others @ coefficients) ** 2).sum(axis=(1, 2))
    told_apart = left > 1e-12 * (own**2).sum(axis=(1, 2))
    errors: Floats = np.where(told_apart, 1 / np.sqrt(np.where(told_apart, left, 1.0)) / length, np.inf)
    return errors


def mean_difference_errors(after: npt.NDArray[np.bool_], *, places: Places, phi: Floats) -> Floats:
    """The standard error of a plain difference of means under AR(1) noise of variance 1. Returns shape (n_phi,).

    >>> after = np.arange(63) >= 60
    >>> mean_difference_errors(after, places=np.arange(63), phi=np.array([0.3])).round(6)
    array([0.714605])
    """
    weights = np.where(after, 1 / after.sum(), -1 / (~after).sum())
    apart = np.abs(places[:, None] - places[None, :])
    products = np.bincount(apart.ravel(), weights=np.outer(weights, weights).ravel())
    errors: Floats = np.sqrt(phi[:, None] ** np.arange(len(products)) @ products)
    return errors


def t_multiple(degrees: float, alpha: float, power: float = POWER) -> float:
    """How many standard errors an effect must measure to be seen `power` of the time, at two-sided alpha.

    >>> round(t_multiple(np.inf, 0.05), 4)
    2.8016
    """
    if np.isinf(degrees):
        return float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    return float(special.nctdtrinc(degrees, 1 - power, special.stdtrit(degrees, 1 - alpha / 2)))


def t_power(multiple: float, degrees: float, alpha: float) -> float:
    """The chance to see an effect of so many standard errors on its own side, at two-sided alpha.

    >>> round(t_power(np.sqrt(20 / 2), 38, 0.05), 4)
    0.869
    """
    return float(1 - special.nctdtr(degrees, multiple, special.stdtrit(degrees, 1 - alpha / 2)))
