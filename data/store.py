"""The record's one door: opening it, reading it, and changing it through the gate."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

import duckdb

from data import audit, engine, progress, schema
from data.access import Actor, Permission
from data.engine import StoreDamaged, StoreHeld, StoreNewer, StoreProblem
from data.gate import Change, Conflict, is_conflict
from data.sealer import Sealer
from data.settings import settings
from data.witness import check_witness, witness_path

__all__ = [
    "Change", "Conflict", "Store", "StoreDamaged", "StoreHeld", "StoreNewer", "StoreProblem", "close_store",
    "open_store", "the_store", "utc_now",
]  # fmt: skip

T = TypeVar("T")
Clock = Callable[[], dt.datetime]
ATTEMPTS = 40
LONGEST_PAUSE_SECONDS = 0.05


def utc_now() -> dt.datetime:
    """The moment, in UTC."""
    return dt.datetime.now(dt.UTC)


class Store:
    """An open store. Threads share it; cursors they do not."""

    def __init__(self, instance: engine.Instance, where: engine.Address, clock: Clock) -> None:
        self._instance = instance
        self._where = where
        self._clock = clock
        self._chosen_day = settings().today if clock is utc_now else None
        self._reopening = threading.Lock()
        self._short = threading.Lock()
        self.sealer = Sealer(self._cursor, witness_path(where.catalogue))

    @property
    def staging(self) -> Path:
        """The folder from which DuckDB may read files to load."""
        return self._instance.staging

    @property
    def backups(self) -> Path:
        """The folder of backups."""
        return self._instance.backups

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a cursor of the caller's own, closed after."""
        cursor = self._cursor()
        try:
            with progress.stoppable(cursor.interrupt):
                yield cursor
        finally:
            cursor.close()

    @contextmanager
    def change(
        self,
        actor: Actor,
        permission: Permission,
        *,
        site_id: str | None = None,
        cohort_id: str | None = None,
        site_ids: Collection[str] | None = None,
        somewhere: bool = False,
        note: str = "",
    ) -> Iterator[Change]:
        """Change the record: all that the block appends commits together, or nothing does.

        The right is looked up afresh inside the transaction, at site_id, at each of site_ids, for cohort_id, somewhere, or
        everywhere when none is given. Raises Forbidden without it, Conflict when another change came first.
        """
        with self._transaction(actor.person_id, permission, note, actor.only_sites) as tx:
            tx.require(permission, site_id=site_id, cohort_id=cohort_id, site_ids=site_ids, somewhere=somewhere)
            tx.site_id, tx.cohort_id = site_id, cohort_id
            yield tx

    @contextmanager
    def found(self, name: str) -> Iterator[Change]:
        """Change an empty register without a right: how its first person comes in. Refused ever after.

        Raises Refused("already_founded").
        """
        with self._transaction(None, Permission.MANAGE_PEOPLE, "") as tx:
            tx.check_unfounded(name)
            yield tx

    @contextmanager
    def _transaction(
        self, person_id: str | None, permission: Permission, note: str, only_sites: frozenset[str] | None = None
    ) -> Iterator[Change]:
        cursor = self._cursor()
        tx = Change(cursor, permission, recorded_at=self.now(), note=note)
        try:
            cursor.execute("BEGIN TRANSACTION")
            tx.begin(person_id, self.today(), only_sites)
            with progress.stoppable(cursor.interrupt):
                yield tx
            tx.write_audit()
            self.sealer.expect(tx.id)
            cursor.execute("COMMIT")
        except BaseException as error:
            audit.roll_back(cursor)
            self.sealer.forget(tx.id)
            if isinstance(error, duckdb.Error) and is_conflict(error):
                raise Conflict(str(error)) from error
            raise
        finally:
            cursor.close()
        self.sealer.wake()

    def retrying(self, act: Callable[[], T], *, short: bool = True) -> T:
        """Do a change again as long as others come first; raises the last Conflict after ATTEMPTS.

        short: changes of this process go one after the other, so that only those of other processes conflict; False
        for one that works longer and must not hold up the others.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._short if short else nullcontext():
                    return act()
            except Conflict:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(random.uniform(0, min(LONGEST_PAUSE_SECONDS, 0.002 * attempt)))
        raise AssertionError("unreachable")

    def reserve(self, kind: str, count: int = 1) -> int:
        """Set the next numbers of a kind ("series", "load") apart for the caller, and return the first.

        A change of its own, so that a long load never holds up another; numbers not used in the end leave a gap.
        """
        return self.retrying(lambda: self._reserve(kind, count))

    def _reserve(self, kind: str, count: int) -> int:
        with self.read() as cursor:
            try:
                cursor.execute("BEGIN TRANSACTION")
                cursor.execute("UPDATE label_seq SET number = number + ? WHERE kind = ?", [count, kind])
                row = cursor.execute("SELECT number FROM label_seq WHERE kind = ?", [kind]).fetchone()
                cursor.execute("COMMIT")
            except duckdb.Error as error:
                audit.roll_back(cursor)
                if is_conflict(error):
                    raise Conflict(str(error)) from error
                raise
        if row is None:
            raise ValueError(f"no numbers of kind {kind}")
        return int(row[0]) - count + 1

    def data_version(self) -> str:
        """Name the state of the record: another one after each committed change."""
        with self.read() as cursor:
            count, newest = cursor.execute("SELECT count(*), max(id) FROM change").fetchall()[0]
        return f"{count}-{newest}"

    def now(self) -> dt.datetime:
        """The moment by the store's clock, in UTC."""
        return self._clock().astimezone(dt.UTC)

    def today(self) -> dt.date:
        """The date to work by: the clock's, or ESSAIM_TODAY unless the store was given a clock of its own."""
        return self._chosen_day or self.now().astimezone().date()

    def seal(self) -> int:
        """Link what was committed into the chain now; return how many changes."""
        return self.sealer.seal()

    def verify_audit(self) -> audit.BadEntry | None:
        """Name the first entry of the audit that does not hold, or None."""
        return self.sealer.verify()

    def checkpoint(self) -> bool:
        """Write the log into the store's file: after a load, so that losing the log loses nothing.

        Returns False when changes under way prevent it; the log then stands until the next time.
        """
        try:
            with self.read() as cursor:
                cursor.execute(f"CHECKPOINT {self._where.database}")
        except duckdb.TransactionException:
            return False
        return True

    def backup(self, path: Path | None = None) -> Path:
        """Copy the record, as it stands at this moment, into a file of its own, while people work.

        path: None = a dated file in the folder of backups. Raises FileExistsError rather than write over one.
        """
        wanted = path or self.backups / f"essaim-{self.now():%Y%m%d-%H%M%S}.duckdb"
        if wanted.exists():
            raise FileExistsError(wanted)
        copied = engine.copy_out(self._cursor(), self.backups)
        shutil.move(copied, wanted)
        return wanted

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """Open a cursor; an instance that a full disk has put out of action is opened again first."""
        try:
            return self._instance.cursor()
        except duckdb.FatalException:
            with self._reopening:
                try:
                    return self._instance.cursor()
                except duckdb.FatalException:
                    self._instance.close()
                    self._instance = engine.open_instance(self._where, memory_limit=settings().memory_limit)
            return self._instance.cursor()

    def close(self) -> None:
        """Seal what is left and let go of the file."""
        self.sealer.stop()
        self._instance.close()


