"""Sees in a sheet's XML what calamine does not tell: how far its cells reach, error cells, percent formats.

Runs inside the reader process, over the unpacked bytes piece by piece; nothing is parsed into a tree.
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from loaders import archive
from loaders.kinds import Refused, column_letter

NARROW_CELLS = 9 * 1_048_576  # a sheet of any height up to column I
LOW_CELLS = 100 * 99_999  # a sheet of fewer than 100,000 rows up to column CV
BUILT_IN_PERCENT = {9, 10}  # 0% and 0.00% (ECMA-376 part 1, 18.8.30)
FAR_SHARE = 0.01  # a sheet this empty is not a large table: it has a stray cell
SMALL_PART = 50_000_000

# Without a word boundary before the r, which would cost five times as much: a few more matches do no harm.
BEYOND_CV = re.compile(rb"r=[\"'](?:[A-Z]{3}|C[W-Z]|[D-Z][A-Z])")
BEYOND_I = re.compile(rb"r=[\"'](?:[J-Z]|[A-Z]{2})")
TALL = re.compile(rb"r=[\"'][A-Z]+\d{6}")
COLUMN_OF = re.compile(rb"r=[\"']([A-Z]{1,3})\d")
ROW_OF = re.compile(rb"r=[\"'][A-Z]{1,3}(\d{1,7})")
# [^<>] instead of any character keeps the search linear in whatever is given.
CELL = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^<>]*(?<!/)>")
ERROR = re.compile(
    rb"<(?:\w+:)?c\s[^<>]*?\bt=[\"']e[\"'][^<>]*>"
    rb"(?:<(?:\w+:)?f[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>([^<]*)<"
)
REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
CELL_STARTS = re.compile(rb"<(?:\w+:)?c\s")
FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*?>")
CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs.*?</(?:\w+:)?cellXfs>", re.DOTALL)
ONE_FORMAT = re.compile(rb"<(?:\w+:)?xf\s[^>]*?>")
SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?>")
LINK = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*?>")


@dataclass
class Marks:
    """What was seen: error texts and percent cells at (row, column) from 0, and the last error's place."""

    errors: list[tuple[int, int, str]] = field(default_factory=list)
    percents: list[tuple[int, int]] = field(default_factory=list)

    @property
    def last_row(self) -> int:
        """Last row that holds an error, -1 without."""
        return max((row for row, _, _ in self.errors), default=-1)

    @property
    def last_column(self) -> int:
        """Last column that holds an error, -1 without."""
        return max((column for _, column, _ in self.errors), default=-1)

    def errors_by_column(self) -> Mapping[int, list[tuple[int, str]]]:
        """Errors as (row, text) of each column."""
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for row, column, text in self.errors:
            found[column].append((row, text))
        return found


def seen_in(package: zipfile.ZipFile, part: str, caps: Mapping[str, int]) -> Marks:
    """Look through one sheet; Refused when its cells reach further than the limits."""
    percent = percent_cells(package)
    seen = Marks()
    rest = b""
    doubtful = caps["cells"] < max(NARROW_CELLS, LOW_CELLS)
    broad = False
    for piece in archive.pieces(package, part):
        piece = rest + piece
        cut = piece.rfind(b"<")
        cut = cut if len(piece) - cut < archive.PIECE else len(piece)
        if not broad and BEYOND_I.search(piece):
            broad = True
            doubtful = doubtful or bool(rest)  # the pieces before were not searched for high rows
        if broad and not doubtful:
            doubtful = BEYOND_CV.search(piece) is not None or TALL.search(piece) is not None
        if b't="e"' in piece or b"t='e'" in piece or percent:
            starts = [match.start() for match in CELL_STARTS.finditer(piece, max(0, len(piece) - 70_000))]
            cut = min(cut, starts[-1]) if starts else cut
            collect(piece[:cut], seen, percent)
        rest = piece[cut:]
    collect(rest, seen, percent)
    if doubtful and reach(package, part) > caps["cells"]:
        measure(package, part, caps)
    return seen


def collect(piece: bytes, seen: Marks, percent: re.Pattern[bytes] | None) -> None:
    """Note the error and percent cells of a piece that ends between two cells."""
    if b't="e"' in piece or b"t='e'" in piece:
        for match in ERROR.finditer(piece):
            if place := REFERENCE.search(match[0]):
                row, column = position(place[1], place[2])
                seen.errors.append((row, column, html.unescape(match[1].decode("utf-8", "replace")) or "#ERROR"))
    if percent:
        for match in percent.finditer(piece):
            if place := REFERENCE.search(match[0]):
                seen.percents.append(position(place[1], place[2]))


