"""Says what a file is from its first bytes; its name is never believed."""

from __future__ import annotations

from loaders.grid import Refusal

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Microsoft's compound file: xls, and any encrypted workbook
ZIP = b"PK\x03\x04"
GZIP = b"\x1f\x8b"

# What is often given for a table and is none: (where its mark stands, the mark, what it is).
OTHERS = (
    (0, b"\x89PNG\r\n\x1a\n", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"GIF87a", "picture"),
    (0, b"GIF89a", "picture"),
    (0, b"II*\x00", "picture"),
    (0, b"MM\x00*", "picture"),
    (8, b"WEBP", "picture"),
    (4, b"ftyp", "film"),
    (0, b"%PDF-", "pdf"),
    (0, b"SQLite format 3\x00", "database"),
    (4, b"Standard Jet DB", "database"),
    (4, b"Standard ACE DB", "database"),
    (8, b"DUCK", "database"),
    (0, b"PAR1", "parquet"),
    (0, b"ARROW1", "arrow"),
    (0, b"7z\xbc\xaf\x27\x1c", "archive"),
    (0, b"Rar!\x1a\x07", "archive"),
    (0, b"PK\x05\x06", "archive"),
    (0, b"BZh", "archive"),
    (0, b"\xfd7zXZ\x00", "archive"),
    (0, b"\x28\xb5\x2f\xfd", "archive"),
    (0, b"\x7fELF", "program"),
    (0, b"MZ\x90\x00", "program"),
    (0, b"{\\rtf", "word"),
    (0, b"\x09\x00\x04\x00", "old_excel"),  # BIFF2 to BIFF4: Excel before 1993
    (0, b"\x09\x02\x06\x00", "old_excel"),
    (0, b"\x09\x04\x06\x00", "old_excel"),
)
MARKUP = (
    (b"<!doctype html", "html"),
    (b"<html", "html"),
    (b"<table", "html"),
    (b"<head", "html"),
    (b"urn:schemas-microsoft-com:office:spreadsheet", "spreadsheetml"),
    (b"urn:oasis:names:tc:opendocument:xmlns:office", "flat_ods"),
    (b"<?xml", "xml"),
    (b"<svg", "picture"),
)
OLE_CONTENTS = (("WordDocument", "word"), ("PowerPoint Document", "powerpoint"), ("__properties_version1.0", "message"))
BEGINNING = 2_048
CONTROL_SHARE = 0.01  # text has next to no control characters
TEXT_CONTROLS = b"\t\n\r\f\x1a\x1e\x1f"
CONTROLS = bytes(set(range(32)) - set(TEXT_CONTROLS))


def is_workbook(data: bytes) -> bool:
    """Say whether the bytes may be a workbook, for the reader process to open.

    Raises Refusal for what is known not to be a table: empty, a picture, a database, a web page ...
    """
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Refusal("empty_file")
    if data.startswith(ZIP):
        return True
    if data.startswith(OLE):
        refuse_other_compound_files(data)
        return True
    for start, mark, found in OTHERS:
        if data.startswith(mark, start):
            raise Refusal("not_a_table", found=found)
    refuse_markup(data[:BEGINNING])
    return False


def refuse_other_compound_files(data: bytes) -> None:
    """Refuse encrypted workbooks and the Office files that share the envelope of xls."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise Refusal("password")
    if not (holds("Workbook") or holds("Book")):
        for name, found in OLE_CONTENTS:
            if holds(name):
                raise Refusal("not_a_table", found=found)


def refuse_markup(beginning: bytes) -> None:
    """Refuse web pages and XML, which systems often export under the name of a workbook."""
    start = beginning.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(b"<"):
        for mark, found in MARKUP:
            if mark in start:
                raise Refusal("not_a_table", found=found)
    if start.startswith((b"{\n", b'{"', b"[{", b"[\n")):
        raise Refusal("not_a_table", found="json")


def refuse_binary(text: bytes) -> None:
    """Refuse what is not text: more than a stray control character."""
    controls = len(text) - len(text.translate(None, CONTROLS))
    if controls > 8 and controls > CONTROL_SHARE * len(text):
        raise Refusal("not_a_table", found="binary")
