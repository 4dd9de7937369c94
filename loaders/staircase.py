"""Labels that step to the right, level by level, over several columns: each row has its name in one of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from loaders.choices import ColumnRole
from loaders.labels import Codes, Labels
from loaders.mapping import Mapping

ALONE = 0.99  # of the rows have a name in one of the columns only
COVERED = 0.9
_DECIDED = ("chosen", "same_as_last_time")
_MAY_BE_STEPS = (ColumnRole.SITE_NAME, ColumnRole.SITE_CODE, ColumnRole.SEGMENT, ColumnRole.IGNORE)


def with_steps_joined(mapping: Mapping) -> Mapping:
    """Read the columns of such labels as one column of site names; the labels of each become those of them all."""
    steps = [
        one.column
        for one in mapping.columns
        if one.role in _MAY_BE_STEPS and one.reason not in _DECIDED and not one.column.is_numeric
    ]
    if len(steps) > 2:  # a code beside every row is no step
        steps = [column for column in steps if (mapping.labels[column.index].codes >= 0).mean() < COVERED]
    if len(steps) < 2:
        return mapping
    labels = [mapping.labels[column.index] for column in steps]
    filled = np.stack([own.codes >= 0 for own in labels])
    held = filled.sum(axis=0)
    if (held == 1).mean() < COVERED or (held > 1).mean() > 1 - ALONE or (filled.sum(axis=1) == 0).any():
        return mapping
    joined = _joined(labels)
    for column in steps:
        mapping.labels[column.index] = joined
    indices = {column.index for column in steps}
    return replace(
        mapping,
        columns=tuple(
            replace(one, role=ColumnRole.SITE_NAME, reason="content") if one.column.index in indices else one
            for one in mapping.columns
        ),
    )


def _joined(several: list[Labels]) -> Labels:
    numbers: dict[str, int] = {}
    codes: Codes = np.full(len(several[0].codes), -1, np.int64)
    for labels in several:
        own = np.array([numbers.setdefault(text, len(numbers)) for text in labels.texts], np.int64)
        here = labels.codes >= 0
        codes[here] = own[labels.codes[here]]
    return Labels(tuple(numbers), codes)
