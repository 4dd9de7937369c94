"""Sees in a sheet's XML (xlsx, xlsm) what calamine does not tell; over the unpacked bytes, never parsed into a tree.

Runs inside the reader process: the standard library only.
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders import archive
from loaders.marks import ErrorText, Marks, Seen, odd_time
from loaders.number_formats import BUILT_IN_PERCENT, shows_percent

SMALL_PART = 50_000_000
TAG_LENGTH = 400  # bytes that a cell's opening tag never reaches

# [^<>] instead of any character, and lengths that end, keep every search linear in whatever is given.
CELL = re.compile(rb"<(?:\w+:)?c\s[^<>]{0,200}?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^<>]{0,200}(?<!/)>")
REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
CELL_TAG = re.compile(rb"<(?:\w+:)?c\s")
ERROR = re.compile(rb"t=[\"']e[\"']")
ERROR_VALUE = re.compile(rb"\s*(?:<(?:\w+:)?f[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v[^<>]*>([^<]*)<")
# A formula, and after it no value: openpyxl and many exporting programs write such cells.
UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>\s*<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
TEXT_FORMULA = re.compile(rb"\bt=[\"']str[\"']")  # its value is the empty text
ODD_NUMBER = re.compile(rb"<(?:\w+:)?v>(-\d[^<]*|60(?:\.\d+)?)</")
STYLED = re.compile(rb"\ss=[\"'](\d{1,6})[\"']")
BEFORE_STYLE = re.compile(rb"c r=\"([A-Z]{1,3})(\d{1,7})\"$", re.MULTILINE)
LONGEST_BEFORE_STYLE = len(b'c r="XFD1048576"')
FEW_STYLES = 6  # are looked for one by one
FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^<>]*>")
CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs[\s>]")
CELL_FORMATS_END = re.compile(rb"</(?:\w+:)?cellXfs>")
ONE_FORMAT = re.compile(rb"<(?:\w+:)?xf\s[^<>]*>")
SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*>")
LINK = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*>")
PROPERTIES = re.compile(rb"<(?:\w+:)?workbookPr\s[^<>]*>")


@dataclass
class SheetParts:
    """The sheets of one package: the part of each, and how its percent cells are styled."""

    package: zipfile.ZipFile
    parts: list[str]
    percent: frozenset[bytes]  # numbers of the cell styles that show percentages
    from_1904: bool

    @classmethod
    def of(cls, package: zipfile.ZipFile) -> SheetParts | None:
        """Find a package's sheets; None when it does not tell where they are."""
        book = whole(package, "xl/workbook.xml")
        parts = sheet_parts(package, book)
        properties = PROPERTIES.search(book)
        from_1904 = properties is not None and attribute(properties[0], b"date1904") in {"1", "true", "on"}
        return cls(package, parts, percent_styles(package), from_1904) if parts else None

    def names(self) -> Sequence[str]:
        """None: calamine names the sheets of this format before it reads any."""
        return ()

    def seen(self, position: int) -> Marks:
        """Note error cells, formulas without a value and percentages."""
        marks = Marks()
        formulas, usual = False, None
        for piece in self.whole_cells(position):
            marks.cells += errors(piece)
            formulas = formulas or b"f>" in piece  # the first of a shared formula is written out before the others
            if formulas:
                found = uncomputed(piece)
                marks.uncomputed += len(found)
                marks.cells += found
            if self.percent:
                if usual is None and (first := STYLED.search(piece)):
                    usual = piece.startswith(b' s="', first.start())  # one program wrote the whole sheet
                for column, rows in styled(piece, self.percent, usual=bool(usual)).items():
                    marks.percents.setdefault(column, []).extend(rows)
        return marks

    def odd_times(self, position: int) -> list[tuple[int, int, Seen]]:
        """Find raw numbers that are no moment of any calendar."""
        found: list[tuple[int, int, Seen]] = []
        for piece in self.whole_cells(position):
            for match in ODD_NUMBER.finditer(piece):
                odd = odd_time(as_number(match[1]), from_1904=self.from_1904)
                starts = [start.start() for start in CELL_TAG.finditer(piece, *around(match.start()))]
                place = REFERENCE.search(piece, starts[-1], match.start()) if starts else None
                if odd is not None and place:
                    found.append((*cell_at(place[1], place[2]), odd))
        return found

    def farthest(self, position: int) -> tuple[int, int, int]:
        """Measure the cells that hold something."""
        rows = columns = count = 0
        for piece in self.whole_cells(position):
            for letters, digits in CELL.findall(piece):
                count += 1
                row, column = cell_at(letters, digits)
                rows, columns = max(rows, row + 1), max(columns, column + 1)
        return rows, columns, count

    def whole_cells(self, position: int) -> Iterator[bytes]:
        """Unpack a sheet piece by piece, each ending between two cells."""
        rest = b""
        for piece in archive.pieces(self.package, self.parts[position]) if position < len(self.parts) else ():
            joined = rest + piece
            cut = joined.rfind(b"<c ")
            if cut < 0:
                cut = joined.rfind(b"<", 0, joined.rfind(b":c ") + 1)
            cut = cut if cut >= 0 and len(joined) - cut < archive.PIECE else len(joined)
            yield joined[:cut]
            rest = joined[cut:]
        yield rest


