"""Long work watched from another thread: which stage it is at, and a way to call it off; work nobody watches runs as ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Stage(StrEnum):
    """What a load goes through, in this order."""

    READING = "reading"
    UNDERSTANDING = "understanding"
    COMPARING = "comparing"
    STORING = "storing"


class Cancelled(Exception):
    """A person called the work off. What was under way is undone as for any other error."""


class Watch:
    """One piece of work as others see it.

    >>> watch = Watch()
    >>> with watched(watch):
    ...     at(Stage.READING)
    >>> watch.stage.value
    'reading'
    """

    def __init__(self) -> None:
        self.stage: Stage | None = None
        self._cancelled = False
        self._stops: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    @property
    def cancelled(self) -> bool:
        """Whether somebody called the work off."""
        return self._cancelled

    def cancel(self) -> None:
        """Call the work off: whatever runs right now is stopped, and what would come next does not begin."""
        with self._lock:  # held while stopping: work that has just ended is not stopped at its next act
            self._cancelled = True
            for stop in self._stops:
                stop()

    def at(self, stage: Stage) -> None:
        """Note that a stage begins. Raises Cancelled."""
        if self._cancelled:
            raise Cancelled
        self.stage = stage

    def _begin(self, stop: Callable[[], object]) -> None:
        with self._lock:
            if self._cancelled:
                raise Cancelled
            self._stops.append(stop)

    def _end(self, stop: Callable[[], object]) -> bool:
        with self._lock:
            self._stops.remove(stop)
            return self._cancelled


_watching: ContextVar[Watch | None] = ContextVar("watching", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[Watch]:
    """Let the work of this block, in this thread, be watched."""
    token = _watching.set(watch)
    try:
        yield watch
    finally:
        _watching.reset(token)


def at(stage: Stage) -> None:
    """Say that a stage begins, to whoever watches. Raises Cancelled when they called the work off."""
    watch = _watching.get()
    if watch is not None:
        watch.at(stage)


@contextmanager
def stoppable(stop: Callable[[], object]) -> Iterator[None]:
    """Let `stop` end this block when the work is called off; the block then ends in Cancelled, whatever it raised."""
    watch = _watching.get()
    if watch is None:
        yield
        return
    watch._begin(stop)
    try:
        yield
    except Exception as error:
        if watch.cancelled:
            raise Cancelled from error
        raise
    finally:
        cancelled = watch._end(stop)
    if cancelled:
        raise Cancelled
