"""Adopters beside sites not treated yet, each from its own base: weights of every cell by periods since adoption."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.imputation import Flags, Floats, Places

MINIMUM_BASE_PERIODS = 4  # with fewer, the base is mostly the luck of its last point


@dataclass(frozen=True, slots=True)
class EventWeights:
    """Weigh cells for the mean difference at each event time, `reach` periods either side of adoption (place `reach`)."""

    reach: int
    base_periods: int
    only: Flags | None  # sites to compare with; None = any not treated yet

    def __call__(self, measured: Flags, dates: Places) -> tuple[Floats, Flags]:
        """Give weights, shape (n_orders, n_sites, n_periods, n_event_times), and which event times there are."""
        weighed = [self.of_order(measured, order) for order in dates]
        return np.stack([weights for weights, _ in weighed]), np.stack([n_adopters > 0 for _, n_adopters in weighed])

    def of_order(self, measured: Flags, dates: Places) -> tuple[Floats, Places]:
        """Weigh the cells for one order; with how many adopters each event time averages."""
        n_periods = measured.shape[1]
        times = np.arange(n_periods)
        weights = np.zeros((*measured.shape, 2 * self.reach + 1))
        n_adopters = np.zeros(2 * self.reach + 1, dtype=np.intp)
        for site in np.flatnonzero(dates < n_periods):
            date = dates[site]
            base = measured & (times < date) & (times >= date - self.base_periods)
            n_base = base.sum(axis=1)
            if n_base[site] < min(self.base_periods, MINIMUM_BASE_PERIODS):
                continue
            beside = measured & (n_base > 0)[:, None] & (dates[:, None] > np.maximum(times, date - 1))
            if self.only is not None:
                beside &= self.only[:, None]
            beside[site] = False
            at = np.flatnonzero(measured[site] & beside.any(axis=0) & (np.abs(times - date) <= self.reach))
            difference = -(beside[:, at] / beside[:, at].sum(axis=0))
            difference[site] = 1.0
            event = at - date + self.reach
            weights[:, at, event] += difference
            first = max(0, date - self.base_periods)
            of_base = base[:, first:date] / np.maximum(n_base, 1)[:, None]
            weights[:, first:date, event] -= of_base[:, :, None] * difference[:, None, :]
            n_adopters[event] += 1
        return weights / np.maximum(n_adopters, 1), n_adopters
