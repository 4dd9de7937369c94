"""What a few series will look like once a file is loaded: what stands, what is new, what changes, what is doubtful."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from data import periods
from data.series import metric_series
from data.types import Grain

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from data.staging import LoadPreview
    from data.store import Store
    from loaders.findings import Interpretation, MetricSeen
    from loaders.ingest import Understanding

SERIES_SHOWN = 6
PERIODS_SHOWN = 60  # more points than this are a smear at the size of a small picture
Codes = npt.NDArray[np.int64]


class PointKind(StrEnum):
    """Where a value of the outlook comes from."""

    KNOWN = "known"  # on record, and stays
    NEW = "new"
    RESTATED = "restated"  # takes the place of another value
    DOUBTFUL = "doubtful"  # new or restated, with a mark


@dataclass(frozen=True, slots=True)
class PointAhead:
    """One period of a series. value None = not measured; before: the value on record that it takes the place of."""

    start: dt.date
    value: float | None
    kind: PointKind
    before: float | None = None


@dataclass(frozen=True, slots=True)
class SeriesAhead:
    """One series as it will be, its newest periods on a complete calendar, oldest first."""

    site: str
    metric: MetricSeen
    segment: str
    grain: Grain
    points: tuple[PointAhead, ...]
    n_new: int
    n_restated: int
    n_doubtful: int


def series_ahead(understanding: Understanding, preview: LoadPreview | None, store: Store) -> tuple[SeriesAhead, ...]:
    """Look ahead at the series that most need a look: the doubtful first, then those that change, then the fullest."""
    found = understanding.interpretation
    if not found.n_observations:
        return ()
    series = _series_numbers(found)
    chosen = _most_wanted(found, series, preview)
    with store.read() as cursor:
        return tuple(_ahead(cursor, found, np.flatnonzero(series == one)) for one in chosen)


def _series_numbers(found: Interpretation) -> Codes:
    """Number each observation's series: metric, site and segment in one."""
    rows = found.observations
    segment = rows["segment"].cat
    many = max(len(segment.categories), 1)
    of_site = rows["metric"].to_numpy(np.int64) * max(len(found.sites), 1) + rows["site"].to_numpy(np.int64)
    return np.asarray(of_site * many + segment.codes.to_numpy(np.int64), np.int64)


def _most_wanted(found: Interpretation, series: Codes, preview: LoadPreview | None) -> list[int]:
    numbers, counts = np.unique(series, return_counts=True)
    order = numbers[np.argsort(-counts, kind="stable")].tolist()
    marked = series[(found.observations["mark"] != "").to_numpy()]
    changing = series[_restated(found, preview)]
    wanted = dict.fromkeys([*_most_first(marked), *_most_first(changing), *order])
    return list(wanted)[:SERIES_SHOWN]


def _most_first(series: Codes) -> list[int]:
    numbers, counts = np.unique(series, return_counts=True)
    return [int(one) for one in numbers[np.argsort(-counts, kind="stable")]][:SERIES_SHOWN]


def _restated(found: Interpretation, preview: LoadPreview | None) -> Codes:
    """Find the observations that take another value's place, by the row and column they come from."""
    if preview is None or preview.restated.empty:
        return np.zeros(0, np.int64)
    wanted = preview.restated[["source_row", "source_column"]]
    places = set(zip(wanted["source_row"].tolist(), wanted["source_column"].astype(str).tolist(), strict=True))
    rows = found.observations
    near = np.flatnonzero(rows["source_row"].isin(wanted["source_row"]).to_numpy())
    columns = rows["source_column"].astype(object).to_numpy()
    numbers = rows["source_row"].to_numpy()
    return np.array([at for at in near.tolist() if (int(numbers[at]), str(columns[at])) in places], np.int64)


def _ahead(cursor: duckdb.DuckDBPyConnection, found: Interpretation, at: Codes) -> SeriesAhead:
    rows = found.observations.iloc[at]
    first = rows.iloc[0]
    site, metric = found.sites[int(first["site"])], found.metrics[int(first["metric"])]
    grain, segment = Grain(first["grain"]), str(first["segment"])
    before = _on_record(cursor, site.site_id, metric.metric_id, segment, grain)
    brought = _brought(rows, before, grain)
    numbers = sorted({*before, *brought})[-PERIODS_SHOWN:]
    if grain is not Grain.DAY:  # days of rest are no gap
        numbers = list(range(max(numbers[0], numbers[-1] - PERIODS_SHOWN + 1), numbers[-1] + 1))
    days = periods.starts(np.array(numbers, np.int64), grain)
    points = tuple(
        _point(periods.as_date(day), before.get(number), brought.get(number))
        for number, day in zip(numbers, days, strict=True)
    )
    kinds = [kind for _, kind in brought.values()]
    return SeriesAhead(
        site.name, metric, segment, grain, points, kinds.count(PointKind.NEW), kinds.count(PointKind.RESTATED),
        kinds.count(PointKind.DOUBTFUL),
    )  # fmt: skip


def _on_record(
    cursor: duckdb.DuckDBPyConnection, site_id: str | None, metric_id: str | None, segment: str, grain: Grain
) -> dict[int, float]:
    if site_id is None or metric_id is None:
        return {}
    known = metric_series(cursor, site_id=site_id, metric_id=metric_id, segment=segment, grain=grain)
    if known is None:
        return {}
    measured = known.values.dropna()  # noqa: PD011
    return dict(zip(_numbers(measured.index.to_numpy(), grain), measured.tolist(), strict=True))


def _brought(rows: pd.DataFrame, before: dict[int, float], grain: Grain) -> dict[int, tuple[float, PointKind]]:
    """Say of each period that the file brings which value it brings, and what that does to the record."""
    brought = {}
    numbers = _numbers(rows["period_start"].to_numpy(), grain)
    for number, value, mark in zip(numbers, rows["value"].tolist(), rows["mark"].tolist(), strict=True):
        known = before.get(number)
        same = known is not None and np.isclose(known, value, rtol=1e-9, atol=0)
        kind = PointKind.KNOWN if same else PointKind.NEW if known is None else PointKind.RESTATED
        brought[number] = (value, PointKind.DOUBTFUL if mark and not same else kind)
    return brought


def _numbers(starts: npt.NDArray[np.datetime64], grain: Grain) -> list[int]:
    return [int(one) for one in periods.ordinals(starts.astype("datetime64[D]"), grain)]


def _point(day: dt.date, known: float | None, brought: tuple[float, PointKind] | None) -> PointAhead:
    if brought is None:
        return PointAhead(day, known, PointKind.KNOWN)
    value, kind = brought
    return PointAhead(day, value, kind, known if kind is not PointKind.KNOWN else None)
