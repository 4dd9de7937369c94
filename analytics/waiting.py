"""How long something takes when some have not ended yet: the Kaplan-Meier curve, and a line of waiting times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.results import NotComputable
from analytics.results_rollout import CurveStep, WaitingCurve

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
_ROUNDING = 1e-9  # a share of exactly one half is not left to its last digit
_REACH = 4.0  # of the first grid, on the scale whose sinh is taken: 27 times the spread of what is known
_POINTS = {"level": 33, "slope": 33, "scale": 25}  # of the last grid; half as many while it is narrowed
_KEPT = 16.0  # grid points with a log density this far below the best add less than a thousandth


def kaplan_meier(
    durations: Sequence[float], ended: Sequence[bool], *, confidence: float = CONFIDENCE
) -> WaitingCurve | NotComputable:
    """Estimate the share that still waits after each time, those not ended yet counted for as long as they were seen.

    durations: time waited, 0 or more, in any unit; ended: False = still waiting when last seen.
    Intervals: Greenwood's error on the scale of log(-log), which stays between 0 and 1. Median: the first time at which
        at most half wait on (the middle of the stretch where exactly half do), its bounds those of the interval.
    Returns NotComputable "no_waiting_times" or "none_ended". Raises ValueError for lists of differing length, a negative
        duration or one that is not a number.
    Source: Kaplan and Meier (1958); Greenwood (1926); Brookmeyer and Crowley (1982) for the median's interval.

    >>> curve = kaplan_meier([2, 3, 3, 5, 8], [True, True, False, True, False])
    >>> [(step.time, round(step.waiting, 2)) for step in curve.steps], curve.median
    ([(2.0, 0.8), (3.0, 0.6), (5.0, 0.3)], 5.0)
    """
    times, events = np.asarray(durations, dtype=np.float64), np.asarray(ended, dtype=np.bool_)
    if times.shape != events.shape or times.ndim != 1:
        raise ValueError("each duration needs to be said ended or not")
    if not np.isfinite(times).all() or (times < 0).any():
        raise ValueError("a duration is a number, 0 or more")
    if not len(times):
        return NotComputable("no_waiting_times")
    if not events.any():
        return NotComputable("none_ended", {"n": len(times)})
    at, n_ended = np.unique(times[events], return_counts=True)
    at_risk = len(times) - np.searchsorted(np.sort(times), at)
    waiting = np.cumprod(1 - n_ended / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard_error = np.sqrt(np.cumsum(n_ended / (at_risk * (at_risk - n_ended))))
        reach = special.ndtri(0.5 + confidence / 2) * hazard_error / np.abs(np.log(waiting))
    inside = waiting > 0
    lower, upper = np.zeros(len(at)), np.full(len(at), np.nan)
    lower[inside] = waiting[inside] ** np.exp(reach[inside])
    upper[inside] = waiting[inside] ** np.exp(-reach[inside])
    if not inside.all():  # once nobody waits, the upper bound stays what it was
        upper[~inside] = upper[inside][-1] if inside.any() else 1.0
    error = np.where(inside, waiting * np.where(inside, hazard_error, 0.0), 0.0)
    steps = tuple(
        CurveStep(float(time), int(risk), int(n), float(share), float(wrong), float(low), float(high))
        for time, risk, n, share, wrong, low, high in zip(
            at, at_risk, n_ended, waiting, error, lower, upper, strict=True
        )
    )
    return WaitingCurve(
        steps=steps,
        median=_halfway(at, waiting),
        lower=_halfway(at, lower),
        upper=_halfway(at, np.where(inside, upper, 1.0)),
        confidence=confidence,
        n=len(times),
        n_ended=int(events.sum()),
        longest=float(times.max()),
    )


def time_when_left(curve: WaitingCurve, share: float) -> float | None:
    """Read a curve the other way: the first time by which that share has ended; None = not seen yet."""
    return next((step.time for step in curve.steps if step.waiting <= 1 - share + _ROUNDING), None)


def trend_p_value(times: Floats, ended: npt.NDArray[np.bool_], order: Floats) -> float:
    """Test whether times rise or fall with an order, whatever their shape: the log-rank test for trend.

    times: shape (n,), those not ended yet as long as they were seen; order: a number each, such as its wave.
    Source: Tarone (1975), Biometrika 62, 679. 1.0 where nothing can be told.

    >>> order = np.repeat([1.0, 2.0, 3.0], 4)
    >>> bool(trend_p_value(13 - np.arange(1.0, 13.0), np.full(12, True), order) < 0.01)
    True
    """
    score = variance = 0.0
    for time in np.unique(times[ended]):
        at_risk = order[times >= time]
        failing = order[ended & (times == time)]
        n, d = len(at_risk), len(failing)
        score += float(failing.sum() - d * at_risk.mean())
        if n > 1:
            variance += float(d * (n - d) / (n - 1) * at_risk.var())
    return float(2 * special.ndtr(-abs(score) / math.sqrt(variance))) if variance > 0 else 1.0


def _halfway(times: Floats, shares: npt.NDArray[np.floating[Any]]) -> float | None:
    under = np.flatnonzero(shares <= 0.5 + _ROUNDING)
    if not under.size:
        return None
    first = int(under[0])
    if abs(shares[first] - 0.5) <= _ROUNDING:  # flat at one half: any time on the stretch is a median
        later = np.flatnonzero(shares < 0.5 - _ROUNDING)
        return float((times[first] + times[later[0]]) / 2) if later.size else float(times[first])
    return float(times[first])


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A straight line of waiting times with normal scatter, all of it averaged over: grid points and their weights."""

    level: Floats  # at the mean of x
    slope: Floats
    scale: Floats
    weight: Floats  # sums to 1
    mean_x: float

    def quantile(self, values: Floats, share: float) -> float:
        """Read a quantile of something computed at each grid point, straight between neighbouring values."""
        found, place = np.unique(np.round(values, 12), return_inverse=True)
        weight = np.bincount(place, self.weight)
        return float(np.interp(share, np.cumsum(weight) - weight / 2, found))

    def draws(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """Draw levels and scales."""
        chosen = rng.choice(len(self.weight), size=n, p=self.weight)
        return self.level[chosen], self.scale[chosen]


def fitted_line(lower: Floats, upper: Floats, x: Floats | None = None) -> Line:
    """Weigh every line of values known to lie in (lower, upper], upper = inf where no end was seen.

    lower, upper: shape (n,), not both infinite; at least one upper finite. x: shape (n,), None = no slope.
    Flat in level and slope, one over the scale: with nothing censored the slope's interval is that of regression
        (Student, n - 2). Averaged over a grid that is narrowed twice to where the weight is.
    Source: the reference prior of a location and scale, Jeffreys (1961); interval censoring as in Turnbull (1976).
    """
    mean_x = 0.0 if x is None else float(x.mean())
    along = np.zeros(len(lower)) if x is None else x - mean_x
    rows, counts = np.unique(np.column_stack([lower, upper, along]), axis=0, return_counts=True)
    known = rows[np.isfinite(rows[:, 1])]
    points = np.where(np.isfinite(known[:, 0]), (known[:, 0] + known[:, 1]) / 2, known[:, 1])
    finite = rows[:, 0][np.isfinite(rows[:, 0])]
    everything = np.concatenate([points, finite])
    width = float(np.median(known[:, 1] - np.where(np.isfinite(known[:, 0]), known[:, 0], known[:, 1] - 1.0)))
    spread = max(float(np.ptp(everything)) / 2, width, _ROUNDING)
    run = float(np.abs(along).max()) or 1.0
    box = {"level": (-_REACH, _REACH), "slope": (-_REACH, _REACH), "scale": (math.log(width / 8), math.log(8 * spread))}
    if x is None:
        box["slope"] = (0.0, 0.0)
    for share in (2, 2, 1):
        axes = {
            name: np.linspace(*ends, _POINTS[name] // share) if ends[1] > ends[0] else np.zeros(1)
            for name, ends in box.items()
        }
        level = float(points.mean()) + spread * np.sinh(axes["level"])
        slope = spread / run * np.sinh(axes["slope"])
        density = _log_likelihood(rows, counts, level, slope, np.exp(axes["scale"]))
        density += np.log(np.cosh(axes["level"]))[:, None, None] + np.log(np.cosh(axes["slope"]))[:, None]
        density -= density.max()
        box = {name: _narrowed(axes[name], density, place) for place, name in enumerate(box)}
    weight = np.exp(density)
    mesh = np.meshgrid(level, slope, np.exp(axes["scale"]), indexing="ij")
    return Line(mesh[0].ravel(), mesh[1].ravel(), mesh[2].ravel(), (weight / weight.sum()).ravel(), mean_x)


def _log_likelihood(rows: Floats, counts: npt.NDArray[np.intp], level: Floats, slope: Floats, scale: Floats) -> Floats:
    total = np.zeros((len(level), len(slope), len(scale)))
    for (lower, upper, along), count in zip(rows, counts, strict=True):
        centre = level[:, None, None] + slope[None, :, None] * along
        total += count * _log_share((lower - centre) / scale, (upper - centre) / scale)
    return total


def _log_share(low: Floats, high: Floats) -> Floats:
    """The logarithm of the normal share between two bounds, taken from the nearer tail."""
    if np.isposinf(high).all():
        return np.asarray(special.log_ndtr(-low))
    if np.isneginf(low).all():
        return np.asarray(special.log_ndtr(high))
    flip = low > 0
    near = special.log_ndtr(np.where(flip, -low, high))
    far = special.log_ndtr(np.where(flip, -high, low))
    return np.asarray(near + np.log1p(-np.exp(np.minimum(far - near, -1e-15))))


def _narrowed(axis: Floats, density: Floats, place: int) -> tuple[float, float]:
    """Keep the stretch of one axis where the weight is, and a step on either side."""
    if len(axis) == 1:
        return 0.0, 0.0
    others = tuple(n for n in range(3) if n != place)
    kept = np.flatnonzero(density.max(axis=others) > -_KEPT)
    return float(axis[max(kept[0] - 1, 0)]), float(axis[min(kept[-1] + 1, len(axis) - 1)])
