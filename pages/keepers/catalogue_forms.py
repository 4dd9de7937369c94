"""The forms of the catalogue: a metric's definition, a dated target, and a site."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from analytics.results import Direction
from data.access import Permission, allowed, sites_allowed
from data.metrics import edit_metric
from data.sites import add_alias, edit_site
from data.store import the_store
from data.targets import set_target
from data.types import Aggregation, CustomerOutcome, MetricKind, SiteKind
from pages.keepers.catalogue_view import suggested_start
from pages.keepers.catalogue_words import span_words
from pages.shared.moments import DATE_FORM
from pages.shared.saving import pressed, save
from wording import Language, date_, say, state, value

if TYPE_CHECKING:
    from pages.keepers.catalogue_view import CatalogueView, MetricEntry, SiteEntry
from pages.shared.session import Visit

SAVED = "catalogue-saved"  # what to say after the page has been drawn again
_save = partial(save, under=SAVED)
LONGEST_NAME = 100
LONGEST_DEFINITION = 1000
MOST_DECIMALS = 4
EVERY_SITE = ""
E = TypeVar("E", bound=StrEnum)


def open_metric(visit: Visit, entry: MetricEntry) -> None:
    """Open the form of a metric's definition."""
    st.dialog(say("catalogue.form.metric", visit.language), width="medium")(_metric)(visit, entry)


def open_target(visit: Visit, entry: MetricEntry, view: CatalogueView) -> None:
    """Open the form of a new target."""
    st.dialog(say("catalogue.form.target", visit.language), width="medium")(_target)(visit, entry, view)


def open_site(visit: Visit, entry: SiteEntry) -> None:
    """Open the form of a site."""
    st.dialog(say("catalogue.form.site", visit.language), width="medium")(_site)(visit, entry)


def _metric(visit: Visit, entry: MetricEntry) -> None:
    language, metric = visit.language, entry.metric
    key = f"metric-{metric.id}"
    direction = st.radio(
        say("catalogue.field.direction", language), list(Direction), format_func=lambda one: state(one, language),
        index=None if entry.undecided else list(Direction).index(metric.direction), key=f"{key}-direction", horizontal=True,
    )  # fmt: skip
    left, right = st.columns(2)
    fields: dict[str, object] = {
        "name_fr": left.text_input(say("catalogue.field.name_fr", language), metric.name_fr, LONGEST_NAME, f"{key}-fr"),
        "name_en": right.text_input(say("catalogue.field.name_en", language), metric.name_en, LONGEST_NAME, f"{key}-en"),
        "unit": left.text_input(say("catalogue.field.unit", language), metric.unit, 20, f"{key}-unit",
                                help=say("catalogue.field.unit.help", language)),
        "decimals": int(right.number_input(say("catalogue.field.decimals", language), 0, MOST_DECIMALS, metric.decimals,
                                           key=f"{key}-decimals")),
        "plausible_low": left.number_input(say("catalogue.field.low", language), value=metric.plausible_low, key=f"{key}-low"),
        "plausible_high": right.number_input(say("catalogue.field.high", language), value=metric.plausible_high,
                                             key=f"{key}-high"),
        "kind": _one_of(MetricKind, metric.kind, "catalogue.field.kind", f"{key}-kind", language),
        "aggregation": _one_of(Aggregation, metric.aggregation, "catalogue.field.aggregation", f"{key}-how", language),
        "customer_outcome": _outcome(metric.customer_outcome, f"{key}-outcome", language),
        "definition": st.text_area(say("catalogue.field.definition", language), metric.definition, key=f"{key}-definition",
                                   max_chars=LONGEST_DEFINITION, help=say("catalogue.field.definition.help", language)),
    }  # fmt: skip
    st.caption(say("catalogue.form.metric.version", language))
    if pressed(language, "catalogue-metric"):
        if direction is None:
            st.error(say("catalogue.form.direction_missing", language))
            return
        _save(visit, lambda: edit_metric(the_store(), visit.actor, metric.id, direction=direction, **fields),
              say("catalogue.saved.metric", language, metric=fields["name_fr" if language == "fr" else "name_en"]))  # fmt: skip


