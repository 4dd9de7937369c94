"""The words around the comparison of sites: how many improve, concern or hold steady, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results import Variation
from pages.shared.frame import Act
from wording import Language, date_, say, unit

if TYPE_CHECKING:
    from pages.cohort.compare_view import Compared, CompareView

_TOLD = (
    (Variation.IMPROVING, "improving"),
    (Variation.CONCERN, "concern"),
    (Variation.NEUTRAL, "neutral"),
    (Variation.COMMON_CAUSE, "steady"),
    (None, "unknown"),
)


def eyebrow(view: CompareView, language: Language) -> str:
    """Say which metric of how many sites, its unit, grain and better direction, and to which day its data go."""
    written = unit(view.metric, language)
    text = say(
        "cohort_more.compare.eyebrow", language, n=len(view.rows), metric=view.metric.name(language),
        unit=say("cohort.metric.in_unit", language, unit=written) if written else "",
        grain=say(f"cohort.metric.by.{view.grain}", language),
        direction=say(f"cohort.metric.better.{view.metric.direction}", language),
    )  # fmt: skip
    if view.data_date is None:
        return text
    return f"{text} · {say('cohort.metric.data_date', language, date=date_(view.data_date, language))}"


def finding(view: CompareView, language: Language) -> str:
    """Return the page's title: how many sites improve, concern and hold steady."""
    if not view.rows:
        return say("cohort_more.compare.empty", language, metric=view.metric.name(language))
    counts = [(code, sum(row.variation is kind for row in view.rows)) for kind, code in _TOLD]
    told = [(code, n) for code, n in counts if n]
    if len(view.rows) == 1:
        return say(f"cohort_more.compare.one.{told[0][0]}", language, site=view.rows[0].site.name)
    if len(told) == 1:
        return say(f"cohort_more.compare.all.{told[0][0]}", language, n=told[0][1])
    (first, n), *others = told
    parts = [say(f"cohort_more.compare.sites.{first}", language, n=n)]
    parts += [say(f"cohort_more.compare.{code}", language, n=n) for code, n in others]
    return say("cohort_more.compare.finding", language, first=", ".join(parts[:-1]), last=parts[-1])


def next_step(view: CompareView, rows: Sequence[Compared], language: Language) -> tuple[str, Act, dict[str, str]]:
    """Choose the next step, its button and the page it leads to: path and what stands in the address."""
    ordered = sorted(view.rows, key=lambda row: (*row.need, row.site.name.casefold()))
    worst = next((row for row in ordered if row.unanswered), None)
    best = next((row for row in view.rows if row.variation is Variation.IMPROVING), None)
    reviewed = next((row for row in ordered if row.reviews), None)
    series = {"path": "metric", "metric": view.metric.id}
    to_metric = Act(say("cohort_more.compare.next.open_metric", language), "compare-next", icon="search")
    to_decisions = Act(say("cohort_more.compare.next.open_decisions", language), "compare-next", icon="event_note")
    if worst is not None:
        words = say("cohort_more.compare.next.unanswered", language, site=worst.site.name)
        return words, to_metric, {**series, "site": worst.site.id}
    if reviewed is not None:
        due = reviewed.reviews[0]
        words = say("cohort_more.compare.next.review", language, label=due.label, site=reviewed.site.name)
        return words, to_decisions, {"path": "decisions", "decision": due.label}
    if best is not None:
        words = say("cohort_more.compare.next.best", language, site=best.site.name)
        return words, to_decisions, {"path": "decisions", "site": best.site.id}
    words = say("cohort_more.compare.next.steady", language)
    return words, to_metric, {**series, "site": (rows or view.rows)[0].site.id}


def under_the_picture(view: CompareView, shown: int, language: Language) -> str:
    """Say what a click does, and what is not in the picture."""
    parts = [say("cohort_more.compare.click", language)]
    if shown < len(view.rows):
        parts.append(say("cohort_more.compare.shown", language, shown=shown, total=len(view.rows)))
    if view.unmeasured:
        parts.append(say("cohort_more.compare.unmeasured", language, n=view.unmeasured))
    return " ".join(parts)
