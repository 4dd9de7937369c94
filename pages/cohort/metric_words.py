"""The words around the one-metric picture: its finding, its next step, and what was decided."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from analytics.results import Assurance, Direction, NotComputable, Variation
from analytics.results_charts import RareEventChart
from data.access import Permission, allowed
from data.attention import may_explain
from data.targets import target_on
from data.types import DecisionType, Grain
from pages.cohort.metric_choice import limits_words, rules_words
from pages.shared.frame import Act
from pages.shared.markup import Note
from wording import Language, current_signal, date_, difference, period, say, state, unit, value
from wording import finding as worded_finding

if TYPE_CHECKING:
    from pages.cohort.metric_view import MetricView, Pinned
    from pages.shared.session import Visit

MOST_MISSING = 6  # periods named under the picture
TO_CATALOGUE = "to-catalogue"  # the button that leads to where directions and targets are said
ACCEPT_STEP = "proposed-step"  # the button that opens the form of a step that the app proposes


def eyebrow(view: MetricView, language: Language) -> str:
    """Say which metric of which site, its unit, grain and better direction, and to which day its data go."""
    written = unit(view.metric, language)
    text = say(
        "cohort.metric.eyebrow", language, site=view.site.name, metric=view.metric.name(language),
        unit=say("cohort.metric.in_unit", language, unit=written) if written else "",
        grain=say(f"cohort.metric.by.{view.grain}", language),
        direction=say(f"cohort.metric.better.{view.metric.direction}", language),
    )  # fmt: skip
    if view.series is None:
        return text
    return f"{text} · {say('cohort.metric.data_date', language, date=date_(view.series.data_date, language))}"


def finding(view: MetricView, language: Language) -> str:
    """Return the page's title: the finding, the reason why there is none, or that nothing has come yet."""
    if view.result is None:
        return no_value(view, language)
    return worded_finding(view.result, language, view.metric, site=view.site.name)


def no_value(view: MetricView, language: Language) -> str:
    """Say that this site has no value of this metric."""
    return say("cohort.metric.empty", language, metric=view.metric.name(language), site=view.site.name)


def who_can_bring(language: Language) -> str:
    """Say who can bring the first file."""
    return say("cohort.metric.empty.nobody", language)


def under_the_picture(view: MetricView, language: Language) -> str:
    """Name the rules, the target's prospects and the missing periods."""
    drawn = None if isinstance(view.result, NotComputable) else view.result
    parts = [rules_words(view, language), *limits_words(view, language)] if drawn is not None else []
    in_force = target_on(view.targets, drawn.latest.end) if drawn is not None else None
    if isinstance(view.assurance, Assurance) and in_force is not None:
        target = value(in_force.value, view.metric, language)
        parts.append(say("cohort.metric.assurance", language, target=target, word=state(view.assurance, language)))
    parts += targets_to_come(view, language)
    if view.metric.frequency is Grain.DAY and view.grain is Grain.WEEK:
        parts.append(say(f"cohort.metric.days_behind.{view.metric.aggregation}", language))
    missing = drawn.missing_periods if drawn is not None and not isinstance(drawn, RareEventChart) else ()
    if missing:
        named = ", ".join(period(day, view.grain, language) for day in missing[-MOST_MISSING:])
        rest = len(missing) - MOST_MISSING
        more = " " + say("cohort.metric.missing_more", language, n=rest) if rest > 0 else ""
        parts.append(say("cohort.metric.missing", language, periods=named + more))
    return " ".join(parts)


def targets_to_come(view: MetricView, language: Language) -> list[str]:
    """Say which targets begin after the last value, whether the picture reaches them or not."""
    if view.series is None:
        return []
    return [
        say("chart_choice.target_to_come", language, target=value(target.value, view.metric, language),
            date=date_(target.applies_from, language))
        for target in sorted(view.targets, key=lambda target: target.applies_from)
        if target.applies_from > view.series.data_date
    ]  # fmt: skip


