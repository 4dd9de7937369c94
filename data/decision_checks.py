"""What a decision must say before the record takes it."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from data.access import Refused
from data.gate import Change
from data.types import Cohort, Decision, DecisionType, Experiment, KeyResult, Metric, Person, Site

LINK_SCHEMES = ("http", "https")


def check_alone(decision: Decision) -> None:
    """Check what the decision itself must say. Raises Refused with the first thing missing or contradictory."""
    if not decision.title.strip():
        raise Refused("title_missing")
    if not decision.owner_id.strip():
        raise Refused("owner_missing")
    _check_order(decision.applies_on, decision.review_on, "review_before_applies")
    _check_order(decision.applies_on, decision.expected_by, "expected_before_applies")
    _check_order(decision.applies_on, decision.resolved_on, "resolved_before_applies")
    _check_order(decision.period_start, decision.period_end, "period_reversed")
    if decision.evidence_url and not _is_link(decision.evidence_url):
        raise Refused("evidence_not_a_link", found=decision.evidence_url)
    if decision.period_start is not None and decision.grain is None:
        raise Refused("grain_missing")
    if decision.type is DecisionType.STEP:
        _check_step(decision)


def check_known(tx: Change, decision: Decision) -> None:
    """Check that all it names is in the record. Raises Refused("owner_unknown"), Refused("unknown_record")."""
    try:
        owner = tx.must_know(Person, decision.owner_id)
    except Refused:
        raise Refused("owner_unknown") from None
    if owner.disabled:
        raise Refused("owner_unknown")
    for kind, named in (
        (Site, decision.site_id),
        (Metric, decision.metric_id),
        (Metric, decision.expected_metric_id),
        (Cohort, decision.cohort_id),
        (Experiment, decision.experiment_id),
        (KeyResult, decision.key_result_id),
        (Decision, decision.supersedes_id),
    ):
        if named is not None:
            tx.must_know(kind, named)


def _check_step(decision: Decision) -> None:
    if decision.site_id is None or decision.metric_id is None:
        raise Refused("step_without_series")
    if not decision.note.strip():
        raise Refused("reason_missing")


def _check_order(first: dt.date | None, then: dt.date | None, code: str) -> None:
    if first is not None and then is not None and then < first:
        raise Refused(code, first=first, then=then)


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in LINK_SCHEMES and bool(parts.netloc)
