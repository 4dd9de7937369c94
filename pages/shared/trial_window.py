"""What a reader must know of the days that a trial was judged by: an end before the plan's, periods cut in two."""

from __future__ import annotations

from collections.abc import Callable

from data.types import Experiment, ExperimentState
from pages.shared.trial_effect import TrialEffect
from wording import Language, date_, say


def window_lines(
    experiment: Experiment, effect: TrialEffect, language: Language, free: Callable[[str], str] = str
) -> list[str]:
    """Say that a trial ended before its plan, and why, and which periods were left out; free: masks what people wrote."""
    lines, planned = [], effect.plan.ends_on
    if experiment.state is ExperimentState.ENDED and effect.until is not None and effect.until < planned:
        reason = free(experiment.ended_reason.strip())
        code = "ended_early_why" if reason else "ended_early"
        lines.append(say(f"experiments.window.{code}", language, date=effect.until, planned=planned, reason=reason))
    if partial := effect.data.partial:
        days = ", ".join(date_(day, language) for day in partial)
        lines.append(say("experiments.window.partial", language, n=len(partial), periods=days))
    return lines
