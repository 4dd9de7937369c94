"""Which number a cell names: decimal comma or point, thousands, signs, percentages, and what stands for missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.grid import Kind

# Blank, no-break (U+00A0), figure, thin (U+2009) and narrow no-break (U+202F) spaces; both apostrophes (Swiss).
_BLANKS = " \t\u00a0\u2007\u2009\u202f"
_GROUPING = f"[{_BLANKS}'\u2019]"
_CURRENCY = r"[€$£¥]|EUR|USD|GBP|CHF"
_UNSURE = r"^[+\-−(]?[1-9]\d{{0,2}}{}\d{{3}}[)\-]?$"
_PLAIN = r"^[+-]?\d+(\.\d+)?$"
_ERRORS = r"(?i)^#(DIV/0!|REF!|VALUE!|VALEUR!|NAME\?|NOM\s?\?|NULL!|NUL!|NUM!|NOMBRE!|N/A|SPILL!|CALC!|GETTING_DATA)$"
# How statistical tables write that there is no value (":" , ".." and "z" are the usual symbols of official ones).
_MISSING = (
    r"(?i)^(-{1,3}|–|—|:|\.{1,3}|…|\*{1,2}|/|\?|n/?a|n\.a\.?|n/?d|n\.d\.?|n/?c|n\.c\.?|s\.?o\.?|ns|null|nul|none|nan|nil"
    r"|missing|manquant|manquante|absent|not available|non disponible|indisponible|not applicable|sans objet|z|x|\[x\]|\[c\]|\[z\])$"
)


class DecimalSign(StrEnum):
    """What separates units from decimals."""

    COMMA = ","
    POINT = "."


class Content(IntEnum):
    """What a cell of a column of values turned out to be."""

    EMPTY = 0
    NUMBER = 1
    MISSING = 2  # a mark that says there is no value
    ERROR = 3  # #DIV/0! and the like
    TEXT = 4  # neither: a fault


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


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A column of cells read as numbers.

    value: shape (n_rows,), NaN where content is not Content.NUMBER.
    content: shape (n_rows,), `Content` values.
    percent: which cells were written or shown with a percent sign; 95 % is 95.
    """

    value: npt.NDArray[np.float64]
    content: npt.NDArray[np.uint8]
    percent: npt.NDArray[np.bool_]


def decimal_evidence(texts: pa.StringArray) -> DecimalEvidence:
    """Weigh what a column of texts proves about its decimal sign.

    >>> decimal_evidence(pa.array(["1 234,5", "12"])).sign
    <DecimalSign.COMMA: ','>
    >>> decimal_evidence(pa.array(["1,234", "2,500"]))
    DecimalEvidence(comma=0, point=0, unsure_comma=2, unsure_point=0)
    """
    marked = texts.filter(pc.fill_null(pc.match_substring_regex(texts, r"\d?[.,]\d"), False))
    if not len(marked):
        return DecimalEvidence()
    bare = pc.replace_substring_regex(marked, rf"{_GROUPING}|{_CURRENCY}|%", "")
    return DecimalEvidence(
        comma=_count(bare, _proof(",", r"\.")), point=_count(bare, _proof(r"\.", ",")),
        unsure_comma=_count(bare, _UNSURE.format(",")),
        unsure_point=_count(bare, _UNSURE.format(r"\.")),
    )  # fmt: skip


def read_numbers(
    texts: pa.StringArray,
    *,
    kinds: npt.NDArray[np.uint8] | None = None,
    percent: npt.NDArray[np.bool_] | None = None,
    decimal: DecimalSign = DecimalSign.POINT,
) -> NumberColumn:
    """Read a column of cells as numbers.

    kinds: what a workbook says each cell is; its NUMBER cells need no decimal sign. None: text only.
    percent: workbook cells shown as percentages, held as shares; they are read times 100.

    >>> column = read_numbers(pa.array(["1 234,5", "(12)", "n/a", "12 j", None]), decimal=DecimalSign.COMMA)
    >>> column.value.tolist(), [Content(code).name for code in column.content]
    ([1234.5, -12.0, nan, nan, nan], ['NUMBER', 'NUMBER', 'MISSING', 'TEXT', 'EMPTY'])
    """
    plain = _plain(texts, kinds, decimal)
    easy: npt.NDArray[np.bool_] = plain.to_numpy(zero_copy_only=False)
    values = pc.cast(pc.if_else(plain, texts, None), pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    content = np.where(easy, np.uint8(Content.NUMBER), np.uint8(Content.EMPTY))
    shown_percent = np.zeros(len(texts), np.bool_)
    if not easy.all():
        rest = np.flatnonzero(~easy)
        values[rest], content[rest], shown_percent[rest] = _read_rest(texts.take(pa.array(rest)), decimal)
    if kinds is not None:
        odd = np.isin(kinds, (Kind.DATE, Kind.BOOL, Kind.TIME, Kind.DURATION))
        values[odd], content[odd] = np.nan, Content.TEXT
        content[kinds == Kind.ERROR] = Content.ERROR
    unbounded = (content == Content.NUMBER) & ~np.isfinite(values)
    values[unbounded], content[unbounded] = np.nan, Content.TEXT
    if percent is not None:
        shares = percent & (content == Content.NUMBER)
        values[shares] = np.round(values[shares] * 100, 10)
        shown_percent = shown_percent | shares
    return NumberColumn(values, content, shown_percent)


def _plain(texts: pa.StringArray, kinds: npt.NDArray[np.uint8] | None, decimal: DecimalSign) -> pa.BooleanArray:
    """Say which cells are numbers as they are written, with a point or none: nothing has to be taken out of them."""
    plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN), False)
    if kinds is not None:
        plain = pc.or_(plain, pa.array(kinds == Kind.NUMBER))
    if decimal is DecimalSign.POINT:
        return plain
    point = pc.fill_null(pc.match_substring(texts, "."), False)
    if kinds is not None:
        point = pc.and_(pa.array(kinds != Kind.NUMBER), point)
    return pc.and_(plain, pc.invert(point))


