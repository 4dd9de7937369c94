"""Forecasts from a straight trend with AR(1) noise against R's arima: the product's fits at the likeliest phi."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy import optimize, special

from analytics.autoregression import fits_at
from analytics.forecast import Ahead, predictive_fits
from analytics.measured import Measured
from tests.oracles.cases import Case, Check, Malformed, Report, leaves
from tests.oracles.columns import daily, outcome_column, places, time_column


def report(case: Case) -> Report:
    """Coefficients, forecasts one after another, and the chance of passing a value, uncertainty of the fit left out."""
    if "pred" not in case.expected:
        return Report(case)
    data = case.table()
    time = next((data[name] for name in ("t", "time") if name in data), None)
    time = places(data) + 1.0 if time is None else time
    if time_column(data) is None:
        raise Malformed(f"{case.name}: no column rises")
    series = Measured.of(daily(places(data), data[outcome_column({k: v for k, v in data.items() if k != "t"})]))
    # Weeks instead of days: the case has no days of the week to tell apart.
    series = Measured(series.periods[0] + pd.to_timedelta(7 * series.places, unit="D"), series.observed, series.places)
    design = np.column_stack([np.ones(len(time)), time])
    n = len(time)

    def minus_log_likelihood(phi: float) -> float:
        fit = fits_at(series.observed[None], design, column=1, gaps=np.diff(series.places), phi=np.array([phi]))
        return n / 2 * np.log(fit.residual_sum[0, 0] / n) + (np.diff(series.places) > 0).sum() / 2 * np.log1p(
            -phi * phi
        )

    phi = optimize.minimize_scalar(
        minus_log_likelihood, bounds=(-0.95, 0.995), method="bounded", options={"xatol": 1e-10}
    ).x
    fit = fits_at(series.observed[None], design, column=1, gaps=np.diff(series.places), phi=np.array([phi]))
    level = fit.residual_sum[0, 0] / n
    ahead = np.arange(1, len(case.expected["pred"]) + 1)
    predicted = np.array([_at(series, int(h), phi) for h in ahead])
    errors = np.sqrt(level * (1 - phi ** (2 * ahead)))
    found = {
        "coef.ar1": phi, "coef.intercept": fit.coefficients[0, 0, 0], "coef.t": fit.coefficients[0, 1, 0],
        "coef.trend": fit.coefficients[0, 1, 0], "sigma2": level * (1 - phi**2),
        "loglik": -minus_log_likelihood(phi) - n / 2 * (1 + np.log(2 * np.pi)), "pred": predicted, "se": errors, "n": n,
    }  # fmt: skip
    checks, aside = [], []
    for key, value in leaves(case.expected):
        chance = re.fullmatch(r"prob_(gt|lt|ge|le)_(-?[\d.]+)_at_h(\d+)", key)
        if chance:
            place = int(chance[3]) - 1
            above = special.ndtr((predicted[place] - float(chance[2])) / errors[place])
            checks.append(Check(key, above if chance[1][0] == "g" else 1 - above, value))
        elif key in found:
            checks.append(Check(key, found[key], value))
        else:
            aside.append(key)
    return Report(case, checks, aside)


def _at(series: Measured, ahead: int, phi: float) -> float:
    """The product's forecast so many periods ahead, at one phi."""
    place = series.places[-1:] + ahead
    to_come = Ahead(series.periods[0] + pd.to_timedelta(7 * place, unit="D"), place)
    return float(series.observed[-1] - predictive_fits(series, to_come, phi=np.array([phi])).effect[0, 0])
