"""A rollout's questions: when is a site up to standard, does each wave learn, when are all live, who is stuck?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.parity import mature_band, since_go_live, time_to_parity
from analytics.results import NotComputable
from analytics.results_rollout import (
    Completion,
    CompletionDate,
    LearningCurve,
    StageState,
    StageWait,
    Stalled,
    WaveTime,
)
from analytics.waiting import CONFIDENCE, Line, fitted_line, kaplan_meier, time_when_left, trend_p_value

__all__ = [
    "Passage", "completion_forecast", "learning_curve", "mature_band", "since_go_live", "stalled_sites", "time_to_parity",
]  # fmt: skip

Floats = npt.NDArray[np.float64]

MINIMUM_WAVES = 2
MINIMUM_REACHED = 5  # two more than the line has unknowns
MINIMUM_STAGE_TIMES = 4  # of sites that went the whole way
FUTURES = 4000  # the bounds of 80 % then move by about a fiftieth of the range
COMPLETION_CONFIDENCE = 0.8  # as key results' forecasts
STALLED_QUANTILE = 0.8  # longer than eight others in ten


@dataclass(frozen=True, slots=True)
class Passage:
    """One site on its way to going live; a date is None where it is not known or not yet."""

    site: str
    planned_on: dt.date | None = None  # to go live
    begun_on: dt.date | None = None  # its preparation
    live_on: dt.date | None = None


def learning_curve(
    durations: Sequence[int], reached: Sequence[bool], waves: Sequence[int], *, confidence: float = CONFIDENCE
) -> LearningCurve | NotComputable:
    """Ask whether each wave takes less time than the last: a straight line of log time over the wave's number.

    durations: periods to parity, 1 or more, or of a site not there yet the periods it is known to have taken longer than
        (0 = nothing known); reached: which of them are there; waves: the number of each site's wave.
    A time of w periods is known to lie between w - 1 and w. What the line says is clear only where a test that supposes
        no shape of the times agrees. Sites are taken as independent within and between waves.
    Returns NotComputable "few_waves" (in which a site is there), "few_at_parity".
    Raises ValueError for lists of differing length, or a site there in less than 1 period.
    Source: log-normal waiting times with censoring, Lawless (2003), ch. 6; averaged over as `waiting.fitted_line` says;
        the test: Tarone (1975).

    >>> found = learning_curve([9, 8, 10, 6, 5, 5, 3, 2, 3], [True] * 9, [1, 1, 1, 2, 2, 2, 3, 3, 3])
    >>> round(found.factor, 1), found.is_clear
    (0.5, True)
    """
    times, there, numbers = np.asarray(durations, float), np.asarray(reached, np.bool_), np.asarray(waves, float)
    if not (times.shape == there.shape == numbers.shape and times.ndim == 1):
        raise ValueError("each duration needs its wave, and whether the site is there")
    if (times[there] < 1).any():
        raise ValueError("a site is there in its first period at the earliest")
    n_waves = len(np.unique(numbers[there]))
    if n_waves < MINIMUM_WAVES:
        return NotComputable("few_waves", {"found": n_waves, "needed": MINIMUM_WAVES})
    if there.sum() < MINIMUM_REACHED:
        return NotComputable("few_at_parity", {"found": int(there.sum()), "needed": MINIMUM_REACHED})
    known = there | (times > 0)
    with np.errstate(divide="ignore"):
        lower = np.log(np.where(there, times - 1, times))[known]
    upper = np.where(there, np.log(np.maximum(times, 1)), np.inf)[known]
    line = fitted_line(lower, upper, numbers[known])
    tail = (1 - confidence) / 2
    factor, low, high = (float(np.exp(line.quantile(line.slope, share))) for share in (0.5, tail, 1 - tail))
    rows = tuple(_wave(int(n), times[numbers == n], there[numbers == n], line, tail) for n in np.unique(numbers))
    p_value = trend_p_value(times[known], there[known], numbers[known])
    return LearningCurve(factor, low, high, confidence, p_value, len(times), int(there.sum()), rows)


def _wave(number: int, times: Floats, there: npt.NDArray[np.bool_], line: Line, tail: float) -> WaveTime:
    curve = kaplan_meier(times.tolist(), there.tolist())
    at = line.level + line.slope * (number - line.mean_x)
    fitted, lower, upper = (float(np.exp(line.quantile(at, share))) for share in (0.5, tail, 1 - tail))
    median = None if isinstance(curve, NotComputable) else curve.median
    return WaveTime(number, len(times), int(there.sum()), median, fitted, lower, upper)


def completion_forecast(
    passages: Sequence[Passage],
    *,
    today: dt.date,
    rng: np.random.Generator,
    n_futures: int = FUTURES,
    confidence: float = COMPLETION_CONFIDENCE,
) -> Completion | NotComputable:
    """Say when the sites still to come are live, from how long the others took, by simulated futures.

    passages: one a site. A site that has begun is given a time from its start to go-live like the others'; one that has
        not, a slip against its plan like the others'. Those still on the way count as "longer than so far", and their own
        rest of the way is drawn knowing that. What is not known of the middle and the scatter is drawn too.
    rng: the futures are the same for the same generator and passages.
    Returns NotComputable "no_sites_to_come", "sites_undated" (none of them is planned or begun), or "few_stage_times".
    Raises ValueError for a site live after today.
    Source: predictive simulation from censored times, Lawless (2003), ch. 6; see `waiting.fitted_line`.
    """
    if any(p.live_on is not None and p.live_on > today for p in passages):
        raise ValueError("a site cannot be live after today")
    coming = [p for p in passages if p.live_on is None]
    if not coming:
        return NotComputable("no_sites_to_come", {"n": len(passages)})
    dated = [p for p in coming if p.begun_on is not None or p.planned_on is not None]
    if not dated:
        return NotComputable("sites_undated", {"n": len(coming)})
    slips, spans = _slips(passages, today), _spans(passages, today)
    enough = {
        name: sum(np.isfinite(pool[1])) >= MINIMUM_STAGE_TIMES for name, pool in (("slip", slips), ("span", spans))
    }
    by_span = [p for p in dated if p.begun_on is not None and enough["span"]]
    by_slip = [p for p in dated if p not in by_span]
    if by_slip and not (enough["slip"] and all(p.planned_on for p in by_slip)):
        found = max(int(np.isfinite(pool[1]).sum()) for pool in (slips, spans))
        return NotComputable("few_stage_times", {"found": found, "needed": MINIMUM_STAGE_TIMES})
    futures = []
    if by_span:
        begun = np.array([p.begun_on.toordinal() for p in by_span if p.begun_on])
        elapsed = np.log(np.maximum(today.toordinal() - begun, 0) + 0.5)
        futures.append(begun + np.exp(_rest(fitted_line(*spans), elapsed, rng, n_futures)))
    if by_slip:
        planned = np.array([p.planned_on.toordinal() for p in by_slip if p.planned_on])
        futures.append(planned + _rest(fitted_line(*slips), today.toordinal() - planned + 0.5, rng, n_futures))
    days = np.sort(np.maximum(np.ceil(np.hstack(futures) - 0.5), today.toordinal() + 1), axis=1)
    tail = (1 - confidence) / 2
    bounds = np.quantile(days, [tail, 0.5, 1 - tail], axis=0, method="higher").T
    n_live = len(passages) - len(coming)
    return Completion(
        dates=tuple(CompletionDate(n_live + 1 + place, *map(_day, row)) for place, row in enumerate(bounds)),
        confidence=confidence,
        n_live=n_live,
        n_total=len(passages),
        n_undated=len(coming) - len(dated),
        n_observed=max(int(np.isfinite(pool[1]).sum()) for pool in (slips, spans)),
        planned_last=max((p.planned_on for p in passages if p.planned_on), default=None),
    )


def _slips(passages: Sequence[Passage], today: dt.date) -> tuple[Floats, Floats]:
    """Days from plan to go-live; of a site that is late, more than so far. One not yet due says nothing."""
    known = [(p.planned_on, p.live_on) for p in passages if p.planned_on and (p.live_on or p.planned_on <= today)]
    lower = [((live - plan).days - 0.5 if live else (today - plan).days + 0.5) for plan, live in known]
    upper = [((live - plan).days + 0.5 if live else np.inf) for plan, live in known]
    return np.array(lower, float), np.array(upper, float)


def _spans(passages: Sequence[Passage], today: dt.date) -> tuple[Floats, Floats]:
    """Log days from start to go-live; of a site on its way, more than so far."""
    known = [
        (((p.live_on or today) - p.begun_on).days, p.live_on is not None)
        for p in passages
        if p.begun_on is not None and p.begun_on <= (p.live_on or today)
    ]
    lower = [np.log(max(days - 0.5, 0.25)) if ended else np.log(days + 0.5) for days, ended in known]
    upper = [np.log(days + 0.5) if ended else np.inf for days, ended in known]
    return np.array(lower, float), np.array(upper, float)


def _rest(line: Line, elapsed: Floats, rng: np.random.Generator, n_futures: int) -> Floats:
    """Draw each site's time, shape (n_futures, n_sites), knowing that it is longer than so far."""
    level, scale = (drawn[:, None] for drawn in line.draws(rng, n_futures))
    log_left = special.log_ndtr(-(elapsed - level) / scale)
    share = np.log(rng.uniform(size=(n_futures, len(elapsed))))
    return np.asarray(level - scale * special.ndtri_exp(log_left + share))


