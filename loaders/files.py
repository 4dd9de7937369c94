"""Reads any file that a keeper gives: says what it is by its content and gives its cells, or refuses it."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

from loaders.caps import MEGABYTE, Caps, caps
from loaders.delimited import read_delimited
from loaders.grid import Book, Format, Refusal, SheetInfo, Visibility
from loaders.limited import read_workbook
from loaders.signatures import GZIP, OLE, ZIP, is_workbook

GZIP_PIECE = 1 << 14  # one may unpack to a thousand times its size
BOMB_FLOOR = 32 * MEGABYTE  # below it, any ratio is harmless
BOMB_RATIO = 100  # tables of text pack to a fifth or a twentieth
GZIP_WINDOW = 16 + zlib.MAX_WBITS  # zlib's sign for "with the header of gzip"


def read_book(
    given: Path | str | bytes, file_name: str = "", *, sheet: str | None = None, limits: Caps | None = None
) -> Book:
    """Read a file's cells.

    given: the bytes, or where they are. file_name: only shown, never opened nor believed; without it, the path's.
    sheet: the one to read; None reads all and takes the visible one with most numbers as the data sheet.
    Raises Refusal (code, details) for a file that is no table, is damaged or protected, or is beyond the limits.
    """
    limits = limits or caps()
    data = given if isinstance(given, bytes) else bytes_of(Path(given), limits)
    refuse_large(len(data), limits)
    file_name = file_name or ("" if isinstance(given, bytes) else Path(given).name)
    sha256 = hashlib.sha256(data).hexdigest()
    if data.startswith(GZIP):
        data = unpacked(data, limits)
    if is_workbook(data):
        found, sheets, grids = read_workbook(data, limits, sheet)
        return Book(file_name, found, sha256, sheets, grids, data_sheet(sheets, sheet))
    grid, dialect = read_delimited(data, limits)
    only = SheetInfo("", Visibility.VISIBLE, grid.n_rows, grid.n_columns, 0)
    return Book(file_name, Format.CSV, sha256, (only,), {"": grid}, "", dialect)


def bytes_of(path: Path, limits: Caps) -> bytes:
    """Read a file whole, unless it is too large; Refusal too when there is none to read."""
    try:
        refuse_large(path.stat().st_size, limits)
        with path.open("rb") as file:
            return file.read(limits.upload_mb * MEGABYTE + 1)
    except FileNotFoundError as error:
        raise Refusal("no_file") from error
    except OSError as error:
        raise Refusal("not_readable") from error


def refuse_large(size: int, limits: Caps) -> None:
    """Refuse a file above the published size."""
    if size > limits.upload_mb * MEGABYTE:
        raise Refusal("too_large", found=round(size / MEGABYTE), limit=limits.upload_mb)


def unpacked(data: bytes, limits: Caps) -> bytes:
    """Unpack a .gz file up to the limits."""
    out = io.BytesIO()
    start = members = n_lines = 0
    try:
        while data.startswith(GZIP, start):  # several may stand one behind the other
            members += 1
            unpacker = zlib.decompressobj(GZIP_WINDOW)
            while not unpacker.eof and start < len(data):
                piece = unpacker.decompress(data[start : start + GZIP_PIECE])
                start += GZIP_PIECE
                out.write(piece)
                n_lines += piece.count(b"\n")
                refuse_bomb(out.tell(), len(data), members, limits)
            if not unpacker.eof:
                raise Refusal("damaged")
            start = min(start, len(data)) - len(unpacker.unused_data)
    except zlib.error as error:
        raise Refusal("damaged") from error
    found = out.getvalue()
    if n_lines > limits.rows and not found.startswith((ZIP, OLE)):
        raise Refusal("too_many_rows", found=n_lines, limit=limits.rows)
    return found


def refuse_bomb(size: int, packed: int, members: int, limits: Caps) -> None:
    """Refuse what unpacks beyond the limits, or to far more than any table does."""
    if size > limits.unpacked_mb * MEGABYTE or (size > BOMB_FLOOR and size > BOMB_RATIO * packed):
        raise Refusal("zip_bomb", found=f"> {size // MEGABYTE}", limit=limits.unpacked_mb)
    if members > limits.entries:
        raise Refusal("too_many_parts", found=members, limit=limits.entries)


def data_sheet(sheets: Sequence[SheetInfo], wanted: str | None) -> str:
    """Name the sheet asked for, otherwise the visible one with most numbers, the first of equals."""
    if wanted is not None:
        return wanted
    readable = [sheet for sheet in sheets if sheet.n_rows]
    shown = [sheet for sheet in readable if not sheet.hidden] or readable
    return max(shown, key=lambda sheet: sheet.n_numbers).name
