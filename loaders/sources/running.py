"""One run of a linked source: fetched, understood and loaded as an upload would be, with the rights of its owner."""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import duckdb

from data import records, source_runs
from data.access import Actor, Forbidden
from data.gate import Conflict
from data.progress import Cancelled
from data.sites import sites
from data.source_runs import Mark, SourceRun
from data.store import Store
from data.types import Person, RunOutcome, Site, Source
from loaders import ingest
from loaders.choices import Choices
from loaders.grid import Refusal
from loaders.ingest import FaultsRefusal, Understanding
from loaders.sources.fetching import Fetched, fetched
from loaders.sources.job import Trouble
from wording import Language, pick_language, say

# A site that may come back within a breath is asked again; then the schedule, or an earlier look, has its turn.
TRIES = 3
FIRST_PAUSE_SECONDS = 1.0
PAUSE_GROWS = 4.0
EARLY_LOOK = dt.timedelta(minutes=5)
LATEST_EARLY_LOOK = dt.timedelta(hours=6)
SOON = dt.timedelta(minutes=1)
# Of several files the worst ending is the run's.
WORST_FIRST = (
    RunOutcome.STOPPED, RunOutcome.FAULT, RunOutcome.QUESTION, RunOutcome.LOADED, RunOutcome.UNCHANGED,
)  # fmt: skip
PERSON_ANSWERS = ("unknown_site", "reason_needed", "not_your_sites", "outside_scope")
log = logging.getLogger(__name__)
Pausing = Callable[[float], object]  # waits between two tries; may end early by raising


