"""The current values are the append-only truth, after any sequence of loads, restatements and undos."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import observations, score, staging
from data.access import Forbidden, Permission, actor_for
from data.decisions import pin_decision, value_now
from data.gate import Change
from data.observations import AlreadyLoaded, ForbiddenRows, commit_load, metric_series, undo_load
from data.people import first_person
from data.store import open_store
from data.types import DecisionType, Grain, Person, Role
from tests.data.loads import batch, frame, known, load, table

DAYS = ("2026-01-01", "2026-02-01", "2026-03-01")
SITES = ("lyon", "nice")
A_LOAD = st.dictionaries(
    st.tuples(st.sampled_from(SITES), st.sampled_from(["", "night"]), st.sampled_from(DAYS)),
    st.sampled_from([1.0, 2.0, 3.0]),
    min_size=1,
)
AN_UNDO = st.integers(0, 5)


class Truth:
    """What was said, load by load, and what follows from it; as naive as can be."""

    def __init__(self):
        self.loads = []  # [batch id, {key: value} that it changed]
        self.undone = set()

    @property
    def current(self):
        found = {}
        for batch_id, said in self.loads:
            if batch_id not in self.undone:
                found |= said
        return found

    def load(self, batch_id, values):
        before = self.current
        self.loads.append((batch_id, {key: value for key, value in values.items() if before.get(key) != value}))


def rows_of(values):
    return pd.concat([frame({day: value}, site, segment=segment) for (site, segment, day), value in values.items()])


def current_values(store):
    with store.read() as cursor:
        found = cursor.execute("SELECT site_id, segment, strftime(period_start, '%Y-%m-%d'), value FROM cur").fetchall()
    assert len(found) == len({row[:3] for row in found})
    return {row[:3]: row[3] for row in found}


@pytest.mark.accepts("1.10", "1.13")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.one_of(A_LOAD, AN_UNDO), min_size=1, max_size=7))
def test_current_values_equal_the_append_only_truth(acts):
    store = open_store(":memory:")
    person = first_person(store, "Ada")
    with store.read() as cursor:
        actor = actor_for(cursor, person.id, store.today())
    truth, states = Truth(), []
    with store.change(actor, Permission.REGISTER_SITE) as tx:
        tx.append_all(known(*SITES))
    for act in acts:
        if isinstance(act, dict):
            rows = rows_of(act)
            try:
                done = commit_load(store, actor, batch=batch(actor, rows), frame=rows, reason="said so")
            except AlreadyLoaded:
                continue
            truth.load(done.id, act)
        elif act < len(truth.loads) and truth.loads[act][0] not in truth.undone:
            undo_load(store, actor, truth.loads[act][0], "taken back")
            truth.undone.add(truth.loads[act][0])
        states.append((store.now(), truth.current))
        assert current_values(store) == truth.current
    fresh = table(store, "score")
    with store.change(actor, Permission.UPLOAD, somewhere=True) as tx:
        tx.say("score")
        score.refresh_scores(tx.cursor)
    assert table(store, "score") == fresh
    for moment, then in states:
        assert series_then(store, moment) == {key: value for key, value in then.items() if key[0] == "lyon"}
    store.close()


def series_then(store, moment):
    found = {}
    with store.read() as cursor:
        for segment in ("", "night"):
            series = metric_series(cursor, site_id="lyon", metric_id="delay", segment=segment, as_known_on=moment)
            if series is not None:
                values = series.values.dropna()  # noqa: PD011
                found |= {("lyon", segment, f"{day:%Y-%m-%d}"): value for day, value in values.items()}
    return found


STEPS = (
    (observations, "_register"), (observations, "_check_sites"), (staging, "check_known"),
    (observations, "take_turns"), (staging, "compare"), (observations, "_append"), (observations, "_replace_current"),
    (score, "refresh_touched"), (score, "_scored"), (Change, "append"), (Change, "write_audit"),
)  # fmt: skip
TABLES = ("obs", "cur", "score", "load_seq", "batch", "site", "metric", "change")


@pytest.mark.accepts("1.20")
@pytest.mark.promises("S6")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_fault_at_any_step_of_a_load_leaves_the_store_as_it_was(store, admin, monkeypatch, after):
    load(store, admin, frame(dict.fromkeys(DAYS, 12)), new=known("lyon"))
    before = [table(store, name) for name in TABLES]

    for owner, name in STEPS:
        with monkeypatch.context() as broken:
            broken.setattr(owner, name, _failing(getattr(owner, name), after=after))
            with pytest.raises(OSError, match="disk"):
                load(store, admin, frame({DAYS[0]: 13, "2026-04-01": 14}), new=known("nice", metrics=()))
        assert [table(store, name) for name in TABLES] == before, name


def _failing(step, *, after):
    def fail(*given, **named):
        if after:
            step(*given, **named)
        raise OSError("the disk is full")

    return fail


@pytest.mark.promises("A2")
def test_a_row_of_another_site_refuses_the_whole_load_and_names_site_and_row(store, admin, someone):
    load(store, admin, frame({DAYS[0]: 1}), new=known("lyon", "nice"))
    keeper = someone(Role.METRIC_KEEPER, site_id="lyon")
    mixed = frame({DAYS[1]: 2}), frame({DAYS[1]: 3}, "nice").assign(source_row=7)
    before = table(store, "obs"), table(store, "cur")

    with pytest.raises(ForbiddenRows) as refusal:
        load(store, keeper, *mixed)

    assert refusal.value.rows == {"nice": 7}
    assert (table(store, "obs"), table(store, "cur")) == before
    with store.read() as cursor:
        newest = cursor.execute("SELECT actions, person_id FROM change ORDER BY id DESC LIMIT 1").fetchone()
    assert newest == ("load.refused", keeper.person_id)
    assert load(store, keeper, mixed[0]).n_new == 1


@pytest.mark.promises("A2")
def test_a_keeper_of_one_site_neither_undoes_another_s_load_nor_registers_sites(store, admin, someone):
    done = load(store, admin, frame({DAYS[0]: 1}, "nice"), new=known("lyon", "nice"))
    keeper = someone(Role.METRIC_KEEPER, site_id="lyon")

    with pytest.raises(Forbidden):
        undo_load(store, keeper, done.id, "mine now")
    with pytest.raises(Forbidden):
        load(store, keeper, frame({DAYS[0]: 1}, "brest"), new=known("brest", metrics=()))
    with pytest.raises(ValueError, match="registers no person"):
        load(store, admin, frame({DAYS[1]: 1}), new=[Person(id="eve", name="Eve")])


def test_two_loads_of_one_site_take_turns(store, admin):
    load(store, admin, frame({DAYS[0]: 0}), new=known("lyon"))

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: load(store, admin, frame({DAYS[1]: n})), range(1, 7)))

    assert sorted(batch.n_new + batch.n_restated for batch in done) == [1] * 6
    with store.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM cur WHERE period_start = ?", [DAYS[1]]).fetchone() == (1,)
        numbers = cursor.execute("SELECT load_number FROM obs ORDER BY load_number").fetchall()
    assert [number for (number,) in numbers] == list(range(1, 8))


@pytest.mark.accepts("3.12")
def test_a_decision_keeps_its_value_and_sees_the_restated_one(store, admin):
    load(store, admin, frame({DAYS[0]: 12.4}), new=known("lyon"))
    decision = pin_decision(
        store, admin, type=DecisionType.DECISION, title="Two shifts", owner_id=admin.person_id, site_id="lyon",
        metric_id="delay", period_start=dt.date(2026, 1, 1), grain=Grain.MONTH, applies_on=dt.date(2026, 1, 10),
    )  # fmt: skip

    load(store, admin, frame({DAYS[0]: 9.8}))

    assert decision.value_when_decided == 12.4
    with store.read() as cursor:
        assert value_now(cursor, decision) == 9.8
