"""What may be said of an experiment before its end: how small an effect it could see, and its early signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results import NotComputable
from analytics.results_sequential import DetectableEffect, EarlySignal
from pages.shared.tables import Cell, Line, html_table
from pages.shared.trial_words import interval_words
from wording import Language, date_, difference, percent, reason_sentence, say

if TYPE_CHECKING:
    from analytics.results_sequential import DeclaredLooks, Look
    from data.types import Metric
    from pages.cohort.experiments_view import Early

SIGNAL_ICONS = {"harm": "square", "promising": "diamond", "change": "triangle"}
SHORT_REASONS = {  # said in a word or two: every other reason has its own sentence
    "look_not_due": "experiments.look.look_not_due",
    "too_few_at_look": "experiments.look.too_early",
}


def detectable_words(
    found: DetectableEffect | NotComputable | None, smallest: float, metric: Metric, language: Language
) -> list[str]:
    """Say how small an effect the plan could see, and whether that is small enough."""
    if found is None:
        return [say("experiments.detectable.staggered", language)]
    if isinstance(found, NotComputable):
        return [say("experiments.detectable.none", language, reason=reason_sentence(found, language, metric))]
    size = difference(found.effect, metric, language).lstrip("+")
    share = "" if found.relative is None else percent(found.relative, language, 1)
    wanted = difference(smallest, metric, language).lstrip("+")
    code = "with_share" if share else "bare"
    lines = [say(f"experiments.detectable.{code}", language, size=size, share=share, date=found.end,
                 before=found.n_before, after=found.n_after)]  # fmt: skip
    enough = "enough" if found.effect <= smallest else "too_weak"
    return [*lines, say(f"experiments.detectable.{enough}", language, size=size, smallest=wanted)]


def signal_word(early: Early, metric: Metric | None, language: Language) -> tuple[str, str]:
    """The early signal in its own words, with the icon that goes with it; never a result."""
    if early.refusal is not None:
        return "ring", reason_sentence(early.refusal, language, metric)
    said = early.looks.latest if early.looks else None
    if early.looks is None or said is None or said.signal is None:
        return "ring", _why_nothing(early, metric, language)
    shown = early.looks.first_signal or said
    return SIGNAL_ICONS.get(str(shown.signal), "ring"), say(f"experiments.signal.{shown.signal}", language)


def _why_nothing(early: Early, metric: Metric | None, language: Language) -> str:
    looks = early.looks.looks if early.looks else ()
    reasons = [look.outcome for look in looks if isinstance(look.outcome, NotComputable)]
    telling = [reason for reason in reasons if reason.code not in SHORT_REASONS]
    return reason_sentence(telling[-1], language, metric) if telling else say("experiments.signal.nothing", language)


def looks_table(made: DeclaredLooks, metric: Metric, language: Language) -> str:
    """Each declared look: its day, what it says, and by which interval."""
    heads = [say(f"experiments.look.{name}", language) for name in ("day", "word", "interval", "points")]
    lines = [_look_line(look, metric, language) for look in made.looks]
    return html_table(heads, lines, caption=say("experiments.looks", language))


def _look_line(look: Look, metric: Metric, language: Language) -> Line:
    name = date_(look.date, language)
    if not isinstance(look.outcome, EarlySignal):
        short = SHORT_REASONS.get(look.outcome.code)
        word = say(short, language) if short else reason_sentence(look.outcome, language, metric)
        return Line(name, [word, "", str(look.n_after)])
    found = look.outcome
    cell = Cell(say(f"experiments.signal.{found.signal}", language), icon=SIGNAL_ICONS.get(str(found.signal), "ring"))
    size = interval_words(found.estimate, found.lower, found.upper, metric, language)
    sure = say("experiments.look.confidence", language, confidence=percent(found.confidence, language, 0))
    return Line(name, [cell, Cell(size, below=[sure]), str(look.n_after)])
