"""Sixty files over layouts, languages and pollutions: each is read right or asked about, none silently wrong."""

from __future__ import annotations

import pytest

from loaders import ingest
from loaders.choices import Choices
from loaders.dates import DateOrder
from loaders.grid import Refusal
from loaders.layout import LayoutKind
from tests.loaders.cross.files import File, files

FILES = files()


def found_in(understanding) -> dict:
    """The values found, by site, metric and period; a lone metric may be called anything."""
    found = understanding.interpretation
    names = [metric.name for metric in found.metrics]
    alone = len(set(found.observations["metric"])) == 1
    held = {}
    for row in found.observations.itertuples():
        metric = "" if alone else names[row.metric]
        key = (found.sites[row.site].name, metric, row.period_start.date())
        assert key not in held, f"two values for {key}"
        held[key] = row.value
    return held


def expected(file: File) -> dict:
    alone = len({metric for _, metric, _ in file.truth}) == 1
    return {(site, "" if alone else metric, period): value for (site, metric, period), value in file.truth.items()}


def outcome(file: File) -> tuple[str, dict]:
    """What becomes of a file: read, asked or refused, and the values found."""
    try:
        understanding = ingest.understand(file.data, file.name)
    except Refusal as refusal:
        return f"refused: {refusal.code}", {}
    if understanding.interpretation.questions:
        return "asked", {}
    if understanding.interpretation.errors:
        return "faults", found_in(understanding)
    return "read", found_in(understanding)


def test_there_are_sixty_files_and_each_has_a_name_of_its_own():
    assert len({file.name for file in FILES}) == len(FILES) == 60


def answered(file: File, questions) -> Choices:
    """What its sender would answer."""
    answers = {
        "date_order": {"date_order": DateOrder.MONTH_FIRST if "fr" not in file.name else DateOrder.DAY_FIRST},
        "year": {"year": 2026},
        "site": {"site": file.site},
        "across": {"layout": LayoutKind.WIDE_BY_SITE},
    }
    given: dict = {}
    for question in questions:
        given |= answers[question.code]
    return Choices(**given)


@pytest.mark.parametrize("file", [file for file in FILES if file.may_ask], ids=lambda file: file.name)
def test_a_file_that_was_asked_about_is_read_right_once_answered(file: File):
    understanding = ingest.understand(file.data, file.name)
    for _ in range(3):
        if not understanding.interpretation.questions:
            break
        choices = answered(file, understanding.interpretation.questions)
        understanding = ingest.understand(file.data, file.name, choices=choices)

    assert not understanding.interpretation.questions
    assert {key: pytest.approx(value) for key, value in expected(file).items()} == found_in(understanding)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_the_cross_is_read_right_or_asked_about(file: File):
    what, held = outcome(file)

    if what == "read":
        assert {key: pytest.approx(value) for key, value in expected(file).items()} == held
    else:
        assert file.may_ask, what
        assert what == "asked", what
