"""How often one may ask: so many requests a minute, saved up to as many."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 10_000  # callers; those who asked longest ago are forgotten, and have their whole allowance again


class Allowance:
    """An allowance of requests for each caller.

    >>> allowance = Allowance(2, clock=lambda: 0.0)
    >>> [allowance.wait("Ada") for _ in range(3)]
    [0, 0, 30]
    """

    def __init__(self, a_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.a_minute = a_minute
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, caller: str) -> int:
        """Count a request; return 0, or after how many seconds (rounded up) the caller may ask again."""
        now = self._clock()
        with self._lock:
            left, then = self._left.pop(caller, (float(self.a_minute), now))
            left = min(self.a_minute, left + (now - then) * self.a_minute / 60)
            wait = 0 if left >= 1 else math.ceil((1 - left) * 60 / self.a_minute)
            self._left[caller] = (left if wait else left - 1, now)
            while len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
        return wait
