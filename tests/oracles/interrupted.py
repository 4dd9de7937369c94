"""Before and after on one series: the phi-integrated kernel, and its fits at one phi, against R."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import optimize, special

from analytics.autoregression import Fits, Mixture, fits_at, integrated_effects
from analytics.its import MINIMUM_AFTER, MINIMUM_BEFORE, single_site_effect
from analytics.results import SiteEffect
from tests.oracles.cases import Case, Check, Report
from tests.oracles.columns import daily, outcome_column, places, season_columns, switch_column, time_column

INTEGRATED = {"estimate_mean", "lo95", "hi95"}
FINE_PHI = np.linspace(-0.5, 0.99, 2981)


def report(case: Case) -> Report:
    """A case is one model, or several under their names."""
    models = {key: value for key, value in case.expected.items() if isinstance(value, Mapping)}
    checks, aside = [], []
    for name, expected in (models or {"": case.expected}).items():
        answer = _integrated if set(expected) >= INTEGRATED else _restricted
        found = answer(case, name, expected)
        checks += [check for check in found if check.found is not None]
        aside += [check.key for check in found if check.found is None]
    return Report(case, checks, aside)


def _integrated(case: Case, name: str, expected: Mapping[str, Any]) -> list[Check]:
    series = _Model(case, name)
    effects = integrated_effects(series.observed[None], series.design, column=1, places=series.places)
    mixture = Mixture.of(series.fits())
    fine = series.fits(FINE_PHI)
    found = {
        "estimate_mean": effects.estimate[0],
        "median": mixture.quantile(0.5)[0],
        "lo95": effects.lower[0],
        "hi95": effects.upper[0],
        "p_two_sided": effects.p_value[0],
        "phi_mean": effects.phi[0],
        "phi_mode": FINE_PHI[np.argmax(fine.log_likelihood[:, 0])],
        "n": len(series.observed),
        "k": series.design.shape[1],
    }
    width = expected["hi95"] - expected["lo95"]
    in_unit = {"estimate_mean", "median", "lo95", "hi95"}
    prefix = f"{name}." if name else ""
    checks = [
        Check(prefix + key, found.get(key), value, width if key in in_unit else None) for key, value in expected.items()
    ]
    return checks + _public(series, prefix, expected, width)


def _public(series: _Model, prefix: str, expected: Mapping[str, Any], width: float) -> list[Check]:
    """The same through the function people's effects come from, where it has these terms and enough points."""
    after = series.after
    if "month" in series.terms or (~after).sum() < MINIMUM_BEFORE or after.sum() < MINIMUM_AFTER:
        return []
    values = daily(series.places, series.observed)
    effect = single_site_effect(
        values,
        intervention_date=values.index[series.places[after][0]].date(),
        trend="trend" in series.terms,
        weekday="weekday" in series.terms,
    )
    if not isinstance(effect, SiteEffect):
        return [Check(f"{prefix}single_site_effect", effect.code, "an effect")]
    found = {"estimate_mean": effect.estimate, "lo95": effect.lower, "hi95": effect.upper}
    return [Check(f"{prefix}single_site_effect.{key}", found[key], expected[key], width) for key in found]


def _restricted(case: Case, name: str, expected: Mapping[str, Any]) -> list[Check]:
    """What restricted likelihood at its best phi says, and plain least squares: the kernel's fits at one phi."""
    series = _Model(case, name)
    best = optimize.minimize_scalar(
        lambda phi: -series.fits(np.array([phi])).log_likelihood[0, 0], bounds=(-0.9, 0.999), method="bounded",
        options={"xatol": 1e-9},
    ).x  # fmt: skip
    fit, plain = series.fits(np.array([best])), series.fits(np.zeros(1))
    effect, error, degrees = fit.effect[0, 0], fit.standard_error[0, 0], fit.degrees_of_freedom
    column = series.switch
    found = {
        "post": effect, "se": error, "phi": best, "df": degrees,
        "sigma": np.sqrt(fit.residual_sum[0, 0] / degrees),
        "p_t": 2 * special.stdtr(degrees, -abs(effect / error)),
        f"gls_reml_{column}": effect, "gls_reml_se": error, "gls_reml_phi": best,
        f"ols_{column}": plain.effect[0, 0], "ols_se": plain.standard_error[0, 0],
        "percent_change_gls": 100 * np.expm1(effect),
        "logLik_reml": _nlme_log_likelihood(series, fit),
        "n": len(series.observed), "k": series.design.shape[1],
    }  # fmt: skip
    prefix = f"{name}." if name else ""
    if not set(found) & (set(expected) - {"n", "k"}):
        return [Check(prefix + key, None, value) for key, value in expected.items()]
    return [Check(prefix + key, found.get(key), value) for key, value in expected.items()]


def _nlme_log_likelihood(series: _Model, fit: Fits) -> float:
    """The constants that nlme::gls adds to the restricted log likelihood."""
    degrees = fit.degrees_of_freedom
    constants = degrees / 2 * (np.log(degrees) - 1 - np.log(2 * np.pi))
    return fit.log_likelihood[0, 0] + constants - np.linalg.slogdet(series.design.T @ series.design)[1] / 2


class _Model:
    """A table as outcome, terms and places; which terms is said by the model's name, else by the case's words."""

    def __init__(self, case: Case, name: str) -> None:
        data = case.table()
        self.switch = switch_column(data)
        outcome = data[outcome_column(data)]
        kept = ~np.isnan(outcome)
        self.observed, self.places = outcome[kept], places(data)[kept]
        self.after = data[self.switch][kept] == 1
        self.terms = _terms(name, case, data)
        columns = [np.ones(len(self.places)), self.after.astype(float)]
        if "trend" in self.terms:
            columns.append(self.places - self.places.mean())
        for term, length in (("weekday", 7), ("month", 12), ("quarter", 4)):
            for season in season_columns(data, length) if term in self.terms else ():
                cells = data[season][kept]
                columns += [(cells == value).astype(float) for value in np.unique(cells)[1:]]
        self.design = np.column_stack(columns)

    def fits(self, phi: np.ndarray | None = None):
        chosen = {} if phi is None else {"phi": phi}
        return fits_at(self.observed[None], self.design, column=1, gaps=np.diff(self.places), **chosen)


WORDS = {"trend": "trend|linear|slope", "weekday": "dow|weekday|day.of.week", "month": "month", "quarter": "quarter"}


def _terms(name: str, case: Case, data: Mapping[str, np.ndarray]) -> set[str]:
    for words in (name, case.text if re.search(r"model|\+", case.text) else ""):
        if words:
            return {term for term, pattern in WORDS.items() if re.search(pattern, words, re.IGNORECASE)}
    # A flat case that says nothing: every season the table has, and the trend if it has a time.
    seasons = {term for term, length in (("weekday", 7), ("month", 12), ("quarter", 4)) if season_columns(data, length)}
    return seasons | ({"trend"} if time_column(data) else set())
