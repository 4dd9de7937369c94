"""Values that are well formed and yet hard to believe, held against what their own series were so far."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd

from data.types import Metric, Severity
from loaders import repeats
from loaders.doubts import DOUBTS, NONE, SHARE_FACTOR, TIME_FACTORS, TIME_UNITS, Doubt, Judged, judged
from loaders.findings import Findings, Interpretation
from loaders.held import Held, groups_of, held_of, timeline
from loaders.repeats import Stretch, Timeline
from loaders.usual import FEWEST, HIGH, LOW, MEDIAN, Flags, Places, Usual, usual
from loaders.words import unit_of

WHOLE_YEAR_DAYS = 350
FEWEST_IN_FILE = 12  # values of a new series that are held against one another
FEWEST_OTHER_SITES = 5
CODES = {
    Doubt.FACTOR: "suspect_factor", Doubt.UNIT: "suspect_unit", Doubt.SIGN: "suspect_sign", Doubt.FAR: "suspect_far"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One doubt about a series. rows: places among the observations; words: code and arguments of what is expected."""

    code: str
    series: int
    rows: Places
    words: str
    arguments: dict[str, object]
    marks: bool = True


def with_suspicions(
    found: Interpretation, cursor: duckdb.DuckDBPyConnection, metrics: Sequence[Metric]
) -> Interpretation:
    """Add a warning for each series whose new values are hard to believe, and mark those values.

    Values are held against the record's own around them; a new series against itself, where it is long enough, or else,
    softly, against the other sites of the file. What is on record already, with the same value, is never doubted again.
    """
    if found.observations.empty or not found.periods:
        return found
    held = held_of(found, cursor)
    line, place_of = timeline(held)
    fresh = np.zeros(len(held.value), np.bool_)
    fresh[place_of[line.fresh]] = True
    suspicions = [*_level(found, held, line, fresh, metrics), *_repeats(found, held, line, place_of)]
    if not suspicions:
        return found
    findings = Findings(found.layout.sheet, list(found.faults))
    findings.counts.update(found.fault_counts)
    marks = np.full(len(held.value), -1, np.int64)
    for suspicion in _gathered(suspicions, held):
        _note(suspicion, found, held, findings)
    for suspicion in suspicions:
        if suspicion.marks:
            marks[suspicion.rows] = list(_MARKS).index(suspicion.code)
    return replace(
        found, observations=_marked(found.observations, marks), faults=tuple(findings.faults),
        fault_counts={code: n for code, n in findings.counts.items() if n},
    )  # fmt: skip


# --- too far -----------------------------------------------------------------------------------------------------


def _level(
    found: Interpretation, held: Held, line: Timeline, fresh: Flags, metrics: Sequence[Metric]
) -> Iterator[Suspicion]:
    n_old = np.bincount(held.old_series, minlength=held.n_series)
    own = n_old < FEWEST  # these are held against themselves
    n_new = np.bincount(held.series, minlength=held.n_series)
    base = ~line.fresh | own[line.series]
    series, value = (line.series, line.value) if base.all() else (line.series[base], line.value[base])
    known = usual(series, value, held.n_series)
    long_enough = np.where(own, n_new >= FEWEST_IN_FILE, True)
    far = (held.value < known.lowest[held.series]) | (held.value > known.highest[held.series])
    at = np.flatnonzero(far & fresh & long_enough[held.series])
    if len(at):
        doubts = _judged(found, held, known, at, _whole_years(line, held.n_series), metrics)
        yield from _far_values(found, held, known, at, doubts)
    yield from _beside_others(found, held, known, np.flatnonzero(own & (n_new < FEWEST_IN_FILE)), metrics)


def _judged(
    found: Interpretation, held: Held, known: Usual, at: Places, year: Flags, metrics: Sequence[Metric]
) -> Judged:
    units = [_unit(found, at, metrics) for at in range(len(found.metrics))]
    series = held.series[at]
    metric = held.names["metric"].to_numpy()[series]
    time = np.array([unit in TIME_UNITS for unit in units])[metric]
    share = np.array([unit == "%" for unit in units])[metric]
    doubts = judged(held.value[at], series, known, time=time, share=share, year=year)
    return _agreed(doubts, series)


def _agreed(doubts: Judged, series: Places) -> Judged:
    """Let the values of a series that a unit or a factor may explain have the explanation that most of them have."""
    kind, factor = doubts.kind.copy(), doubts.factor.copy()
    torn = np.isin(kind, [DOUBTS.index(Doubt.FACTOR), DOUBTS.index(Doubt.UNIT)])
    explained, code = np.unique(factor[torn], return_inverse=True)
    if len(explained) < 2:
        return doubts
    votes = pd.DataFrame({"series": series[torn], "code": code, "kind": kind[torn]})
    best = votes.value_counts(sort=True).reset_index().drop_duplicates("series").set_index("series")
    chosen = best.loc[series[torn]]
    kind[torn], factor[torn] = chosen["kind"].to_numpy(), explained[chosen["code"].to_numpy()]
    return Judged(kind, factor)


