"""What a load came to, short enough for an e-mail: for the person who brought it, and for those who read the charts."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

import duckdb

from data import records
from data.batches import PastLoad, past_loads
from data.settings import settings
from data.signals import SignalChange, signals_of_load
from data.store import Store
from data.types import Metric, Site
from wording import Language, date_, say, state

LISTED = 12  # signals that a letter names


@dataclass(frozen=True, slots=True)
class Letter:
    """A plain text with its subject."""

    subject: str
    text: str

    def eml(self) -> bytes:
        """Write it as a message that a mail program opens, ready to be addressed and sent."""
        message = EmailMessage(policy=SMTP)
        message["Subject"] = " ".join(self.subject.split())  # a line break would open another header
        message["X-Unsent"] = "1"  # mail programs open it for sending, not as received
        message.set_content(self.text)
        return message.as_bytes()


def load_letter(store: Store, batch_id: str, language: Language) -> Letter | None:
    """Sum a load up: rows taken, left out, restated, and the signals it causes as the record stands now.

    None when there is no such load.
    """
    with store.read() as cursor:
        load = next((one for one in past_loads(cursor) if one.batch.id == batch_id), None)
        if load is None:
            return None
        names = _Names.of(cursor)
    changes = signals_of_load(store, batch_id) if load.undo is None else ()
    return Letter(_subject(load, changes, language), "\n".join(_lines(load, changes, names, language)) + "\n")


@dataclass(frozen=True, slots=True)
class _Names:
    sites: dict[str, str]
    metrics: dict[str, Metric]

    @classmethod
    def of(cls, cursor: duckdb.DuckDBPyConnection) -> _Names:
        return cls(
            {site.id: site.name for site in records.current(cursor, Site)},
            {metric.id: metric for metric in records.current(cursor, Metric)},
        )

    def series(self, change: SignalChange, language: Language) -> str:
        metric = self.metrics.get(change.metric_id)
        name = metric.name(language) if metric else change.metric_id
        return say("quality.letter.series", language, site=self.sites.get(change.site_id, change.site_id), metric=name)


def _subject(load: PastLoad, changes: tuple[SignalChange, ...], language: Language) -> str:
    if load.undo is not None:
        return say("quality.letter.subject_undone", language, file=load.batch.file_name)
    counted = say("quality.letter.values", language, n=load.batch.n_new + load.batch.n_restated)
    n_new = sum(change.is_new for change in changes)
    signals = say("quality.letter.signals", language, n=n_new) if n_new else say("quality.letter.no_signal", language)
    return say("quality.letter.subject", language, file=load.batch.file_name, values=counted, signals=signals)


def _lines(load: PastLoad, changes: tuple[SignalChange, ...], names: _Names, language: Language) -> list[str]:
    batch = load.batch
    by = load.source or load.person
    lines = [say("quality.letter.loaded", language, file=batch.file_name, person=by, moment=load.loaded_at)]
    if batch.sheet:
        lines.append(say("quality.letter.sheet", language, sheet=batch.sheet))
    if load.undo is not None and load.undone_at is not None:
        lines.append(
            say(
                "quality.letter.undone", language, person=load.undone_by, moment=load.undone_at, reason=load.undo.reason
            )
        )
    lines += ["", say("quality.letter.taken", language), *_counts(load, language)]
    if load.undo is None:
        lines += ["", *_signals(changes, names, language)]
    where = settings().public_address
    if where:
        address = f"{where.rstrip('/')}/upload?lang={language}"
        lines += ["", say("quality.letter.link", language, address=address)]
    return lines


def _counts(load: PastLoad, language: Language) -> list[str]:
    batch = load.batch
    lines = [
        say("quality.letter.new", language, n=batch.n_new),
        say("quality.letter.same", language, n=batch.n_same),
        say("quality.letter.restated", language, n=batch.n_restated),
        say("quality.letter.rejected", language, n=batch.n_rejected),
    ]
    if batch.n_restated and batch.reason:
        lines.append(say("quality.letter.reason", language, reason=batch.reason))
    if batch.n_marked:
        lines.append(say("quality.letter.marked", language, n=batch.n_marked))
    if batch.n_excluded_rows:
        lines.append(say("quality.letter.excluded", language, n=batch.n_excluded_rows))
    return [f"- {line}" for line in lines]


def _signals(changes: tuple[SignalChange, ...], names: _Names, language: Language) -> list[str]:
    """List the signals that the load causes, then those that it ends."""
    caused = [change for change in changes if change.is_new]
    ended = [
        change for change in changes if change.before is not None and change.after is not None and not change.is_new
    ]
    lines = [say("quality.letter.causes", language, n=len(caused)) if caused else say("quality.letter.none", language)]
    lines += [f"- {signal_line(change, names.series(change, language), language)}" for change in caused[:LISTED]]
    if len(caused) > LISTED:
        lines.append(f"- {say('quality.letter.more', language, n=len(caused) - LISTED)}")
    if ended:
        lines.append(say("quality.letter.ends", language, n=len(ended)))
        lines += [f"- {names.series(change, language)}" for change in ended[:LISTED]]
    return lines


def signal_line(change: SignalChange, series: str, language: Language) -> str:
    """Say what one series would be, or is, since when and by which rule. series: its name in words."""
    if change.rule is None or change.start is None or change.after is None:
        return say("quality.signal.ends", language, series=series)
    return say(
        "quality.signal.line", language, series=series, state=state(change.after, language),
        date=date_(change.start, language), rule=state(change.rule, language),
    )  # fmt: skip
