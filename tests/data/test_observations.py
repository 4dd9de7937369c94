"""Loads: what they add, what they change, what they leave alone, and how they are undone."""

import pytest

from data.access import Refused
from data.observations import AlreadyLoaded, commit_load, metric_series, preview_load, provenance, undo_load
from data.types import Grain
from tests.data.loads import batch, frame, known, load, table

JANUARY, FEBRUARY, MARCH = "2026-01-01", "2026-02-01", "2026-03-01"


@pytest.fixture
def first(store, admin):
    return load(store, admin, frame({JANUARY: 12, FEBRUARY: 13}), new=known("lyon"))


def values(store, **at):
    with store.read() as cursor:
        series = metric_series(cursor, site_id="lyon", metric_id="delay", **at)
    return None if series is None else series.values.tolist()


def test_a_first_load_registers_its_site_and_metric_and_counts_its_values(store, first):
    assert (first.n_observations, first.n_new, first.n_same, first.n_restated) == (2, 2, 0, 0)
    assert values(store) == [12, 13]


@pytest.mark.accepts("1.10")
def test_a_row_already_stored_is_recognised_and_another_value_is_a_restatement(store, admin, first):
    second = load(store, admin, frame({JANUARY: 12, FEBRUARY: 14, MARCH: 15}))

    assert (second.n_new, second.n_same, second.n_restated) == (1, 1, 1)
    assert values(store) == [12, 14, 15]


@pytest.mark.accepts("1.11")
@pytest.mark.promises("F9")
def test_the_same_file_twice_changes_nothing_and_says_so(store, admin, first):
    before = store.data_version(), table(store, "obs")

    with pytest.raises(AlreadyLoaded) as refusal:
        load(store, admin, frame({JANUARY: 12, FEBRUARY: 13}))

    assert refusal.value.batch == first
    assert (store.data_version(), table(store, "obs")) == before


@pytest.mark.accepts("1.12")
def test_a_preview_shows_old_new_and_difference_and_changes_nothing(store, admin, first):
    before = store.data_version()

    preview = preview_load(store, frame({JANUARY: 12, FEBRUARY: 14.5, MARCH: 15}))

    assert (preview.new, preview.same) == (1, 1)
    assert preview.restated[["old", "new", "difference"]].to_numpy().tolist() == [[13, 14.5, 1.5]]
    assert store.data_version() == before


@pytest.mark.accepts("1.12")
def test_a_restatement_without_a_reason_is_refused_and_changes_nothing(store, admin, first):
    before = table(store, "obs"), table(store, "cur")

    with pytest.raises(Refused) as refusal:
        load(store, admin, frame({FEBRUARY: 14}), reason=" ")

    assert (refusal.value.code, refusal.value.details) == ("reason_needed", {"restated": 1})
    assert (table(store, "obs"), table(store, "cur")) == before


@pytest.mark.accepts("1.13")
def test_an_undone_load_leaves_values_and_scores_exactly_as_before(store, admin, first, clock):
    before = table(store, "cur"), table(store, "score")
    clock.pass_(days=1)
    second = load(store, admin, frame({FEBRUARY: 14, MARCH: 15}))
    assert table(store, "cur") != before[0]

    undo_load(store, admin, second.id, "wrong file")

    assert (table(store, "cur"), table(store, "score")) == before
    with pytest.raises(Refused, match="already_undone"):
        undo_load(store, admin, second.id, "again")


@pytest.mark.accepts("1.14")
def test_every_value_ever_known_keeps_its_file_row_person_and_moment(store, admin, first, clock):
    loaded_first = clock.moment
    loaded_again = clock.pass_(days=1)
    load(store, admin, frame({FEBRUARY: 14}), name="delay-v2.csv")

    with store.read() as cursor:
        history = provenance(cursor, site_id="lyon", metric_id="delay", period_start="2026-02-01", grain=Grain.MONTH)

    assert [(k.value, k.file_name, k.source_row, k.recorded_at, k.stands) for k in history] == [
        (13, "delay.csv", 3, loaded_first, False),
        (14, "delay-v2.csv", 2, loaded_again, True),
    ]
    assert {known.person_id for known in history} == {admin.person_id}


def test_a_series_is_read_as_it_was_known_at_a_moment(store, admin, first, clock):
    then = clock.moment
    restated_on = clock.pass_(days=1)
    second = load(store, admin, frame({FEBRUARY: 14, MARCH: 15}))
    clock.pass_(days=1)
    undo_load(store, admin, second.id, "wrong file")

    assert values(store, as_known_on=then) == [12, 13]
    assert values(store, as_known_on=restated_on) == [12, 14, 15]
    assert values(store, as_known_on=clock.moment) == [12, 13]
    assert values(store) == [12, 13]


def test_a_file_may_come_again_after_it_was_undone(store, admin, first):
    undo_load(store, admin, first.id, "wrong plant")
    assert values(store) is None

    again = load(store, admin, frame({JANUARY: 12, FEBRUARY: 13}))

    assert again.n_new == 2


def test_a_file_is_compared_again_once_an_earlier_load_was_undone(store, admin, first):
    longer = frame({JANUARY: 12, FEBRUARY: 13, MARCH: 15})
    load(store, admin, longer)
    undo_load(store, admin, first.id, "wrong file")
    assert values(store) == [15]

    load(store, admin, longer)

    assert values(store) == [12, 13, 15]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": float("nan")}, "not finite"),
        ({"value": float("inf")}, "not finite"),
        ({"segment": "*"}, "segment"),
        ({"grain": "fortnight"}, "unknown grain"),
        ({"period_start": "2026-01-15"}, "first day"),
        ({"period_start": JANUARY}, "key twice"),
    ],
)
def test_a_frame_that_no_reader_of_ours_should_hand_over_is_an_error(store, admin, first, change, words):
    rows = frame({JANUARY: 12, FEBRUARY: 13})
    for name, value in change.items():
        rows[name] = rows[name].where([True, False], value)

    with pytest.raises(ValueError, match=words):
        commit_load(store, admin, batch=batch(admin, rows), frame=rows)


@pytest.mark.parametrize(("place", "code"), [({"site": "nice"}, "unknown_site"), ({"metric": "x"}, "unknown_metric")])
def test_values_of_a_site_or_metric_nobody_knows_are_refused_with_their_row(store, admin, first, place, code):
    with pytest.raises(Refused) as refusal:
        load(store, admin, frame({MARCH: 12}, **place))

    assert (refusal.value.code, refusal.value.details["row"]) == (code, 2)
