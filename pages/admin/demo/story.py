"""Live the worked example through: a year of a planning process, in the order of its days, through the gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from data.access import Permission, actor_for
from data.people import first_person
from data.types import Wave
from pages.admin.demo import cast, truth
from pages.admin.demo.cast import identifier
from pages.admin.demo.series import week_start

if TYPE_CHECKING:
    from data.access import Actor
    from data.store import Store
    from data.types import Record
    from wording import Language

MORNING = dt.time(8, 0, tzinfo=dt.UTC)
WEEKS_BEFORE = 3  # the register is set up so long before the first go-live


class StoryClock:
    """The example's own time: what happens on a day is recorded on that day, a second apart."""

    def __init__(self, start: dt.date) -> None:
        self._moment = dt.datetime.combine(start, MORNING)

    def turn_to(self, day: dt.date) -> None:
        """Go on to a day; time never runs back."""
        self._moment = max(self._moment, dt.datetime.combine(day, MORNING))

    def __call__(self) -> dt.datetime:
        """Give the moment, and let a second pass."""
        self._moment += dt.timedelta(seconds=1)
        return self._moment


@dataclass(slots=True)
class Story:
    """The store, its clock, and the acts to come."""

    store: Store
    clock: StoryClock
    language: Language
    first_go_live: dt.date
    _acts: list[tuple[dt.date, int, Callable[[], object]]] = field(default_factory=list)

    def week(self, number: int, day: int = 0) -> dt.date:
        """Return a day of a week counted from the first go-live."""
        return week_start(self.first_go_live, number) + dt.timedelta(days=day)

    def on(self, day: dt.date, act: Callable[[], object]) -> None:
        """Let something happen on a day."""
        self._acts.append((day, len(self._acts), act))

    def actor(self, key: str) -> Actor:
        """Return a player as the register knows them on the story's day."""
        with self.store.read() as cursor:
            return actor_for(cursor, identifier(key), self.clock().date())

    def record(self, who: str, permission: Permission, records: Iterable[Record], action: str = "") -> None:
        """Write records through the gate."""
        cohort = cast.COHORT if any(player.key == who and player.cohort for player in cast.PLAYERS) else None
        with self.store.change(self.actor(who), permission, cohort_id=cohort) as tx:
            tx.append_all(records, action)

    def play(self, until: dt.date) -> None:
        """Let everything happen, day by day, up to a day, inclusive."""
        for day, _, act in sorted((entry for entry in self._acts if entry[0] <= until), key=lambda entry: entry[:2]):
            self.clock.turn_to(day)
            act()


def found(story: Story) -> None:
    """Set up the register: the founder, the people, the process, its sites and what is measured."""
    start = story.week(-WEEKS_BEFORE)
    founder = first_person(story.store, cast.FOUNDER_NAME, language=story.language)
    with story.store.read() as cursor:
        actor = actor_for(cursor, founder.id, story.clock().date())
    first = story.week(truth.FIRST_WEEK)
    for permission, records in (
        (Permission.MANAGE_CATALOGUE, [cast.process(story.language), *cast.sites(story.first_go_live, story.language)]),
        (Permission.MANAGE_PEOPLE, cast.players(first)),
        (Permission.MANAGE_CATALOGUE, cast.metrics(story.first_go_live)),
    ):
        with story.store.change(actor, permission) as tx:
            tx.append_all(records)
    story.on(start, lambda: story.record(
        "claire", Permission.MANAGE_KEY_RESULTS, cast.objectives(story.first_go_live, story.language)))  # fmt: skip


def roll_out(story: Story) -> None:
    """Let the waves open and the sites go live, some of them late."""
    for number in sorted({site.wave for site in truth.SITES}):
        members = [site for site in truth.SITES if site.wave == number]
        planned = story.week(min(site.planned_week for site in members))
        live = [site.live_week for site in members if site.live_week is not None]
        if live:
            opened = story.week(min(live))
            wave = Wave(id=identifier("wave", number), number=number, process_id=cast.PROCESS,
                        planned_on=planned, actual_on=opened)  # fmt: skip
            story.on(opened, _recording(story, [wave]))
    for site in truth.SITES:
        for week, passage in cast.passages(site, story.first_go_live):
            story.on(max(story.week(week), story.week(-WEEKS_BEFORE, 1)), _recording(story, [passage]))


def _recording(story: Story, records: list[Record]) -> Callable[[], None]:
    return lambda: story.record("claire", Permission.MANAGE_ROLLOUT, records)
