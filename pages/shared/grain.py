"""The grain in which people look at a metric."""

from data.types import Grain, Metric


def chart_grain(metric: Metric) -> Grain:
    """Return the grain of a metric's charts: days are charted by week."""
    return Grain.WEEK if metric.frequency is Grain.DAY else metric.frequency
