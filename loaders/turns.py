"""How much is read at once in one process: one file a person, two in all; the next ones wait a little or come back."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

IN_ALL, EACH = 2, 1
PATIENCE_SECONDS = 20.0
COME_BACK_SECONDS = 10


class Busy(Exception):
    """Others are being served: come back in `seconds`."""

    def __init__(self, seconds: int = COME_BACK_SECONDS) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Turns:
    """Turns at one kind of work.

    >>> turns = Turns()
    >>> with turns.taken("Ada", patience=0), turns.taken("Bo", patience=0):
    ...     turns.under_way
    2
    """

    def __init__(self, in_all: int = IN_ALL, each: int = EACH) -> None:
        self._in_all, self._each = in_all, each
        self._busy: Counter[str] = Counter()
        self._freed = threading.Condition()

    @property
    def under_way(self) -> int:
        """How many turns are taken."""
        return self._busy.total()

    @contextmanager
    def taken(self, person_id: str, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
        """Work in this block when it is one's turn, waiting for it at most `patience` seconds. Raises Busy."""
        until = time.monotonic() + patience
        with self._freed:
            while not self._free(person_id):
                left = until - time.monotonic()
                if left <= 0:
                    raise Busy
                self._freed.wait(left)
            self._busy[person_id] += 1
        try:
            yield
        finally:
            with self._freed:
                self._busy[person_id] -= 1
                if not self._busy[person_id]:
                    del self._busy[person_id]
                self._freed.notify_all()

    def _free(self, person_id: str) -> bool:
        return self._busy.total() < self._in_all and self._busy[person_id] < self._each


reading_turns = Turns()
