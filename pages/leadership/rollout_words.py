"""The words and the table of the rollout screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.attention import Kind
from data.types import Site, SiteStage, Stage
from pages.leadership.overview_words import title as overview_title
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, date_, say, state

if TYPE_CHECKING:
    from pages.leadership.overview_view import Overview, SiteRow
    from pages.shared.session import Visit

STAGE_ICONS = {Stage.LIVE: "live", Stage.MATURE: "live", Stage.PREPARING: "preparing", Stage.PLANNED: "planned"}


def title(view: Overview, language: Language) -> str:
    """Return the finding: which sites are late, or that all is as planned."""
    if not view.waves:
        return say("leadership.rollout.none", language)
    return overview_title(view, language)


def next_step(view: Overview, language: Language) -> str:
    """Name the site to see to next."""
    overdue = [due for due in view.late if due.kind is Kind.GO_LIVE and due.due_on is not None]
    if overdue:
        site = view.sites[overdue[0].site_id or ""].name
        return say("leadership.rollout_page.next.late", language, site=site, date=date_(overdue[0].due_on, language))
    coming = sorted(
        (p.planned_on, view.sites[p.site_id].name) for p in _live(view) if p.actual_on is None and p.planned_on
    )
    if coming:
        day, site = coming[0]
        return say("leadership.rollout_page.next.none", language, site=site, date=date_(day, language))
    return say("leadership.rollout_page.next.done", language)


def site_table(chosen: Sequence[SiteRow], view: Overview, visit: Visit) -> str:
    """Write one line a site: stage, planned and actual go-live, slip in days."""
    language = visit.language
    heads = [
        say("leadership.table.column.site", language),
        say("leadership.rollout_page.column.stage", language),
        Column(say("leadership.rollout_page.column.planned", language), numeric=True),
        Column(say("leadership.rollout_page.column.actual", language), numeric=True),
        Column(say("leadership.rollout_page.column.slip", language), numeric=True),
    ]
    passages = {p.site_id: p for p in _live(view)}
    rows = sorted(chosen, key=lambda row: (row.wave or 0, row.site.name.casefold()))
    lines = [_line(row.site, row.wave, row.stage, passages.get(row.site.id), visit) for row in rows]
    return html_table(heads, lines, caption=say("leadership.rollout_page.caption", language))


def _line(site: Site, wave: int | None, stage: Stage, passage: SiteStage | None, visit: Visit) -> Line:
    language = visit.language
    below = (say("leadership.table.wave", language, n=wave),) if wave is not None else ()
    planned = passage.planned_on if passage else None
    actual = passage.actual_on if passage else None
    slip = (actual or max(visit.today, planned)) - planned if planned else None
    late = slip is not None and slip.days > 0
    words = (
        say("leadership.rollout.slip", language, days=say("shared.count.day", language, n=slip.days))
        if slip and late
        else "–"
    )
    return Line(
        Cell(site.name, below=below),
        [
            Cell(state(stage, language), icon=STAGE_ICONS[stage]),
            date_(planned, language) if planned else "–",
            date_(actual, language) if actual else say("shared.not_yet", language),
            Cell(words, tint="worse" if late and actual is None else None),
        ],
    )


def _live(view: Overview) -> list[SiteStage]:
    return [p for p in view.passages if p.stage is Stage.LIVE]
