"""`python -m tests.loaders.hostile_run`: understands each hostile file in a child of its own; one JSON line each."""

from __future__ import annotations

import json
import os
import resource
import sys

from loaders import ingest
from loaders.grid import Refusal
from loaders.refusals import refusal_sentence
from tests.loaders.hostile_files import HOSTILE


def outcome(data: bytes) -> dict[str, object]:
    """Understand a file as an upload does: what came of it, and what it cost this process and the reader's."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    found: dict[str, object] = {"code": "loaded", "details": {}, "en": "", "fr": ""}
    try:
        ingest.understand(data, "hostile")
    except Refusal as refusal:
        said = {language: refusal_sentence(refusal, language) for language in ("en", "fr")}
        found = {"code": refusal.code, "details": dict(refusal.details), **said}
    own, reader = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    used = [use.ru_utime + use.ru_stime for use in (own, reader)]
    return {
        **found,
        "seconds": sum(used) - before.ru_utime - before.ru_stime,
        "mib": (own.ru_maxrss - before.ru_maxrss + reader.ru_maxrss) // 1024,
    }


def main() -> int:
    """Go through all files; a child that dies says nothing, and its file is missing from the answer."""
    ingest.understand(b"date,site,value\n2026-01-01,Lyon,1\n", "ordinary.csv")  # whatever is imported late is here
    for name, (make, _) in HOSTILE.items():
        data = make()
        child = os.fork()
        if child == 0:
            sys.stdout.write(json.dumps({"name": name, **outcome(data)}) + "\n")
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
