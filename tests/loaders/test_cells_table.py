"""`cells --table` prints the one table of a file clean, and tells of every other line under its number."""

import csv
import gzip
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loaders.command import READ, REFUSED, run
from tests.loaders.exports import as_xlsx

ROOT = Path(__file__).parents[2]
RECORDS = "Lyon;2024-01-05;12,5\nLille;2024-01-06;7,25\nNice;2024-01-07;3\n"
CLEAN = 'Lyon,2024-01-05,"12,5"\nLille,2024-01-06,"7,25"\nNice,2024-01-07,3\n'


@pytest.fixture
def table(capsys, tmp_path):
    def shown(text: str | bytes, language: str = "en") -> tuple[str, list[str]]:
        path = tmp_path / "export.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        assert run(["cells", "--table", str(path), "--language", language]) == READ
        out, err = capsys.readouterr()
        return out, err.splitlines()

    return shown


@pytest.mark.accepts("1.4")
def test_header_and_records_are_clean_csv_and_nothing_else_is_said(table):
    assert table("site;jour;délai\n" + RECORDS) == ("site,jour,délai\n" + CLEAN, [])


def test_what_stands_around_the_table_is_told_under_its_line_number(table):
    out, aside = table(
        "Suivi des délais\nÉdité le;05/02/2024\n\nsite;jour;délai\n" + RECORDS + "\nSource : direction\n"
    )

    assert out == "site,jour,délai\n" + CLEAN
    assert aside == [
        "1: above the table: Suivi des délais",
        "2: above the table: Édité le | 05/02/2024",
        "3: blank line",
        "8: blank line",
        "9: below the table: Source : direction",
    ]


def test_the_reasons_are_told_in_french_too(table):
    _, aside = table("Suivi\n\nsite;jour;délai\n" + RECORDS, "fr")

    assert aside == ["1: au-dessus du tableau: Suivi", "2: ligne vide"]


def test_a_file_without_a_header_gives_its_records(table):
    assert table(RECORDS) == (CLEAN, [])


def test_several_header_rows_become_one_and_groups_name_each_column(table):
    out, aside = table("site;2023;;2024;\n;délai;n;délai;n\nLyon;1,5;4;2,5;6\nNice;3,5;4;4,5;8\n")

    assert out.splitlines()[0] == "site,2023 délai,2023 n,2024 délai,2024 n"
    assert out.splitlines()[1] == 'Lyon,"1,5",4,"2,5",6'
    assert [line.partition(": ")[0] for line in aside] == ["1", "2"]


def test_groups_that_look_like_values_are_a_header_row_above_the_names(table):
    out, _ = table("site;2023;;2024;\n;min;max;min;max\nLyon;2001;2004;2002;2006\nNice;2003;2004;2004;2008\n")

    assert out.splitlines()[0] == "site,2023 min,2023 max,2024 min,2024 max"


def test_two_rows_of_words_above_two_columns_of_values_are_one_header(table):
    assert (
        table("site;délai;n\n;jours;dossiers\nLyon;1,5;4\nNice;3,5;8\n")[0].splitlines()[0]
        == "site,délai jours,n dossiers"
    )


def test_a_table_of_words_has_a_header_unless_its_first_row_comes_again(table):
    assert table("name,town\nAnn,Aix\nBob,Brest\n")[0] == "name,town\nAnn,Aix\nBob,Brest\n"
    assert table("Ann,Aix\nBob,Aix\nAnn,Aix\n") == ("Ann,Aix\nBob,Aix\nAnn,Aix\n", [])


def test_a_file_that_is_no_table_is_refused_as_ever(capsys, tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))

    assert run(["cells", "--table", str(path), "--language", "en"]) == REFUSED
    assert capsys.readouterr().out == ""


