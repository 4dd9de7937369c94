"""The file in a keeper's hands: its bytes, the choices made on it, what it was understood to hold and what it would do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from data.access import Permission, allowed
from data.metrics import metrics
from data.signals import SignalChange, signals_caused
from data.sites import sites
from data.store import the_store
from data.types import Severity
from loaders import ingest
from loaders.caps import caps
from loaders.choices import Choices
from loaders.files import read_book
from loaders.grid import Book, Refusal
from loaders.outlook import SeriesAhead, series_ahead
from loaders.register import frame_of
from pages.keepers import kept
from pages.keepers.desk import CHECK, UNDERSTOOD, Desk, Given, Key
from pages.keepers.work import Work

if TYPE_CHECKING:
    from data.access import Actor
    from data.observations import LoadPreview
    from data.types import Fault, Metric
    from loaders.ingest import Understanding
    from pages.shared.session import Visit

DESK = "upload-desk"
IN_ADDRESS = "file"


@dataclass(frozen=True, eq=False)
class Held:
    """A file understood and held against the record as it is now.

    metrics and site_names: what the record knows, by id. may_register: the keeper may register sites and metrics.
    """

    understanding: Understanding
    preview: LoadPreview | None
    metrics: dict[str, Metric]
    site_names: dict[str, str]
    may_register: bool
    ahead: tuple[SeriesAhead, ...] = ()  # a few of the series that the load touches, as they would be
    signals: tuple[SignalChange, ...] = ()  # of the series on record, as the load would change them

    @property
    def restated(self) -> int:
        """How many values on record would change."""
        return len(self.preview.restated) if self.preview else 0

    @property
    def same(self) -> int:
        """How many values the record holds already."""
        return self.preview.same if self.preview else 0

    @property
    def new(self) -> int:
        """How many values the record does not hold, those of new sites and metrics too."""
        return self.understanding.interpretation.n_observations - self.same - self.restated

    @property
    def loads(self) -> bool:
        """Whether a load would bring anything."""
        return self.understanding.interpretation.n_observations > 0

    @property
    def asks_to_register(self) -> bool:
        """Whether sites nobody knows stand among known ones: to be registered only when the keeper says so."""
        return bool(self.understanding.unknown_sites) and not self.understanding.is_new_source

    @property
    def registers(self) -> bool:
        """Whether the load brings sites or metrics that the record does not have."""
        found = self.understanding.interpretation
        return bool(self.understanding.unknown_sites) or any(
            m.metric_id is None and m.n_observations for m in found.metrics
        )

    @property
    def cells_at_fault(self) -> int:
        """How many errors keep something out, sites to be registered aside."""
        found = self.understanding.interpretation
        codes = {fault.code for fault in found.errors} - {"unknown_site"}
        return sum(found.fault_counts[code] for code in codes)

    def faults(self, severity: Severity) -> tuple[Fault, ...]:
        """The located faults of one severity."""
        return tuple(fault for fault in self.understanding.interpretation.faults if fault.severity is severity)


def desk(visit: Visit) -> Desk:
    """Return this session's desk; in a session that has just begun, the one that the address names."""
    found: Desk | None = st.session_state.get(DESK)
    if found is None:
        found = kept.find(st.query_params.get(IN_ADDRESS, ""), visit.actor.person_id or "") or Desk()
        st.session_state[DESK] = found
    return found


def keep_in_address(desk: Desk, visit: Visit) -> None:
    """Name the desk in the address while it holds something, so that a page loaded afresh finds it."""
    if desk.given is None and desk.done is None:
        if desk.word:
            kept.put_away(desk.word)
            desk.word = ""
        st.query_params.pop(IN_ADDRESS, None)
        return
    person = visit.actor.person_id or ""
    if kept.find(desk.word, person) is not desk:
        desk.word = kept.keep(desk, person)
    if st.query_params.get(IN_ADDRESS) != desk.word:
        st.query_params[IN_ADDRESS] = desk.word


