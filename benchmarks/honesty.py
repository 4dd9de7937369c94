"""How often what the product says is wrong: `python -m benchmarks honesty --seed S --n N`, one line a claim.

Every module benchmarks/honesty_*.py gives its rows through the product's own functions. A row is out of band when it is
so by more than chance makes of that many trials.
"""

from __future__ import annotations

import argparse
import importlib
import math
import pkgutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import benchmarks

PREFIX = "honesty_"
# Standard errors beyond a band that chance may bring: one row in 700 that sits on its edge, no other row ever.
CHANCE = 3.0
MARKS = {True: "in band", False: "OUT OF BAND"}
WITHIN_ERROR = "within error"


@dataclass(frozen=True, slots=True)
class Claim:
    """A rate that the product states, and what was found in so many trials."""

    name: str
    low: float
    high: float
    found: float
    trials: int

    @classmethod
    def of(cls, row: Sequence[Any], n: int) -> Claim:
        """Read a row (name, (low, high), found) or (name, (low, high), found, trials); trials = n where not given."""
        name, (low, high), found, *trials = row
        return cls(str(name), float(low), float(high), float(found), int(trials[0]) if trials else n)

    @property
    def error(self) -> float:
        """The standard error of the rate found; beyond its band, of a rate on the edge."""
        share = min(max(self.found, self.low), self.high)
        return math.sqrt(max(share * (1 - share), 1 / self.trials) / self.trials)

    @property
    def in_band(self) -> bool:
        """Whether the rate lies in its band, edges included."""
        return self.low <= self.found <= self.high

    @property
    def holds(self) -> bool:
        """Whether the rate lies in its band, or no further from it than chance explains."""
        return self.low - CHANCE * self.error <= self.found <= self.high + CHANCE * self.error

    def line(self) -> str:
        """Write the claim as one line of the table."""
        mark = WITHIN_ERROR if self.holds and not self.in_band else MARKS[self.holds]
        shares = (f"{100 * share:7.2f}" for share in (self.low, self.high, self.found, self.error))
        return f"{self.name:<64}" + "".join(shares) + f"{self.trials:>8}  {mark}"


def modules() -> list[str]:
    """Name the modules that make claims."""
    return sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__) if found.name.startswith(PREFIX))


def claims_of(module: str, seed: int, n: int) -> Iterator[Claim]:
    """Simulate one module's claims; a module that only serves others has none."""
    rows = getattr(importlib.import_module(f"benchmarks.{module}"), "rows", None)
    if rows is not None:
        yield from (Claim.of(row, n) for row in rows(seed, n))


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 when a row is out of its band by more than chance."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks honesty", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=400, help="simulated series a claim")
    parser.add_argument("--only", default="", help="modules whose name begins so, without honesty_")
    asked = parser.parse_args(arguments)
    heads = ("low %", "high %", "found %", "error %")
    print(f"{'claim':<64}" + "".join(f"{head:>7}" for head in heads) + f"{'trials':>8}")
    outside = 0
    for module in modules():
        if not module.removeprefix(PREFIX).startswith(asked.only):
            continue
        started = time.process_time()
        for claim in claims_of(module, asked.seed, asked.n):
            print(claim.line(), flush=True)
            outside += not claim.holds
        print(f"  {module}: {time.process_time() - started:.1f} CPU s", flush=True)
    print(f"{outside} out of band" if outside else "every row in its band, chance allowed for")
    return 1 if outside else 0
