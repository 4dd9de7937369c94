"""`python -m benchmarks [NAME...]`: one JSON line a figure. A name chooses those that begin with it.

`python -m benchmarks honesty --seed S --n N`: how often what the product says is wrong, one line a claim.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # small matrices: more threads only spin
os.environ["ESSAIM_TODAY"] = "2026-11-22"  # the last day of the store that is measured
os.environ.pop("ESSAIM_STORE", None)
os.environ.pop("ESSAIM_PERSON", None)

import sys
from collections.abc import Callable

from benchmarks import (
    analytics,
    analytics_charts,
    analytics_effects,
    analytics_portfolio,
    analytics_sequential,
    honesty,
    importing,
    large,
    loading,
    loading_cells,
    loading_csv,
    pinning,
    served,
)

MEASURES: dict[str, Callable[[], None]] = {
    "rerun_metric": served.rerun_metric,
    "rerun_facet": served.rerun_facet,
    "bytes": served.bytes_sent,
    "load": loading.load,
    "cells": loading_cells.cells,
    "csv": loading_csv.load_csv,
    "million": large.million,
    "site_files": large.site_files,
    "undo": large.undo,
    "start": served.start,
    "start_analytics": importing.analytics_start,
    "pin": pinning.pin_while_loading,
    "analytics": analytics.main,
    "analytics_charts": analytics_charts.main,
    "analytics_effects": analytics_effects.main,
    "analytics_portfolio": analytics_portfolio.main,
    "analytics_sequential": analytics_sequential.main,
}


def main(wanted: list[str]) -> int:
    if wanted[:1] == ["honesty"]:
        return honesty.main(wanted[1:])
    chosen = [measure for name, measure in MEASURES.items() if not wanted or name.startswith(tuple(wanted))]
    if not chosen:
        print(f"no such figure; there are: {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    for measure in chosen:
        measure()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
