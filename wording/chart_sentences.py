"""A control chart in one plain sentence, and what limits it."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from typing import TYPE_CHECKING

from analytics.results import LimitsKind, PointType, Rule, Signal, Variation
from analytics.results_charts import ControlChart
from wording.dates import period_words
from wording.languages import Language
from wording.numbers import number
from wording.phrases import say

if TYPE_CHECKING:
    from data.types import Metric

_LARGEST_WORD = 10  # above it, numbers are figures
_SAME_YEAR_DAYS = 300  # a date further back than this from the last period needs its year
_GRAIN_OF_DAYS = ((1, "day"), (7, "week"), (31, "month"), (92, "quarter"), (366, "year"))
_SEEN_AS = {
    Variation.IMPROVING: PointType.IMPROVEMENT,
    Variation.CONCERN: PointType.CONCERN,
    Variation.NEUTRAL: PointType.NEUTRAL,
}
_PRIORITY = tuple(Rule)


def chart_sentence(
    chart: ControlChart, language: Language, metric: Metric | None = None, *, site: str | None = None
) -> str:
    """Word a chart: the finding, an earlier signal, trial limits, missing periods."""
    grain = grain_of(chart, metric)
    parts = [chart_finding(chart, language, metric, site=site)]
    earlier = _last_ended_signal(chart)
    if chart.variation is Variation.COMMON_CAUSE and earlier is not None:
        parts.append(_earlier(chart, earlier, grain, language))
    if chart.latest.kind is LimitsKind.TRIAL:
        parts.append(
            say("analytics.chart.trial_limits", language, points=_count(chart.latest.n_points, grain, language))
        )
    if chart.missing_periods:
        n = len(chart.missing_periods)
        parts.append(capital(say(f"analytics.missing.{grain}", language, n=n, word=_word(n, grain, language))))
    return " ".join(parts)


def chart_finding(
    chart: ControlChart, language: Language, metric: Metric | None = None, *, site: str | None = None
) -> str:
    """Word what the data say at the last measured point: a signal since when, or nothing unusual since when."""
    grain = grain_of(chart, metric)
    signal = current_signal(chart)
    if signal is None and chart.latest.kind is LimitsKind.NONE:
        points = _count(chart.latest.n_points, grain, language)
        return say("analytics.chart.no_limits", language, place=site_words(site, language), points=points)
    if signal is None:
        since = _moment("since", _quiet_since(chart), grain, language, chart.periods[-1].date())
        return say("analytics.chart.nothing_unusual", language, place=site_words(site, language), since=since)
    return signal_sentence(signal, language, grain=grain, today=chart.periods[-1].date(), site=site)


def signal_sentence(signal: Signal, language: Language, *, grain: str, today: dt.date, site: str | None = None) -> str:
    """Word one signal that still holds: how long, which side, since when, and whether it is good.

    grain: the series' grain, "week" for example; today: the last period or the day of reading; a start
        long before it is given with its year.
    """
    single = signal.n_points == 1
    words = {
        "place": site_words(site, language),
        "points": _count(signal.n_points, grain, language),
        "when": _moment("in" if single else "since", signal.start, grain, language, today),
        "reading": say(f"analytics.reading.{signal.point_type.value}", language),
    }
    how_many = "one" if single else "many"
    return capital(say(f"analytics.signal.{signal.rule.value}.{signal.side.value}.{how_many}", language, **words))


def current_signal(chart: ControlChart) -> Signal | None:
    """Find the signal the last measured point stands in: the one its icon shows, the longest, then by rule priority."""
    last = _last_measured(chart)
    wanted = _SEEN_AS.get(chart.variation)
    standing = [s for s in chart.signals if s.start <= last <= s.end and s.point_type is wanted]
    return max(standing, key=lambda s: (s.n_points, -_PRIORITY.index(s.rule)), default=None)


def grain_of(chart: ControlChart, metric: Metric | None = None) -> str:
    """Tell a chart's grain from the distance of its periods; from the metric when there is only one."""
    if len(chart.periods) < 2:
        return metric.frequency.value if metric else "day"
    dates = [period.date() for period in chart.periods]
    days = statistics.median((later - earlier).days for earlier, later in itertools.pairwise(dates))
    return next((grain for longest, grain in _GRAIN_OF_DAYS if days <= longest), "year")


def _last_measured(chart: ControlChart) -> dt.date:
    return max(_measured(chart), default=chart.latest.end)


def _measured(chart: ControlChart) -> list[dt.date]:
    """List the periods whose points count: measured, and not left out of the limits."""
    return [
        period.date()
        for period, kind in zip(chart.periods, chart.point_types, strict=True)
        if kind not in (PointType.MISSING, PointType.EXCLUDED)
    ]


def _last_ended_signal(chart: ControlChart) -> Signal | None:
    """Find the signal of the phase in force that ended last, if any: what was unusual before."""
    inside = [s for s in chart.signals if s.start >= chart.latest.start]
    return max(inside, key=lambda s: (s.end, s.n_points), default=None)


def _quiet_since(chart: ControlChart) -> dt.date:
    """Give the first measured period after the last signal of the phase in force, else the phase's first."""
    earlier = _last_ended_signal(chart)
    if earlier is None:
        return chart.latest.start
    return min((d for d in _measured(chart) if d > earlier.end), default=chart.latest.start)


def _earlier(chart: ControlChart, signal: Signal, grain: str, language: Language) -> str:
    today = chart.periods[-1].date()
    side = say(f"analytics.side.{signal.rule.value}.{signal.side.value}", language)
    if signal.n_points == 1:
        when = _moment("in", signal.start, grain, language, today)
        return say("analytics.chart.earlier_one", language, side=side, when=when)
    start, end = (_bare(d, grain, language, today) for d in (signal.start, signal.end))
    when = say(f"analytics.from_to.{grain}", language, start=start, end=end)
    points = _count(signal.n_points, grain, language)
    return say("analytics.chart.earlier", language, points=points, side=side, when=when)


def _moment(kind: str, d: dt.date, grain: str, language: Language, today: dt.date) -> str:
    return say(f"analytics.{kind}.{grain}", language, **period_words(d, language, with_year=_needs_year(d, today)))


def _bare(d: dt.date, grain: str, language: Language, today: dt.date) -> str:
    words = period_words(d, language, with_year=_needs_year(d, today))
    return words[{"month": "month", "quarter": "quarter", "year": "year"}.get(grain, "date")]


def _needs_year(d: dt.date, today: dt.date) -> bool:
    return (today - d).days > _SAME_YEAR_DAYS


def _count(n: int, grain: str, language: Language) -> str:
    return say(f"analytics.count.{grain}", language, n=n, word=_word(n, grain, language))


def _word(n: int, grain: str, language: Language) -> str:
    """Give a number as a word up to ten, else in figures; "no" and "one" agree in French with what is counted."""
    if n <= 1:
        return say(f"analytics.number.{n}.{grain}", language)
    if n <= _LARGEST_WORD:
        return say(f"analytics.number.{n}", language)
    return number(n, language)


def site_words(site: str | None, language: Language) -> str:
    """Say where: " à Nantes", " au Havre", " aux Ulis"; " at Nantes"; nothing without a site."""
    if not site:
        return ""
    article = next((word for word in ("Le", "Les") if language == "fr" and site.startswith(f"{word} ")), None)
    code = f"analytics.at.{article.lower()}" if article else "analytics.at.plain"
    return say("analytics.chart.place", language, site=say(code, language, site=site.removeprefix(f"{article} ")))


def capital(text: str) -> str:
    """Begin with a capital letter and leave the rest."""
    return text[:1].upper() + text[1:]
