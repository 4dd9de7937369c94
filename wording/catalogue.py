"""The catalogues beside this module, read one domain and one language at a time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from wording.languages import Language, plural_index
from wording.typography import APOSTROPHE

CATALOGUES = Path(__file__).parent / "catalogues"


class UnknownWord(KeyError):
    """No catalogue of that language has this code, or its phrase needs an argument that was not given."""

    def __init__(self, code: str, language: Language, missing: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.language = language
        self.missing = missing

    def __str__(self) -> str:
        reason = f"needs {{{self.missing}}}" if self.missing else "is in no catalogue"
        return f"{self.code} ({self.language}) {reason}"


def fill(code: str, language: Language, words: Mapping[str, str], n: float | None = None) -> str:
    """Fill one phrase's placeholders with words that are ready to be shown; n picks the plural.

    Raises UnknownWord, naming the code and, if that is what is missing, the placeholder.
    """
    forms = codes(code.partition(".")[0], language).get(code)
    if forms is None:
        raise UnknownWord(code, language)
    index = 0 if n is None else plural_index(n, language)
    try:
        return forms[min(index, len(forms) - 1)].format_map(words)
    except KeyError as missing:
        raise UnknownWord(code, language, str(missing.args[0])) from missing


def knows(code: str, language: Language) -> bool:
    """Tell whether a phrase exists."""
    return code in codes(code.partition(".")[0], language)


def domains() -> tuple[str, ...]:
    """List the catalogues there are, in either language, by name."""
    return tuple(sorted({path.stem for path in CATALOGUES.glob("*/*.po")}))


@cache
def codes(domain: str, language: Language) -> Mapping[str, tuple[str, ...]]:
    """Give every code of one catalogue with its forms: one, or singular and plural.

    Each is read once, at its first use, so that a command line starts with what it needs.
    """
    path = CATALOGUES / language / f"{domain}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {_code(message.id): _forms(message.string) for message in read_po(file) if message.id}


def _code(message_id: str | list[str] | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _forms(message_string: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    forms = tuple(message_string) if isinstance(message_string, list | tuple) else (message_string or "",)
    return tuple(form.replace("'", APOSTROPHE) for form in forms)
