"""Charts of counts, of rare events and run charts in plain sentences, and why a chart was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results import LimitsKind, PointType, Signal, Variation
from analytics.results_charts import AttributeChart, ChartChoice, RareEventChart, RunChart, RunPhase
from wording.chart_sentences import capital, chart_finding, chart_sentence, current_signal, site_words
from wording.languages import Language
from wording.numbers import number, percent
from wording.phrases import say
from wording.values import value

if TYPE_CHECKING:
    from data.types import Metric

ChartResult = AttributeChart | RareEventChart | RunChart | ChartChoice
_READING = {
    Variation.IMPROVING: PointType.IMPROVEMENT,
    Variation.CONCERN: PointType.CONCERN,
    Variation.NEUTRAL: PointType.NEUTRAL,
}


def attribute_sentence(
    result: ChartResult, language: Language, metric: Metric | None = None, *, site: str | None = None
) -> str:
    """Word a chart whole: the finding, and what its limits rest on."""
    if isinstance(result, AttributeChart):
        parts = [chart_sentence(result, language, metric, site=site), *limits_words(result, language)]
        return " ".join(parts)
    return attribute_finding(result, language, metric, site=site)


def attribute_finding(
    result: ChartResult, language: Language, metric: Metric | None = None, *, site: str | None = None
) -> str:
    """Word only what the data say at the last point; of a choice, which chart and why."""
    match result:
        case AttributeChart():
            return chart_finding(result, language, metric, site=site)
        case RareEventChart():
            return _rare_finding(result, language, site)
        case RunChart():
            return _run_finding(result, language, metric, site)
        case ChartChoice():
            return choice_sentence(result, language)


def choice_sentence(choice: ChartChoice, language: Language) -> str:
    """Say which chart fits a metric and why."""
    words = dict(choice.args)
    if isinstance(share := words.get("share"), float):
        words["share"] = percent(share, language, 0)
    kind = say(f"analytics_charts.kind.{choice.kind.value}", language)
    return capital(say(f"analytics_charts.choice.{choice.reason}", language, kind=kind, **words))


def limits_words(chart: AttributeChart, language: Language) -> list[str]:
    """Say what the limits rest on: widened by how much, or counted out exactly; nothing for the textbook's."""
    phase, words = chart.latest, []
    if phase.widened and phase.sigma_z is not None:
        way = "widened" if phase.sigma_z >= 1 else "narrowed"
        words.append(say(f"analytics_charts.limits.{way}", language, times=number(phase.sigma_z, language, 1)))
    if phase.exact:
        words.append(say("analytics_charts.limits.exact", language))
    return words


def _rare_finding(chart: RareEventChart, language: Language, site: str | None) -> str:
    place, phase = site_words(site, language), chart.latest
    signal = current_signal(chart)
    if signal is not None:
        return _rare_signal(chart, signal, place, language)
    if phase.kind is LimitsKind.NONE or phase.mean is None:
        return say("analytics_charts.rare.no_limits", language, place=place, n=phase.n_points)
    return say("analytics_charts.rare.quiet", language, place=place, median=_gap(chart, phase.mean, language))


def _rare_signal(chart: RareEventChart, signal: Signal, place: str, language: Language) -> str:
    last = next(float(gap) for gap in reversed(chart.values) if gap == gap)
    return say(
        f"analytics_charts.rare.{signal.rule.value}.{signal.side.value}",
        language,
        place=place,
        n=signal.n_points,
        gap=_gap(chart, last, language),
        reading=say(f"analytics.reading.{signal.point_type.value}", language),
    )


def _gap(chart: RareEventChart, gap: float, language: Language) -> str:
    """Give a gap with what it counts: cases on a g chart, days on a t chart."""
    return say(f"analytics_charts.gap.{chart.kind.value}", language, n=gap, gap=number(gap, language))


def _run_finding(chart: RunChart, language: Language, metric: Metric | None, site: str | None) -> str:
    place, phase = site_words(site, language), chart.latest
    if phase.median is None:
        return say("analytics_charts.run.no_median", language, place=place, n=phase.n_points)
    if phase.longest_run_limit is None:
        return say("analytics_charts.run.constant", language, place=place, median=value(phase.median, metric, language))
    runs = {"place": place, "longest": phase.longest_run, "limit": phase.longest_run_limit}
    if phase.long_run:
        return _long_run(chart.variation, runs, language)
    if phase.few_crossings:
        return _few_crossings(phase, place, language)
    return say("analytics_charts.run.quiet", language, **runs)


def _long_run(variation: Variation, runs: dict[str, object], language: Language) -> str:
    """Word a run that is too long: with its reading while the last point stands in one, else as what happened before."""
    if variation is Variation.COMMON_CAUSE:
        return say("analytics_charts.run.long_before", language, **runs)
    reading = say(f"analytics.reading.{_READING[variation].value}", language)
    return say("analytics_charts.run.long", language, **runs, reading=reading)


def _few_crossings(phase: RunPhase, place: str, language: Language) -> str:
    return say(
        "analytics_charts.run.few_crossings",
        language,
        place=place,
        crossings=phase.n_crossings,
        fewest=phase.fewest_crossings,
    )
