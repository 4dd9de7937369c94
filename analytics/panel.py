"""Several sites on one calendar, and what no method of several sites could do without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.results import NotComputable

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """The periods that count. observed, weights: shape (n_sites, n_periods), NaN = not measured; after: (n_periods,)."""

    sites: tuple[str, ...]
    periods: pd.DatetimeIndex
    observed: Floats
    weights: Floats | None
    after: Flags

    @classmethod
    def of(
        cls,
        values: pd.DataFrame,
        intervention_date: dt.date | None = None,
        excluded: Collection[dt.date] = (),
        weights: pd.DataFrame | None = None,
    ) -> Panel:
        """Take the periods that count. Raises ValueError for an index or weights that cannot be."""
        periods = values.index
        if not isinstance(periods, pd.DatetimeIndex):
            raise ValueError("values must be indexed by period start")
        if not (periods.is_monotonic_increasing and periods.is_unique):
            raise ValueError("periods must stand oldest first, each once")
        if not values.columns.is_unique:
            raise ValueError("each site must have one column")
        if weights is not None and not (weights.index.equals(periods) and weights.columns.equals(values.columns)):
            raise ValueError("weights and values must have the same periods and sites")
        kept = ~np.asarray(periods.isin(pd.DatetimeIndex(list(excluded))))
        observed = values.to_numpy(dtype=np.float64, na_value=np.nan).T[:, kept]
        denominators = None if weights is None else weights.to_numpy(dtype=np.float64, na_value=np.nan).T[:, kept]
        if denominators is not None:
            observed = np.where(denominators > 0, observed, np.nan)
        start = periods[-1] + pd.Timedelta(days=1) if intervention_date is None else pd.Timestamp(intervention_date)
        after = np.asarray(periods[kept] >= start)
        return cls(tuple(map(str, values.columns)), periods[kept], observed, denominators, after)

    def fault(self) -> NotComputable | None:
        """Find what no method could do without: finite values that vary, on both sides of the date."""
        n_infinite = int(np.isinf(self.observed).sum())
        if n_infinite:
            return NotComputable("infinite_values", {"found": n_infinite})
        measured = ~np.isnan(self.observed)
        if not measured[:, ~self.after].any():
            return NotComputable("too_few_before", {"found": 0, "needed": 1})
        if not measured[:, self.after].any():
            return NotComputable("too_few_after", {"found": 0, "needed": 1})
        return self.constant()

    def constant(self) -> NotComputable | None:
        """Tell that nothing varies, if so."""
        values = self.observed[~np.isnan(self.observed)]
        if len(values) and np.ptp(values) == 0:
            return NotComputable("constant", {"value": float(values[0])})
        return None
