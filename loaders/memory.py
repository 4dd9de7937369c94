"""What is remembered of a source: how it was read last time, how it is known again, and what differs this time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from data import mappings
from data.types import SourceMapping
from loaders.choices import Choices, ColumnRole
from loaders.dates import Period, read_period
from loaders.findings import Interpretation
from loaders.keys import CLOSE_SPELLING, plain_heading, spelling
from loaders.layout import Layout, LayoutKind
from loaders.mapping import fingerprint
from loaders.words import heading_means, same_unit, split_unit
from wording import Language, say

ENOUGH_ALIKE = 0.6  # of the headings of both files: one of four changed is the same source, two of three are not
_ONE_EACH = ("site_code", "site_name", "period", "metric", "unit")
_VALUES = (ColumnRole.VALUE, ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was when the source was last loaded.

    code: column_new, column_missing, column_renamed, unit_changed or sheet_changed.
    column: its letter and heading as they are now; None when it is missing, or for the whole file.
    was, now: the heading, unit or sheet of then and of now; "" = none.
    """

    code: str
    column: str | None = None
    was: str = ""
    now: str = ""


class Seen(BaseModel):
    """How a source looked when it was last loaded. units: by metric, as the file names it."""

    model_config = ConfigDict(frozen=True)

    kind: LayoutKind | None = None
    sheet: str | None = None
    file: str = ""  # its name without extension, digits and periods
    site: str | None = None  # the site of the whole file, when one was named
    columns: tuple[str, ...] = ()
    units: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Memory:
    """How a source was read last time: the choices made then, and how it looked."""

    choices: Choices
    seen: Seen


@dataclass(frozen=True)
class Recalled:
    """A source known again: last time's choices under this file's headings, and how its columns differ."""

    choices: Choices
    seen: Seen
    differences: tuple[Difference, ...] = ()


def source_mapping(found: Interpretation, choices: Choices, remembered: Choices, file_name: str) -> SourceMapping:
    """Make the record of how a source was read, and of how it looked.

    choices: those the file was read by. remembered: what of them holds for the next file.
    """
    seen = Seen(
        kind=found.layout.kind,
        sheet=found.layout.sheet,
        file=_stem(file_name),
        site=choices.site,
        columns=tuple(column.heading for column in found.layout.label_columns),
        units={metric.name: metric.unit for metric in found.metrics if metric.n_observations},
    )
    text = {**json.loads(remembered.to_json()), "seen": seen.model_dump(mode="json", exclude_defaults=True)}
    written = json.dumps(text, sort_keys=True, ensure_ascii=False)
    return mappings.source_mapping(_source_key(found.mapping.fingerprint, seen), file_name, written)


def from_text(text: str) -> Memory:
    """Read what was remembered.

    >>> from_text('{"year": 2026, "seen": {"sheet": "Mars"}}').seen.sheet
    'Mars'
    """
    parts = json.loads(text)
    seen = Seen.model_validate(parts.pop("seen", {}))
    return Memory(Choices.model_validate(parts), seen)


def recall(stored: Iterable[SourceMapping], layout: Layout, file_name: str, site: str | None = None) -> Recalled | None:
    """Find how this source was read last time; None when nothing on record looks like it.

    The same headings in any order are the same source, first that of the same files, then of the same site. Failing
    that, the source most of whose headings are the same or nearly so, when a column of values is among them.
    """
    wanted = fingerprint(layout)
    memories = [(mapping.fingerprint, from_text(mapping.mapping)) for mapping in stored]
    same = [
        memory
        for key, memory in memories
        if key == wanted or (memory.seen.columns and key == _source_key(wanted, memory.seen))
    ]
    mine = Seen(file=_stem(file_name), site=site)
    if same:
        best = max(enumerate(same), key=lambda one: (*_kinship(one[1].seen, mine), one[0]))[1]
        return Recalled(best.choices, best.seen)
    rated = [
        (_likeness(pairs, memory.seen, layout), *_kinship(memory.seen, mine), at, memory, pairs)
        for at, (_, memory) in enumerate(memories)
        if memory.seen.kind is layout.kind
        and (pairs := _pairs(memory, [column.heading for column in layout.label_columns]))
        and _holds_values(pairs, memory, layout)
    ]
    close = [one for one in rated if one[0] >= ENOUGH_ALIKE]
    if not close:
        return None
    *_, memory, pairs = max(close, key=lambda one: one[:4])
    return _translated(memory, pairs, layout)


def differences(recalled: Recalled, found: Interpretation) -> tuple[Difference, ...]:
    """Say all that differs from last time: the columns, the sheet, and the units of metrics that were there."""
    others = []
    now, was = found.layout.sheet or "", recalled.seen.sheet or ""
    if was and now and _timeless(was) != _timeless(now):
        others.append(Difference("sheet_changed", None, was, now))
    told = {(one.was, one.now) for one in recalled.differences if one.code == "unit_changed"}
    for metric in found.metrics:
        before = recalled.seen.units.get(metric.name)
        if before is None or same_unit(before, metric.unit) or (before, metric.unit) in told:
            continue
        column = next((one.shown for one in found.layout.columns if one.heading == metric.heading), None)
        others.append(Difference("unit_changed", column, before, metric.unit))
    return (*recalled.differences, *others)


