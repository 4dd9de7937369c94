"""Two groups of separate units, read at will."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.confidence_sequence import Group, confidence_sequence
from analytics.results import NotComputable
from analytics.results_sequential import ConfidenceSequence


def compared(first: Group, second: Group, **arguments) -> ConfidenceSequence:
    found = confidence_sequence(first, second, **arguments)
    assert isinstance(found, ConfidenceSequence)
    return found


def test_the_interval_narrows_with_units_and_its_edge_is_where_p_is_alpha():
    few, many = (compared(Group(n, 10, 4), Group(n, 10.5, 4)) for n in (200, 20_000))

    assert many.upper - many.lower < few.upper - few.lower
    on_edge = compared(Group(2500, 10, 4), Group(2500, 10 + (few.upper - few.lower) / 2, 4))
    shift = on_edge.estimate - on_edge.lower
    assert compared(Group(2500, 10, 4), Group(2500, 10 + shift, 4)).p_value == pytest.approx(0.05, rel=1e-6)


def test_a_change_in_per_cent_does_not_depend_on_the_unit():
    first, second = Group(900, 10, 4), Group(1000, 12, 5)
    scaled = [Group(group.n, 60 * group.mean, 3600 * group.variance) for group in (first, second)]

    ours, theirs = compared(first, second, relative=True), compared(*scaled, relative=True)

    assert (theirs.estimate, theirs.lower, theirs.upper) == pytest.approx((ours.estimate, ours.lower, ours.upper))


@pytest.mark.parametrize(
    ("first", "second", "arguments", "code"),
    [
        (Group(1, 1, 0), Group(9, 1, 1), {}, "too_few_units"),
        (Group(9, 1, 0), Group(9, 2, 0), {}, "no_noise"),
        (Group(9, 0, 1), Group(9, 2, 1), {"relative": True}, "no_first_level"),
    ],
)
def test_groups_that_cannot_be_compared_say_why(first, second, arguments, code):
    found = confidence_sequence(first, second, **arguments)

    assert isinstance(found, NotComputable)
    assert found.code == code


@pytest.mark.slow
@pytest.mark.accepts("5.9")
def test_reading_at_every_hundredth_unit_raises_few_false_alarms():
    rng = np.random.default_rng(6)
    alarms = 0
    for _ in range(150):
        a, b = rng.normal(10, 2, (2, 3000))
        alarms += any(
            compared(Group(n, a[:n].mean(), a[:n].var(ddof=1)), Group(n, b[:n].mean(), b[:n].var(ddof=1))).p_value
            <= 0.05
            for n in range(200, 3001, 100)
        )

    assert alarms <= 12  # 5 % of 150 is 7.5
