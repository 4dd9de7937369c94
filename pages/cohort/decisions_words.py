"""The words of the register of decisions: its finding, each entry's lines, and the history of its wording."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from analytics.results import Direction
from data.types import DecisionType
from pages.shared.markup import Note
from wording import Language, date_, difference, say, state, value

if TYPE_CHECKING:
    from pages.cohort.decisions_view import Edit, Entry, Register

LONG = 80  # characters of a wording that its history quotes


def title(found: Register, today: dt.date, language: Language) -> str:
    """Return the finding: how many decisions wait for their review."""
    if not found.entries:
        return say("cohort_more.decisions.title.empty", language)
    overdue = sum(entry.overdue(today) for entry in found.entries)
    standing = sum(entry.standing for entry in found.entries)
    if overdue:
        return say("cohort_more.decisions.title.overdue", language, n=overdue)
    if standing:
        return say("cohort_more.decisions.title.open", language, n=standing)
    return say("cohort_more.decisions.title.done", language, n=len(found.entries))


def eyebrow(found: Register, language: Language) -> str:
    """Say how many decisions there are."""
    return say("cohort_more.decisions.eyebrow", language, n=len(found.entries))


def note(entry: Entry, today: dt.date, language: Language) -> Note:
    """Tell one decision in the list; its title opens it."""
    decision = entry.decision
    lines = [
        " · ".join((where(entry, language), entry.owner, applies(entry, language))),
        " · ".join(part for part in (values(entry, language), fate(entry, today, language)) if part),
        say("cohort_more.decisions.typed", language, who=recorded(entry, language)),
    ]
    return Note(what=decision.title, small=lines, tag=decision.label, open_tag=decision.type is DecisionType.INCIDENT,
                href=f"/decisions?decision={decision.label}&lang={language}")  # fmt: skip


def details(entry: Entry, today: dt.date, language: Language) -> list[Note]:
    """Tell all that the record says of one decision, a line each."""
    decision = entry.decision
    pairs = [
        ("shared.label.type", state(decision.type, language)),
        ("cohort_more.decisions.scope", where(entry, language)),
        ("shared.label.owner", entry.owner),
        ("shared.label.recorded_by", recorded(entry, language)),
        ("shared.label.applies_on", date_(decision.applies_on, language)),
        ("shared.label.value", values(entry, language)),
        ("shared.label.note", decision.note),
        ("shared.label.expected_effect", expected(entry, language)),
        ("shared.label.review_on", date_(decision.review_on, language) if decision.review_on else ""),
        ("shared.label.state", fate(entry, today, language)),
        ("cohort_more.decisions.experiment", entry.experiment),
        ("cohort_more.decisions.key_result", entry.key_result),
        ("cohort_more.decisions.supersedes", entry.supersedes or ""),
    ]
    lines = [Note(what=say(code, language), rest=_after(text, language)) for code, text in pairs if text]
    if decision.evidence_url:
        lines.append(Note(what=say("shared.label.evidence_link", language), href=decision.evidence_url))
    return lines


def where(entry: Entry, language: Language) -> str:
    """Say which charts a decision concerns."""
    place = entry.site.name if entry.site else entry.cohort or say("shared.label.all_sites", language)
    metric = entry.metric.name(language) if entry.metric else say("shared.label.all_metrics", language)
    return f"{place}, {metric}" if entry.metric else f"{place}, {metric[:1].lower()}{metric[1:]}"


def applies(entry: Entry, language: Language) -> str:
    """Say from when a decision applies."""
    return say("cohort_more.decisions.applies", language, date=date_(entry.decision.applies_on, language))


def recorded(entry: Entry, language: Language) -> str:
    """Say who typed a decision, and when."""
    words = {
        "name": entry.typed_by or say("shared.label.unknown", language),
        "date": date_(entry.recorded_on, language),
    }
    return say("cohort_more.decisions.recorded", language, **words)


def values(entry: Entry, language: Language) -> str:
    """Say the value a decision was made on, and what that datum says today."""
    then = entry.decision.value_when_decided
    if then is None:
        return ""
    words = {"then": value(then, entry.metric, language)}
    if entry.value_now is None:
        return say("cohort_more.decisions.value_gone", language, **words)
    now = value(entry.value_now, entry.metric, language)
    code = "value_same" if now == words["then"] else "value_then_now"
    return say(f"cohort_more.decisions.{code}", language, now=now, **words)


def expected(entry: Entry, language: Language) -> str:
    """Say what was expected of a decision."""
    decision = entry.decision
    parts = [decision.expected_effect]
    if decision.expected_size is not None:
        down = decision.expected_direction is Direction.DOWN
        parts.append(
            difference(-abs(decision.expected_size) if down else decision.expected_size, entry.metric, language)
        )
    if decision.expected_by is not None:
        parts.append(say("cohort_more.decisions.expected_by", language, date=date_(decision.expected_by, language)))
    return " · ".join(part for part in parts if part)


def fate(entry: Entry, today: dt.date, language: Language) -> str:
    """Say what became of a decision, or when it is to be reviewed."""
    decision = entry.decision
    if entry.superseded_by is not None:
        return say("cohort.decision.superseded", language, label=entry.superseded_by)
    if decision.resolved_on is not None:
        return say("cohort_more.decisions.resolved", language, date=date_(decision.resolved_on, language))
    if decision.outcome is not None:
        words = {"outcome": state(decision.outcome, language), "date": date_(decision.outcome_on or today, language)}
        return say("cohort_more.decisions.outcome", language, **words)
    if decision.review_on is None:
        return say("cohort_more.decisions.open", language)
    code = "overdue" if decision.review_on <= today else "review"
    return say(f"cohort.decision.{code}", language, date=date_(decision.review_on, language))


def history(edits: Sequence[Edit], people: dict[str, str], language: Language) -> list[Note]:
    """Tell each wording of a decision, the newest first."""
    return [_edit(edit, people, language) for edit in reversed(edits)]


def _edit(edit: Edit, people: dict[str, str], language: Language) -> Note:
    words = {"name": edit.by or say("shared.label.unknown", language), "date": date_(edit.on, language)}
    if not edit.changed:
        return Note(rest=say("cohort_more.decisions.history.first", language, **words))
    lines = [
        say("cohort_more.decisions.history.change", language, field=say(f"cohort_more.decisions.field.{field}", language),
            before=_quoted(before, people, language), after=_quoted(after, people, language))
        for field, before, after in edit.changed
    ]  # fmt: skip
    return Note(rest=say("cohort_more.decisions.history.edit", language, **words), small=lines)


def _quoted(found: object, people: dict[str, str], language: Language) -> str:
    if found is None or found == "":
        return say("cohort_more.decisions.history.nothing", language)
    if isinstance(found, Enum):
        return state(found, language)
    if isinstance(found, bool):
        return say("shared.yes" if found else "shared.no", language)
    if isinstance(found, dt.date):
        return date_(found, language)
    text = people.get(str(found), str(found))
    return text if len(text) <= LONG else text[:LONG].rstrip() + "…"


def _after(text: str, language: Language) -> str:
    return f" : {text}" if language == "fr" else f": {text}"
