"""What stands between sites on one metric: gathered once per state of the record, metric and window."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from analytics.between_sites import counted_funnel, funnel, mean_funnel
from analytics.dispersion import dispersion_over_time
from analytics.results import Direction, NotComputable
from analytics.results_between import Dispersion, Funnel, FunnelKind, SiteRanks, VarianceComponents
from analytics.site_ranks import site_means, site_ranks, steady_scale
from analytics.variance import site_components
from data import records
from data.charted import shown_per
from data.rollout import stages
from data.series import SeriesTable, many_series
from data.sites import processes, sites
from data.store import the_store
from data.types import Grain, Metric, MetricKind, Stage
from pages.shared.grain import chart_grain

if TYPE_CHECKING:
    from data.types import Site

ALL, LIVE = "all", "live"  # which sites
WINDOWS = {"quarter": 92, "half": 183, "year": 366, "all": None}  # days before the newest value
SEED = 20050424  # ranks are drawn; the same record always gives the same ones
FEWEST = 12  # periods that tell where a site stands now, where there are as many
# Units of which twice as much means something: only then is a spread told as a share of the level.
TRUE_ZERO = frozenset(
    {"d", "j", "day", "days", "jour", "jours", "h", "min", "s", "week", "weeks", "semaine", "semaines", "€", "$", "£",
     "eur", "usd", "k€", "kg", "t", "g", "m", "km", "m2", "m²", "m3", "m³", "l", "kwh", "mwh"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class BetweenView:
    """One metric between the sites that have values of it in a window. first, last: its first and last day, inclusive.

    recent: since when values tell where sites stand now: in a longer stretch levels move, and a mean tells of no day.

    sites: id by the name that results carry. by_noise: the values have no denominators; each site has its own noise.
    sized: a count without a denominator, that also compares how large sites are. newly_live: sites that went live
    within the window and are shown from before: their change is part of the spread.
    """

    metric: Metric
    grain: Grain
    first: dt.date | None
    last: dt.date | None
    recent: dt.date | None
    sites: dict[str, str]
    funnel: Funnel | NotComputable
    components: VarianceComponents | NotComputable
    dispersion: Dispersion | NotComputable
    ranks: SiteRanks | NotComputable
    by_noise: bool
    sized: bool
    newly_live: int
    synthetic: bool


@st.cache_resource(max_entries=64, show_spinner=False)
def between_view(version: str, *, metric_id: str, window: str, who: str = ALL) -> BetweenView | None:  # noqa: ARG001
    """Gather the view; `version` is the record's. who: ALL, or LIVE for values since go-live. None = unknown metric."""
    with the_store().read() as cursor:
        metric = records.one(cursor, Metric, metric_id)
        if metric is None:
            return None
        known = {site.id: site for site in sites(cursor)}
        made_up = {process.id for process in processes(cursor) if process.synthetic}
        table = many_series(cursor, metric_id=metric_id, grain=chart_grain(metric))
        live = {p.site_id: p.actual_on for p in stages(cursor) if p.stage is Stage.LIVE and p.actual_on}
    if table is None:
        return _empty(metric)
    cut = _cut(_since_live(table, live) if who == LIVE else table, WINDOWS[window], known)
    named = _names([known[site_id] for site_id in cut.site_ids])
    first = cut.periods[0].date() if len(cut.periods) else None
    newly = [site for site in cut.site_ids if who == ALL and first and site in live and live[site] > first]
    made = any(known[site].process_id in made_up for site in cut.site_ids)
    return _view(cut, named, newly_live=len(newly), synthetic=made)


