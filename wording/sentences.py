"""A result of analytics in one or two plain sentences: a page's title and a picture's text alternative."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results import NotComputable, Progress, SiteEffect, XmrChart
from wording.attribute_sentences import ChartResult, attribute_finding, attribute_sentence
from wording.between_sentences import BetweenResult, between_finding, between_sentence
from wording.chart_sentences import chart_finding, chart_sentence
from wording.effects_sentences import EffectOverSites, effects_finding, effects_sentence
from wording.languages import Language
from wording.numbers import percent, percent_sign, signed
from wording.phrases import say
from wording.rollout_sentences import RolloutFinding, rollout_finding, rollout_sentence
from wording.sequential_sentences import SequentialResult, sequential_finding, sequential_sentence
from wording.trend_sentences import TrendResult, trend_sentence
from wording.values import difference, value

if TYPE_CHECKING:
    from data.types import Metric

_ALLOWED_FOR = ("trend", "weekday")  # the terms worth a word; every model has a level

Result = (
    XmrChart | SiteEffect | Progress | NotComputable | TrendResult | EffectOverSites | ChartResult | RolloutFinding
    | BetweenResult | SequentialResult
)  # fmt: skip


def sentence(result: Result, language: Language, metric: Metric | None = None, *, site: str | None = None) -> str:
    """Word any result of analytics, whole: the finding, and what limits it.

    metric: gives units, the good direction and the grain; site: named in a chart's sentence.
    Raises UnknownWord for a NotComputable that nobody has worded.
    """
    if isinstance(result, ChartResult):
        return attribute_sentence(result, language, metric, site=site)
    if isinstance(result, EffectOverSites):
        return effects_sentence(result, language, metric)
    if isinstance(result, RolloutFinding):
        return rollout_sentence(result, language)
    if isinstance(result, BetweenResult):
        return between_sentence(result, language, metric)
    if isinstance(result, SequentialResult):
        return sequential_sentence(result, language, metric)
    match result:
        case NotComputable():
            return reason_sentence(result, language, metric)
        case XmrChart():
            return chart_sentence(result, language, metric, site=site)
        case SiteEffect():
            return effect_sentence(result, language, metric)
        case Progress():
            return progress_sentence(result, language, metric)
        case _:
            return trend_sentence(result, language, metric)


def finding(result: Result, language: Language, metric: Metric | None = None, *, site: str | None = None) -> str:
    """Word only what a page's title says: the first sentence of `sentence`."""
    if isinstance(result, ChartResult):
        return attribute_finding(result, language, metric, site=site)
    if isinstance(result, EffectOverSites):
        return effects_finding(result, language, metric)
    if isinstance(result, RolloutFinding):
        return rollout_finding(result, language)
    if isinstance(result, BetweenResult):
        return between_finding(result, language, metric)
    if isinstance(result, SequentialResult):
        return sequential_finding(result, language, metric)
    match result:
        case XmrChart():
            return chart_finding(result, language, metric, site=site)
        case SiteEffect():
            return effect_size(result, language, metric)
        case _:
            return sentence(result, language, metric, site=site)


def reason_sentence(gap: NotComputable, language: Language, metric: Metric | None = None) -> str:
    """Word why there is no result; its "value" takes the metric's unit, its "scale" is said in words."""
    words = dict(gap.args)
    if isinstance(found := words.get("value"), int | float):
        words["value"] = value(found, metric, language)
    if "scale" in words:
        words["scale"] = say(f"analytics.scale.{words['scale']}", language)
    return say(f"analytics.not_computable.{gap.code}", language, **words)


def effect_sentence(effect: SiteEffect, language: Language, metric: Metric | None = None) -> str:
    """Word an effect: size and interval, whether no effect is possible, how it was found and what it cannot tell."""
    sentences = [
        effect_size(effect, language, metric),
        effect_reading(effect, language, metric),
        effect_method(effect, language),
    ]
    return " ".join(sentences)


def effect_size(effect: SiteEffect, language: Language, metric: Metric | None = None) -> str:
    """Word an effect in the metric's unit and in per cent, with its interval in both where both exist."""
    size = {
        "estimate": difference(effect.estimate, metric, language),
        "lower": difference(effect.lower, metric, language),
        "upper": difference(effect.upper, metric, language),
        "confidence": percent(effect.confidence, language, 0),
    }
    if effect.relative is None or effect.relative_lower is None or effect.relative_upper is None:
        return say("analytics.effect.size", language, **size)
    return say(
        "analytics.effect.size_with_share",
        language,
        **size,
        share=_signed_percent(effect.relative, language),
        share_lower=_signed_percent(effect.relative_lower, language),
        share_upper=_signed_percent(effect.relative_upper, language),
    )


def effect_reading(effect: SiteEffect, language: Language, metric: Metric | None = None) -> str:
    """Say what an interval allows: no effect, or a change, in the good or the bad direction."""
    if effect.lower <= 0 <= effect.upper:
        return say("analytics.effect.includes_none", language)
    way = "up" if effect.estimate > 0 else "down"
    good = metric.direction.value if metric else "neutral"
    kind = "neutral" if good == "neutral" else ("good" if good == way else "bad")
    return say(f"analytics.effect.change_{kind}", language)


def effect_method(effect: SiteEffect, language: Language) -> str:
    """Say in plain words how an effect was found, on how much data, and what the method cannot tell."""
    terms = [say(f"analytics.term.{term}", language) for term in effect.terms if term in _ALLOWED_FOR]
    sentences = [say(f"analytics.method.{effect.method}", language, before=effect.n_before, after=effect.n_after)]
    if terms:
        sentences.append(say("analytics.effect.terms", language, terms=say("shared.and", language).join(terms)))
    if effect.n_missing:
        sentences.append(say("analytics.effect.missing", language, n=effect.n_missing))
    sentences.append(say("analytics.effect.limit", language))
    return " ".join(sentences)


def progress_sentence(progress: Progress, language: Language, metric: Metric | None = None) -> str:
    """Word a key result's progress, never clipped: share of the way, share expected, pace, time left, age of the data."""
    finding_words = say(
        f"analytics.progress.{progress.pace.value}",
        language,
        share=percent(progress.share, language, 0),
        expected=percent(progress.expected_share, language, 0),
        value=value(progress.current_value, metric, language),
        expected_value=value(progress.expected_value, metric, language),
    )
    return " ".join([finding_words, _time_left(progress.days_left, language), _data_age(progress, language)])


def _time_left(days: int, language: Language) -> str:
    if days > 0:
        return say("analytics.progress.days_left", language, n=days)
    if days == 0:
        return say("analytics.progress.due_today", language)
    return say("analytics.progress.overdue", language, n=-days)


def _data_age(progress: Progress, language: Language) -> str:
    if progress.data_age_days <= 0:
        return say("analytics.progress.data_fresh", language, date=progress.data_date)
    return say("analytics.progress.data_age", language, n=progress.data_age_days, date=progress.data_date)


def _signed_percent(share: float, language: Language) -> str:
    return percent_sign(signed(share * 100, language, 1), language)
