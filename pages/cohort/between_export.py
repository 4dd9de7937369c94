"""The numbers between sites as a workbook: numbers as numbers, and no cell that a spreadsheet would run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.results_between import Dispersion
from pages.cohort import between_words as words
from pages.shared.exports import Exported, workbook
from wording import Language, say

if TYPE_CHECKING:
    from pages.cohort.between_view import BetweenView

SITE_COLUMNS = ("value", "size", "standing", "rank", "rank_from", "rank_to")
BLOCK_COLUMNS = (
    "from",
    "to",
    "sites",
    "level",
    "between",
    "between_from",
    "between_to",
    "within",
    "cv_between",
    "cv_within",
)


def as_workbook(view: BetweenView, language: Language) -> bytes:
    """Write a sheet of sites and a sheet of the spread over time."""
    rows = {"sites": site_rows(view, language), "spread": block_rows(view, language)}
    return workbook({say(f"between.sheet.{name}", language): found for name, found in rows.items()})


def site_rows(view: BetweenView, language: Language) -> list[list[Exported]]:
    """Write a heading, then one row a site."""
    heads = [say("shared.label.site", language), *(say(f"between.column.{name}", language) for name in SITE_COLUMNS)]
    return [
        list[Exported](heads),
        *(
            [line.name, line.value, line.size, words.standing_words(line, language), line.rank, line.lower, line.upper]
            for line in words.site_lines(view)
        ),
    ]


def block_rows(view: BetweenView, language: Language) -> list[list[Exported]]:
    """Write a heading, then one row a stretch of time."""
    heads = list[Exported](say(f"between.column.{name}", language) for name in BLOCK_COLUMNS)
    blocks = view.dispersion.blocks if isinstance(view.dispersion, Dispersion) else ()
    return [
        heads,
        *(
            [
                block.start, block.end, block.n_sites, block.level, block.between, block.between_lower,
                block.between_upper, block.within, block.cv_between, block.cv_within,
            ]
            for block in blocks
        ),
    ]  # fmt: skip
