"""What changed in a plan after it was frozen: each point as it was promised, and as it then stood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from data.types import Metric, Plan
from wording import Language, date_, say, state, value

POINTS = (
    "hypothesis", "metric_id", "site_ids", "comparison_site_ids", "expected_direction", "smallest_effect", "starts_on",
    "ends_on", "baseline_from", "grain", "looks", "analysis", "trend_term", "decision_rule", "guardrail_metric_ids",
    "site_starts", "drawn_by_lot", "cycle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Called:
    """How a page writes what a plan names. site: a site by its id; text: what somebody typed."""

    metric: Metric
    metrics: Mapping[str, Metric]
    site: Callable[[str], str]
    text: Callable[[str], str]
    language: Language


def amendment_lines(plans: Sequence[Plan], called: Called) -> list[str]:
    """Word each amendment: its number and day, whether it came after the start, every point it changed, its hash."""
    language = called.language
    lines = []
    for earlier, later in pairwise(plans):
        day = later.frozen_at.date()
        changes = [_change(name, earlier, later, called) for name in POINTS if _differ(name, earlier, later)]
        words = "; ".join(changes) or say("evidence.amendment.nothing", language)
        facts = {"n": later.amendment, "date": day, "hash": later.plan_hash[:16]}
        code = "evidence.amendment.late" if day >= plans[0].starts_on else "evidence.amendment"
        lines.append(say(code, language, changes=words, **facts))
    return lines


def _differ(name: str, earlier: Plan, later: Plan) -> bool:
    return bool(getattr(earlier, name) != getattr(later, name))


def _change(name: str, earlier: Plan, later: Plan, called: Called) -> str:
    language = called.language
    old, new = (_shown(name, getattr(plan, name), called) for plan in (earlier, later))
    return say("evidence.amendment.change", language, field=say(f"evidence.field.{name}", language), old=old, new=new)


def _shown(name: str, said: object, called: Called) -> str:
    """Write one point of a plan in the reader's form, with sites as the page calls them."""
    match said:
        case None | () | "":
            return say("evidence.field.nothing", called.language)
        case tuple():
            return ", ".join(_shown(name, part, called) for part in said)
        case bool():
            return say("shared.yes" if said else "shared.no", called.language)
        case float() | int():
            return value(said, called.metric, called.language)
        case dt.date():
            return date_(said, called.language)
        case Enum():
            return state(said, called.language)
    if name in ("site_ids", "comparison_site_ids"):
        return called.site(str(said))
    if name in ("metric_id", "guardrail_metric_ids"):
        return called.text(called.metrics[str(said)].name(called.language))
    return called.text(str(said))
