"""The words of the catalogue: its finding, its one next step, and its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results import Direction
from data.access import Permission, allowed, allowed_somewhere
from pages.shared.frame import Act
from pages.shared.markup import Note
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, date_, period, say, state, unit, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.keepers.catalogue_view import CatalogueView, MetricEntry, SiteEntry, TargetEntry
    from pages.shared.session import Visit

DIRECTION, TARGET, BRING = "catalogue-direction", "catalogue-target", "catalogue-bring"  # the next step's buttons


def title(view: CatalogueView, language: Language) -> str:
    """Return the finding: what is missing for a signal to mean something, or that nothing is."""
    if not view.metrics:
        return say("catalogue.title.empty", language)
    if view.undecided:
        return say("catalogue.title.undecided", language, n=len(view.undecided))
    if view.without_target:
        return say("catalogue.title.without_target", language, n=len(view.without_target))
    return say("catalogue.title.complete", language, n=len(view.metrics))


def next_step(view: CatalogueView, visit: Visit) -> tuple[str, Act | None]:
    """Choose the one next step; its button only for who may."""
    language = visit.language
    if not view.metrics:
        may = allowed_somewhere(visit.actor, Permission.UPLOAD)
        return say("catalogue.next.empty", language), _act("bring", BRING, "upload_file", language) if may else None
    if view.undecided:
        name = view.undecided[0].metric.name(language)
        if not may_edit(visit):
            return say("catalogue.next.direction_by_admin", language, metric=name), None
        return say("catalogue.next.direction", language, metric=name), _act("direction", DIRECTION, "edit", language)
    if view.without_target:
        name = view.without_target[0].metric.name(language)
        if not may_set_targets(visit):
            return say("catalogue.next.target_by_leader", language, metric=name), None
        return say("catalogue.next.target", language, metric=name), _act("target", TARGET, "flag", language)
    return say("catalogue.next.complete", language), None


def may_edit(visit: Visit) -> bool:
    """Tell whether this person may change metrics."""
    return allowed(visit.actor, Permission.MANAGE_CATALOGUE)


def may_set_targets(visit: Visit) -> bool:
    """Tell whether this person may set a target, at one site at least."""
    return allowed_somewhere(visit.actor, Permission.SET_TARGET)


def direction_words(entry: MetricEntry, language: Language) -> str:
    """Say which way is better, or that nobody has said it."""
    return say("catalogue.direction.unsaid", language) if entry.undecided else state(entry.metric.direction, language)


def metrics_table(view: CatalogueView, language: Language) -> str:
    """Show every metric: its unit, its good direction, its target, how it is counted, its version."""
    columns = [say(f"catalogue.metric.{name}", language) for name in ("name", "direction", "target", "counted")]
    columns.append(Column(say("catalogue.metric.version", language), numeric=True))
    lines = [Line(_name(entry, language), [_direction(entry, language), _target(entry, language), _counted(entry, language),
                                           str(entry.metric.definition_version)])
             for entry in view.metrics.values()]  # fmt: skip
    return html_table(columns, lines, caption=say("catalogue.metrics.caption", language))


def facts(entry: MetricEntry, language: Language) -> list[Note]:
    """List what a metric's definition says."""
    metric = entry.metric
    lines = [
        (say("catalogue.field.definition", language), metric.definition or say("catalogue.definition.none", language)),
        (say("catalogue.field.direction", language), direction_words(entry, language)),
        (say("catalogue.field.range", language), _range(entry, language)),
    ]
    if metric.customer_outcome is not None:
        lines.append((say("catalogue.field.outcome", language), state(metric.customer_outcome, language)))
    if entry.span:
        lines.append(
            (say("catalogue.field.span", language), say("catalogue.span", language, **span_words(entry, language)))
        )
    return [Note(what=f"{name} · ", rest=text) for name, text in lines]


def span_words(entry: MetricEntry, language: Language) -> dict[str, str]:
    """Name the first and the last period measured; nothing where none is."""
    grain = entry.metric.frequency
    ends = zip(("first", "last"), entry.span or (), strict=False)
    return {name: period(day, grain, language) for name, day in ends}


def targets_table(entry: MetricEntry, language: Language) -> str:
    """Show the dated targets of a metric, the old ones too."""
    columns = [
        say("catalogue.target.from", language),
        Column(say("catalogue.target.value", language), numeric=True),
        *(say(f"catalogue.target.{name}", language) for name in ("where", "standing", "set_by")),
    ]
    lines = [_target_line(one, entry, language) for one in entry.targets]
    return html_table(columns, lines, caption=say("catalogue.targets.caption", language))


def sites_table(entries: Sequence[SiteEntry], language: Language) -> str:
    """Show sites with their code, kind, group and other names."""
    columns = [say(f"catalogue.site.{name}", language) for name in ("name", "code", "kind", "group", "aliases")]
    lines = [
        Line(entry.site.name, [entry.site.code or "", state(entry.site.kind, language), entry.site.group or "",
                               " · ".join(entry.aliases)])
        for entry in entries
    ]  # fmt: skip
    return html_table(columns, lines, caption=say("catalogue.sites.caption", language))


def _act(word: str, key: str, icon: str, language: Language) -> Act:
    return Act(say(f"catalogue.button.{word}", language), key, icon=icon)


def _name(entry: MetricEntry, language: Language) -> Cell:
    metric = entry.metric
    other = metric.name_en if language == "fr" else metric.name_fr
    below = [words for words in (unit(metric, language), other if other != metric.name(language) else "") if words]
    return Cell(metric.name(language), below=below, href=f"?lang={language}&metric={metric.id}")


def _direction(entry: MetricEntry, language: Language) -> Cell:
    unsaid = entry.undecided
    return Cell(direction_words(entry, language), icon="warning" if unsaid else None, tint="worse" if unsaid else None)


def _target(entry: MetricEntry, language: Language) -> Cell:
    own, now = entry.sites_with_their_own, entry.in_force
    below = [say("catalogue.target.own", language, n=own)] if own else []
    if now is None:
        neutral = entry.metric.direction is Direction.NEUTRAL
        missing = "" if own else say("catalogue.target.not_needed" if neutral else "catalogue.target.none", language)
        return Cell(missing, below=below)
    since = say("catalogue.target.since", language, date=date_(now.target.applies_from, language))
    return Cell(value(now.target.value, entry.metric, language), below=[since, *below])


def _counted(entry: MetricEntry, language: Language) -> Cell:
    metric = entry.metric
    parts = (state(metric.frequency, language), state(metric.kind, language), state(metric.aggregation, language))
    return Cell(" · ".join(parts))


def _range(entry: MetricEntry, language: Language) -> str:
    metric = entry.metric
    low, high = (
        None if end is None else value(end, metric, language) for end in (metric.plausible_low, metric.plausible_high)
    )
    match low, high:
        case None, None:
            return say("catalogue.range.none", language)
        case str(), None:
            return say("catalogue.range.from", language, low=low)
        case None, str():
            return say("catalogue.range.to", language, high=high)
    return say("catalogue.range.both", language, low=low, high=high)


def _target_line(one: TargetEntry, entry: MetricEntry, language: Language) -> Line:
    who = say("catalogue.target.set", language, name=one.set_by or "–", date=date_(one.set_on, language))
    return Line(
        date_(one.target.applies_from, language),
        [
            value(one.target.value, entry.metric, language),
            one.site or say("shared.label.all_sites", language),
            say(f"catalogue.standing.{one.standing}", language),
            who,
        ],
    )
