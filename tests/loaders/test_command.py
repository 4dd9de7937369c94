"""`python -m loaders` ends in 0, 2 or 3 and in sentences, whatever it is given."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from data.access import actor_for
from data.engine import StoreDamaged, StoreHeld, StoreNewer
from data.gate import Conflict
from data.people import assign, people, register_person
from data.settings import settings
from data.sites import site_named, sites
from data.store import open_store
from data.types import Role
from loaders.command import COMMANDS, HELD, READ, REFUSED, run
from tests.loaders.exports import LONG, WIDE, as_csv, as_xlsx
from wording import say

ROOT = Path(__file__).parents[2]
SMALL = [["mois", "site", "erreurs", "commandes"], ["2026-01", "Lyon", 1, 10], ["2026-02", "Lyon", 2, 0]]


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "erreurs.csv"
    path.write_bytes(as_csv(SMALL))
    return path


def said(capsys) -> tuple[list[str], list[str]]:
    out, err = capsys.readouterr()
    return out.splitlines(), err.splitlines()


def test_check_gives_one_entry_a_file_as_json(capsys):
    code = run(["check", str(LONG), str(WIDE), "--json", "--language", "en"])

    first, second = json.loads(capsys.readouterr().out)
    assert code == READ
    assert [first[name] for name in ("file", "outcome", "sheet", "layout")] == [LONG.name, "read", None, "long"]
    assert [first[name] for name in ("sites", "metrics", "periods", "observations")] == [274, 3, 36, 38_295]
    assert second["sheet"] == "Figures for 2018"
    assert [second[name] for name in ("sites", "metrics", "periods", "observations")] == [340, 1, 12, 4_080]
    assert [fault["row"] for fault in second["faults"]] == [6]
    assert second["faults"][0]["sentence"].endswith("Keep the row if it is a site.")


def test_check_says_what_it_understood_in_the_readers_language(capsys, monkeypatch):
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")

    run(["check", str(WIDE)])

    lines, _ = said(capsys)
    assert "4 080 observations : 340 sites, 1 métrique, 12 mois (janvier 2018 – décembre 2018)." in [
        line.replace("\u202f", " ").replace("\u00a0", " ") for line in lines
    ]


def test_check_of_a_refused_file_is_one_line_and_exit_2(capsys, tmp_path):
    path = tmp_path / "photo.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))

    code = run(["check", str(path), "--json"])

    out, err = capsys.readouterr()
    assert code == REFUSED
    assert [entry["outcome"] for entry in json.loads(out)] == ["refused"]
    assert len(err.splitlines()) == 1


def test_load_into_an_empty_register_registers_the_user_of_the_system(capsys, small):
    code = run(["load", str(small), "--rate", "erreurs/commandes", "--language", "en"])

    lines, errors = said(capsys)
    store = open_store()
    with store.read() as cursor:
        register = people(cursor)
    store.close()
    assert (code, errors) == (READ, [])
    assert lines[0].startswith("The register was empty:")
    assert "erreurs.csv: loaded. 5 new values, 0 the same, 0 restated." in lines
    assert "1 rate impossible: the denominator is 0." in lines
    assert len(register) == 1


def test_the_same_load_again_says_that_nothing_changed(capsys, small):
    run(["load", str(small), "--language", "en"])
    said(capsys)

    code = run(["load", str(small), "--language", "en"])

    lines, errors = said(capsys)
    assert (code, len(lines), errors) == (READ, 1, [])
    assert "already loaded on" in lines[0]


def test_a_refused_load_leaves_the_register_empty(capsys, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("date,site,errors\n2026-01-05,Lyon,beaucoup\n2026-01-06,Lyon,3\n2026-01-07,Lyon,4\n")

    code = run(["load", str(path), "--language", "en"])

    lines, errors = said(capsys)
    store = open_store()
    with store.read() as cursor:
        register = people(cursor)
    store.close()
    assert (code, lines, register) == (REFUSED, [], [])
    assert errors[0].startswith("f.csv: refused. C2 “errors”: found “beaucoup”; expected a number")


def test_a_restatement_needs_its_reason(capsys, small):
    run(["load", str(small)])
    small.write_bytes(as_csv([*SMALL[:2], ["2026-02", "Lyon", 3, 0]]))

    refused = run(["load", str(small), "--language", "en"])
    done = run(["load", str(small), "--language", "en", "--reason", "late count"])

    lines, errors = said(capsys)
    assert (refused, done) == (REFUSED, READ)
    assert errors == ["erreurs.csv: refused. 1 value already on record would change. Say why: --reason TEXT."]
    assert "erreurs.csv: loaded. 0 new values, 3 the same, 1 restated." in lines


def test_the_person_is_named_by_name_or_refused(capsys, small):
    run(["load", str(small)])
    store = open_store()
    with store.read() as cursor:
        name = people(cursor)[0].name
    store.close()
    small.write_bytes(as_csv([*SMALL, ["2026-03", "Lyon", 3, 9]]))

    unknown = run(["load", str(small), "--as", "Personne", "--language", "en"])
    known = run(["load", str(small), "--as", name.upper(), "--language", "en"])

    _, errors = said(capsys)
    assert (unknown, known) == (REFUSED, READ)
    assert errors == ["“Personne” is not in the register. Give a known name, e-mail or id: --as PERSON."]


def test_an_open_question_names_the_option_that_answers_it(capsys, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("date,site,errors\n03/04/2026,Lyon,1\n04/04/2026,Lyon,3\n")

    asked = run(["load", str(path), "--language", "en"])
    answered = run(["load", str(path), "--dates", "day-first"])

    _, errors = said(capsys)
    assert (asked, answered) == (REFUSED, READ)
    assert "--dates day-first or --dates month-first" in errors[0]


def test_a_held_store_ends_in_3_and_names_its_holder(capsys, small):
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, data.store; data.store.open_store(); print('open', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        env={**os.environ, "ESSAIM_STORE": settings().store_url},
    )  # fmt: skip
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        code = run(["load", str(small), "--language", "en"])
    finally:
        holder.communicate(timeout=60)

    _, errors = said(capsys)
    assert code == HELD
    assert len(errors) == 1
    assert str(holder.pid) in errors[0]


@pytest.mark.parametrize(
    "arguments",
    [["load"], ["lod", "x.csv"], ["check", "x.csv", "--segments", "melange"], ["check", "x.csv", "--rate", "a"]],
)
def test_a_command_that_cannot_be_understood_is_one_line(arguments, capsys):
    code = run([*arguments, "--language", "fr"])

    _, errors = said(capsys)
    assert (code, len(errors)) == (REFUSED, 1)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_command_tells_of_itself_and_of_its_exit_codes(command, language, capsys):
    assert run([command, "--help", "--language", language]) == READ

    told = capsys.readouterr().out
    assert say("commands.exit", language) in told
    module = importlib.import_module(f"loaders.command_{command}")
    parser = argparse.ArgumentParser(add_help=False)
    module.takes(parser)
    options = {option for action in parser._actions for option in action.option_strings}
    assert {option for option in options if not re.search(rf"(?<![\w-]){option}(?![\w-])", told)} == set()


def test_help_is_in_the_readers_language(capsys):
    assert run(["--help", "--language", "fr"]) == READ
    assert "affiche les cellules brutes" in capsys.readouterr().out


def test_check_of_a_file_with_faults_shows_all_and_ends_refused(capsys, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("date,site,errors\n2026-01-05,Lyon,beaucoup\n2026-01-06,Lyon,3\n2026-01-07,Lyon,4\n")

    code = run(["check", str(path), "--language", "en"])

    lines, errors = said(capsys)
    assert code == REFUSED
    assert any(line.startswith("2 observations") for line in lines)
    assert len(errors) == 1
    assert errors[0].startswith("f.csv: refused. C2 “errors”: found “beaucoup”; expected a number")


def test_check_of_a_file_with_an_open_question_ends_refused(capsys, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("date,site,errors\n03/04/2026,Lyon,1\n04/04/2026,Lyon,3\n")

    code = run(["check", str(path), "--json", "--language", "en"])

    out, err = capsys.readouterr()
    assert code == REFUSED
    assert [entry["outcome"] for entry in json.loads(out)] == ["read"]
    assert "--dates day-first or --dates month-first" in err


def test_check_tells_what_each_column_was_taken_for_when_asked(capsys, small):
    code = run(["check", str(small), "--verbose", "--language", "en"])

    lines, _ = said(capsys)
    assert code == READ
    assert any(line.startswith("A “mois”: ") for line in lines)


def test_a_load_gives_the_number_by_which_it_is_undone(capsys, small):
    run(["load", str(small), "--language", "en"])
    batch = said(capsys)[0][-1].rpartition(" ")[2]

    previewed = run(["undo", batch, "--preview", "--language", "en"])
    unexplained = run(["undo", batch, "--language", "en"])
    undone = run(["undo", batch, "--reason", "wrong file", "--language", "en"])
    again = run(["undo", batch, "--reason", "wrong file", "--language", "en"])

    lines, errors = said(capsys)
    assert (previewed, unexplained, undone, again) == (READ, REFUSED, READ, REFUSED)
    assert lines[0].startswith("erreurs.csv, loaded on ")
    assert lines[1:3] == ["4 values would vanish: nothing stood there before", "0 earlier values would come back"]
    assert lines[3] == "erreurs.csv is undone: its values gave way to those before them."
    assert "say why" in errors[0]
    assert errors[1].endswith(say("refused.already_undone", "en"))


@pytest.mark.accepts("1.22")
def test_a_name_of_the_file_can_be_said_to_mean_a_site_on_record(capsys, small):
    run(["load", str(small)])
    small.write_bytes(as_csv([SMALL[0], ["2026-03", "LY-7 (sud)", 5, 9], ["2026-04", "LY-7 (sud)", 6, 9]]))

    unknown = run(["load", str(small), "--site-is", "LY-7 (sud)=Brest", "--language", "en"])
    unreadable = run(["load", str(small), "--site-is", "LY-7", "--language", "en"])
    known = run(["load", str(small), "--site-is", "LY-7 (sud)=lyon", "--language", "en"])

    _, errors = said(capsys)
    assert (unknown, unreadable, known) == (REFUSED, REFUSED, READ)
    assert "No site is called “Brest”" in errors[0]
    assert "NAME=SITE" in errors[1]
    store = open_store()
    with store.read() as cursor:
        assert [site.name for site in sites(cursor)] == ["Lyon"]
    store.close()


@pytest.mark.parametrize("batch", ["nothing", "", "x' OR '1'='1"])
def test_a_load_that_is_not_there_cannot_be_undone(batch, capsys, small):
    run(["load", str(small)])

    assert run(["undo", batch, "--reason", "x", "--language", "en"]) == REFUSED
    assert said(capsys)[1] == [f"No load has the number “{batch}”. It is the last line that load printed."]


def test_an_undo_foretells_the_later_loads_that_stay(capsys, small):
    run(["load", str(small), "--language", "en"])
    batch = said(capsys)[0][-1].rpartition(" ")[2]
    small.write_bytes(as_csv([*SMALL[:2], ["2026-02", "Lyon", 3, 0]]))
    run(["load", str(small), "--reason", "late count"])
    said(capsys)

    run(["undo", batch, "--preview", "--language", "en"])

    assert said(capsys)[0][-1] == "1 value was replaced since by erreurs.csv, and stays so"


@pytest.mark.parametrize("arguments", [["load", "f.csv"], ["undo", "x", "--reason", "y"], ["template", "Lyon"]])
@pytest.mark.parametrize(
    ("problem", "code", "words"),
    [
        (StoreHeld("f", "python 7"), HELD, "ESSAIM_URL"),
        (StoreDamaged("f"), REFUSED, "restore"),
        (StoreNewer("f"), REFUSED, ""),
        (OSError("no room"), REFUSED, "OSError"),
    ],
)
def test_a_store_that_does_not_open_is_one_line_whatever_the_command(
    arguments, problem, code, words, capsys, monkeypatch
):
    def closed() -> None:
        raise problem

    monkeypatch.setattr("loaders.command_endings.open_store", closed)

    assert run([*arguments, "--language", "en"]) == code
    (line,) = said(capsys)[1]
    assert words in line


def test_whoever_may_not_upload_is_refused_in_a_sentence(capsys, small):
    run(["load", str(small)])
    store = open_store()
    with store.read() as cursor:
        admin = actor_for(cursor, people(cursor)[0].id, store.today())
    assign(store, admin, person_id=register_person(store, admin, name="Vi").id, role=Role.VIEWER)
    store.close()
    small.write_bytes(as_csv([*SMALL, ["2026-03", "Lyon", 3, 9]]))
    said(capsys)

    code = run(["load", str(small), "--as", "Vi", "--language", "en"])

    assert code == REFUSED
    assert said(capsys)[1][0].startswith("erreurs.csv: refused.")


@pytest.mark.parametrize("error", [Conflict(), KeyboardInterrupt(), OSError("gone")])
def test_whatever_breaks_off_a_load_is_one_line(error, capsys, small, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("loaders.ingest.load", broken)

    assert run(["load", str(small), "--language", "en"]) == REFUSED
    assert len(said(capsys)[1]) == 1


def test_an_output_that_cannot_be_written_is_said(capsys, small, monkeypatch):
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("sys.stdout.writelines", full)
    monkeypatch.setattr("loaders.command.leave_quietly", lambda: READ)

    assert run(["check", str(small), "--language", "en"]) == REFUSED
    assert "run the command again" in said(capsys)[1][0]


def test_a_command_line_without_a_command_gets_the_list_of_them(capsys):
    assert run(["--language", "en"]) == REFUSED

    told = said(capsys)[0]
    assert [name for name in COMMANDS if not any(line.startswith(f"  {name} ") for line in told)] == []


def test_cells_prints_the_grid(capsys, tmp_path):
    path = tmp_path / "f.xlsx"
    path.write_bytes(as_xlsx([["Site", "Jan"], ["Lyon", 12.5]]))

    assert run(["cells", str(path)]) == READ
    assert capsys.readouterr().out.splitlines() == ["Site,Jan", "Lyon,12.5"]


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_a_file_that_is_not_there_is_one_line(name, capsys, tmp_path):
    code = run(["check", str(tmp_path / name)])

    _, errors = said(capsys)
    assert (code, len(errors)) == (REFUSED, 1)


def test_a_reader_that_stops_listening_is_no_traceback():
    command = f"{sys.executable} -m loaders cells {LONG} | head -1"

    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert done.stdout.splitlines() == ["period,org_code,type,attendances,breaches,admissions"]
    assert done.stderr == ""


def test_a_mistake_of_ours_is_a_sentence_too(capsys, small, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("loaders.ingest.understand", broken)

    code = run(["check", str(small), "--language", "en"])

    _, errors = said(capsys)
    assert code == REFUSED
    assert errors == [
        "erreurs.csv: reading failed in an unforeseen way (KeyError). Nothing was loaded; report it with the file."
    ]


def ours(*arguments: str, output: object = subprocess.PIPE, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "loaders", *arguments, "--language", "fr"], cwd=ROOT, stdout=output,
        stderr=subprocess.PIPE, check=False, timeout=60,
        env={**os.environ, "ESSAIM_STORE": settings().store_url, **variables},
    )  # fmt: skip


def test_a_load_whose_words_cannot_be_written_does_not_say_that_nothing_was_loaded(small):
    with Path("/dev/full").open("wb") as full:
        done = ours("load", str(small), output=full)

    again = ours("load", str(small))

    assert (done.returncode, len(done.stderr.splitlines())) == (REFUSED, 1)
    assert "Rien n’a été chargé" not in done.stderr.decode()
    assert "déjà chargé" in again.stdout.decode()


def test_a_terminal_without_our_letters_is_no_failure(small):
    done = ours("load", str(small), PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (READ, b"")


def test_a_closed_output_is_no_failure(small):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m loaders check {small} >&-"], cwd=ROOT, stderr=subprocess.PIPE, check=False
    )

    assert (done.returncode, done.stderr) == (READ, b"")


def test_a_file_name_that_is_no_text_is_shown_and_stored_as_well_as_it_can_be(small):
    odd = os.fsdecode(os.fsencode(small.parent) + b"/relev\xe9.csv")
    small.rename(odd)

    done = ours("load", odd, PYTHONIOENCODING="utf-8:strict")

    assert (done.returncode, done.stderr) == (READ, b"")
    assert "relev\ufffd.csv" in done.stdout.decode()


def test_a_refused_file_gives_its_fault_with_its_place_as_json(capsys, tmp_path):
    path = tmp_path / "f.xlsx"
    path.write_bytes(as_xlsx([row[1:] for row in SMALL[1:]], sheet="Mai"))

    run(["check", str(path), "--json", "--language", "fr"])

    (entry,) = json.loads(capsys.readouterr().out)
    (fault,) = entry["faults"]
    assert (fault["code"], fault["severity"], fault["sheet"], fault["row"]) == ("no_header", "error", "Mai", 1)
    assert fault["sentence"] == entry["reason"]


def test_headings_are_quoted_as_the_readers_language_does(capsys, tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(as_csv([row[1:] for row in SMALL]))

    run(["check", str(path), "--language", "fr"])

    assert "A « site », B « erreurs »" in capsys.readouterr().err.replace("\u00a0", " ").replace("\u202f", " ")


def test_who_may_not_register_a_site_is_told_for_which_file(capsys, small):
    run(["load", str(small)])
    store = open_store()
    with store.read() as cursor:
        first = actor_for(cursor, people(cursor)[0].id, store.today())
        lyon = site_named(cursor, "Lyon")
    assert lyon is not None
    person = register_person(store, first, name="Bo", email="bo@exemple.org")
    assign(store, first, person_id=person.id, role=Role.METRIC_KEEPER, site_id=lyon.id)
    store.close()
    small.write_bytes(as_csv([*SMALL, ["2026-03", "Brest", 3, 9]]))
    said(capsys)

    code = run(["load", str(small), "--register", "--as", "BO@exemple.org", "--language", "en"])

    _, errors = said(capsys)
    assert (code, len(errors)) == (REFUSED, 1)
    assert errors[0].startswith("erreurs.csv: refused. You do not have the right to do this: register a site.")


def test_a_site_nobody_knows_names_the_options_that_say_who_it_is(capsys, small):
    run(["load", str(small)])
    small.write_bytes(as_csv([*SMALL, ["2026-03", "Brest", 3, 9]]))
    said(capsys)

    code = run(["load", str(small), "--language", "en"])

    _, errors = said(capsys)
    assert code == REFUSED
    assert errors[-1].endswith("Here: --site-is NAME=SITE, or --register.")
