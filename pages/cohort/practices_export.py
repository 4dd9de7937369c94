"""A practice's experiments as a workbook: numbers as numbers, dates as dates, no cell that a spreadsheet would run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results import NotComputable
from pages.shared.exports import Exported, workbook
from pages.shared.pooled_trials import weights
from wording import Language, reason_sentence, say, sentence, unit

if TYPE_CHECKING:
    from pages.cohort.practices_view import PracticeView

COLUMNS = ("trial", "title", "sites", "metric", "unit", "outcome", "from", "to", "effect", "lower", "upper", "weight")


def rows(view: PracticeView, language: Language) -> list[list[Exported]]:
    """Write a heading, one row an experiment, then the pooled effect, the next site and the sentence that says both."""
    together = view.together
    shares = weights(together, view.known)
    known = {each.trial.experiment.id: each for each in view.known}
    found: list[list[Exported]] = [[say(f"pooling_view.column.{name}", language) for name in COLUMNS]]
    for trial in view.trials:
        one = known.get(trial.experiment.id)
        found.append([
            trial.experiment.label, trial.experiment.title, ", ".join(trial.sites),
            trial.metric.name(language) if trial.metric else "", unit(trial.metric, language) if trial.metric else "",
            say(f"evidence.outcome.{trial.outcome.value}", language),
            trial.plan.starts_on if trial.plan else None, trial.plan.ends_on if trial.plan else None,
            *((one.effect.estimate, one.effect.lower, one.effect.upper, shares.get(trial.experiment.id)) if one else (None,) * 4),
        ])  # fmt: skip
    if isinstance(together, NotComputable):
        return [*found, [], [reason_sentence(together, language, view.metric)]]
    blank: list[Exported] = [None] * 7
    return [
        *found,
        [say("pooling_view.forest.pooled", language), *blank, together.estimate, together.lower, together.upper, 1.0],
        [say("pooling_view.forest.next", language), *blank, None, together.next_lower, together.next_upper, None],
        [],
        [sentence(together, language, view.metric)],
    ]


def as_workbook(view: PracticeView, language: Language) -> bytes:
    """Write them as an Excel workbook."""
    return workbook({say("pooling_view.nav", language): rows(view, language)})
