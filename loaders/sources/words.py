"""What a source and its runs say to a person: where it stands, how it goes, what is wrong and how to mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from data.schedules import WEEKDAYS, Every, Schedule
from data.source_runs import PATIENT_FAILURES, SourceRun, SourceStanding
from data.types import Fault, RunOutcome, Severity
from loaders.grid import Refusal
from loaders.ingest import FaultsRefusal
from loaders.refusals import quoted
from loaders.summary import refused_sentence
from wording import Language, moment, say

WHERE = ("sheet", "row", "column", "found", "expected")


def schedule_words(text: str, language: Language) -> str:
    """Say how often a source runs.

    >>> schedule_words("weekly mon 06:30", "fr"), schedule_words("every 15 min", "en")
    ('chaque lundi à 06:30', 'every 15 minutes')
    """
    schedule = Schedule.read(text)
    match schedule.every:
        case Every.MINUTES:
            return say("sources.every.minutes", language, n=schedule.minutes)
        case Every.HOUR:
            return say("sources.every.hour", language)
        case Every.DAY:
            return say("sources.every.day", language, at=f"{schedule.at:%H:%M}")
        case Every.WEEK:
            day = say(f"sources.weekday.{WEEKDAYS[schedule.weekday]}", language)
            return say("sources.every.week", language, day=day, at=f"{schedule.at:%H:%M}")


def run_words(run: SourceRun, language: Language) -> str:
    """Say in one sentence or two what a run came to: its counts, or what is wrong, where, and how to mend it."""
    if run.outcome is RunOutcome.LOADED:
        return _loaded_words(run, language)
    if run.outcome is RunOutcome.UNCHANGED:
        return say("sources.run.writing" if run.code == "writing" else "sources.run.unchanged", language)
    return trouble_words(run.code, run.details, language)


def trouble_words(code: str, details: Mapping[str, Any], language: Language) -> str:
    """Word why a run brought nothing."""
    kind, _, rest = code.partition(":")
    if kind == "refusal":
        domain, _, name = rest.partition(":")
        return _of_file(_refused_words(domain, name, details, language), details, language)
    if kind == "fault":
        where = {key: details.get(key) for key in WHERE}
        fault = Fault(rest, Severity.ERROR, where["sheet"], where["row"], where["column"], str(where["found"] or ""),
                      str(where["expected"] or ""))  # fmt: skip
        return _of_file(refused_sentence(FaultsRefusal(fault, int(details.get("n") or 1)), language), details, language)
    sentence = say(f"sources.fault.{code}", language, **details)
    if code == "too_large" and details.get("name"):
        return say("sources.in_file", language, file=details["name"], sentence=sentence)
    return sentence


def again_words(standing: SourceStanding, now: dt.datetime, language: Language) -> str:
    """Say kindly that a source has brought nothing several times, or that it is not being run; "" otherwise."""
    if standing.failures >= PATIENT_FAILURES and not standing.source.paused:
        since = standing.last_loaded
        if since is None:
            return say("sources.again.never", language, n=standing.failures)
        return say(
            "sources.again.since", language, n=standing.failures, date=moment(since.ended_at.astimezone(), language)
        )
    if standing.is_late(now):
        return say("sources.again.late", language)
    return ""


def _refused_words(domain: str, name: str, details: Mapping[str, Any], language: Language) -> str:
    """Word a refusal for somebody who is at no command line: a question is answered with the file in hand."""
    given = {key: value for key, value in details.items() if key != "file"}
    if name == "reason_needed":
        return say("sources.ask.reason", language, n=int(given.get("n") or 1))
    if name == "question_site":
        return say("sources.ask.site", language)
    if name.startswith("question_"):
        about = " ".join(filter(None, [str(given.get("column") or ""), str(given.get("found") or "")]))
        return say("sources.ask.question", language, about=quoted(about, language))
    return refused_sentence(Refusal(name, domain=domain, **given), language)


def _loaded_words(run: SourceRun, language: Language) -> str:
    parts = [say("sources.run.loaded", language, n=run.n_loaded)]
    if run.n_restated:
        parts.append(say("sources.run.restated", language, n=run.n_restated))
    if run.n_left_out:
        parts.append(say("sources.run.left_out", language, n=run.n_left_out))
    return " ".join(parts)


def _of_file(sentence: str, details: Mapping[str, Any], language: Language) -> str:
    file = str(details.get("file") or "")
    return say("sources.in_file", language, file=file, sentence=sentence) if file else sentence
