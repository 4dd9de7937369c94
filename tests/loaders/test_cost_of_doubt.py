"""What it costs to doubt a file grows with its rows, not with how often it repeats itself."""

from __future__ import annotations

import datetime as dt

import numpy as np

from data.store import open_store
from data.types import Fault, Severity
from loaders import ingest, repeats
from loaders.findings import LOCATED_FAULTS, Findings


def test_a_file_of_copied_series_is_counted_once_a_group_and_not_once_a_copy(tmp_path, monkeypatch):
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(360)]
    rows = "\n".join(f"{day};Site {site};{10 + n * 7 % 9},5" for site in range(40) for n, day in enumerate(days))
    store = open_store(str(tmp_path / "essaim.duckdb"))
    counted, unique = [], np.unique
    monkeypatch.setattr(repeats.np, "unique", lambda of, **how: counted.append(len(of)) or unique(of, **how))

    found = ingest.understand(f"jour;site;délai (j)\n{rows}\n".encode(), "copies.csv", store)

    store.close()
    whole = [size for size in counted if size == found.interpretation.n_observations]
    assert found.interpretation.fault_counts["suspect_copied_site"] > 0
    assert len(whole) <= 3


def test_a_fault_costs_as_much_after_thousands_as_at_first():
    held = [Fault("odd", Severity.ERROR, None, n, None, "", "") for n in range(LOCATED_FAULTS - 1)]
    findings = Findings(None, Unsearched(held))
    findings.faults.searched = 0

    for row in range(1000):
        findings.add("odd", Severity.ERROR, row=row)

    assert (len(findings.faults), findings.counts["odd"], findings.room("odd"), findings.room("other")) == (
        LOCATED_FAULTS, 1000, 0, LOCATED_FAULTS
    )  # fmt: skip
    assert findings.faults.searched == 0


class Unsearched(list):
    """A list that counts how often it is gone through."""

    searched = 0

    def __iter__(self):
        self.searched += 1
        return super().__iter__()
