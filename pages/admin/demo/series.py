"""Draw the worked example's measurements from its truth, always the same for the same seed."""

from __future__ import annotations

import datetime as dt
import zlib

import numpy as np
import pandas as pd

from data.types import Grain, MetricKind
from pages.admin.demo import truth

SEED = 20260518


def week_start(first_go_live: dt.date, week: int) -> dt.date:
    """Return the Monday of a week counted from the first go-live."""
    return first_go_live + dt.timedelta(weeks=week)


def site_days(site: truth.TrueSite, first_go_live: dt.date) -> pd.DataFrame:
    """Draw one site's days: columns date, cycle_time, orders, on_time_orders, wrong_orders; gaps left out."""
    start = week_start(first_go_live, truth.FIRST_WEEK)
    days = pd.date_range(start, periods=7 * (truth.LAST_WEEK - truth.FIRST_WEEK + 1))
    draw = _generator(site.key, "days")
    orders = np.maximum(draw.poisson(site.orders * np.where(days.day_of_week < 5, 1.15, 0.55)), 5)
    share = {key: _daily_levels(site, key, days) / 100 for key in ("on_time", "order_errors")}
    table = pd.DataFrame(
        {
            "date": days,
            "cycle_time": np.round(np.maximum(_daily_levels(site, "cycle_time", days), 1.5), 2),
            "orders": orders,
            "on_time_orders": draw.binomial(orders, np.clip(share["on_time"], 0.02, 0.995)),
            "wrong_orders": draw.binomial(orders, np.clip(share["order_errors"], 0.002, 0.9)),
        }
    )
    return table[~table["date"].map(lambda day: _missing(site, _week_of(day, days)))].reset_index(drop=True)


def site_weeks(site: truth.TrueSite, first_go_live: dt.date) -> pd.DataFrame:
    """Draw one site's weeks: columns date (Monday), incidents, satisfaction, adherence; gaps left out."""
    weeks = np.arange(truth.FIRST_WEEK, truth.LAST_WEEK + 1)
    mondays = pd.date_range(week_start(first_go_live, truth.FIRST_WEEK), periods=len(weeks), freq="7D")
    table = pd.DataFrame({"date": mondays})
    for metric in truth.METRICS:
        if metric.frequency is Grain.WEEK:
            draw = _generator(site.key, metric.key)
            level = _weekly_levels(site, metric, weeks)
            if metric.kind is MetricKind.COUNT:
                table[metric.key] = draw.poisson(np.maximum(level, 0.05))
            else:
                noise = _autoregressive(draw, len(weeks), truth.WEEKLY_PHI, metric.sd)
                table[metric.key] = np.round(np.clip(level + noise, metric.low, metric.high), 2)
    return table[[not _missing(site, week) for week in weeks]].reset_index(drop=True)


def improvement_sign(metric: truth.TrueMetric) -> int:
    """Return +1 where more is better, -1 where less is."""
    return 1 if metric.direction.value == "up" else -1


def measurement_sd(site: truth.TrueSite, metric: truth.TrueMetric) -> float:
    """Return the SD of one measurement of a stable site: a day's or a week's value, as the metric is measured."""
    if metric.frequency is Grain.WEEK:
        return metric.sd
    daily_sd = metric.sd * truth.DAYS_PER_WEEK_SD
    if metric.kind is not MetricKind.RATIO:
        return daily_sd
    share = (metric.level + metric.go_live_change) / 100
    return float(np.hypot(daily_sd / 2, 100 * np.sqrt(share * (1 - share) / site.orders)))


def metric_named(key: str) -> truth.TrueMetric:
    """Return the true metric of that key."""
    return next(metric for metric in truth.METRICS if metric.key == key)


def _daily_levels(site: truth.TrueSite, key: str, days: pd.DatetimeIndex) -> np.ndarray:
    metric = metric_named(key)
    weeks = truth.FIRST_WEEK + np.arange(len(days)) // 7
    daily_sd = metric.sd * truth.DAYS_PER_WEEK_SD
    if metric.kind is MetricKind.RATIO:
        daily_sd /= 2  # drawing whole orders adds the other part of the noise
    noise = _autoregressive(_generator(site.key, key), len(days), truth.DAILY_PHI, daily_sd)
    weekday = np.array(metric.weekday)[days.day_of_week] * daily_sd
    return _weekly_levels(site, metric, weeks) + noise + weekday


def _weekly_levels(site: truth.TrueSite, metric: truth.TrueMetric, weeks: np.ndarray) -> np.ndarray:
    better = improvement_sign(metric)
    level = np.full(len(weeks), metric.level - better * site.offset_sd * metric.sd, dtype=float)
    if site.live_week is not None:
        level += metric.go_live_change * np.clip((weeks - site.live_week) / truth.RAMP_WEEKS, 0, 1)
    for experiment in truth.TRIALS:
        if experiment.site == site.key and experiment.metric == metric.key:
            kept = experiment.effect_sd > 0 and experiment.state is not truth.ABANDONED
            until = truth.LAST_WEEK if kept else experiment.end_week
            during = (weeks >= experiment.start_week) & (weeks <= until)
            level += better * experiment.effect_sd * measurement_sd(site, metric) * during
    for incident in truth.INCIDENTS:
        if incident.site == site.key and incident.metric == metric.key:
            level += incident.added_sd * measurement_sd(site, metric) * (weeks == incident.week)
    return level


def _autoregressive(draw: np.random.Generator, n: int, phi: float, sd: float) -> np.ndarray:
    shocks = draw.normal(0, sd * np.sqrt(1 - phi**2), n)
    shocks[0] = draw.normal(0, sd)
    noise = np.empty(n)
    previous = 0.0
    for i, shock in enumerate(shocks):
        previous = noise[i] = phi * previous + shock
    return noise


def _missing(site: truth.TrueSite, week: int) -> bool:
    return any(site.key == key and first <= week < first + length for key, first, length in truth.GAPS)


def _week_of(day: pd.Timestamp, days: pd.DatetimeIndex) -> int:
    return truth.FIRST_WEEK + (day - days[0]).days // 7


def _generator(*names: str) -> np.random.Generator:
    return np.random.default_rng([SEED, *(zlib.crc32(name.encode()) for name in names)])
