"""What the headings between the rows of a table stand for: sites, segments, metrics, periods, or only groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from loaders.checks import Known
from loaders.choices import SectionHandling
from loaders.dates import Period, read_period
from loaders.grid import Grid
from loaders.keys import plain_heading, tidy
from loaders.labels import Labels
from loaders.layout import Layout
from loaders.likeness import Likeness, is_place_like, likeness
from loaders.rows import RowKind, texts_of
from loaders.words import are_segments

MOSTLY = 0.5
_MARKER = re.compile(r"^\W?(\d{1,2})\W?(?=\s|$)")
_SEGMENT_WORDS = (
    "age ages sex sexe sexes cause causes type types category categorie categories motif motifs diagnostic"
    " diagnosis genre gender tranche tranches persons males females personnes hommes femmes"
)
_OF_SEGMENTS = frozenset(_SEGMENT_WORDS.split())
_SITE_WORDS = (
    "region regions area areas residence site sites zone zones place places etablissement etablissements agence"
    " agences departement departements usine usines hospital hospitals hopitaux"
)
_OF_SITES = frozenset(_SITE_WORDS.split())


@dataclass(frozen=True, eq=False)
class Sections:
    """The section headings of a table, and the one that each data row stands under (0 = none)."""

    grid: Grid
    layout: Layout

    @cached_property
    def labels(self) -> Labels:
        """The path of headings above each data row: those that follow one another are joined by " / "."""
        rows = [row for row, _ in self.layout.sections]
        above = np.searchsorted(rows, self.layout.data_rows)
        texts, codes, before = [""], np.zeros(len(self.layout.data_rows), np.int64), 0
        for n_above in np.unique(above[above > 0]).tolist():
            codes[above == n_above] = len(texts)
            said = [self.without_marker(tidy(text)) for _, text in self.layout.sections[before:n_above]]
            texts.append(" / ".join(said))
            before = n_above
        return Labels(tuple(texts), codes)

    @property
    def texts(self) -> tuple[str, ...]:
        """The paths, each once."""
        return tuple(dict.fromkeys(self.labels.texts[1:]))

    def without_marker(self, text: str) -> str:
        """Take the numbers of footnotes off the end of a text, when the sheet has such footnotes."""
        if not self.markers:
            return text
        some = "|".join(sorted(self.markers, key=len, reverse=True))
        return re.sub(rf"(?<=[^\d\s,.-])\s*(?:{some})(?:\s*,\s*(?:{some}))*$", "", text) or text

    @cached_property
    def markers(self) -> frozenset[str]:
        """The numbers that open the notes below the table."""
        footers = np.flatnonzero(self.layout.row_kinds == RowKind.FOOTER).tolist()
        texts = [next(iter(texts_of(self.grid, row).values()), "") for row in footers]
        return frozenset(found[1] for text in texts if len(text) > 12 and (found := _MARKER.match(text)))

    def are_periods(self) -> bool:
        """Say whether every heading is a period that names its year."""
        return bool(self.texts) and all(isinstance(read_period(text), Period) for text in self.texts)

    def handling(
        self, *, has_periods: bool, has_sites: bool, comes_back: bool, is_metric_named: bool, known: Known
    ) -> SectionHandling:
        """Say what they stand for, from what the table lacks or from what comes back under each.

        has_periods, has_sites: whether columns or headings name them. comes_back: whether rows of the same name and
        period stand under several sections. is_metric_named: whether columns already name the metrics.
        """
        if not self.texts:
            return SectionHandling.IGNORE
        if not has_periods and self.are_periods():
            return SectionHandling.PERIOD
        looks = likeness([text.split(" / ")[-1] for text in self.texts], known)
        if not has_sites and not (looks is Likeness.METRICS and not is_metric_named):
            return SectionHandling.SITE
        if comes_back or not has_sites:
            return SectionHandling.METRIC if looks is Likeness.METRICS else SectionHandling.SEGMENT
        return SectionHandling.IGNORE


def blocks_of_segments(
    sections: Sections, labels: Labels, coded: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.bool_] | None:
    """Find the data rows that name segments of the whole, in a table whose other sections name sites.

    coded: which rows have a site's code; None without a column of codes. None when no section holds segments.
    """
    paths, at = sections.labels.texts, sections.labels.codes
    kinds = []
    for path in range(len(paths)):
        rows = at == path
        here = [labels.texts[code] for code in np.unique(labels.codes[rows & (labels.codes >= 0)]).tolist()]
        kinds.append(_block_kind(paths[path], here, coded[rows] if coded is not None else None))
    own = kinds[1:]
    if "segments" not in own:
        return None
    names = [frozenset(labels.codes[(at == path) & (labels.codes >= 0)].tolist()) for path in range(len(paths))]
    for path in range(1, len(paths)):
        elsewhere = frozenset[int]().union(*(own for other, own in enumerate(names) if other != path))
        if kinds[path] is None and _is_of_segments(paths[path]) and not names[path] & elsewhere:
            kinds[path] = "segments"
    if coded is not None and coded.any():
        kinds = ["segments" if kind is None else kind for kind in kinds]
    kinds[0] = "segments"
    found: npt.NDArray[np.bool_] = np.array([kind == "segments" for kind in kinds], np.bool_)[at]
    return found


def _block_kind(path: str, names: Sequence[str], coded: npt.NDArray[np.bool_] | None) -> str | None:
    words = set(plain_heading(path).split())
    if coded is not None and len(coded) and coded.mean() > MOSTLY:
        return "sites"
    if are_segments(names):
        return "segments"
    if names and sum(is_place_like(name) for name in names) > MOSTLY * len(names):
        return "sites"
    if words & _OF_SITES:
        return "sites"
    return "segments" if _is_of_segments(path) and len(names) <= 1 else None


def _is_of_segments(path: str) -> bool:
    words = set(plain_heading(path).split())
    return bool(words & _OF_SEGMENTS) and not words & _OF_SITES
