"""The words and the table of the rollout screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results import NotComputable
from analytics.results_rollout import Completion, StageState, StageWait, Stalled
from analytics.rollout import STALLED_QUANTILE
from data.attention import Kind
from data.types import Site, SiteStage, Stage
from pages.leadership.overview_words import title as overview_title
from pages.shared.markup import Note
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, date_, percent, say, sentence, state

if TYPE_CHECKING:
    from pages.leadership.overview_view import Overview, SiteRow
    from pages.leadership.rollout_view import Outlook
    from pages.shared.session import Visit

STAGE_ICONS = {Stage.LIVE: "live", Stage.MATURE: "live", Stage.PREPARING: "preparing", Stage.PLANNED: "planned"}


def title(view: Overview, language: Language) -> str:
    """Return the finding: which sites are late, or that all is as planned."""
    if not view.waves:
        return say("leadership.rollout.none", language)
    return overview_title(view, language)


def next_step(view: Overview, language: Language, *, may_tell: bool = True) -> str:
    """Name the site to see to next. may_tell: whether this person may say that a site is live."""
    overdue = [due for due in view.late if due.kind is Kind.GO_LIVE and due.due_on is not None]
    if overdue:
        site = view.sites[overdue[0].site_id or ""].name
        code = "late" if may_tell else "late_read"
        return say(f"leadership.rollout_page.next.{code}", language, site=site, date=date_(overdue[0].due_on, language))
    coming = sorted(
        (p.planned_on, view.sites[p.site_id].name) for p in _live(view) if p.actual_on is None and p.planned_on
    )
    if coming:
        day, site = coming[0]
        return say("leadership.rollout_page.next.none", language, site=site, date=date_(day, language))
    return say("leadership.rollout_page.next.done", language)


def plan_key(ahead: Outlook, language: Language) -> list[tuple[str | None, str] | str]:
    """Name the marks of the plan's picture."""
    named: list[tuple[str | None, str] | str] = [
        ("line_ink", say("rollout_view.key.live", language)),
        ("target", say("rollout_view.key.plan", language)),
    ]
    if isinstance(ahead.completion, Completion):
        named.append(("forecast", say("rollout_view.key.forecast", language)))
    return named


def stage_notes(ahead: Outlook, language: Language) -> list[Note]:
    """Say of each stage which sites have been in it longer than most others."""
    notes = []
    for stage, found in ahead.stalled.items():
        if isinstance(found, NotComputable) and found.code == "nobody_in_stage":
            continue
        words = sentence(found, language)
        stuck = isinstance(found, Stalled) and any(wait.state is StageState.STALLED for wait in found.sites)
        notes.append(
            Note(
                rest=say(f"rollout_view.stage.{stage}", language, words=words),
                icon="clock" if stuck else STAGE_ICONS[stage],
            )
        )
    return notes


def site_table(chosen: Sequence[SiteRow], view: Overview, visit: Visit, ahead: Outlook) -> str:
    """Write one line a site: stage and how long in it, planned and actual go-live, slip in days."""
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
    lines = [
        _line(row.site, row.wave, row.stage, passages.get(row.site.id), visit, ahead.waits.get(row.site.id))
        for row in rows
    ]
    return html_table(heads, lines, caption=say("leadership.rollout_page.caption", language))


def _line(
    site: Site, wave: int | None, stage: Stage, passage: SiteStage | None, visit: Visit, wait: StageWait | None
) -> Line:
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
            _stage(stage, wait, language),
            date_(planned, language) if planned else "–",
            date_(actual, language) if actual else say("shared.not_yet", language),
            Cell(words, tint="worse" if late and actual is None else None),
        ],
    )


def _stage(stage: Stage, wait: StageWait | None, language: Language) -> Cell:
    """A stage with how long the site has been in it; one that most others have left by then is flagged."""
    if wait is None:
        return Cell(state(stage, language), icon=STAGE_ICONS[stage])
    below = [say("rollout_view.days_in", language, days=say("shared.count.day", language, n=wait.days))]
    if wait.state is not StageState.STALLED or wait.usual is None:
        return Cell(state(stage, language), icon=STAGE_ICONS[stage], below=below)
    usual = say("shared.count.day", language, n=round(wait.usual))
    share = percent(STALLED_QUANTILE, language, 0)
    below.append(say("rollout_view.stalled", language, share=share, usual=usual))
    return Cell(state(stage, language), icon=STAGE_ICONS[stage], below=below, tint="worse")


def _live(view: Overview) -> list[SiteStage]:
    return [p for p in view.passages if p.stage is Stage.LIVE]
