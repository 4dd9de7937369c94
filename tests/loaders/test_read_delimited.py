"""Every line of a delimited file is read, under its own number, whatever else is on it."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from loaders.caps import Caps
from loaders.delimited import read_delimited, read_line_by_line
from loaders.dialects import find_form
from loaders.files import read_book
from loaders.grid import Book, Format, Grid, Kind, Refusal
from loaders.records import Form
from loaders.regular import line_ends, odd_lines, read_regular

SAMPLES = Path(__file__).parents[1] / "samples"


def book(text: str | bytes) -> Book:
    return read_book(text.encode() if isinstance(text, str) else text, "export.csv", limits=Caps())


def grid(text: str | bytes) -> Grid:
    return book(text).grid


def cut(rows: Grid) -> list[list[str]]:
    return [[cell for cell in row if cell is not None] for row in rows]


def test_a_real_export_is_read_line_for_line():
    source = (SAMPLES / "ae_attendances.csv").read_text()

    read = read_book(SAMPLES / "ae_attendances.csv")

    assert read.format is Format.CSV
    assert list(read.grid) == list(csv.reader(io.StringIO(source)))
    assert read.grid.n_rows == 12_766
    assert read.grid.row_number(12_765) == 12_766


@pytest.mark.accepts("1.4")
@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("site,jan,feb\nLyon,1.5,2\n", ","),
        ("site;jan;feb\nLyon;1,5;2,25\nLille;3,5;4,75\n", ";"),
        ("site\tjan\nLyon, centre\t1,5\n", "\t"),
        ("site|jan\nLyon|1\n", "|"),
        ("Rapport du mois, tous sites\n\nsite;délai;taux\nLyon;1,5;0,2\nLille;2,5;0,3\n", ";"),
    ],
)
def test_the_delimiter_is_found_from_the_lines(text, delimiter):
    assert book(text).dialect.delimiter == delimiter


@pytest.mark.accepts("1.4")
@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("mac-roman", "mac-roman"),
    ],
)
def test_the_encoding_is_found_and_the_text_is_the_same(encoding, found):
    text = "site;délai\nChâlons;1,5\nNîmes;2\n"

    read = book(text.encode(encoding))

    assert read.dialect.encoding == found
    assert read.grid.rows() == [["site", "délai"], ["Châlons", "1,5"], ["Nîmes", "2"]]


@pytest.mark.parametrize(
    ("data", "encoding", "words"),
    [
        ("cœur;5 €\n", "iso8859-15", ["cœur", "5 €"]),
        ("1½ tasse;naïf\n", "cp1252", ["1½ tasse", "naïf"]),
        ("cœur;5 €\n", "cp1252", ["cœur", "5 €"]),
        ("Žižkov;Šibenik\n", "cp1252", ["Žižkov", "Šibenik"]),
    ],
)
def test_an_encoding_other_than_cp1252_is_believed_only_where_it_is_sure(data, encoding, words):
    read = book(data.encode(encoding))

    assert (read.dialect.encoding, read.grid.rows()) == (encoding, [words])


def test_nul_bytes_that_fill_the_last_block_are_no_line():
    assert grid(b"a,b\n1,2\n" + bytes(500)).rows() == [["a", "b"], ["1", "2"]]


def test_a_nul_inside_a_cell_stays_where_it_is():
    assert grid(b"a,b\n1\0,2\n3,4\n").rows() == [["a", "b"], ["1\0", "2"], ["3", "4"]]


@pytest.mark.parametrize("name", ["export.tsv", "export.txt", "export", "export.pdf"])
def test_the_name_of_a_text_file_says_nothing(name):
    assert read_book(b"a\tb\n1\t2\n", name).grid.rows() == [["a", "b"], ["1", "2"]]


def test_a_few_bad_bytes_in_utf8_are_counted_and_do_not_garble_the_accents():
    read = book("site;délai;été\nNîmes;2;é\nChâlons;é;é\n".encode() + b"Lyon\xff;1;1\n")

    assert read.dialect.replaced == 1
    assert read.grid.text(3, 0) == "Lyon\ufffd"
    assert read.grid.text(1, 0) == "Nîmes"


def test_bad_bytes_on_a_ragged_line_are_replaced_without_a_word_on_stderr(capfd):
    lines = ["Généré à Orléans, été".encode(), b"Abbeville: \xe9", b"site,jan,feb", *([b"Lyon,1,2"] * 40)]

    read = read_delimited(b"\n".join(lines), Caps())

    assert cut(read[0])[1] == ["Abbeville: \ufffd"]
    assert capfd.readouterr().err == ""


def test_a_preamble_blank_lines_ragged_lines_and_a_footer_are_all_kept():
    rows = grid("Report\n\na,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n2,2,2\nSource: us\n")

    assert cut(rows) == [
        ["Report"],
        [],
        ["a", "b", "c"],
        ["1", "2", "3"],
        ["4", "5"],
        ["6", "7", "8", "9"],
        ["1", "1", "1"],
        ["2", "2", "2"],
        ["Source: us"],
    ]
    assert rows.row_number(8) == 9


def test_a_cell_over_several_lines_leaves_the_next_record_its_own_line_number():
    rows = grid('a,b\n"one\ntwo",1\nlast,2\n')

    assert rows.rows() == [["a", "b"], ["one\ntwo", "1"], ["last", "2"]]
    assert list(rows.row_numbers) == [1, 2, 4]
    assert rows.place(2, 1) == "B4"


def test_a_quote_that_never_closes_is_an_ordinary_character():
    rows = grid('site,note\n"Lyon",ok\nLille,"5 inches\nParis,ok\n')

    assert rows.rows() == [["site", "note"], ["Lyon", "ok"], ["Lille", '"5 inches'], ["Paris", "ok"]]


def test_a_quote_that_swallows_a_long_file_is_an_ordinary_character_too():
    rows = grid('site,note\n"Lyon",ok\nLille,"5 inches\n' + "Paris,good\n" * 20_000)

    assert rows.n_rows == 20_003
    assert rows.rows(1, 4) == [["Lyon", "ok"], ["Lille", '"5 inches'], ["Paris", "good"]]


def test_quotes_that_only_stand_far_down_are_quotes():
    rows = grid("site,value\n" + "Lyon,1\n" * 300 + '"Lille, nord",2\n')

    assert rows.rows(301) == [["Lille, nord", "2"]]


def test_doubled_and_escaped_quotes_are_one_quote():
    assert grid('a,b\n"say ""hi""",1\n').text(1, 0) == 'say "hi"'
    assert grid('a,b\n"say \\"hi\\"",1\n"x",2\n').text(1, 0) == 'say "hi"'


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_line_endings_of_every_system_give_the_same_rows(ending, last):
    rows = grid(ending.join(["a;b", "1;2", "", "3;4"]) + (ending if last else ""))

    assert cut(rows) == [["a", "b"], ["1", "2"], [], ["3", "4"]]


