"""The words between sites: the title, the next step, the key of each picture, the table of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.results import Direction, NotComputable
from analytics.results_between import Dispersion, Funnel, SiteRanks, Standing, VarianceComponents
from pages.shared.between_looks import kind_of
from pages.shared.frame import Act
from pages.shared.links import metric_link
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, date_, finding, number, percent, say, sentence, unit, value

if TYPE_CHECKING:
    from pages.cohort.between_view import BetweenView

KeyItems = list[tuple[str | None, str] | str]
SMALL = 10  # sizes below it are told to one decimal
ICONS = {"better": "diamond", "worse": "square", "neutral": "triangle"}


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site of the table. value, size: None where it has no place in the funnel; ranks likewise."""

    name: str
    site_id: str
    value: float | None
    size: float | None
    standing: Standing | None
    rank: int | None
    lower: int | None
    upper: int | None


def eyebrow(view: BetweenView, language: Language) -> str:
    """Say which metric, how many sites, its unit and better direction, and which days are looked at."""
    written = unit(view.metric, language)
    parts = [
        say("between.eyebrow", language, n=len(view.sites), metric=view.metric.name(language)),
        say("cohort.metric.in_unit", language, unit=written).rstrip(" ,") if written else "",
        say(f"cohort.metric.better.{view.metric.direction}", language),
        say("between.days", language, first=date_(view.first, language), last=date_(view.last, language))
        if view.first and view.last
        else "",
    ]
    return " · ".join(part for part in parts if part)


def title(view: BetweenView, language: Language) -> str:
    """Return the page's title: what is sure; of one site, that there is nothing to compare it with."""
    if not view.sites:
        return say("between.empty", language, metric=view.metric.name(language))
    if len(view.sites) == 1:
        return say("between.one_site", language, site=next(iter(view.sites)))
    for result in (view.funnel, view.dispersion, view.ranks):
        if not isinstance(result, NotComputable):
            return finding(result, language, view.metric)
    return sentence(view.funnel, language, view.metric)


def next_step(view: BetweenView, language: Language) -> tuple[str, Act, dict[str, str]]:
    """Choose the next step, its button and the page it leads to: path and what stands in the address."""
    act = Act(say("between.next.open_metric", language), "between-next", icon="search")
    outside = view.funnel.outside if isinstance(view.funnel, Funnel) else ()
    if outside:
        words = say("between.next.outside", language, site=outside[0])
        return words, act, {"path": "metric", "site": view.sites[outside[0]], "metric": view.metric.id}
    act = Act(say("between.next.open_compare", language), "between-next", icon="search")
    return say("between.next.compare", language), act, {"path": "compare", "metric": view.metric.id}


def funnel_detail(view: BetweenView, language: Language) -> str:
    """Say what the funnel rests on."""
    said = [_rest(view.funnel, view, language)]
    if view.recent:
        said.append(say("between.recent", language, date=date_(view.recent, language)))
    if view.by_noise:
        said.append(say("between.by_noise", language))
    if view.sized:
        said.append(say("between.sized", language))
    return " ".join(said)


def spread_answer(view: BetweenView, language: Language) -> str:
    """Answer whether it is becoming one standard; say where the rollout itself is part of the spread."""
    said = [finding(view.dispersion, language, view.metric)]
    if view.newly_live:
        said.append(say("between.newly_live", language, n=view.newly_live))
    return " ".join(said)


def spread_detail(view: BetweenView, language: Language) -> str:
    """Say the rest of the spread, and how much of the variation lies between sites."""
    said = [_rest(view.dispersion, view, language)]
    if isinstance(view.components, VarianceComponents) and view.recent:
        share = sentence(view.components, language, view.metric)
        said.append(
            say("between.share", language, date=date_(view.recent, language), share=share[0].lower() + share[1:])
        )
    return " ".join(said).strip()


def _rest(result: Funnel | Dispersion | NotComputable, view: BetweenView, language: Language) -> str:
    """Give what a result's sentence says after its finding."""
    return sentence(result, language, view.metric).removeprefix(finding(result, language, view.metric)).strip()


