"""Trends, alarms, change points and forecasts in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results_trend import (
    AlarmKind,
    Calibration,
    Caution,
    ChangePoint,
    ChangePoints,
    CusumChart,
    DriftAlarms,
    EwmaChart,
    Forecast,
    RankTrend,
    SenSlope,
    Trend,
)
from wording.languages import Language
from wording.numbers import number, percent
from wording.phrases import say
from wording.values import difference, value

if TYPE_CHECKING:
    from data.types import Metric

TrendResult = (
    SenSlope
    | RankTrend
    | Trend
    | EwmaChart
    | CusumChart
    | DriftAlarms
    | Caution
    | ChangePoints
    | Forecast
    | Calibration
)
_CLEAR_P = 0.05


def trend_sentence(result: TrendResult, language: Language, metric: Metric | None = None) -> str:
    """Word a result of trends, alarms, change points and forecasts: the finding, and what limits it."""
    match result:
        case SenSlope() | RankTrend() | Trend():
            return _line(result, language, metric)
        case EwmaChart() | CusumChart():
            return _drift_chart(result, language)
        case DriftAlarms():
            return _alarms(result, language)
        case Caution():
            return _caution(result, language)
        case ChangePoints():
            return _changes(result, language, metric)
        case Forecast():
            return _forecast(result, language, metric)
        case Calibration():
            return _calibration(result, language)


def _way(amount: float) -> str:
    return "up" if amount > 0 else "down"


def _line(found: SenSlope | RankTrend | Trend, language: Language, metric: Metric | None) -> str:
    match found:
        case SenSlope():
            return say("analytics_trend.sen", language, slope=difference(found.slope, metric, language), n=found.n)
        case RankTrend():
            way = "none" if found.p_value >= _CLEAR_P else _way(found.score)
            return say(f"analytics_trend.ranks.{way}", language, p=number(found.p_value, language, 3))
        case Trend():
            return _trend(found, language, metric)


def _drift_chart(chart: EwmaChart | CusumChart, language: Language) -> str:
    if not chart.signals:
        return say("analytics_trend.drift_chart.none", language)
    return say("analytics_trend.drift_chart.some", language, n=len(chart.signals), date=chart.signals[0])


def _trend(found: Trend, language: Language, metric: Metric | None) -> str:
    way = _way(found.fitted_slope) if found.is_clear else "none"
    return say(
        f"analytics_trend.trend.{way}",
        language,
        slope=difference(found.slope, metric, language),
        lower=difference(found.lower, metric, language),
        upper=difference(found.upper, metric, language),
        confidence=percent(found.confidence, language, 0),
        n=found.n,
    )


def _alarms(found: DriftAlarms, language: Language) -> str:
    if not found.alarms:
        return say("analytics_trend.alarm.none", language, start=found.periods[0].date())
    # Points far out while a series drifts are the drift's.
    newest = max(found.alarms, key=lambda alarm: (alarm.kind is AlarmKind.DRIFT, alarm.date))
    code = f"analytics_trend.alarm.{newest.kind.value}.{newest.side.value}{'.or_before' if newest.or_before else ''}"
    return say(code, language, date=newest.date, since=newest.since)


def _caution(caution: Caution, language: Language) -> str:
    phi = "" if caution.phi is None else number(caution.phi, language, 1)
    return say(f"analytics_trend.caution.{caution.kind.value}", language, phi=phi)


def change_sentence(change: ChangePoint, language: Language, metric: Metric | None = None) -> str:
    """Word one proposed change: when, from what to what, and where its date may truly lie."""
    return say(
        "analytics_trend.change.one",
        language,
        date=change.date,
        before=value(change.level_before, metric, language),
        after=value(change.level_after, metric, language),
        earliest=change.earliest,
        latest=change.latest,
    )


def _changes(found: ChangePoints, language: Language, metric: Metric | None) -> str:
    if not found.changes:
        return say("analytics_trend.change.none", language)
    newest = change_sentence(found.changes[-1], language, metric)
    if len(found.changes) == 1:
        return newest
    return f"{say('analytics_trend.change.several', language, n=len(found.changes))} {newest}"


def _forecast(found: Forecast, language: Language, metric: Metric | None) -> str:
    words = say(
        f"analytics_trend.forecast.{found.outlook.value}",
        language,
        chance=percent(found.chance, language, 0),
        target=value(found.target_value, metric, language),
        due=found.due_date,
        estimate=value(found.estimate, metric, language),
        lower=value(found.lower, metric, language),
        upper=value(found.upper, metric, language),
        confidence=percent(found.confidence, language, 0),
    )
    return f"{words} {say('analytics_trend.forecast.wanders', language)}" if found.wanders else words


def _calibration(found: Calibration, language: Language) -> str:
    reading = "in_line" if not found.is_off else "too_sure" if found.happened < found.stated else "off"
    return say(
        f"analytics_trend.calibration.{reading}",
        language,
        n=found.n,
        stated=percent(found.stated, language, 0),
        happened=percent(found.happened, language, 0),
        brier=number(found.brier, language, 2),
    )
