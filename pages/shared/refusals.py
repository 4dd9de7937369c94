"""What the record refused, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.access import Forbidden
from wording import Language, say

if TYPE_CHECKING:
    from data.access import Refused


def refused_words(refusal: Refused | Forbidden, language: Language) -> str:
    """Word a refusal of the gate: what is missing or contradictory and how to mend it, or that the right is missing."""
    if isinstance(refusal, Forbidden):
        return say("shared.error.forbidden", language)
    return say(f"refused.{refusal.code}", language, **refusal.details)
