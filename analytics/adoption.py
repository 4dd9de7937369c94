"""Who adopted when, and in what other orders the same sites might have."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.imputation import Flags, Floats, Places, imputation_weights
from analytics.its import period_numbers
from analytics.panel import Panel
from analytics.results import NotComputable

_ROUNDING = 1e-9  # of a share of orders, below one order in any number of them


@dataclass(frozen=True, slots=True, eq=False)
class Adoption:
    """Sites with the place of their first treated period; observed (n_sites, n_periods), whole calendar."""

    panel: Panel
    sites: tuple[str, ...]
    starts: pd.DatetimeIndex  # of measured periods
    places: Places  # of those, on the whole calendar
    observed: Floats
    dates: Places  # n_periods = not treated within the data
    adopters: Flags  # those with a date and seen untreated
    never: Flags
    left_out: tuple[str, ...]

    @classmethod
    def of(
        cls, values: pd.DataFrame, adoption_dates: Mapping[str, dt.date | None], excluded: Collection[dt.date]
    ) -> Adoption:
        """Place the dates on the whole calendar, and leave out sites never seen untreated."""
        panel = Panel.of(values, None, excluded)
        unknown = {site for site, date in adoption_dates.items() if date is not None} - set(panel.sites)
        if unknown:
            raise ValueError(f"adopters without a column: {sorted(unknown)}")
        places = period_numbers(panel.periods)
        n_periods = int(places[-1]) + 1 if len(places) else 0
        observed = np.full((len(panel.sites), n_periods), np.nan)
        observed[:, places] = panel.observed
        given = [adoption_dates.get(site) for site in panel.sites]
        first_days = np.array(given, dtype="datetime64[D]")  # None comes after every date
        dates = np.append(places, n_periods)[np.searchsorted(panel.periods.to_numpy(), first_days)]
        untreated = ~np.isnan(observed) & (np.arange(n_periods) < dates[:, None])
        seen = untreated.any(axis=1)
        return cls(
            panel=panel,
            sites=tuple(np.array(panel.sites)[seen].tolist()),
            starts=panel.periods,
            places=places,
            observed=observed[seen],
            dates=dates[seen],
            adopters=np.array([date is not None for date in given])[seen],
            never=np.array([date is None for date in given])[seen],
            left_out=tuple(np.array(panel.sites)[~seen].tolist()),
        )

    @property
    def n_periods(self) -> int:
        """Periods of the whole calendar."""
        return int(self.observed.shape[1])

    @property
    def measured(self) -> Flags:
        """Which cells were measured."""
        return ~np.isnan(self.observed)

    @property
    def treated(self) -> Flags:
        """Which measured cells were treated."""
        return self.measured & (np.arange(self.n_periods) >= self.dates[:, None])

    def names(self, those: Flags) -> tuple[str, ...]:
        """Name some of the sites."""
        return tuple(np.array(self.sites)[those].tolist())

    def fault(self) -> NotComputable | None:
        """Find why there is no effect to estimate."""
        n_infinite = int(np.isinf(self.panel.observed).sum())
        if n_infinite:
            return NotComputable("infinite_values", {"found": n_infinite})
        if self.panel.constant() is not None:
            return self.panel.constant()
        if not self.treated.any():
            return NotComputable("no_adopter")
        if not imputation_weights(self.measured, self.dates[None])[1][0]:
            return NotComputable("nothing_untreated")
        return None

    def horizon(self) -> dt.date:
        """Find the last period with an untreated site."""
        place = int(np.flatnonzero((self.measured & ~self.treated).any(axis=0))[-1])
        date: dt.date = self.starts[self.places == place][0].date()
        return date

    def by_event_time(self, effects: Floats, reach: int) -> Floats:
        """Spread effects, one each period since adoption, over the treated cells; the last holds beyond the reach."""
        since = np.arange(self.n_periods) - self.dates[:, None]
        spread: Floats = np.where(self.treated, effects[np.clip(since, 0, reach)], 0.0)
        return spread


def order_fault(adoption: Adoption, alpha: float) -> NotComputable | None:
    """Find why other orders of adoption could not tell an effect from chance."""
    n_waves = len(set(adoption.dates[adoption.adopters].tolist()))
    if n_waves < 2:
        return NotComputable("one_wave")
    found, needed = n_distinct(adoption), math.ceil(1 / alpha - _ROUNDING)
    return NotComputable("too_few_orders", {"found": found, "needed": needed}) if found < needed else None


def n_distinct(adoption: Adoption) -> int:
    """Count the different ways to deal the adoption dates out to the adopters."""
    sizes = Counter(adoption.dates[adoption.adopters].tolist()).values()
    return math.factorial(sum(sizes)) // math.prod(math.factorial(size) for size in sizes)


def orders_of(adoption: Adoption, rng: np.random.Generator, n_orders: int) -> tuple[Places, bool]:
    """Other orders of adoption, the true one first: every distinct one, or a sample."""
    adopters = np.flatnonzero(adoption.adopters)
    all_orders = n_distinct(adoption) <= n_orders
    if all_orders:
        waves = [adopters[adoption.dates[adopters] == date] for date in np.unique(adoption.dates[adopters])]
        dealt = np.array(list(_dealt(adopters.tolist(), [len(wave) for wave in waves])))
        holders = np.concatenate(waves)
    else:
        dealt = rng.permuted(np.broadcast_to(adopters, (n_orders - 1, len(adopters))), axis=1)
        dealt = np.vstack([adopters, dealt])
        holders = adopters
    orders = np.tile(np.arange(len(adoption.sites)), (len(dealt), 1))
    orders[:, holders] = dealt
    return orders, all_orders


def _dealt(sites: Sequence[int], sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every way to deal sites out to waves of these sizes, wave by wave."""
    if not sizes:
        yield ()
        return
    for wave in itertools.combinations(sites, sizes[0]):
        left = [site for site in sites if site not in wave]
        for others in _dealt(left, sizes[1:]):
            yield wave + others