def reach(package: zipfile.ZipFile, part: str) -> int:
    """Bound the cells of a sheet from above: rows times columns of all its references, filled or not."""
    columns: set[bytes] = set()
    rows = 0
    rest = b""
    for piece in archive.pieces(package, part):
        piece = rest + piece
        columns.update(COLUMN_OF.findall(piece))
        rows = max(rows, max(map(int, set(ROW_OF.findall(piece))), default=0))
        rest = piece[-32:]
    return rows * max((position(letters, b"1")[1] + 1 for letters in columns), default=0)


def measure(package: zipfile.ZipFile, part: str, caps: Mapping[str, int]) -> None:
    """Measure how far a sheet's filled cells reach; Refused beyond the limits, with the farthest cell."""
    rows = columns = count = 0
    rest = b""
    for piece in archive.pieces(package, part):
        piece = rest + piece
        for letters, digits in CELL.findall(piece):
            count += 1
            row, column = position(letters, digits)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        rest = piece[piece.rfind(b"<") :][-archive.PIECE :]
    box = rows * columns
    if rows <= caps["rows"] and columns <= caps["columns"] and box <= caps["cells"]:
        return
    if count < FAR_SHARE * box:
        raise Refused(
            "far_cell", cell=column_letter(columns - 1) + str(rows), rows=caps["rows"], columns=caps["columns"]
        )
    for code, found in (("rows", rows), ("columns", columns), ("cells", box)):
        if found > caps[code]:
            raise Refused(f"too_many_{code}", found=found, limit=caps[code])


def position(letters: bytes, digits: bytes) -> tuple[int, int]:
    """Turn B2 into (1, 1)."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(digits) - 1, column - 1


def attribute(element: bytes, name: bytes) -> str:
    """Give an attribute of an element's opening tag, "" without."""
    match = re.search(rb"[\s:]" + name + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", element)
    return html.unescape((match[1] or match[2] or b"").decode("utf-8", "replace")) if match else ""


def whole(package: zipfile.ZipFile, name: str) -> bytes:
    """Unpack a small part; nothing when it is missing or too large to be what its name says."""
    wanted = {entry.replace("\\", "/").lstrip("/").casefold(): entry for entry in package.namelist()}
    entry = wanted.get(name.casefold())
    if entry is None or package.getinfo(entry).file_size > SMALL_PART:
        return b""
    return b"".join(archive.pieces(package, entry))


def sheet_parts(package: zipfile.ZipFile) -> list[str]:
    """Name the part of each sheet, in the workbook's order; [] when the workbook does not tell."""
    book = whole(package, "xl/workbook.xml")
    links = {
        attribute(link, b"Id"): attribute(link, b"Target")
        for link in LINK.findall(whole(package, "xl/_rels/workbook.xml.rels"))
    }
    held = {entry.replace("\\", "/").lstrip("/").casefold(): entry for entry in package.namelist()}
    parts = []
    for sheet in SHEET.findall(book):
        target = links.get(attribute(sheet, b"id"), "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        parts.append(held.get(path.casefold(), ""))
    return parts if all(parts) else []


def percent_cells(package: zipfile.ZipFile) -> re.Pattern[bytes] | None:
    """Make a pattern of the cells whose style is a percentage; None when the workbook has no such style."""
    styles = whole(package, "xl/styles.xml")
    codes = {attribute(style, b"numFmtId"): attribute(style, b"formatCode") for style in FORMAT.findall(styles)}
    percent = {code for code, shown in codes.items() if "%" in re.sub(r'"[^"]*"|\\.', "", shown)}
    percent |= {str(code) for code in BUILT_IN_PERCENT}
    formats = CELL_FORMATS.search(styles)
    found = ONE_FORMAT.findall(formats[0]) if formats else []
    wanted = [str(n).encode() for n, style in enumerate(found) if attribute(style, b"numFmtId") in percent]
    if not wanted:
        return None
    return re.compile(rb"<(?:\w+:)?c\s[^<>]*?\bs=[\"'](?:" + b"|".join(wanted) + rb")[\"'][^<>]*>")
