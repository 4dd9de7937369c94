"""The words of the sources page: its finding, its next step, its tables, and which piece a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.types import RunOutcome, SourceKind
from loaders.sources.words import again_words, run_words, schedule_words
from pages.shared.frame import Act
from pages.shared.markup import Note
from pages.shared.moments import when
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, number, say, state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.source_runs import SourceRun, SourceStanding
    from data.types import Source
    from loaders.sources.fetching import Fetched
    from pages.keepers.sources_view import SourcesView
    from pages.shared.session import Visit

LINK, MEND = "sources-link", "sources-mend"  # the next step's buttons
OWN_FORM = ("refusal:loaders:question_site", "refusal:sources:outside_scope")  # mended in the source, not in its file
ICONS = {
    RunOutcome.LOADED: "done", RunOutcome.UNCHANGED: "ring", RunOutcome.QUESTION: "warning", RunOutcome.FAULT: "octagon",
    RunOutcome.STOPPED: "miss",
}  # fmt: skip
LONGEST = 90


def title(view: SourcesView, language: Language) -> str:
    """Return the finding: what waits for a person, or that all goes well."""
    if not view.standings:
        return say("sources.title.empty", language)
    if view.troubled:
        return say("sources.title.trouble", language, n=len(view.troubled))
    if any(one.is_late(view.now) for one in view.standings):
        return say("sources.title.late", language)
    return say("sources.title.well", language, n=len(view.standings))


def next_step(view: SourcesView, visit: Visit) -> tuple[str, Act | None, Act | None]:
    """Return the one next step: the first source that waits for a person, else a further source."""
    language = visit.language
    link = Act(say("sources.button.link", language), LINK, icon="add_link")
    may_link = view.everywhere or bool(view.own_sites)
    if not view.troubled:
        code = "sources.next.link" if may_link else "sources.next.watch"
        return say(code, language), link if may_link else None, None
    first = view.troubled[0]
    mend = Act(say("sources.button.answer" if wants_upload(first) else "sources.button.change", language), MEND)
    text = say("sources.next.mend", language, name=first.source.name)
    return text, mend if may_link else None, link if may_link else None


def wants_upload(one: SourceStanding) -> bool:
    """Tell whether a source's trouble is about its file, to be answered where files are."""
    return one.last is not None and one.last.code.startswith(("refusal:", "fault:")) and one.last.code not in OWN_FORM


def piece_of(one: SourceStanding, pieces: Iterable[Fetched]) -> Fetched | None:
    """Find the piece that the last run's question is about; the first, where it names none."""
    wanted = str(one.last.details.get("file", "")) if one.last else ""
    return next((piece for piece in pieces if piece.trouble is None and wanted in ("", piece.name)), None)


def table(view: SourcesView, language: Language) -> str:
    """Write every source with its state, its last run and its next one."""
    heads = [
        say("sources.column.source", language), say("shared.label.state", language),
        say("sources.column.last", language), Column(say("sources.column.values", language), numeric=True),
        say("sources.column.next", language),
    ]  # fmt: skip
    lines = [Line(_name(one.source, language), _cells(one, view, language)) for one in view.standings]
    return html_table(heads, lines, caption=say("sources.list.title", language))


def _name(source: Source, language: Language) -> Cell:
    where = source.address if len(source.address) <= LONGEST else source.address[: LONGEST - 1] + "…"
    return Cell(source.name, below=(f"{state(source.kind, language)} · {where}",))


def _cells(one: SourceStanding, view: SourcesView, language: Language) -> list[Cell]:
    last, loaded = one.last, one.last_loaded
    return [
        _state(one, view, language),
        Cell(when(last.ended_at, language) if last else say("sources.never", language)),
        Cell(number(loaded.n_loaded, language) if loaded else "",
             below=(when(loaded.ended_at, language),) if loaded and last and loaded.id != last.id else ()),
        Cell(_next(one, view, language), below=(schedule_words(one.source.schedule, language),)),
    ]  # fmt: skip


def _state(one: SourceStanding, view: SourcesView, language: Language) -> Cell:
    last = one.last
    if one.source.paused:
        return Cell(say("sources.state.paused", language), icon="planned")
    if last is None:
        return Cell(say("sources.state.new", language), icon="dots")
    said = [run_words(last, language)] if last.outcome is not RunOutcome.UNCHANGED or last.code else []
    again = again_words(one, view.now, language)
    late = one.is_late(view.now) and last.outcome in (RunOutcome.LOADED, RunOutcome.UNCHANGED)
    icon = "clock" if late else ICONS[last.outcome]
    word = say("sources.state.late", language) if late else state(last.outcome, language)
    below = tuple(filter(None, [*said, again]))
    return Cell(word, icon=icon, below=below, tint="worse" if one.in_trouble else None)


def _next(one: SourceStanding, view: SourcesView, language: Language) -> str:
    at = one.next_at(view.now)
    if at is None:
        return say("sources.state.paused", language)
    return say("sources.next.soon", language) if at <= view.now else when(at, language)


def facts(one: SourceStanding, view: SourcesView, visit: Visit) -> list[Note]:
    """Say where a source stands, for which sites, with whose rights, and how it treats what is new to the record."""
    language, source = visit.language, one.source
    where = source.address
    if source.kind is SourceKind.FOLDER:
        where = f"{source.address} · {source.pattern}"
    scope = say("sources.scope.all", language)
    if source.site_id:
        scope = view.sites.get(source.site_id, source.site_id)
    elif source.process_id:
        scope = view.processes.get(source.process_id, source.process_id)
    corrections = "sources.fact.corrections_taken" if source.takes_corrections else "sources.fact.corrections_asked"
    strangers = "sources.fact.sites_registered" if source.register_sites else "sources.fact.sites_asked"
    lines = [
        Note(f"{state(source.kind, language)} · ", where),
        Note(f"{say('sources.field.scope', language)} · ", scope),
        Note(f"{say('shared.label.owner', language)} · ", view.people.get(source.owner_id, "")),
        Note(rest=f"{say(corrections, language)} {say(strangers, language)}"),
    ]
    return lines if not source.query else [*lines, Note(f"{say('sources.field.query', language)} · ", source.query)]


def runs_table(one: SourceStanding, view: SourcesView, language: Language) -> str:
    """Write a source's last runs."""
    runs: list[SourceRun] = view.runs[one.source.id]
    heads = [
        say("sources.column.last", language), say("shared.label.state", language),
        Column(say("keepers.history.new", language), numeric=True),
        Column(say("keepers.history.same", language), numeric=True),
        Column(say("keepers.history.restated", language), numeric=True),
    ]  # fmt: skip
    lines = [
        Line(when(run.ended_at, language), [
            Cell(state(run.outcome, language), icon=ICONS[run.outcome], below=(run_words(run, language),)),
            *(Cell(number(n, language), quiet=n == 0) for n in (run.n_new, run.n_same, run.n_restated)),
        ])
        for run in runs
    ]  # fmt: skip
    return html_table(heads, lines, caption=say("sources.runs.title", language))
