"""Several sites, several dates, several experiments: compared with R and with published examples."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.adoption import Adoption
from analytics.did import comparison_effect
from analytics.event_time import EventWeights
from analytics.imputation import imputation_weights
from analytics.multiplicity import benjamini_hochberg
from analytics.pooling import pooled_effect
from analytics.results import NotComputable
from analytics.results_effects import ComparisonEffect
from tests.oracles.cases import Case, Check, Malformed, Report, leaves
from tests.oracles.columns import MONDAY, OUTCOME, TIME, is_switch

SITE = {"site", "unit", "id", "group", "region", "cluster", "state"}
ADOPTION = {"adopt", "adoption", "first_treated", "first.treat", "first_treat", "cohort", "g", "start", "wave_start"}
P_VALUES = {"p", "pvalue", "p_value", "pval", "p.value", "raw"}
ADJUSTED = {
    "bh": "benjamini_hochberg", "fdr": "benjamini_hochberg", "by": "benjamini_yekutieli", "holm": "holm",
    "bonferroni": "bonferroni", "raw": "raw",
}  # fmt: skip


def comparison_or_rollout(case: Case) -> Report:
    """Tell the two by the table: dates of their own for the sites, or one date for all."""
    keys = {key for key, _ in leaves(case.expected)}
    if any(re.match(r"simple_att|event_study|.*(imput|bjs|did2s|two_stage)", key) for key in keys):
        return _reported(case, _rollout(case))
    if any(re.match(r"did$|site_differences|.*perm|pooled|welch", key) for key in keys):
        return _reported(case, _comparison(case))
    return Report(case)


def adjusted(case: Case) -> Report:
    if not any(re.match(rf"({'|'.join(ADJUSTED)})\b|n_reject", key) for key, _ in leaves(case.expected)):
        return Report(case)
    data = case.table()
    column = next((name for name in data if name.lower() in P_VALUES), next(iter(data)))
    family = benjamini_hochberg(data[column])

    def found(key: str) -> Any:
        counted = re.fullmatch(r"n_reject(?:ed|ions)?_([a-z]+)(?:_(?:0\.)?(\d+))?", key)
        if counted and counted[1] in ADJUSTED:
            rate = float(f"0.{counted[2]}") if counted[2] else 0.05
            return int((getattr(family, ADJUSTED[counted[1]]) <= rate).sum())
        name = key.split(".")[-1].removeprefix("adjusted_").removeprefix("p_").lower()
        return getattr(family, ADJUSTED[name]) if name in ADJUSTED else None

    return _reported(case, found)


def pooled(case: Case) -> Report:
    data = {name.lower(): cells for name, cells in case.data.items()}
    estimates = next((data[name] for name in ("yi", "y", "estimate", "effect", "te") if name in data), None)
    errors = next((data[name] for name in ("sei", "se", "sete", "standard_error") if name in data), None)
    if errors is None:
        errors = next((np.sqrt(data[name]) for name in ("vi", "v", "variance") if name in data), None)
    if estimates is None or errors is None:
        return Report(case)
    effect = pooled_effect(estimates, errors, sites=[str(row) for row in range(len(estimates))])
    names = {
        "estimate": {"mu", "estimate", "beta", "b", "mean"}, "standard_error": {"se", "se_hk", "hk_se"},
        "lower": {"lower", "ci_lb", "ci_lower", "lo95"}, "upper": {"upper", "ci_ub", "ci_upper", "hi95"},
        "tau_squared": {"tau2", "tau_squared", "tau2_pm"}, "q": {"q", "qe"}, "q_p_value": {"qep", "q_p"},
        "p_value": {"p", "pval", "p_value"}, "plug_in_lower": {"pi_lb", "pi_lower"}, "plug_in_upper": {"pi_ub", "pi_upper"},
    }  # fmt: skip

    def found(key: str) -> Any:
        last = key.split(".")[-1].lower()
        return next((getattr(effect, name) for name, said in names.items() if last in said), None)

    return _reported(case, found)


def _reported(case: Case, found: Callable[[str], Any]) -> Report:
    checks, aside = [], []
    for key, expected in leaves(case.expected):
        value = found(key)
        if value is None:
            aside.append(key)
        else:
            checks.append(Check(key, value, expected))
    return Report(case, checks, aside)


def _comparison(case: Case) -> Callable[[str], Any]:
    table = _Table(case.table())
    effect = comparison_effect(
        table.wide, treated_sites=table.treated(), intervention_date=table.day(_start(case, table)),
        rng=np.random.default_rng(0),
    )  # fmt: skip
    if isinstance(effect, NotComputable):
        raise Malformed(f"{case.name}: {effect.code}")
    changes = [effect.site_changes[site] for site in table.wide.columns]

    def found(key: str) -> Any:
        *group, last = key.lower().split(".")
        if group and re.search(r"pooled|student|t_test", group[-1]):
            return _of_interval(
                last, effect.t, effect.degrees_of_freedom, effect.t_p_value, (effect.lower, effect.upper)
            )
        if group and "welch" in group[-1]:
            welch = effect.welch
            return welch and _of_interval(
                last, welch.t, welch.degrees_of_freedom, welch.p_value, (welch.lower, welch.upper)
            )
        if group and group[-1].startswith("site_diff"):
            return effect.site_changes.get(last)
        return _of_permutation(last, effect, changes, case.expected.get(key))

    return found


def _of_interval(key: str, t: float, degrees: float, p_value: float, interval: tuple[float, float]) -> Any:
    names = {
        "t": t, "df": degrees, "p": p_value, "p_value": p_value, "ci": list(interval),
        "lo95": interval[0], "hi95": interval[1], "lower": interval[0], "upper": interval[1],
    }  # fmt: skip
    return names.get(key)


def _of_permutation(key: str, effect: ComparisonEffect, changes: list[float], expected: Any) -> Any:
    if re.fullmatch(r"min\w*_p(_two_sided)?", key):
        # With groups of one size each difference has a mirror image; some count it as one assignment all the same.
        shares = (effect.smallest_p, 1 / effect.n_assignments)
        return min(shares, key=lambda share: abs(share - expected))
    names = {
        "did": effect.estimate, "estimate": effect.estimate, "att": effect.estimate, "se": effect.standard_error,
        "n_assignments": effect.n_assignments, "n_permutations": effect.n_assignments, "site_differences": changes,
        "perm_p_two_sided": effect.p_value, "perm_p": effect.p_value, "p_perm": effect.p_value,
        "permutation_p": effect.p_value,
    }  # fmt: skip
    return names.get(key)


def _rollout(case: Case) -> Callable[[str], Any]:
    table = _Table(case.table())
    adoption = Adoption.of(table.wide, table.adoption_dates(), ())
    universal = "universal" in case.text.lower()

    def found(key: str) -> Any:
        group, _, last = key.lower().rpartition(".")
        said = group or last
        if re.search(r"imput|bjs|did2s|two_stage", said):
            weights, _ = imputation_weights(adoption.measured, adoption.dates[None])
            return float((weights[0] * np.nan_to_num(adoption.observed)).sum())
        never = "never" in said
        if said.startswith("simple_att"):
            return _simple(_by_event_time(adoption, never=never))
        event = re.fullmatch(r"e?([+-]?\d+)", last)
        if said.startswith("event_study") and event:
            return _at(_by_event_time(adoption, never=never), int(event[1]), universal=universal)
        return None

    return found


def _by_event_time(adoption: Adoption, *, never: bool) -> Mapping[int, tuple[float, int]]:
    """Estimate and number of adopters, by periods since adoption, from the last period before."""
    reach = adoption.n_periods
    weighting = EventWeights(reach, 1, adoption.never if never else None)
    weights, n_sites = weighting.of_order(adoption.measured, adoption.dates)
    estimates = np.einsum("itk,it->k", weights, np.nan_to_num(adoption.observed))
    return {int(place) - reach: (float(estimates[place]), int(n_sites[place])) for place in np.flatnonzero(n_sites)}


def _simple(by_time: Mapping[int, tuple[float, int]]) -> float:
    after = [point for time, point in by_time.items() if time >= 0]
    return sum(estimate * n for estimate, n in after) / sum(n for _, n in after)


def _at(by_time: Mapping[int, tuple[float, int]], time: int, *, universal: bool) -> float | None:
    """Before adoption each period is compared with the one before it, unless one base is said to hold for all."""
    if time not in by_time or (time < 0 and not universal and time - 1 not in by_time):
        return None
    estimate = by_time[time][0]
    return estimate if time >= 0 or universal else estimate - by_time[time - 1][0]


class _Table:
    """A long table, one row a site and period, as one column a site."""

    def __init__(self, data: Mapping[str, np.ndarray]) -> None:
        self.data = {name.lower(): cells for name, cells in data.items()}
        self.site = self._named(SITE)
        self.time = self._named(TIME - SITE)
        outcomes = [name for name in self.data if name in OUTCOME] or [
            name for name in self.data if name not in (self.site, self.time) and not is_switch(self.data[name])
        ]
        self.sites = [_label(cell) for cell in self.data[self.site]]
        long = pd.DataFrame({"site": self.sites, "time": self.data[self.time], "y": self.data[outcomes[0]]})
        order = list(dict.fromkeys(self.sites))
        self.wide = long.pivot_table(index="time", columns="site", values="y", dropna=False)[order]
        self.times = self.wide.index.to_numpy()
        self.wide.index = pd.DatetimeIndex([pd.Timestamp(self.day(time)) for time in self.times])

    def day(self, time: float) -> dt.date:
        """Periods as days, so that one left out is a gap."""
        return (MONDAY + pd.Timedelta(days=int(time - self.times[0]))).date()

    def treated(self) -> list[str]:
        marks = self.data[self._named({"treated", "treat", "treatment", "d", "group", "intervention"} - {self.site})]
        return sorted({site for site, mark in zip(self.sites, marks, strict=True) if mark == 1})

    def switches(self) -> Iterator[float]:
        """First times at which a mark that changes within a site is on."""
        for name, cells in self.data.items():
            on = self.data[self.time][cells == 1] if is_switch(cells) and name != self.site else []
            if len(on) and min(on) > self.times[0]:
                yield float(min(on))

    def adoption_dates(self) -> dict[str, dt.date | None]:
        first = self.data[self._named(ADOPTION)]
        never = [not np.isfinite(time) or time <= 0 or time > self.times[-1] + 1e6 for time in first]
        return {
            site: None if left else self.day(time)
            for site, time, left in zip(self.sites, first, never, strict=True)
        }  # fmt: skip

    def _named(self, names: set[str]) -> str:
        found = [name for name in self.data if name in names]
        if not found:
            raise Malformed(f"none of {', '.join(sorted(names))}: {', '.join(self.data)}")
        return found[0]


def _label(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell % 1 == 0 else str(cell)


def _start(case: Case, table: _Table) -> float:
    """The first time of after: marked in the table, else said in words, else that of the differences given."""
    marked = next(table.switches(), None)
    if marked is not None:
        return marked
    said = re.search(r"(?:first|n_pre\D{0,3}|pre\D{0,3})(\d+)", f"{case.text} {dict(case.expected)}")
    if said:
        return float(table.times[int(said[1])])
    differences = case.expected.get("site_differences")
    if not isinstance(differences, list):
        return float(table.times[2 * len(table.times) // 3])
    values = table.wide.to_numpy()

    def apart(place: int) -> float:
        return float(np.abs(np.nanmean(values[place:], 0) - np.nanmean(values[:place], 0) - differences).sum())

    return float(table.times[min(range(1, len(values)), key=apart)])