def errors(piece: bytes) -> list[tuple[int, int, Seen]]:
    """Give the error cells of a piece, with the text that each shows."""
    found: list[tuple[int, int, Seen]] = []
    for match in ERROR.finditer(piece):
        end = piece.find(b">", match.end(), match.end() + TAG_LENGTH)
        place = cell_around(piece, match.start(), end)
        value = ERROR_VALUE.match(piece, end + 1)
        if place:
            found.append((*place, ErrorText(plain(value[1] if value else b"") or "#ERROR")))
    return found


def uncomputed(piece: bytes) -> list[tuple[int, int, Seen]]:
    """Give the cells of a piece whose formula has no value, with the formula as their text."""
    found: list[tuple[int, int, Seen]] = []
    for match in UNCOMPUTED.finditer(piece):
        place = REFERENCE.search(b" " + match[1])
        if place and not TEXT_FORMULA.search(match[1]):
            found.append((*cell_at(place[1], place[2]), ErrorText("=" + plain(match[2] or b""))))
    return found


def styled(piece: bytes, styles: frozenset[bytes], *, usual: bool) -> dict[int, list[int]]:
    """Give the cells of a piece that have one of some styles: rows by column. usual: with spaces and double quotes."""
    found: dict[int, list[int]] = defaultdict(list)
    if usual and len(styles) <= FEW_STYLES and all(usually_styled(piece, style, found) for style in styles):
        return found
    found.clear()
    for match in STYLED.finditer(piece):
        if match[1] in styles:
            end = piece.find(b">", match.end(), match.end() + TAG_LENGTH)
            place = cell_around(piece, match.start(), end)
            if place is not None:
                found[place[1]].append(place[0])
    return found


def usually_styled(piece: bytes, style: bytes, found: dict[int, list[int]]) -> bool:
    """Note the cells that have a style, if all of them are written as programs usually do; say whether they are."""
    *before, _ = piece.split(b' s="' + style + b'"')
    cells = BEFORE_STYLE.findall(b"\n".join([text[-LONGEST_BEFORE_STYLE:] for text in before]))
    if len(cells) != len(before):
        return False
    by_letters: dict[bytes, list[bytes]] = defaultdict(list)
    for letters, digits in cells:
        by_letters[letters].append(digits)
    for letters, rows in by_letters.items():
        found[cell_at(letters, b"1")[1]] += [int(row) - 1 for row in rows]
    return True


def cell_around(piece: bytes, inside: int, end: int) -> tuple[int, int] | None:
    """Give the cell whose opening tag holds a place; None when that tag is no cell's."""
    start = piece.rfind(b"<", max(0, inside - TAG_LENGTH), inside)
    if start < 0 or end < 0 or not CELL_TAG.match(piece, start):
        return None
    place = REFERENCE.search(piece, start, end)
    return cell_at(place[1], place[2]) if place else None


def around(inside: int) -> tuple[int, int]:
    """Give where to look for the beginning of the cell that holds a place."""
    return max(0, inside - TAG_LENGTH), inside


def as_number(text: bytes) -> float:
    """Read a raw number; 0 for what is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def plain(text: bytes) -> str:
    """Turn XML's text into text."""
    return html.unescape(text.decode("utf-8", "replace"))


def cell_at(letters: bytes, digits: bytes) -> tuple[int, int]:
    """Turn B2 into (1, 1)."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(digits) - 1, column - 1


def attribute(element: bytes, name: bytes) -> str:
    """Give an attribute of an element's opening tag, "" without."""
    match = re.search(rb"[\s:]" + name + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", element)
    return plain(match[1] or match[2] or b"") if match else ""


def whole(package: zipfile.ZipFile, name: str) -> bytes:
    """Unpack a small part; nothing when it is missing or too large to be what its name says."""
    wanted = {entry.replace("\\", "/").lstrip("/").casefold(): entry for entry in package.namelist()}
    entry = wanted.get(name.casefold())
    if entry is None or package.getinfo(entry).file_size > SMALL_PART:
        return b""
    return b"".join(archive.pieces(package, entry))


def targets(package: zipfile.ZipFile, links: str) -> dict[str, str]:
    """Give the parts that a book's relationships name, by their ids; "" for one that is not there."""
    held = {entry.replace("\\", "/").lstrip("/").casefold(): entry for entry in package.namelist()}
    found = {}
    for link in LINK.findall(whole(package, links)):
        target = attribute(link, b"Target")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        found[attribute(link, b"Id")] = held.get(path.casefold(), "")
    return found


def sheet_parts(package: zipfile.ZipFile, book: bytes) -> list[str]:
    """Name the part of each sheet, in the workbook's order; [] when the workbook does not tell."""
    named = targets(package, "xl/_rels/workbook.xml.rels")
    parts = [named.get(attribute(sheet, b"id"), "") for sheet in SHEET.findall(book)]
    return parts if all(parts) else []


def percent_styles(package: zipfile.ZipFile) -> frozenset[bytes]:
    """Number the cell styles that show percentages, as a cell names them."""
    styles = whole(package, "xl/styles.xml")
    codes = {attribute(style, b"numFmtId"): attribute(style, b"formatCode") for style in FORMAT.findall(styles)}
    percent = {number for number, code in codes.items() if shows_percent(code)}
    percent |= {str(number) for number in BUILT_IN_PERCENT}
    begin = CELL_FORMATS.search(styles)
    end = CELL_FORMATS_END.search(styles, begin.end()) if begin else None
    found = ONE_FORMAT.findall(styles, begin.end(), end.start()) if begin and end else []
    return frozenset(str(n).encode() for n, style in enumerate(found) if attribute(style, b"numFmtId") in percent)