def _view(table: SeriesTable, named: dict[str, str], *, newly_live: int, synthetic: bool) -> BetweenView:
    names, metric = list(named), table.metric
    recent = _newest(table)
    counts = _counts(recent)
    placed: Funnel | NotComputable
    if counts is None:
        found = site_means(recent.values)
        estimates, errors = found.means, found.standard_errors
        unit_sd = found.unit_sd if np.isfinite(found.unit_sd) and found.unit_sd > 0 else 1.0
        placed = mean_funnel(estimates, errors, sites=names, unit_sd=unit_sd)
    else:
        kind, events, sizes, per = counts
        estimates, errors = steady_scale(events, sizes, kind)
        placed = funnel(events, sizes, sites=names, kind=kind, per=per)
    values = table.values  # noqa: PD011
    frame = pd.DataFrame(values.T, index=table.periods, columns=names)
    return BetweenView(
        metric=metric,
        grain=table.grain,
        first=table.periods[0].date() if len(table.periods) else None,
        last=table.data_date,
        recent=recent.periods[0].date() if len(recent.periods) else None,
        sites=named,
        funnel=placed,
        components=site_components(recent.values),
        dispersion=dispersion_over_time(frame, ratio_scale=metric.unit.casefold() in TRUE_ZERO),
        ranks=site_ranks(
            estimates, errors, sites=names, highest_first=metric.direction is not Direction.DOWN,
            rng=np.random.default_rng(SEED),
        ),
        by_noise=counts is None,
        sized=counts is None and metric.kind is MetricKind.COUNT,
        newly_live=newly_live,
        synthetic=synthetic,
    )  # fmt: skip


def _newest(table: SeriesTable) -> SeriesTable:
    """Keep the last third of the periods, at least FEWEST of them."""
    n_kept = max(FEWEST, -(-len(table.periods) // 3))
    values, weights = table.values[:, -n_kept:], table.weights[:, -n_kept:]  # noqa: PD011
    return replace(table, periods=table.periods[-n_kept:], values=values, weights=weights)


def _counts(table: SeriesTable) -> tuple[FunnelKind, np.ndarray, np.ndarray, float] | None:
    """Add up cases and events where every measured value has its denominator, and none is below 0."""
    measured = np.isfinite(table.values)
    values, weights = table.values[measured], table.weights[measured]  # noqa: PD011
    if table.metric.kind is not MetricKind.RATIO or not len(values):
        return None
    if not np.isfinite(weights).all() or (weights < 0).any() or (values < 0).any():
        return None
    per = shown_per(table.metric)
    kind, events, sizes = counted_funnel(table.values, table.weights, per=per)
    return kind, events, sizes, per


def _since_live(table: SeriesTable, live: dict[str, dt.date]) -> SeriesTable:
    """Leave out what was measured before a site's go-live, and sites that are not live."""
    never = np.datetime64("9999-12-31")
    starts = np.array([np.datetime64(live[site]) if site in live else never for site in table.site_ids])
    before = table.periods.to_numpy()[None, :] < starts[:, None]
    return replace(
        table, values=np.where(before, np.nan, table.values), weights=np.where(before, np.nan, table.weights)
    )


def _cut(table: SeriesTable, days: int | None, known: dict[str, Site]) -> SeriesTable:
    """Keep a window up to the newest value, and the known sites measured in it, by name."""
    within = np.ones(len(table.periods), dtype=bool)
    if days is not None:
        within = table.periods.to_numpy() > np.datetime64(table.data_date) - np.timedelta64(days, "D")
    values, weights = table.values[:, within], table.weights[:, within]  # noqa: PD011
    measured = np.isfinite(values).any(axis=1)
    rows = [row for row, site in enumerate(table.site_ids) if site in known and measured[row]]
    rows.sort(key=lambda row: known[table.site_ids[row]].name.casefold())
    return replace(
        table, periods=table.periods[within], site_ids=tuple(table.site_ids[row] for row in rows),
        values=values[rows], weights=weights[rows],
    )  # fmt: skip


def _names(ordered: list[Site]) -> dict[str, str]:
    """Give the id of each site by its name; of several with one name the later carry a number."""
    seen: Counter[str] = Counter()
    named: dict[str, str] = {}
    for site in ordered:
        seen[site.name] += 1
        named[site.name if seen[site.name] == 1 else f"{site.name} ({seen[site.name]})"] = site.id
    return named


def _empty(metric: Metric) -> BetweenView:
    none = NotComputable("all_missing")
    return BetweenView(
        metric, chart_grain(metric), None, None, None, {}, none, none, none, none, False, False, 0, False
    )
