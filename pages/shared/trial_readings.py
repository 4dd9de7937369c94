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
from data.access import Refused
from data.readings import keep_reading
from data.types import ExperimentReading, ReadingKind
from pages.shared.trial_family import registered

if TYPE_CHECKING:
    from data.access import Actor
    from data.store import Store
    from data.types import Experiment, Plan
    from pages.shared.trial_effect import TrialEffect
    from pages.shared.trial_outcome import Effect

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


def keep_now(store: Store, actor: Actor, experiment: Experiment, kind: ReadingKind) -> ExperimentReading:
    """Compute the effect of a trial that is over, and keep it.

    Raises Forbidden, Refused("experiment_not_over"), or Refused as `keep_reading` does.
    """
    with store.read() as cursor:
        (found,) = registered(cursor, [experiment])
    effect = found.effect
    if effect is None:
        raise Refused("experiment_not_over")
    series = effect.data.series
    return keep_numbers(
        store, actor, effect.plan, kind, data_date=None if series is None else series.data_date,
        outcome=effect.outcome.value, numbers=numbers_of(effect.result), method=effect.method,
    )  # fmt: skip


def keep_numbers(
    store: Store, actor: Actor, plan: Plan, kind: ReadingKind, *, data_date: dt.date | None, outcome: str,
    numbers: dict[str, Any], method: str,
) -> ExperimentReading:  # fmt: skip
    """Keep what was computed by a plan. Raises Forbidden, or Refused as `keep_reading` does."""
    reading = ExperimentReading(
        id="", experiment_id=plan.experiment_id, plan_id=plan.id, kind=kind, read_at=store.now(), data_date=data_date,
        data_version=store.data_version(), outcome=outcome,
        result=json.dumps(numbers, ensure_ascii=False, sort_keys=True), method=method, code_version=code_version(),
    )  # fmt: skip
    return keep_reading(store, actor, reading)


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
