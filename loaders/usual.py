"""What the values of many series usually are, in robust figures, and how far from them a value must be to be doubted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SHARES = (0.02, 0.05, 0.25, 0.5, 0.75, 0.95, 0.98)  # not the extremes: an old mistake would hide a new one
LEAST, LOW, LOWER_QUARTER, MEDIAN, UPPER_QUARTER, HIGH, MOST = range(len(SHARES))

SAMPLED = 256  # values of each series are enough; of longer ones only every so many-th is taken
ONE_LEFT_OUT = 12  # from so many values on, the smallest and the largest are never taken for the range
FEWEST = 8  # values before a history says anything
# Standard normal quantiles: the distance of the 5 % and 25 % points from the median, in standard deviations.
TAIL_IN_SD, QUARTER_IN_SD = 1.645, 0.6745
# Found by simulation (tests/loaders/test_plausibility.py): at most 1 ordinary value in 2,000 is doubted.
DOUBT_IN_SD = 4.2  # beyond, a value is looked at closely
SMALL_SAMPLE = 4.0  # a spread found from n values is taken 1 + 4 / n times as large
SMALLEST_SPREAD = 0.02  # of a series on the log scale: rounding alone makes as much
NEAREST_DOUBT = float(np.log(2.5))  # a positive value within 2.5 times its median is never doubted
BEYOND = 1.5  # nor one within 1.5 times what was seen before


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """Robust figures of n_series series.

    count: shape (n_series,), values known. quantiles: shape (7, n_series), of SHARES; NaN where count is 0.
    lowest, highest: shape (n_series,); a value beyond is looked at closely. NaN where the history is too short.
    """

    count: Places
    quantiles: Floats
    lowest: Floats
    highest: Floats

    def at(self, series: Places | int) -> tuple[Floats, ...]:
        """Give the quantiles of some series, one array a share."""
        return tuple(self.quantiles[:, series])


def usual(series: Places, values: Floats, n_series: int) -> Usual:
    """Find what each series usually is.

    series: shape (n_values,), a number in 0..n_series - 1 each, ascending. values: finite.

    >>> week = np.array([11.0, 12, 13, 12, 11, 12, 13, 12])
    >>> found = usual(np.zeros(8, np.int64), week, 1)
    >>> float(found.quantiles[MEDIAN, 0]), bool(found.highest[0] > 25)
    (12.0, True)
    """
    count = np.bincount(series, minlength=n_series)
    step = int(count[count > 0].min(initial=SAMPLED)) // SAMPLED
    step -= step % 7 == 0  # never the same weekday of every week
    if step > 1:
        series, values = series[::step], values[::step]
    quantiles = _quantiles(series, values, np.bincount(series, minlength=n_series))
    lowest, highest = _doubtful_beyond(count, quantiles)
    return Usual(count, quantiles, lowest, highest)


def _quantiles(series: Places, values: Floats, count: Places) -> Floats:
    """Sort every series at once: as whole numbers, its own above, the value below in the order of its bits."""
    single = np.clip(values, -3e38, 3e38).astype(np.float32)  # seven digits are enough to say what is usual
    bits = (single + np.float32(0)).view(np.uint32)
    bits = np.where(bits >> 31 != 0, ~bits, bits | np.uint32(0x80000000))
    keys = series.astype(np.uint64) << np.uint64(32) | bits
    keys.sort()
    first = np.cumsum(count) - count
    within = np.rint(np.multiply.outer(np.array(SHARES), np.maximum(count - 1, 0))).astype(np.int64)
    inner = count >= ONE_LEFT_OUT
    within[LEAST], within[MOST] = np.maximum(within[LEAST], inner), np.minimum(within[MOST], count - 1 - inner)
    place = np.maximum(first + within, 0)
    found = (keys[np.minimum(place, len(keys) - 1)] & np.uint64(0xFFFFFFFF)).astype(np.uint32) if len(keys) else None
    if found is None:
        return np.full((len(SHARES), len(count)), np.nan)
    back = np.where(found >> 31 != 0, found & np.uint32(0x7FFFFFFF), ~found).astype(np.uint32)
    quantiles: Floats = back.view(np.float32).astype(np.float64)
    quantiles[:, count == 0] = np.nan
    return quantiles


def _doubtful_beyond(count: Places, quantiles: Floats) -> tuple[Floats, Floats]:
    below, above = spreads(count, quantiles)
    middle, least, most = quantiles[MEDIAN], quantiles[LEAST], quantiles[MOST]
    positive, negative = one_signed(quantiles)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log = np.log(np.abs(middle))
        outer = np.exp(log + np.maximum(DOUBT_IN_SD * np.where(negative, below, above), NEAREST_DOUBT))
        inner = np.exp(log - np.maximum(DOUBT_IN_SD * np.where(negative, above, below), NEAREST_DOUBT))
        room = (BEYOND - 1) * (most - least)
        lowest = np.where(positive, np.minimum(inner, least / BEYOND), middle - 2 * DOUBT_IN_SD * below)
        lowest = np.where(negative, np.minimum(-outer, least * BEYOND), np.minimum(lowest, least - room * ~positive))
        highest = np.where(negative, np.maximum(-inner, most / BEYOND), middle + 2 * DOUBT_IN_SD * above)
        highest = np.where(positive, np.maximum(outer, most * BEYOND), np.maximum(highest, most + room * ~negative))
    told = count >= FEWEST
    return np.where(told, lowest, np.nan), np.where(told, highest, np.nan)


def one_signed(quantiles: Floats) -> tuple[Flags, Flags]:
    """Say which series are of positive values, and which of negative ones, a few mistakes apart."""
    return quantiles[LOW] > 0, quantiles[HIGH] < 0


def spreads(count: Places, quantiles: Floats) -> tuple[Floats, Floats]:
    """Give what stands for a standard deviation below and above the median.

    On the log scale for a series of one sign, else in its own unit. It is taken from the quarters and from the tails, the
    larger, so that a skewed series is given the room it takes, and larger still where few values are known.
    """
    positive, negative = one_signed(quantiles)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(positive, np.log(quantiles), np.where(negative, -np.log(-quantiles), quantiles))
    caution = 1 + SMALL_SAMPLE / np.maximum(count, 1)
    one_sign = positive | negative
    least = np.where(one_sign, SMALLEST_SPREAD, SMALLEST_SPREAD * np.max(np.abs(np.nan_to_num(quantiles)), axis=0))
    sides = []
    for tail, quarter in ((LOW, LOWER_QUARTER), (HIGH, UPPER_QUARTER)):
        widest = np.maximum(
            np.abs(logs[tail] - logs[MEDIAN]) / TAIL_IN_SD, np.abs(logs[quarter] - logs[MEDIAN]) / QUARTER_IN_SD
        )
        sides.append(np.maximum(widest, least) * caution)
    return sides[0], sides[1]
