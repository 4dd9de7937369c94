"""What a keeper's file costs: read, understood and committed, against DuckDB's own reading of the same bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from benchmarks.example import founded
from benchmarks.figures import cpu_seconds, figure
from data.access import Actor
from data.store import Store
from loaders import ingest
from tests.tools.running import ROOT

FILE = ROOT / "tests/samples/ae_attendances.csv"
TIMES_RAW, MORE_SECONDS, AGAIN_SECONDS = 5, 0.3, 0.1
TRIES = 3


def load_file(store: Store, actor: Actor) -> ingest.LoadReport:
    """Do what page and command line do with a file."""
    return ingest.load(ingest.understand(FILE, FILE.name, store, actor), store, actor)


def load() -> None:
    """Load the file into a new store, then the same bytes again. Children's CPU counts: the reader is a process."""
    raw = duckdb.connect()
    floor = cpu_seconds(lambda: raw.execute("SELECT * FROM read_csv(?)", [str(FILE)]).fetchnumpy())
    first, again = [], []
    for _ in range(TRIES + 1):
        with tempfile.TemporaryDirectory() as folder:
            store, actor = founded(Path(folder) / "essaim.duckdb")
            first.append(_timed(store, actor, changed=True))
            again.append(min(_timed(store, actor, changed=False) for _ in range(TRIES)))
            store.close()
    most = TIMES_RAW * floor + MORE_SECONDS
    figure("load_ae_attendances_cpu_s", min(first[1:]), floor, most=most, goal="<= 5 x floor + 0.3 s")
    figure("load_same_bytes_cpu_s", min(again[1:]), floor, most=AGAIN_SECONDS, goal="<= 0.1 s")


def _timed(store: Store, actor: Actor, *, changed: bool) -> float:
    def work() -> None:
        if load_file(store, actor).changed is not changed:
            raise RuntimeError("the load did not do what is measured")

    return cpu_seconds(work, repeats=1, warm=False)
