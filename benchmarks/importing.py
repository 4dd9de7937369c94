"""What the analytics add to a cold start: importing them all, beside what any product on numpy and pandas imports."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.figures import figure
from tests.tools.running import ROOT

TRIES = 3
MOST_SECONDS = 0.3
_CODE = """
import importlib, pkgutil, time
started = time.process_time()
import numpy, pandas, scipy.special
floor = time.process_time() - started
import analytics
for found in pkgutil.iter_modules(analytics.__path__):
    importlib.import_module("analytics." + found.name)
print(floor, time.process_time() - started - floor)
"""


def analytics_start() -> None:
    """Import every module of the analytics in a new process, the best of a few."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", _CODE], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(TRIES + 1)
    ]
    floor, ours = (min(float(run[place]) for run in runs[1:]) for place in (0, 1))
    figure("start_analytics_cpu_s", ours, floor, most=MOST_SECONDS, goal=f"<= {MOST_SECONDS} s more than the floor")
