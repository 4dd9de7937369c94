"""Files in S3, by one address or a pattern; each version of a file is taken once."""

from __future__ import annotations

from typing import Any

import s3fs
from botocore.exceptions import BotoCoreError, ClientError

from loaders.sources.job import Answer, Deadline, Job, Trouble, check_size

TRIES = 1  # the runner tries again by itself, and says so


def fetch(job: Job, answer: Answer, deadline: Deadline) -> None:
    """Give the files that match and were not taken in this version, oldest first."""
    with_keys = bool(job.access_key)
    seconds = max(1, int(deadline.left()))
    store = s3fs.S3FileSystem(
        anon=not with_keys, key=job.access_key or None, secret=job.secret_key or None, endpoint_url=job.endpoint,
        use_listings_cache=False, skip_instance_cache=True,
        config_kwargs={"connect_timeout": min(seconds, 20), "read_timeout": seconds, "retries": {"max_attempts": TRIES}},
    )  # fmt: skip
    try:
        found = _matching(store, job)
        for place, told in found:
            deadline.left()
            if answer.full:
                answer.more = _name(place) not in job.tried
                return
            _give(store, place, told, job, answer)
    except FileNotFoundError as error:
        raise Trouble("s3_missing") from error
    except PermissionError as error:
        raise Trouble("s3_denied") from error
    except (BotoCoreError, ClientError, OSError) as error:
        raise Trouble("s3_failed", transient=True, kind=type(error).__name__) from error


def _matching(store: Any, job: Job) -> list[tuple[str, dict[str, Any]]]:
    place = job.address.removeprefix("s3://")
    if any(sign in place for sign in "*?["):
        found = {name: told for name, told in store.glob(place, detail=True).items() if told["type"] == "file"}
        if not found:
            store.ls(place.partition("/")[0])  # an empty answer may hide a bucket that is not there
    else:
        found = {place: store.info(place)}
    waiting = {_name(where): where for where, told in found.items() if job.marks.get(_name(where)) != _mark(told)}
    ages = [(str(found[where].get("LastModified", "")), name, _mark(found[where])) for name, where in waiting.items()]
    return [(waiting[name], found[waiting[name]]) for name in job.in_turn(ages)]


def _give(store: Any, place: str, told: dict[str, Any], job: Job, answer: Answer) -> None:
    try:
        check_size(int(told["size"]), job.limits)
        data: bytes = store.cat_file(place, start=0, end=job.limits["file_bytes"] + 1) if told["size"] else b""
        check_size(len(data), job.limits)
    except Trouble as trouble:
        answer.pass_over(_name(place), _mark(told), Trouble(trouble.code, name=_name(place), **trouble.details))
        return
    answer.give(_name(place), _mark(told), data)


def _name(place: str) -> str:
    return place.partition("/")[2]


def _mark(told: dict[str, Any]) -> str:
    return f"{told.get('ETag', '')}-{told['size']}"
