"""The words of the section under one metric's chart: each finding, what it misses, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from analytics.results import NotComputable, Signal
from analytics.results_trend import Caution, ChangePoint, DriftAlarms, Trend
from data.proposals import ProposalKind
from pages.shared.markup import Note
from wording import Language, difference, number, percent, reason_sentence, say, sentence, value

if TYPE_CHECKING:
    from data.proposals import Answered, Proposal
    from pages.cohort.metric_reading_view import Reading
    from pages.cohort.metric_view import MetricView


def cautions(found: Sequence[Caution], language: Language) -> list[Note]:
    """Say why the limits may mislead, and below each what to do instead."""
    return [
        Note(
            what=say("signals_view.caution.what", language),
            rest=f" {sentence(each, language)}",
            small=say(f"signals_view.instead.{each.kind.value}", language),
            icon="warning",
        )
        for each in found
    ]


def proposed(proposal: Proposal, view: MetricView, language: Language) -> str:
    """Write one proposal as a paragraph."""
    return f'<p class="es">{escape(proposal_words(proposal, view, language))}</p>'


def proposal_words(proposal: Proposal, view: MetricView, language: Language) -> str:
    """Say what was found, since when, and where the date may truly lie."""
    match proposal.found:
        case ChangePoint() as change:
            sharp = ".sharp" if change.earliest == change.latest else ""
            return say(
                f"signals_view.change{sharp}", language, date=change.date, earliest=change.earliest, latest=change.latest,
                before=value(change.level_before, view.metric, language),
                after=value(change.level_after, view.metric, language),
            )  # fmt: skip
        case Signal() as signal:
            return say(f"signals_view.shift.{signal.side}", language, date=signal.start, n=signal.n_points)
        case alarm:
            code = f"analytics_trend.alarm.{alarm.kind.value}.{alarm.side.value}"
            return say(code, language, date=alarm.date, since=alarm.since)


def drift(found: Reading, view: MetricView, language: Language) -> str:
    """Answer whether the newest values drift; where nothing at all can be read, say when it can."""
    alarms = found.watched.alarms
    if isinstance(alarms, DriftAlarms):
        return " ".join([sentence(alarms, language, view.metric), *_where_answered(found, alarms, language)])
    common = _one_reason(found)
    if common is not None and common.code == "short_history":
        return say("signals_view.too_early", language)
    if common is not None:
        return reason_sentence(common, language, view.metric)
    return " ".join([
        say("signals_view.not.drift", language, reason=reason_sentence(alarms, language, view.metric)),
        *_since_step(found, alarms, language),
    ])  # fmt: skip


def trend_and_refusals(found: Reading, view: MetricView, language: Language) -> list[str]:
    """Word the trend, and what else could not be read and why; nothing where one reason says it all."""
    if _one_reason(found) is not None:
        return []
    said = [trend(found, view, language)]
    for name, part in (("changes", found.watched.changes), ("cautions", found.watched.cautions)):
        if isinstance(part, NotComputable):
            said.append(say(f"signals_view.not.{name}", language, reason=reason_sentence(part, language, view.metric)))
    return said


def trend(found: Reading, view: MetricView, language: Language) -> str:
    """Word the trend over its whole stretch, with its interval; or why there is none."""
    result = found.watched.trend
    if isinstance(result, NotComputable):
        said = say("signals_view.not.trend", language, reason=reason_sentence(result, language, view.metric))
        return " ".join([said, *_since_step(found, result, language)])
    steps = result.n + result.n_missing - 1
    way = ("up" if result.fitted_slope > 0 else "down") if result.is_clear else "none"
    return say(
        f"signals_view.trend.{way}", language, start=result.start,
        span=say(f"charts.periods.{found.watched.grain}", language, n=steps + 1),
        move=difference(result.slope * steps, view.metric, language),
        lower=difference(result.lower * steps, view.metric, language),
        upper=difference(result.upper * steps, view.metric, language),
        confidence=percent(result.confidence, language, 0),
    )  # fmt: skip


def levels(found: Reading, view: MetricView, language: Language) -> str:
    """Say all changes of level that were found, for whoever does not see their picture."""
    steps = [proposal for proposal in found.waiting if proposal.kind is ProposalKind.CHANGE]
    return " ".join(proposal_words(proposal, view, language) for proposal in steps)


def has_picture(name: str, found: Reading) -> bool:
    """Tell whether there is something to draw; of levels, only where a change among them waits for an answer."""
    match name:
        case "trend":
            return isinstance(found.watched.trend, Trend)
        case "drift":
            return isinstance(found.watched.alarms, DriftAlarms)
    return any(proposal.kind is ProposalKind.CHANGE for proposal in found.waiting)


def under(name: str, found: Reading, language: Language) -> str:
    """Say how a picture is read, and what it cannot tell."""
    watched = found.watched
    match name, watched.trend, watched.alarms:
        case "trend", Trend() as result, _:
            p = number(result.p_value, language, 3)
            return say("signals_view.trend.read", language, phi=number(result.phi, language, 1), p=p)
        case "drift", _, DriftAlarms() as alarms:
            before = say(f"charts.periods.{watched.alarm_grain}", language, n=alarms.n_baseline)
            return say("signals_view.drift.read", language, before=before, start=alarms.periods[0].date())
        case _:
            return say("signals_view.levels.read", language)


def drift_key(language: Language) -> list[tuple[str | None, str] | str]:
    """Name the marks of the drift picture."""
    return [("ring", say("signals_view.drift.key.value", language)), say("signals_view.drift.key.sum", language)]


def answered(each: Answered, found: Reading, language: Language) -> Note:
    """Word one answer: about what, which, why, by whom and when."""
    answer = each.answer
    label = found.labels.get(answer.decision_id or "", "")
    return Note(
        what=say(f"signals_view.answered.{answer.reply}.{answer.kind}", language, date=answer.about, label=label),
        rest=f" {answer.reason}" if answer.reason else "",
        small=say("signals_view.answered.by", language, by=each.by, on=each.on),
    )


def _where_answered(found: Reading, alarms: DriftAlarms, language: Language) -> list[str]:
    """Say where an alarm that does not wait by itself is answered: at a change of level, or before."""
    if not alarms.alarms or any(not proposal.is_step for proposal in found.waiting):
        return []
    return [
        say(
            f"signals_view.drift.{'above' if any(proposal.covers for proposal in found.waiting) else 'heard'}", language
        )
    ]


def _since_step(found: Reading, reason: NotComputable, language: Language) -> list[str]:
    """Say that a history is short because it begins at a step."""
    since = found.watched.since
    return [say("signals_view.not.since", language, since=since)] if since and reason.code == "short_history" else []


def _one_reason(found: Reading) -> NotComputable | None:
    """The reason that every part shares, if it is one."""
    watched = found.watched
    reasons = [part for part in (watched.alarms, watched.trend, watched.changes, watched.cautions)
               if isinstance(part, NotComputable)]  # fmt: skip
    return reasons[0] if len(reasons) == 4 and len({each.code for each in reasons}) == 1 else None