def test_a_second_table_is_named_and_left_out(table):
    out, aside = table(
        "site;jour;délai\n" + RECORDS + "region;jour;délai;n\nNord;2024-01-05;4,5;8\nSud;2024-01-06;5;9\n"
    )

    assert out == "site,jour,délai\n" + CLEAN
    assert aside[0] == "5: another table: region | jour | délai | n"
    assert len(aside) == 3


def test_a_header_that_comes_again_is_no_record_and_the_records_below_it_are(table):
    out, aside = table("site;jour;délai\n" + RECORDS + "site;jour;délai\nAix;2024-01-08;9\n")

    assert out == "site,jour,délai\n" + CLEAN + "Aix,2024-01-08,9\n"
    assert aside == ["5: header again: site | jour | délai"]


def test_records_that_are_short_or_long_are_all_there_and_told(table):
    out, aside = table("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1,\n2,2,2\n")

    assert out == "a,b,c\n1,2,3\n4,5,\n6,7,8,9\n1,1,1\n2,2,2\n"
    assert aside == [
        "3: 2 cells where records have 3: 4 | 5",
        "4: 4 cells where records have 3: 6 | 7 | 8 | 9",
        "5: 4 cells where records have 3: 1 | 1 | 1",
    ]


def test_a_value_that_is_missing_makes_no_header_row(table):
    out, aside = table("site,jour,délai\nLyon,2024-01-05,fermé\nLille,2024-01-06,7\nNice,n/a,n/a\nAix,2024-01-08,9\n")

    assert out.count("\n") == 5
    assert aside == []


def test_a_damaged_first_record_stays_a_record(table):
    out, _ = table("site,jour,délai,n\n,Lyon,2024-01-05,12,4\nLille,2024-01-06,7,5\nNice,2024-01-07,8,5\n")

    assert out.splitlines()[:2] == ["site,jour,délai,n", ",Lyon,2024-01-05,12,4"]


def test_a_line_that_names_the_delimiter_is_told_of(table):
    out, aside = table("sep=;\nsite;jour;délai\n" + RECORDS)

    assert out == "site,jour,délai\n" + CLEAN
    assert aside == ["1: names the delimiter: sep="]


def test_comments_are_no_records_wherever_they_stand(table):
    out, aside = table("# export of May\nid,name\n1,english\n# half way\n2,français\n#3,hash\n")

    assert out == "id,name\n1,english\n2,français\n#3,hash\n"
    assert aside == ["1: comment: # export of May", "4: comment: # half way"]


def test_an_empty_file_is_a_table_without_a_row(table):
    assert table("") == ("", ["The file is empty: no header, no record."])
    assert table("", "fr")[1] == ["Le fichier est vide\u00a0: ni en-tête, ni ligne."]


def test_a_file_of_one_line_is_its_header(table):
    assert table("site;jour;délai\n") == ("site,jour,délai\n", [])


def test_the_output_is_utf8_whatever_the_terminal_is(tmp_path):
    path = tmp_path / "export.csv.gz"
    path.write_bytes(gzip.compress('site;note\nNîmes;"dit ""oui"""\n'.encode("cp1252")))

    done = subprocess.run(
        [sys.executable, "-m", "loaders", "cells", "--table", str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert done.stdout.decode() == 'site,note\nNîmes,"dit ""oui"""\n'
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_workbook_has_a_table_too(table):
    out, aside = table(
        as_xlsx([["Rapport"], [None], ["Site", "Mois", "Délai"], ["Lyon", "jan", 12.5], ["Nice", "jan", 3]])
    )

    assert out == "Site,Mois,Délai\nLyon,jan,12.5\nNice,jan,3\n"
    assert aside == ["1: above the table: Rapport", "2: blank line"]


def test_what_is_printed_is_read_back_the_same(table):
    source = ROOT / "tests/samples/ae_attendances.csv"

    out, aside = table(source.read_bytes())

    assert list(csv.reader(io.StringIO(out))) == list(csv.reader(io.StringIO(source.read_text())))
    assert aside == []
