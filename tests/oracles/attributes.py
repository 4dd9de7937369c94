"""Charts of counts (p, u, c, np), of rare events (g, t) and run charts, compared with textbook tables and with R."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.results import Direction, NotComputable
from analytics.results_charts import AttributeChart, ChartKind, LimitsForm, RareEventChart, RunChart
from analytics.spc import c_chart, g_chart, p_chart, run_chart, t_chart, u_chart
from tests.oracles.cases import Case, Check, Malformed, Report, leaves
from tests.oracles.columns import PHASE, daily, outcome_column, places, time_column

CENTRES = {"cl", "centre", "center", "mean", "bar", "centre_line", "center_line"}
UPPER = {"ucl", "upper", "upper_limit", "upl"}
LOWER = {"lcl", "lower", "lower_limit", "lpl"}
RUN_KEYS = {"longest_run", "longest_run_max", "n_crossings", "n_crossings_min", "n_useful"}
COUNTS = {
    "count", "counts", "events", "defects", "nonconforming", "defective", "numerator", "d", "x", "y", "errors", "cases",
}  # fmt: skip
Chart = AttributeChart | RareEventChart


def report(case: Case) -> Report:
    kind = _kind(case)
    if kind is None:
        return Report(case)
    return _runs(case) if kind == "run" else _limits(case, kind)


def _kind(case: Case) -> str | None:
    """p, u, c, np, g, t or run: by its keys, else by its words where limits are given."""
    keys = {_plain(key) for key, _ in leaves(case.expected)}
    if keys & RUN_KEYS:
        return "run"
    named = [kind for kind in ("np", "p", "u", "c", "g", "t") if keys & {f"{kind}bar", f"{kind}_bar"}]
    if named:
        return named[0]
    said = re.search(r"\b(np|[pucgt])['′]?[ _-]?(?:chart|prime)", case.text.lower().replace("_", " "))
    return said[1] if said and keys & UPPER else None


def _runs(case: Case) -> Report:
    data = case.table()
    rows = places(data)
    series = daily(rows, data[outcome_column(data)])
    days = [stamp.date() for stamp in series.index]
    until, left_out = _baseline(case)
    chart = run_chart(
        series,
        direction=Direction.UP,
        steps=_steps(case, days, rows),
        baseline_until=None if until is None else days[rows[until - 1]],
        excluded=[days[rows[row - 1]] for row in left_out],
    )
    if not isinstance(chart, RunChart):
        return Report(case, [Check("chart", chart.code, "a chart")])
    phase = chart.latest
    numbers = {
        "cl": phase.median, "median": phase.median, "centre": phase.median, "center": phase.median,
        "n_useful": phase.n_useful, "n_obs": phase.n_points, "longest_run": phase.longest_run,
        "longest_run_max": phase.longest_run_limit, "n_crossings": phase.n_crossings,
        "n_crossings_min": phase.fewest_crossings, "signal": phase.signal, "runs_signal": phase.signal,
        "long_run": phase.long_run, "few_crossings": phase.few_crossings,
    }  # fmt: skip
    return _compared(case, numbers)


def _limits(case: Case, kind: str) -> Report:
    chart = _chart(case, kind, first=None, all_points=False)
    if isinstance(chart, NotComputable):
        return Report(case, [Check("chart", chart.code, "a chart")])
    rows = places(case.table())
    numbers: dict[str, Any] = {}
    for key, expected in leaves(case.expected):
        plain = _plain(key)
        whole = re.fullmatch(rf"all_(\d+)_({kind})_?bar", plain)
        if whole:
            every = _chart(case, kind, first=int(whole[1]), all_points=True)
            numbers[key] = every.latest.mean if not isinstance(every, NotComputable) else None
        elif plain in CENTRES | {f"{kind}bar", f"{kind}_bar"}:
            numbers[key] = _centre(chart, plain, case)
        elif plain in UPPER | LOWER:
            numbers[key] = _line(chart, expected, rows, upper=plain in UPPER)
        elif plain in {"sigma_z", "sigmaz"}:
            numbers[key] = getattr(chart.latest, "sigma_z", None)
        elif plain.startswith("outside"):
            numbers[key] = _outside(chart, rows, plain)
    return _compared(case, numbers)


def _chart(case: Case, kind: str, *, first: int | None, all_points: bool) -> Chart | NotComputable:
    data = {name: cells[:first] for name, cells in case.table().items()}
    rows = places(data)
    counts, denominators = _columns(data, kind)
    series = daily(rows, counts)
    days = [stamp.date() for stamp in series.index]
    until, left_out = (None, []) if all_points else _baseline(case)
    chosen = {
        "direction": Direction.DOWN,
        "steps": [] if all_points else _steps(case, days, rows),
        "baseline_until": None if until is None else days[rows[until - 1]],
        "excluded": [days[rows[row - 1]] for row in left_out],
        "limits": _form(case),
    }
    per = float(case.expected.get("per", 1))
    if kind in ("g", "t"):
        return (g_chart if kind == "g" else t_chart)(series, **chosen)
    if kind == "c":
        return c_chart(series, **chosen)
    exposure = daily(rows, denominators)
    if kind == "u":
        return u_chart(series, exposure, per=per, **chosen)
    return p_chart(series, exposure, per=float(denominators[0]) if kind == "np" else per, **chosen)


def _columns(data: Mapping[str, np.ndarray], kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Counts and denominators, by name where one is known, else the smaller numbers are the counts."""
    if kind in ("c", "g", "t"):
        named = [name for name in data if name.lower() in COUNTS and name != time_column(data)]
        counts = data[named[0] if named else outcome_column(data)]
        return counts, np.ones(len(counts))
    left = [
        name for name, cells in data.items()
        if cells.dtype.kind == "f" and name != time_column(data) and name.lower() not in PHASE
    ]  # fmt: skip
    if len(left) != 2:
        raise Malformed(f"which columns hold counts and denominators? {', '.join(data)}")
    left.sort(key=lambda name: (name.lower() not in COUNTS, np.nanmean(data[name])))
    return data[left[0]], data[left[1]]


