"""The public register: every trial ever registered, whatever became of it, with what its page froze."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from markupsafe import Markup

from data import records
from data.experiments import experiments, plans
from data.publications import publication_file, publications
from data.types import Experiment, ExperimentState, Metric, Plan, Process, Publication
from pages.evidence.trial import masks_for
from pages.shared.icons import icon_svg
from pages.shared.trial_outcome import ICONS, TrialOutcome
from wording import Language, date_, say

ORDER = (
    TrialOutcome.HELPED, TrialOutcome.NO_VISIBLE_EFFECT, TrialOutcome.HARMFUL, TrialOutcome.CHANGED,
    TrialOutcome.NOT_COMPUTABLE, TrialOutcome.ABANDONED, TrialOutcome.WITHDRAWN, TrialOutcome.UNPUBLISHED,
    TrialOutcome.RUNNING, TrialOutcome.PLANNED,
)  # fmt: skip

# The register's title in five parts; the counts below it tell no effect from harm. All others have no public result.
GROUPS = {
    TrialOutcome.HELPED: "helped",
    TrialOutcome.NO_VISIBLE_EFFECT: "not_helped",
    TrialOutcome.HARMFUL: "not_helped",
    TrialOutcome.CHANGED: "not_helped",
    TrialOutcome.ABANDONED: "abandoned",
    TrialOutcome.NOT_COMPUTABLE: "not_computable",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One trial of the register, in words."""

    label: str
    title: str
    small: str
    href: str | None
    kind: TrialOutcome
    icon: Markup
    outcome: str
    verdict: str
    effect: str
    registered: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many trials came to one thing."""

    number: int
    icon: Markup
    words: str


def register_rows(cursor: duckdb.DuckDBPyConnection, language: Language) -> list[Row]:
    """List every trial with a frozen plan, newest first.

    A published trial shows what its page froze; any other only its number, title, metric, dates and state, with the
    names of sites left out. Nothing else of the record is read.
    """
    pages: dict[str, Publication] = {}
    for page in publications(cursor):
        standing = pages.get(page.experiment_id)
        if standing is None or standing.withdrawn_on is not None or page.withdrawn_on is None:
            pages[page.experiment_id] = page
    rows = []
    for experiment in reversed(experiments(cursor)):
        frozen = plans(cursor, experiment.id)
        if frozen:
            rows.append(_row(cursor, experiment, frozen, pages.get(experiment.id), language))
    return rows


def counts(rows: Sequence[Row], language: Language) -> list[Count]:
    """Count the outcomes; helped, no effect and harmful stand there even at zero."""
    found = Counter(row.kind for row in rows)
    shown = [kind for kind in ORDER if found[kind] or kind in ORDER[:3]]
    return [Count(found[kind], _icon(kind), say(f"evidence.outcome.{kind.value}", language)) for kind in shown]


def heading(rows: Sequence[Row], language: Language) -> str:
    """The register in one sentence."""
    found = Counter(GROUPS.get(row.kind, "open") for row in rows)
    if not rows:
        return say("evidence.register.empty", language)
    groups = ("helped", "not_helped", "abandoned", "not_computable", "open")
    parts = [say(f"evidence.register.group.{name}", language, n=found[name]) for name in groups if found[name]]
    return say("evidence.register.title", language, n=len(rows), parts=", ".join(parts))


def any_synthetic(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether the register holds the worked example."""
    return any(process.synthetic for process in records.current(cursor, Process))


def _row(
    cursor: duckdb.DuckDBPyConnection, experiment: Experiment, frozen: Sequence[Plan], page: Publication | None,
    language: Language,
) -> Row:  # fmt: skip
    facts = _frozen_facts(cursor, page)
    if facts is not None and page is not None:
        return _published(experiment, page, facts, language)
    kind, title = _state(experiment, page), None
    if page is not None and page.withdrawn_on is not None:
        title = page.title_fr if language == "fr" else page.title_en
    plan = frozen[-1]
    metric = records.one(cursor, Metric, plan.metric_id)
    masks = masks_for(cursor, plan, hidden=True)
    days = (frozen[0].starts_on - frozen[0].frozen_at.date()).days
    return Row(
        label=experiment.label,
        title=title or masks.text(experiment.title, language),
        small=masks.text(metric.name(language), language) if metric else "",
        href=f"/evidence/{page.slug}?lang={language}" if page else None,
        kind=kind,
        icon=_icon(kind),
        outcome=_outcome(kind, plan, page, language),
        verdict="",
        effect="",
        registered=say("evidence.register.days", language, n=days),
    )


def _published(experiment: Experiment, page: Publication, facts: dict[str, Any], language: Language) -> Row:
    kind = TrialOutcome(facts["outcome"])
    verdict = facts["verdict"]
    return Row(
        label=experiment.label,
        title=facts["title"][language],
        small=f"{facts['sites'][language]} · {facts['metric'][language]}",
        href=f"/evidence/{page.slug}?lang={language}",
        kind=kind,
        icon=_icon(kind),
        outcome=say(f"evidence.outcome.{kind.value}", language),
        verdict=say(f"shared.state.verdict.{verdict}", language) if verdict else "",
        effect=facts["effect"][language],
        registered=say("evidence.register.days", language, n=facts["days_before"]),
    )


def _frozen_facts(cursor: duckdb.DuckDBPyConnection, page: Publication | None) -> dict[str, Any] | None:
    content = publication_file(cursor, page.slug, "facts.json") if page else None
    return None if content is None else json.loads(content)


def _state(experiment: Experiment, page: Publication | None) -> TrialOutcome:
    if page is not None:
        return TrialOutcome.WITHDRAWN
    return {
        ExperimentState.PLANNED: TrialOutcome.PLANNED,
        ExperimentState.RUNNING: TrialOutcome.RUNNING,
        ExperimentState.ENDED: TrialOutcome.UNPUBLISHED,
        ExperimentState.ABANDONED: TrialOutcome.ABANDONED,
    }[experiment.state]


def _outcome(kind: TrialOutcome, plan: Plan, page: Publication | None, language: Language) -> str:
    if kind is TrialOutcome.RUNNING:
        return say("evidence.register.running_until", language, date=date_(plan.ends_on, language))
    if kind is TrialOutcome.PLANNED:
        return say("evidence.register.starts_on", language, date=date_(plan.starts_on, language))
    if kind is TrialOutcome.WITHDRAWN and page is not None and page.withdrawn_on is not None:
        return say("evidence.register.withdrawn_on", language, date=date_(page.withdrawn_on, language))
    return say(f"evidence.outcome.{kind.value}", language)


def _icon(kind: TrialOutcome) -> Markup:
    return Markup(icon_svg(ICONS.get(kind, "ring")))