def _whole_years(line: Timeline, n_series: int) -> Flags:
    """Say which series are known for a year, so that their seasons are."""
    opens = np.flatnonzero(np.append(True, line.series[1:] != line.series[:-1]))
    closes = np.append(opens[1:], len(line.series)) - 1
    year = np.zeros(n_series, np.bool_)
    year[line.series[opens]] = (line.day[closes] - line.day[opens]).astype(np.int64) >= WHOLE_YEAR_DAYS
    return year


def _unit(found: Interpretation, at: int, metrics: Sequence[Metric]) -> str:
    seen = found.metrics[at]
    unit = next((metric.unit for metric in metrics if metric.id == seen.metric_id), seen.unit)
    return unit_of(unit) or unit


def _far_values(
    found: Interpretation, held: Held, known: Usual, at: Places, doubts: Judged
) -> Iterator[Suspicion]:  # fmt: skip
    """Make one suspicion a series and kind, of its values at fault, the first of them as the example."""
    series = held.series[at]
    code = doubts.kind * (held.n_series + 1) + series
    order = np.argsort(code, kind="stable")
    for those in np.split(order, np.flatnonzero(np.diff(code[order])) + 1):
        if doubts.kind[those[0]] == NONE:
            continue
        number = int(series[those[0]])
        doubt, factor = DOUBTS[int(doubts.kind[those[0]])], float(doubts.factor[those[0]])
        mended = float(f"{held.value[at[those[0]]] / factor:.6g}")
        words = _words(doubt, factor)
        arguments = _history(found, held, known, number) | {"mended": mended, "n": len(those)}
        arguments["factor"] = max(factor, 1 / factor) if factor > 0 else -1
        yield Suspicion(CODES[doubt], number, at[those], words, arguments)


def _words(doubt: Doubt, factor: float) -> str:
    if doubt is Doubt.FACTOR:
        return "quality.expected.factor" if factor > 1 else "quality.expected.part"
    if doubt is Doubt.UNIT:
        size = next(k for k in (*TIME_FACTORS, SHARE_FACTOR) if np.isclose(max(factor, 1 / factor), k))
        return f"quality.expected.unit_{size:.0f}"
    return f"quality.expected.{doubt.value}"


def _history(found: Interpretation, held: Held, known: Usual, series: int) -> dict[str, object]:
    low, median, high = (float(f"{known.quantiles[share, series]:.4g}") for share in (LOW, MEDIAN, HIGH))
    site = found.sites[int(held.names["site"].iloc[series])].name
    return {"site": site, "count": int(known.count[series]), "low": low, "median": median, "high": high}


def _beside_others(
    found: Interpretation, held: Held, known: Usual, new: Places, metrics: Sequence[Metric]
) -> Iterator[Suspicion]:
    """Hold a short new series, softly, against the medians of the same metric at the other sites of the file."""
    if not len(new) or held.n_series <= FEWEST_OTHER_SITES:
        return
    group = groups_of(held)
    median = known.quantiles[MEDIAN]
    n_groups = int(group.max()) + 1
    told = np.flatnonzero(np.isfinite(median))
    told = told[np.argsort(group[told], kind="stable")]
    sites = usual(group[told], median[told], n_groups)
    at = new[(median[new] < sites.lowest[group[new]]) | (median[new] > sites.highest[group[new]])]
    enough = sites.count[group[at]] > FEWEST_OTHER_SITES
    at = at[enough]
    if not len(at):
        return
    units = [_unit(found, place, metrics) for place in range(len(found.metrics))]
    metric = held.names["metric"].to_numpy()[at]
    doubts = judged(
        median[at], group[at], sites, time=np.array([unit in TIME_UNITS for unit in units])[metric],
        share=np.array([unit == "%" for unit in units])[metric], year=np.zeros(n_groups, np.bool_),
    )  # fmt: skip
    for place, kind, factor in zip(at.tolist(), doubts.kind.tolist(), doubts.factor.tolist(), strict=True):
        if kind == NONE:
            continue
        rows = np.flatnonzero(held.series == place)
        low, middle, high = (float(f"{sites.quantiles[s, group[place]]:.4g}") for s in (LOW, MEDIAN, HIGH))
        arguments = {
            "site": found.sites[int(held.names["site"].iloc[place])].name, "count": int(sites.count[group[place]]) - 1,
            "low": low, "median": middle, "high": high, "n": len(rows), "mended": float(f"{median[place] / factor:.6g}"),
        }  # fmt: skip
        yield Suspicion("suspect_beside_others", place, rows, "quality.expected.beside_others", arguments, marks=False)


