"""How French and English offices write months, weekdays, weeks and times of day."""

from __future__ import annotations

import re
import unicodedata

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev feb february",
            "mars mar march",
            "avril avr apr april",
            "mai may",
            "juin jun june",
            "juillet juil jul july",
            "aout aou aug august",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
MONTH_NAME = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_DAY_NAMES = (
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mer|jeu|ven|sam|dim|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday|mon|tues?|wed|thur?s?|fri|sat|sun"
)
# "mar." is Tuesday or March: before a whole date it can only be the weekday.
WEEKDAY = re.compile(
    rf"^(?:(?:{_DAY_NAMES})\b[.,]?|mar[.,]?(?= \d{{1,2}}(?:er)?[-/. ]+(?:\d{{1,2}}[-/. ]+\d{{2,4}}|[a-z]+\.?[-/. ]+\d{{2,4}})))"
    r"\s+(?:le )?(?=\d|[a-z])(?!\d{4}$)"
)
WEEK_STARTS = re.compile(
    r"^(?:semaine (?:du|commencant le)|sem\.? du|week (?:of|from)|week (?:commencing|beginning|starting)|w/?[cb])[ :]+(?=.*\d)"
)
WEEK_ENDS = re.compile(
    r"^(?:semaine (?:finissant|terminee|se terminant) le|week (?:ending|ended|to)|w/?e)[ :]+(?=.*\d)"
)
WEEK_MARK = r"(?:semaine|sem|week|wk|kw|s|w)\.?"
QUARTER_MARK = r"(?:q|t|trim\.?|quarter|trimestre|qtr)"
HALF_MARK = r"(?:h|half|semestre|half-year|half year)"
TIME = (
    r"(?:(?:[t ]| a )+\d{1,2}(?::\d{2}(?::\d{2}(?:[.,]\d+)?)?|h\d{0,2})(?: ?[ap]\.?m\.?)?"
    r"(?: ?(?:z|utc|gmt|cet|cest|bst)| ?[+-]\d{2}:?\d{2})?)?"
)
YEAR = r"(\d{4}|'?\d{2})"
GAP = r"[-/. ,]*"

# Says that the figures of a period are provisional, revised or explained in a note, not that they are foreseen.
FLAG = re.compile(
    r"(?<=[a-z\d.])\s*(?:[\[(](?:p|r|prov\.?|provisional|provisoires?|revised|revise[es]*|note \d{1,2}|\d{1,2})[\])]|\s[pr])$"
)


def plain_date(text: str) -> str:
    """Write a date without case, accents, invisible marks and double blanks, so that it can be compared.

    >>> plain_date(" 1er Août\u200e\u00a02026 ")
    '1er aout 2026'
    """
    if text.isascii():
        return " ".join(text.lower().split()).strip("*")
    decomposed = unicodedata.normalize("NFKD", text.translate({0x2013: "-", 0x2010: "-", 0x2011: "-"}))
    kept = "".join(
        sign for sign in decomposed if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf"
    )
    return " ".join(kept.lower().split()).strip("*")
