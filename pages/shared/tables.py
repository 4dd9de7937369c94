"""Real HTML tables: caption, row headers, numbers to the right, a tint only where there is a signal; a list on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from pages.shared.icons import icon

Tint = Literal["better", "worse"]
# A cell of the sheet as it is; a solid box for an error, dashed for a warning; one that a person has mended.
Box = Literal["source", "fault", "doubt", "mended"]
Below = Sequence[tuple[str | None, str] | str]
SHORT = 24  # characters up to which an icon and its words stay on one line


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, with its unit in it; `numeric` sets its cells to the right."""

    heading: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says: icon and value, words below it; `quiet` where a phone's list need not show it."""

    text: str
    icon: str | None = None
    below: Below = ()
    tint: Tint | None = None
    box: Box | None = None
    quiet: bool = False
    href: str | None = None
    tag: str | None = None
    here: bool = False  # the one that is being looked at


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its header cell, then a cell for each further column."""

    header: Cell | str
    cells: Sequence[Cell | str]


def html_table(
    columns: Sequence[Column | str],
    lines: Sequence[Line],
    *,
    caption: str,
    caption_shown: bool = False,
    as_list: bool = True,
    nothing: str = "",
) -> str:
    """Write a table whose first column names its rows.

    caption: what the table holds; unseen but read aloud unless `caption_shown`.
    as_list: under 640 pixels each row becomes an entry of a list, headings beside their values, by CSS alone.
    nothing: what a phone says of a row of which every cell is quiet.
    Raises ValueError if a line has another number of cells than there are columns.
    """
    heads = [column if isinstance(column, Column) else Column(column) for column in columns]
    if any(len(line.cells) + 1 != len(heads) for line in lines):
        msg = "a line has another number of cells than the table has columns"
        raise ValueError(msg)
    kind = "es-table es-list" if as_list else "es-table"
    # A list by CSS loses the table's meaning for a screen reader unless each part says what it is.
    roles = _ROLES if as_list else dict.fromkeys(_ROLES, "")
    hidden = "" if caption_shown else ' class="es-hidden"'
    top = "".join(
        f'<th scope="col"{roles["columnheader"]}{_classes("es-num" if head.numeric else "")}>{escape(head.heading)}</th>'
        for head in heads
    )
    body = "".join(_line(line, heads, roles, nothing) for line in lines)
    return (
        f'<table class="es {kind}"{roles["table"]}><caption class="es-cap"><span{hidden}>{escape(caption)}</span></caption>'
        f"<thead{roles['rowgroup']}><tr{roles['row']}>{top}</tr></thead><tbody{roles['rowgroup']}>{body}</tbody></table>"
    )


_ROLES = {name: f' role="{name}"' for name in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell")}


def _line(line: Line, heads: Sequence[Column], roles: dict[str, str], nothing: str) -> str:
    header = line.header if isinstance(line.header, Cell) else Cell(line.header)
    cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in line.cells]
    first = f'<th scope="row"{roles["rowheader"]}{_classes(*_looks(header, heads[0]))}>{_inside(header)}</th>'
    rest = "".join(_cell(cell, head, roles) for cell, head in zip(cells, heads[1:], strict=True))
    quiet = (
        f'<td class="es-only-phone es-small">{escape(nothing)}</td>' if nothing and all(c.quiet for c in cells) else ""
    )
    return f"<tr{roles['row']}>{first}{rest}{quiet}</tr>"


def _cell(cell: Cell, head: Column, roles: dict[str, str]) -> str:
    label = f' data-label="{escape(head.heading, quote=True)}"' if roles["cell"] and head.heading else ""
    return f"<td{roles['cell']}{_classes(*_looks(cell, head))}{label}>{_inside(cell)}</td>"


def _looks(cell: Cell, head: Column) -> tuple[str, ...]:
    return (
        "es-num" if head.numeric else "",
        f"es-{cell.tint}" if cell.tint else "",
        f"es-{cell.box}" if cell.box else "",
        "es-quiet" if cell.quiet else "",
        "es-here" if cell.here else "",
        "" if cell.text or cell.icon or cell.tag else "es-blank",
    )


def _classes(*names: str) -> str:
    kept = " ".join(name for name in names if name)
    return f' class="{kept}"' if kept else ""


def _inside(cell: Cell) -> str:
    text = escape(cell.text)
    if cell.href:
        text = f'<a href="{escape(cell.href, quote=True)}" target="_self">{text}</a>'
    mark = icon(cell.icon) if cell.icon else ""
    tag = f'<span class="es-tag">{escape(cell.tag)}</span>' if cell.tag else ""
    short = " es-keep" if mark and len(cell.text) <= SHORT else ""
    bare = not (mark or tag or cell.tint or cell.below)
    main = text if bare else f'<span class="es-main{short}">{mark}{tag}{text}</span>'
    words = _below([(None, word) if isinstance(word, str) else word for word in cell.below])
    return f'{main}<span class="es-below">{words}</span>' if words else main


def _below(pairs: Sequence[tuple[str | None, str]]) -> str:
    """Words below a value; an icon never parts from its word, nor a dot from the word before it."""
    said = [(name, word) for name, word in pairs if word]
    parts = []
    for index, (name, word) in enumerate(said):
        text = (icon(name) if name else "") + escape(word) + ("\N{NO-BREAK SPACE}·" if index + 1 < len(said) else "")
        parts.append(f'<span class="es-keep">{text}</span>' if name and len(word) <= SHORT else text)
    return " ".join(parts)
