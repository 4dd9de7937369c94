"""The command line of the loaders: print a file's cells, check it, or load it."""

from __future__ import annotations

import sys

from loaders.command import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
