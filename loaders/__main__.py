"""The command line of the loaders: print a file's cells, check it, or load it."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from loaders.command import run


def ready_streams() -> None:
    """Let a closed output swallow what is written, and a poor alphabet write what it lacks in escapes."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open as long as the process
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    ready_streams()
    sys.exit(run(sys.argv[1:]))
