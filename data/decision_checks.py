"""What a decision must say before the record takes it."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

import duckdb
import pandas as pd

from analytics.results import Direction, NotComputable
from analytics.spc import MINIMUM_POINTS, xmr_chart
from data import records
from data.access import Refused
from data.gate import Change
from data.limits import LIMIT_TYPES, limits_on
from data.periods import chart_grain
from data.series import metric_series
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
    if decision.type in LIMIT_TYPES:
        _check_limits(decision)


def check_known(tx: Change, decision: Decision) -> None:
    """Check that all it names is in the record, and that a baseline has enough points to set limits.

    Raises Refused("owner_unknown"), Refused("unknown_record"), Refused("baseline_too_short").
    """
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
    if decision.type is DecisionType.BASELINE:
        _check_baseline(tx.cursor, decision)


def _check_limits(decision: Decision) -> None:
    """A decision on limits is one series', has its reason, and an exclusion its point."""
    named = decision.type.value
    if decision.site_id is None or decision.metric_id is None:
        raise Refused(f"{named}_without_series")
    if decision.type is DecisionType.EXCLUSION and decision.period_start is None:
        raise Refused("exclusion_without_point")
    if not decision.note.strip():
        raise Refused("reason_missing" if decision.type is DecisionType.STEP else f"{named}_without_reason")


def _check_baseline(cursor: duckdb.DuckDBPyConnection, decision: Decision) -> None:
    """The points from the last step to the baseline's last day must be enough to set limits."""
    site_id, metric_id = decision.site_id or "", decision.metric_id or ""
    (metric,) = records.current(cursor, Metric, id=metric_id)
    grain = chart_grain(metric.frequency)
    series = metric_series(cursor, site_id=site_id, metric_id=metric_id, grain=grain)
    found = 0
    if series is not None:
        decided = limits_on(cursor, site_id=site_id, metric_id=metric_id)
        values = series.values.loc[: decision.applies_on.isoformat()]  # noqa: PD011
        left_out = decided.left_out(pd.DatetimeIndex(values.index), grain)
        chart = xmr_chart(values, direction=Direction.NEUTRAL, steps=decided.step_days, excluded=left_out)
        if not isinstance(chart, NotComputable) and chart.latest.mean is not None:
            return
        since = max((day for day in decided.step_days if day <= decision.applies_on), default=dt.date.min)
        found = sum(at.date() >= since for at in values.drop(pd.DatetimeIndex(left_out)).dropna().index)
    raise Refused("baseline_too_short", found=found, needed=MINIMUM_POINTS)


def _check_order(first: dt.date | None, then: dt.date | None, code: str) -> None:
    if first is not None and then is not None and then < first:
        raise Refused(code, first=first, then=then)


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in LINK_SCHEMES and bool(parts.netloc)