def funnel_key(found: Funnel, direction: Direction, language: Language) -> KeyItems:
    """Name the marks of the funnel that are there."""
    kinds = {kind_of(at, direction) for at in found.standings}
    marks: KeyItems = [(ICONS[kind], say(f"between.key.{kind}", language)) for kind in ICONS if kind in kinds]
    return [*marks, ("ring", say("between.key.inside", language)), say("between.key.band", language),
            say("between.key.dots", language)]  # fmt: skip


def spread_key(found: Dispersion, language: Language) -> KeyItems:
    """Name the lines of the spread; say the coefficient of variation of the first and the last stretch."""
    items: KeyItems = [say("between.key.between", language), say("between.key.within", language)]
    first, last = found.blocks[0], found.blocks[-1]
    if first.cv_between is not None and last.cv_between is not None:
        items.append(
            say(
                "between.key.cv",
                language,
                first=percent(first.cv_between, language, 0),
                last=percent(last.cv_between, language, 0),
            )
        )
    return items


def rank_key(view: BetweenView, language: Language) -> KeyItems:
    """Name the marks of the ranks, and which end is the first."""
    way = {Direction.UP: "highest", Direction.DOWN: "lowest", Direction.NEUTRAL: "high_neutral"}[view.metric.direction]
    return [say(f"between.key.first.{way}", language), say("between.key.interval", language)]


def site_lines(view: BetweenView) -> list[SiteLine]:
    """Give the numbers of each site, by rank, then name."""
    placed = {site: place for place, site in enumerate(view.funnel.sites)} if isinstance(view.funnel, Funnel) else {}
    ranked = {site: place for place, site in enumerate(view.ranks.sites)} if isinstance(view.ranks, SiteRanks) else {}
    lines = []
    for name, site_id in view.sites.items():
        at, rank = placed.get(name), ranked.get(name)
        found, ranks = view.funnel, view.ranks
        in_funnel = (
            (float(found.values[at]), float(found.sizes[at]), found.standings[at])
            if at is not None and isinstance(found, Funnel)
            else (None, None, None)
        )
        in_ranks = (
            (int(ranks.rank[rank]), int(ranks.lower[rank]), int(ranks.upper[rank]))
            if rank is not None and isinstance(ranks, SiteRanks)
            else (None, None, None)
        )
        lines.append(SiteLine(name, site_id, *in_funnel, *in_ranks))
    return sorted(lines, key=lambda line: (line.rank is None, line.rank or 0, line.name.casefold()))


def standing_words(line: SiteLine, language: Language) -> str:
    """Word where a site stands in the funnel."""
    return say(f"between.standing.{line.standing or 'none'}", language)


def site_table(view: BetweenView, lines: list[SiteLine], language: Language) -> str:
    """Write the numbers; a site's name leads to its own page."""
    kind = view.funnel.kind if isinstance(view.funnel, Funnel) else "mean"
    heads = [
        say("shared.label.site", language),
        Column(say("between.column.value", language), numeric=True),
        Column(say(f"between.size.{kind}", language), numeric=True),
        say("between.column.standing", language),
        say("between.column.rank", language),
    ]
    rows = [_line(view, line, language) for line in lines]
    return html_table(heads, rows, caption=say("between.caption", language))


def _line(view: BetweenView, line: SiteLine, language: Language) -> Line:
    link = metric_link(line.site_id, view.metric.id, language)
    kind = kind_of(line.standing, view.metric.direction)
    tint = {"better": "better", "worse": "worse"}.get(kind)
    shown = (
        value(line.value, view.metric, language, decimals=max(1, view.metric.decimals))
        if line.value is not None
        else "–"
    )
    size = number(line.size, language, 1 if line.size < SMALL else 0) if line.size is not None else "–"
    rank = say("between.rank", language, lower=line.lower, upper=line.upper) if line.rank is not None else "–"
    standing = Cell(standing_words(line, language), icon=ICONS.get(kind), tint=tint, quiet=kind == "inside")  # type: ignore[arg-type]
    return Line(Cell(line.name, href=link), [shown, size, standing, rank])
