"""The words of the practices: the finding, what the next site should expect, how sites differ, and the tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analytics.results import Direction
from analytics.results_effects import PooledEffect
from data.types import PracticeState
from pages.cohort.trial_cells import effect_cell, ends, reasoned_outcome, trial_cell
from pages.shared.pooled_trials import weights
from pages.shared.tables import Cell, Column, Line, html_table
from pages.shared.trial_outcome import TrialOutcome
from wording import Language, date_, difference, finding, percent, reason_sentence, say, state

if TYPE_CHECKING:
    from pages.cohort.practices_view import PlaybookView, PracticeView
    from pages.shared.pooled_trials import Measured
    from pages.shared.trial_family import Registered


def title(view: PlaybookView, language: Language) -> str:
    """Return the finding over all practices: how many were tried at several sites, how many are the standard."""
    if not view.practices:
        return say("pooling_view.practices.title.empty", language)
    several = sum(len(_tried_at(practice)) > 1 for practice in view.practices)
    standard = sum(practice.practice.state is PracticeState.STANDARD for practice in view.practices)
    parts = {
        "several": say("pooling_view.practices.title.several", language, n=several),
        "standard": say("pooling_view.practices.title.standard", language, n=standard),
    }
    return say("pooling_view.practices.title", language, n=len(view.practices), **parts)


def _tried_at(view: PracticeView) -> set[str]:
    """The sites where an experiment of a practice is over or under way."""
    return {site for trial in view.trials if trial.outcome is not TrialOutcome.PLANNED for site in trial.sites}


def title_of(view: PracticeView, language: Language) -> str:
    """Return the finding of one practice: its pooled effect, its only effect, or why there is none."""
    if isinstance(view.together, PooledEffect):
        return finding(view.together, language, view.metric)
    if not view.trials:
        return say("pooling_view.practice.untried", language)
    if len(view.known) == 1:
        only = view.known[0]
        return say("pooling_view.practice.once", language, name=only.name, effect=_effect(only, language))
    return reason_sentence(view.together, language, view.metric)


def eyebrow_of(view: PracticeView, language: Language) -> str:
    """Say which practice, in which state, measured by what."""
    parts = [view.practice.title, state(view.practice.state, language)]
    if view.metric:
        parts.append(view.metric.name(language))
    return " · ".join(parts)


def next_act(view: PracticeView) -> str | None:
    """Choose the next step for a practice that is still being tried: the code of its words; None for any other."""
    if view.practice.state is not PracticeState.TRY:
        return None
    if not view.trials:
        return "first"
    together = view.together
    if not isinstance(together, PooledEffect) or together.next_lower is None or together.next_upper is None:
        return "further"
    return {"worthwhile": "standard", "worse": "stop"}.get(
        _meaning(together.next_lower, together.next_upper, view), "further"
    )


def next_site(pooled: PooledEffect, view: PracticeView, language: Language) -> str:
    """Answer what the next site should expect: the interval, what it means, and on what it rests."""
    if pooled.next_lower is None or pooled.next_upper is None:
        return say("analytics_effects.pooled.no_next", language)
    words = {
        "lower": difference(pooled.next_lower, view.metric, language),
        "upper": difference(pooled.next_upper, view.metric, language),
        "confidence": percent(pooled.confidence, language, 0),
    }
    meaning = say(f"pooling_view.next.{_meaning(pooled.next_lower, pooled.next_upper, view)}", language)
    return " ".join(
        [say("pooling_view.next", language, **words), meaning, say("analytics_effects.pooled.limit", language)]
    )


def differences(pooled: PooledEffect, view: PracticeView, language: Language) -> str:
    """Say how much sites differ beyond chance: I squared, and the spread of the true effects."""
    if pooled.tau_squared == 0:
        return " ".join([say("analytics_effects.pooled.alike", language), say("pooling_view.differ.few", language)])
    spread = difference(math.sqrt(pooled.tau_squared), view.metric, language).lstrip("+")
    share = percent(pooled.i_squared, language, 0)
    return " ".join([
        say("pooling_view.differ", language, share=share, spread=spread), say("pooling_view.differ.few", language),
    ])  # fmt: skip


def practices_table(view: PlaybookView, language: Language) -> str:
    """Every practice with its state, where it was tried, what it brings and what the next site may expect."""
    columns = [
        say("pooling_view.column.practice", language),
        say("pooling_view.column.state", language),
        Column(say("pooling_view.column.sites", language), numeric=True),
        Column(say("pooling_view.column.effect", language), numeric=True),
        Column(say("pooling_view.forest.next", language), numeric=True),
    ]
    lines = [_practice_line(practice, language) for practice in view.practices]
    return html_table(columns, lines, caption=say("pooling_view.practices.caption", language))


def trials_table(view: PracticeView, language: Language) -> str:
    """Every experiment of one practice, with or without an effect."""
    shares = weights(view.together, view.known)
    known = {each.trial.experiment.id: each for each in view.known}
    columns = [
        say("pooling_view.column.trial", language),
        say("pooling_view.column.outcome", language),
        say("pooling_view.column.from", language),
        say("pooling_view.column.to", language),
        Column(say("pooling_view.column.effect", language), numeric=True),
        Column(say("pooling_view.column.weight", language), numeric=True),
    ]
    lines = [_trial_line(trial, known.get(trial.experiment.id), shares, language) for trial in view.trials]
    return html_table(columns, lines, caption=say("pooling_view.trials.caption", language))


def _meaning(lower: float, upper: float, view: PracticeView) -> str:
    direction = view.metric.direction if view.metric else Direction.NEUTRAL
    if direction is Direction.NEUTRAL:
        return "undirected"
    sign = 1 if direction is Direction.UP else -1
    least, most = sorted((sign * lower, sign * upper))
    enough = view.worthwhile
    if least > 0:
        return "worthwhile" if enough is not None and least >= sign * enough > 0 else "better"
    return "worse" if most < 0 else "open"


def _practice_line(view: PracticeView, language: Language) -> Line:
    practice, together = view.practice, view.together
    link = f"/practices?practice={practice.id}&lang={language}"
    effect: Cell | str = ""
    ahead = ""
    if isinstance(together, PooledEffect):
        effect = effect_cell(together, view.metric, language)
        if together.next_lower is not None and together.next_upper is not None:
            ahead = ends(together.next_lower, together.next_upper, view.metric, language)
    elif len(view.known) == 1:
        only = view.known[0]
        effect = effect_cell(only.effect, only.metric, language)
    sites = Cell(str(len(view.site_names)), below=[", ".join(view.site_names)] if len(view.site_names) <= 4 else ())
    name = Cell(practice.title, href=link, below=[view.metric.name(language)] if view.metric else ())
    return Line(name, [state(practice.state, language), sites, effect, ahead])


def _trial_line(trial: Registered, known: Measured | None, shares: dict[str, float], language: Language) -> Line:
    plan = trial.plan
    effect: Cell | str = ""
    if known is not None:
        effect = effect_cell(known.effect, known.metric, language)
    weight = shares.get(trial.experiment.id)
    name = trial_cell(trial, language)
    cells: list[Cell | str] = [
        reasoned_outcome(trial, language),
        date_(plan.starts_on, language) if plan else "",
        date_(plan.ends_on, language) if plan else "",
        effect,
        "" if weight is None else percent(weight, language, 0),
    ]
    return Line(name, cells)


def _effect(known: Measured, language: Language) -> str:
    whole = ends(known.effect.lower, known.effect.upper, known.metric, language)
    return f"{difference(known.effect.estimate, known.metric, language)} ({whole})"
