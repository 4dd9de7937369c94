"""The grain in which people look at a metric."""

from data import periods
from data.types import Grain, Metric


def chart_grain(metric: Metric) -> Grain:
    """Return the grain of a metric's charts."""
    return periods.chart_grain(metric.frequency)
