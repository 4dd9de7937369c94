"""Turns the bytes of a text file into text, and says how they were encoded."""

from __future__ import annotations

import codecs
import re

from loaders.grid import Refusal

# Longest first: the mark of UTF-32 begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BEGINNING = 4_096
ASCII = bytes(range(0x80))
CONTROLS_ABOVE = bytes(range(0x80, 0xA0))  # nothing in ISO 8859, letters and signs in cp1252
USUAL = "éèêëàâäçùûüîïôöœæÉÈÊÀÇŒ’‘“”«»–—…°€\u00a0"  # of French, which both encodings have
BROKEN_WORD = r"[a-z][Ž\ufffdˆ‰”•™‘“˜][a-z]"  # dŽlai, N”mes
NUL_SHARE = 0.2  # plain text in UTF-16 is nearly half NUL bytes, on one side of each pair


def decoded(data: bytes) -> tuple[str, str, int]:
    """Decode a text file: its text, Python's name of the encoding, and how many bytes had to be replaced.

    A byte order mark decides; then UTF-16 by its NUL bytes; then UTF-8 if every byte agrees; then cp1252, unless most
    of the accents are good UTF-8 and only a few bytes are not (two files pasted together): those become U+FFFD; or
    unless Mac Roman or ISO 8859-15 makes words of what cp1252 makes none of.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            if encoding == "utf-16" and not looks_wide(data):
                break  # a stray ÿþ before single-byte text
            text = data.decode(encoding, "replace")
            return text, encoding, text.count("\ufffd")
    if wide := guessed_wide(data[:BEGINNING]):
        text = data.decode(wide, "replace")
        return text, wide, text.count("\ufffd")
    data = data.rstrip(b"\0")  # what a program that writes whole blocks leaves
    try:
        return data.decode("utf-8"), "utf-8", 0
    except UnicodeDecodeError:
        return without_utf8(data)


def without_utf8(data: bytes) -> tuple[str, str, int]:
    """Decode what is not UTF-8 throughout."""
    text = data.decode("utf-8", "replace")
    replaced = text.count("\ufffd")
    accents = len(text) - len(text.encode("ascii", "ignore")) - replaced
    if accents > 4 * replaced:
        return text, "utf-8", replaced
    for surely, encoding in ((surely_mac_roman, "mac-roman"), (surely_latin_9, "iso8859-15")):
        if surely(data):
            return data.decode(encoding), encoding, 0
    try:
        return data.decode("cp1252"), "cp1252", 0
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        return text, "cp1252", text.count("\ufffd")


def surely_mac_roman(data: bytes) -> bool:
    """Say whether every byte above ASCII is usual in Mac Roman, few are in cp1252, and that one breaks words."""
    above = data.translate(None, ASCII)
    unusual = above.translate(None, USUAL.encode("mac-roman"))
    usual_in_windows = len(above) - len(above.translate(None, USUAL.encode("cp1252")))
    if unusual or 2 * usual_in_windows >= len(above):
        return False
    return re.search(BROKEN_WORD, data.decode("cp1252", "replace")) is not None


def surely_latin_9(data: bytes) -> bool:
    """Say whether ISO 8859-15's own letters stand where cp1252 would have c½ur, or a sum in ¤."""
    if data.translate(None, CONTROLS_ABOVE) != data:
        return False
    return re.search(rb"[A-Za-z]\xbd[a-z]|\d[ \xa0]?\xa4", data) is not None


def looks_wide(data: bytes) -> bool:
    """Say whether bytes after a mark of UTF-16 really are pairs."""
    beginning = data[2 : 2 + BEGINNING]
    return len(data) % 2 == 0 and (not beginning.isascii() or beginning.count(0) > NUL_SHARE * len(beginning))


def guessed_wide(beginning: bytes) -> str | None:
    """Recognise UTF-16 without a mark: NUL on every other byte."""
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    pairs = max(len(beginning) // 2, 1)
    if odd > 2 * NUL_SHARE * pairs and even < odd / 8:
        return "utf-16-le"
    if even > 2 * NUL_SHARE * pairs and odd < even / 8:
        return "utf-16-be"
    return None


def nonempty(text: str) -> str:
    """Give back text that holds something; Refusal otherwise."""
    blank = "\ufeff\x00\x1a \t\r\n"
    if not text[:BEGINNING].strip(blank) and not text.strip(blank):
        raise Refusal("empty_file")
    return text
