"""The rollout screen: new sites by weeks since go-live, time to parity, learning, dates to come, sites that are stuck."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.results import Direction, NotComputable
from analytics.results_rollout import CompletionDate, Parity
from analytics.rollout import learning_curve, time_to_parity
from data import records
from data.access import Permission
from data.store import close_store, the_store
from data.types import Assignment, Role, Site, SiteStage, Stage, Wave
from pages.leadership.rollout_view import outlook, parity_view, telling_metric
from pages.shared.plan_charts import MOST_BARS, RolloutStep, rollout_chart
from pages.shared.rollout_charts import (
    MOST_LINES,
    SiteLine,
    learning_chart,
    most_telling,
    parity_words,
    since_go_live_chart,
    waiting_chart,
)
from tests.pages.cohort_store import CYCLE, cohort, load
from tests.tools.screen import charts, opened, words
from tests.tools.screen import rows as table_rows

ROLLOUT = "pages.leadership.rollout"
N_WEEKS = 40
TODAY = dt.date(2026, 6, 1)
WEEKS = pd.date_range(end="2026-05-25", periods=N_WEEKS, freq="7D")
# site: wave, week of its go-live, weeks it takes from there to work like the others (None = it does not)
SITES = {
    0: (1, 4, 9), 1: (1, 4, 8), 2: (1, 4, 10), 3: (2, 14, 5), 4: (2, 14, 6), 5: (2, 14, 5), 6: (3, 26, 3), 7: (3, 26, 2),
    8: (3, 26, None),
}  # fmt: skip
STUCK, COMING, LATER = 9, 10, 11


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Twelve sites: nine live in three waves, one long in preparation, one just begun, one only planned."""
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
    monkeypatch.setenv("ESSAIM_TODAY", TODAY.isoformat())
    monkeypatch.setenv("ESSAIM_PERSON", "viewer")
    close_store()
    made = cohort(the_store(), 0)
    with made.store.read() as cursor:
        founder = next(a.person_id for a in records.current(cursor, Assignment) if a.role is Role.ADMIN)
    _sites(made, founder)
    yield made.store
    close_store()


def _sites(made, founder):
    with made.store.change(made.actor(founder), Permission.MANAGE_CATALOGUE) as tx:
        tx.append_all([Site(id=f"s{n}", name=f"Site {n:02d}", code=f"S{n:02d}") for n in range(12)])
    waves = [Wave(id=f"w{n}", number=n, planned_on=WEEKS[0].date()) for n in (1, 2, 3, 4)]
    stages = [_stage(n, wave, Stage.LIVE, live, live) for n, (wave, live, _) in SITES.items()]
    stages += [_stage(n, wave, Stage.PREPARING, None, live - 4) for n, (wave, live, _) in SITES.items()]
    stages += [_stage(n, wave, Stage.MATURE, None, live + 12) for n, (wave, live, _) in SITES.items() if wave < 3]
    stages += [
        _stage(STUCK, 4, Stage.PREPARING, None, N_WEEKS - 20), _stage(STUCK, 4, Stage.LIVE, N_WEEKS - 12, None),
        _stage(COMING, 4, Stage.PREPARING, None, N_WEEKS - 2), _stage(COMING, 4, Stage.LIVE, N_WEEKS + 3, None),
        _stage(LATER, 4, Stage.LIVE, N_WEEKS + 6, None),
    ]  # fmt: skip
    with made.store.change(made.actor("leader"), Permission.MANAGE_ROLLOUT) as tx:
        tx.append_all([*waves, *stages])
    frames = []
    for n, (_, live, takes) in SITES.items():
        there = np.arange(N_WEEKS) >= (N_WEEKS if takes is None else live + takes - 1)
        values = np.where(there, 9.0, 14.0) + np.resize([-0.4, 0.0, 0.4], N_WEEKS)
        frame = pd.DataFrame({"site_id": f"s{n}", "metric_id": CYCLE.id, "segment": "", "period_start": WEEKS,
                              "grain": "week", "value": values, "weight": np.nan, "source_row": range(2, 2 + N_WEEKS),
                              "source_column": "C", "mark": ""})  # fmt: skip
        frames.append(frame)
    load(made, pd.concat(frames, ignore_index=True))


def _stage(n, wave, stage, planned, actual):
    """Weeks are counted from the first of the data; the last whole one ends before today."""

    def day(week):
        return None if week is None else WEEKS[0].date() + dt.timedelta(weeks=week)

    return SiteStage(id=f"{stage}-{n}", site_id=f"s{n}", wave_id=f"w{wave}", stage=stage, planned_on=day(planned),
                     actual_on=day(actual))  # fmt: skip


@pytest.mark.accepts("7.4", "7.5", "7.6", "7.7", "7.8", "7.9")
def test_the_screen_tells_how_sites_come_up_to_standard_which_are_stuck_and_when_all_are_live(store):
    page = opened(ROLLOUT, lang="en")

    said = words(page)
    assert not page.exception
    # 7.4 and 7.9: four pictures beside the plan, the last of the mature sites together
    assert len(charts(page)) == 5
    assert "Mature today: Site 00, Site 01, Site 02, Site 03, Site 04, Site 05." in said
    assert "sites that have long been mature, together" in said
    # 7.5: the site that is not there is told as not yet, and counts
    lines = {line[0].split(" wave")[0]: line for line in table_rows(page, "Time to parity of each site")}
    assert lines["Site 08"][1:] == ["not yet, longer than 11 weeks", "14 weeks"]
    assert lines["Site 00"][1] == "from week 9 on"
    assert "There: 8 of 9 sites; not yet: 1." in said
    # 7.6 to 7.8
    assert "Is each wave faster than the last? Whether waves get faster cannot be told: each takes" in said
    assert "12 sites live between" in said
    assert "80% range" in said
    (stuck,) = [line for line in table_rows(page, "Go-live of each site") if line[0].startswith("Site 09")]
    assert "in it for 140 days · stalled: 80% of the others had left after 28 days" in stuck[1]
    (coming,) = [line for line in table_rows(page, "Go-live of each site") if line[0].startswith("Site 10")]
    assert "stalled" not in coming[1]


