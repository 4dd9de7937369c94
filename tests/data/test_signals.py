"""What a load will do to the signals, told before it is committed and after, by the product's own scores."""

from __future__ import annotations

import pytest

from analytics.results import Side, Variation
from data.observations import board, undo_load
from data.signals import signals_caused, signals_of_load
from tests.data.loads import DELAY, ERRORS, frame, known, load, table

QUIET = [10, 12, 11, 12, 10, 11, 12, 10, 11, 12, 10, 11]
MONTHS = [f"{2025 + n // 12}-{n % 12 + 1:02d}-01" for n in range(24)]


def dated(values, start=0):
    return dict(zip(MONTHS[start:], values, strict=False))


def state(store, site="lyon", metric="delay"):
    with store.read() as cursor:
        found = board(cursor)
    row = found[(found["site_id"] == site) & (found["metric_id"] == metric)].iloc[0]
    return row["variation"]


@pytest.fixture
def quiet(store, admin):
    rows = [
        frame(dated(QUIET), site=site, metric=metric) for site in ("lyon", "nice") for metric in ("delay", "errors")
    ]
    return load(store, admin, *rows, new=known("lyon", "nice", metrics=(DELAY, ERRORS)))


@pytest.mark.accepts("1.23")
def test_a_signal_is_foretold_as_the_load_then_brings_it(store, admin, quiet):
    coming = frame(dated([30], 12))

    (told,) = signals_caused(store, coming)

    assert (told.metric_id, told.site_id, told.before, told.after) == (
        "delay", "lyon", Variation.COMMON_CAUSE, Variation.CONCERN,
    )  # fmt: skip
    assert (told.is_new, told.good, told.side, str(told.start)) == (True, False, Side.ABOVE, "2026-01-01")
    load(store, admin, coming)
    assert state(store) == Variation.CONCERN


@pytest.mark.accepts("1.23")
def test_foretelling_writes_nothing(store, admin, quiet):
    before = store.data_version(), table(store, "score"), table(store, "cur_row"), table(store, "series")

    signals_caused(store, frame(dated([30], 12), segment="night"))

    assert (store.data_version(), table(store, "score"), table(store, "cur_row"), table(store, "series")) == before


def test_an_ordinary_month_causes_no_signal(store, admin, quiet):
    assert signals_caused(store, frame(dated([11], 12))) == ()


def test_the_same_values_again_cause_none(store, admin, quiet):
    assert signals_caused(store, frame(dated(QUIET))) == ()


def test_a_restatement_that_ends_a_signal_is_foretold(store, admin, quiet):
    load(store, admin, frame(dated([30], 12)))

    (told,) = signals_caused(store, frame(dated([11], 12)))

    assert (told.before, told.after, told.is_new, told.start) == (
        Variation.CONCERN, Variation.COMMON_CAUSE, False, None,
    )  # fmt: skip


@pytest.mark.accepts("1.23")
def test_after_the_load_its_signals_are_those_foretold(store, admin, quiet):
    coming = frame(dated([30], 12))
    told = signals_caused(store, coming)

    done = load(store, admin, coming)

    assert signals_of_load(store, done.id) == told


def test_a_load_that_was_undone_causes_no_signal(store, admin, quiet):
    done = load(store, admin, frame(dated([30], 12)))
    undo_load(store, admin, done.id, "wrong file")

    assert signals_of_load(store, done.id) == ()


def test_what_a_restatement_replaced_is_what_its_signals_are_measured_against(store, admin, quiet):
    load(store, admin, frame(dated([30], 12)))
    mended = load(store, admin, frame(dated([11], 12)))

    (told,) = signals_of_load(store, mended.id)

    assert (told.before, told.after) == (Variation.CONCERN, Variation.COMMON_CAUSE)
