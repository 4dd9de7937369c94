"""How a delimited file is written is found from its lines, and believed only where lines agree."""

import pytest

from loaders.caps import Caps
from loaders.delimited import read_delimited
from loaders.dialects import find_form
from loaders.grid import Dialect
from loaders.quoting import mended
from loaders.records import Form


def read(text: str | bytes) -> tuple[list[list[str]], Dialect]:
    grid, dialect = read_delimited(text.encode() if isinstance(text, str) else text, Caps())
    return [[cell for cell in row if cell is not None] for row in grid], dialect


@pytest.mark.accepts("1.4")
@pytest.mark.parametrize(
    "delimiter", [",", ";", "\t", "|", ":", " ", "~", "^", "||", "::", "\t\t", ",,", ", ", "; ", "\\t", "\x1f"]
)
def test_any_delimiter_is_found_and_cuts_the_same_cells(delimiter):
    rows = [["site", "mois", "délai", "taux"], ["Lyon", "jan", "12", "95"], ["Nantes", "fev", "7", "94"]]

    found, dialect = read("".join(delimiter.join(row) + "\n" for row in rows))

    assert dialect.delimiter == delimiter
    assert found == rows


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("2024-01-01 10:00:00,5.2\n2024-01-01 11:00:00,5.3\n", ","),
        ("Site: nom;Durée: h\nLyon: 1;2:30\nLille: 2;3:45\n", ";"),
        ("site;;valeur\nLyon;;5\nNice;;6\n", ";"),
        ("nom complet,ville\nAnne Dupont,Lyon\nJean Petit,Aix\n", ","),
        ("Bilan du mois de mai\nLe total est bon\nFin\n", ","),
        ("a, b,c\n1, 2,3\n4,5, 6\n", ","),
    ],
)
def test_a_mark_inside_cells_is_no_delimiter(text, delimiter):
    assert find_form(text).delimiter == delimiter


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", "||", ", "])
def test_quotes_keep_the_delimiter_inside_a_cell(delimiter, quote):
    cell = f"Lyon{delimiter}Nord"
    lines = [["site", "n", "note"], [f"{quote}{cell}{quote}", "1", "ok"], [f"{quote}{cell}{quote}", "2", "ok"]]

    found, dialect = read("".join(delimiter.join(row) + "\n" for row in lines))

    assert (dialect.delimiter, dialect.quote) == (delimiter, quote)
    assert found == [["site", "n", "note"], [cell, "1", "ok"], [cell, "2", "ok"]]


def test_the_first_line_may_name_the_delimiter_as_excel_does():
    found, dialect = read("sep=;\na,b;c\n1,2;3\n")

    assert dialect.delimiter == ";"
    assert found == [["sep=", ""], ["a,b", "c"], ["1,2", "3"]]


def test_a_backslash_before_a_quote_escapes_it_and_other_backslashes_stay():
    found, dialect = read('a,b\n"8\\" wide \\\'x\\\'",C:\\temp\n"one \\"two\\" three",y\n')

    assert dialect.escape == "\\"
    assert found[1:] == [["8\" wide \\'x\\'", "C:\\temp"], ['one "two" three', "y"]]


def test_a_path_that_ends_in_a_backslash_escapes_nothing():
    found, dialect = read('dir,n\n"C:\\a, b\\",1\n"D:\\c, d\\",2\n')

    assert dialect.escape is None
    assert found == [["dir", "n"], ["C:\\a, b\\", "1"], ["D:\\c, d\\", "2"]]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('1,"2,"Table, round",x', ["1", '"2', "Table, round", "x"]),
        ('1,2,"Table, 48"",x', ["1", "2", 'Table, 48"', "x"]),
        ('1,2,""Table, round",x', ["1", "2", '"Table, round', "x"]),
        ('1,2,"Boxer, 5" long",x', ["1", "2", 'Boxer, 5" long', "x"]),
        ('1,2,Table,"', ["1", "2", "Table", '"']),
        ('1,2,"Say ""yes"", or "no"",x', ["1", "2", 'Say "yes", or "no"', "x"]),
    ],
)
def test_a_stray_quote_is_read_so_that_the_line_has_its_usual_cells(line, cells):
    assert mended(line, ",", '"', 4) == cells
    assert read('a,b,c,d\n1,2,"a, b",4\n' + line + "\n5,6,7,8\n")[0] == [
        ["a", "b", "c", "d"],
        ["1", "2", "a, b", "4"],
        cells,
        ["5", "6", "7", "8"],
    ]


def test_a_stray_quote_takes_no_other_line_with_it():
    lines = ["site,note,n", *(f'Lyon,"ok, {n}",{n}' for n in range(40)), 'Nice,"ok,99', *["Aix,fine,7"] * 3]

    found, _ = read("\n".join(lines) + "\n")

    assert len(found) == len(lines)
    assert found[41:43] == [["Nice", '"ok', "99"], ["Aix", "fine", "7"]]


def test_a_cell_over_several_lines_stays_one_cell_beside_a_stray_quote():
    found, _ = read('a,b\n"x\ny",1\n"2,3\n"p, q",4\n')

    assert found == [["a", "b"], ["x\ny", "1"], ['"2', "3"], ["p, q", "4"]]


def test_a_line_of_very_many_quotes_is_only_split():
    line = ",".join(['"a'] * 500)

    assert mended(line, ",", '"', 3) == line.split(",")


def test_stray_quotes_on_every_line_of_a_long_file_cost_no_more_than_its_length():
    text = "site,note,n\n" + 'Lyon,"5 inches,1\n' * 30_000

    found, _ = read(text)

    assert len(found) == 30_001
    assert found[-1] == ["Lyon", '"5 inches', "1"]


def test_only_some_of_the_controls_are_free_and_the_stand_ins_are_others():
    found, _ = read("a\x1fb||c\nd\x1e||e\n")

    assert found == [["a\x1fb", "c"], ["d\x1e", "e"]]


def test_one_column_has_no_delimiter_to_find():
    assert find_form("site\nLyon\n") == Form(",", None)
