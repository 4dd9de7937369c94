"""What a person may choose for a chart of counts or rare events, for one series and for many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict

import pandas as pd

from analytics.results import Rule
from analytics.results_charts import LimitsForm
from analytics.spc_phases import Dates, Until


class Choices(TypedDict, total=False):
    """What a person may choose for one chart; each means what it means for `analytics.spc.xmr_chart`.

    limits: how they are found, LimitsForm.AUTOMATIC unless said.
    """

    steps: Sequence[dt.date]
    baseline_until: Until | None
    excluded: Collection[dt.date]
    limits: LimitsForm
    rules: Collection[Rule]


class ManyChoices(TypedDict, total=False):
    """The same for many series; what is dated needs periods, and its keys are row numbers."""

    periods: pd.DatetimeIndex | None
    steps: Dates
    baselines: Mapping[int, Until]
    excluded: Dates
    limits: LimitsForm
    rules: Collection[Rule]


def for_many(choices: Choices, periods: pd.DatetimeIndex) -> ManyChoices:
    """Turn the choices for one series into those for a table of it alone."""
    until = choices.get("baseline_until")
    return {
        "periods": periods,
        "steps": {0: choices.get("steps", ())},
        "baselines": {} if until is None else {0: until},
        "excluded": {0: choices.get("excluded", ())},
        "limits": choices.get("limits", LimitsForm.AUTOMATIC),
        "rules": choices.get("rules", tuple(Rule)),
    }
