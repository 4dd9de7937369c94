"""The load itself, begun from the check: watched while it runs, and put into words when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.progress import Cancelled
from data.store import the_store
from data.types import Direction
from loaders import ingest
from loaders.letter import Letter, load_letter
from loaders.summary import loaded_lines
from pages.keepers import words
from pages.keepers.desk import CHECK, DONE, Done, Loaded
from pages.keepers.work import Work
from wording import LANGUAGES, say

if TYPE_CHECKING:
    from data.store import Store
    from loaders.ingest import LoadReport
    from pages.keepers.desk import Desk
    from pages.keepers.reading import Held
    from pages.shared.session import Visit
    from wording import Language


def begin(visit: Visit, desk: Desk, held: Held, *, register: bool, reason: str) -> None:
    """Begin to load the file, whole or not at all, once a reason is given for what changes."""
    desk.called_off = False
    if held.restated and not reason.strip():
        desk.problem = say("keepers.problem.reason", visit.language)
        st.rerun()
    store, actor, understanding = the_store(), visit.actor, held.understanding
    desk.problem = ""

    def load() -> Loaded:
        report = ingest.load(understanding, store, actor, register=register, reason=reason.strip(),
                             leave_out=bool(held.cells_at_fault))  # fmt: skip
        return Loaded(report, letters_of(report, store))

    desk.loading = Work(load)
    desk.loading.finished_within()
    st.rerun()


def end(visit: Visit, desk: Desk, held: Held) -> None:
    """Take over what a load came to: done, called off, or not possible and why."""
    if desk.loading is None:
        return
    work, desk.loading = desk.loading, None
    try:
        report, letters = work.result()
    except Cancelled:
        desk.go(CHECK)
        desk.called_off = True
    except words.TROUBLES as error:
        desk.memory = None  # the record may have changed meanwhile: look again
        desk.go(CHECK)
        desk.problem = words.trouble(error, visit.language)
    else:
        done = {language: done_words(held, report, letters[language], language) for language in LANGUAGES}
        desk.clear()
        desk.done, desk.step = done, DONE
    st.rerun()


def letters_of(report: LoadReport, store: Store) -> dict[Language, Letter]:
    """Write the letter about a load in each language; a plain one when that was called off, for the load is done."""
    letters = {}
    for language in LANGUAGES:
        plain = Letter(report.batch.file_name, "\n".join(loaded_lines(report, language)) + "\n")
        try:
            letters[language] = load_letter(store, report.batch.id, language) or plain
        except Cancelled:
            letters[language] = plain
    return letters


def done_words(held: Held, report: LoadReport, letter: Letter, language: Language) -> Done:
    """Put what a load did into words, so that the file itself can be put away."""
    found, batch = report.understanding.interpretation, report.batch
    title = say("keepers.title.done", language, n=batch.n_new + batch.n_restated, file=batch.file_name)
    if not report.changed:
        title = say("keepers.title.unchanged", language)
    lines = [*loaded_lines(report, language)]
    if report.understanding.mends:
        lines.append(say("keepers_mend.done.mended", language, n=len(report.understanding.mends)))
    lines.append(words.cells_line(found, language))
    lines += [note.what for note in words.excluded_notes(found, language)]
    marks = (say("keepers.done.batch", language, id=batch.id), say("keepers.done.hash", language, hash=batch.file_hash))
    site, metric = first_series(held, report, language)
    step = say("keepers.done.chart", language, site=site[1], metric=metric[1])
    undirected = tuple((one.id, one.name(language)) for one in report.new_metrics if one.direction is Direction.NEUTRAL)
    return Done(title, tuple(lines), marks, site[0], metric[0], step, letter, undirected)


def first_series(held: Held, report: LoadReport, language: Language) -> tuple[tuple[str, str], tuple[str, str]]:
    """Choose the chart to open first: a rate where one was made, of the first site of the file."""
    found = report.understanding.interpretation
    rates = [seen for seen in found.metrics if seen.rate is not None and seen.n_observations]
    metric = (rates or [seen for seen in found.metrics if seen.n_observations] or list(found.metrics))[0]
    site = found.sites[0]
    new_sites = {one.name: one.id for one in report.new_sites}
    new_metrics = {one.name_en: one.id for one in report.new_metrics}
    site_id = site.site_id or new_sites.get(site.name, "")
    metric_id = metric.metric_id or new_metrics.get(metric.name, "")
    known = held.metrics.get(metric_id)
    return (site_id, held.site_names.get(site_id, site.name)), (
        metric_id,
        known.name(language) if known else metric.name,
    )
