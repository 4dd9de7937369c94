"""Funnels, spreads between sites and ranks in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results_between import (
    MINIMUM_TO_WIDEN,
    Dispersion,
    Funnel,
    SiteRanks,
    SpreadChange,
    Standing,
    VarianceComponents,
    Widening,
)
from wording.languages import Language
from wording.numbers import number, percent, percent_sign, signed
from wording.phrases import say
from wording.typography import NBSP
from wording.values import difference, value

if TYPE_CHECKING:
    from data.types import Metric

BetweenResult = Funnel | VarianceComponents | Dispersion | SiteRanks
_FACTOR_FROM = 2.0  # +571 % is read worse than × 6.7
NAMED_SITES = 4  # a sentence is read, not searched: the picture and the table name the others


def between_sentence(result: BetweenResult, language: Language, metric: Metric | None = None) -> str:
    """Word a result whole: the finding, and what limits it."""
    return " ".join(_sentences(result, language, metric))


def between_finding(result: BetweenResult, language: Language, metric: Metric | None = None) -> str:
    """Word only what a title says."""
    return _sentences(result, language, metric)[0]


def spread_words(x: float, metric: Metric | None, language: Language) -> str:
    """Write a standard deviation with its unit: of a metric in %, in points; never in whole numbers alone."""
    return difference(x, metric, language, decimals=_decimals(metric)).lstrip("+")


def change_words(change: SpreadChange, language: Language) -> dict[str, str]:
    """Write a ratio of spreads and its interval as changes in per cent; as factors where more than doubling may be."""
    ends = {"change": change.ratio, "lower": change.lower, "upper": change.upper}
    if change.upper > _FACTOR_FROM:
        return {name: f"×{NBSP}{number(ratio, language, 1 if ratio >= 1 else 2)}" for name, ratio in ends.items()}
    return {name: percent_sign(signed((ratio - 1) * 100, language, 0), language) for name, ratio in ends.items()}


def _sentences(result: BetweenResult, language: Language, metric: Metric | None) -> list[str]:
    match result:
        case Funnel():
            return _funnel(result, language, metric)
        case VarianceComponents():
            return [_components(result, language)]
        case Dispersion():
            return _dispersion(result, language, metric)
        case SiteRanks():
            return _ranks(result, language, metric)


def _funnel(found: Funnel, language: Language, metric: Metric | None) -> list[str]:
    allowed = "chance" if found.widening is Widening.NONE else "widened"
    outside = found.outside
    if outside:
        side = dict(zip(found.sites, found.standings, strict=True))
        placed = [
            say(
                f"analytics_between.funnel.site.{'above' if side[site] is Standing.ABOVE else 'below'}",
                language,
                site=site,
            )
            for site in outside
        ]
        first = say(f"analytics_between.funnel.some.{allowed}", language, sites=named(placed, language), n=len(outside))
    else:
        first = say(f"analytics_between.funnel.none.{allowed}", language, n=len(found.sites))
    said = [
        first,
        say(f"analytics_between.funnel.{'some' if outside else 'none'}.{allowed}.why", language),
        say(f"analytics_between.funnel.centre.{found.kind}", language,
            centre=value(found.centre, metric, language, decimals=_decimals(metric))),
    ]  # fmt: skip
    if found.tau > 0:
        said.append(say("analytics_between.funnel.widened", language, tau=spread_words(found.tau, metric, language)))
    if found.near:
        said.append(say("analytics_between.funnel.near", language, n=len(found.near)))
    if len(found.sites) < MINIMUM_TO_WIDEN:
        said.append(say("analytics_between.funnel.few", language, needed=MINIMUM_TO_WIDEN))
    return [*said, *_left_out(found.n_left_out, language)]


def _components(found: VarianceComponents, language: Language) -> str:
    lower, upper = (percent(min(1.0, max(0.0, end)), language, 0) for end in (found.lower, found.upper))
    confidence = percent(found.confidence, language, 0)
    if found.negative:
        return say("analytics_between.components.negative", language, upper=upper, confidence=confidence)
    share = percent(found.icc, language, 0)
    return say(
        "analytics_between.components.some", language, share=share, lower=lower, upper=upper, confidence=confidence
    )


def _dispersion(found: Dispersion, language: Language, metric: Metric | None) -> list[str]:
    said = [
        say(
            f"analytics_between.standard.{found.change}", language, n=found.n_sites,
            confidence=percent(found.between.confidence, language, 0), **change_words(found.between, language),
            late=spread_words(found.late_between, metric, language),
            early=spread_words(found.early_between, metric, language),
        )
    ]  # fmt: skip
    if found.relative is not None:
        words = change_words(found.relative, language)
        said.append(say(f"analytics_between.relative.{found.relative.change}", language, **words))
    if found.within is not None:
        words = change_words(found.within, language)
        said.append(say(f"analytics_between.within.{found.within.change}", language, **words))
    if found.n_left_out:
        said.append(say("analytics_between.standard.left_out", language, n=found.n_left_out))
    return said


def _ranks(found: SiteRanks, language: Language, metric: Metric | None) -> list[str]:
    way = "higher" if metric is None or metric.direction.value == "neutral" else "better"
    halves = {"first": found.surely_first_half, "second": found.surely_second_half}
    said = [
        say(f"analytics_between.ranks.{half}.{way}", language, sites=named(sites, language), n=len(sites))
        for half, sites in halves.items()
        if sites
    ] or [say("analytics_between.ranks.none", language)]
    n_open = len(found.sites) - sum(len(sites) for sites in halves.values())
    if n_open:
        confidence = percent(found.confidence, language, 0)
        said.append(say("analytics_between.ranks.open", language, n=n_open, confidence=confidence))
    return [*said, *_left_out(found.n_left_out, language)]


def named(sites: Sequence[str], language: Language) -> str:
    """Name a few sites and count the others.

    >>> named(["Brest", "Lyon", "Metz"], "en")
    'Brest, Lyon and Metz'
    """
    if len(sites) > NAMED_SITES + 1:
        some = ", ".join(sites[:NAMED_SITES])
        return say("analytics_between.funnel.others", language, sites=some, n=len(sites) - NAMED_SITES)
    *before, last = sites
    return f"{', '.join(before)}{say('shared.and', language)}{last}" if before else last


def _decimals(metric: Metric | None) -> int | None:
    """A mean of whole numbers is not whole."""
    return None if metric is None else max(1, metric.decimals)


def _left_out(n: int, language: Language) -> list[str]:
    return [say("analytics_between.left_out", language, n=n)] if n else []
