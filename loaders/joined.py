"""Several interpretations as one: sites, metrics, values and counts of sheets that are read together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from data.sites import name_key
from data.types import Aggregation, Fault, Grain, MetricKind, Severity
from loaders import checks
from loaders.checks import Known
from loaders.findings import Findings, Interpretation, MetricSeen, PeriodsSeen, SiteSeen

_OF_SITES = ("unknown_site", "site_looks_alike")
KEY = ["site", "metric", "segment", "period_start"]


def joined(
    parts: Sequence[Interpretation], sheets: Sequence[str], known: Known, *, rename: bool = False
) -> Interpretation:
    """Put interpretations of sheets together: the same site, metric and period in two sheets is held against itself.

    rename: the sheets are metrics; each gives its name to its metrics.
    """
    if rename:
        parts = [_named_by_sheet(part, sheet, known) for part, sheet in zip(parts, sheets, strict=True)]
    frame = _frame(parts, sheets)
    sites = _sites(parts)
    metrics = _metrics(parts)
    frame["site"] = _renumbered(parts, [list(map(_site_key, part.sites)) for part in parts], frame["site"].to_numpy())
    frame["metric"] = _renumbered(
        parts, [[_metric_key(m) for m in part.metrics] for part in parts], frame["metric"].to_numpy()
    )
    findings = Findings(None)
    cells = sum((Counter(part.cells) for part in parts), Counter[str]())
    frame = _each_key_once(frame, sites, findings, cells)
    faults = [fault for part in parts for fault in part.faults if fault.code not in _OF_SITES]
    counts = sum((Counter(part.fault_counts) for part in parts), Counter[str]())
    faults += _site_faults(parts, sites, metrics, known, counts)
    first = parts[0]
    return replace(
        first, observations=frame, sites=tuple(sites), metrics=_counted(metrics, frame), periods=_periods(parts, frame),
        segments=tuple(dict.fromkeys(text for part in parts for text in part.segments)),
        faults=(*faults, *findings.faults), fault_counts=dict(counts + findings.counts),
        excluded=tuple(
            replace(row, sheet=sheet) for part, sheet in zip(parts, sheets, strict=True) for row in part.excluded
        ),
        questions=tuple(dict.fromkeys(question for part in parts for question in part.questions)),
        cells={kind: n for kind, n in cells.items() if n}, n_cells=sum(part.n_cells for part in parts),
        n_zero_denominators=sum(part.n_zero_denominators for part in parts),
        date_orders={column: order for part in parts for column, order in part.date_orders.items()},
    )  # fmt: skip


def _named_by_sheet(part: Interpretation, sheet: str, known: Known) -> Interpretation:
    several = len(part.metrics) > 1
    named = []
    for seen in part.metrics:
        name = f"{sheet} – {seen.name}" if several else sheet
        metric = known.metric(name)
        named.append(replace(seen, name=metric.name_en if metric else name, metric_id=metric.id if metric else None))
    return replace(part, metrics=tuple(named))


def _frame(parts: Sequence[Interpretation], sheets: Sequence[str]) -> pd.DataFrame:
    frames = []
    for part, sheet in zip(parts, sheets, strict=True):
        own = part.observations.copy()
        own["source_column"] = own["source_column"].cat.rename_categories(
            [f"{sheet}!{name}" for name in own["source_column"].cat.categories]
        )
        frames.append(own.astype({"segment": object, "grain": object, "mark": object, "source_column": object}))
    frame: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return frame.astype({"segment": "category", "grain": "category", "mark": "category", "source_column": "category"})


def _site_key(site: SiteSeen) -> str:
    return site.site_id or name_key(site.code or site.name)


def _metric_key(metric: MetricSeen) -> str:
    return metric.metric_id or name_key(metric.name)


def _sites(parts: Sequence[Interpretation]) -> list[SiteSeen]:
    found: dict[str, SiteSeen] = {}
    for part in parts:
        for site in part.sites:
            found.setdefault(_site_key(site), site)
    return list(found.values())


def _metrics(parts: Sequence[Interpretation]) -> list[MetricSeen]:
    found: dict[str, MetricSeen] = {}
    for part in parts:
        for seen in part.metrics:
            had = found.setdefault(_metric_key(seen), seen)
            if had is seen:
                continue
            counted = had.kind is seen.kind
            found[_metric_key(seen)] = replace(
                had, unit=had.unit or seen.unit, decimals=max(had.decimals, seen.decimals),
                kind=had.kind if counted else MetricKind.MEASURE,
                aggregation=had.aggregation if counted else Aggregation.MEAN,
            )  # fmt: skip
    return list(found.values())


def _renumbered(parts: Sequence[Interpretation], keys: Sequence[Sequence[str]], codes: np.ndarray) -> np.ndarray:
    """Turn positions in each sheet's list into positions in the list of them all."""
    numbers: dict[str, int] = {}
    at = 0
    renumbered = np.empty(len(codes), np.int64)
    for part, own in zip(parts, keys, strict=True):
        here = np.array([numbers.setdefault(key, len(numbers)) for key in own], np.int64)
        n_rows = len(part.observations)
        renumbered[at : at + n_rows] = here[codes[at : at + n_rows]] if n_rows else 0
        at += n_rows
    return renumbered


