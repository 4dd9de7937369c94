"""What a load brings to the record beside its values: new sites and metrics, ids, and the memory of its mapping."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import pandas as pd

from data import records
from data.sites import name_key
from data.types import Metric, Site, SiteAlias
from loaders.choices import Choices, MetricChoice, RateChoice
from loaders.findings import Interpretation
from loaders.keys import tidy


def reading_hash(found: Interpretation, choices: Choices) -> str:
    """Name the way the bytes were read: the same file read otherwise is another load."""
    parts: dict[str, object] = {
        "sheet": found.layout.sheet,
        "rows": [int(row) for row in found.layout.header_rows],
        "roles": [(reading.column.index, reading.role.value) for reading in found.mapping.columns],
        "metrics": [(metric.heading, metric.name, metric.unit, metric.rate is not None) for metric in found.metrics],
        "periods": [(seen.grain.value, str(seen.first), str(seen.last), seen.count) for seen in found.periods],
        "decimal": found.decimal.value,
        "segments": found.segment_handling.value if found.segment_handling else None,
        "site": choices.site,
        "excluded": len(found.excluded),
        "observations": found.n_observations,
    }
    if choices.mended:
        parts["mended"] = dict(choices.mended)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def to_remember(found: Interpretation, choices: Choices, registered: dict[int, Metric]) -> Choices:
    """Keep what will hold for the next file of this source: its columns by heading, metrics, segments and rates.

    Not the site that was named for a whole file: other sites' files may have the same headings.
    """
    headings = [reading.column.heading for reading in found.mapping.columns]
    once = {
        reading.column.letter: reading.column.heading
        for reading in found.mapping.columns
        if reading.column.heading and headings.count(reading.column.heading) == 1
    }
    roles = {
        once[reading.column.letter]: reading.role
        for reading in found.mapping.columns
        if reading.column.period_text is None and reading.column.letter in once
    }
    ids = {i: registered[i].id if i in registered else seen.metric_id for i, seen in enumerate(found.metrics)}
    named = {once.get(name, name): choice for name, choice in choices.metrics.items()}
    rates = []
    for index, seen in enumerate(found.metrics):
        if seen.rate is not None:
            columns = _by_heading(seen.rate, once)
            rates.append(seen.rate.model_copy(update={**columns, "metric_id": ids[index], "name": seen.name}))
        elif seen.heading and seen.heading in named:
            named[seen.heading] = MetricChoice(name=seen.name, unit=named[seen.heading].unit, metric_id=ids[index])
    orders = {once.get(name, name): order for name, order in choices.date_orders.items()}
    return Choices(
        roles=roles, date_order=choices.date_order, date_orders=orders, decimal=choices.decimal,
        fiscal_start=choices.fiscal_start, metrics=named, segments=choices.segments, rates=tuple(rates), layout=choices.layout, sections=choices.sections,
        table=choices.table,
    )  # fmt: skip


def _by_heading(rate: RateChoice, headings: Mapping[str, str]) -> dict[str, str]:
    """Name a rate's columns by their headings: the next file may have them elsewhere."""
    names = {"numerator": rate.numerator, "denominator": rate.denominator}
    return {part: headings.get(name, name) for part, name in names.items()}


def new_sites(found: Interpretation, process_id: str | None) -> dict[int, Site]:
    """Make a record of each site that the record does not know, by its place among the sites found."""
    return {
        index: Site(id=records.new_id(), name=seen.name, code=seen.code, process_id=process_id)
        for index, seen in enumerate(found.sites)
        if seen.site_id is None
    }


def new_aliases(found: Interpretation, choices: Choices, known: Mapping[str, str]) -> list[SiteAlias]:
    """Make a record of each name that a person gave to a site on record, to know it by next time.

    known: the names there are already (data.sites.name_key -> id).
    """
    loaded = {seen.site_id for seen in found.sites}
    new = {name_key(name): (name, site_id) for name, site_id in choices.sites.items() if site_id in loaded}
    return [
        SiteAlias(id=records.new_id(), site_id=site_id, alias=tidy(name))
        for key, (name, site_id) in new.items()
        if key not in known
    ]


def new_metrics(found: Interpretation) -> dict[int, Metric]:
    """Make a record of each metric that the record does not know, by its place among the metrics found."""
    return {
        index: Metric(
            id=records.new_id(), name_fr=seen.name, name_en=seen.name, unit=seen.unit, kind=seen.kind,
            frequency=seen.grain, aggregation=seen.aggregation, decimals=seen.decimals,
        )
        for index, seen in enumerate(found.metrics)
        if seen.metric_id is None and seen.n_observations
    }  # fmt: skip


def frame_of(found: Interpretation, came: dict[int, Site], registered: dict[int, Metric]) -> pd.DataFrame:
    """Give the observations under the ids of their sites and metrics; those without an id are left out."""
    site_ids = [came[i].id if i in came else seen.site_id for i, seen in enumerate(found.sites)]
    metric_ids = [registered[i].id if i in registered else seen.metric_id for i, seen in enumerate(found.metrics)]
    frame: pd.DataFrame = found.observations.rename(columns={"site": "site_id", "metric": "metric_id"})
    for name, ids in (("site_id", site_ids), ("metric_id", metric_ids)):
        distinct = list(dict.fromkeys(known for known in ids if known is not None))
        at = {known: position for position, known in enumerate(distinct)}
        codes = pd.Series([at.get(known, -1) if known else -1 for known in ids], dtype="int64")
        frame[name] = pd.Categorical.from_codes(
            codes.to_numpy()[frame[name].to_numpy()], categories=pd.Index(distinct, dtype=object)
        )
    if any(known is None for known in [*site_ids, *metric_ids]):
        frame = frame[frame["site_id"].notna() & frame["metric_id"].notna()]
    return frame
