"""Where each series stands: its limits, its icons, its newest signal and drift alarm; kept beside its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import spc
from analytics.portfolio import LIMITS_KINDS, Portfolio, adjusted, score_portfolio
from analytics.results import Direction, Side
from analytics.results_charts import ChartKind
from analytics.spc_rules import RULES, side_name
from analytics.spc_table import direction_signs
from data import combine, periods, records
from data.charted import RARE, shown_per
from data.combine import Floats, Rows, Rules
from data.limits import LimitDecisions, Pair, by_series, not_replaced
from data.score_grid import Block, Grid, split
from data.score_limits import DecidedBlock, Strings
from data.score_rare import chart_kinds, read_rare
from data.score_rows import Standing, standing
from data.score_watch import alarm_columns, watch_of
from data.series import COMBINED, native_grain
from data.types import Decision, Grain, Metric, Target

METHOD = "board/2"  # the version of the charts and alarms behind the scores


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What scores depend on beside the values."""

    metrics: dict[str, Metric]
    limits: dict[Pair, LimitDecisions]
    targets: list[Target]

    @classmethod
    def of(cls, cursor: duckdb.DuckDBPyConnection) -> _Known:
        return cls(
            {metric.id: metric for metric in records.current(cursor, Metric)},
            by_series(not_replaced(records.current(cursor, Decision))),
            records.current(cursor, Target),
        )


def refresh_scores(
    cursor: duckdb.DuckDBPyConnection, *, metric_id: str | None = None, site_id: str | None = None
) -> None:
    """Score series again, inside the change of a target, a step or a metric's definition; None = all of them."""
    where, bound = ["true"], []
    for name, wanted in (("metric_id", metric_id), ("site_id", site_id)):
        if wanted is not None:
            where.append(f"{name} = ?")
            bound.append(wanted)
    found = cursor.execute(f"SELECT DISTINCT metric_id, site_id FROM series WHERE {' AND '.join(where)}", bound).df()
    refresh_touched(cursor, found)


def refresh_touched(cursor: duckdb.DuckDBPyConnection, touched: pd.DataFrame, brought: Standing | None = None) -> None:
    """Score again the series of these metrics and sites (columns metric_id, site_id), and no other.

    brought: all of them, when a load that the record did not have any of has just brought them.

    Each segment is scored, and under COMBINED all of them together where there are several. A series is scored at
    the grain of its metric, or the finest it has. Where any score is of another version of METHOD, all are made anew.
    """
    if cursor.execute("SELECT count(*) FROM score WHERE method <> ?", [METHOD]).fetchall()[0][0]:
        touched, brought = cursor.execute("SELECT DISTINCT metric_id, site_id FROM series").df(), None
    cursor.register("touched", touched[["metric_id", "site_id"]].drop_duplicates())
    known = _Known.of(cursor)
    cursor.execute(
        "DELETE FROM score WHERE EXISTS (SELECT 1 FROM touched t "
        "WHERE t.metric_id = score.metric_id AND t.site_id = score.site_id)"
    )
    scored = [_scored(*blocks, known) for blocks in _blocks(standing(cursor, brought), known)]
    if not scored:
        return
    cursor.register("scored", pd.concat(scored, ignore_index=True))
    cursor.execute("INSERT INTO score BY NAME SELECT * FROM scored ORDER BY metric_id, site_id, segment")
    cursor.unregister("scored")