def difference_sentence(difference: Difference, language: Language) -> str:
    """Say one difference from last time."""
    code = difference.code
    if code == "unit_changed" and not (difference.was and difference.now):
        code = "unit_added" if difference.now else "unit_gone"
    column = (difference.column or "").partition(" ")[2].strip("“”") or difference.column or difference.now
    return say(f"loaders_values.difference.{code}", language, column=column, was=difference.was, now=difference.now)


def _source_key(fingerprint_: str, seen: Seen) -> str:
    """Name a source: by its headings, the name of its files and the site that was named for them."""
    return hashlib.sha256("\n".join([fingerprint_, seen.file, seen.site or ""]).encode()).hexdigest()[:32]


def _stem(file_name: str) -> str:
    return _timeless(Path(file_name).stem)


def _timeless(text: str) -> str:
    """Leave out of a name what changes from one period to the next: digits, months, dates."""
    words = (_DIGITS.sub("", word) for word in plain_heading(text).split())
    return " ".join(word for word in words if word and not isinstance(read_period(word, year=2000), Period))


def _kinship(theirs: Seen, mine: Seen) -> tuple[bool, bool]:
    return theirs.site == mine.site, theirs.file == mine.file


def _pairs(memory: Memory, now: Sequence[str]) -> dict[str, str]:
    """Pair the headings of then with those of now: alike, another unit, nearly spelt so, or of one meaning."""
    left = list(now)
    pairs: dict[str, str] = {}
    for alike in (_same_heading, _same_name, _nearly_spelt, _same_meaning):
        for was in memory.seen.columns:
            if was not in pairs:
                twin = next((heading for heading in left if alike(was, heading, memory.choices)), None)
                if twin is not None:
                    pairs[was] = twin
                    left.remove(twin)
    return pairs


def _same_heading(was: str, now: str, _: Choices) -> bool:
    return plain_heading(was) == plain_heading(now)


def _same_name(was: str, now: str, _: Choices) -> bool:
    return plain_heading(split_unit(was)[0]) == plain_heading(split_unit(now)[0])


def _nearly_spelt(was: str, now: str, _: Choices) -> bool:
    one, other = (plain_heading(split_unit(text)[0]) for text in (was, now))
    return _DIGITS.findall(one) == _DIGITS.findall(other) and spelling(one, other) >= CLOSE_SPELLING


def _same_meaning(was: str, now: str, choices: Choices) -> bool:
    role, means = choices.roles.get(was), heading_means(now)
    return role is not None and means is not None and role.value == means[0] and role.value in _ONE_EACH


def _likeness(pairs: Mapping[str, str], seen: Seen, layout: Layout) -> float:
    return len(pairs) / (len(seen.columns) + len(layout.label_columns) - len(pairs))


def _holds_values(pairs: Mapping[str, str], memory: Memory, layout: Layout) -> bool:
    return layout.kind is not LayoutKind.LONG or any(memory.choices.roles.get(was) in _VALUES for was in pairs)


def _translated(memory: Memory, pairs: Mapping[str, str], layout: Layout) -> Recalled:
    """Lay last time's choices under this file's headings; what belongs to a missing column falls away."""
    shown = {column.heading: column.shown for column in layout.label_columns}
    differences = []
    for was in memory.seen.columns:
        if was not in pairs:
            differences.append(Difference("column_missing", None, was))
        elif plain_heading(was) != plain_heading(pairs[was]):
            differences.append(_renamed(was, pairs[was], shown))
    new = [heading for heading in shown if heading not in pairs.values()]
    differences += [Difference("column_new", shown[heading], "", heading) for heading in new]
    return Recalled(_moved(memory.choices, pairs, memory.seen), memory.seen, tuple(differences))


def _renamed(was: str, now: str, shown: Mapping[str, str]) -> Difference:
    (name, unit), (other, other_unit) = split_unit(was), split_unit(now)
    if plain_heading(name) == plain_heading(other):
        return Difference("unit_changed", shown[now], unit or "", other_unit or "")
    return Difference("column_renamed", shown[now], was, now)


def _moved(choices: Choices, pairs: Mapping[str, str], seen: Seen) -> Choices:
    """Name columns as they are headed now. A unit that was chosen for a heading with another unit does not hold."""
    gone = {plain_heading(was) for was in seen.columns if was not in pairs}
    now = {plain_heading(was): heading for was, heading in pairs.items()}
    short = {plain_heading(split_unit(was)[0]): split_unit(heading)[0] for was, heading in pairs.items()}
    other_unit = {split_unit(h)[0] for was, h in pairs.items() if split_unit(was)[1] != split_unit(h)[1]}

    def moved(name: str) -> str:
        return now.get(plain_heading(name)) or short.get(plain_heading(name)) or name

    metrics = {
        moved(name): choice.model_copy(update={"unit": None}) if split_unit(moved(name))[0] in other_unit else choice
        for name, choice in choices.metrics.items()
    }
    rates = tuple(
        rate.model_copy(update={"numerator": moved(rate.numerator), "denominator": moved(rate.denominator)})
        for rate in choices.rates
        if not {plain_heading(rate.numerator), plain_heading(rate.denominator)} & gone
    )
    roles = {moved(name): role for name, role in choices.roles.items() if plain_heading(name) not in gone}
    orders = {moved(name): order for name, order in choices.date_orders.items()}
    return choices.model_copy(update={"roles": roles, "metrics": metrics, "rates": rates, "date_orders": orders})
