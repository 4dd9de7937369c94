"""A folder that is watched: each file of it is taken once, when nobody writes to it any more."""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders.sources.job import Answer, Deadline, Job, Trouble, check_size

PATIENCE_SECONDS = 8.0  # how long one run waits for files that still change
LOOK_SECONDS = 0.25
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".download", "~")
IN_USE = (".", "~$", "#")  # hidden files and the locks of office programs
# A file that becomes a link or a pipe after it was listed is not followed and does not block.
PLAINLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def fetch(job: Job, answer: Answer, deadline: Deadline) -> None:
    """Give the files that match and were not taken as they are now, oldest first. job.address: a real place."""
    with _opened(job.address) as folder:
        waiting = _matching(folder, job)
        patience = time.monotonic() + min(PATIENCE_SECONDS, deadline.left())
        while waiting and not answer.full:
            waiting = [name for name in waiting if not _given(folder, name, job, answer)]
            if waiting and time.monotonic() > patience:
                answer.writing = True
                return
            if waiting and not answer.full:
                time.sleep(LOOK_SECONDS)
        answer.more = any(name not in job.tried for name in waiting)


@contextmanager
def _opened(address: str) -> Iterator[int]:
    try:
        folder = _stepped_into(address)
    except FileNotFoundError as error:
        raise Trouble("folder_missing") from error
    except NotADirectoryError as error:
        raise Trouble("folder_missing") from error
    except PermissionError as error:
        raise Trouble("folder_denied") from error
    except OSError as error:
        raise Trouble("folder_failed", transient=True, kind=errno.errorcode.get(error.errno or 0, "")) from error
    try:
        yield folder
    finally:
        os.close(folder)


def _stepped_into(address: str) -> int:
    """Open a real place step by step: a folder on the way that has become a link since is not followed."""
    inside = os.O_DIRECTORY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    passing = getattr(os, "O_PATH", os.O_RDONLY) | inside  # a folder on the way need not be readable
    first, *steps = Path(address).parts
    folder = os.open(first, passing if steps else os.O_RDONLY | inside)
    for place, step in enumerate(steps, start=1):
        try:
            inner = os.open(step, passing if place < len(steps) else os.O_RDONLY | inside, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def _matching(folder: int, job: Job) -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if not name.isprintable() or name.startswith(IN_USE) or name.lower().endswith(UNFINISHED):
                continue
            if fnmatch.fnmatch(name.casefold(), job.pattern.casefold()) and entry.is_file(follow_symlinks=False):
                told = entry.stat(follow_symlinks=False)
                if job.marks.get(name) != mark_of(told):
                    found.append((told.st_mtime_ns, name, mark_of(told)))
    return job.in_turn(found)


def _given(folder: int, name: str, job: Job, answer: Answer) -> bool:
    """Give one file, or say why not; False while somebody still writes to it."""
    try:
        file = os.open(name, PLAINLY, dir_fd=folder)
    except FileNotFoundError:
        return True  # taken away meanwhile: nothing to do
    except OSError as error:
        answer.pass_over(
            name,
            _mark_of(folder, name),
            Trouble("file_denied", name=name, kind=errno.errorcode.get(error.errno or 0, "")),
        )
        return True
    with os.fdopen(file, "rb") as opened:
        before = os.fstat(file)
        if not stat.S_ISREG(before.st_mode):
            return True
        if not _settled(before, job.limits["settled_ms"] / 1000):
            return False
        if answer.full:
            return False
        try:
            check_size(before.st_size, job.limits)
            data = opened.read(job.limits["file_bytes"] + 1)
            check_size(len(data), job.limits)
        except Trouble as trouble:
            answer.pass_over(name, mark_of(before), Trouble(trouble.code, name=name, **trouble.details))
            return True
        if mark_of(os.fstat(file)) != mark_of(before) or len(data) != before.st_size:
            return False
        answer.give(name, mark_of(before), data)
    return True


def _settled(told: os.stat_result, seconds: float) -> bool:
    """Tell whether a file has been left alone for so long; a time ahead of the clock says nothing about that."""
    newest = max(told.st_mtime, told.st_ctime)
    return not 0 <= time.time() - newest < seconds


def _mark_of(folder: int, name: str) -> str:
    try:
        return mark_of(os.stat(name, dir_fd=folder, follow_symlinks=False))
    except OSError:
        return ""


def mark_of(told: os.stat_result) -> str:
    """Name the state of a file: written again, it has another one."""
    return f"{told.st_size}-{told.st_mtime_ns}"
