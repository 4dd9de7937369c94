"""The data-quality screen in words and tables: the finding, the next step, what is late and missing, by site and metric."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from analytics.results import PointType, XmrChart
from data import periods
from data.quality import Measure, SiteQuality
from data.types import Grain
from pages.keepers.quality_view import QualityView, Trend, metric_name
from pages.shared.frame import Act, Count, Note
from pages.shared.links import metric_link
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, date_, number, percent, period, say

NAMED = 3  # sites or metrics named in one cell or count
HOLES_NAMED = 6


def eyebrow(view: QualityView, today: dt.date, language: Language) -> str:
    """Say where this is: how many sites, as of which day."""
    counted = say("shared.count.site", language, n=len(view.sites))
    return say("quality.page.eyebrow", language, sites=counted, date=date_(today, language))


def title(view: QualityView, language: Language) -> str:
    """Say what is worst: who is late, else what is missing."""
    if not view.measured:
        return say("quality.title.empty", language)
    if view.late:
        first = view.late[0]
        days = say("shared.count.day", language, n=first.days_late)
        return say("quality.title.late", language, n=len(view.late), site=view.sites[first.site_id].name, days=days)
    if view.n_missing:
        return say("quality.title.missing", language, n=view.n_missing)
    return say("quality.title.well", language)


def next_step(view: QualityView, language: Language) -> tuple[str, Act | None]:
    """Name the one next step and its button; none where there is nothing to do."""
    act = Act(say("quality.next.button", language), "quality-upload", icon="upload")
    if view.late:
        first = view.late[0]
        latest = first.series[0].fresh
        return say(
            "quality.next.late", language, site=view.sites[first.site_id].name,
            metric=metric_name(view, latest.metric_id, language),
            period=period(latest.last_period, latest.grain, language),
        ), act  # fmt: skip
    if view.n_missing:
        worst = max(view.qualities, key=lambda one: one.n_missing)
        return say("quality.next.missing", language, n=worst.n_missing, site=view.sites[worst.site_id].name), act
    return say("quality.next.none", language), None


def counts(view: QualityView, language: Language) -> list[Count]:
    """Open with three counts: sites late, periods missing, values restated."""
    late = [
        Note(view.sites[one.site_id].name, f" · {say('shared.count.day', language, n=one.days_late)}", icon="clock")
        for one in view.late[:NAMED]
    ]
    gaps = sorted((one for one in view.qualities if one.n_missing), key=lambda one: -one.n_missing)
    missing = [Note(view.sites[one.site_id].name, f" · {number(one.n_missing, language)}") for one in gaps[:NAMED]]
    restated = view.counts.of(Measure.RESTATED)
    share = percent(restated / 100, language) if restated == restated else "–"
    loads = say("quality.counts.loads", language, n=view.counts.n_loads)
    notes = [Note(rest=say("quality.counts.worst", language, file=view.worst_file))] if view.worst_file else []
    notes.append(Note(rest=loads))
    if view.counts.n_undone:
        notes.append(Note(rest=say("quality.counts.undone", language, n=view.counts.n_undone)))
    return [
        Count(len(view.late), say("quality.counts.late", language, n=len(view.late)), late),
        Count(number(view.n_missing, language), say("quality.counts.missing", language, n=view.n_missing), missing),
        Count(share, say("quality.counts.restated", language), notes),
    ]


def site_table(view: QualityView, shown: Sequence[SiteQuality], language: Language) -> str:
    """Write a row a site: last period, how late, how much is missing."""
    heads = [
        say("shared.label.site", language), say("quality.column.last", language), say("quality.column.late", language),
        Column(say("quality.column.missing", language), numeric=True),
    ]  # fmt: skip
    lines = [_site_line(view, one, language) for one in shown]
    return html_table(heads, lines, caption=say("quality.sites.caption", language))


def _site_line(view: QualityView, one: SiteQuality, language: Language) -> Line:
    header = Cell(view.sites[one.site_id].name, href=f"/quality?site={one.site_id}&lang={language}#{DETAIL}")
    if not one.series or one.last_period is None:
        return Line(header, [Cell(say("quality.no_value", language)), Cell("–", quiet=True), Cell("–", quiet=True)])
    newest = max(one.series, key=lambda series: series.fresh.last_period).fresh
    late = [series.fresh for series in one.series if series.fresh.days_late]
    names = [metric_name(view, fresh.metric_id, language) for fresh in late[:NAMED]]
    if len(late) > NAMED:
        names.append(say("quality.more", language, n=len(late) - NAMED))
    lateness = _late(one.days_late, language, below=(say("shared.list_separator", language).join(names),))
    return Line(
        header,
        [Cell(period(newest.last_period, newest.grain, language)), lateness, _number_cell(one.n_missing, language)],
    )


def _late(days: int, language: Language, below: tuple[str, ...] = ()) -> Cell:
    if not days:
        return Cell(say("quality.on_time", language), quiet=True)
    return Cell(say("shared.count.day", language, n=days), icon="clock", below=below)


def _number_cell(n: int, language: Language) -> Cell:
    return Cell(number(n, language), quiet=n == 0)


DETAIL = "site"  # where the one site's metrics stand on the page


def metric_table(
    view: QualityView, one: SiteQuality, missing: dict[str, list[dt.date]], language: Language
) -> str:  # fmt: skip
    """Write a row a metric of one site: last period, how late, which periods are missing."""
    heads = [
        say("shared.label.metric", language), say("quality.column.last", language), say("quality.column.late", language),
        say("quality.column.which", language),
    ]  # fmt: skip
    lines = []
    for series in one.series:
        fresh = series.fresh
        link = metric_link(fresh.site_id, fresh.metric_id, language)
        lines.append(
            Line(
                Cell(metric_name(view, fresh.metric_id, language), href=link),
                [
                    Cell(period(fresh.last_period, fresh.grain, language)), _late(fresh.days_late, language),
                    _gaps(missing.get(fresh.metric_id, []), fresh.grain, language),
                ],
            )
        )  # fmt: skip
    return html_table(heads, lines, caption=say("quality.site.caption", language))


def _gaps(days: list[dt.date], grain: Grain, language: Language) -> Cell:
    """Name the holes of a series, newest first: one period, or from the first to the last of several in a row."""
    if not days:
        return Cell("–", quiet=True)
    numbers = periods.ordinals(np.array(days, dtype="datetime64[D]"), grain)
    holes = np.split(np.arange(len(days)), np.flatnonzero(np.diff(numbers) > 1) + 1)[::-1]
    named = [_hole(days[int(hole[0])], days[int(hole[-1])], len(hole), grain, language) for hole in holes[:HOLES_NAMED]]
    earlier = len(holes) - len(named)
    return Cell(
        say("shared.list_separator", language).join(named),
        below=(say("quality.earlier", language, n=earlier),) if earlier else (),
    )


def _hole(first: dt.date, last: dt.date, n: int, grain: Grain, language: Language) -> str:
    if n == 1:
        return period(first, grain, language)
    return say("quality.hole", language, n=n, first=period(first, grain, language), last=period(last, grain, language))


def trend_key(found: Trend, language: Language) -> list[tuple[str | None, str] | str]:
    """Name the marks that stand in the picture."""
    if not isinstance(found.result, XmrChart):
        return [("ring", say("quality.key.point", language))]
    kinds = set(found.result.point_types)
    items: list[tuple[str | None, str] | str] = [("ring", say("quality.key.point", language))]
    if PointType.CONCERN in kinds:
        items.append(("square", say("quality.key.worse", language)))
    if PointType.IMPROVEMENT in kinds:
        items.append(("diamond", say("quality.key.better", language)))
    return [*items, say("quality.key.band", language)]


def loads_table(view: QualityView, language: Language) -> str:
    """Write what the recent loads came to."""
    found = view.counts
    rows = [
        ("loads", found.n_loads, ""), ("undone", found.n_undone, ""), ("entered", found.n_entered, ""),
        ("restated", found.n_restated, _share(found.of(Measure.RESTATED), language)),
        ("rejected", found.n_rejected, _share(found.of(Measure.REJECTED), language)),
        ("marked", found.n_marked, _share(found.of(Measure.MARKED), language)),
    ]  # fmt: skip
    heads = [
        say("quality.loads.what", language), Column(say("quality.loads.number", language), numeric=True),
        Column(say("quality.loads.share", language), numeric=True),
    ]  # fmt: skip
    lines = [
        Line(say(f"quality.loads.{name}", language), [number(n, language), Cell(share, quiet=not share)])
        for name, n, share in rows
    ]
    return html_table(heads, lines, caption=say("quality.loads.caption", language), as_list=False)


def _share(percentage: float, language: Language) -> str:
    return percent(percentage / 100, language) if percentage == percentage else "–"
