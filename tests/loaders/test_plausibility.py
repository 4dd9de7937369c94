"""Values that are well formed and hard to believe: doubted against their own history, and hardly ever when ordinary."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from data.access import actor_for
from data.batches import batches
from data.observations import provenance
from data.people import first_person
from data.store import open_store
from data.types import Severity
from loaders import held, ingest
from loaders.doubts import DOUBTS, NONE, Doubt, judged
from loaders.usual import MEDIAN, usual
from wording import fault

FIRST = dt.date(2024, 1, 1)
WEEKS = 101  # the next Monday opens no month
SITES = ("Lyon", "Nice", "Metz", "Brest", "Nantes", "Lille", "Reims")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_TODAY", "2026-06-01")
    opened = open_store(str(tmp_path / "essaim.duckdb"))
    yield opened
    opened.close()


@pytest.fixture
def keeper(store):
    founder = first_person(store, "Ana", language="en")
    with store.read() as cursor:
        return actor_for(cursor, founder.id, store.today())


def steady(n, *, seed=1, mean=12.0, sd=1.2):
    return np.round(mean + sd * np.random.default_rng(seed).normal(size=n), 2).tolist()


def file_of(sites, *, first=FIRST, heading="délai (j)"):
    lines = [f"semaine;site;{heading}"]
    for site, values in sites.items():
        for place, number in enumerate(values):
            lines.append(f"{first + dt.timedelta(weeks=place)};{site};{str(number).replace('.', ',')}")
    return "\n".join(lines).encode()


AFTER = FIRST + dt.timedelta(weeks=WEEKS)


@pytest.fixture
def history(store, keeper):
    """101 ordinary weeks of seven sites on record."""
    values = {site: steady(WEEKS, seed=place) for place, site in enumerate(SITES)}
    load(store, keeper, file_of(values), register=True)
    return values


def load(store, keeper, data, name="delais.csv", **how):
    return ingest.load(ingest.understand(data, name, store, keeper), store, keeper, **how)


def found_in(store, keeper, data, name="delais.csv"):
    return ingest.understand(data, name, store, keeper).interpretation


def suspects(found):
    return [one for one in found.faults if one.code.startswith("suspect_")]


def only(found):
    (one,) = suspects(found)
    return one


# --- each kind, through the very function that an upload calls ----------------------------------------------------


@pytest.mark.accepts("1.16")
@pytest.mark.parametrize(
    ("written", "said"),
    [(124.0, "12.4 × 10"), (1240.0, "12.4 × 100"), (12400.0, "12.4 × 1,000"), (1.24, "12.4 divided by 10")],
)
def test_a_factor_ten_is_doubted_with_the_usual_range_and_what_it_would_be(store, keeper, history, written, said):
    found = found_in(store, keeper, file_of({"Lyon": [12.1, 11.8, written, 12.3]}, first=AFTER))

    one = only(found)
    words = fault(one, "en")
    assert (one.code, one.severity, one.row) == ("suspect_factor", Severity.WARNING, 4)
    assert words.startswith("C4 “délai (j)”: found ")
    assert said in words
    assert "The other 101 values of Lyon lie mostly between 10.4 and 14 (median 12.1)." in words
    assert "correct the cell" in words


@pytest.mark.accepts("1.16")
def test_a_doubt_is_worded_in_french_too(store, keeper, history):
    found = found_in(store, keeper, file_of({"Lyon": [12400.0]}, first=AFTER))

    words = fault(only(found), "fr").replace("\xa0", " ")
    assert "Cela ressemble à 12,4 × 1 000. Si oui, corrigez la cellule" in words


@pytest.mark.accepts("1.16")
def test_hours_for_days_are_one_fault_a_series_with_their_count(store, keeper, history):
    hours = [round(24 * day, 2) for day in (12.1, 11.8, 12.9, 10.7)]
    found = found_in(store, keeper, file_of({"Nice": hours}, first=AFTER))

    one = only(found)
    assert one.code == "suspect_unit"
    assert found.fault_counts["suspect_unit"] == 4
    assert "days and hours exchanged: a factor 24" in fault(one, "en")
    assert "4 values of this series look so" in fault(one, "en")


@pytest.mark.accepts("1.16")
def test_a_share_for_a_percentage_is_another_unit(store, keeper):
    on_time = {"Lyon": steady(60, mean=91, sd=1.5)}
    load(store, keeper, file_of(on_time, heading="à l’heure (%)"), register=True)

    found = found_in(store, keeper, file_of({"Lyon": [0.914]}, first=AFTER, heading="à l’heure (%)"))

    assert only(found).code == "suspect_unit"
    assert "91.4, with a share taken for a percentage" in fault(only(found), "en")


@pytest.mark.accepts("1.16")
def test_a_turned_sign_is_doubted(store, keeper, history):
    found = found_in(store, keeper, file_of({"Metz": [12.1, -11.9, 12.3]}, first=AFTER))

    assert only(found).code == "suspect_sign"
    assert "11.9 with the sign turned" in fault(only(found), "en")


@pytest.mark.accepts("1.16")
def test_a_value_far_beyond_everything_is_doubted_though_nothing_explains_it(store, keeper, history):
    found = found_in(store, keeper, file_of({"Lyon": [12.1, 4_400_000.0]}, first=AFTER))

    assert only(found).code == "suspect_far"


@pytest.mark.accepts("1.16")
def test_an_export_that_stands_still_is_doubted(store, keeper, history):
    found = found_in(store, keeper, file_of({"Brest": [11.05] * 8}, first=AFTER))

    assert only(found).code == "suspect_frozen"
    assert "8 values of Brest in a row, from 8 Dec 2025 on" in fault(only(found), "en")


@pytest.mark.accepts("1.16")
def test_a_series_that_often_keeps_its_value_may_stand_still(store, keeper):
    load(store, keeper, file_of({"Lyon": [10.0, 10.0, 10.0, 11.0] * 20}), register=True)

    found = found_in(store, keeper, file_of({"Lyon": [10.0] * 8}, first=AFTER))

    assert not suspects(found)


@pytest.mark.accepts("1.16")
def test_the_values_of_another_site_are_doubted(store, keeper, history):
    nantes = steady(6, seed=50)
    found = found_in(store, keeper, file_of({"Nantes": nantes, "Lille": nantes}, first=dt.date(2026, 1, 5)))

    assert only(found).code == "suspect_copied_site"
    assert "6 values of Lille from 5 Jan 2026 on are exactly those of Nantes" in fault(only(found), "en")


@pytest.mark.accepts("1.16")
def test_the_values_of_an_earlier_stretch_are_doubted(store, keeper, history):
    found = found_in(store, keeper, file_of({"Reims": history["Reims"][-6:]}, first=AFTER))

    assert only(found).code == "suspect_copied_period"
    assert "6 values of Reims repeat one by one those that begin on 27 Oct 2025" in fault(only(found), "en")


@pytest.mark.accepts("1.16")
def test_a_whole_period_copied_from_the_one_before_is_one_fault(store, keeper, history):
    again = {site: values[-1:] for site, values in history.items()}

    found = found_in(store, keeper, file_of(again, first=AFTER))

    assert only(found).code == "suspect_copied_period"
    assert "7 sites of 7 have on 8 Dec 2025 just the value of the period before" in fault(only(found), "en")


@pytest.mark.accepts("1.16")
@pytest.mark.accepts("1.16")
def test_days_that_always_keep_the_value_before_are_how_the_data_are(store, keeper):
    days = [FIRST + dt.timedelta(days=n) for n in range(84)]
    lines = ["jour;site;délai (j)"]
    for place in range(30):
        values = steady(84, seed=place)
        for n, day in enumerate(days):
            values[n] = values[n - 1] if day.weekday() > 4 else values[n]
        lines += [f"{day};Site {place};{str(value).replace('.', ',')}" for day, value in zip(days, values, strict=True)]
    text = "\n".join(lines)

    assert suspects(found_in(store, keeper, text.encode())) == []

    split = days[70]
    load(store, keeper, "\n".join(line for line in lines if not line[:4].isdigit() or line[:10] < str(split)).encode(),
         register=True)  # fmt: skip
    later = [lines[0], *(line for line in lines[1:] if line[:10] >= str(split))]
    assert suspects(found_in(store, keeper, "\n".join(later).encode())) == []


def test_a_file_with_as_many_segments_as_rows_takes_no_room_for_each_that_could_be():
    dense = np.array([7, 10**12, 7, 3], np.int64)

    present, place = held._renumbered(dense)

    assert (present.tolist(), place.tolist()) == ([3, 7, 10**12], [1, 2, 1, 0])
    assert [part.tolist() for part in held._renumbered(dense[[0, 2, 3]])] == [[3, 7], [1, 1, 0]]


def test_a_short_new_series_is_held_softly_against_the_other_sites_of_the_file(store, keeper):
    weeks = {f"Site {n}": steady(3, seed=n) for n in range(12)} | {"Odd": [12_100.0, 11_800.0, 12_300.0]}

    found = found_in(store, keeper, file_of(weeks))

    assert only(found).code == "suspect_beside_others"
    assert "Odd would fit with 12.1" in fault(only(found), "en")
    assert set(found.observations["mark"]) == {""}


@pytest.mark.accepts("1.16")
def test_a_new_series_is_held_against_itself_where_it_is_long_enough(store, keeper):
    values = steady(40)
    values[20] = 124.0

    found = found_in(store, keeper, file_of({"Lyon": values}))

    assert only(found).code == "suspect_factor"


# --- what becomes of them -----------------------------------------------------------------------------------------


@pytest.mark.accepts("1.7", "1.16")
def test_a_doubted_value_enters_with_a_mark_and_is_not_doubted_again(store, keeper, history):
    doubted = file_of({"Lyon": [12.1, 124.0]}, first=AFTER)
    report = load(store, keeper, doubted)
    again = found_in(store, keeper, file_of({"Lyon": [12.1, 124.0, 11.7]}, first=AFTER))

    series = report.understanding.interpretation
    with store.read() as cursor:
        assert batches(cursor)[-1].n_new == 2
        kept = provenance(
            cursor, site_id=series.sites[0].site_id, metric_id=series.metrics[0].metric_id,
            period_start=AFTER + dt.timedelta(weeks=1), grain="week",
        )  # fmt: skip
    assert [one.mark for one in kept] == ["suspect_factor"]
    assert not suspects(again)


@pytest.mark.accepts("1.16")
def test_a_whole_column_in_another_unit_is_one_fault_not_one_a_site(store, keeper, history):
    hours = {site: [round(24 * day, 2) for day in steady(3, seed=n)] for n, site in enumerate(SITES)}

    found = found_in(store, keeper, file_of(hours, first=AFTER))

    assert only(found).code == "suspect_unit"
    assert found.fault_counts["suspect_unit"] == 21


def test_without_a_store_nothing_is_held_against_a_history():
    found = ingest.understand(file_of({"Lyon": [*steady(40), 124.0]}), "delais.csv").interpretation

    assert not suspects(found)


def test_ordinary_weeks_after_ordinary_weeks_raise_no_doubt(store, keeper, history):
    found = found_in(store, keeper, file_of({s: steady(20, seed=90 + n) for n, s in enumerate(SITES)}, first=AFTER))

    assert not suspects(found)


# --- how often it is wrong, and how often right, by simulation ----------------------------------------------------

N_SERIES, N_NEW = 1500, 12


def autoregressive(rng, n_weeks, *, correlation, variation):
    noise = rng.normal(size=(N_SERIES, n_weeks))
    for week in range(1, n_weeks):
        noise[:, week] = correlation * noise[:, week - 1] + np.sqrt(1 - correlation**2) * noise[:, week]
    return 12 * (1 + variation * noise)


def seasonal(rng, n_weeks, *, swing):
    phase = rng.uniform(0, 2 * np.pi, (N_SERIES, 1))
    level = 100 * (1 + swing * np.sin(2 * np.pi * np.arange(n_weeks) / 52 + phase))
    return level * (1 + 0.1 * rng.normal(size=(N_SERIES, n_weeks)))


ORDINARY = {
    "calm": lambda rng, n: autoregressive(rng, n, correlation=0.3, variation=0.1),
    "varied": lambda rng, n: autoregressive(rng, n, correlation=0.6, variation=0.2),
    "drifting": lambda rng, n: autoregressive(rng, n, correlation=0.9, variation=0.15),
    "skewed": lambda rng, n: rng.lognormal(2, 0.3, (N_SERIES, n)),
    "long tail": lambda rng, n: rng.gamma(2, 3, (N_SERIES, n)),
    "rare events": lambda rng, n: rng.poisson(3, (N_SERIES, n)).astype(float),
    "counts": lambda rng, n: rng.poisson(40, (N_SERIES, n)).astype(float),
    "percentages": lambda rng, n: np.minimum(100, 95 + 2 * rng.normal(size=(N_SERIES, n))),
    "seasonal": lambda rng, n: seasonal(rng, n, swing=0.3),
    "very seasonal": lambda rng, n: seasonal(rng, n, swing=0.6),
}
TIGHT = ("calm", "varied", "drifting", "skewed", "counts", "percentages", "seasonal")


def doubted(history, new, *, time=False):
    """Which new values are doubted, and as what; -1 = not."""
    n_series, n_known = history.shape
    known = usual(np.repeat(np.arange(n_series), n_known), history.ravel(), n_series)
    series, values = np.repeat(np.arange(n_series), new.shape[1]), new.ravel()
    at = np.flatnonzero((values < known.lowest[series]) | (values > known.highest[series]))
    flags = np.full(len(at), time)
    found = judged(values[at], series[at], known, time=flags, share=flags, year=np.full(n_series, n_known >= 52))
    kinds = np.full(len(values), NONE)
    kinds[at] = found.kind
    return kinds


@pytest.mark.accepts("1.16")
@pytest.mark.parametrize("n_known", [24, 60, 150])
def test_at_most_one_ordinary_value_in_two_thousand_is_doubted(n_known):
    rng = np.random.default_rng(20)
    alarms = values = 0
    for make in ORDINARY.values():
        weeks = make(rng, n_known + N_NEW)
        kinds = doubted(weeks[:, :n_known], weeks[:, n_known:])
        alarms, values = alarms + int((kinds != NONE).sum()), values + len(kinds)

    assert alarms / values <= 1 / 2000


@pytest.mark.accepts("1.16")
@pytest.mark.parametrize("times", [10, 0.1])
@pytest.mark.parametrize("kind", TIGHT)
def test_a_factor_ten_is_seen_at_least_95_times_in_100(kind, times):
    weeks = ORDINARY[kind](np.random.default_rng(21), 60 + N_NEW)

    kinds = doubted(weeks[:, :60], weeks[:, 60:] * times)

    assert (kinds == DOUBTS.index(Doubt.FACTOR)).mean() >= 0.95


@pytest.mark.parametrize("negative", [False, True])
def test_negative_series_are_judged_as_positive_ones_are(negative):
    weeks = ORDINARY["varied"](np.random.default_rng(22), 72)
    sign = -1 if negative else 1

    kinds = doubted(sign * weeks[:, :60], sign * weeks[:, 60:] * 10)

    assert (kinds == DOUBTS.index(Doubt.FACTOR)).mean() >= 0.95


def test_the_quantiles_are_those_of_each_series_whatever_their_order_and_sign():
    rng = np.random.default_rng(3)
    series = np.sort(rng.integers(0, 5, 200))
    values = rng.normal(size=200)

    found = usual(series, values, 6)

    medians = [np.sort(values[series == n])[int(np.rint(0.5 * ((series == n).sum() - 1)))] for n in range(5)]
    assert np.allclose(found.quantiles[MEDIAN, :5], medians, rtol=1e-6)
    assert np.isnan(found.quantiles[MEDIAN, 5])
