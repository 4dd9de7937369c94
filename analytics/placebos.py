"""What the same method finds where nothing was done: false starts of one site, and sites that were not treated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analytics.did import MINIMUM_COMPARISON_SITES, comparison_effect
from analytics.its import MINIMUM_AFTER, MINIMUM_BEFORE, single_site_effect
from analytics.results import NotComputable, SiteEffect
from analytics.results_effects import ComparisonEffect, Placebos

MINIMUM_PLACEBOS = 5  # with fewer, one alarm more or less says nothing
MOST_STARTS = 40


def placebo_starts(
    values: pd.Series,
    *,
    intervention_date: dt.date,
    true_estimate: float,
    confidence: float = 0.95,
    weights: pd.Series | None = None,
    **options: Any,
) -> Placebos | NotComputable:
    """Look for effects at false starts, in the data before the true start only.

    values, confidence, weights, options: as for `single_site_effect`. Every start with enough points on both sides, evenly
        thinned to MOST_STARTS. They share their data, so alarms come in clusters; many of them tell that the method
        does not suit the series.
    true_estimate: of the same series; how many false starts have one as large.
    Returns NotComputable "too_few_placebos".
    """
    before = values[values.index < pd.Timestamp(intervention_date)]
    cases = None if weights is None else weights.loc[before.index]
    measured = pd.DatetimeIndex(before.dropna().index)
    starts = measured[MINIMUM_BEFORE : len(measured) - MINIMUM_AFTER + 1]
    if len(starts) > MOST_STARTS:
        starts = starts[np.linspace(0, len(starts) - 1, MOST_STARTS).astype(np.intp)]
    dates = [start.date() for start in starts]
    found = [
        single_site_effect(before, intervention_date=date, confidence=confidence, weights=cases, **options)
        for date in dates
    ]
    names = [date.isoformat() for date in dates]
    return _placebos("starts", names, found, true_estimate, 1 - confidence)


def placebo_sites(
    values: pd.DataFrame,
    *,
    treated_sites: Collection[str],
    intervention_date: dt.date,
    true_estimate: float,
    rng: np.random.Generator,
    confidence: float = 0.95,
    **options: Any,
) -> Placebos | NotComputable:
    """Take each comparison site for a treated one, beside the others; the treated sites are left out.

    values, confidence, rng, options: as for `comparison_effect`; true_estimate: of the true treated sites.
    Returns NotComputable "too_few_placebos".
    """
    others = values.drop(columns=[site for site in values.columns if site in treated_sites])
    if len(others.columns) <= MINIMUM_COMPARISON_SITES:
        return NotComputable("too_few_placebos", {"found": 0, "needed": MINIMUM_PLACEBOS})
    names = list(map(str, others.columns))
    found = [
        comparison_effect(
            others,
            treated_sites=[name],
            intervention_date=intervention_date,
            rng=rng,
            confidence=confidence,
            **options,
        )
        for name in names
    ]
    return _placebos("sites", names, found, true_estimate, 1 - confidence)


def _placebos(
    kind: str,
    names: Sequence[str],
    found: Sequence[SiteEffect | ComparisonEffect | NotComputable],
    true_estimate: float,
    alpha: float,
) -> Placebos | NotComputable:
    known = [(name, effect) for name, effect in zip(names, found, strict=True) if not isinstance(effect, NotComputable)]
    if len(known) < MINIMUM_PLACEBOS:
        return NotComputable("too_few_placebos", {"found": len(known), "needed": MINIMUM_PLACEBOS})
    # The p value that belongs to the interval shown, so that an alarm is an interval beside zero.
    p_values = [effect.t_p_value if isinstance(effect, ComparisonEffect) else effect.p_value for _, effect in known]
    estimates = [effect.estimate for _, effect in known]
    return Placebos(
        kind=kind,
        names=tuple(name for name, _ in known),
        estimates=tuple(estimates),
        p_values=tuple(p_values),
        n_alarms=sum(p_value < alpha for p_value in p_values),
        expected_alarms=alpha * len(known),
        n_as_large=sum(abs(estimate) >= abs(true_estimate) for estimate in estimates),
        alpha=alpha,
    )
