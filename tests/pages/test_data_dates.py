"""Every screen gives the same day to which the data go: the last one inside the last period."""

import pytest

from tests.pages.test_metric import METRIC, measure
from tests.tools.screen import opened, words


@pytest.mark.accepts("4.6")
def test_the_overview_and_the_chart_say_that_the_data_go_to_the_same_day(visiting):
    store = visiting(1)
    measure(store, [10.0, 11.0] * 20 + [10.5])
    with store.read() as cursor:
        (last,) = cursor.execute("SELECT max(period_start) FROM cur").fetchone()
        newest = cursor.execute(
            "SELECT metric_id FROM cur WHERE period_start = ? AND grain = 'week'", [last]
        ).fetchone()

    chart = words(opened(METRIC, site="s000", metric=newest[0], lang="en"))
    overview = words(opened("pages.leadership.overview", lang="en"))

    told = chart.partition("data to ")[2][:11]
    assert f"data to {told}" in overview
