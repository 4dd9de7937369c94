"""Files in hand, kept for a while so that a page loaded afresh finds them: a switch of language, a reload, a lost connection.

They stay in this process's memory and go to nobody but the person who brought them.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pages.keepers.desk import Desk

KEPT_SECONDS = 30 * 60.0
MOST_A_PERSON = 2


@dataclass(slots=True)
class _Kept:
    person_id: str
    desk: Desk
    until: float


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def keep(desk: Desk, person_id: str) -> str:
    """Keep a desk for its person; return the word by which it is found. A person's oldest gives way to a third."""
    word = secrets.token_urlsafe(12)
    with _lock:
        _sweep()
        own = [known for known, one in _kept.items() if one.person_id == person_id]
        for known in own[: max(0, len(own) + 1 - MOST_A_PERSON)]:
            del _kept[known]
        _kept[word] = _Kept(person_id, desk, time.monotonic() + KEPT_SECONDS)
    return word


def find(word: str, person_id: str) -> Desk | None:
    """Find a person's own desk by its word, and keep it for longer; None when it is another's, or was put away."""
    with _lock:
        _sweep()
        found = _kept.get(word)
        if found is None or found.person_id != person_id:
            return None
        found.until = time.monotonic() + KEPT_SECONDS
        return found.desk


def put_away(word: str) -> None:
    """Forget a desk."""
    with _lock:
        _kept.pop(word, None)


def _sweep() -> None:
    now = time.monotonic()
    for word in [word for word, one in _kept.items() if one.until < now]:
        del _kept[word]
