"""The schedule: one process at a time runs the linked sources of a store, in threads of its own, and stops cleanly."""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
import uuid

import duckdb
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import ConflictingIdError
from apscheduler.schedulers.background import BackgroundScheduler

from data import source_runs
from data.gate import Conflict
from data.progress import Cancelled, Watch, watched
from data.store import Store
from loaders.sources.running import run_source

LOOK_SECONDS = 5.0  # how often sources whose time has come are looked for
LEASE_SECONDS = 30.0  # a process that is killed is followed by another after this time
AT_ONCE = 2  # one slow source does not hold up the others, and they do not take the whole machine
log = logging.getLogger(__name__)


class Jobs:
    """Runs the sources of a store whose time has come, as long as this process holds the lease."""

    def __init__(self, store: Store, *, look_seconds: float = LOOK_SECONDS) -> None:
        self._store = store
        self._holder = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[str, Watch] = {}
        self._scheduler = BackgroundScheduler(
            timezone=dt.UTC,
            executors={"default": ThreadPoolExecutor(1), "sources": ThreadPoolExecutor(AT_ONCE)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_job(
            self.look, "interval", seconds=look_seconds, id="look", next_run_time=dt.datetime.now(dt.UTC)
        )

    def start(self) -> None:
        """Begin to look, now and from then on."""
        self._scheduler.start()

    def stop(self) -> None:
        """Call off what is under way, wait for its end, and give the lease back."""
        self._stopping.set()
        with self._lock:
            for watch in self._running.values():
                watch.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        try:
            source_runs.release_lease(self._store, self._holder)
        except (duckdb.Error, Conflict):
            log.warning("the lease on the jobs was not given back; it ends by itself")

    def look(self) -> None:
        """Send off the sources whose time has come, each once."""
        try:
            if self._stopping.is_set() or not source_runs.hold_lease(self._store, self._holder, LEASE_SECONDS):
                return
            with self._store.read() as cursor:
                waiting = source_runs.due(cursor, self._store.now())
        except (duckdb.Error, Conflict) as error:
            log.warning("sources were not looked for: %s", type(error).__name__)
            return
        for source in waiting:
            self._send_off(source.id)

    def _send_off(self, source_id: str) -> None:
        with self._lock:
            if source_id in self._running or self._stopping.is_set():
                return
            self._running[source_id] = Watch()
        try:
            self._scheduler.add_job(self._run, args=[source_id], id=source_id, executor="sources")
        except (ConflictingIdError, RuntimeError):  # the former run is just ending, or the scheduler is
            self._forget(source_id)

    def _run(self, source_id: str) -> None:
        try:
            with watched(self._running[source_id]):
                if self._still_due(source_id):
                    run_source(self._store, source_id, pause=self._pause)
        except Cancelled:
            log.info("source %s was called off; it runs again at the next start", source_id)
        except Exception as error:  # noqa: BLE001 - one source never stops the others; what it raises may be secret
            log.error("source %s could not be noted: %s", source_id, type(error).__name__)
        finally:
            self._forget(source_id)

    def _still_due(self, source_id: str) -> bool:
        """Look once more: a run that was just ending while this one was sent off may have been it."""
        with self._store.read() as cursor:
            return any(source.id == source_id for source in source_runs.due(cursor, self._store.now()))

    def _forget(self, source_id: str) -> None:
        with self._lock:
            self._running.pop(source_id, None)

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Cancelled
