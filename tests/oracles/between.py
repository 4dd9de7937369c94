"""Funnels and components of variance against R and published tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from analytics.between_sites import MINIMUM_SITES, funnel, moment_tau, quantile_limits
from analytics.results import NotComputable
from analytics.results_between import Funnel, FunnelKind, Standing, Widening
from analytics.variance import variance_components
from tests.oracles.cases import Case, Check, Report, leaves

SIZES = {"n", "size", "cases", "denominator", "denom", "total", "patients", "trials", "admissions", "discharges"}
EXPOSURES = {"expected", "e", "exposure", "population", "pop", "person_years", "py", "days", "bed_days", "beddays"}
COUNTS = {"x", "y", "r", "events", "observed", "obs", "o", "count", "counts", "deaths", "d", "numerator", "num"}
SHARES = {"p", "rate", "share", "proportion", "value"}
GROUPS = {"site", "group", "batch", "subject", "id", "class", "sire", "operator", "lab", "cluster", "target", "unit"}
CENTRES = {"p0", "theta0", "target", "centre", "center", "mean", "overall", "lambda0", "rate0", "pbar", "ubar"}
TAILS = {"95": 0.025, "998": 0.001, "99.8": 0.001, "99_8": 0.001, "99": 0.005, "2sd": None, "3sd": None}
LIMIT = re.compile(r"(.*?)_?(lo|hi|low|high|lower|upper|ll|ul|lcl|ucl)_?(95|998|99[._]8|99)(.*)")


def report(case: Case) -> Report:
    """Tell the two by their columns: sites that count something, or values of groups."""
    data = {name.lower(): cells for name, cells in case.data.items()}
    sizes = next((data[name] for name in data if name in SIZES | EXPOSURES), None)
    counts = next((data[name] for name in data if name in COUNTS), None)
    shares = next((data[name] for name in data if name in SHARES), None)
    if sizes is not None and counts is None and shares is not None:
        counts = shares * sizes
    if sizes is not None and counts is not None:
        return _reported(case, _funnel(case, counts, sizes, rate=_is_rate(case, data)))
    grouped = _grouped(data)
    return Report(case) if grouped is None else _reported(case, _components(case, *grouped))


def _is_rate(case: Case, data: dict[str, np.ndarray]) -> bool:
    text = case.text.lower()
    return "poisson" in text or ("binomial" not in text and any(name in EXPOSURES for name in data))


def _funnel(case: Case, counts: np.ndarray, sizes: np.ndarray, *, rate: bool) -> Callable[[str, Any], Any]:
    kind = FunnelKind.RATE if rate else FunnelKind.SHARE
    names = [str(place) for place in range(1, len(counts) + 1)]
    told = [value for key, value in leaves(case.expected) if key.lower() in CENTRES and np.isscalar(value)]
    pooled = float(counts.sum() / sizes.sum())
    fixed = bool(told) and abs(told[0] - pooled) > abs(told[0] - round(told[0], 6)) and told[0] == round(told[0], 6)
    found = funnel(
        counts, sizes, sites=names, kind=kind, centre=float(told[0]) if fixed else pooled, widening=Widening.NONE
    )
    if isinstance(found, NotComputable):
        return lambda key, expected: found.code if key == "not_computable" else None

    def answer(key: str, expected: Any) -> Any:
        name = key.lower().split(".")[-1]
        limit = LIMIT.fullmatch(key.lower().replace(".lo", "_lo").replace(".hi", "_hi"))
        if limit:
            return _limit(found, limit, expected)
        if name.startswith("outside") or name.startswith("beyond"):
            inner = "95" in name
            return [row + 1 for row, at in enumerate(found.standings) if _beyond(at, inner=inner)]
        numbers = _numbers(found)
        return next((_nearest(values, expected) for names_, values in numbers if name in names_), None)

    return answer


def _numbers(found: Funnel) -> list[tuple[set[str], list[Any]]]:
    """What a name may stand for; where programs differ in what they call so, each of ours."""
    variances = _variances(found)
    taus = [moment_tau(phi, variances) ** 2 for phi in (found.phi_winsorised, found.phi)]
    return [
        (CENTRES, [found.centre]),
        ({"z", "zscore", "z_score", "naive_z"}, [found.z]),
        ({"phi_unwinsorised", "phi_raw", "phi_unwinsorized", "phi_naive"}, [found.phi]),
        ({"phi_winsorised", "phi_w", "phi_winsorized", "phi_10", "phi_wins"}, [found.phi_winsorised]),
        ({"phi", "dispersion", "overdispersion"}, [found.phi_winsorised, found.phi, len(found.z) * found.phi / (len(found.z) - 1)]),
        ({"tau2", "tau_squared", "tausq", "tau2_winsorised", "tau2_unwinsorised"}, taus),
        ({"tau", "tau_winsorised"}, [np.sqrt(tau) for tau in taus]),
        ({"q", "chi2", "chisq"}, [float((found.z**2).sum())]),
    ]  # fmt: skip


def _limit(found: Funnel, limit: re.Match[str], expected: Any) -> Any:
    before, side, level, after = limit.groups()
    words, tail = f"{before} {after}", TAILS[level]
    share = tail if side in {"lo", "low", "lower", "ll", "lcl"} else 1 - tail
    centre, sizes, variances = found.centre, found.sizes, _variances(found)
    exact = quantile_limits(found.kind, centre, sizes, share)
    if re.search(r"normal|approx|wald", words):
        exact = centre + special.ndtri(share) * np.sqrt(variances)
        if not re.search(r"od|over|phi|tau", words):
            return exact
    phis = [found.phi_winsorised, found.phi]
    if re.search(r"mult|phi", words):
        return _widened(centre, exact, share, variances, [np.sqrt(phi) * np.ones_like(sizes) for phi in phis], expected)
    if re.search(r"add|tau|od|over|random", words):
        taus = [moment_tau(phi, variances) for phi in phis]
        times = [np.sqrt(1 + tau**2 / variances) for tau in taus]
        if not re.search(r"add|tau|random", words):
            times += [np.sqrt(by) * np.ones_like(sizes) for phi in phis for by in (phi, max(1.0, phi))]
        return _widened(centre, exact, share, variances, times, expected)
    return _nearest([exact, np.clip(exact, 0, 1 if found.kind is FunnelKind.SHARE else np.inf)], expected)


def _widened(
    centre: float, exact: np.ndarray, share: float, variances: np.ndarray, times: list[np.ndarray], expected: Any
) -> Any:  # fmt: skip
    plain = special.ndtri(share) * np.sqrt(variances)
    return _nearest([centre + by * reach for by in times for reach in (exact - centre, plain)], expected)


def _variances(found: Funnel) -> np.ndarray:
    unit = found.centre * (1 - found.centre) if found.kind is FunnelKind.SHARE else found.centre
    return unit / found.sizes


def _beyond(at: Standing, *, inner: bool) -> bool:
    return at in (Standing.ABOVE, Standing.BELOW) or (inner and at is not Standing.INSIDE)


def _grouped(data: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray] | None:
    """Values and the group of each: a column of groups beside one of values, or a row a group."""
    named = [name for name in data if name in GROUPS or data[name].dtype.kind in "USO"]
    numbers = [name for name in data if data[name].dtype.kind == "f" and name not in named]
    if named and len(numbers) == 1:
        return data[numbers[0]], data[named[0]]
    if len(numbers) > 1 and (named or len(numbers) >= MINIMUM_SITES):
        wide = np.column_stack([data[name] for name in numbers])
        return wide.ravel(), np.repeat(np.arange(len(wide)), wide.shape[1])
    if len(numbers) == 2:
        first, second = (data[name] for name in numbers)
        repeats = len(np.unique(first)) < len(first)
        return (second, first) if repeats else (first, second)
    return None


def _components(case: Case, values: np.ndarray, groups: np.ndarray) -> Callable[[str, Any], Any]:
    found = variance_components(values, groups)
    if isinstance(found, NotComputable):
        return lambda key, expected: found.code if key == "not_computable" else None
    kept = np.isfinite(values)
    uneven = len(set(np.unique(groups[kept], return_counts=True)[1].tolist())) > 1
    reml = uneven and bool(re.search(r"reml|lme|lmer", case.text.lower()))
    names: list[tuple[set[str], Any]] = [
        ({"var_between", "between", "sigma2_between", "vara", "var_a", "between_variance"}, None if reml else found.between),
        ({"var_within", "within", "sigma2_within", "vare", "within_variance"}, None if reml else found.within),
        ({"sd_between", "tau"}, None if reml else np.sqrt(found.between)),
        ({"sd_within", "sigma"}, None if reml else np.sqrt(found.within)),
        ({"icc", "rho"}, None if reml else found.icc),
        ({"anova_var_between", "var_between_anova"}, found.between), ({"anova_var_within"}, found.within),
        ({"raw_var_between", "anova_var_between_raw"}, found.raw_between),
        ({"anova_icc", "icc_anova", "icc1", "icc_1", "icc11", "icc_1_1", "icc(1,1)", "icc_single"}, found.icc),
        ({"icc1k", "icc_1_k", "icck", "icc(1,k)", "icc2_mean", "icc_average", "icc_mean"}, found.icc_of_means),
        ({"ms_between", "msb", "bms", "msa"}, found.mean_square_between),
        ({"ms_within", "msw", "wms", "mse"}, found.mean_square_within),
        ({"f", "f_value", "fstat"}, found.f), ({"p", "p_value", "pvalue", "pr(>f)"}, found.p_value),
        ({"n0", "k0", "n_0", "k"}, found.n0), ({"df_between", "df1"}, found.n_sites - 1),
        ({"df_within", "df2"}, found.degrees_within),
        ({"icc_lower", "icc_lo95", "lower", "lo95", "ci_lower", "icc_lower95", "lbound"}, found.lower),
        ({"icc_upper", "icc_hi95", "upper", "hi95", "ci_upper", "icc_upper95", "ubound"}, found.upper),
        ({"ci", "ci95", "icc_ci", "icc_ci95"}, [found.lower, found.upper]),
    ]  # fmt: skip

    def answer(key: str, expected: Any) -> Any:
        plain = key.lower().replace(".", "_") if "(" not in key else key.lower()
        last = key.lower().split(".")[-1]
        whole = next((value for known, value in names if plain in known), None)
        return whole if whole is not None else next((value for known, value in names if last in known), None)

    return answer


def _nearest(candidates: list[Any], expected: Any) -> Any:
    wanted = np.asarray(expected, dtype=float)
    fitting = [one for one in candidates if np.shape(one) == wanted.shape]
    return min(fitting, key=lambda one: float(np.max(np.abs(np.asarray(one) - wanted), initial=0.0)), default=None)


def _reported(case: Case, found: Callable[[str, Any], Any]) -> Report:
    checks, aside = [], []
    for key, expected in leaves(case.expected):
        ours = found(key, expected)
        if ours is None:
            aside.append(key)
        else:
            checks.append(Check(key, ours, expected))
    return Report(case, checks, aside)