def test_an_empty_cell_is_told_from_a_missing_one():
    rows = grid("a,b,c\n1,,3\n2\n3,4,5\n")

    assert rows.text(1, 1) == ""
    assert rows.text(2, 1) is None
    assert list(rows.kinds(1)) == [Kind.TEXT, Kind.EMPTY, Kind.EMPTY, Kind.TEXT]
    assert rows.kind(0, 1) is Kind.TEXT


def test_a_gz_of_a_csv_is_unpacked():
    assert grid(gzip.compress(b"a,b\n1,2\n")).rows() == [["a", "b"], ["1", "2"]]


written = st.sampled_from(['"a"', "b", '"c, d"', '"x""y"', '"', '""', '"e', 'f"', 'g"h', '"k"l', "", " ", '"m\nn"'])


def test_a_file_of_very_many_short_lines_is_read_line_by_line_all_the_same():
    rows = grid("a,b\n" + "1,2\n3\n" * 60_000)

    assert rows.n_rows == 120_001
    assert cut(rows)[-2:] == [["1", "2"], ["3"]]


def test_a_few_stray_quotes_and_cells_over_two_lines_are_read_in_one_go_with_the_rest():
    raw = b"a,b\n" + b'"x, y",1\n' * 50 + b'"2,3\n"x\ny",1\n"""z""",4\n'

    quick = read_regular(raw, Form(",", '"'), 2, Caps(), line_ends(raw))

    assert quick is not None
    assert quick.rows(51) == [['"2', "3"], ["x\ny", "1"], ['"z"', "4"]]
    assert len(odd_lines(raw, Form(",", '"'))) == 3


