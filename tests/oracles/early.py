"""Readings before the end, and plans before the start: e-values, confidence sequences, power."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scipy import optimize

from analytics.confidence_sequence import Group, confidence_sequence
from analytics.e_value import PRIOR_SPREAD, EPath, e_path
from analytics.power_algebra import known_noise_errors, mean_difference_errors, t_multiple, t_power
from analytics.results_sequential import ConfidenceSequence
from tests.oracles.cases import Case, Check, Report
from tests.oracles.columns import outcome_column, places, switch_column

FINE_PHI = np.linspace(-0.5, 0.99, 2981)
NEVER = -1


def sequential(case: Case) -> Report:
    """E-values of one series, or two groups read at will; a case may hold several of either under their names."""
    checks, aside = [], []
    for name, expected in _models(case.expected):
        known = _groups(case, expected) if {"a", "b"} <= set(expected) else _e_values(case, name, expected)
        prefix = f"{name}." if name else ""
        for key, value in expected.items():
            if key in known:
                checks.append(Check(prefix + key, known[key], NEVER if value is None else value))
            elif not isinstance(value, Mapping):
                aside.append(prefix + key)
    return Report(case, checks, aside)


def power(case: Case) -> Report:
    """The t test's power, and what known AR(1) noise allows to see."""
    checks, aside = [], []
    for key, value in case.expected.items():
        rows = value if isinstance(value, list) else [value]
        if all(isinstance(row, Mapping) and {"phi", "n_pre", "n_post"} <= set(row) for row in rows):
            for place, row in enumerate(rows, start=1):
                found = _known_noise(row)
                checks += [Check(f"{key}[{place}].{name}", found[name], row[name]) for name in row if name in found]
                aside += [f"{key}[{place}].{name}" for name in row if name not in found and name not in _GIVEN]
        elif (found_power := _t_test(key)) is not None:
            checks.append(Check(key, found_power, value))
        else:
            aside.append(key)
    return Report(case, checks, aside)


_GIVEN = {"phi", "n_pre", "n_post", "trend", "alpha"}


