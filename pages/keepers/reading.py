"""The file in a keeper's hands: its bytes, the choices made on it, what it was understood to hold and what it would do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.access import Permission, allowed
from data.metrics import metrics
from data.sites import sites
from data.store import the_store
from data.types import Severity
from loaders import ingest
from loaders.caps import caps
from loaders.choices import Choices
from loaders.files import read_book
from loaders.grid import Book, Refusal

if TYPE_CHECKING:
    from data.observations import LoadPreview
    from data.types import Fault, Metric
    from loaders.ingest import Understanding
    from pages.shared.session import Visit

FILE, UNDERSTOOD, CHECK, DONE = range(4)
DESK = "upload-desk"


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came; its bytes stay in the session and are never written anywhere under its name."""

    name: str
    data: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a load came to, in words, and a series whose chart shows it."""

    title: str
    lines: tuple[str, ...]
    marks: tuple[str, ...]
    site_id: str
    metric_id: str
    step: str


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


@dataclass
class Desk:
    """What one keeper's session holds of one upload."""

    given: Given | None = None
    choices: Choices = field(default_factory=Choices)
    earlier: list[Choices] = field(default_factory=list)
    step: int | None = None
    done: Done | None = None
    problem: str = ""
    round: int = 0  # counts files: a new key empties the file field
    memory: tuple[tuple[str, ...], Held | Refusal] | None = None

    def take(self, name: str, data: bytes) -> None:
        """Take a file in hand."""
        self.clear()
        self.given = Given(name, data, hashlib.sha256(data).hexdigest())

    def clear(self) -> None:
        """Put the file away, bytes and all."""
        self.given, self.done, self.memory, self.step, self.problem = None, None, None, None, ""
        self.choices, self.earlier = Choices(), []
        self.round += 1

    def choose(self, **changes: Any) -> None:
        """Change how the file is read; what was chosen before is kept to go back to."""
        kept = {name: getattr(self.choices, name) for name in self.choices.model_fields_set}
        self.earlier.append(self.choices)
        self.choices, self.step, self.problem = Choices(**{**kept, **changes}), UNDERSTOOD, ""

    def start_over(self, **choices: Any) -> None:
        """Read the file afresh: on another sheet nothing that was chosen holds."""
        self.earlier.append(self.choices)
        self.choices, self.step, self.problem = Choices(**choices), UNDERSTOOD, ""

    def go_back(self) -> None:
        """Return to the choices before the last change."""
        if self.earlier:
            self.choices = self.earlier.pop()

    def go(self, step: int) -> None:
        """Go to a step."""
        self.step, self.problem = step, ""


def desk() -> Desk:
    """Return this session's desk."""
    found: Desk = st.session_state.setdefault(DESK, Desk())
    return found


def understood(desk: Desk, visit: Visit) -> Held:
    """Understand the file in hand, once for the same bytes, choices, record and person.

    Raises Refusal when there is nothing to load in it.
    """
    given = desk.given
    if given is None:
        raise Refusal("empty_file")
    version = the_store().data_version()
    key = (given.digest, desk.choices.to_json(), version, visit.actor.person_id or "")
    if desk.memory is None or desk.memory[0] != key:
        desk.memory = (key, _held(given, desk.choices, visit))
    found = desk.memory[1]
    if isinstance(found, Refusal):
        raise found
    return found


def _held(given: Given, choices: Choices, visit: Visit) -> Held | Refusal:
    store = the_store()
    try:
        understanding = ingest.understand(given.data, given.name, store, visit.actor, choices)
    except Refusal as refusal:
        return refusal
    asked = understanding.interpretation.questions
    before = understanding.loaded_before
    with store.read() as cursor:
        known = {metric.id: metric for metric in metrics(cursor)}
        names = {site.id: site.name for site in sites(cursor)}
    preview = None if asked or before else ingest.preview(understanding, store)
    return Held(understanding, preview, known, names, allowed(visit.actor, Permission.REGISTER_SITE))


def step_of(desk: Desk, held: Held) -> int:
    """Say where the keeper is: a source read as last time goes straight to the check, a question goes back."""
    if held.understanding.interpretation.questions:
        return UNDERSTOOD
    if desk.step is not None:
        return desk.step
    known = held.understanding.same_as_last_time or held.understanding.loaded_before is not None
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
