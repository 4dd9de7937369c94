"""What was computed of a trial then, beside what its data say today."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.results import NotComputable
from data.readings import keep_reading
from data.types import ExperimentReading, ReadingKind

if TYPE_CHECKING:
    from data.access import Actor
    from data.store import Store
    from pages.shared.trial_effect import TrialEffect
    from pages.shared.trial_outcome import Effect, TrialOutcome

RELEASE = "0.1.0"
NEGLIGIBLE = 1e-9  # as a share of the interval's width: not a change
_ANALYTICS = Path(__file__).parent.parent.parent / "analytics"


@dataclass(frozen=True, slots=True)
class Kept:
    """A reading as it was: its day, its outcome and, where there was an effect, its estimate and interval."""

    kind: ReadingKind
    read_on: dt.date
    data_date: dt.date | None
    outcome: str
    estimate: float | None
    lower: float | None
    upper: float | None

    @classmethod
    def of(cls, reading: ExperimentReading) -> Kept:
        """Read a stored reading."""
        numbers = json.loads(reading.result)
        ends = (numbers.get(name) for name in ("estimate", "lower", "upper"))
        return cls(reading.kind, reading.read_at.date(), reading.data_date, reading.outcome, *ends)

    def differs_from(self, effect: TrialEffect) -> bool:
        """Tell whether the data as they stand today say something else."""
        result = effect.result
        if isinstance(result, NotComputable) or self.estimate is None or self.lower is None or self.upper is None:
            return self.outcome != effect.outcome.value
        slack = NEGLIGIBLE * (self.upper - self.lower)
        pairs = ((self.estimate, result.estimate), (self.lower, result.lower), (self.upper, result.upper))
        return any(abs(then - now) > slack for then, now in pairs)


def keep_effect(
    store: Store, actor: Actor, effect: TrialEffect, kind: ReadingKind, *, outcome: TrialOutcome
) -> ExperimentReading:
    """Keep an effect as it is computed now. Raises Forbidden, or Refused as `keep_reading` does."""
    series = effect.data.series
    return keep_reading(
        store, actor,
        ExperimentReading(
            id="", experiment_id=effect.plan.experiment_id, plan_id=effect.plan.id, kind=kind, read_at=store.now(),
            data_date=None if series is None else series.data_date, data_version=store.data_version(),
            outcome=outcome.value, result=json.dumps(numbers_of(effect.result), ensure_ascii=False, sort_keys=True),
            method=effect.method, code_version=code_version(),
        ),
    )  # fmt: skip


def numbers_of(result: Effect | NotComputable) -> dict[str, Any]:
    """Write a result as plain JSON values; the expected course, one number a period, is left out."""
    if isinstance(result, NotComputable):
        return {"not_computable": result.code, "args": {name: str(arg) for name, arg in result.args.items()}}
    numbers = {name: found for name, found in asdict(result).items() if name != "counterfactual"}
    return {name: found.isoformat() if isinstance(found, dt.date) else found for name, found in numbers.items()}


@functools.cache
def code_version() -> str:
    """Name the code that computes: the release and a hash of the analytics' source."""
    digest = hashlib.sha256()
    for path in sorted(_ANALYTICS.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return f"{RELEASE}+{digest.hexdigest()[:12]}"
