"""What a page costs the server that shows it: CPU of a rerun, bytes sent, and the start."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.example import LAST_DAY, make_store
from benchmarks.figures import absent, figure
from tests.tools.running import ROOT, Running, running
from tests.tools.sessions import Session

ROUNDS, RERUNS = 6, 12  # blank and page take turns, so that a busy machine weighs on both
TIMES_BLANK = 4
FIRST_BYTES, MORE_BYTES = 60 * 1024, 8 * 1024
STARTS, TIMES_START = 3, 1.5
BLANK_SERVER, PRODUCT = "benchmarks/servers/blank.py", "app.py"
WITH_BLANK_PAGE = "benchmarks/servers/with_blank_page.py"


def processor_seconds(process_id: int) -> float:
    """CPU of a server so far, its children's included."""
    times = psutil.Process(process_id).cpu_times()
    return sum(times[:4])


@contextmanager
def example_server(script: str = WITH_BLANK_PAGE) -> Iterator[Running]:
    """Serve the example store."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "essaim.duckdb"
        person = make_store(store)
        with running(folder=Path(folder), store=store, script=script, **_choices(person)) as server:
            yield server


def _choices(person: str) -> dict[str, str]:
    return {"ESSAIM_PERSON": person, "ESSAIM_TODAY": LAST_DAY.isoformat()}


def rerun_seconds(server: Running, session: Session) -> float:
    """CPU that the server takes for one rerun."""
    before = processor_seconds(server.process.pid)
    for _ in range(RERUNS):
        session.run()
    return (processor_seconds(server.process.pid) - before) / RERUNS


def reruns(names: dict[str, str]) -> None:
    """Hold the reruns of pages, by their address, against the blank page's in the same server."""
    with example_server() as server, Session(server.address, "blank") as blank:
        for page, name in names.items():
            with Session(server.address, page) as session:
                session.run()
                if session.faults or len(session.elements) < 4:
                    absent(name, f"the page does not stand: {session.faults}")
                    continue
                _warm(session, blank)
                pairs = [(rerun_seconds(server, session), rerun_seconds(server, blank)) for _ in range(ROUNDS)]
                ours, floor = (statistics.median(times) for times in zip(*pairs, strict=True))
                figure(name, ours, floor, most=TIMES_BLANK * floor, goal=f"<= {TIMES_BLANK} x floor")


def _warm(*sessions: Session) -> None:
    for session in sessions:
        for _ in range(3):
            session.run()


def rerun_metric() -> None:
    reruns({"metric": "rerun_metric_cpu_s"})


def rerun_facet() -> None:
    reruns({"compare": "rerun_facet_15_cpu_s"})


def bytes_sent() -> None:
    """Count what the one-metric page's server sends: at first, and when nothing has changed."""
    with example_server() as server:
        first, again = {}, {}
        for page in ("blank", "metric"):
            with Session(server.address, page) as session:
                session.run()
                first[page] = session.received
                session.run()
                again[page] = session.received - first[page]
        figure("first_metric_bytes", first["metric"], first["blank"], most=FIRST_BYTES, goal="<= 61440 bytes")
        most = again["blank"] + MORE_BYTES
        figure("rerun_metric_bytes", again["metric"], again["blank"], most=most, goal="<= floor + 8192 bytes")


def start() -> None:
    """Hold the product's CPU from its start to its first screen against a blank app's with the same packages."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "essaim.duckdb"
        choices = _choices(make_store(store))
        blank = {"ESSAIM_BENCH_PACKAGES": json.dumps(packages())}
        serve: dict[str, Callable[[], float]] = {
            "ours": lambda: _start_seconds(Path(folder), PRODUCT, store, choices),
            "floor": lambda: _start_seconds(Path(folder), BLANK_SERVER, store, blank),
        }
        for one in serve.values():
            one()  # the disk's cache
        pairs = [(serve["ours"](), serve["floor"]()) for _ in range(STARTS)]
    ours, floor = (min(times) for times in zip(*pairs, strict=True))
    figure("start_to_first_content_cpu_s", ours, floor, most=TIMES_START * floor, goal=f"<= {TIMES_START} x floor")


def _start_seconds(folder: Path, script: str, store: Path, env: dict[str, str]) -> float:
    with running(folder=folder, store=store, script=script, **env) as server, Session(server.address) as session:
        session.run()
        if session.faults:
            raise RuntimeError(session.faults)
        return processor_seconds(server.process.pid)


def packages() -> list[str]:
    """List every module that the product has imported when it serves and that is not its own."""
    code = (
        "import json, sys, asyncio, app\n"
        "async def once():\n"
        "    async with app.lifespan(app.app): print(json.dumps([n for n, m in list(sys.modules.items()) if getattr(m, '__file__', None)]))\n"
        "asyncio.run(once())"
    )
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": "", "HOME": folder, "ESSAIM_FOLDER": folder}
        told = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=env, check=True, capture_output=True, text=True
        )
    ours = {path.stem for path in ROOT.glob("*.py")} | {path.name for path in ROOT.iterdir() if path.is_dir()}
    every = json.loads(told.stdout.splitlines()[-1])
    return [name for name in every if name.partition(".")[0] not in ours and not name.startswith("__")]
