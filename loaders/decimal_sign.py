"""Whether a comma or a point separates the decimals of a file's numbers, weighed from all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.arrays import index_array
from loaders.plain_numbers import Plainness, cast_whole, has_byte, plainness

# Blank, no-break (U+00A0), figure, punctuation, thin (U+2009), hair and narrow no-break (U+202F) spaces; apostrophes.
BLANKS = " \t\u00a0\u2007\u2008\u2009\u200a\u202f"
GROUPING = f"[{BLANKS}'\u2019\u02bc`]"
_CURRENCY = r"[€$£¥]|EUR|USD|GBP|CHF"
_UNSURE = r"^[+\-−(]?[1-9]\d{{0,2}}{}\d{{3}}[)\-]?$"
CHUNK = 50_000  # rows


class DecimalSign(StrEnum):
    """What separates units from decimals."""

    COMMA = ","
    POINT = "."


@dataclass(frozen=True, slots=True)
class DecimalEvidence:
    """How many texts prove each decimal sign, and how many read both ways: 1,234 and 1.234."""

    comma: int = 0
    point: int = 0
    unsure_comma: int = 0
    unsure_point: int = 0

    def __add__(self, other: DecimalEvidence) -> DecimalEvidence:
        return DecimalEvidence(
            self.comma + other.comma,
            self.point + other.point,
            self.unsure_comma + other.unsure_comma,
            self.unsure_point + other.unsure_point,
        )

    @property
    def sign(self) -> DecimalSign | None:
        """The sign proved; None when nothing proves one."""
        if self.comma == self.point:
            return None
        return DecimalSign.COMMA if self.comma > self.point else DecimalSign.POINT


def decimal_evidence(texts: pa.StringArray) -> DecimalEvidence:
    """Weigh what a column of texts proves about its decimal sign.

    >>> decimal_evidence(pa.array(["1 234,5", "12"])).sign
    <DecimalSign.COMMA: ','>
    >>> decimal_evidence(pa.array(["1,234", "2,500"]))
    DecimalEvidence(comma=0, point=0, unsure_comma=2, unsure_point=0)
    """
    if len(texts) > CHUNK and not has_byte(texts, ",") and cast_whole(texts) is not None:
        for start in range(0, len(texts), CHUNK):  # no comma, one point at most: the first proof is enough
            found = _evidence_in(texts.slice(start, CHUNK))
            if found.point:
                return found
    return _evidence_in(texts)


def _evidence_in(texts: pa.StringArray) -> DecimalEvidence:
    plain = plainness(texts)
    rest = np.flatnonzero(~plain.either)
    return _plain_evidence(plain) + (_odd_evidence(texts.take(index_array(rest))) if len(rest) else DecimalEvidence())


def _plain_evidence(plain: Plainness) -> DecimalEvidence:
    """Count the proofs among plain numbers: decimals other than three, 0,123, and four digits or more before them."""
    proved = (plain.decimals != 3) | plain.first_zero | (plain.before > 3)
    unsure = ~proved & (plain.before > 0) & ~plain.leading_zero
    return DecimalEvidence(
        comma=int((plain.comma & proved).sum()),
        point=int((plain.point & proved).sum()),
        unsure_comma=int((plain.comma & unsure).sum()),
        unsure_point=int((plain.point & unsure).sum()),
    )


def _odd_evidence(texts: pa.StringArray) -> DecimalEvidence:
    """Count the proofs among texts that hold more than a plain number."""
    marked = texts.filter(pc.fill_null(pc.match_substring_regex(texts, r"\d?[.,]\d"), False))
    if not len(marked):
        return DecimalEvidence()
    bare = pc.replace_substring_regex(marked, rf"{GROUPING}|{_CURRENCY}|%", "")
    return DecimalEvidence(
        comma=_count(bare, _proof(",", r"\.")), point=_count(bare, _proof(r"\.", ",")),
        unsure_comma=_count(bare, _UNSURE.format(",")),
        unsure_point=_count(bare, _UNSURE.format(r"\.")),
    )  # fmt: skip


def _proof(sign: str, other: str) -> str:
    """Match what only one decimal sign explains: one or two decimals, four or more, 0,123, 1.234,567, 1.234.567."""
    return (
        rf"^[^.,]*\d*{sign}\d{{1,2}}([^\d.,]|$)|^[^.,]*{sign}\d{{4,}}([^\d.,]|$)|^\D*0{sign}\d+$"
        rf"|\d{other}\d{{3}}{sign}\d|\d{other}\d{{2,3}}{other}\d{{3}}|^\D*\d{{4,}}{sign}\d"
    )


def _count(texts: pa.StringArray, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0)
