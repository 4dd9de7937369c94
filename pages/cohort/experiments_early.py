"""What may be said of an experiment before its end: how small an effect it could see, and its early signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results import NotComputable
from analytics.results_sequential import DetectableEffect, EarlySignal
from pages.cohort.experiments_words import interval
from pages.shared.tables import Cell, Line, html_table
from wording import Language, date_, difference, percent, reason_sentence, say

if TYPE_CHECKING:
    from analytics.results_sequential import Look
    from data.types import Metric
    from pages.cohort.experiments_view import TrialView

SIGNAL_ICONS = {"harm": "square", "promising": "diamond", "change": "triangle"}


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


def signal_word(view: TrialView, language: Language) -> tuple[str, str]:
    """The early signal in its own words, with the icon that goes with it; never a result."""
    looks = view.looks
    said = looks.latest if looks else None
    if said is None or said.signal is None:
        return "ring", say("experiments.signal.nothing", language)
    raised = looks.first_signal if looks else None
    shown = raised or said
    return SIGNAL_ICONS.get(str(shown.signal), "ring"), say(f"experiments.signal.{shown.signal}", language)


def looks_table(view: TrialView, metric: Metric, language: Language) -> str:
    """Each declared look: its day, what it says, and by which interval."""
    heads = [say(f"experiments.look.{name}", language) for name in ("day", "word", "interval", "points")]
    looks = view.looks.looks if view.looks else ()
    lines = [_look_line(look, metric, language) for look in looks]
    return html_table(heads, lines, caption=say("experiments.looks", language))


def _look_line(look: Look, metric: Metric, language: Language) -> Line:
    name = date_(look.date, language)
    if not isinstance(look.outcome, EarlySignal):
        code = "look_not_due" if look.outcome.code == "look_not_due" else "too_early"
        return Line(name, [say(f"experiments.look.{code}", language), "", str(look.n_after)])
    found = look.outcome
    word = Cell(say(f"experiments.signal.{found.signal}", language), icon=SIGNAL_ICONS.get(str(found.signal), "ring"))
    size = interval(found.estimate, found.lower, found.upper, metric, language)
    sure = say("experiments.look.confidence", language, confidence=percent(found.confidence, language, 0))
    return Line(name, [word, Cell(size, below=[sure]), str(look.n_after)])