def _models(expected: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The case itself, and what stands in it under names, but for the groups of a comparison."""
    yield "", expected
    for name, value in expected.items():
        if isinstance(value, Mapping) and name not in {"a", "b"}:
            for within, model in _models(value):
                yield f"{name}.{within}" if within else name, {**_settings(expected), **model}


def _settings(expected: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: expected[key] for key in ("c", "tuning", "alpha", "phi") if key in expected}


def _e_values(case: Case, name: str, expected: Mapping[str, Any]) -> dict[str, Any]:
    if not any(re.search("e_?value|cross|always_valid", key) for key in expected):
        return {}
    data = case.table()
    outcome = data[outcome_column(data)]
    kept = ~np.isnan(outcome)
    change = (data[switch_column(data)][kept] == 1).astype(float)[:, None]
    first = int(np.flatnonzero(change)[0])
    path = e_path(
        outcome[kept], np.ones((int(kept.sum()), 1)), change, places=places(data)[kept], first=first,
        phi=_phi(f"{name} {case.name} {case.text}", expected), spread=float(expected.get("c", PRIOR_SPREAD)),
    )  # fmt: skip
    return {key: found for key in expected if (found := _of_path(key, expected[key], path, first)) is not None}


def _phi(text: str, expected: Mapping[str, Any]) -> np.ndarray:
    """The phi that a case takes as known, else a fine grid."""
    if isinstance(known := expected.get("phi"), int | float):
        return np.array([float(known)])
    if re.search(r"\biid\b|_iid", text):
        return np.zeros(1)
    named = re.search(r"phi ?= ?(-?\d*\.?\d+)|phi_?known_?(-?\d*\.?\d+)", text)
    if re.search(r"integrated|averaged", text):
        return FINE_PHI
    if named:
        return np.array([float(named[1] or named[2])])
    if short := re.search(r"phi_?(0\d+)\b", text):
        return np.array([_effect(short[1])])
    return FINE_PHI


def _of_path(key: str, value: Any, path: EPath, first: int) -> Any:
    running = np.maximum.accumulate(path.e_values)
    series: np.ndarray | None = None
    if re.match("first_n_cross|n_cross|first_cross", key):
        line = float(re.findall(r"\d+\.?\d*", key)[-1]) if re.search(r"\d", key) else 20.0
        above = np.flatnonzero(path.e_values >= line)
        return first + 1 + int(above[0]) if len(above) else NEVER
    if "always_valid" in key:
        series = np.minimum(1, 1 / running)
    elif re.match("running|max_e|e_max", key):
        series = running
    elif re.match("log_?e", key):
        series = np.log(path.e_values)
    elif re.match("e_?val|e_final|e_last|e$", key):
        series = path.e_values
    if series is None:
        return None
    asked = re.search(r"_n(\d+)(?:_to_(\d+))?$", key)
    if asked:
        begin = int(asked[1]) - 1 - first
        series = series[begin : int(asked[2]) - first] if asked[2] else series[begin : begin + 1]
    return series if isinstance(value, list) else float(series[-1])


def _groups(case: Case, expected: Mapping[str, Any]) -> dict[str, Any]:
    words = " ".join([case.text, str(expected.get("difference_type", expected.get("difference", "")))])
    relative = bool(expected.get("relative", not re.search("absolute", words)))
    found = confidence_sequence(
        _group(expected["a"]), _group(expected["b"]), relative=relative,
        confidence=1 - float(expected.get("alpha", 0.05)),
        **({"tuned_for": expected["tuning"]} if "tuning" in expected else {}),
    )  # fmt: skip
    assert isinstance(found, ConfidenceSequence)
    said = {
        "expected": found.estimate, "estimate": found.estimate, "ci": [found.lower, found.upper],
        "lower": found.lower, "upper": found.upper, "se": found.standard_error, "p": found.p_value,
        "p_value": found.p_value,
    }  # fmt: skip
    return {key: value for key, value in said.items() if key in expected}


def _group(told: Mapping[str, Any]) -> Group:
    n = int(told["n"])
    squares = next((told[key] for key in ("sum_squares", "sum_of_squares", "sumsq") if key in told), None)
    if squares is not None:
        return Group.of_sums(n, float(told["sum"]), float(squares))
    if "mean" in told:
        return Group(n, float(told["mean"]), float(told.get("variance", told.get("sd", 0) ** 2)))
    return Group.of_share(n, int(told["sum"]))


def _known_noise(row: Mapping[str, Any]) -> dict[str, float]:
    n_before, n_after = int(row["n_pre"]), int(row["n_post"])
    periods, phi = np.arange(n_before + n_after), np.array([float(row["phi"])])
    step = periods >= n_before
    columns = {False: [np.ones(len(periods)), step.astype(float)]}
    columns[True] = [*columns[False], periods - periods.mean()]
    errors = {
        trend: known_noise_errors(np.column_stack(columns[trend]), places=periods, phi=phi)[0] for trend in columns
    }
    plain = mean_difference_errors(step, places=periods, phi=phi)[0]
    own = errors[bool(row.get("trend", False))]
    found = {"ols_diff": plain, "ols": plain, "gls": own, "gls_se": own, "se_gls": own, "gls_trend": errors[True]}
    for name in row:
        said = re.fullmatch(r"mde_(\d+)_(ols|gls)(_trend)?(?:_diff)?(?:_in_sd)?", name)
        if said:
            multiple = t_multiple(np.inf, float(row.get("alpha", 0.05)), int(said[1]) / 100)
            found[name] = multiple * (plain if said[2] == "ols" else errors[True] if said[3] else own)
    return found


def _t_test(key: str) -> float | None:
    """The power of n in each of two groups, or n for a power, at an effect of d standard deviations; alpha 5 %."""
    if said := re.fullmatch(r"t_test_n(\d+)_d([\d.]+)", key):
        n = int(said[1])
        return t_power(_effect(said[2]) * np.sqrt(n / 2), 2 * n - 2, 0.05)
    if said := re.fullmatch(r"t_test_n_for_(\d+)_d([\d.]+)", key):
        d, wanted = _effect(said[2]), int(said[1]) / 100

        def short(n: float) -> float:
            return t_power(d * np.sqrt(n / 2), 2 * n - 2, 0.05) - wanted

        enough = 4.0
        while short(enough) < 0:
            enough *= 2
        return float(optimize.brentq(short, 2, enough, xtol=1e-10))
    return None


def _effect(written: str) -> float:
    """A key has no point: d05 is 0.5, d025 is 0.25, d1 is 1."""
    return float(f"0.{written[1:]}") if re.fullmatch(r"0\d+", written) else float(written)
