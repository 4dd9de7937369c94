"""A running app of the test's own: `with running(store=...) as base:` starts one on a free port and stops it after."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 60


@dataclass(frozen=True, slots=True)
class Running:
    """address: host and port; process: the server, for tests that kill or measure it; log: what it printed."""

    address: str
    process: subprocess.Popen
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.address}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(*, folder: Path, store: Path | str | None = None, script: str = "app.py", **env: str) -> Iterator[Running]:
    """Start the app in its own process group with its own data folder.

    store: the store's file; None = the default inside folder. env: further ESSAIM_* settings.
    Raises RuntimeError with the server's own words if it does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    log = folder / f"server-{port}.log"
    variables = {**os.environ, "ESSAIM_FOLDER": str(folder), **env}
    if store is not None:
        variables["ESSAIM_STORE"] = str(store)
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.address", "127.0.0.1"]
    command += ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait(port, process, log)
        yield Running(f"127.0.0.1:{port}", process, log)
    finally:
        stop(process)


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _wait(port: int, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the app did not come up:\n{log.read_text(errors='replace')[-2000:]}")
