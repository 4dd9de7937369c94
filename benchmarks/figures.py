"""What a figure is, and how it is said: one JSON line each, ours and the floor measured in the same run."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable

REPEATS = 5


def figure(name: str, ours: float, floor: float, *, most: float, goal: str) -> None:
    """Print one figure. most: what `ours` may come to, in its unit; goal: the same in words."""
    rounded = {"name": name, "ours": round(ours, 6), "floor": round(floor, 6)}
    ratio = round(ours / floor, 2) if floor else None
    print(json.dumps({**rounded, "ratio": ratio, "goal": goal, "met": ours <= most}), flush=True)


def absent(name: str, why: str) -> None:
    """Say that a figure cannot be taken."""
    print(json.dumps({"name": name, "ours": None, "floor": None, "ratio": None, "goal": why, "met": None}), flush=True)


def cpu_seconds(work: Callable[[], object], *, loops: int = 1, repeats: int = REPEATS, warm: bool = True) -> float:
    """CPU of this process, the best of a few tries, after one that warms up."""
    if warm:
        work()
    times = []
    for _ in range(repeats):
        gc.collect()
        started = time.process_time()
        for _ in range(loops):
            work()
        times.append((time.process_time() - started) / loops)
    return min(times)