def test_a_cell_over_two_lines_is_preferred_to_a_stray_quote_where_both_give_the_usual_cells():
    assert grid('a,b\n"p, q",1\n"x,1\ny",2\n').rows(2) == [["x,1\ny", "2"]]


def test_very_many_cells_over_two_lines_keep_their_line_numbers():
    rows = grid("a,b\n" + '"x\ny",1\n' * 3_000)

    assert rows.n_rows == 3_001
    assert rows.rows(3_000) == [["x\ny", "1"]]
    assert rows.row_number(3_000) == 6_000


def test_a_lone_return_inside_quotes_is_part_of_the_cell():
    assert grid('a,b\n"x\ry",1\n2,3\n').rows() == [["a", "b"], ["x\ry", "1"], ["2", "3"]]


@pytest.mark.parametrize("size", [200_000, 9_000_000])
def test_memory_is_given_back_after_a_file_of_any_size(size):
    assert grid("site,value\n" + "Lyon centre,12\n" * (size // 15)).text(1, 0) == "Lyon centre"


@pytest.mark.parametrize("before", ["a,b\n", 'a,"b"\n', 'a,"b\n'])
def test_a_cell_longer_than_any_is_refused_with_its_line(before):
    with pytest.raises(Refusal) as refused:
        grid(before + "1," + "x" * 200_000 + "\n2,3\n")

    assert (refused.value.code, refused.value.details["row"]) == ("long_cell", 2)


def test_a_line_of_too_many_cells_is_refused_beside_stray_quotes_too():
    with pytest.raises(Refusal) as refused:
        read_delimited(('a,"b\n' + "1,2\n" * 9 + "," * 50 + "\n").encode(), Caps(columns=20))

    assert refused.value.code == "too_many_columns"


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x1a", exclude_categories=["Cs", "Cc"]), max_size=8)
tables = st.lists(
    st.lists(cells | st.sampled_from(['"', "a,b", "", "x\ny", "1,5"]), min_size=2, max_size=4), min_size=2
)


@settings(deadline=None)
@given(tables)
def test_what_is_written_as_csv_is_read_back_cell_for_cell(rows):
    assume(any(cell.strip("\ufeff \x00") for row in rows for cell in row))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)

    read = read_line_by_line(out.getvalue(), Form(",", '"'), 0, Caps())

    assert cut(read) == rows


@settings(deadline=None)
@given(
    st.lists(st.text('ab"1,;\n\r é', max_size=12), min_size=1, max_size=30).map("\n".join)
    | st.lists(st.lists(written, min_size=1, max_size=4).map(",".join), min_size=1, max_size=12).map("\n".join),
    st.sampled_from([Form(",", '"'), Form(";", None), Form(",", None)]),
    st.integers(1, 4),
)
def test_the_quick_way_reads_what_the_careful_way_reads_or_stands_back(text, form, width):
    assume(text)

    quick = read_regular(text.encode(), form, width, Caps(), line_ends(text.encode()))
    careful = read_line_by_line(text, form, width, Caps())

    if quick is not None:
        assert cut(quick) == cut(careful)
        assert list(quick.row_numbers) == list(careful.row_numbers)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_no_line_is_lost(data):
    try:
        read, dialect = read_delimited(data, Caps())
    except Refusal:
        return
    assert dialect.delimiter
    assert read.row_number(read.n_rows - 1) <= data.count(b"\n") + data.count(b"\r") + 1


def test_a_form_is_found_even_for_one_column_of_text():
    assert find_form("site\nLyon\n").delimiter == ","
