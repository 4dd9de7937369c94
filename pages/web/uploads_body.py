"""The body of a request, taken in under a cap: what is larger is refused before it is held."""

from __future__ import annotations

import asyncio
import re
import time
import unicodedata
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from loaders.caps import MEGABYTE, caps
from pages.web.uploads_models import UndoOrder, UploadForm

BODY_SECONDS = 120
BESIDE_THE_FILE = 256 * 1024  # bytes for the fields and the marks between them
LONGEST_ORDER = 16 * 1024
LONGEST_FILE_NAME = 200
FIELDS = tuple(name for name in UploadForm.model_fields if name != "file")


class BadBody(MultiPartException):
    """A body that is refused before it is understood. status: 400, 408, 413 or 415; code: worded under api.refusal.

    A kind of the parser's own exception, so that the parser closes what it had begun to write.
    """

    def __init__(self, status: int, code: str, **details: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent, with what was asked of it."""

    file_name: str
    form: UploadForm


async def upload_sent(request: Request) -> Sent:
    """Take in a file and its fields. Raises BadBody."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise BadBody(415, "not_multipart")
    cap = caps().upload_mb * MEGABYTE + BESIDE_THE_FILE
    parser = MultiPartParser(
        request.headers, _under(request, cap), max_files=1, max_fields=len(FIELDS), max_part_size=BESIDE_THE_FILE
    )
    try:
        form = await parser.parse()
        return await _sent(form.multi_items())
    except BadBody:
        raise
    except (MultiPartException, KeyError, ValueError) as error:
        raise BadBody(400, "bad_form") from error
    finally:
        for file in parser._files_to_close_on_error:  # a form that broke off leaves its file in no list of the form's
            file.close()


async def order_sent(request: Request) -> UndoOrder:
    """Take in what is asked of an undo; an empty body asks for nothing special. Raises BadBody."""
    body = b"".join([part async for part in _under(request, LONGEST_ORDER)])
    try:
        return UndoOrder.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise BadBody(400, "bad_field", **_first(error)) from error


async def _under(request: Request, cap: int) -> AsyncGenerator[bytes, None]:
    """Give the body piece by piece, and stop at the first byte beyond the cap."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > cap:
        raise BadBody(413, "too_large", limit=caps().upload_mb)
    size, until = 0, time.monotonic() + BODY_SECONDS
    stream = aiter(request.stream())
    while True:
        try:
            part = await asyncio.wait_for(anext(stream), max(0, until - time.monotonic()))
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise BadBody(408, "slow", seconds=BODY_SECONDS) from error
        except ClientDisconnect as error:
            raise BadBody(400, "bad_form") from error
        size += len(part)
        if size > cap:
            raise BadBody(413, "too_large", limit=caps().upload_mb)
        yield part


async def _sent(items: list[tuple[str, Any]]) -> Sent:
    fields: dict[str, Any] = {}
    file_name = ""
    for name, value in items:
        if name in fields:
            raise BadBody(400, "twice", field=name)
        if isinstance(value, UploadFile):
            if name != "file":
                raise BadBody(400, "bad_field", field=name, found=value.filename or "")
            file_name, value = shown_name(value.filename or ""), await value.read()
        elif name == "file":
            raise BadBody(400, "no_file")
        fields[name] = value
    if "file" not in fields:
        raise BadBody(400, "no_file")
    given = {name: value for name, value in fields.items() if value != "" or name == "file"}
    try:
        return Sent(file_name, UploadForm.model_validate(given))
    except ValidationError as error:
        raise BadBody(400, "bad_field", **_first(error)) from error


def shown_name(given: str) -> str:
    """Give a file's name as it is shown: without folders and control characters, and never a path.

    >>> shown_name("C:\\\\exports\\\\mai.xlsx"), shown_name("../../etc/passwd"), shown_name("")
    ('mai.xlsx', 'passwd', 'upload')
    """
    given = given.replace("%22", '"')  # how a quotation mark is written in a form (WHATWG, multipart/form-data)
    plain = "".join(sign for sign in given if unicodedata.category(sign)[0] != "C")
    return re.split(r"[/\\]", plain)[-1].strip()[:LONGEST_FILE_NAME] or "upload"


def _first(error: ValidationError) -> dict[str, object]:
    first = error.errors(include_url=False)[0]
    return {"field": ".".join(map(str, first["loc"])) or "JSON", "found": str(first.get("input", ""))[:80]}
