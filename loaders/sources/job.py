"""What the fetching process is told and how it answers. Imports only the standard library: that process starts with it.

It is told one JSON object on standard input, secrets filled in, and answers with pieces: a line of JSON, then as many
bytes as the line says. The last line has "end"; without it the answer is not believed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

MEGABYTE = 1 << 20


class Trouble(Exception):
    """Why something could not be fetched: a code and details, to be worded under sources.fault.

    transient: it may be gone in a moment, so that it is tried again.
    """

    def __init__(self, code: str, *, transient: bool = False, **details: Any) -> None:
        super().__init__(code, details)
        self.code = code
        self.transient = transient
        self.details = details


@dataclass(frozen=True, slots=True)
class Job:
    """What to fetch. name: what a single file is called. marks: what was taken before, by name; tried: what was fetched
    and could not be taken, by name, longest ago first; limits: bytes, files, seconds, rows, cells, and for how long a
    file must have been left alone."""

    kind: str
    address: str
    name: str = ""
    pattern: str = ""
    query: str = ""
    headers: Sequence[str] = ()
    access_key: str = ""
    secret_key: str = ""
    endpoint: str | None = None
    private_hosts: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    tried: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)

    def in_turn(self, found: Iterable[tuple[object, str, str]]) -> list[str]:
        """Order files (age, name, mark), oldest first; those that could not be taken before come last.

        So files that wait for a person never keep the new ones waiting, however many they are.

        >>> job = Job("folder", "/exports", tried={"b.csv": "1", "a.csv": "1"})
        >>> job.in_turn([(1, "a.csv", "1"), (2, "b.csv", "1"), (3, "c.csv", "1")])
        ['c.csv', 'b.csv', 'a.csv']
        """
        turn = {pair: place for place, pair in enumerate(self.tried.items())}
        return [name for _, _, name in sorted((turn.get((name, mark), -1), age, name) for age, name, mark in found)]

    def to_json(self) -> str:
        """Write the job for the process that does it."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})


class Answer:
    """The pieces as they are written, held to the limits of one run."""

    def __init__(self, out: IO[bytes], limits: Mapping[str, int]) -> None:
        self._out = out
        self._limits = limits
        self._files = 0
        self._bytes = 0
        self.more = False  # some were left for the next run
        self.writing = False  # some are still being written where they stand

    @property
    def full(self) -> bool:
        """Whether this run has taken as much as one may; the rest is left for the next one."""
        return self._files >= self._limits["files"] or self._bytes >= self._limits["total_bytes"]

    def give(self, name: str, mark: str, data: bytes, kind: str = "file") -> None:
        """Write one file, or one table."""
        self._files += 1
        self._bytes += len(data)
        self._line({"name": name, "mark": mark, "kind": kind, "size": len(data)})
        self._out.write(data)

    def pass_over(self, name: str, mark: str, trouble: Trouble) -> None:
        """Say why one of several files could not be taken."""
        self._files += 1
        self._line({"name": name, "mark": mark, **_told(trouble)})

    def end(self, trouble: Trouble | None = None) -> None:
        """Write the last line."""
        told = _told(trouble) if trouble else {}
        self._line({"end": True, "more": self.more, "writing": self.writing, **told})
        self._out.flush()

    def _line(self, told: Mapping[str, Any]) -> None:
        self._out.write(json.dumps(told, default=str).encode() + b"\n")


def check_size(size: int, limits: Mapping[str, int]) -> None:
    """Refuse what is larger than one file may be."""
    if size > limits["file_bytes"]:
        raise Trouble("too_large", found=-(-size // MEGABYTE), limit=limits["file_bytes"] // MEGABYTE)


class Deadline:
    """Counts the seconds that a fetch may still take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._seconds = seconds

    def left(self) -> float:
        """Seconds left. Raises Trouble("timeout") when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Trouble("timeout", transient=True, limit=round(self._seconds))
        return left


def _told(trouble: Trouble) -> dict[str, Any]:
    return {"trouble": trouble.code, "transient": trouble.transient, "details": trouble.details}
