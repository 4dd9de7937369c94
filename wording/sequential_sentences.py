"""Readings before the end of an experiment, and what could be seen by when, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results import NotComputable
from analytics.results_sequential import (
    ConfidenceSequence,
    DeclaredLooks,
    DetectableByDate,
    DetectableEffect,
    EarlySignal,
    EValue,
    Look,
    SignalWord,
)
from wording.languages import Language
from wording.numbers import number, percent, percent_sign, signed
from wording.phrases import say
from wording.values import difference

if TYPE_CHECKING:
    from data.types import Metric

MOST_EVIDENCE = 1_000_000  # beyond, the number says nothing more
HOURS_UP_TO = 3  # looks this many days after the start are said in hours

SequentialResult = EarlySignal | DeclaredLooks | EValue | DetectableEffect | DetectableByDate | ConfidenceSequence


def sequential_finding(result: SequentialResult, language: Language, metric: Metric | None = None) -> str:
    """Word what a title says: the first sentence of `sequential_sentence`."""
    return _sentences(result, language, metric)[0]


def sequential_sentence(result: SequentialResult, language: Language, metric: Metric | None = None) -> str:
    """Word a result whole: the finding, and what limits it. An early reading is never called a result."""
    return " ".join(_sentences(result, language, metric))


def signal_name(signal: SignalWord, language: Language) -> str:
    """The word of a signal alone, for a table or a tag.

    >>> signal_name(SignalWord.NO_SIGNAL_YET, "en")
    'No signal yet'
    """
    return say(f"analytics_sequential.word.{signal.value}", language)


def look_name(days: int, language: Language) -> str:
    """How long after the start a look is made.

    >>> look_name(3, "en"), look_name(14, "en")
    ('72 hours', '14 days')
    """
    if days <= HOURS_UP_TO:
        return say("analytics_sequential.hours", language, n=24 * days)
    return say("analytics_sequential.days", language, n=days)


def _sentences(result: SequentialResult, language: Language, metric: Metric | None) -> list[str]:
    match result:
        case EarlySignal():
            return _signal(result, language, metric)
        case DeclaredLooks():
            return _looks(result, language, metric)
        case EValue():
            return _evidence(result, language)
        case DetectableEffect():
            return _detectable(result, language, metric)
        case DetectableByDate():
            return _by_date(result, language, metric)
        case ConfidenceSequence():
            return _groups(result, language, metric)


def _signal(early: EarlySignal, language: Language, metric: Metric | None) -> list[str]:
    return [_signal_size(early, language, metric), _points(early, language), _not_a_result(early, language)]


def _signal_size(early: EarlySignal, language: Language, metric: Metric | None) -> str:
    amounts = {"estimate": early.estimate, "lower": early.lower, "upper": early.upper}
    words = {name: difference(amount, metric, language) for name, amount in amounts.items()}
    confidence = percent(early.confidence, language, 0)
    return say(f"analytics_sequential.signal.{early.signal.value}", language, confidence=confidence, **words)


def _points(early: EarlySignal, language: Language) -> str:
    counts = {"before": early.n_before, "after": early.n_after, "date": early.last_period}
    return say("analytics_sequential.signal.points", language, **counts)


def _not_a_result(early: EarlySignal, language: Language) -> str:
    return say("analytics_sequential.signal.limit", language, alpha=percent(early.alpha, language, 0))


def _looks(looks: DeclaredLooks, language: Language, metric: Metric | None) -> list[str]:
    first, latest = looks.first_signal, looks.latest
    sentences = []
    if first is not None and first.signal is not None:
        word = signal_name(first.signal, language)
        when = {"date": first.date, "when": look_name(first.days, language)}
        sentences.append(say("analytics_sequential.looks.signal", language, word=word, **when))
    elif latest is not None:
        when = {"date": latest.date, "when": look_name(latest.days, language)}
        sentences.append(say("analytics_sequential.looks.quiet", language, **when))
    else:
        sentences.append(say("analytics_sequential.looks.none_yet", language))
    if latest is not None and isinstance(latest.outcome, EarlySignal):
        sentences += [_signal_size(latest.outcome, language, metric), _points(latest.outcome, language)]
    sentences += [_silent(look, language) for look in looks.looks if _was_silent(look)]
    if looks.next_date is not None:
        sentences.append(say("analytics_sequential.looks.next", language, date=looks.next_date))
    budget = percent(looks.error_budget, language, 0)
    return [*sentences, say("analytics_sequential.looks.limit", language, budget=budget, n=len(looks.looks))]


def _was_silent(look: Look) -> bool:
    return isinstance(look.outcome, NotComputable) and look.outcome.code != "look_not_due"


def _silent(look: Look, language: Language) -> str:
    """The reason in full stands at the look; here only that there is one."""
    return say("analytics_sequential.looks.silent", language, when=look_name(look.days, language), date=look.date)


def _evidence(read: EValue, language: Language) -> list[str]:
    line = number(read.line, language, 0)
    if read.crossed_on is not None:
        word = signal_name(read.signal, language)
        code = "analytics_sequential.evidence.crossed"
        finding = say(code, language, word=word, date=read.crossed_on, line=line)
    else:
        evidence = evidence_number(float(read.e_values[-1]), language)
        finding = say("analytics_sequential.evidence.quiet", language, evidence=evidence, line=line)
    limit = {"alpha": percent(read.alpha, language, 0), "before": read.n_before, "after": read.n_after}
    return [
        finding,
        say("analytics_sequential.evidence.points", language, **limit),
        say("analytics_sequential.evidence.limit", language, **limit),
    ]


def evidence_number(evidence: float, language: Language) -> str:
    """Write an e-value: a decimal while it is small, none beyond, and never more than a million.

    >>> evidence_number(3.14159, "en"), evidence_number(1e9, "en")
    ('3.1', 'more than 1,000,000')
    """
    if evidence > MOST_EVIDENCE:
        return say("analytics_sequential.evidence.beyond", language, most=number(MOST_EVIDENCE, language, 0))
    return number(evidence, language, 1 if evidence < 10 else 0)


def _detectable(seen: DetectableEffect, language: Language, metric: Metric | None) -> list[str]:
    words = {"date": seen.end, "effect": detectable_size(seen, language, metric)}
    if seen.method == "imputation":
        code = "analytics_sequential.detectable.rollout"
        finding = say(code, language, n=seen.n_treated, **words)
    elif seen.n_comparison:
        sites = {"treated": seen.n_treated, "others": seen.n_comparison}
        finding = say("analytics_sequential.detectable.between", language, **words, **sites)
    else:
        finding = say("analytics_sequential.detectable.site", language, **words)
    return [
        finding,
        say("analytics_sequential.detectable.points", language, before=seen.n_before, after=seen.n_after),
        say("analytics_sequential.detectable.limit", language, alpha=percent(seen.alpha, language, 0)),
    ]


def detectable_size(seen: DetectableEffect, language: Language, metric: Metric | None = None) -> str:
    """An effect's size without a sign, in the metric's unit and, where that exists, in per cent of the level."""
    size = difference(seen.effect, metric, language).lstrip("+")
    if seen.relative is None:
        return size
    share = percent_sign(signed(100 * seen.relative, language, 0).lstrip("+"), language)
    return say("analytics_sequential.detectable.size", language, size=size, share=share)


def _by_date(curve: DetectableByDate, language: Language, metric: Metric | None) -> list[str]:
    known = [outcome for outcome in curve.outcomes if isinstance(outcome, DetectableEffect)]
    if not known:
        return [say("analytics_sequential.curve.none", language, date=curve.ends[-1])]
    first, last = known[0], known[-1]
    words = {"first": first.end, "first_effect": detectable_size(first, language, metric)}
    if len(known) == 1:
        finding = say("analytics_sequential.curve.one", language, **words)
    else:
        later = {"last": last.end, "last_effect": detectable_size(last, language, metric)}
        finding = say("analytics_sequential.curve.finding", language, **words, **later)
    return [finding, say("analytics_sequential.detectable.limit", language, alpha=percent(last.alpha, language, 0))]


def _groups(compared: ConfidenceSequence, language: Language, metric: Metric | None) -> list[str]:
    amounts = {"estimate": compared.estimate, "lower": compared.lower, "upper": compared.upper}
    if compared.relative:
        words = {k: percent_sign(signed(100 * amount, language, 1), language) for k, amount in amounts.items()}
    else:
        words = {k: difference(amount, metric, language) for k, amount in amounts.items()}
    confidence = percent(compared.confidence, language, 0)
    return [
        say("analytics_sequential.groups.finding", language, confidence=confidence, n=compared.n, **words),
        say("analytics_sequential.groups.limit", language),
    ]
