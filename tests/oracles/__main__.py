"""Run folders of reference cases: `python -m tests.oracles FOLDER...`.

Prints one line a case with its largest difference. Exit 0 when all that is computed passes (a case whose method is
not built yet is listed as "not yet"), 1 when a case fails, 2 when a folder is not a case.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.oracles import interrupted, xmr
from tests.oracles.cases import Case, Malformed, Report, case_folders, read_case

METHODS: dict[str, Callable[[Case], Report]] = {"spc": xmr.report, "its": interrupted.report}


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        print("python -m tests.oracles FOLDER...: a case folder, or a folder of them", file=sys.stderr)
        return 2
    try:
        cases = [read_case(folder) for given in arguments for folder in case_folders(Path(given))]
        reports = [METHODS.get(case.area, Report)(case) for case in cases]
    except Malformed as fault:
        print(f"not a case: {fault}", file=sys.stderr)
        return 2
    for report in reports:
        print(report)
    counts = Counter(report.outcome for report in reports)
    print(f"{len(reports)} cases: {counts['pass']} pass, {counts['FAIL']} fail, {counts['not yet']} not yet")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
