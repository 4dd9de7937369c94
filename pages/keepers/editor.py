"""Changing how a file is read: each thing that was understood stands in a field of its own, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.types import Grain
from loaders.choices import ColumnRole, MetricChoice, RateChoice, SegmentHandling
from loaders.dates import DateOrder
from loaders.layout import LayoutKind
from loaders.numbers import DecimalSign
from loaders.words import split_unit
from pages.keepers import words
from pages.shared import frame
from wording import Language, say, unit

if TYPE_CHECKING:
    from loaders.findings import MetricSeen
    from loaders.ingest import Understanding
    from loaders.mapping import ColumnReading
    from pages.keepers.desk import Desk
    from pages.keepers.reading import Held

AUTO = ""
NEW = ""
DECIMALS = {DecimalSign.COMMA: "comma", DecimalSign.POINT: "point"}
MOST_COLUMNS = 24
MOST_METRICS = 12


def pick(
    label: str, options: Mapping[str, str], current: str, *, key: str, change: Callable[[str], Any],
    bare: bool = False, help_text: str | None = None,
) -> None:  # fmt: skip
    """Show what is understood as the choice of a list; `change` is told of another one."""
    st.session_state[key] = current
    st.selectbox(
        words.label(label), list(options), format_func=lambda one: options.get(one, one), key=key, on_change=told,
        args=(key, change, current), label_visibility="collapsed" if bare else "visible", help=help_text,
    )  # fmt: skip


def told(key: str, change: Callable[[Any], Any], shown: object = None) -> None:
    """Tell `change` what a field holds now, unless that is what it was shown with.

    A press while the page is being drawn makes Streamlit report fields of the step before as changed; they are not.
    """
    if st.session_state[key] != shown:
        change(st.session_state[key])


# --- the file as a whole ------------------------------------------------------------------------------------------


def edit_signs(desk: Desk, understanding: Understanding, language: Language) -> None:
    """Choose decimal sign, order of dates, length of periods and what becomes of segments."""
    found = understanding.interpretation
    signs = {sign.value: say(f"loaders.option.{name}", language) for sign, name in DECIMALS.items()}
    pick(say("keepers.edit.decimal", language), signs, found.decimal.value, key="upload-decimal",
         change=lambda sign: desk.choose(decimal=DecimalSign(sign)))  # fmt: skip
    frame.small(say(f"keepers.decimal.{found.decimal_reason}", language))
    orders = {AUTO: say("keepers.edit.dates_auto", language),
              **{order.value: say(f"loaders.option.{order.name.lower()}", language) for order in DateOrder}}  # fmt: skip
    chosen = next(iter(understanding.choices.date_orders.values()), understanding.choices.date_order)
    pick(say("keepers.edit.dates", language), orders, chosen.value if chosen else AUTO, key="upload-dates",
         change=lambda order: desk.choose(date_order=DateOrder(order) if order else None, date_orders={}))  # fmt: skip
    if found.periods:
        grains = {grain.value: say(f"keepers.grain.{grain.value}", language) for grain in Grain}
        pick(say("keepers.edit.grain", language), grains, found.periods[0].grain.value, key="upload-grain",
             change=lambda grain: desk.choose(grain=Grain(grain)))  # fmt: skip
    if found.segment_handling is not None:
        ways = {way.value: say(f"keepers.segments.{way.value}", language) for way in SegmentHandling}
        pick(say("keepers.edit.segments", language), ways, found.segment_handling.value, key="upload-segments",
             change=lambda way: desk.choose(segments=SegmentHandling(way)))  # fmt: skip


# --- columns ------------------------------------------------------------------------------------------------------


def edit_columns(desk: Desk, understanding: Understanding, language: Language) -> None:
    """Show each column with what it holds and why; the columns of periods stand together in one line."""
    readings = understanding.interpretation.mapping.columns
    headings = [reading.column.heading for reading in readings]
    across = [reading.column for reading in readings if reading.column.period_text is not None]
    down = [reading for reading in readings if reading.column.period_text is None]
    for reading in down[:MOST_COLUMNS]:
        name = reading.column.heading if headings.count(reading.column.heading) == 1 else ""
        _edit_column(desk, reading, name or reading.column.letter, language)
    if across:
        frame.notes([frame.Note(
            say("keepers.edit.period_columns", language, first=across[0].letter, last=across[-1].letter),
            small=say("keepers.edit.period_columns.why", language, n=len(across), heading=across[0].heading),
        )])  # fmt: skip
    if len(down) > MOST_COLUMNS:
        frame.small(say("keepers.edit.more_columns", language, n=len(down) - MOST_COLUMNS))


def _edit_column(desk: Desk, reading: ColumnReading, name: str, language: Language) -> None:
    roles = {role.value: say(f"loaders.role.{role.value}", language) for role in ColumnRole}
    left, right = st.columns([1.3, 1], vertical_alignment="center")
    shown = reading.column.heading or say("keepers.edit.no_heading", language)
    why = say(f"loaders.reason.{reading.reason}", language)
    with left:
        frame.notes([frame.Note(f"{reading.column.letter} · {shown}", small=why)])
    with right:
        pick(say("keepers.edit.role", language, column=words.column_words(reading.column.shown, language)), roles, reading.role.value,
             key=f"upload-role-{reading.column.letter}", bare=True,
             change=lambda role: desk.choose(roles={**desk.choices.roles, name: ColumnRole(role)}))  # fmt: skip


# --- metrics ------------------------------------------------------------------------------------------------------


def edit_metrics(desk: Desk, held: Held, language: Language) -> None:
    """Show each metric of the file: one on record, or a new one with its name and unit."""
    found = held.understanding.interpretation
    fixed = found.segment_handling is SegmentHandling.SEPARATE
    for index, seen in enumerate(found.metrics[:MOST_METRICS]):
        _edit_metric(desk, held, index, seen, fixed=fixed or seen.rate is not None, language=language)
    if len(found.metrics) > MOST_METRICS:
        frame.small(say("keepers.edit.more_metrics", language, n=len(found.metrics) - MOST_METRICS))


def _edit_metric(desk: Desk, held: Held, index: int, seen: MetricSeen, *, fixed: bool, language: Language) -> None:
    known = {metric.id: metric.name(language) for metric in held.metrics.values()}
    left, right = st.columns([1.3, 1], vertical_alignment="center")
    state = "known" if seen.metric_id else "new"
    detail = say(f"keepers.metric.{state}", language, unit=unit(seen.unit, language) or say("keepers.metric.no_unit", language),
                 grain=seen.grain, n=seen.n_observations)  # fmt: skip
    with left:
        frame.notes([frame.Note(known.get(seen.metric_id or "", seen.name), small=detail)])
    if fixed:
        _offer_to_drop_rate(desk, seen, right, language)
        return
    name = metric_key(held.understanding, seen)

    def change(**what: str | None) -> None:
        before = desk.choices.metrics.get(name, MetricChoice())
        desk.choose(metrics={**desk.choices.metrics, name: before.model_copy(update=what)})

    with right:
        if known:
            options = {NEW: say("keepers.metric.as_new", language), **known}
            pick(say("keepers.metric.which", language, name=seen.name), options, seen.metric_id or NEW, bare=True,
                 key=f"upload-metric-{index}", change=lambda one: change(metric_id=one or None, name=None))  # fmt: skip
        if seen.metric_id is None:
            _name_new(seen, index, change, language)


def _name_new(seen: MetricSeen, index: int, change: Callable[..., None], language: Language) -> None:
    fields = (("name", seen.name, 100), ("unit", seen.unit, 12))
    for place, (field, current, longest) in zip(st.columns([2.2, 1]), fields, strict=True):
        key = f"upload-metric-{field}-{index}"
        st.session_state[key] = current
        with place:
            st.text_input(say(f"keepers.metric.{field}", language), key=key, max_chars=longest, on_change=told,
                          args=(key, lambda text, f=field: change(**{f: text.strip() or None}), current))  # fmt: skip


def metric_key(understanding: Understanding, seen: MetricSeen) -> str:
    """Find under which name the choices on a metric of the file are kept: its column's heading, or its own name."""
    found = understanding.interpretation
    for name, choice in understanding.choices.metrics.items():
        if seen.name == choice.name or (seen.metric_id and seen.metric_id == choice.metric_id):
            return name
    labelled = bool(found.mapping.of(ColumnRole.METRIC))
    if labelled or found.layout.kind is LayoutKind.WIDE_BY_PERIOD or not seen.heading:
        return seen.name
    return split_unit(seen.heading)[0]