def next_step(
    view: MetricView, visit: Visit, *, may_pin: bool, proposed_on: dt.date | None = None
) -> tuple[str, Act | None, Act | None]:
    """Choose the one next step, and its button; where that is another act, pinning stays the second one.

    proposed_on: the day of a step that waits for this person's answer.
    """
    language = visit.language
    act = Act(say("cohort.metric.pin", language), "pin", icon="push_pin") if may_pin else None
    catalogue = Act(say("catalogue.chart.button", language), TO_CATALOGUE, icon="flag")
    metric = view.metric.name(language)
    due = [pin for pin in view.pinned if _due(pin, visit.today)]
    if due:
        return say("cohort.metric.next.review", language, label=due[0].decision.label), act, None
    if view.undecided and allowed(visit.actor, Permission.MANAGE_CATALOGUE):
        return say("catalogue.chart.direction", language, metric=metric), catalogue, act
    if view.limited is not None:
        signal = current_signal(view.limited)
        if signal and view.limited.variation is Variation.CONCERN and not _explained(view, signal.start):
            return say("cohort.metric.next.unowned", language), act, None
    if proposed_on is not None:
        accept = Act(say("signals_view.accept", language), ACCEPT_STEP, icon="stairs")
        return say("cohort.metric.next.step", language, date=date_(proposed_on, language)), accept, act
    if lacks_target(view) and allowed(visit.actor, Permission.SET_TARGET, site_id=view.site.id):
        return say("catalogue.chart.target", language, metric=metric), catalogue, act
    return say(f"cohort.metric.next.{'pin' if may_pin else 'read'}", language), act, None


def lacks_target(view: MetricView) -> bool:
    """Tell whether a metric with a good direction has no target at this site."""
    return view.metric.direction is not Direction.NEUTRAL and not view.targets


def notes(view: MetricView, visit: Visit) -> list[Note]:
    """List the decisions that concern this chart, newest first."""
    if not view.pinned:
        return [Note(rest=say("cohort.metric.nothing_decided", visit.language))]
    return [decision_note(pin, view, visit.language, visit.today) for pin in view.pinned]


def decision_note(pin: Pinned, view: MetricView, language: Language, today: dt.date) -> Note:
    """Tell one decision: who answers for it, when it applies, its value then and now, its review."""
    decision = pin.decision
    who = f"{pin.owner} · {date_(decision.applies_on, language)}"
    if decision.type not in (DecisionType.DECISION, DecisionType.INCIDENT):
        who += f" · {state(decision.type, language)}"
    lines = [who, *value_lines(pin, view, language)]
    if decision.expected_effect:
        lines.append(say("cohort.decision.expected", language, effect=decision.expected_effect))
    if decision.expected_size is not None and decision.expected_by is not None:
        down = decision.expected_direction is Direction.DOWN
        size = difference(-decision.expected_size if down else decision.expected_size, view.metric, language)
        lines.append(
            say("cohort.decision.expected_size", language, size=size, date=date_(decision.expected_by, language))
        )
    lines += [line for line in (_review(pin, language, today),) if line]
    if pin.superseded_by:
        lines.append(say("cohort.decision.superseded", language, label=pin.superseded_by))
    if pin.typed_by and pin.typed_by != pin.owner:
        lines.append(
            say("cohort.decision.typed_by", language, name=pin.typed_by, date=date_(pin.recorded_on, language))
        )
    incident = decision.type is DecisionType.INCIDENT
    return Note(what=decision.title, small=lines, tag=decision.label, open_tag=incident, href=decision.evidence_url)


def value_lines(pin: Pinned, view: MetricView, language: Language) -> list[str]:
    """Say the value a decision was made on, and what that datum says now when it was restated."""
    then = pin.decision.value_when_decided
    if then is None:
        return []
    written = value(then, view.metric, language)
    if pin.value_now is None or value(pin.value_now, view.metric, language) == written:
        return [say("cohort.decision.value", language, then=written)]
    return [say("cohort.decision.restated", language, then=written, now=value(pin.value_now, view.metric, language))]


def _review(pin: Pinned, language: Language, today: dt.date) -> str:
    decision = pin.decision
    if decision.outcome is not None:
        return say(f"cohort.decision.outcome.{decision.outcome}", language)
    if decision.review_on is None:
        return ""
    code = "overdue" if decision.review_on <= today else "review"
    return say(f"cohort.decision.{code}", language, date=date_(decision.review_on, language))


def _due(pin: Pinned, today: dt.date) -> bool:
    decision = pin.decision
    open_ = decision.outcome is None and decision.resolved_on is None and pin.superseded_by is None
    return open_ and decision.review_on is not None and decision.review_on <= today


def _explained(view: MetricView, start: dt.date) -> bool:
    series = {"site_id": view.site.id, "metric_id": view.metric.id}
    return any(may_explain(pin.decision, start=start, **series) for pin in view.pinned if not pin.superseded_by)
