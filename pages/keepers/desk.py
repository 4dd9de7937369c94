"""What one keeper's session holds of one upload: the file, the choices made on it, what they came to, and the step."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from loaders.choices import Choices

if TYPE_CHECKING:
    from loaders.grid import Book, Refusal
    from loaders.ingest import LoadReport
    from loaders.letter import Letter
    from pages.keepers.reading import Held
    from pages.keepers.work import Work
    from wording import Language

FILE, UNDERSTOOD, CHECK, DONE = range(4)


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came; its bytes stay in memory and are never written anywhere under its name."""

    name: str
    data: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a load came to, in one language: words, a series whose chart shows it, and what is left to say of metrics.

    undirected: the id and name of each new metric of which nobody has said yet which way is better.
    """

    title: str
    lines: tuple[str, ...]
    marks: tuple[str, ...]
    site_id: str
    metric_id: str
    step: str
    letter: Letter
    undirected: tuple[tuple[str, str], ...] = ()


class Loaded(NamedTuple):
    """A load that is done, and the letter about it in each language."""

    report: LoadReport
    letters: dict[Language, Letter]


class Key(NamedTuple):
    """What a reading depends on: the file, the choices and the person; and the state of the record."""

    bytes_and_choices: tuple[str, str, str]
    version: str


@dataclass
class Desk:
    """What one keeper's session holds of one upload."""

    given: Given | None = None
    choices: Choices = field(default_factory=Choices)
    earlier: list[Choices] = field(default_factory=list)
    step: int | None = None
    done: dict[Language, Done] | None = None
    problem: str = ""  # why the last act was not done, in words
    called_off: bool = False
    cell: str | None = None  # the place that the keeper looks at, C3
    in_turn: bool = False  # the cells at fault are mended one after another, at the top of the check
    round: int = 0  # counts files: a new key empties the file field
    word: str = ""  # by which this desk is found again when the page is loaded afresh
    book: Book | None = None
    slow: bool = False  # the reading took longer than one waits for
    memory: tuple[Key, Held | Refusal] | None = None
    work: tuple[Key, Work[Held | Refusal]] | None = None
    loading: Work[Loaded] | None = None

    def take(self, name: str, data: bytes) -> None:
        """Take a file in hand."""
        self.clear()
        self.given = Given(name, data, hashlib.sha256(data).hexdigest())

    def clear(self) -> None:
        """Put the file away, bytes and all."""
        if self.work is not None:
            self.work[1].cancel()
        self.given, self.done, self.memory, self.book, self.work = None, None, None, None, None
        self.step, self.cell, self.in_turn, self.problem, self.called_off = None, None, False, "", False
        self.choices, self.earlier = Choices(), []
        self.round += 1

    def choose(self, **changes: Any) -> None:
        """Change how the file is read; what was chosen before is kept to go back to."""
        kept = {name: getattr(self.choices, name) for name in self.choices.model_fields_set}
        self._now(Choices(**{**kept, **changes}), UNDERSTOOD)

    def start_over(self, **choices: Any) -> None:
        """Read the file afresh: on another sheet nothing that was chosen holds."""
        self._now(Choices(**choices), UNDERSTOOD)

    def settle(self, **changes: Any) -> None:
        """Change how the file is read from the check, and stay there."""
        self.choose(**changes)
        self.step = CHECK

    def mend(self, place: str, text: str | None) -> None:
        """Put another text in a cell's place before the file is understood; None takes the mend back."""
        mended = {known: after for known, after in self.choices.mended.items() if known != place}
        self.settle(mended=mended if text is None else {**mended, place: text})

    def _now(self, choices: Choices, step: int) -> None:
        self.earlier.append(self.choices)
        self.choices, self.step, self.problem, self.called_off = choices, step, "", False

    def go_back(self) -> None:
        """Return to the choices before the last change."""
        if self.earlier:
            self.choices = self.earlier.pop()

    def go(self, step: int) -> None:
        """Go to a step."""
        self.step, self.problem, self.called_off = step, "", False

    def look_at(self, place: str | None, *, in_turn: bool = False) -> None:
        """Look at one cell: the rows around it are shown, and it is marked. in_turn: then at the next one at fault."""
        self.cell, self.in_turn = place, in_turn

    def call_off(self) -> None:
        """Call off what is under way: a load leaves the record as it was, a reading goes back to what was read before."""
        if self.loading is not None:
            self.loading.cancel()
        elif self.memory is not None and self.work is not None:
            self.work[1].cancel()
            self.work = None
            self.go_back()
        else:
            self.clear()
        self.called_off = True