def understood(desk: Desk, visit: Visit) -> Held | None:
    """Understand the file in hand, once for the same bytes, choices, record and person; None while it is under way.

    Raises Refusal when there is nothing to load in it.
    """
    given = desk.given
    if given is None:
        raise Refusal("empty_file")
    key = Key((given.digest, desk.choices.to_json(), visit.actor.person_id or ""), the_store().data_version())
    if not _is_fresh(desk, key) and not _worked_out(desk, given, key, visit.actor):
        return None
    found = desk.memory[1] if desk.memory else Refusal("empty_file")
    if isinstance(found, Refusal):
        raise found
    return found


def _is_fresh(desk: Desk, key: Key) -> bool:
    """Say whether the desk remembers this reading; one that took long is kept while others change the record.

    The load itself compares once more, inside its own transaction.
    """
    if desk.memory is None:
        return False
    return desk.memory[0] == key or (desk.memory[0].bytes_and_choices == key.bytes_and_choices and desk.slow)


def _worked_out(desk: Desk, given: Given, key: Key, actor: Actor) -> bool:
    """Begin the work, or see how far it is; True once what it came to is in the desk's memory."""
    if desk.work is None or desk.work[0].bytes_and_choices != key.bytes_and_choices:
        if desk.work is not None:
            desk.work[1].cancel()
        choices, before = desk.choices, desk.book
        desk.work, desk.slow = (key, Work(lambda: _held(given, choices, actor, before))), False
    begun, work = desk.work
    if not work.finished_within():
        desk.slow = True
        return False
    desk.work = None
    found = work.result()
    desk.memory = (begun, found)
    desk.book = found.understanding.book if isinstance(found, Held) else desk.book
    return True


def _held(given: Given, choices: Choices, actor: Actor, before: Book | None) -> Held | Refusal:
    """Work out what a file holds. Runs in a thread of its own: nothing here may touch the screen."""
    store = the_store()
    try:
        understanding = _understanding(given, choices, actor, before)
    except Refusal as refusal:
        return refusal
    asked = understanding.interpretation.questions
    before_now = understanding.loaded_before
    with store.read() as cursor:
        known = {metric.id: metric for metric in metrics(cursor)}
        names = {site.id: site.name for site in sites(cursor)}
    settled = not asked and before_now is None
    preview = ingest.preview(understanding, store) if settled else None
    ahead = series_ahead(understanding, preview, store) if settled else ()
    signals = signals_caused(store, frame_of(understanding.interpretation, {}, {})) if preview is not None else ()
    return Held(understanding, preview, known, names, allowed(actor, Permission.REGISTER_SITE), ahead, signals)


def _understanding(given: Given, choices: Choices, actor: Actor, before: Book | None) -> Understanding:
    """Understand the bytes, or the cells that were read of them before: another choice does not read a file again."""
    sheet = choices.sheet or (before.data_sheet if before else None)
    if before is None or sheet not in before.grids:
        return ingest.understand(given.data, given.name, the_store(), actor, choices)
    book = before if choices.sheet is None else replace(before, data_sheet=choices.sheet)
    return ingest.understand_book(book, the_store(), actor, choices)


def step_of(desk: Desk, held: Held) -> int:
    """Say where the keeper is: what was read so before, or laid out by us, goes straight to the check; a question back."""
    if held.understanding.interpretation.questions:
        return UNDERSTOOD
    if desk.step is not None:
        return desk.step
    seen = held.understanding
    known = seen.same_as_last_time or seen.laid_out or seen.loaded_before is not None
    return CHECK if known else UNDERSTOOD


def book_of(desk: Desk) -> Book | None:
    """Read the cells of a file that could not be understood; None when there are none to read."""
    if desk.given is None:
        return None
    try:
        return read_book(desk.given.data, desk.given.name)
    except Refusal:
        return None


def largest_megabytes() -> int:
    """Return the published size of a file."""
    return caps().upload_mb
