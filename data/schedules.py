"""When a source runs next: every few minutes, every hour, every day or week at an hour of the server's own clock."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from data.access import Refused

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEAST_MINUTES, MOST_MINUTES = 1, 24 * 60
FORM = re.compile(
    r"(?:every (?P<minutes>\d{1,4}) min|(?P<hourly>hourly)|daily (?P<day_at>\d\d:\d\d)"
    r"|weekly (?P<weekday>[a-z]{3}) (?P<week_at>\d\d:\d\d))"
)


class Every(StrEnum):
    """How often."""

    MINUTES = "minutes"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A source's schedule. minutes: for MINUTES; at: for DAY and WEEK; weekday: for WEEK, Monday = 0."""

    every: Every
    minutes: int = 60
    at: dt.time = dt.time(6)
    weekday: int = 0

    @classmethod
    def read(cls, text: str) -> Schedule:
        """Read a schedule as it is stored and typed. Raises Refused("source_schedule").

        >>> Schedule.read("weekly mon 06:30").at
        datetime.time(6, 30)
        >>> str(Schedule.read("every 15 min")), str(Schedule.read("hourly")), str(Schedule.read("daily 23:05"))
        ('every 15 min', 'hourly', 'daily 23:05')
        """
        found = FORM.fullmatch(" ".join(text.split()).casefold())
        if found is None:
            raise Refused("source_schedule", found=text)
        try:
            return cls._of(found)
        except ValueError as error:
            raise Refused("source_schedule", found=text) from error

    @classmethod
    def _of(cls, found: re.Match[str]) -> Schedule:
        if found["minutes"]:
            minutes = int(found["minutes"])
            if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
                raise ValueError(minutes)
            return cls(Every.MINUTES, minutes=minutes)
        if found["hourly"]:
            return cls(Every.HOUR)
        if found["day_at"]:
            return cls(Every.DAY, at=dt.time.fromisoformat(found["day_at"]))
        return cls(Every.WEEK, at=dt.time.fromisoformat(found["week_at"]), weekday=WEEKDAYS.index(found["weekday"]))

    def __str__(self) -> str:
        match self.every:
            case Every.MINUTES:
                return f"every {self.minutes} min"
            case Every.HOUR:
                return "hourly"
            case Every.DAY:
                return f"daily {self.at:%H:%M}"
            case Every.WEEK:
                return f"weekly {WEEKDAYS[self.weekday]} {self.at:%H:%M}"

    def next_after(self, moment: dt.datetime, zone: dt.tzinfo | None = None) -> dt.datetime:
        """Find the first time after a moment, in UTC.

        moment: with its zone. zone: whose clock the hour is read from; None = the server's own.

        >>> Schedule.read("daily 06:00").next_after(dt.datetime(2026, 5, 4, 6, tzinfo=dt.UTC), dt.UTC)
        datetime.datetime(2026, 5, 5, 6, 0, tzinfo=datetime.timezone.utc)
        """
        if self.every in (Every.MINUTES, Every.HOUR):
            return moment.astimezone(dt.UTC) + dt.timedelta(minutes=self.minutes if self.every is Every.MINUTES else 60)
        day = moment.astimezone(zone).date()
        if self.every is Every.WEEK:
            day += dt.timedelta(days=(self.weekday - day.weekday()) % 7)
        step = dt.timedelta(days=7 if self.every is Every.WEEK else 1)
        while (found := _at(day, self.at, zone)) <= moment:
            day += step
        return found


def _at(day: dt.date, at: dt.time, zone: dt.tzinfo | None) -> dt.datetime:
    """Read an hour of a day off a clock; one that a change of clocks leaps over is the hour after."""
    local = dt.datetime.combine(day, at)
    return (local.replace(tzinfo=zone) if zone else local.astimezone()).astimezone(dt.UTC)
