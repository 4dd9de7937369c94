"""Choosing a series from lists: site, metric, and segment where there are several."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from data.measured import measured_segments
from data.metrics import metrics
from data.sites import sites
from data.store import the_store
from pages.shared.choices import choose
from wording import Language, say, unit

if TYPE_CHECKING:
    from pages.shared.session import Visit

ALL = "all"


@st.cache_resource(max_entries=8, show_spinner=False)
def named_sites(version: str) -> dict[str, str]:  # noqa: ARG001
    """Return the name of each site by its id, in the order of names."""
    with the_store().read() as cursor:
        return {site.id: site.name for site in sorted(sites(cursor), key=lambda site: site.name.casefold())}


@st.cache_resource(max_entries=8, show_spinner=False)
def named_metrics(version: str, language: Language) -> dict[str, str]:  # noqa: ARG001
    """Return the name and unit of each metric by its id."""
    with the_store().read() as cursor:
        known = metrics(cursor)
    return {metric.id: _with_unit(metric.name(language), unit(metric, language)) for metric in known}


@st.cache_resource(max_entries=8, show_spinner=False)
def segments(version: str) -> dict[tuple[str, str], tuple[str, ...]]:  # noqa: ARG001
    """Return the segments of each (site, metric) that has values."""
    with the_store().read() as cursor:
        return measured_segments(cursor)


def choose_metric(visit: Visit, version: str, known: dict[str, str]) -> str:
    """Let the reader choose one of `named_metrics`, at first one that has values."""
    first = _first(known, {metric for _, metric in segments(version)})
    return choose(say("shared.label.metric", visit.language), known, name="metric", default=first)


def choose_series(visit: Visit, version: str, last: Callable[[], str]) -> tuple[dict[str, str | None], str] | None:
    """Let the reader choose a series; None when nothing is measured yet. Keys: site_id, metric_id, segment.

    last: one further choice, made at the end of the same line; its answer comes second.
    """
    known_sites, known_metrics = named_sites(version), named_metrics(version, visit.language)
    if not known_sites or not known_metrics:
        return None
    measured = segments(version)
    columns = st.columns([1, 1.2, 1, 1.1])
    with columns[0]:
        site = choose(
            say("shared.label.site", visit.language),
            known_sites,
            name="site",
            default=_first(known_sites, {site for site, _ in measured}),
        )
    with columns[1]:
        metric = choose(say("shared.label.metric", visit.language), known_metrics, name="metric",
                        default=_first(known_metrics, {metric for at, metric in measured if at == site}))  # fmt: skip
    several = measured.get((site, metric), ())
    segment = None
    if len(several) > 1:
        with columns.pop(2):
            options = {
                ALL: say("cohort.metric.all_segments", visit.language),
                **{name: name or "–" for name in several},
            }
            chosen = choose(say("cohort.metric.segment", visit.language), options, name="segment", default=ALL)
        segment = None if chosen == ALL else chosen
    with columns[2]:
        further = last()
    return {"site_id": site, "metric_id": metric, "segment": segment}, further


def _first(known: dict[str, str], measured: set[str]) -> str | None:
    """Choose the first of what is known that has values."""
    return next((each for each in known if each in measured), None)


def _with_unit(name: str, written: str) -> str:
    return f"{name} ({written})" if written else name
