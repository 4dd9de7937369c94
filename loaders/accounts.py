"""What each filled cell of a sheet turned out to be, every one counted once."""

from __future__ import annotations

from collections import Counter

import numpy as np

from loaders.choices import ColumnRole
from loaders.numbers import Content
from loaders.rows import RowKind
from loaders.table import Table
from loaders.tally import Tally

PARTS = (ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR)


def cells_of(table: Table, values: Tally, n_repeated: int) -> Counter[str]:
    """Count the cells by what they are. values: those taken, each key once; n_repeated: those that only repeat one."""
    cells = Counter({"repeated": n_repeated, "fault": -n_repeated, "elsewhere": table.layout.n_elsewhere})
    filled, rows = table.layout.filled, table.layout.data_rows
    parts = {column.index for column in table.mapping.of(*PARTS)}
    taken = np.bincount(values.column, minlength=len(table.columns))
    value_columns = {column.index for column in table.columns}
    for at, (column, numbers) in enumerate(zip(table.columns, table.numbers, strict=True)):
        full = filled[rows, column.index]
        if at in table.total_columns:
            cells["total"] += int(full.sum())
            continue
        missing = full & table.usable & (numbers.content == Content.MISSING)
        n_waiting = int((full & table.usable & (numbers.content == Content.NUMBER)).sum()) if _waits(table) else 0
        cells["total"] += int((full & table.is_total).sum())
        cells["missing"] += int(missing.sum())
        cells["waiting"] += n_waiting
        cells["part_of_rate" if column.index in parts else "observation"] += int(taken[at])
        cells["fault"] += int((full & ~table.is_total & ~missing).sum()) - int(taken[at]) - n_waiting
    left = {reading.column.index for reading in table.mapping.columns if reading.role is not ColumnRole.IGNORE}
    for index in range(filled.shape[1]):
        if index not in value_columns:
            full = filled[rows, index]
            cells["total"] += int((full & table.is_total).sum())
            cells["label" if index in left else "ignored_column"] += int((full & ~table.is_total).sum())
    for kind in RowKind:
        if kind not in (RowKind.DATA, RowKind.BLANK):
            cells[kind.name.lower()] += int(filled[table.layout.row_kinds == kind].sum())
    return cells


def _waits(table: Table) -> bool:
    return not len(table.periods.texts) and table.waits_for_period
