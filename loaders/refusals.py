"""Puts a refusal into one sentence or two: what was found, what was expected, how to mend it."""

from __future__ import annotations

import re

from loaders.grid import Refusal
from wording import Language, say


def refusal_sentence(refusal: Refusal, language: Language) -> str:
    """Word a refusal, its sheet named first where there is one.

    >>> refusal_sentence(Refusal("too_many_rows", sheet="Mars", found=2_000_000, limit=1_048_576), "en")[:58]
    'Sheet “Mars”: There are 2,000,000 rows; at most 1,048,576 '
    """
    details = dict(refusal.details)
    if refusal.code == "not_a_table":
        found = details["found"]
        details["found"] = say(f"{refusal.domain}.found.{found}", language)
        details["mend"] = say(f"{refusal.domain}.mend.{found}", language)
    for name in ("column", "headings", "found"):
        if name in details and (name != "found" or refusal.code == "question_period"):
            details[name] = quoted(str(details[name]), language)
    sentence = say(refusal.word, language, **details)
    sheet = details.get("sheet")
    if sheet and refusal.code != "unknown_sheet":
        return say("loaders_reading.in_sheet", language, sheet=sheet, sentence=sentence)
    return sentence


def quoted(columns: str, language: Language) -> str:
    """Put the headings by which columns are named into the language's own quotation marks.

    >>> quoted("A “date”", "fr")
    'A «\\xa0date\\xa0»'
    """
    return re.sub("“([^”]*)”", lambda found: say("shared.quoted", language, text=found[1]), columns)