def _day(ordinal: float) -> dt.date:
    return dt.date.fromordinal(min(int(ordinal), dt.date.max.toordinal()))


def stalled_sites(
    days: Mapping[str, int], left: Mapping[str, bool], *, quantile: float = STALLED_QUANTILE
) -> Stalled | NotComputable:
    """Find the sites that have been in a stage longer than most others stayed.

    days: of each site, how long it was in the stage, or has been so far; left: whether it has left it.
    Each site is held against the others' waiting curve, in which those still in the stage count for as long as they have
        been; stalled = at most the share 1 - quantile of them stay that long. UNKNOWN where the curve does not reach so
        far, or too few others have left.
    Returns NotComputable "nobody_in_stage", or "few_stage_times" when fewer than MINIMUM_STAGE_TIMES have left.
    Raises ValueError for a site that is in one mapping only.

    >>> days = {"lyon": 30, "lille": 34, "metz": 28, "dijon": 41, "tours": 35, "reims": 90, "nancy": 12}
    >>> found = stalled_sites(days, {site: site not in ("reims", "nancy") for site in days})
    >>> [(site.site, site.state.value) for site in found.sites]
    [('reims', 'stalled'), ('nancy', 'as_others')]
    """
    if days.keys() != left.keys():
        raise ValueError("each site needs its days, and whether it has left")
    inside = [site for site in days if not left[site]]
    if not inside:
        return NotComputable("nobody_in_stage")
    n_left = sum(left.values())
    if n_left < MINIMUM_STAGE_TIMES:
        return NotComputable("few_stage_times", {"found": n_left, "needed": MINIMUM_STAGE_TIMES})
    found = [_stage_wait(site, days, left, quantile) for site in inside]
    return Stalled(tuple(sorted(found, key=lambda wait: -wait.days)), quantile, n_left)


def _stage_wait(site: str, days: Mapping[str, int], left: Mapping[str, bool], quantile: float) -> StageWait:
    others = [other for other in days if other != site]
    curve = kaplan_meier([days[other] for other in others], [left[other] for other in others])
    if isinstance(curve, NotComputable):  # left as at least MINIMUM_STAGE_TIMES have, someone has
        raise TypeError(curve.code)
    usual = time_when_left(curve, quantile)
    if usual is None and days[site] >= curve.longest:
        state = StageState.UNKNOWN
    else:
        state = StageState.STALLED if usual is not None and days[site] > usual else StageState.AS_OTHERS
    return StageWait(site, days[site], state, usual)