def _target(visit: Visit, entry: MetricEntry, view: CatalogueView) -> None:
    language, metric = visit.language, entry.metric
    st.write(metric.name(language))
    now = entry.in_force
    if now is not None:
        words = {"target": value(now.target.value, metric, language), "date": date_(now.target.applies_from, language)}
        st.caption(say("catalogue.form.target.now", language, **words))
    left, right = st.columns(2)
    wanted = left.number_input(say("catalogue.target.value", language), value=None, key=f"target-{metric.id}-value")
    start = right.date_input(say("catalogue.target.from", language), suggested_start(entry, visit.today), None, None,
                             f"target-{metric.id}-from", format=DATE_FORM)  # fmt: skip
    if entry.span:
        st.caption(say("catalogue.form.target.span", language, **span_words(entry, language)))
    places = _places(visit, view)
    place = st.selectbox(say("catalogue.target.where", language), list(places), format_func=places.get,
                         key=f"target-{metric.id}-where")  # fmt: skip
    st.caption(say("catalogue.form.target.stays", language))
    if pressed(language, "catalogue-target"):
        if wanted is None or start is None:
            st.error(say("refused.not_a_number", language))
            return
        _save(visit, lambda: set_target(the_store(), visit.actor, metric_id=metric.id, value=wanted, applies_from=start,
                                        site_id=place or None),
              say("catalogue.saved.target", language, metric=metric.name(language), target=value(wanted, metric, language),
                  date=date_(start, language)))  # fmt: skip


def _places(visit: Visit, view: CatalogueView) -> dict[str, str]:
    """Offer every site at once where the right holds everywhere, then each site where it holds."""
    everywhere = allowed(visit.actor, Permission.SET_TARGET)
    own = sites_allowed(visit.actor, Permission.SET_TARGET, view.sites)
    offered = {EVERY_SITE: say("shared.label.all_sites", visit.language)} if everywhere else {}
    return offered | {key: entry.site.name for key, entry in view.sites.items() if key in own}


def _site(visit: Visit, entry: SiteEntry) -> None:
    language, site = visit.language, entry.site
    key = f"site-{site.id}"
    left, right = st.columns(2)
    name = left.text_input(say("catalogue.site.name", language), site.name, LONGEST_NAME, f"{key}-name")
    code = right.text_input(say("catalogue.site.code", language), site.code or "", LONGEST_NAME, f"{key}-code")
    group = right.text_input(say("catalogue.site.group", language), site.group or "", LONGEST_NAME, f"{key}-group",
                             help=say("catalogue.site.group.help", language))  # fmt: skip
    with left:
        kind = _one_of(SiteKind, site.kind, "catalogue.site.kind", f"{key}-kind", language)
    alias = st.text_input(say("catalogue.site.alias", language), "", LONGEST_NAME, f"{key}-alias")
    st.caption(say("catalogue.form.site.name", language))
    if pressed(language, "catalogue-site"):
        fields = {"name": name, "code": code.strip() or None, "group": group.strip() or None, "kind": kind}
        _save(visit, lambda: _save_site(visit, entry, fields, alias), say("catalogue.saved.site", language, site=name))


def _save_site(visit: Visit, entry: SiteEntry, fields: dict[str, object], alias: str) -> None:
    """Change a site, and note another name for it, each only where something was written."""
    known = entry.site.model_dump(include=set(fields))
    if fields != known or not alias.strip():
        edit_site(the_store(), visit.actor, entry.site.id, **fields)
    if alias.strip():
        add_alias(the_store(), visit.actor, entry.site.id, alias)


def _one_of(options: type[E], now: E, label: str, key: str, language: Language) -> E:
    known: Sequence[E] = list(options)
    return st.selectbox(
        say(label, language), known, index=known.index(now), format_func=lambda one: state(one, language), key=key
    )


def _outcome(now: CustomerOutcome | None, key: str, language: Language) -> CustomerOutcome | None:
    offered = list(CustomerOutcome)
    return st.selectbox(
        say("catalogue.field.outcome", language), offered, index=None if now is None else offered.index(now), key=key,
        format_func=lambda one: state(one, language), placeholder=say("shared.label.none", language),
    )  # fmt: skip
