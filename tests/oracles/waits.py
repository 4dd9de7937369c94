"""Waiting times with censoring against published Kaplan-Meier curves."""

from __future__ import annotations

import numpy as np

from analytics.results import NotComputable
from analytics.waiting import kaplan_meier
from tests.oracles.cases import Case, Check, Malformed, Report, leaves

TIMES = ("time", "times", "t", "duration", "durations", "weeks", "days", "months")
ENDED = ("status", "event", "events", "ended", "reached", "delta", "died", "relapse")
NAMES = {
    "surv": "waiting", "survival": "waiting", "s": "waiting", "km": "waiting", "std.err": "error", "se": "error",
    "std_err": "error", "n.risk": "at_risk", "n_risk": "at_risk", "at_risk": "at_risk", "n.event": "ended",
    "n_event": "ended", "time": "time", "times": "time", "lower": "lower", "upper": "upper", "lower95": "lower",
    "upper95": "upper",
}  # fmt: skip
WHOLE = {
    "n": "n", "events": "n_ended", "n_events": "n_ended", "median": "median", "median_lower": "lower",
    "median_upper": "upper", "0.95lcl": "lower", "0.95ucl": "upper",
}  # fmt: skip


def report(case: Case) -> Report:
    """The curve step by step, its errors and log-log bounds, and the median with its interval."""
    data = {name.lower(): column for name, column in case.table().items()}
    times = next((data[name] for name in TIMES if name in data), None)
    ended = next((data[name] for name in ENDED if name in data), None)
    if times is None or ended is None:
        raise Malformed(f"{case.name}: no column of times, or none that says which have ended")
    curve = kaplan_meier(times, np.asarray(ended) > 0)
    if isinstance(curve, NotComputable):
        return Report(case, [Check("curve", curve.code, "a curve")])
    checks, aside = [], []
    for key, value in leaves(case.expected):
        name = key.rpartition(".")[2].lower() if key.lower() not in {*NAMES, *WHOLE} else key.lower()
        if isinstance(value, list) and name in NAMES:
            checks.append(Check(key, [getattr(step, NAMES[name]) for step in curve.steps], value))
        elif name in WHOLE and not isinstance(value, list):
            checks.append(Check(key, getattr(curve, WHOLE[name]), value))
        else:
            aside.append(key)
    return Report(case, checks, aside)
