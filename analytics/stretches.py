"""Series over a stretch of time: their means, and how much of their noise those still hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.autoregression import integrated_effects
from analytics.measured import Floats

HIGHEST_PHI = 0.95  # neighbours more alike than this leave no noise to take off


class Stretch(NamedTuple):
    """A stretch of time, a site an entry. variances: of one value; noise_share: of that in the mean."""

    means: Floats
    variances: Floats
    noise_share: Floats
    counts: Floats

    @classmethod
    def of(cls, values: Floats, phi: float) -> Stretch:
        """Average each row, NaN left out; a short stretch of alike neighbours understates their variance."""
        measured = np.isfinite(values)
        counts = measured.sum(axis=1).astype(np.float64)
        means = np.where(measured, values, 0.0).sum(axis=1) / np.maximum(counts, 1)
        squares = (np.where(measured, values - means[:, None], 0.0) ** 2).sum(axis=1)
        share = np.array([noise_share(row, phi) for row in measured])
        spare = counts * (1 - share)
        variances = np.divide(squares, spare, out=np.zeros_like(squares), where=spare > 0)
        return cls(means, variances, share, counts)


def noise_share(measured: npt.NDArray[np.bool_], phi: float) -> float:
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