def _each_key_once(
    frame: pd.DataFrame, sites: Sequence[SiteSeen], findings: Findings, cells: Counter[str]
) -> pd.DataFrame:
    """Keep each key once: the same value again only repeats it, of different values none can be believed."""
    if not frame.duplicated(KEY).any():
        return frame
    values = frame.groupby(KEY, observed=True)["value"]
    torn = (values.transform("max") != values.transform("min")).to_numpy()
    later = frame.duplicated(KEY).to_numpy()
    first = values.transform("first").to_numpy()
    cells["observation"] -= int((torn | later).sum())
    cells["fault"] += int(torn.sum())
    cells["repeated"] += int((later & ~torn).sum())
    for code, here in (("duplicate_different", later & torn), ("duplicate_same", later & ~torn)):
        located = np.flatnonzero(here)[: findings.room(code)]
        for position in located.tolist():
            row = frame.iloc[position]
            findings.add(
                code, Severity.ERROR if code == "duplicate_different" else Severity.INFO,
                row=int(row["source_row"]), column=str(row["source_column"]),
                found=f"{row['value']:.12g} ({sites[row['site']].name}, {row['period_start'].date()})",
                expected=f"{first[position]:.12g}",
            )  # fmt: skip
        findings.counts[code] += int(here.sum()) - len(located)
    kept: pd.DataFrame = frame[~torn & ~later].reset_index(drop=True)
    return kept


def _site_faults(
    parts: Sequence[Interpretation], sites: Sequence[SiteSeen], metrics: Sequence[MetricSeen], known: Known,
    counts: Counter[str],
) -> list[Fault]:  # fmt: skip
    """Note the unknown sites anew: whether the source is new is only known when all its sheets are."""
    is_new = not any([*(site.site_id for site in sites), *(metric.metric_id for metric in metrics)])
    for code in _OF_SITES:
        counts.pop(code, None)
    if any(question.code == "site" for part in parts for question in part.questions):
        return []
    faults: list[Fault] = []
    noted: set[str] = set()
    for part in parts:
        own = [site for site in part.sites if _site_key(site) not in noted]
        noted.update(map(_site_key, own))
        findings = Findings(part.layout.sheet)
        checks.check_sites(own, known, is_new_source=is_new, findings=findings)
        faults += findings.faults
        counts.update(findings.counts)
    return faults


def _counted(metrics: Sequence[MetricSeen], frame: pd.DataFrame) -> tuple[MetricSeen, ...]:
    numbers = np.bincount(frame["metric"].to_numpy(), minlength=len(metrics))
    return tuple(replace(seen, n_observations=int(n)) for seen, n in zip(metrics, numbers, strict=True))


def _periods(parts: Sequence[Interpretation], frame: pd.DataFrame) -> tuple[PeriodsSeen, ...]:
    grains: dict[Grain, None] = dict.fromkeys(seen.grain for part in parts for seen in part.periods)
    found = []
    for grain in grains:
        days = np.unique(frame.loc[frame["grain"] == grain.value, "period_start"].to_numpy()).astype("datetime64[D]")
        if len(days):
            found.append(PeriodsSeen(grain, days[0].item(), days[-1].item(), len(days)))
    return tuple(found)
