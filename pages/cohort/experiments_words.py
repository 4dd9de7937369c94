"""The words of the experiments: the list, the promise, the early signal, the effect and its first verdict."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results import NotComputable
from data.types import Analysis, ExperimentState, Metric
from pages.cohort.trial_cells import outcome_cell, p_words, trial_link
from pages.shared.tables import Cell, Column, Line, html_table
from pages.shared.trial_amendments import Called, amendment_lines
from pages.shared.trial_family import Family, Registered, cycle_name
from pages.shared.trial_outcome import TrialOutcome
from pages.shared.trial_words import interval_words
from wording import Language, date_, difference, reason_sentence, say, sentence, state

if TYPE_CHECKING:
    from analytics.results_effects import Guard
    from pages.cohort.experiments_view import TrialView
    from pages.shared.trial_effect import TrialEffect
    from pages.shared.trial_outcome import Effect
    from pages.shared.trial_readings import Kept


def eyebrow(trials: Sequence[Registered], language: Language) -> str:
    """Say how many there are, in which state."""
    found = Counter(trial.experiment.state for trial in trials)
    return " · ".join(
        say("experiments.eyebrow", language, state=kind, count=found[kind]) for kind in ExperimentState if found[kind]
    )


def title(trials: Sequence[Registered], language: Language) -> str:
    """The finding of the list: how many are over, and how many of them helped."""
    if not trials:
        return say("experiments.title.empty", language)
    over = [trial for trial in trials if trial.experiment.state is ExperimentState.ENDED]
    if not over:
        return say("experiments.title.none_over", language, n=len(trials))
    helped = sum(trial.outcome is TrialOutcome.HELPED for trial in over)
    return say("experiments.title", language, n=len(over), helped=helped)


def family_table(family: Family, language: Language) -> str:
    """One cycle: each trial with its outcome, its effect, and its p value raw and adjusted."""
    heads = [Column(say(f"experiments.column.{name}", language), numeric=name in ("effect", "raw", "adjusted"))
             for name in ("trial", "outcome", "effect", "raw", "adjusted")]  # fmt: skip
    lines = [_trial_line(trial, family, language) for trial in family.trials]
    return html_table(
        heads, lines, caption=say("experiments.table", language, cycle=cycle_name(family.cycle, language))
    )


def _trial_line(trial: Registered, family: Family, language: Language) -> Line:
    experiment, judged = trial.experiment, family.adjusted(trial.experiment.id)
    metric = trial.metric.name(language) if trial.metric else ""
    name = Cell(experiment.title, tag=experiment.label, below=[", ".join(trial.sites), metric],
                href=trial_link(trial, language))  # fmt: skip
    verdict = [state(experiment.verdict, language)] if experiment.verdict else []
    raw, adjusted = ("", "") if judged is None else (p_words(p, language) for p in judged[:2])
    stands = [] if judged is None else [say(f"experiments.stands.{'yes' if judged[2] else 'no'}", language)]
    by_t = [say("experiments.stands.by_t", language)] if judged is not None and trial.judged_by_t else []
    return Line(name, [outcome_cell(trial.outcome, language, verdict), short_effect(trial, language),
                       Cell(raw, below=by_t),
                       Cell(adjusted, below=stands)])  # fmt: skip


def short_effect(trial: Registered, language: Language) -> str:
    """An effect and its interval for a cell; empty where there is none."""
    effect = trial.effect.result if trial.effect else None
    if effect is None or isinstance(effect, NotComputable) or trial.metric is None:
        return ""
    if trial.outcome is TrialOutcome.ABANDONED:
        return ""
    return interval_words(effect.estimate, effect.lower, effect.upper, trial.metric, language)


def trial_eyebrow(view: TrialView, language: Language) -> str:
    """Number, sites and metric."""
    trial = view.registered
    metric = [trial.metric.name(language)] if trial.metric else []
    return " · ".join([trial.experiment.label, *([", ".join(trial.sites)] if trial.sites else []), *metric])


def trial_title(view: TrialView, language: Language) -> str:
    """The finding of one experiment, as its evidence page says it; or where it stands."""
    trial = view.registered
    name = trial.experiment.title
    if trial.plan is None or trial.metric is None:
        return say("experiments.one.title.no_plan", language, title=name)
    if trial.experiment.state is ExperimentState.PLANNED:
        return say("experiments.one.title.planned", language, title=name, date=trial.plan.starts_on)
    if trial.experiment.state is ExperimentState.RUNNING:
        return say("experiments.one.title.running", language, title=name, date=trial.plan.ends_on)
    result = trial.effect.result if trial.effect else None
    size = "" if result is None or isinstance(result, NotComputable) else difference(
        result.estimate, trial.metric, language)  # fmt: skip
    return say(
        f"evidence.title.{trial.outcome.value}", language, title=name, size=size,
        metric=trial.metric.name(language).lower() if not trial.metric.name(language)[1:2].isupper() else
        trial.metric.name(language),
    )  # fmt: skip


def promise_table(view: TrialView, language: Language) -> str:
    """What was promised, a line a point."""
    plan, metric = view.registered.plan, view.registered.metric
    if plan is None or metric is None:
        return ""
    lines = [
        Line(say(f"experiments.promise.{name}", language), [said]) for name, said in _promises(view, language) if said
    ]
    heads = [say("experiments.promise.point", language), say("experiments.promise.said", language)]
    return html_table(heads, lines, caption=say("experiments.promise", language), as_list=False)


def _promises(view: TrialView, language: Language) -> list[tuple[str, str]]:
    plan, metric = view.registered.plan, view.registered.metric
    if plan is None or metric is None:
        return []
    smallest = difference(plan.smallest_effect, metric, language).lstrip("+")
    first = view.plans[0]
    days = (first.starts_on - first.frozen_at.date()).days
    starts = zip(plan.site_ids, plan.site_starts, strict=False)
    return [
        ("hypothesis", plan.hypothesis),
        ("metric", metric.name(language)),
        ("expected", say(f"evidence.expected.{plan.expected_direction.value}", language, smallest=smallest)),
        ("analysis", state(plan.analysis, language)),
        ("sites", _names(plan.site_ids, view)),
        ("comparison", _names(plan.comparison_site_ids, view)),
        ("starts", ", ".join(f"{view.names.get(site, site)} {date_(day, language)}" for site, day in starts)),
        ("window", say("evidence.window", language, start=date_(plan.starts_on, language),
                       end=date_(plan.ends_on, language))),
        ("looks", ", ".join(date_(look, language) for look in plan.looks)),
        ("rule", plan.decision_rule),
        ("guardrails", ", ".join(view.metrics[key].name(language) for key in plan.guardrail_metric_ids)),
        ("cycle", cycle_name(plan.family, language)),
        ("registered", say("experiments.promise.registered_on", language, n=days, date=first.frozen_at.date(),
                           hash=first.plan_hash[:16])),
        ("amended", "; ".join(amendment_lines(view.plans, Called(
            metric, view.metrics, lambda site: view.names.get(site, site), str, language)))),
    ]  # fmt: skip


def _names(site_ids: Sequence[str], view: TrialView) -> str:
    return ", ".join(view.names.get(site, site) for site in site_ids)


def then_and_now(kept: Kept, effect: TrialEffect, language: Language) -> str:
    """The first verdict beside what the data say today."""
    metric, result = effect.data.metric, effect.result
    series = effect.data.series
    heads = [say(f"experiments.then.{name}", language) for name in ("when", "outcome", "effect", "data")]
    numbers = (kept.estimate, kept.lower, kept.upper)
    first = "" if None in numbers else interval_words(*numbers, metric, language)  # type: ignore[arg-type]
    today = "" if isinstance(result, NotComputable) else interval_words(
        result.estimate, result.lower, result.upper, metric, language)  # fmt: skip
    lines = [
        Line(say(f"experiments.then.{kept.kind}", language, date=kept.read_on),
             [outcome_cell(TrialOutcome(kept.outcome), language), first,
              date_(kept.data_date, language) if kept.data_date else ""]),
        Line(say("experiments.then.today", language),
             [outcome_cell(effect.outcome, language), today, date_(series.data_date, language) if series else ""]),
    ]  # fmt: skip
    return html_table(heads, lines, caption=say("experiments.then", language))


def then_sentence(kept: Kept | None, effect: TrialEffect, language: Language) -> str:
    """Say whether the data have changed what was first found."""
    if kept is None:
        return say("experiments.then.none", language)
    return say(f"experiments.then.{'changed' if kept.differs_from(effect) else 'same'}", language)


def guardrail_table(view: TrialView, language: Language) -> str:
    """Each guardrail metric with its own effect by the same plan."""
    heads = [say(f"experiments.guardrail.{name}", language) for name in ("metric", "outcome", "effect")]
    lines = [
        Line(metric.name(language), [outcome_cell(effect.outcome, language), _size(effect.result, metric, language)])
        for metric, effect in view.guardrails
    ]
    return html_table(heads, lines, caption=say("experiments.guardrails", language))


def _size(result: Effect | NotComputable, metric: Metric, language: Language) -> str:
    if isinstance(result, NotComputable):
        return reason_sentence(result, language, metric)
    return interval_words(result.estimate, result.lower, result.upper, metric, language)


def doubts(guards: Sequence[Guard], analysis: Analysis, metric: Metric, language: Language) -> list[str]:
    """Each doubt in words; that none was found is said, too, of those that were looked for."""
    none = say(f"experiments.doubts.none.{analysis.value}", language)
    return [sentence(guard, language, metric) for guard in guards] or [none]


def judged_words(view: TrialView, language: Language) -> str:
    """The p value of one trial among those of its cycle, raw and adjusted."""
    found = view.family.adjusted(view.registered.experiment.id) if view.family else None
    if found is None or view.family is None:
        return ""
    raw, adjusted, stands = found
    n = sum(trial.final_p is not None for trial in view.family.trials)
    code = "yes" if stands else "no"
    said = say(f"experiments.judged.{code}", language, n=n, cycle=cycle_name(view.family.cycle, language), raw=p_words(raw, language),
               adjusted=p_words(adjusted, language))  # fmt: skip
    return f"{said} {say('experiments.judged.by_t', language)}" if view.registered.judged_by_t else said


def verdict_words(view: TrialView, language: Language) -> str:
    """Who put their name to which verdict, when; or that nobody has."""
    experiment = view.registered.experiment
    if experiment.verdict is None or experiment.verdict_on is None:
        return say("experiments.verdict.none", language)
    name = view.people.get(experiment.verdict_by or "", "")
    return say("experiments.verdict", language, verdict=state(experiment.verdict, language), name=name,
               date=experiment.verdict_on)  # fmt: skip


def next_step(view: TrialView, today: dt.date, language: Language) -> tuple[str, str | None]:
    """The next step of one experiment, and the act that it is."""
    trial = view.registered
    plan, experiment = trial.plan, trial.experiment
    if plan is None:
        return say("experiments.next.freeze", language), "freeze"
    if experiment.state is ExperimentState.PLANNED:
        code = "start" if today >= plan.starts_on else "wait"
        return say(f"experiments.next.{code}", language, date=plan.starts_on), "start" if code == "start" else None
    if experiment.state is ExperimentState.RUNNING:
        code = "end" if today > plan.ends_on else "look"
        return say(f"experiments.next.{code}", language, date=plan.ends_on), "end" if code == "end" else None
    if experiment.verdict is None and experiment.state is ExperimentState.ENDED:
        return say("experiments.next.verdict", language), "verdict"
    return say("experiments.next.publish", language), "publish"
