"""The p value of a drift alarm: right as often as it says, and small where an alarm is raised."""

import numpy as np
import pytest

from analytics.alarm_p_values import SMALLEST_P, alarm_p_values
from analytics.alarms import alarm_table
from benchmarks.noise import ar1


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("weekdays", [None, np.arange(90) % 7])
def test_of_quiet_series_no_more_fall_below_a_p_value_than_it_says(phi, weekdays):
    quiet = ar1(np.random.default_rng(11), 6_000, 90, phi)

    found = alarm_p_values(alarm_table(quiet, weekdays=weekdays))

    for share in (0.05, 0.01, 0.001):
        assert (found <= share).mean() <= share + 3 * np.sqrt(share / len(found))
    assert (found <= 0.05).mean() > 0.03


def test_a_raised_alarm_has_a_small_p_value_and_a_stronger_one_a_smaller():
    calm = ar1(np.random.default_rng(4), 1, 150, 0.0)[0]
    moved = np.stack([calm + size * (np.arange(150) >= 130) for size in (0.0, 0.5, 0.8, 1.0, 30.0)])

    table = alarm_table(moved)
    found = alarm_p_values(table)

    assert (found[table.raised] < 0.06).all()
    assert (np.diff(found) < 0).all()
    assert found[-1] == pytest.approx(SMALLEST_P)


def test_it_does_not_depend_on_unit_or_on_the_way_up():
    series = ar1(np.random.default_rng(5), 40, 120, 0.3)

    found = alarm_p_values(alarm_table(series))

    assert alarm_p_values(alarm_table(-1000 * series + 7)) == pytest.approx(found, rel=1e-6)


def test_a_series_that_cannot_be_watched_has_none():
    values = np.full((3, 120), 5.0)
    values[1] = np.nan
    values[2, :60] = np.nan

    assert np.isnan(alarm_p_values(alarm_table(values))).all()
    assert alarm_p_values(alarm_table(np.empty((0, 120)))).shape == (0,)
