"""Reference cases: what a folder holds, how a difference is measured, and what is said of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


class Malformed(Exception):
    """A folder that is not a case: missing, unreadable, or without what a case needs."""


@dataclass(frozen=True)
class Case:
    """One folder: expected values, their tolerance, and the data they belong to (empty where there are none)."""

    name: str
    area: str
    tolerance: float
    expected: Mapping[str, Any]
    text: str  # how it was computed and noted; the source is left out, it may tell of other runs
    data: Mapping[str, np.ndarray]

    def table(self) -> Mapping[str, np.ndarray]:
        if not self.data:
            raise Malformed(f"{self.name}: data.csv is missing or empty")
        return self.data


@dataclass(frozen=True)
class Check:
    """One number, or one list of positions, beside what was expected of it."""

    key: str
    found: Any
    expected: Any
    scale: float | None = None  # None = max(1, |expected|)

    @property
    def difference(self) -> float:
        if self.found is None:
            return np.inf
        found, expected = np.asarray(self.found), np.asarray(self.expected)
        if found.shape != expected.shape:
            return np.inf
        if expected.dtype.kind in "USO":
            return 0.0 if (found == expected).all() else np.inf
        scale = np.maximum(1.0, np.abs(expected)) if self.scale is None else self.scale
        return float(np.max(np.abs(found - expected) / scale, initial=0.0))


@dataclass(frozen=True)
class Report:
    """What came of one case: nothing to compare yet, or its checks and the keys left aside."""

    case: Case
    checks: Sequence[Check] = ()
    aside: Sequence[str] = field(default=())

    @property
    def outcome(self) -> str:
        if not self.checks:
            return "not yet"
        return "pass" if all(check.difference <= self.case.tolerance for check in self.checks) else "FAIL"

    def __str__(self) -> str:
        begin = f"{self.outcome:<8}{self.case.name:<32}{self.case.area:<14}"
        if not self.checks:
            return begin.rstrip()
        worst = max(self.checks, key=lambda check: check.difference)
        aside = f"; not compared: {', '.join(self.aside)}" if self.aside else ""
        return (
            f"{begin}largest difference {worst.difference:.2g} ({worst.key}), tolerance {self.case.tolerance:g}, "
            f"{len(self.checks)} compared{aside}"
        )


def case_folders(folder: Path) -> list[Path]:
    """A case folder is itself; another folder stands for the cases right under it."""
    if (folder / "expected.json").is_file():
        return [folder]
    if not folder.is_dir():
        raise Malformed(f"{folder}: no such folder")
    found = sorted(path.parent for path in folder.glob("*/expected.json"))
    if not found:
        raise Malformed(f"{folder}: no expected.json here nor one folder down")
    return found


def read_case(folder: Path) -> Case:
    try:
        said = json.loads((folder / "expected.json").read_text("utf-8"))
        case = Case(
            name=str(said.get("name", folder.name)),
            area=said["area"],
            tolerance=float(said["tolerance"]),
            expected=dict(said["expected"]),
            text=" ".join(str(said.get(key, "")) for key in ("name", "computed_by", "notes")),
            data=_read_table(folder / "data.csv"),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Malformed(f"{folder}: {type(fault).__name__}: {fault}") from fault
    return case


def leaves(tree: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """The keys of nested values, joined by dots."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{within}{key}.")
        else:
            yield within + key, value


def _read_table(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.reader(lines))
    if len(rows) < 2:
        return {}
    heading, body = rows[0], [row for row in rows[1:] if row]
    if any(len(row) != len(heading) for row in body):
        raise ValueError("data.csv has rows of differing length")
    return {name.strip(): _column([row[place] for row in body]) for place, name in enumerate(heading)}


def _column(cells: Sequence[str]) -> np.ndarray:
    try:
        return np.array([np.nan if cell.strip() in {"", "NA", "NaN"} else float(cell) for cell in cells])
    except ValueError:
        return np.array(cells)
