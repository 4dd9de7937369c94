"""Which of the two languages a reader gets, and how each forms its plurals."""

from __future__ import annotations

from typing import Literal, get_args

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "fr"


def pick_language(*, asked: str | None = None, person: str | None = None, accept: str | None = None) -> Language:
    """Choose the reader's language: the address, then the person's own, then the browser's, then French.

    asked: the address's `lang` parameter; person: the language in the register of people; accept: an
        Accept-Language header. What is neither French nor English is passed over.

    >>> pick_language(accept="de-DE,en-GB;q=0.8,fr;q=0.5")
    'en'
    >>> pick_language(asked="fr", person="en")
    'fr'
    """
    for tag in (asked, person, *_accepted(accept or "")):
        language = known_language(tag)
        if language is not None:
            return language
    return DEFAULT_LANGUAGE


def known_language(tag: str | None) -> Language | None:
    """Give the language of a tag such as "en-GB", or None when it is neither French nor English."""
    primary = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def plural_index(n: float, language: Language) -> int:
    """Tell which form a number takes: 0 the singular, 1 the plural (French counts 0 and 1.5 as singular)."""
    if language == "fr":
        return int(abs(n) >= 2)
    return int(n != 1)


def _accepted(header: str) -> list[str]:
    """List the tags of an Accept-Language header, the most wanted first; a weight of 0 bars a tag."""
    weighted = []
    for part in header.split(","):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.partition("=")[2] or 1)
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighted.append((weight, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]
