"""An effect as a script of its own: the data, and the method on numpy alone, so that anyone can repeat the number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.adoption import Adoption
from analytics.autoregression import PHI_GRID
from analytics.did import ALL_ASSIGNMENTS
from analytics.its import period_numbers
from analytics.panel import Panel
from analytics.results import SiteEffect
from analytics.results_effects import ComparisonEffect, RolloutEffect
from analytics.script_bodies import COMPARISON, REPORT, ROLLOUT, SINGLE_SITE
from analytics.staggered import ORDERS

_HEAD = '''"""{title}

Run it with Python 3.9 or newer and numpy: python this_file.py
It repeats the estimate, its interval and its p value from the data below, and compares them with what the app showed.
None = not measured.
"""

import itertools
import math

import numpy as np
'''


@dataclass(frozen=True, slots=True, eq=False)
class SingleSiteInputs:
    """What `single_site_effect` was given; the terms, the scale and the confidence stand in its result."""

    values: pd.Series
    intervention_date: dt.date
    excluded: Collection[dt.date] = ()
    weights: pd.Series | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonInputs:
    """What `comparison_effect` was given; seed: of the generator that was its rng."""

    values: pd.DataFrame
    intervention_date: dt.date
    seed: int
    excluded: Collection[dt.date] = ()
    weights: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RolloutInputs:
    """What `rollout_effect` was given; seed: of the generator that was its rng."""

    values: pd.DataFrame
    adoption_dates: Mapping[str, dt.date | None]
    seed: int
    excluded: Collection[dt.date] = ()
    n_orders: int = ORDERS


def script(
    inputs: SingleSiteInputs | ComparisonInputs | RolloutInputs, effect: SiteEffect | ComparisonEffect | RolloutEffect
) -> str:
    """Write the script that repeats an effect from its data.

    inputs: what the effect was computed from, of the kind that goes with it.
    Returns Python text that needs numpy alone, prints the figures beside the app's, and exits 0 if they are the same.
    Raises ValueError if inputs and effect do not belong together.

    >>> weeks = pd.date_range("2026-01-05", periods=30, freq="7D")
    >>> late = pd.Series([9.0, 8.0, 9.5] * 10, weeks)
    >>> from analytics.its import single_site_effect
    >>> effect = single_site_effect(late, intervention_date=dt.date(2026, 5, 4), trend=False)
    >>> print(script(SingleSiteInputs(late, dt.date(2026, 5, 4)), effect).splitlines()[0])
    \"""A change at one site: its level before and after, neighbouring points allowed to resemble each other.
    """
    match inputs, effect:
        case SingleSiteInputs(), SiteEffect():
            title = (
                "A change at one site: its level before and after, neighbouring points allowed to resemble each other."
            )
            return _written(title, _single_site(inputs, effect), SINGLE_SITE, effect)
        case ComparisonInputs(), ComparisonEffect():
            title = "A change at some sites: how much more they changed than the other sites."
            return _written(title, _comparison(inputs, effect), COMPARISON, effect)
        case RolloutInputs(), RolloutEffect():
            title = "A practice that sites adopted one after another: its mean effect since adoption."
            return _written(title, _rollout(inputs, effect), ROLLOUT, effect)
        case _:
            raise ValueError("these inputs are not those of such an effect")


def _written(
    title: str, data: Mapping[str, object], body: str, effect: SiteEffect | ComparisonEffect | RolloutEffect
) -> str:
    shown = {
        "CONFIDENCE": effect.confidence,
        "THE_APP": {name: getattr(effect, name) for name in ("estimate", "lower", "upper", "p_value")},
    }
    # repr, not str: whatever stands in a site's name stays a string.
    lines = [f"{name} = {cells!r}" for name, cells in {**data, **shown}.items()]
    return "\n".join([_HEAD.format(title=title), *lines]) + "\n" + body + REPORT


def _single_site(inputs: SingleSiteInputs, effect: SiteEffect) -> dict[str, object]:
    values = inputs.values.astype(np.float64)  # noqa: PD011 - a field of ours
    weights = pd.Series(1.0, values.index) if inputs.weights is None else inputs.weights.astype(float)
    periods = pd.DatetimeIndex(values.index)
    kept = np.asarray(values.notna() & (weights > 0)) & ~np.asarray(
        periods.isin(pd.DatetimeIndex(list(inputs.excluded)))
    )
    return {
        "PERIODS": [stamp.date().isoformat() for stamp in periods[kept]],
        "PLACES": period_numbers(periods)[kept].tolist(),
        "WEEKDAYS": periods[kept].day_of_week.tolist(),
        "VALUES": values[kept].tolist(),
        "WEIGHTS": weights[kept].tolist(),
        "WEIGHTED": inputs.weights is not None,
        "AFTER": (periods[kept] >= pd.Timestamp(inputs.intervention_date)).tolist(),
        "TERMS": list(effect.terms),
        "SCALE": effect.scale,
        "PHI": PHI_GRID.tolist(),
    }


def _comparison(inputs: ComparisonInputs, effect: ComparisonEffect) -> dict[str, object]:
    panel = Panel.of(inputs.values, inputs.intervention_date, inputs.excluded, inputs.weights)
    counted = [place for place, site in enumerate(panel.sites) if site in effect.site_changes]
    weights = np.ones_like(panel.observed) if panel.weights is None else panel.weights
    return {
        "PERIODS": [stamp.date().isoformat() for stamp in panel.periods],
        "VALUES": _by_site(panel.sites, panel.observed, counted),
        "WEIGHTS": _by_site(panel.sites, weights, counted),
        "TREATED": [panel.sites[place] in effect.treated_sites for place in counted],
        "AFTER": panel.after.tolist(),
        "MOST_ASSIGNMENTS": ALL_ASSIGNMENTS,
        "SEED": inputs.seed,
    }


def _rollout(inputs: RolloutInputs, effect: RolloutEffect) -> dict[str, object]:
    adoption = Adoption.of(inputs.values, inputs.adoption_dates, inputs.excluded)
    starts = dict(zip(adoption.places.tolist(), adoption.starts, strict=True))
    return {
        # The whole calendar; a period that the data do not have is None throughout.
        "PERIODS": [
            starts[place].date().isoformat() if place in starts else None for place in range(adoption.n_periods)
        ],
        "VALUES": _by_site(adoption.sites, adoption.observed, range(len(adoption.sites))),
        "FIRST_TREATED": adoption.dates.tolist(),
        "ADOPTERS": np.flatnonzero(adoption.adopters).tolist(),
        "DRAWN_BY_LOT": effect.drawn_by_lot,
        "MOST_ORDERS": inputs.n_orders,
        "SEED": inputs.seed,
    }


def _by_site(
    sites: Sequence[str], cells: npt.NDArray[np.float64], places: Collection[int]
) -> dict[str, list[float | None]]:
    return {sites[place]: [None if np.isnan(cell) else float(cell) for cell in cells[place]] for place in places}
