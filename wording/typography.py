"""Where French wants a space that never breaks."""

from __future__ import annotations

import re

NBSP = "\N{NO-BREAK SPACE}"
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"  # typed as ' in the catalogues
MINUS = "\N{MINUS SIGN}"

_MONTHS = "janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc"
_UNITS = "jours?|semaines?|mois|trimestres?|ans?|années?|points?|j|h|min|s|ms|€|k€|M€|kg|km|m|t|%|‰|/10|/20"
_BEFORE_MARK = re.compile(r"[ \u202f](?=[;:?!%‰»])")
_AFTER_OPENING = re.compile(r"«[ \u202f]")
_AFTER_NUMBER = re.compile(rf"(?<=\d)[ \u202f](?=(?:{_UNITS})(?![\w/])|(?:{_MONTHS}))|(?<=\b1er)[ \u202f](?=\w)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\u202f(?=\d)")


def french_spaces(text: str) -> str:
    """Bind what French typography binds, with U+00A0 (our fonts lack U+202F).

    A space before ; : ? ! % ‰ », after «, and between a number and its unit or month becomes a
    no-break space. No space is invented, so an address or a time of day stays as it is.

    >>> french_spaces("Perdu ? « 12,5 j » le 30 mars : https://a.b?c=1")
    'Perdu\\xa0? «\\xa012,5\\xa0j\\xa0» le 30\\xa0mars\\xa0: https://a.b?c=1'
    """
    text = _BEFORE_MARK.sub(NBSP, text)
    text = _AFTER_OPENING.sub(f"«{NBSP}", text)
    text = _AFTER_NUMBER.sub(NBSP, text)
    return _BETWEEN_DIGITS.sub(NBSP, text)
