"""Slopes and rank tests against R and published tables."""

from __future__ import annotations

from analytics.results import NotComputable
from analytics.trend import mann_kendall, theil_sen
from tests.oracles.cases import Case, Check, Report
from tests.oracles.columns import daily, outcome_column, places

SLOPES = {"sen_slope", "sen's slope", "slope"}
INTERVALS = {"sen_ci95_approx", "sen_ci95", "sen_ci"}
UNCORRECTED = ("", "modifiedmk_mkttest.", "mk.", "mann_kendall.")


def report(case: Case) -> Report:
    """The plain test and Sen's slope; corrected tests (Hamed-Rao, pre-whitened) are left aside, we have none."""
    data = case.table()
    series = daily(places(data), data[outcome_column(data)])
    ranks, line = mann_kendall(series), theil_sen(series)
    if isinstance(ranks, NotComputable) or isinstance(line, NotComputable):
        return Report(case, [Check("trend", "not computable", "a trend")])
    found = {
        "n": ranks.n, "s": ranks.score, "var_s": ranks.variance, "var(s)": ranks.variance, "z": ranks.z,
        "z-value": ranks.z, "p": ranks.p_value, "p-value": ranks.p_value, "p_value": ranks.p_value, "sl": ranks.p_value,
        "tau": ranks.tau, "kendall_tau_b": ranks.tau_b, "tau_b": ranks.tau_b, "intercept": line.intercept,
        **dict.fromkeys(SLOPES, line.slope), **{key: [line.lower, line.upper] for key in INTERVALS},
    }  # fmt: skip
    checks, aside = [], []
    for key, value in _plain(case):
        name = key.rpartition(".")[2].lower()
        if key[: len(key) - len(name)].lower() in UNCORRECTED and name in found:
            # Kendall's tau is written tau with and without its allowance for ties.
            ours = min(ranks.tau, ranks.tau_b, key=lambda tau: abs(tau - value)) if name == "tau" else found[name]
            checks.append(Check(key, ours, value))
        else:
            aside.append(key)
    return Report(case, checks, aside)


def _plain(case: Case):
    """Keys with dots between levels; a key of a corrected test is left aside whole."""
    for key, value in case.expected.items():
        if isinstance(value, dict):
            if f"{key.lower()}." in UNCORRECTED:
                yield from ((f"{key}.{inner}", found) for inner, found in value.items())
            else:
                yield f"{key}.", value
        else:
            yield key, value
