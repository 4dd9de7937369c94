"""A database's values become cells of their own kind, and whatever a client raises becomes an answer without its words."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal

import pytest

from data.source_runs import SourceRun
from data.types import RunOutcome
from loaders.kinds import Kind
from loaders.sources import fetch
from loaders.sources.cells import column_of, shown_as
from loaders.sources.job import Job
from loaders.sources.words import run_words, schedule_words

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
LIMITS = {"file_bytes": 1, "total_bytes": 1, "files": 1, "seconds": 5, "rows": 1, "cells": 1, "settled_ms": 0}


@pytest.mark.promises("F8")
@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (None, None, Kind.EMPTY),
        (True, "TRUE", Kind.BOOL),
        (7, "7", Kind.NUMBER),
        (0.1, "0.1", Kind.NUMBER),
        (float("nan"), None, Kind.EMPTY),
        (float("inf"), "inf", Kind.TEXT),
        (Decimal("1E+3"), "1000", Kind.NUMBER),
        (Decimal("NaN"), None, Kind.EMPTY),
        (dt.date(2026, 5, 4), "2026-05-04", Kind.DATE),
        (dt.datetime(2026, 5, 4, 8, 15), "2026-05-04 08:15:00", Kind.DATE),  # noqa: DTZ001 as a database gives it
        (dt.time(8, 15), "08:15:00", Kind.TIME),
        ([1, 2], "[1, 2]", Kind.TEXT),
    ],
)
def test_each_value_shows_what_it_is(value, text, kind):
    assert shown_as(value) == (text, kind)


@pytest.mark.parametrize("values", [[1, None, 3], [dt.date(2026, 5, 4), None], ["a", None], [2**70, 1], [1, "a", None]])
def test_a_column_taken_whole_shows_what_its_values_show_one_by_one(values):
    texts, kinds = column_of(values, heading="h")

    assert texts.to_pylist() == ["h", *(shown_as(value)[0] for value in values)]
    assert kinds.to_pylist() == [Kind.TEXT, *(shown_as(value)[1] for value in values)]


@pytest.mark.parametrize(
    ("raised", "code", "details"),
    [(MemoryError(), "memory", {}), (RuntimeError("the secret"), "failed", {"kind": "RuntimeError"})],
)
def test_what_a_client_raises_is_told_by_its_kind_alone(monkeypatch, raised, code, details):
    def fail(*_):
        raise raised

    monkeypatch.setattr("loaders.sources.folder.fetch", fail)
    out = io.BytesIO()

    fetch.do(Job("folder", "/", limits=LIMITS), out)

    told = json.loads(out.getvalue())
    assert (told["trouble"], told["details"]) == (code, details)
    assert b"secret" not in out.getvalue()


@pytest.mark.parametrize(
    ("schedule", "english", "french"),
    [
        ("hourly", "every hour", "chaque heure"),
        ("daily 06:30", "every day at 06:30", "chaque jour à 06:30"),
        ("every 1 min", "every minute", "chaque minute"),
    ],
)
def test_a_schedule_is_said_in_both_languages(schedule, english, french):
    assert (schedule_words(schedule, "en"), schedule_words(schedule, "fr")) == (english, french)


def test_cells_left_out_are_counted_in_what_a_run_says():
    run = SourceRun("s", NOON, NOON, RunOutcome.LOADED, n_new=3, n_left_out=2)

    assert run_words(run, "en") == "3 values entered the record. 2 cells were left out: they cannot be read as values."
