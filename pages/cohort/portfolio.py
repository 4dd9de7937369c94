"""What all experiments brought together: every registered one counted, less what may be luck, judged cycle by cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results import NotComputable
from pages.cohort import portfolio_words as words
from pages.shared import frame
from pages.shared.pooled_trials import Measured, by_metric, measured, total
from pages.shared.pooling_charts import portfolio_chart, portfolio_key
from pages.shared.trial_family import Registered, cycle_name, families
from wording import say

if TYPE_CHECKING:
    from pages.shared.session import Visit


def show_portfolio(visit: Visit, trials: Sequence[Registered]) -> None:
    """Show the counts, the totals a metric, and each cycle's p values alone and together."""
    language = visit.language
    if not trials:
        return
    frame.section(say("pooling_view.portfolio.question", language), words.summary(trials, language))
    frame.counts(words.counts(trials, language))
    frame.section(say("pooling_view.total.question", language), say("pooling_view.total.answer", language))
    for known in by_metric(measured(trials)):
        show_metric(visit, known)
    frame.section(say("pooling_view.family.question", language), say("pooling_view.family.answer", language))
    for family in families(trials):
        frame.section(cycle_name(family.cycle, language), words.family_sentence(family, language), ruled=False, level=3)
        frame.html(words.family_table(family, language))


def show_metric(visit: Visit, known: Sequence[Measured]) -> None:
    """Show what the experiments of one metric brought: the total in a sentence, each effect raw and less luck."""
    language, metric = visit.language, known[0].metric
    together = total(known)
    if isinstance(together, NotComputable):
        frame.small(words.too_few(known, together, language))
        return
    frame.section(metric.name(language), words.total_sentence(together, metric, language), ruled=False, level=3)
    chart = portfolio_chart(
        together, [each.row for each in known], metric=metric, language=language, theme=frame.current_theme(),
        phone=frame.on_phone(), description=words.total_sentence(together, metric, language),
    )  # fmt: skip
    frame.show_chart(chart, f"portfolio-{metric.id}")
    frame.key_line(portfolio_key(language))