def board(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Read where every metric of every site stands, segments combined: one row each, by metric and site.

    alarm_q is alarm_p adjusted over the whole board: made when it is read, since every load changes it everywhere.
    """
    found = cursor.execute(
        "SELECT * FROM score s WHERE segment = ? OR NOT EXISTS (SELECT 1 FROM score o WHERE o.segment = ? "
        "AND o.metric_id = s.metric_id AND o.site_id = s.site_id) ORDER BY metric_id, site_id",
        [COMBINED, COMBINED],
    ).df()
    return found.assign(alarm_q=adjusted(found["alarm_p"].to_numpy(np.float64)))


_NAMES = ("site_id", "metric_id", "segment", "grain", "load_number", "stored_grain", "stored_last", "weekdays")


def _blocks(stands: Standing, known: _Known) -> Iterator[tuple[Block, Block]]:
    """Part series into blocks, each at the grain it is scored at: as it is charted, and as it is stored."""
    keys, rows = stands.names, stands.rows
    chosen = (keys["load_number"] > 0).to_numpy() & _at_native_grain(keys, known)
    for grain in sorted(set(keys["grain"][chosen])):
        those = chosen & (keys["grain"] == grain).to_numpy()
        names, of_grain = keys[those].reset_index(drop=True), rows
        if not those.all():
            kept = rows.keep(those[rows.series])
            of_grain = replace(kept, series=(np.cumsum(those) - 1)[kept.series])
        names, of_grain = _with_combined(names, of_grain, known)
        for stored in split(Block(Grain(grain), names, of_grain)):
            yield _charted(stored, known), stored


def _at_native_grain(keys: pd.DataFrame, known: _Known) -> NDArray[np.bool_]:
    """Say which series stand at the grain at which their metric and site are scored."""
    stored = keys[keys["load_number"] > 0]
    if stored["grain"].nunique() < 2:
        return np.ones(len(keys), np.bool_)
    grains: dict[tuple[str, str], list[str]] = {}
    for metric, site, grain in zip(stored["metric_id"], stored["site_id"], stored["grain"], strict=True):
        grains.setdefault((metric, site), []).append(grain)
    chosen = {pair: str(native_grain(known.metrics[pair[0]], found)) for pair, found in grains.items()}
    pairs = zip(keys["metric_id"], keys["site_id"], strict=True)
    return np.array([chosen.get(pair) == grain for pair, grain in zip(pairs, keys["grain"], strict=True)], np.bool_)


def _charted(stored: Block, known: _Known) -> Block:
    """Put a block into the grain in which people look at it; how far its stored values go stays in its names."""
    charted = periods.chart_grain(stored.grain)
    newest = np.full(len(stored.names), np.datetime64("NaT"), dtype="datetime64[D]")
    newest[stored.rows.series] = stored.rows.day  # the last assignment wins: rows stand in the order of their days
    names = stored.names.assign(
        grain=str(charted), stored_grain=str(stored.grain), stored_last=newest, weekdays=_weekdays(stored)
    )
    rules = Rules.of([known.metrics[metric] for metric in names["metric_id"]])
    return Block(charted, names, combine.coarsen(stored.rows, rules, source=stored.grain, grain=charted))


def _with_combined(names: pd.DataFrame, rows: Rows, known: _Known) -> tuple[pd.DataFrame, Rows]:
    """Add, after the segments, the combination of each series that has several; names stand in their order."""
    metric, site = names["metric_id"].to_numpy(object), names["site_id"].to_numpy(object)
    opens = np.append(True, (metric[1:] != metric[:-1]) | (site[1:] != site[:-1]))
    pair, first = np.cumsum(opens) - 1, np.flatnonzero(opens)
    several = np.bincount(pair) > 1
    if not several.any():
        return names, rows
    those = several[pair[rows.series]]
    member = rows.series[those]
    number = np.cumsum(several) - 1
    parts = Rows(number[pair[member]], member, rows.day[those], rows.value[those], rows.weight[those])
    order = np.lexsort((parts.member, parts.day, parts.series))
    combined = names.iloc[first[several]].assign(
        segment=COMBINED, load_number=np.maximum.reduceat(names["load_number"].to_numpy(), first)[several]
    )
    rules = Rules.of([known.metrics[metric] for metric in combined["metric_id"]])
    whole = combine.combine_members(parts.keep(order), rules, half=False)
    shifted = replace(whole, series=whole.series + len(names))
    everything = Rows(*(np.concatenate([getattr(rows, n), getattr(shifted, n)]) for n in Rows.__slots__))
    return pd.concat([names, combined], ignore_index=True), everything


def _scored(block: Block, stored: Block, known: _Known) -> pd.DataFrame:
    grid = Grid.of(block)
    own = Grid.of(stored) if stored.grain is Grain.DAY else grid  # only days are charted in another grain
    metrics = [known.metrics[metric] for metric in block.names["metric_id"]]
    target, target_id = _targets(block, grid, known)
    decided = DecidedBlock.of(block, grid, known.limits)
    kinds = chart_kinds(grid, metrics)
    watch, days = watch_of(stored, own, known.limits)
    found = score_portfolio(
        grid.values,
        directions=[metric.direction for metric in metrics],
        targets=target,
        kinds=[ChartKind.XMR if kind in RARE else kind for kind in kinds],
        denominators=_denominators(grid, kinds),
        per=np.array([shown_per(metric) for metric in metrics]),
        decided=decided.decided,
        watch=watch,
    )
    columns = {
        **{name: block.names[name] for name in _NAMES},
        "n_points": grid.n_points,
        "n_missing": grid.length - grid.n_points,
        **_newest(grid),
        **_limits(grid, found),
        "target": target,
        **_signal(grid, found, [metric.direction for metric in metrics]),
        **alarm_columns(found, days),
        "definition_version": [metric.definition_version for metric in metrics],
        "target_id": target_id,
        "steps": decided.steps,
        "baselines": decided.baselines,
        "exclusions": decided.exclusions,
        "method": METHOD,
    }
    read_rare((block, grid), (stored, own), kinds, metrics, known.limits, columns)
    return pd.DataFrame(columns)


def _denominators(grid: Grid, kinds: Sequence[ChartKind]) -> Floats | None:
    if not {ChartKind.P, ChartKind.U} & set(kinds):
        return None
    found = np.full((len(grid.length), int(grid.length.max())), np.nan)
    found[grid.rows.series, grid.place] = grid.rows.weight
    return found


def _limits(grid: Grid, found: Portfolio) -> dict[str, Any]:
    return {
        "chart": np.array([str(kind) for kind in found.kinds], dtype=object),
        "phase_start": grid.day_at(found.phase_start),
        "mean": found.mean,
        "lower_limit": found.lower_limit,
        "upper_limit": found.upper_limit,
        "limits_kind": _words(LIMITS_KINDS, found.limits_kind),
        "variation": _words(spc.VARIATIONS, found.variation),
        "assurance": _words(spc.ASSURANCES, found.assurance),
        "phi": found.phi,
    }


def _newest(grid: Grid) -> dict[str, Any]:
    measured, before = grid.n_points > 0, grid.n_points > 1
    no_day, day, value = np.datetime64("NaT", "D"), grid.rows.day, grid.rows.value
    return {
        "first_period": np.where(measured, day[np.maximum(grid.first_row, 0) % len(day)], no_day),
        "last_period": np.where(measured, day[grid.last_row], no_day),
        "last_value": np.where(measured, value[grid.last_row], np.nan),
        "previous_value": np.where(before, value[grid.last_row - 1], np.nan),
    }


def _signal(grid: Grid, table: Portfolio, directions: Sequence[Direction]) -> dict[str, Any]:
    good = direction_signs(directions, len(directions)) * table.signal_side
    rules: list[str | None] = [None, *(str(name) for name, _ in RULES)]
    sides = {side: [None, *(str(_side(name, side > 0)) for name, _ in RULES)] for side in (-1, 0, 1)}
    return {
        "signal_rule": np.array(rules, dtype=object)[table.signal_rule],
        "signal_side": np.where(
            table.signal_side > 0,
            np.array(sides[1], dtype=object)[table.signal_rule],
            np.array(sides[-1], dtype=object)[table.signal_rule],
        ),
        "signal_start": grid.day_at(table.signal_start),
        "signal_points": table.signal_points,
        "signal_good": np.array([False, None, True], dtype=object)[good + 1],
    }


def _side(rule: Any, high: bool) -> Side:
    return side_name(rule, high=high)


def _targets(block: Block, grid: Grid, known: _Known) -> tuple[Floats, Strings]:
    """Find the target in force at each series' last period: of its site where it has any, else of every site."""
    value = np.full(len(block.names), np.nan)
    target_id = np.full(len(block.names), None, dtype=object)
    last = np.where(grid.n_points > 0, grid.rows.day[grid.last_row], np.datetime64("NaT", "D"))
    metric, site = block.names["metric_id"].to_numpy(), block.names["site_id"].to_numpy()
    own = np.zeros(len(value), dtype=np.bool_)
    # Those of every site first, then those of one; of the same day, the one recorded last holds.
    for target in sorted(known.targets, key=lambda t: (t.site_id is not None, t.applies_from)):
        those = metric == target.metric_id
        if target.site_id is not None:
            those &= site == target.site_id
            value[those & ~own], target_id[those & ~own] = np.nan, None
            own |= those
        those &= last >= np.datetime64(target.applies_from, "D")
        value[those], target_id[those] = target.value, target.id
    return value, target_id


def _weekdays(block: Block) -> Strings:
    """Write the usual weekdays of daily series, Monday first."""
    if block.grain is not Grain.DAY:
        return np.full(len(block.names), None, dtype=object)
    usual = combine.usual_weekdays(block.rows, len(block.names))
    return np.array(["".join("01"[day] for day in week) for week in usual.astype(np.int64)], dtype=object)


def _words(names: Sequence[Any], codes: NDArray[np.int8]) -> Strings:
    return np.array([None if name is None else str(name) for name in names], dtype=object)[codes]
