"""Run folders of reference cases: `python -m tests.oracles FOLDER...`.

Prints one line a case with its largest difference. Exit 0 when all that is computed passes (a case whose method is
not built yet is listed as "not yet"), 1 when a case fails, 2 when a folder is not a case.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.oracles import attributes, between, changes, drift, early, effects, forecasts, interrupted, trend, waits, xmr
from tests.oracles.cases import Case, Check, Malformed, Report, case_folders, read_case


def first_that_knows(*reports: Callable[[Case], Report]) -> Callable[[Case], Report]:
    """Several runners for one area: the first that compares anything answers."""
    return lambda case: next((said for report in reports if (said := report(case)).checks), Report(case))


METHODS: dict[str, Callable[[Case], Report]] = {
    "spc": first_that_knows(attributes.report, xmr.report, drift.report),
    "its": interrupted.report,
    "trend": trend.report,
    "changepoint": changes.report,
    "okr": forecasts.report,
    "did": effects.comparison_or_rollout,
    "multiplicity": effects.adjusted,
    "pooling": effects.pooled,
    "sequential": early.sequential,
    "power": early.power,
    "rollout": waits.report,
    "survival": waits.report,
    "between-site": between.report,
    "between-sites": between.report,
}


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        print("python -m tests.oracles FOLDER...: a case folder, or a folder of them", file=sys.stderr)
        return 2
    reports, n_malformed = [], 0
    for folder in _folders(arguments):
        try:
            reports += [compared(read_case(case)) for case in case_folders(folder)]
        except Malformed as fault:
            print(f"not a case: {fault}", file=sys.stderr)
            n_malformed += 1
    for report in reports:
        print(report)
    counts = Counter(report.outcome for report in reports)
    if reports:
        print(f"{len(reports)} cases: {counts['pass']} pass, {counts['FAIL']} fail, {counts['not yet']} not yet")
    if n_malformed:
        return 2
    return 1 if counts["FAIL"] else 0


def compared(case: Case) -> Report:
    """Compare one case; what breaks on the way is a failure of that case, told with its reason."""
    try:
        return METHODS.get(case.area, Report)(case)
    except (ArithmeticError, LookupError, TypeError, ValueError) as fault:
        return Report(case, [Check(f"{type(fault).__name__}: {fault}", None, None)])


def _folders(arguments: Sequence[str]) -> Iterator[Path]:
    """Each case on its own, so that one spoilt folder does not hide the others."""
    for given in arguments:
        try:
            yield from case_folders(Path(given))
        except Malformed:
            yield Path(given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
