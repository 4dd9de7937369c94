"""A rollout's findings in plain sentences: time to parity, learning, dates to come, sites that are stuck."""

from __future__ import annotations

import math

from analytics.results_rollout import Completion, LearningCurve, Parity, StageState, Stalled
from wording.languages import Language
from wording.numbers import percent
from wording.phrases import say

RolloutFinding = Parity | LearningCurve | Completion | Stalled
SAYS_NOTHING = 16  # an interval whose end is so many times its start is not worth two numbers
NAMED_SITES = 8  # as for effects: a sentence is read, not searched


def rollout_finding(result: RolloutFinding, language: Language, grain: str = "week") -> str:
    """Word what a section's first line says: the first sentence of `rollout_sentence`."""
    return _sentences(result, language, grain)[0]


def rollout_sentence(result: RolloutFinding, language: Language, grain: str = "week") -> str:
    """Word a result whole: the finding, and what it rests on. grain: of the periods that are counted."""
    return " ".join(_sentences(result, language, grain))


def periods(n: float, grain: str, language: Language) -> str:
    """Count periods; half a period more is told as a whole one."""
    return say(f"analytics_rollout.periods.{grain}", language, n=math.ceil(n))


def _sentences(result: RolloutFinding, language: Language, grain: str) -> list[str]:
    match result:
        case Parity():
            return _parity(result, language, grain)
        case LearningCurve():
            return _learning(result, language)
        case Completion():
            return _completion(result, language)
        case Stalled():
            return _stalled(result, language)


def _parity(found: Parity, language: Language, grain: str) -> list[str]:
    curve, n_waiting = found.curve, len(found.sites) - found.n_reached
    words = {"confidence": percent(curve.confidence, language, 0)}
    if curve.median is None or curve.lower is None:
        first = say("analytics_rollout.parity.no_median", language)
    else:
        words |= {name: periods(x, grain, language) for name, x in (("median", curve.median), ("lower", curve.lower))}
        if curve.upper is None:
            first = say("analytics_rollout.parity.median_open", language, **words)
        else:
            upper = periods(curve.upper, grain, language)
            first = say("analytics_rollout.parity.median", language, **words, upper=upper)
    said = [
        first,
        say("analytics_rollout.parity.count", language, reached=found.n_reached, n=len(found.sites), waiting=n_waiting),
        say(
            "analytics_rollout.parity.how", language, points=found.n_points,
            share=percent(found.band.share, language, 0), mature=found.band.n_sites,
        ),
    ]  # fmt: skip
    if found.n_unseen:
        said.append(say("analytics_rollout.parity.unseen", language, n=found.n_unseen))
    return said


def _learning(found: LearningCurve, language: Language) -> list[str]:
    if found.is_clear:
        code = "faster" if found.factor < 1 else "slower"
    elif found.upper > SAYS_NOTHING * found.lower:
        code = "silent"
    else:
        code = "doubtful" if found.leaves_out_none else "open"
    shares = {name: percent(getattr(found, name), language, 0) for name in ("factor", "lower", "upper", "confidence")}
    return [
        say(f"analytics_rollout.learning.{code}", language, **shares),
        say(
            "analytics_rollout.learning.how", language, reached=found.n_reached, waiting=found.n - found.n_reached,
            waves=len(found.waves),
        ),
    ]  # fmt: skip


def _completion(found: Completion, language: Language) -> list[str]:
    last = found.last
    said = [
        say(
            "analytics_rollout.completion.range", language, n=last.sites, lower=last.lower, middle=last.middle,
            upper=last.upper, confidence=percent(found.confidence, language, 0),
        )
    ]  # fmt: skip
    if found.planned_last is not None:
        said.append(say("analytics_rollout.completion.plan", language, planned=found.planned_last))
    said.append(say("analytics_rollout.completion.how", language, observed=found.n_observed))
    if found.n_undated:
        said.append(say("analytics_rollout.completion.undated", language, n=found.n_undated))
    return said


def _stalled(found: Stalled, language: Language) -> list[str]:
    stuck = [wait.site for wait in found.sites if wait.state is StageState.STALLED]
    share = percent(found.quantile, language, 0)
    if not stuck:
        return [say("analytics_rollout.stalled.none", language, share=share, n=found.n_left)]
    sites = ", ".join(stuck[:NAMED_SITES]) + (" …" if len(stuck) > NAMED_SITES else "")
    return [say("analytics_rollout.stalled.some", language, n=len(stuck), share=share, sites=sites)]
