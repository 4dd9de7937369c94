"""The sealer: a thread that links committed changes into the audit's chain without holding their authors up."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb

from data import audit
from data.gate import is_conflict
from data.witness import bear_witness

PAUSE_SECONDS = 0.1  # lets changes that come together be sealed together
OTHERS_GRACE_SECONDS = 2.0  # another process seals its own within this time
log = logging.getLogger(__name__)


class Sealer:
    """Seals in commit order, resumed at start; of several processes on a store one succeeds at a time."""

    def __init__(self, cursor: Callable[[], duckdb.DuckDBPyConnection], witness: Path | None = None) -> None:
        self._cursor = cursor
        self._witness = witness
        self._lock = threading.Lock()
        self._pending: set[str] = set()
        self._work = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Seal what the last process left, and stand by."""
        self._work.set()
        self._thread = threading.Thread(target=self._run, name="essaim-sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stand down, and seal what is left."""
        self._stopping.set()
        self._work.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._try()

    def expect(self, change_id: str) -> None:
        """Note a change about to be committed, so that its short wait for the seal is not taken for a forgery."""
        self._pending.add(change_id)

    def forget(self, change_id: str) -> None:
        """Note that a change was not committed after all."""
        self._pending.discard(change_id)

    def wake(self) -> None:
        """Tell of a committed change; returns at once."""
        self._work.set()

    def seal(self) -> int:
        """Seal what was committed; return how many changes. A Conflict of two sealers leaves the work to the other."""
        with self._lock:
            cursor = self._cursor()
            try:
                sealed = audit.extend_chain(cursor, dt.datetime.now(dt.UTC))
                if sealed and self._witness is not None:
                    bear_witness(self._witness, audit.head(cursor))
            finally:
                cursor.close()
        self._pending.difference_update(sealed)
        return len(sealed)

    def verify(self) -> audit.BadEntry | None:
        """Name the first entry of the audit that does not hold; changes of the last moments may be unsealed."""
        found = self._verify()
        if found is not None and found.reason == "unsealed":
            self._stopping.wait(OTHERS_GRACE_SECONDS)
            found = self._verify()
        return found

    def _verify(self) -> audit.BadEntry | None:
        with self._lock:
            cursor = self._cursor()
            try:
                cursor.execute("BEGIN TRANSACTION")
                return audit.verify(cursor, set(self._pending))
            finally:
                audit.roll_back(cursor)
                cursor.close()

    def _run(self) -> None:
        while True:
            self._work.wait()
            if self._stopping.is_set():
                return
            self._work.clear()
            if not self._try():
                self._work.set()
            self._stopping.wait(PAUSE_SECONDS)

    def _try(self) -> bool:
        try:
            self.seal()
        except (duckdb.Error, OSError) as error:
            if isinstance(error, duckdb.Error) and is_conflict(error):
                return False
            log.exception("the audit could not be sealed")
        return True
