"""What people do during a drill, through the app: a keeper loads file after file, a member pins decision after decision."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from data.people import first_person
from data.store import open_store
from tests.tools.sessions import Session

TODAY = dt.date(2026, 11, 22)
SITES, DAYS = 40, 100  # a file's rows: enough for a load to be under way when the server dies
FIRST_DAY = dt.date(2005, 1, 1)


@dataclass
class Acknowledged:
    """What the app has told people is in the record."""

    files: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)


def founded(path: Path) -> dict[str, str]:
    """Make a store with its first person; return the settings with which a server is theirs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = open_store(str(path))
    person = first_person(store, "Ada", language="en")
    store.close()
    return {"ESSAIM_PERSON": person.id, "ESSAIM_TODAY": TODAY.isoformat()}


def file_name(number: int) -> str:
    return f"delays-{number:03d}.csv"


def file_bytes(number: int) -> bytes:
    """Write the n-th file: the same sites, and days that no other file has."""
    first = FIRST_DAY + dt.timedelta(days=DAYS * number)
    rows = [
        f"Plant {site:02d},{first + dt.timedelta(days=day)},{10 + (site * 7 + day * 3 + number) % 11}"
        for site in range(SITES)
        for day in range(DAYS)
    ]
    return "\n".join(["site,date,delay (d)", *rows, ""]).encode()


def load(address: str, number: int) -> str:
    """Load the n-th file on the upload page; return what the page says in the end.

    Raises AssertionError when the page does not say that the file is in the record.
    """
    with Session(address, "upload") as session:
        session.run()
        uploader = next(key for key in session.keys if key.startswith("upload-file"))
        session.upload(uploader, file_name(number), file_bytes(number))
        if "upload-right" in session.keys:
            session.press("upload-right")
        assert "upload-load" in session.keys, shown(session)
        session.press("upload-load")
        assert "upload-chart" in session.keys, shown(session)
        return session.text


def pin(address: str, title: str) -> None:
    """Pin a decision on the first series; raises AssertionError when the page does not show it."""
    with Session(address, "metric") as session:
        session.run()
        session.press("pin")
        session.set("pin-title", title)
        session.set("pin-owner", "Ada")
        session.press("pin-save")
        assert "pin-save" not in session.keys, shown(session)
        assert title in session.text, shown(session)


def shown(session: Session) -> str:
    return f"{session.faults}\n{session.text}"