@dataclass
class _Tally:
    """What the files of one run came to, so far."""

    outcome: RunOutcome = RunOutcome.UNCHANGED
    code: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    n_files: int = 0
    n_new: int = 0
    n_same: int = 0
    n_restated: int = 0
    n_left_out: int = 0
    batch_id: str | None = None
    again: dt.timedelta | None = None
    transient: bool = False
    marks: list[Mark] = field(default_factory=list)

    def ended(self, outcome: RunOutcome, code: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Note how one file ended; the first of the worst gives the reason."""
        if WORST_FIRST.index(outcome) < WORST_FIRST.index(self.outcome):
            self.outcome, self.code, self.details = outcome, code, details or {}


def run_source(store: Store, source_id: str, *, pause: Pausing = time.sleep) -> SourceRun | None:
    """Run a source once and keep what it came to; None when it is no longer linked.

    Whatever goes wrong ends in a run that says so: it neither raises nor stops the sources beside it. Only being
    called off does: Cancelled, with nothing kept.
    """
    with store.read() as cursor:
        source = records.one(cursor, Source, source_id)
        if source is None:
            return None
        owner = source_runs.owner_of(cursor, source, store.today())
        marks, before = source_runs.marks_of(cursor, source_id), source_runs.standing(cursor, source_id)
    started, tally = store.now(), _Tally()
    if owner is None:
        tally.ended(RunOutcome.STOPPED, "owner", {"name": _owner_name(store, source)})
    else:
        _try(store, source, owner, marks, tally, pause)
    failures = (before.failures if before else 0) + 1
    run = SourceRun(
        source_id, started, store.now(), tally.outcome, tally.code, tally.details, tally.n_files, tally.n_new,
        tally.n_same, tally.n_restated, tally.n_left_out, tally.batch_id, _again_at(tally, store.now(), failures),
    )  # fmt: skip
    source_runs.note_run(store, run, tally.marks)
    return run


def _try(store: Store, source: Source, owner: Actor, marks: Mapping[str, Mark], tally: _Tally, pause: Pausing) -> None:
    try:
        _take(store, source, owner, marks, tally, pause)
    except Cancelled:
        raise
    except Trouble as trouble:
        tally.ended(RunOutcome.FAULT, trouble.code, trouble.details)
        tally.transient = trouble.transient
    except Exception as error:  # noqa: BLE001 - one source's trouble is never another's, and its words may be secret
        log.error("source %s: %s", source.id, type(error).__name__)
        tally.ended(RunOutcome.FAULT, "unexpected", {"kind": type(error).__name__})


def _take(store: Store, source: Source, owner: Actor, marks: Mapping[str, Mark], tally: _Tally, pause: Pausing) -> None:
    """Fetch, again where that may help, and load each piece."""
    with ExitStack() as stack:
        for attempt in range(1, TRIES + 1):
            try:
                delivery = stack.enter_context(fetched(source, marks))
                first = next(delivery.pieces, None)  # trouble before the first piece is worth another try
                break
            except Trouble as trouble:
                if not trouble.transient or attempt == TRIES:
                    raise
                pause(FIRST_PAUSE_SECONDS * PAUSE_GROWS ** (attempt - 1) * random.uniform(0.5, 1.5))
        came: Iterable[Fetched] = () if first is None else chain([first], delivery.pieces)
        for piece in came:
            tally.n_files += 1
            _take_piece(store, source, owner, marks, tally, piece)
        if delivery.more or delivery.writing:
            tally.again = SOON
            if not tally.n_files:
                tally.code = "writing"


def _take_piece(
    store: Store, source: Source, owner: Actor, marks: Mapping[str, Mark], tally: _Tally, piece: Fetched
) -> None:
    if piece.trouble is not None:
        tally.ended(RunOutcome.FAULT, piece.trouble.code, piece.trouble.details)
        tally.marks.append(piece.mark)
        return
    known = marks.get(piece.mark.name)
    if known is not None and known.file_hash == piece.mark.file_hash:
        tally.marks.append(piece.mark)  # written again with the same bytes
        return
    tried = replace(piece.mark, file_hash="")
    try:
        _load(store, source, owner, tally, piece)
        tried = piece.mark
    except Refusal as refusal:
        outcome, code, details = _refused(refusal)
        tally.ended(outcome, code, {**details, "file": piece.name})
    except Forbidden:
        tally.ended(RunOutcome.STOPPED, "owner", {"name": owner.name})
    except Conflict:
        tally.ended(RunOutcome.FAULT, "conflict", {"file": piece.name})
        tally.transient = True
    except (OSError, duckdb.FatalException) as error:
        tally.ended(RunOutcome.FAULT, "disk", {"kind": type(error).__name__})
    tally.marks.append(tried)


def _load(store: Store, source: Source, owner: Actor, tally: _Tally, piece: Fetched) -> None:
    """Load one piece. Raises Refusal for what a person must look at."""
    understanding = understood(store, source, owner, piece)
    _check_scope(store, source, understanding)
    if understanding.loaded_before is None and not understanding.interpretation.questions:
        seen = ingest.preview(understanding, store)
        if seen is not None and not seen.new and not len(seen.restated) and not understanding.unknown_sites:
            tally.n_same += seen.same
            _count_left_out(tally, understanding)
            return
    reason = say("sources.reason", _language(store, source), name=source.name) if source.takes_corrections else ""
    register = source.register_sites or understanding.is_new_source
    report = ingest.load(
        understanding, store, owner, register=register, reason=reason, leave_out=True, source_id=source.id
    )
    if report.changed:
        tally.n_new += report.batch.n_new
        tally.n_same += report.batch.n_same
        tally.n_restated += report.batch.n_restated
        tally.batch_id = report.batch.id
        _count_left_out(tally, understanding)
        tally.ended(RunOutcome.LOADED)


def understood(store: Store, source: Source, owner: Actor, piece: Fetched) -> Understanding:
    """Understand one piece as an upload would be, in the way this source was read last time.

    The site of the source is that of a table which names none; where a table names sites, its word counts.
    """

    def read(**more: str) -> Understanding:
        choices = Choices(**({"sheet": source.sheet} if source.sheet else {}), **more)
        if piece.book is not None:
            return ingest.understand_book(piece.book, store, owner, choices)
        return ingest.understand(piece.data, piece.name, store, owner, choices)

    found = read()
    if source.site_id and any(question.code == "site" for question in found.interpretation.questions):
        with store.read() as cursor:
            site = records.one(cursor, Site, source.site_id)
        return read(site=site.name) if site else found
    return found


def _check_scope(store: Store, source: Source, understanding: Understanding) -> None:
    """Refuse rows of sites that the source was not linked for."""
    if source.site_id is None and source.process_id is None:
        return
    with store.read() as cursor:
        inside = {
            site.id for site in sites(cursor)
            if source.site_id in (None, site.id) and source.process_id in (None, site.process_id)
        }  # fmt: skip
    found = understanding.interpretation.sites
    outside = [
        seen.name
        for seen in found
        if (seen.site_id not in inside if seen.site_id is not None else source.site_id is not None)
    ]
    if outside:
        raise Refusal("outside_scope", domain="sources", names=", ".join(outside[:5]), n=len(outside))


def _count_left_out(tally: _Tally, understanding: Understanding) -> None:
    tally.n_left_out += understanding.interpretation.cells.get("fault", 0)


def _refused(refusal: Refusal) -> tuple[RunOutcome, str, dict[str, Any]]:
    """Tell what a person can answer from what is wrong with the file."""
    details = {
        name: value if isinstance(value, (int, float)) else str(value) for name, value in refusal.details.items()
    }
    if isinstance(refusal, FaultsRefusal):
        asks = refusal.fault.code in PERSON_ANSWERS
        where = {"sheet": refusal.fault.sheet, "row": refusal.fault.row, "column": refusal.fault.column,
                 "found": refusal.fault.found, "expected": refusal.fault.expected, "n": refusal.n}  # fmt: skip
        return (RunOutcome.QUESTION if asks else RunOutcome.FAULT), f"fault:{refusal.fault.code}", where
    asks = refusal.code.startswith("question_") or refusal.code in PERSON_ANSWERS
    return (RunOutcome.QUESTION if asks else RunOutcome.FAULT), f"refusal:{refusal.domain}:{refusal.code}", details


def _again_at(tally: _Tally, now: dt.datetime, failures: int) -> dt.datetime | None:
    """Look again before the schedule says so: soon for what is still coming, later and later for what keeps failing."""
    if tally.again is not None:
        return now + tally.again
    if not tally.transient:
        return None
    pause: dt.timedelta = min(LATEST_EARLY_LOOK, EARLY_LOOK * 2 ** min(failures - 1, 10))
    return now + pause * random.uniform(0.75, 1.25)


def _owner_name(store: Store, source: Source) -> str:
    with store.read() as cursor:
        person = records.one(cursor, Person, source.owner_id)
    return person.name if person else ""


def _language(store: Store, source: Source) -> Language:
    with store.read() as cursor:
        person = records.one(cursor, Person, source.owner_id)
    return pick_language(person=person.language if person else None)
