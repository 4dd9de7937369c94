"""The one table: sites x metrics, each cell its last value, its variation and its chance of meeting the target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.results import Variation
from data.attention import Kind
from pages.shared.icons import ASSURANCE_ICONS, VARIATION_ICONS
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, say, state, unit, value

if TYPE_CHECKING:
    from data.types import Metric
    from pages.leadership.overview_view import Overview, SiteRow, Standing

MOST_METRICS = 6
TINTS = {Variation.IMPROVING: "better", Variation.CONCERN: "worse"}


def board_table(view: Overview, rows: Sequence[SiteRow], language: Language) -> str:
    """Write the table; on a phone each site becomes an entry that shows only its signals."""
    shown = [m for m in view.metrics.values() if any(m.id in row.standings for row in view.rows)][:MOST_METRICS]
    heads = [
        Column(say("leadership.table.column.site", language)),
        Column(say("leadership.table.column.decide", language)),
    ]
    heads += [Column(_heading(metric, language)) for metric in shown]
    lines = [
        Line(_site(row, language), [_to_decide(row, language), *(_cell(row, metric, language) for metric in shown)])
        for row in rows
    ]
    return html_table(
        heads,
        lines,
        caption=say("leadership.table.caption", language),
        nothing=say("leadership.table.nothing", language),
    )


def _heading(metric: Metric, language: Language) -> str:
    written = unit(metric, language)
    return f"{metric.name(language)} ({written})" if written else metric.name(language)


def _site(row: SiteRow, language: Language) -> Cell:
    below = (say("leadership.table.wave", language, n=row.wave),) if row.wave is not None else ()
    return Cell(row.site.name, below=below, href=f"/metric?site={row.site.id}&lang={language}")


def _to_decide(row: SiteRow, language: Language) -> Cell:
    parts = [due.label for due in row.waits if due.label]
    signals = sum(due.kind in (Kind.UNOWNED_SIGNAL, Kind.DRIFT) for due in row.waits)
    if signals:
        parts.insert(0, say("leadership.table.signals", language, n=signals))
    for due in row.late:
        days = say("shared.count.day", language, n=due.days_late or 0)
        parts.append(say("leadership.table.late_live", language, days=days))
    return Cell(", ".join(parts) or "–", quiet=not parts)


def _cell(row: SiteRow, metric: Metric, language: Language) -> Cell:
    found: Standing | None = row.standings.get(metric.id)
    if found is None:
        return Cell(say("leadership.table.not_yet", language), quiet=True)
    bare = value(found.value, metric.model_copy(update={"unit": ""}), language)
    if found.variation is None:
        return Cell(bare, below=(say("leadership.table.no_limits", language),), quiet=True)
    below: list[tuple[str | None, str] | str] = [state(found.variation, language)]
    if found.assurance is not None:
        below.append((ASSURANCE_ICONS[found.assurance], state(found.assurance, language)))
    tint = TINTS.get(found.variation)
    return Cell(bare, icon=VARIATION_ICONS[found.variation], below=below, tint=tint, quiet=tint is None)
