"""When two names are the same name: headings, site names and their look-alikes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher

from data.sites import name_key

# Letters of other alphabets that no reader tells from a Latin one (Unicode TR39 confusables, the common ones).
_LOOKALIKES = str.maketrans(
    "авеёзіјкмнорсѕтухһԁԛԝɡαβεικνορτυχγ" "АВЕЗІЈКМНОРСЅТУХԌΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "abee3ijkmhopcstyxhdqwgabeiknoptuxy" "ABE3IJKMHOPCSTYXGABEZHIKMNOPTYX",
)  # fmt: skip
_NOT_WORD = re.compile(r"[^a-z0-9%€$/]+")
SHORT_WORD = 5
CLOSE_SPELLING = 0.82  # "indicatuer" for "indicateur" is 0.9
NEAR_NAME = 0.74  # one letter of four: "Lyom" for "Lyon" is 0.75; such a name is only offered, never taken


def plain_heading(text: str) -> str:
    """Write a heading without case, accents, punctuation and underscores, so that headings can be compared.

    >>> plain_heading(" Délai_moyen (J) "), plain_heading("orgCode")
    ('delai moyen j', 'orgcode')
    """
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return _NOT_WORD.sub(" ", bare.lower()).strip()


def tidy(text: str) -> str:
    """Give a name in NFC, without zero-width and direction marks, with single blanks.

    >>> tidy(" Saint\u200b-Étienne\u00a0 Nord ")
    'Saint-Étienne Nord'
    """
    if text.isascii():
        return " ".join(text.split())
    visible = "".join(sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cf")
    return " ".join(visible.split())


def skeleton(text: str) -> str:
    """Write a name as the eye sees it: letters that look Latin become Latin.

    >>> skeleton("Lуon") == skeleton("Lyon"), "Lуon" == "Lyon"
    (True, False)
    """
    return name_key(text.translate(_LOOKALIKES))


def look_alikes(names: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    """Find names that the eye takes for another one: {name: the one it looks like}."""
    by_skeleton = {skeleton(name): name for name in known}
    found: dict[str, str] = {}
    for name in names:
        twin = by_skeleton.setdefault(skeleton(name), name)
        if name_key(twin) != name_key(name):
            found[name] = twin
    return found


def nearest(name: str, among: Collection[str], *, at_most: int = 3, cutoff: float = NEAR_NAME) -> tuple[str, ...]:
    """Find the names spelt most like this one, best first.

    >>> nearest("Lyonn", ["Lyon", "Paris"]), nearest("Lyom", ["Lyon", "Lille"])
    (('Lyon',), ('Lyon',))
    """
    wanted = plain_heading(name)
    scored = sorted(((spelling(wanted, plain_heading(other)), other) for other in among), reverse=True)
    return tuple(other for score, other in scored[:at_most] if score >= cutoff)


def nearly_same(left: str, right: str) -> bool:
    """Say whether two names differ by spelling only: word for word alike, short words and numbers the same.

    >>> nearly_same("Retards livraison", "retard livraisons"), nearly_same("Erreurs A", "Erreurs B")
    (True, False)
    """
    ours, theirs = plain_heading(left).split(), plain_heading(right).split()
    if len(ours) != len(theirs):
        return False
    return all(
        one == other or (min(len(one), len(other)) >= SHORT_WORD and spelling(one, other) >= CLOSE_SPELLING)
        for one, other in zip(ours, theirs, strict=True)
    )


def spelling(left: str, right: str) -> float:
    """Say how alike two plain texts are spelt, from 0 to 1."""
    if left == right:
        return 1.0
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= 0.5 else 0.0
