"""Rewrites a delimited text so that one character delimits and no quote is escaped, and gives the cells their own back.

A delimiter of several characters and each escaped character is replaced by a control character that the text does not
hold; what Arrow and Python's reader can cut is left. Afterwards the stand-ins in the cells become what they stood for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from loaders.records import Form

CONTROLS = "\x1f\x1e\x1d\x1c\x1b\x19\x18\x17\x16\x15\x14\x13\x12\x11\x10\x0f"
PRIVATE_USE = map(chr, range(0xE000, 0xF900))
CANDIDATES = (*CONTROLS, *PRIVATE_USE)


@dataclass(frozen=True, slots=True)
class StandIn:
    """One sequence of a text, the control character in its stead, and what it means inside a cell."""

    sequence: str
    character: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Rewriting:
    """How a text is rewritten; form: how the rewritten text is cut."""

    form: Form
    stand_ins: tuple[StandIn, ...]

    @property
    def changes(self) -> bool:
        """Whether anything is replaced at all."""
        return bool(self.stand_ins)

    def text(self, text: str) -> str:
        """Rewrite a text."""
        for stand_in in self.stand_ins:
            text = text.replace(stand_in.sequence, stand_in.character)
        return text

    def column(self, column: pa.StringArray) -> pa.StringArray:
        """Give a column of cells their own characters back."""
        for stand_in in self.stand_ins:
            column = pc.replace_substring(column, pattern=stand_in.character, replacement=stand_in.meaning)
        return column


def rewriting(form: Form, text: str) -> Rewriting:
    """Find how to rewrite a text of some form.

    >>> rewriting(Form("||", None), "a||b").text("a||b")
    'a\\x1fb'
    """
    free = (character for character in CANDIDATES if character not in text)
    stand_ins = []
    simple = replace(form, escape=None)
    if form.escape is not None:
        escaped = [form.escape, form.quote or "", form.delimiter]
        stand_ins += [StandIn(form.escape + mark, next(free), mark) for mark in escaped if mark]
    if len(form.delimiter) > 1:
        simple = replace(simple, delimiter=next(free))
        stand_ins.append(StandIn(form.delimiter, simple.delimiter, form.delimiter))
    return Rewriting(simple, tuple(stand_ins))
