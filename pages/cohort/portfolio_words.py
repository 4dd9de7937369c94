"""The words of all experiments together: what they came to, what they brought less luck, and what stands in a cycle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results import Direction, NotComputable
from analytics.results_effects import PortfolioTotal
from pages.cohort.trial_cells import effect_cell, p_words, reasoned_outcome, trial_cell
from pages.shared.markup import Count
from pages.shared.tables import Cell, Column, Line, html_table
from pages.shared.trial_family import cycle_name
from pages.shared.trial_outcome import TrialOutcome
from wording import Language, difference, percent, reason_sentence, say, sentence

if TYPE_CHECKING:
    from data.types import Metric
    from pages.shared.pooled_trials import Measured
    from pages.shared.trial_family import Family, Registered

SHOWN = (TrialOutcome.HELPED, TrialOutcome.NO_VISIBLE_EFFECT, TrialOutcome.HARMFUL)
SUREST = 0.99  # a share of true effects is never said to be all of them, or none


def counts(trials: Sequence[Registered], language: Language) -> list[Count]:
    """Count what experiments came to; the three that say most stand there even at zero."""
    found = Counter(trial.outcome for trial in trials)
    return [Count(found[kind], say(f"pooling_view.count.{kind.value}", language, n=found[kind])) for kind in SHOWN]


def summary(trials: Sequence[Registered], language: Language) -> str:
    """Count every registered experiment once, and say the share of finished ones that worked."""
    found = Counter(trial.outcome for trial in trials)
    over = sum(trial.over for trial in trials)
    rest = [kind for kind in found if kind not in SHOWN]
    parts = [
        say(f"pooling_view.rest.{kind.value}", language, n=found[kind]) for kind in sorted(rest, key=lambda k: k.value)
    ]
    whole = say("pooling_view.portfolio.all", language, n=len(trials), over=over)
    if over:
        share = percent(found[TrialOutcome.HELPED] / over, language, 0)
        whole += " " + say(
            "pooling_view.portfolio.worked", language, n=found[TrialOutcome.HELPED], over=over, share=share
        )
    return " ".join([whole, *parts])


def total_sentence(total: PortfolioTotal, metric: Metric, language: Language) -> str:
    """Say what the experiments of one metric brought, less luck, whether those kept or all, and its limits."""
    amounts = {"total": total.total, "lower": total.lower, "upper": total.upper, "raw": total.raw_total}
    words = {name: difference(amount, metric, language) for name, amount in amounts.items()}
    kept = "all" if all(total.counted) else "kept"
    said = [
        say(f"pooling_view.total.{kept}", language, n=sum(total.counted), confidence=percent(total.confidence, language, 0),
            **words),
        say("pooling_view.total.luck", language, n=len(total.names)),
    ]  # fmt: skip
    if metric.direction is not Direction.NEUTRAL:
        good = total.share_positive if metric.direction is Direction.UP else 1 - total.share_positive
        share = percent(min(max(good, 1 - SUREST), SUREST), language, 0)
        said.append(say("pooling_view.total.share", language, share=share))
    return " ".join([*said, say("pooling_view.total.limit", language)])


def too_few(known: Sequence[Measured], gap: NotComputable, language: Language) -> str:
    """Say why the effects of a metric are not added up."""
    return say("pooling_view.total.none", language, metric=known[0].metric.name(language),
               reason=reason_sentence(gap, language))  # fmt: skip


def family_sentence(family: Family, language: Language) -> str:
    """Say how many effects of a cycle stand together, or why none has been judged."""
    judged = family.judged
    return reason_sentence(judged, language) if isinstance(judged, NotComputable) else sentence(judged, language)


def family_table(family: Family, language: Language) -> str:
    """Each experiment of a cycle: what it came to, its effect, its p value alone and judged with the others."""
    columns = [
        say("pooling_view.column.trial", language),
        say("pooling_view.column.metric", language),
        say("pooling_view.column.outcome", language),
        Column(say("pooling_view.column.effect", language), numeric=True),
        Column(say("experiments.column.raw", language), numeric=True),
        Column(say("experiments.column.adjusted", language), numeric=True),
    ]
    lines = [_line(trial, family, language) for trial in family.trials]
    caption = say("pooling_view.family.caption", language, cycle=cycle_name(family.cycle, language))
    return html_table(columns, lines, caption=caption)


def _line(trial: Registered, family: Family, language: Language) -> Line:
    name = trial_cell(trial, language)
    metric = trial.metric.name(language) if trial.metric else ""
    effect: Cell | str = ""
    result = trial.effect.result if trial.effect else None
    if result is not None and not isinstance(result, NotComputable):
        effect = effect_cell(result, trial.metric, language)
    judged = family.adjusted(trial.experiment.id)
    if judged is None:
        none = Cell(say("pooling_view.not_tested", language), quiet=True)
        return Line(name, [metric, reasoned_outcome(trial, language), effect, none, none])
    alone, together, stands = judged
    word = say(f"pooling_view.{'stands' if stands else 'does_not_stand'}", language)
    by_t = [say("experiments.stands.by_t", language)] if trial.judged_by_t else []
    p_values = [Cell(p_words(alone, language), below=by_t), Cell(p_words(together, language), below=[word])]
    return Line(name, [metric, reasoned_outcome(trial, language), effect, *p_values])
