"""Says which number formats show a percentage. Imports only the standard library: the reader process starts with it."""

from __future__ import annotations

import re

BUILT_IN_PERCENT = frozenset({9, 10})  # 0% and 0.00% (ECMA-376 part 1, 18.8.30)
NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].')  # quoted, escaped, colours and conditions, padding


def shows_percent(code: str) -> bool:
    r"""Say whether a format multiplies by 100 and writes a percent sign.

    >>> shows_percent("0.0%"), shows_percent('0" %"'), shows_percent(r"0\%")
    (True, False, False)
    """
    return "%" in NOT_SHOWN.sub("", code)
