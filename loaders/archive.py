"""Looks into a workbook's zip before anything unpacks it: what it is, and whether it is safe to open.

Runs inside the reader process.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping

from loaders.kinds import Format, Refused
from loaders.limits import PART

MEGABYTE = 1 << 20
BOMB_FLOOR = 32 * MEGABYTE  # below it, any ratio is harmless
BOMB_RATIO = 300  # real workbooks stay below 100; deflate cannot exceed 1,032 (zlib's technical notes)
PIECE = MEGABYTE
PROLOGUE = 4_096  # a document type stands before the first element
ENCRYPTED = 0x1

MARKS = (
    ("xl/workbook.bin", Format.XLSB),
    ("xl/vbaProject.bin", Format.XLSM),
    ("xl/workbook.xml", Format.XLSX),
)
OTHER_PACKAGES = (
    ("word/document.xml", "word"),
    ("ppt/presentation.xml", "powerpoint"),
    ("Index/Document.iwa", "numbers"),
    ("Metadata/DocumentIdentifier", "numbers"),
)


def opened(data: bytes, caps: Mapping[str, int]) -> zipfile.ZipFile:
    """Open a zip whose directory keeps within the limits; Refused otherwise."""
    announced = data.count(PART)
    if announced > caps["entries"]:  # before the directory is read: each entry of it takes a hundred times its size
        raise Refused("too_many_parts", found=announced, limit=caps["entries"])
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OverflowError, UnicodeDecodeError, NotImplementedError) as error:
        raise Refused("damaged") from error
    entries = package.infolist()
    if len(entries) > caps["entries"]:
        raise Refused("too_many_parts", found=len(entries), limit=caps["entries"])
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    beyond_ratio = unpacked > BOMB_FLOOR and unpacked > BOMB_RATIO * max(packed, 1)
    if unpacked > caps["unpacked_mb"] * MEGABYTE or beyond_ratio:
        raise Refused("zip_bomb", found=unpacked // MEGABYTE, limit=caps["unpacked_mb"])
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Refused("password")
    return package


def format_of(package: zipfile.ZipFile) -> Format:
    """Say which workbook a zip is; Refused("not_a_table") when it is something else."""
    names = {name.replace("\\", "/").lstrip("/").casefold() for name in package.namelist()}
    for mark, found in MARKS:
        if mark.casefold() in names:
            return found
    if "content.xml" in names and "mimetype" in names:
        if b"spreadsheet" in b"".join(pieces(package, "mimetype")):
            return Format.ODS
        raise Refused("not_a_table", found="text_document")
    if any(name.startswith("xl/worksheets/") for name in names):
        return Format.XLSX
    for mark, other in OTHER_PACKAGES:
        if mark.casefold() in names:
            raise Refused("not_a_table", found=other)
    raise Refused("not_a_table", found="zip")


def pieces(package: zipfile.ZipFile, name: str, *, beginning_only: bool = False) -> Iterator[bytes]:
    """Unpack one part piece by piece, never more than its directory entry announces.

    Raises Refused("xml_entity") for a part with a document type: no workbook program writes one, and entities
    are how a few bytes become gigabytes or another file's text.
    """
    try:
        with package.open(name) as part:
            piece = part.read(PROLOGUE if beginning_only else PIECE)
            without_document_type(piece, name)
            while piece:
                yield piece
                piece = part.read(PIECE)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise Refused("damaged") from error
    except Exception as error:
        if type(error).__module__ in {"zlib", "_lzma"}:  # zlib.error, LZMAError
            raise Refused("damaged") from error
        raise


def without_entities(package: zipfile.ZipFile) -> None:
    """Refuse a package for the first of its parts that declares entities."""
    for entry in package.infolist():
        if entry.filename.casefold().endswith((".xml", ".rels")):
            next(pieces(package, entry.filename, beginning_only=True), None)


def without_document_type(beginning: bytes, name: str) -> None:
    """Refuse a part that declares entities."""
    if b"<!DOCTYPE" in beginning[:PROLOGUE]:
        raise Refused("xml_entity", part=name)
