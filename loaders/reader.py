"""Reads one workbook in a process of its own: `python -m loaders.reader LIMITS`, workbook in, grid out.

The workbook comes by standard input and the grid leaves by standard output: one line of JSON, then the columns'
bytes. Whatever the workbook does, it happens under this process's limits of memory, processor time and output.
Nothing here imports more than calamine and the standard library, so that starting costs little.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Mapping
from typing import Any

from loaders.kinds import Refused
from loaders.limits import limit_this_process, memory, memory_for


def read(data: bytes, caps: Mapping[str, Any]) -> list[bytes]:
    """Read a workbook: the pieces to write, the first of them one line of JSON."""
    from loaders import workbook

    found, sheets = workbook.read(data, caps, caps["sheet"])
    described = [
        {
            "name": sheet.name,
            "visibility": sheet.visibility,
            "n_rows": sheet.n_rows,
            "n_numbers": sheet.n_numbers,
            "n_uncomputed": sheet.n_uncomputed,
            "columns": [[len(column.numbers), len(column.text)] for column in sheet.columns],
            "merged": sheet.merged,
            "refused": sheet.refused and {"code": sheet.refused.code, "details": sheet.refused.details},
        }
        for sheet in sheets
    ]
    columns = [column for sheet in sheets for column in sheet.columns]
    cells = [part for column in columns for part in (bytes(column.kinds), column.numbers.tobytes(), bytes(column.text))]
    return [json.dumps({"format": found, "sheets": described}).encode() + b"\n", *cells]


def refusal(code: str, details: Mapping[str, object]) -> list[bytes]:
    """Give what is written instead of a grid."""
    return [json.dumps({"code": code, "details": details}).encode() + b"\n"]


def main() -> int:
    """Read standard input under the limits of the first argument; 0 also for a refusal, which is an answer."""
    caps = json.loads(sys.argv[1])
    limit_this_process(caps)
    gc.disable()  # millions of cells, no cycles, and the process ends soon
    try:
        data = sys.stdin.buffer.read()
        memory(memory_for(data, caps))
        written = read(data, caps)
    except Refused as refused:
        written = refusal(refused.code, refused.details)
    except MemoryError:
        written = refusal("reader_memory", {})
    except BaseException as error:  # noqa: BLE001  # also calamine's panics, which are no Exception
        written = refusal("reader_memory" if "capacity overflow" in str(error) else "damaged", {})
    sys.stdout.buffer.writelines(written)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
