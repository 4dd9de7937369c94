"""The cells that the tables of experiments and of practices share: a trial, what it came to, its effect, a p value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results import NotComputable
from pages.shared.tables import Cell
from pages.shared.trial_outcome import ICONS, TrialOutcome
from wording import Language, difference, percent, reason_sentence, say

if TYPE_CHECKING:
    from analytics.results_effects import PooledEffect
    from data.types import Metric
    from pages.shared.tables import Tint
    from pages.shared.trial_family import Registered
    from pages.shared.trial_outcome import Effect

TINTS: dict[TrialOutcome, Tint] = {TrialOutcome.HELPED: "better", TrialOutcome.HARMFUL: "worse"}
SMALLEST_SHARE = 0.001  # smaller shares are said to be below it


def trial_link(trial: Registered, language: Language) -> str:
    """Give the way to a trial's own page."""
    return f"/experiments?experiment={trial.experiment.label}&lang={language}"


def trial_cell(trial: Registered, language: Language) -> Cell:
    """Name a trial by its number, title and sites, with the way to its own page."""
    below = [", ".join(trial.sites)] if trial.sites else []
    return Cell(trial.experiment.title, tag=trial.experiment.label, below=below, href=trial_link(trial, language))


def outcome_cell(outcome: TrialOutcome, language: Language, below: Sequence[str] = (), *, tinted: bool = True) -> Cell:
    """An outcome as icon and word, tinted where it helped or harmed."""
    word, icon = say(f"evidence.outcome.{outcome.value}", language), ICONS.get(outcome, "ring")
    return Cell(word, icon=icon, below=list(below), tint=TINTS.get(outcome) if tinted else None)


def reasoned_outcome(trial: Registered, language: Language) -> Cell:
    """What a trial came to, by icon and word, with the reason where nothing could be computed."""
    below = []
    if trial.effect and isinstance(trial.effect.result, NotComputable):
        below = [reason_sentence(trial.effect.result, language, trial.metric)]
    return outcome_cell(trial.outcome, language, below, tinted=False)


def ends(lower: float, upper: float, metric: Metric | None, language: Language) -> str:
    """Write an interval by its ends."""
    return say("pooling_view.ends", language, lower=difference(lower, metric, language),
               upper=difference(upper, metric, language))  # fmt: skip


def effect_cell(effect: Effect | PooledEffect, metric: Metric | None, language: Language) -> Cell:
    """An effect, with its interval below."""
    whole = ends(effect.lower, effect.upper, metric, language)
    return Cell(difference(effect.estimate, metric, language), below=[whole])


def p_words(p_value: float, language: Language) -> str:
    """Write a p value as a share."""
    if p_value < SMALLEST_SHARE:
        return say("experiments.share.below", language, share=percent(SMALLEST_SHARE, language, 1))
    return percent(p_value, language, 1)