def _form(case: Case) -> LimitsForm:
    keys, text = {_plain(key) for key, _ in leaves(case.expected)}, case.text.lower()
    if keys & {"sigma_z", "sigmaz"} or re.search(r"laney|\bprime\b|p_prime|u_prime|[pu]['′]", text):
        return LimitsForm.LANEY
    return LimitsForm.EXACT if re.search(r"\bexact\b", text) else LimitsForm.THREE_SIGMA


def _centre(chart: Chart, key: str, case: Case) -> float | None:
    """The line drawn; for a g or t chart the mean gap, unless a centre line is asked for and said to be the median."""
    if not isinstance(chart, RareEventChart):
        return chart.latest.mean
    drawn = key in {"cl", "centre", "center", "centre_line", "center_line"}
    if drawn and (chart.kind is ChartKind.T or re.search(r"median|0?\.693|qicharts", case.text.lower())):
        return chart.latest.mean
    return chart.latest.mean_gap


def _line(chart: Chart, expected: Any, rows: np.ndarray, *, upper: bool) -> Any:
    """The limits as the case has them: one or one a row, cut at what can be unless the case goes beyond."""
    phase = chart.latest
    if isinstance(chart, RareEventChart):
        low, high = np.float64(phase.lower_limit), np.float64(phase.upper_limit)
    elif isinstance(expected, list):
        low, high = chart.lower_limits[rows], chart.upper_limits[rows]
    else:
        low, high = np.float64(phase.lower_limit), np.float64(phase.upper_limit)
    wanted, most = np.array(expected, dtype=float), getattr(chart, "per", np.inf)
    if upper:
        return np.where((wanted > most) & (high == most), 2 * phase.mean - low, high).tolist()
    found = np.where(wanted < 0, 2 * phase.mean - high, low)
    return np.where(np.isnan(wanted), np.nan, found).tolist()


def _outside(chart: Chart, rows: np.ndarray, key: str) -> list[int]:
    if isinstance(chart, RareEventChart):
        low, high = np.float64(chart.latest.lower_limit), np.float64(chart.latest.upper_limit)
    else:
        low, high = chart.lower_limits[rows], chart.upper_limits[rows]
    values = np.asarray(chart.values)[rows]
    above, below = values > high, values < low
    beyond = above if "ucl" in key or "upper" in key else below if "lcl" in key or "lower" in key else above | below
    return [int(row) + 1 for row in np.flatnonzero(beyond)]


def _compared(case: Case, numbers: Mapping[str, Any]) -> Report:
    checks, aside = [], []
    for key, expected in leaves(case.expected):
        found = numbers.get(key, numbers.get(_plain(key)))
        if found is None:
            aside.append(key)
        elif isinstance(expected, bool):
            checks.append(Check(key, int(found), int(expected)))
        else:
            found, wanted = np.array(found, dtype=float), np.array(expected, dtype=float)
            none = np.isnan(wanted) if found.shape == wanted.shape else np.zeros(found.shape, dtype=bool)
            checks.append(Check(key, np.where(none, 0.0, found), np.nan_to_num(wanted)))
    return Report(case, checks, aside)


def _baseline(case: Case) -> tuple[int | None, list[int]]:
    """The last row of the baseline and the rows left out of it, from the words of the case."""
    text = f"{case.text} {case.expected.get('baseline', '')}"
    left_out = re.search(r"(?:except|without|excluding)(?: samples?| rows?)? ((?:\d+|,|and|&|\s)+)", text)
    rows = [int(number) for number in re.findall(r"\d+", left_out[1])] if left_out else []
    said = re.search(r"(?:samples?|rows?|points?) 1\s*(?:-|–|to)\s*(\d+)|first (\d+)", text)
    return (int(said[1] or said[2]) if said else None), rows


def _steps(case: Case, days: list, rows: np.ndarray) -> list:
    """A phase column rebases the chart, unless its words freeze a baseline."""
    named = [name for name in case.data if name.lower() in PHASE]
    if not named or _baseline(case)[0] is not None:
        return []
    cells = case.data[named[0]]
    return [days[rows[place]] for place in np.flatnonzero(cells[1:] != cells[:-1]) + 1]


def _plain(key: str) -> str:
    """A key without the name of the program that computed it, dots and capitals."""
    last = key.split(".")[-1] if key.split(".")[0] in {"limits", "qcc", "qicharts2"} else key
    return re.sub(r"^(?:qicharts2|qcc|r)_", "", last.lower().replace(".", "_"))