# --- rates --------------------------------------------------------------------------------------------------------


def add_rate(desk: Desk, understanding: Understanding, language: Language) -> None:
    """Offer a rate made of two columns; it needs its denominator to be combined over sites."""
    plain = [seen for seen in understanding.interpretation.metrics if seen.rate is None]
    if len(plain) < 2:
        return
    labelled = bool(understanding.interpretation.mapping.of(ColumnRole.METRIC))
    names = list(dict.fromkeys(seen.name if labelled else seen.heading or seen.name for seen in plain))
    with st.expander(say("keepers.rate.title", language)), st.form("upload-rate", border=False):
        above = st.selectbox(say("keepers.rate.numerator", language), names, key="upload-rate-above")
        below = st.selectbox(say("keepers.rate.denominator", language), names, index=1, key="upload-rate-below")
        name = st.text_input(say("keepers.rate.name", language), max_chars=100, key="upload-rate-name")
        if st.form_submit_button(say("keepers.rate.add", language), key="upload-rate-add"):
            made = RateChoice(numerator=above, denominator=below, name=name.strip() or None)
            desk.choose(rates=(*understanding.choices.rates, made))
            st.rerun()


def _offer_to_drop_rate(desk: Desk, seen: MetricSeen, where: Any, language: Language) -> None:
    if seen.rate is None or not any(_same(seen.rate, rate) for rate in desk.choices.rates):
        return
    kept = tuple(rate for rate in desk.choices.rates if not _same(seen.rate, rate))
    key = f"upload-rate-drop-{seen.rate.numerator}-{seen.rate.denominator}"
    where.button(say("keepers.rate.drop", language), key=key, on_click=lambda: desk.choose(rates=kept), type="tertiary")


def _same(one: RateChoice, other: RateChoice) -> bool:
    return (one.numerator, one.denominator, one.name) == (other.numerator, other.denominator, other.name)


# --- rows ---------------------------------------------------------------------------------------------------------


def keep_rows(desk: Desk, understanding: Understanding, language: Language) -> None:
    """Let the keeper take back rows that were left out as totals and are not."""
    excluded = understanding.interpretation.excluded
    totals = {row.row: f"{row.row} · {row.text}" for row in excluded if row.reason.startswith("total")}
    totals |= {row: str(row) for row in desk.choices.keep_rows if row not in totals}
    if not totals:
        return
    key = "upload-keep-rows"
    st.session_state[key] = shown = [row for row in totals if row in desk.choices.keep_rows]
    st.multiselect(say("keepers.edit.keep_rows", language), list(totals), format_func=totals.get, key=key,
                   placeholder=say("shared.streamlit.multiselect", language), on_change=told,
                   args=(key, lambda rows: desk.choose(keep_rows=tuple(rows)), shown))  # fmt: skip
