"""Fetches what a source holds, in a process of its own: `python -m loaders.sources.fetch`, job in, pieces out.

So a client's libraries, a database that does not answer or a file that fills the memory end here and not in the server.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import IO

from loaders.limits import lower, memory
from loaders.sources.job import Answer, Deadline, Job, Trouble

try:
    import resource
except ImportError:  # Windows has no such limits; the time limit by the clock remains
    resource = None  # type: ignore[assignment]

CLIENTS = {"folder": "folder", "http": "web", "s3": "bucket", "sql": "database"}
FILES_OPEN = 256
MEMORY_MB = 3072  # of addresses: the libraries alone reserve most of it


def limit(job: Job) -> None:
    """Give up what fetching does not need."""
    if resource is None:
        return
    lower(resource.RLIMIT_CPU, job.limits["seconds"], job.limits["seconds"] + 2)
    lower(resource.RLIMIT_FSIZE, 2 * job.limits["total_bytes"] + job.limits["file_bytes"])
    lower(resource.RLIMIT_NOFILE, FILES_OPEN)
    lower(resource.RLIMIT_CORE, 0)
    memory(MEMORY_MB)


def do(job: Job, out: IO[bytes]) -> None:
    """Do a job and write what came of it; trouble is an answer too."""
    answer = Answer(out, job.limits)
    trouble = None
    try:
        client = importlib.import_module(f"loaders.sources.{CLIENTS[job.kind]}")
        client.fetch(job, answer, Deadline(job.limits["seconds"]))
    except Trouble as found:
        trouble = found
    except MemoryError:
        trouble = Trouble("memory")
    except Exception as error:  # noqa: BLE001 - whatever a client raises may hold a secret: only its kind is told
        trouble = Trouble("failed", kind=type(error).__name__)
    answer.end(trouble)


def main() -> int:
    """Do the job of standard input; always 0, for trouble is an answer."""
    job = Job(**json.loads(sys.stdin.buffer.read()))
    limit(job)
    do(job, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
