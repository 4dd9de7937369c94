"""The worked example's store: made once a test run, whatever the number of workers, and copied for whoever changes it.

`python -m tests.tools.worked_example PATH` makes it before the run.
"""

import datetime as dt
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.tools.running import ROOT

TODAY = dt.date(2026, 5, 18)
READY = "ESSAIM_TESTS_EXAMPLE"  # a worked example made before, of TODAY and in French, to save its forty seconds


def made_once(tmp_path_factory) -> Path:
    """Return the path of the French worked example as of TODAY; nobody writes to it."""
    if os.environ.get(READY):
        return Path(os.environ[READY])
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    store = shared / "example" / "essaim.duckdb"
    store.parent.mkdir(exist_ok=True)
    with (shared / "example.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not store.exists():
            making = shared / "example-making" / "essaim.duckdb"
            make(making, folder=shared / "example-folder")
            shutil.copytree(making.parent, store.parent, dirs_exist_ok=True)
    return store


def make(store: Path, *, folder: Path, language: str = "fr") -> None:
    """Fill an empty store with the worked example, as `make run` does."""
    store.parent.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "ESSAIM_STORE": str(store), "ESSAIM_FOLDER": str(folder), "ESSAIM_TODAY": TODAY.isoformat()}
    command = [sys.executable, "-m", "pages.admin.demo", "--language", language]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


def copied(store: Path, folder: Path) -> Path:
    """Copy a closed store, with the file that stands beside it, into a folder."""
    for path in sorted(store.parent.glob(f"{store.name}*")):
        shutil.copy(path, folder / path.name)
    return folder / store.name


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        make(Path(sys.argv[1]), folder=Path(folder))
