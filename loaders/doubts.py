"""What may have happened to a value far from what its series usually is: a factor, a unit, a sign, or nothing we know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from loaders.usual import HIGH, LEAST, LOW, MEDIAN, MOST, Flags, Floats, Places, Usual, one_signed, spreads

FACTORS = (10.0, 100.0, 1000.0)
TIME_FACTORS = (60.0, 24.0, 7.0)  # minutes for hours, hours for days, days for weeks
SHARE_FACTOR = 100.0  # 0.914 for 91.4 %
TIME_UNITS = ("d", "h", "min", "s", "week")

MENDED_IN_SD = 3.0  # a mended value must be one that the series has
NEAR_MENDED = float(np.log(2.2))
NEARER = 0.5  # and at most half as far from the median as the value found, on the log scale
WIDEST = 0.55  # a series that spreads further (log scale) takes ten times its median by itself
WIDEST_FOR_SIGN = 0.35
FAR_IN_SD = 6.0  # beyond, a value is doubted though nothing explains it
FAR_BEYOND = 3.0  # and at three times what was seen before
FAR_HISTORY = 24  # values that such a doubt needs, and a whole year


class Doubt(StrEnum):
    """Why a value is doubted."""

    FACTOR = "factor"
    UNIT = "unit"
    SIGN = "sign"
    FAR = "far"


DOUBTS = tuple(Doubt)
NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A doubt a value. kind: place in DOUBTS, NONE = not doubted. factor: the value is so many times what it may be."""

    kind: Places
    factor: Floats


def judged(values: Floats, series: Places, known: Usual, *, time: Flags, share: Flags, year: Flags) -> Judged:
    """Say of values far from the usual what may have happened to them.

    values, series: shape (n_values,), each value and the place of its series in `known`.
    time, share: shape (n_values,), whether the metric is counted in a unit of time, and whether in % or as a share.
    year: shape (n_series,), whether the history spans a year, so that its seasons are known.
    """
    quantiles = known.quantiles[:, series]
    count = known.count[series]
    below, above = spreads(count, quantiles)
    positive, negative = one_signed(quantiles)
    kind = np.full(len(values), NONE, np.int64)
    factor = np.ones(len(values))
    kind[year[series] & _far(values, quantiles, count, below, above)] = DOUBTS.index(Doubt.FAR)
    turned = (positive & (values < 0)) | (negative & (values > 0))
    usual_turned = (-values >= quantiles[LEAST]) & (-values <= quantiles[MOST])
    same_sign = (positive & (values > 0)) | (negative & (values < 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.log(np.abs(values) / np.abs(quantiles[MEDIAN]))
    nearest = np.full(len(values), np.inf)
    tries = [(k, Doubt.FACTOR, np.ones(len(values), np.bool_)) for k in FACTORS]
    tries += [(k, Doubt.UNIT, time) for k in TIME_FACTORS]
    tries += [(SHARE_FACTOR, Doubt.UNIT, share)]
    for size, doubt, asked in tries:
        for times in (size, 1 / size):
            left = away - np.log(times)
            spread = np.where(left < 0, below, above)
            fits = asked & same_sign & (spread <= WIDEST) & (np.abs(left) <= NEARER * np.abs(away))
            fits &= np.abs(left) <= np.maximum(MENDED_IN_SD * spread, NEAR_MENDED)
            better = fits & (np.abs(left) <= nearest)
            nearest[better] = np.abs(left)[better]
            kind[better], factor[better] = DOUBTS.index(doubt), times
    flipped = turned & usual_turned & (np.maximum(below, above) <= WIDEST_FOR_SIGN)
    kind[flipped], factor[flipped] = DOUBTS.index(Doubt.SIGN), -1.0
    return Judged(kind, factor)


def _far(values: Floats, quantiles: Floats, count: Places, below: Floats, above: Floats) -> Flags:
    """Say which values are far beyond everything: on the log scale for a positive series, else in its own unit."""
    positive, _ = one_signed(quantiles)
    middle, least, most = quantiles[MEDIAN], quantiles[LEAST], quantiles[MOST]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        up = np.where(positive, np.maximum(middle * np.exp(FAR_IN_SD * above), most * FAR_BEYOND),
                      np.maximum(middle + 2 * FAR_IN_SD * above, most + FAR_BEYOND * (most - least)))  # fmt: skip
        down = np.where(positive, np.minimum(middle * np.exp(-FAR_IN_SD * below), least / FAR_BEYOND),
                        np.minimum(middle - 2 * FAR_IN_SD * below, least - FAR_BEYOND * (most - least)))  # fmt: skip
        # Zero has no logarithm: it is far only where it would be far in the series' own unit.
        linear = quantiles[LOW] - FAR_BEYOND * (quantiles[HIGH] - quantiles[LOW])
    down = np.where(positive, np.where(values > 0, down, np.minimum(linear, least / FAR_BEYOND)), down)
    far: Flags = (count >= FAR_HISTORY) & ((values > up) | (values < down))
    return far