def is_number(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Say which texts are numbers under one decimal sign or the other; nulls are not."""
    cleaned = _bare(texts)
    either = pc.or_(
        pc.match_substring_regex(cleaned, _number_in(DecimalSign.COMMA)),
        pc.match_substring_regex(cleaned, _number_in(DecimalSign.POINT)),
    )
    found: npt.NDArray[np.bool_] = pc.fill_null(either, False).to_numpy(zero_copy_only=False)
    return found


def is_missing_mark(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Say which texts stand for a missing value."""
    marks = pc.match_substring_regex(pc.utf8_trim_whitespace(texts), _MISSING)
    found: npt.NDArray[np.bool_] = pc.fill_null(marks, False).to_numpy(zero_copy_only=False)
    return found


def _read_rest(
    texts: pa.StringArray, decimal: DecimalSign
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    encoded = texts.dictionary_encode()
    distinct, index = encoded.dictionary, encoded.indices
    trimmed = pc.utf8_trim_whitespace(distinct)
    cleaned = _bare(distinct)
    number = pc.match_substring_regex(cleaned, _number_in(decimal))
    thousands = rf"{_GROUPING}|" + (r"\." if decimal is DecimalSign.COMMA else ",")
    written = pc.replace_substring(pc.replace_substring_regex(cleaned, thousands, ""), ",", ".")
    written = pc.replace_substring_regex(written, r"^\((.*)\)$", r"-\1")
    written = pc.replace_substring_regex(written, r"^(.*)-$", r"-\1")
    written = pc.replace_substring(written, "+", "")
    values = pc.cast(pc.if_else(number, written, None), pa.float64())
    content = pc.case_when(
        pc.make_struct(
            number,
            pc.equal(trimmed, ""),
            pc.match_substring_regex(trimmed, _ERRORS),
            pc.match_substring_regex(trimmed, _MISSING),
        ),
        *(pa.scalar(int(code), pa.uint8()) for code in (Content.NUMBER, Content.EMPTY, Content.ERROR, Content.MISSING)),
        pa.scalar(int(Content.TEXT), pa.uint8()),
    )
    percents = pc.and_(number, pc.match_substring(trimmed, "%"))
    return (
        pc.take(values, index).to_numpy(zero_copy_only=False).astype(np.float64),
        pc.fill_null(pc.take(content, index), int(Content.EMPTY)).to_numpy(zero_copy_only=False),
        pc.fill_null(pc.take(percents, index), False).to_numpy(zero_copy_only=False),
    )


def _bare(texts: pa.StringArray) -> pa.StringArray:
    signed = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), "[−–]", "-")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(signed, rf"[{_BLANKS}]*(%|{_CURRENCY})[{_BLANKS}]*", ""))


def _number_in(decimal: DecimalSign) -> str:
    sign = "," if decimal is DecimalSign.COMMA else r"\."
    other = r"\." if decimal is DecimalSign.COMMA else ","
    separator = rf"(?:{_GROUPING}|{other})"
    whole = rf"(?:\d{{1,3}}(?:{separator}\d{{3}})+|\d+)"
    number = rf"(?:{whole}(?:{sign}\d*)?|{sign}\d+)(?:[eE][+-]?\d{{1,3}})?"
    return rf"^(?:[+-]?[{_BLANKS}]?{number}|{number}-|\({number}\))$"


def _proof(sign: str, other: str) -> str:
    """Match what only one decimal sign explains: one or two decimals, four or more, 0,123, 1.234,567, 1.234.567."""
    return (
        rf"^[^.,]*\d*{sign}\d{{1,2}}([^\d.,]|$)|^[^.,]*{sign}\d{{4,}}([^\d.,]|$)|^\D*0{sign}\d+$"
        rf"|\d{other}\d{{3}}{sign}\d|\d{other}\d{{3}}{other}\d{{3}}|^\D*\d{{4,}}{sign}\d"
    )


def _count(texts: pa.StringArray, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0)
