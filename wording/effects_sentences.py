"""Effects over several sites, families of effects, placebos and doubts, each in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results_effects import (
    ComparisonEffect,
    EventStudy,
    Guard,
    Multiplicity,
    Placebos,
    PooledEffect,
    PortfolioTotal,
    RolloutEffect,
)
from wording.languages import Language
from wording.numbers import percent, percent_sign, signed
from wording.phrases import say
from wording.values import difference, value

if TYPE_CHECKING:
    from data.types import Metric

NAMED_SITES = 8  # more are counted: a sentence is read, not searched

EffectOverSites = (
    ComparisonEffect | RolloutEffect | EventStudy | Multiplicity | PooledEffect | PortfolioTotal | Placebos | Guard
)


def effects_finding(result: EffectOverSites, language: Language, metric: Metric | None = None) -> str:
    """Word what a title says: the first sentence of `effects_sentence`."""
    return _sentences(result, language, metric)[0]


def effects_sentence(result: EffectOverSites, language: Language, metric: Metric | None = None) -> str:
    """Word a result whole: the finding, what the data allow to say, and what the method cannot tell.

    metric: gives units and the good direction. A multiplicity and a portfolio total may stand for several metrics.
    """
    return " ".join(_sentences(result, language, metric))


def _sentences(result: EffectOverSites, language: Language, metric: Metric | None) -> list[str]:
    match result:
        case ComparisonEffect():
            return _comparison(result, language, metric)
        case RolloutEffect():
            return _rollout(result, language, metric)
        case EventStudy():
            return _event_study(result, language, metric)
        case PooledEffect():
            return _pooled(result, language, metric)
        case Multiplicity():
            return _family(result, language)
        case PortfolioTotal():
            return _total(result, language, metric)
        case Placebos():
            return _placebos(result, language)
        case Guard():
            return [_guard(result, language, metric)]


def _comparison(effect: ComparisonEffect, language: Language, metric: Metric | None) -> list[str]:
    share, smallest = (percent(p_value, language) for p_value in (effect.p_value, effect.smallest_p))
    sentences = [_size("comparison", effect, language, metric)]
    if not effect.decided and not effect.lower <= 0 <= effect.upper:
        sentences.append(say("analytics_effects.comparison.undecided", language, share=share))
    else:
        sentences.append(_reading(effect, language, metric))
    sites = {
        "treated": _names(effect.treated_sites, language),
        "others": _names(effect.comparison_sites, language),
    }
    sentences.append(say("analytics_effects.comparison.sites", language, **sites))
    if effect.all_assignments:
        code = "analytics_effects.comparison.assignments"
        sentences.append(say(code, language, n=effect.n_assignments, share=share, smallest=smallest))
    else:
        code = "analytics_effects.comparison.assignments_drawn"
        sentences.append(say(code, language, n=effect.n_assignments, share=share))
    if effect.left_out_sites:
        names = _names(effect.left_out_sites, language)
        sentences.append(say("analytics_effects.left_out", language, sites=names))
    periods = {"before": effect.n_before, "after": effect.n_after}
    return [
        *sentences,
        *_missing(effect.n_missing, language),
        say("analytics_effects.comparison.limit", language, **periods),
    ]


def _rollout(effect: RolloutEffect, language: Language, metric: Metric | None) -> list[str]:
    sentences = [
        _size("rollout", effect, language, metric),
        _reading(effect, language, metric),
        say(
            "analytics_effects.rollout.orders",
            language,
            adopters=len(effect.adopters),
            n=effect.n_orders,
            share=percent(effect.p_value, language),
        ),
        say(f"analytics_effects.rollout.{'by_lot' if effect.drawn_by_lot else 'placebo'}", language),
        say("analytics_effects.rollout.horizon", language, date=effect.horizon),
    ]
    if effect.n_beyond_horizon:
        sentences.append(say("analytics_effects.rollout.beyond", language, n=effect.n_beyond_horizon))
    if effect.left_out_sites:
        names = _names(effect.left_out_sites, language)
        sentences.append(say("analytics_effects.rollout.never_seen", language, sites=names))
    return [*sentences, *_missing(effect.n_missing, language), say("analytics_effects.rollout.limit", language)]


def _event_study(study: EventStudy, language: Language, metric: Metric | None) -> list[str]:
    before = [point for point in study.points if point.periods_after < 0]
    after = [point for point in study.points if point.periods_after >= 0]
    counts = {
        f"{side}{suffix}": sum(1 for point in points if not suffix or not point.lower <= 0 <= point.upper)
        for side, points in (("before", before), ("after", after))
        for suffix in ("", "_apart")
    }
    sentences = [say("analytics_effects.study.finding", language, **counts)]
    if after:
        ends = {"first": after[0].estimate, "last": after[-1].estimate}
        words = {name: difference(estimate, metric, language) for name, estimate in ends.items()}
        sentences.append(say("analytics_effects.study.first_and_last", language, **words))
    lot = say(f"analytics_effects.rollout.{'by_lot' if study.drawn_by_lot else 'placebo'}", language)
    return [*sentences, lot, say("analytics_effects.study.limit", language, base=study.base_periods)]


def _pooled(effect: PooledEffect, language: Language, metric: Metric | None) -> list[str]:
    size = _in_unit(effect, language, metric)
    sentences = [
        say("analytics_effects.pooled.size", language, n=len(effect.sites), **size),
        _reading(effect, language, metric),
    ]
    if effect.next_lower is None or effect.next_upper is None:
        sentences.append(say("analytics_effects.pooled.no_next", language))
    else:
        ends = [difference(end, metric, language) for end in (effect.next_lower, effect.next_upper)]
        sentences.append(say("analytics_effects.pooled.next", language, lower=ends[0], upper=ends[1]))
    if effect.tau_squared > 0:
        share = percent(effect.i_squared, language, 0)
        sentences.append(say("analytics_effects.pooled.differ", language, share=share))
    else:
        sentences.append(say("analytics_effects.pooled.alike", language))
    return [*sentences, say("analytics_effects.pooled.limit", language)]


def _family(family: Multiplicity, language: Language) -> list[str]:
    counts = {"standing": int(family.discoveries.sum()), "alone": int((family.raw <= family.rate).sum())}
    return [
        say("analytics_effects.family.finding", language, n=family.n_tested, **counts),
        say("analytics_effects.family.limit", language, rate=percent(family.rate, language, 0)),
    ]


def _total(total: PortfolioTotal, language: Language, metric: Metric | None) -> list[str]:
    amounts = {"total": total.total, "lower": total.lower, "upper": total.upper, "raw": total.raw_total}
    words = {name: difference(amount, metric, language) for name, amount in amounts.items()}
    confidence = percent(total.confidence, language, 0)
    share = percent(total.share_positive, language, 0)
    return [
        say("analytics_effects.total.size", language, n=sum(total.counted), confidence=confidence, **words),
        say("analytics_effects.total.limit", language, n=len(total.names), share=share),
    ]


def _placebos(placebos: Placebos, language: Language) -> list[str]:
    doubtful = placebos.n_alarms > max(1.0, 2 * placebos.expected_alarms)
    return [
        say(
            f"analytics_effects.placebo.{placebos.kind}",
            language,
            n=len(placebos.names),
            alarms=placebos.n_alarms,
            expected=round(placebos.expected_alarms, 1),
            as_large=placebos.n_as_large,
        ),
        *([say("analytics_effects.placebo.doubt", language)] if doubtful else []),
        *([say("analytics_effects.placebo.fine", language)] if placebos.n_alarms == 0 else []),
    ]


def _guard(guard: Guard, language: Language, metric: Metric | None) -> str:
    words = dict(guard.args)
    for name, written in (("value", value), ("usual", value), ("departure", difference), ("slope", difference)):
        if isinstance(found := words.get(name), int | float):
            words[name] = written(found, metric, language)
    return say(f"analytics_effects.guard.{guard.code}", language, **words)


def _size(kind: str, effect: ComparisonEffect | RolloutEffect, language: Language, metric: Metric | None) -> str:
    size = _in_unit(effect, language, metric)
    if effect.relative is None or effect.relative_lower is None or effect.relative_upper is None:
        return say(f"analytics_effects.{kind}.size", language, **size)
    shares = {
        name: percent_sign(signed(share * 100, language, 1), language)
        for name, share in (
            ("share", effect.relative), ("share_lower", effect.relative_lower), ("share_upper", effect.relative_upper),
        )
    }  # fmt: skip
    return say(f"analytics_effects.{kind}.size_with_share", language, **size, **shares)


def _in_unit(
    effect: ComparisonEffect | RolloutEffect | PooledEffect, language: Language, metric: Metric | None
) -> dict[str, str]:
    amounts = {"estimate": effect.estimate, "lower": effect.lower, "upper": effect.upper}
    words = {name: difference(amount, metric, language) for name, amount in amounts.items()}
    return {**words, "confidence": percent(effect.confidence, language, 0)}


def _reading(effect: ComparisonEffect | RolloutEffect | PooledEffect, language: Language, metric: Metric | None) -> str:
    if effect.lower <= 0 <= effect.upper:
        return say("analytics_effects.includes_none", language)
    good = metric.direction.value if metric else "neutral"
    kind = "neutral" if good == "neutral" else ("good" if good == ("up" if effect.estimate > 0 else "down") else "bad")
    return say(f"analytics_effects.change_{kind}", language)


def _missing(n_missing: int, language: Language) -> list[str]:
    return [say("analytics_effects.missing", language, n=n_missing)] if n_missing else []


def _names(sites: Sequence[str], language: Language) -> str:
    if not sites:
        return say("analytics_effects.none", language)
    if len(sites) <= NAMED_SITES:
        return ", ".join(sites)
    shown = ", ".join(sites[: NAMED_SITES - 1])
    return say("analytics_effects.and_others", language, names=shown, n=len(sites) - NAMED_SITES + 1)
