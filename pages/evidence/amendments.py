"""What changed in a plan after it was frozen: each point as it was promised, and as it then stood."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from itertools import pairwise

from data.types import Plan
from pages.evidence.trial import Trial
from wording import Language, date_, say, state, value

POINTS = (
    "hypothesis", "metric_id", "site_ids", "comparison_site_ids", "expected_direction", "smallest_effect", "starts_on",
    "ends_on", "baseline_from", "grain", "looks", "analysis", "trend_term", "decision_rule", "guardrail_metric_ids",
    "site_starts", "drawn_by_lot", "cycle",
)  # fmt: skip


def amendment_lines(trial: Trial, language: Language) -> list[str]:
    """Word each amendment: its number and day, whether it came after the start, every point it changed, its hash."""
    start = trial.plans[0].starts_on
    lines = []
    for earlier, later in pairwise(trial.plans):
        day = later.frozen_at.date()
        changes = [_change(trial, name, earlier, later, language) for name in POINTS if _differ(name, earlier, later)]
        words = "; ".join(changes) or say("evidence.amendment.nothing", language)
        facts = {"n": later.amendment, "date": day, "hash": later.plan_hash[:16]}
        code = "evidence.amendment.late" if day >= start else "evidence.amendment"
        lines.append(say(code, language, changes=words, **facts))
    return lines


def _differ(name: str, earlier: Plan, later: Plan) -> bool:
    return bool(getattr(earlier, name) != getattr(later, name))


def _change(trial: Trial, name: str, earlier: Plan, later: Plan, language: Language) -> str:
    old, new = (_shown(trial, name, getattr(plan, name), language) for plan in (earlier, later))
    return say("evidence.amendment.change", language, field=say(f"evidence.field.{name}", language), old=old, new=new)


def _shown(trial: Trial, name: str, said: object, language: Language) -> str:
    """Write one point of a plan in the reader's form, with sites as the page calls them."""
    match said:
        case None | () | "":
            return say("evidence.field.nothing", language)
        case tuple():
            return ", ".join(_shown(trial, name, part, language) for part in said)
        case bool():
            return say("shared.yes" if said else "shared.no", language)
        case float() | int():
            return value(said, trial.metric, language)
        case dt.date():
            return date_(said, language)
        case Enum():
            return state(said, language)
    if name in ("site_ids", "comparison_site_ids"):
        return trial.masks.name(str(said), language)
    if name in ("metric_id", "guardrail_metric_ids"):
        return trial.masks.text(trial.metrics[str(said)].name(language), language)
    return trial.masks.text(str(said), language)
