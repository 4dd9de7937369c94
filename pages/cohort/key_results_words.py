"""The words of the key results: the finding, each one's line, its check-ins, its targets and what hangs on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from analytics.results import Pace, Progress
from pages.cohort.key_results_view import behind
from pages.shared.icons import PACE_ICONS
from pages.shared.markup import Note
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, date_, percent, say, sentence, state, value

if TYPE_CHECKING:
    from data.types import CheckIn
    from pages.cohort.key_results_view import Aim, AimsView, TargetChange
    from pages.shared.key_result_view import KeyResultState

CHECK_IN_DAYS = 30  # after so long without one, a check-in is asked for
FALLS = 2  # falls of confidence one after another that are worth a word
OLD_DATA_DAYS = 14  # data older than this are said to be old


def eyebrow(view: AimsView, language: Language) -> str:
    """Say how many objectives and key results there are."""
    return say("cohort_more.kr.eyebrow", language, objectives=say("cohort_more.kr.objectives", language, n=len(view.aims)),
               key_results=say("cohort_more.kr.key_results", language, n=len(view.states)))  # fmt: skip


def title(view: AimsView, language: Language) -> str:
    """Return the finding: how many key results are on pace."""
    if not view.aims:
        return say("cohort_more.kr.title.empty", language)
    if not view.states:
        return say("cohort_more.kr.title.none", language)
    paces = [s.progress.pace for s in view.states if isinstance(s.progress, Progress)]
    late, total = paces.count(Pace.BEHIND), len(view.states)
    if not paces:
        return say("cohort_more.kr.title.unmeasured", language)
    if late:
        return say("cohort_more.kr.title.behind", language, n=late, total=total)
    if len(paces) < total:
        return say("cohort_more.kr.title.partly", language, n=len(paces), total=total)
    return say("cohort_more.kr.title.on_pace", language, n=total)


def next_step(view: AimsView, today: dt.date, language: Language) -> tuple[str, str | None]:
    """Choose the next step, and the key result it is about."""
    over = [s for s in view.states if s.key_result.due_date < today and not _reached(s)]
    if over:
        found = min(over, key=lambda s: s.key_result.due_date)
        due = date_(found.key_result.due_date, language)
        words = say("cohort_more.kr.next.past_due", language, title=found.key_result.title, owner=found.owner, date=due)
        return words, found.key_result.id
    open_still = [state for state in view.states if state.key_result.due_date >= today]
    late = behind(open_still)
    if late:
        found = late[0]
        code = "behind" if not _last_check(found) or _days_since(found, today) > CHECK_IN_DAYS else "behind_checked"
        return say(
            f"cohort_more.kr.next.{code}", language, title=found.key_result.title, owner=found.owner
        ), found.key_result.id
    silent = [s for s in open_still if _days_since(s, today) > CHECK_IN_DAYS]
    if silent:
        found = max(silent, key=lambda s: _days_since(s, today))
        words = say("cohort_more.kr.next.check_in", language, title=found.key_result.title, owner=found.owner)
        return words, found.key_result.id
    losing = [s for s in open_still if falling(s)]
    if losing:
        found = losing[0]
        words = say("cohort_more.kr.next.falling", language, title=found.key_result.title, owner=found.owner)
        return words, found.key_result.id
    return say("cohort_more.kr.next.none", language), open_still[0].key_result.id if open_still else None


def falling(found: KeyResultState) -> bool:
    """Tell whether the stated confidence fell so often running that it is worth a word."""
    newest = [check.confidence for check in found.check_ins[-FALLS - 1 :]]
    return len(newest) > FALLS and all(after < before for before, after in pairwise(newest))


def about(aim: Aim, language: Language) -> str:
    """Say which customer outcome an objective serves, who answers for it, and from when to when."""
    objective = aim.objective
    return say(
        "cohort_more.kr.objective.about", language, outcome=objective.customer_outcome, owner=aim.owner,
        start=date_(objective.starts_on, language), end=date_(objective.ends_on, language),
    ) + (f" · {aim.cohort}" if aim.cohort else "")  # fmt: skip


def table(states: Sequence[KeyResultState], language: Language) -> str:
    """Write one line a key result: where it started, where it is, where it should be today, where it must end."""
    numeric = ("baseline", "current", "expected", "target", "progress")
    names = ("key_result", *numeric, "pace", "confidence")
    heads = [Column(say(f"cohort_more.kr.column.{name}", language), numeric=name in numeric) for name in names]
    return html_table(heads, [_line(s, language) for s in states], caption=say("cohort_more.kr.caption", language))


def _line(found: KeyResultState, language: Language) -> Line:
    aim, metric = found.key_result, found.metric
    baseline = Cell(value(aim.baseline_value, metric, language), below=(date_(aim.baseline_date, language),))
    earlier = [
        say("cohort_more.kr.was", language, target=value(target, metric, language))
        for _, target in found.earlier_targets
    ]
    target = Cell(value(aim.target_value, metric, language), below=(date_(aim.due_date, language), *earlier))
    head = Cell(aim.title, below=(found.owner, metric.name(language)))
    last = _last_check(found)
    confidence = (
        Cell(percent(last.confidence, language, 0), below=(date_(last.checked_on, language),))
        if last
        else Cell(say("cohort_more.kr.no_check_in", language))
    )
    if not isinstance(found.progress, Progress):
        return Line(head, [baseline, "–", "–", target, "–", sentence(found.progress, language), confidence])
    progress = found.progress
    pace = Cell(state(progress.pace, language), icon=PACE_ICONS[progress.pace], below=(days_left(progress, language),),
                tint="worse" if progress.pace is Pace.BEHIND else None)  # fmt: skip
    now = Cell(value(progress.current_value, metric, language), below=(age(progress, language),))
    expected = value(progress.expected_value, metric, language)
    return Line(head, [baseline, now, expected, target, percent(progress.share, language, 0), pace, confidence])


def age(progress: Progress, language: Language) -> str:
    """Say how old the data behind a current value are."""
    code = "old" if progress.data_age_days > OLD_DATA_DAYS else "age"
    return say(
        f"cohort_more.kr.data.{code}", language, n=progress.data_age_days, date=date_(progress.data_date, language)
    )


def days_left(progress: Progress, language: Language) -> str:
    """Say how long is left until the due date."""
    if progress.days_left < 0:
        return say("cohort_more.kr.days_over", language, n=-progress.days_left)
    return say("cohort_more.kr.days_left", language, n=progress.days_left)


def key(language: Language) -> list[tuple[str | None, str] | str]:
    """Name the marks of the picture."""
    return [
        ("pace", say("leadership.kr.key.pace", language)),
        ("target", say("shared.label.target", language)),
        ("forecast", say("forecast_view.key.forecast", language)),
        *((icon, state(pace, language)) for pace, icon in PACE_ICONS.items()),
    ]


def roll_up(found: KeyResultState, language: Language) -> str:
    """Say of which sites the value is made, and how they are put together."""
    sites = len(found.key_result.site_ids)
    where = say("shared.count.site", language, n=sites) if sites else say("shared.label.all_sites", language)
    return say("cohort_more.kr.roll_up", language, sites=where, how=state(found.metric.aggregation, language))


def check_in_notes(found: KeyResultState, language: Language) -> list[Note]:
    """List the check-ins, the newest first."""
    if not found.check_ins:
        return [Note(rest=say("cohort_more.kr.check_ins.none", language))]
    return [
        Note(
            what=percent(check.confidence, language, 0),
            rest=f" · {date_(check.checked_on, language)}",
            small=check.note,
        )
        for check in reversed(found.check_ins)
    ]


def target_notes(changes: Sequence[TargetChange], found: KeyResultState, language: Language) -> list[Note]:
    """List how the target changed, the newest first: what it was, what it became, when, by whom and why."""
    return [
        Note(
            what=say("cohort_more.kr.target_changed", language, before=value(change.before.target_value, found.metric, language),
                     after=value(change.after.target_value, found.metric, language)),
            small=[say("cohort_more.kr.target_why", language, due=date_(change.after.due_date, language), name=change.by,
                       date=date_(change.on, language)), change.reason],
        )
        for change in reversed(changes)
    ]  # fmt: skip


def work_notes(found: KeyResultState, language: Language) -> list[Note]:
    """List the experiments and decisions that hang on a key result."""
    made = [
        Note(what=experiment.title, rest=f" · {state(experiment.verdict or experiment.state, language)}", tag=experiment.label,
             open_tag=True)
        for experiment in found.experiments
    ]  # fmt: skip
    made += [
        Note(what=decision.title, rest=f" · {date_(decision.applies_on, language)}", small=decision.note, tag=decision.label,
             href=f"/decisions?decision={decision.label}&lang={language}")
        for decision in found.decisions
    ]  # fmt: skip
    return made or [Note(rest=say("cohort_more.kr.work.none", language))]


def _reached(found: KeyResultState) -> bool:
    return isinstance(found.progress, Progress) and found.progress.share >= 1


def _last_check(found: KeyResultState) -> CheckIn | None:
    return found.check_ins[-1] if found.check_ins else None


def _days_since(found: KeyResultState, today: dt.date) -> int:
    last = _last_check(found)
    return (today - (last.checked_on if last else found.key_result.baseline_date)).days