# --- too equal ---------------------------------------------------------------------------------------------------


def _repeats(found: Interpretation, held: Held, line: Timeline, place_of: Places) -> Iterator[Suspicion]:
    grain = found.periods[0].grain
    group = groups_of(held)
    seen: set[tuple[str, int]] = set()
    stretches = [("suspect_frozen", one) for one in repeats.standing_still(line, held.n_series)]
    stretches += [("suspect_copied_site", one) for one in repeats.copying_another(line, group, grain)]
    stretches += [
        ("suspect_copied_period", one) for one in repeats.repeating_themselves(line, held.n_series, grain)
    ]  # fmt: skip
    for code, stretch in stretches:
        if (code, stretch.series) not in seen:
            seen.add((code, stretch.series))
            yield _repeated(found, held, line, place_of, code, stretch)
    for stretch, n_same, n_sites in repeats.keeping_the_period_before(line, group):
        day = line.day[stretch.first]
        those = (line.day == day) & (group[line.series] == group[stretch.series]) & line.fresh
        arguments: dict[str, object] = {"n": n_same, "of": n_sites, "period": str(day)}
        yield Suspicion(
            "suspect_copied_period", stretch.series, place_of[those], "quality.expected.whole_period", arguments
        )


def _repeated(
    found: Interpretation, held: Held, line: Timeline, place_of: Places, code: str, stretch: Stretch
) -> Suspicion:
    inside = np.arange(stretch.first, stretch.past)
    rows = place_of[inside[line.fresh[inside]]]
    site = held.names["site"].to_numpy()
    day = line.day[stretch.first - stretch.lag]
    arguments: dict[str, object] = {
        "n": stretch.past - stretch.first + (code == "suspect_frozen"), "period": str(day),
        "site": found.sites[int(site[stretch.series])].name, "other": found.sites[int(site[stretch.other])].name,
    }  # fmt: skip
    return Suspicion(code, stretch.series, rows, f"quality.expected.{code.removeprefix('suspect_')}", arguments)


# --- faults and marks --------------------------------------------------------------------------------------------

_MARKS = (*CODES.values(), "suspect_frozen", "suspect_copied_site", "suspect_copied_period")


def _gathered(suspicions: Sequence[Suspicion], held: Held) -> list[Suspicion]:
    """Say what most series of a metric have in common once: then it is the column, not its values."""
    metric = held.names["metric"].to_numpy()
    size = np.bincount(metric)
    groups: dict[tuple[str, str, int], list[Suspicion]] = {}
    for one in suspicions:
        groups.setdefault((one.code, one.words, int(metric[one.series])), []).append(one)
    kept = []
    for (_, _, at), alike in groups.items():
        if len(alike) < 3 or len(alike) * 2 < size[at]:
            kept += alike
            continue
        rows = np.concatenate([one.rows for one in alike])
        first = alike[0]
        kept.append(replace(first, rows=rows, arguments=first.arguments | {"n": len(rows)}))
    return kept


def _note(suspicion: Suspicion, found: Interpretation, held: Held, findings: Findings) -> None:
    frame = found.observations
    at = int(suspicion.rows[0])
    expected = f"{suspicion.words} {json.dumps(suspicion.arguments, ensure_ascii=False)}"
    findings.add(
        suspicion.code, Severity.WARNING, row=int(frame["source_row"].iloc[at]),
        column=str(frame["source_column"].iloc[at]), found=f"{held.value[at]:.10g}", expected=expected,
        times=len(suspicion.rows),
    )  # fmt: skip


def _marked(frame: pd.DataFrame, marks: Places) -> pd.DataFrame:
    kinds = [str(text) for text in frame["mark"].cat.categories]
    used = [mark for at, mark in enumerate(_MARKS) if (marks == at).any()]
    every = list(dict.fromkeys([*kinds, *used]))
    codes = frame["mark"].cat.codes.to_numpy(np.int64)
    empty = codes == kinds.index("") if "" in kinds else np.zeros(len(codes), np.bool_)
    chosen = empty & (marks >= 0)
    new_codes = np.array([every.index(mark) if mark in every else -1 for mark in _MARKS])
    codes = np.where(chosen, new_codes[np.maximum(marks, 0)], codes)
    return frame.assign(mark=pd.Categorical.from_codes(codes, categories=pd.Index(every, dtype=object)))
