"""What large loads cost: a million rows in one file, fifteen sites' files, the same bytes again, an undo among 22M rows."""

from __future__ import annotations

import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks.example import LAST_DAY, founded
from benchmarks.figures import cpu_seconds, figure
from data import observations
from data.access import Actor
from data.store import Store
from loaders import ingest
from tests.tools.running import ROOT

MILLION = (70, 20, 714)  # sites, metrics, days
SITE_FILE = (1, 10, 1_460)  # four years of ten metrics: 14,600 rows
SITES = 15
HELD_SERIES, HELD_DAYS = 15_000, 1_467  # 22 million values on record
TIMES_RAW, MOST_MB, FILES_SECONDS, AGAIN_SECONDS, UNDO_SECONDS = 5, 600, 2.0, 0.05, 0.5
MEGABYTES = "200"  # ESSAIM_MAX_UPLOAD_MB: the file is larger than people's


def write(path: Path, shape: tuple[int, int, int], *, first_site: int = 0) -> Path:
    """Write an export of so many sites, metrics and days."""
    sites, metrics, days = shape
    values = np.random.default_rng(first_site).normal(50, 5, sites * metrics * days).round(2)
    calendar = [str(day) for day in np.arange(LAST_DAY - dt.timedelta(days=days - 1), LAST_DAY + dt.timedelta(days=1))]
    frame = pd.DataFrame(
        {
            "site": np.repeat([f"Site {first_site + n}" for n in range(sites)], metrics * days),
            "date": np.tile(calendar, sites * metrics),
            "metric": np.tile(np.repeat([f"Metric {n}" for n in range(metrics)], days), sites),
            "value": values,
        }
    )
    frame.to_csv(path, index=False)
    return path


def million() -> None:
    """Load a million rows in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "million.csv", MILLION)
        raw = duckdb.connect(config={"threads": 1})
        floor = cpu_seconds(lambda: raw.execute("SELECT * FROM read_csv(?)", [str(path)]).fetchnumpy())
        environment = os.environ | {"ESSAIM_MAX_UPLOAD_MB": MEGABYTES, "ESSAIM_FOLDER": folder}
        runs = [
            subprocess.run(
                [sys.executable, "-m", "benchmarks.large", str(path), f"{folder}/{n}"],
                env=environment, cwd=ROOT, check=True, capture_output=True, text=True,
            ).stdout.split()
            for n in range(3)
        ]  # fmt: skip
    seconds = min(float(run[0]) for run in runs)
    figure("load_1M_rows_cpu_s", seconds, floor, most=TIMES_RAW * floor, goal="<= 5 x raw read_csv into arrays")
    megabytes = max(float(run[1]) for run in runs)
    figure("load_1M_rows_peak_mb", megabytes, 0, most=MOST_MB, goal="<= 600 MiB, the process whole")


def site_files() -> None:
    """Load fifteen sites' files one after the other, then one of them again."""
    with tempfile.TemporaryDirectory() as folder:
        files = [write(Path(folder) / f"site-{n}.csv", SITE_FILE, first_site=n) for n in range(SITES)]
        store, actor = founded(Path(folder) / "essaim.duckdb")
        seconds = cpu_seconds(lambda: [_load(store, actor, path) for path in files], repeats=1, warm=False)
        again = cpu_seconds(lambda: ingest.seen_before(store, ingest.hash_of(files[0].read_bytes())))
        whole = cpu_seconds(lambda: _load(store, actor, files[0]))
        store.close()
    figure("load_15_files_cpu_s", seconds, 0, most=FILES_SECONDS, goal="<= 2 s for 15 x 14,600 rows")
    figure("same_bytes_again_cpu_s", again, 0, most=AGAIN_SECONDS, goal="<= 0.05 s")
    figure("same_bytes_understood_again_cpu_s", whole, 0, most=FILES_SECONDS / SITES, goal="no more than a first load")


def undo() -> None:
    """Undo one site's file in a record of 22 million values."""
    with tempfile.TemporaryDirectory() as folder:
        store, actor = founded(Path(folder) / "essaim.duckdb")
        _load(store, actor, write(Path(folder) / "first.csv", SITE_FILE))
        _fill(store)
        report = _load(store, actor, write(Path(folder) / "site.csv", SITE_FILE, first_site=1))
        seconds = cpu_seconds(
            lambda: observations.undo_load(store, actor, report.batch.id, "measured"), repeats=1, warm=False
        )
        with store.read() as cursor:
            left = cursor.execute("SELECT count(*) FROM cur").fetchall()[0][0]
        store.close()
    if left != HELD_SERIES * HELD_DAYS + int(np.prod(SITE_FILE)):
        raise RuntimeError(f"{left} values are left")
    figure("undo_at_22M_rows_cpu_s", seconds, 0, most=UNDO_SECONDS, goal="<= 0.5 s")


def _load(store: Store, actor: Actor, path: Path) -> ingest.LoadReport:
    understanding = ingest.understand(path, path.name, store, actor)
    return ingest.load(understanding, store, actor, register=True)


def _fill(store: Store) -> None:
    """Put values of other series on record, as loads would, without the loads."""
    with store.read() as cursor:
        first = store.reserve("series", HELD_SERIES)
        cursor.execute(
            f"INSERT INTO series SELECT {first} + n, 'filled-' || n, 'filled', '', 'day' FROM range({HELD_SERIES}) t(n)"
        )
        cursor.execute(
            f"INSERT INTO cur_row SELECT {first} + n, DATE '{LAST_DAY - dt.timedelta(days=HELD_DAYS)}' + "
            f"CAST(d AS INTEGER), n + d / 7, NULL, 0, 1 FROM range({HELD_SERIES}) t(n), range({HELD_DAYS}) u(d)"
        )
        cursor.execute("INSERT INTO obs_row SELECT series, period_start, value, weight, 1, load, 2, 1, 1 FROM cur_row")


def _alone(path: str, folder: str) -> None:
    """Load one file, and print its CPU, the reader's included, and the peak memory of this process."""
    Path(folder).mkdir()
    store, actor = founded(Path(folder) / "essaim.duckdb")
    before = _cpu()
    report = _load(store, actor, Path(path))
    seconds = _cpu() - before
    if report.batch.n_new != int(np.prod(MILLION)):
        raise RuntimeError(f"{report.batch.n_new} rows loaded")
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    store.close()


def _cpu() -> float:
    return sum(
        use.ru_utime + use.ru_stime
        for use in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    _alone(*sys.argv[1:])