def open_store(url: str | None = None, *, clock: Clock = utc_now) -> Store:
    """Open a store, made when there is none, with its schema brought forward.

    url: a file, ":memory:", or a DuckLake address; None = ESSAIM_STORE. clock gives the moment of each change.
    Raises StoreHeld, StoreDamaged or StoreNewer; the file is then as it was.
    """
    chosen = settings()
    where = engine.address(url or chosen.store_url)
    instance = engine.open_instance(where, memory_limit=chosen.memory_limit)
    try:
        store = Store(instance, where, clock)
        with store.read() as cursor:
            schema.migrate(cursor, where.catalogue, clock())
            witness = witness_path(where.catalogue)
            if witness is not None:
                check_witness(witness, cursor)
        store.sealer.start()
    except duckdb.Error as error:
        instance.close()
        raise StoreDamaged(where.catalogue, str(error).splitlines()[0]) from error
    except BaseException:
        instance.close()
        raise
    return store


_shared: Store | None = None
_opening = threading.Lock()


def the_store() -> Store:
    """The process's one store, opened from the settings when first asked for."""
    global _shared
    with _opening:
        if _shared is None:
            _shared = open_store()
        return _shared


def close_store() -> None:
    """Close the process's store, if it is open."""
    global _shared
    with _opening:
        if _shared is not None:
            _shared.close()
            _shared = None
