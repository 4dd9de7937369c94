"""Long work in a thread of its own, which never touches the screen: waited for a little, then watched, or called off."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from data.progress import Cancelled, Stage, Watch, watched

T = TypeVar("T")
AT_ONCE = 2  # files that the whole process works on; the next ones wait their turn
PATIENCE_SECONDS = 0.8  # what is done by then is shown at once, without a screen of its own

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="keeper")


class Work(Generic[T]):
    """One long act, begun when it is made."""

    def __init__(self, act: Callable[[], T]) -> None:
        self.watch = Watch()
        self._future: Future[T] = _threads.submit(self._watched, act)

    def _watched(self, act: Callable[[], T]) -> T:
        with watched(self.watch) as watch:
            if watch.cancelled:
                raise Cancelled
            return act()

    @property
    def stage(self) -> Stage | None:
        """The stage it is at; None while it waits its turn."""
        return self.watch.stage

    @property
    def finished(self) -> bool:
        """Whether it has come to an end, of whatever kind."""
        return self._future.done()

    def finished_within(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait a little; say whether it has ended."""
        wait([self._future], timeout=seconds)
        return self.finished

    def result(self) -> T:
        """Give what it came to, or raise what it ended in: Cancelled when it was called off."""
        try:
            return self._future.result()
        except CancelledError as never_begun:
            raise Cancelled from never_begun

    def cancel(self) -> None:
        """Call it off: the reader process is killed, a change under way rolls back."""
        self._future.cancel()
        self.watch.cancel()