def test_the_screen_speaks_french_and_the_pictures_carry_their_words(store):
    page = opened(ROLLOUT, lang="fr")

    said = words(page)

    assert "pas encore, plus de 11 semaines" in said
    assert "12 sites en service entre le" in said
    assert "à l’arrêt" in said
    assert "On ne peut pas dire si les vagues vont plus vite" in said


def test_many_sites_are_drawn_in_part_and_the_screen_says_which(visiting):
    store = visiting(300)

    view = parity_view(store.data_version(), dt.date(2026, 5, 18), "cycle")
    ahead = outlook(store.data_version(), dt.date(2026, 5, 18))
    lines = [SiteLine(new.site.name, new.values, reached=True) for new in view.new_sites]

    assert len(view.new_sites) > 200
    assert len(most_telling(lines)) == MOST_LINES
    assert isinstance(view.parity, Parity)
    assert len(ahead.completion.dates) == 43
    assert telling_metric(store.data_version(), dt.date(2026, 5, 18)) in ("cycle", "on_time", "errors", "stock")


def example():
    """Two mature sites, one new site that arrives and one that does not."""
    weeks = pd.date_range("2026-01-05", periods=30, freq="7D")
    steady = np.tile([9.0, 10, 11], 10)
    values = pd.DataFrame(
        {"lyon": steady, "metz": np.r_[np.full(14, 20.0), np.full(16, 10.0)], "nice": steady[::-1],
         "tours": np.full(30, 20.0)}, index=weeks,
    )  # fmt: skip
    old, new = dt.date(2025, 1, 1), weeks[10].date()
    found = time_to_parity(
        values, go_live_dates={"lyon": old, "nice": old, "metz": new, "tours": new},
        mature_dates={"lyon": old, "nice": old}, direction=Direction.DOWN,
    )  # fmt: skip
    laid = {site: pd.Series(values[site].to_numpy(), index=np.arange(30) - 9) for site in ("metz", "tours")}
    lines = [SiteLine(site.title(), own, site == "metz") for site, own in laid.items()]
    return found, lines


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_sites_stand_over_one_another_from_their_go_live_on_the_mature_band(theme, phone):
    found, lines = example()
    described = parity_words(lines, found.band, CYCLE, "en")

    spec = since_go_live_chart(
        lines, found.band, language="en", theme=theme, description=described, phone=phone
    ).to_dict()

    drawn = [row for layer in spec["layer"] for row in layer["data"]["values"]]
    assert {row["s"] for row in drawn if "s" in row} == {0, 1}
    named = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "text"]
    assert [row["t"] for row in drawn if "t" in row] == ["Tours", "Tours"]
    assert ["stroke" in mark for mark in named] == [True, False]  # a ground under the name, free of the lines
    assert {"u": 0.5} in drawn
    assert any(row.get("w") for row in drawn)  # the band reaches up to its bad edge
    assert "mature sites lie at 11.0" in described.replace("\u00a0", " ")


def test_the_share_not_there_yet_falls_by_steps_and_who_waits_has_a_tick():
    found, _ = example()

    spec = waiting_chart(found, language="fr", theme="light", description="x").to_dict()

    shapes = [layer["mark"].get("shape") for layer in spec["layer"] if isinstance(layer["mark"], dict)]
    steps = spec["layer"][1]["data"]["values"]
    assert "stroke" in shapes
    assert [step["y"] for step in steps] == [1.0, 0.5, 0.5]


def test_sites_there_are_dots_and_sites_not_yet_are_triangles_on_the_learning_curve():
    found, _ = example()
    waves = {"metz": 1, "tours": 2}
    line = learning_curve([9, 8, 10, 6, 5, 5], [True] * 6, [1, 1, 1, 2, 2, 2])

    spec = learning_chart(line, found, waves, language="en", theme="light", description="x").to_dict()

    assert [layer["mark"].get("shape") for layer in spec["layer"][2:]] == ["circle", "triangle-up"]


def test_dates_to_come_are_grey_bars_with_a_tick_and_at_most_a_dozen():
    today = dt.date(2026, 5, 18)
    ahead = [
        CompletionDate(9 + n, today + dt.timedelta(days=n), today + dt.timedelta(days=n + 9), dt.date(2060, 1, 1))
        for n in range(1, 40)
    ]

    spec = rollout_chart([RolloutStep(today, 9)], [RolloutStep(today, 48)], today=today, total=48, language="en",
                         theme="light", ahead=ahead).to_dict()  # fmt: skip

    bars = next(layer for layer in spec["layer"] if layer["mark"].get("strokeWidth") == 7)["data"]["values"]
    assert len(bars) == MOST_BARS
    assert max(bar["y"] for bar in bars) == 48
    assert max(bar["x2"] for bar in bars) < pd.Timestamp("2027-01-01").timestamp() * 1000


def test_a_store_with_no_site_live_has_reasons_and_no_picture(visiting):
    store = visiting(1)

    assert parity_view(store.data_version(), dt.date(2026, 5, 18), "cycle") is None
    assert isinstance(outlook(store.data_version(), dt.date(2026, 5, 18)).completion, NotComputable)
