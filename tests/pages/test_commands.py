"""What an administrator does from the command line: back up, verify, restore, and found the register."""

from __future__ import annotations

import pytest

from data.access import actor_for
from data.people import first_person, people, person_by_identity, register_person
from data.store import open_store
from pages.admin.commands import run


@pytest.fixture
def place(tmp_path, monkeypatch):
    path = tmp_path / "essaim.duckdb"
    monkeypatch.setenv("ESSAIM_STORE", str(path))
    monkeypatch.setenv("ESSAIM_LANGUAGE", "en")
    return path


@pytest.fixture
def filled(place):
    """A store with two changes: Ada, then Léa."""
    store = open_store()
    founder = first_person(store, "Ada")
    with store.read() as cursor:
        admin = actor_for(cursor, founder.id, store.today())
    register_person(store, admin, name="Léa")
    store.close()
    return place


def names():
    store = open_store()
    with store.read() as cursor:
        found = [person.name for person in people(cursor)]
    bad = store.verify_audit()
    store.close()
    assert bad is None
    return found


def add(name):
    store = open_store()
    with store.read() as cursor:
        admin = actor_for(cursor, people(cursor)[0].id, store.today())
    register_person(store, admin, name=name)
    store.close()


@pytest.mark.promises("S7")
def test_what_is_restored_is_what_was_backed_up_and_what_stood_there_is_kept(filled, tmp_path, capsys):
    backup = tmp_path / "elsewhere.duckdb"
    assert run(["backup", str(backup)]) == 0
    add("Typed after the backup")

    assert run(["restore", str(backup)]) == 0

    assert names() == ["Ada", "Léa"]
    said = capsys.readouterr().out
    assert "2 changes and 0 values" in said
    (kept,) = (tmp_path / "backups").glob("replaced-*.duckdb")
    assert f"What stood there is kept as {kept}." in said
    assert run(["restore", str(kept)]) == 0
    assert names() == ["Ada", "Léa", "Typed after the backup"]


def test_a_store_that_was_lost_is_restored_into_the_empty_place(filled, tmp_path):
    assert run(["backup", str(tmp_path / "b.duckdb")]) == 0
    for file in tmp_path.glob("essaim.duckdb*"):
        file.unlink()

    assert run(["restore", str(tmp_path / "b.duckdb")]) == 0

    assert names() == ["Ada", "Léa"]


@pytest.mark.accepts("11.8")
def test_a_damaged_store_is_replaced_and_its_witness_with_it(filled, tmp_path):
    assert run(["backup", str(tmp_path / "b.duckdb")]) == 0
    add("Lost")
    filled.write_bytes(b"not a store" * 1000)

    assert run(["restore", str(tmp_path / "b.duckdb")]) == 0

    assert names() == ["Ada", "Léa"]


def half(content):
    return content[: len(content) // 2]


def flipped(content):
    """Damage every block after the headers."""
    return content[:12288] + bytes(byte ^ 0x5A for byte in content[12288:])


@pytest.mark.promises("S7")
@pytest.mark.parametrize("damage", [half, flipped, lambda content: b"", lambda content: b"hello" * 5000])
def test_a_damaged_backup_is_refused_and_the_store_is_as_it_was(filled, tmp_path, damage, capsys):
    backup = tmp_path / "b.duckdb"
    run(["backup", str(backup)])
    backup.write_bytes(damage(backup.read_bytes()))
    before = filled.read_bytes()

    assert run(["restore", str(backup)]) == 2
    assert run(["verify", str(backup)]) == 2

    said = capsys.readouterr().err
    assert said.count("damaged, or not a store of Essaim. Take another backup. Nothing has been changed.") == 2
    assert filled.read_bytes() == before
    assert not list(tmp_path.glob("*.restoring*"))


def test_a_backup_whose_chain_was_edited_is_refused(filled, tmp_path):
    import duckdb

    backup = tmp_path / "b.duckdb"
    run(["backup", str(backup)])
    forger = duckdb.connect(str(backup))
    forger.execute("UPDATE change SET note = 'nothing to see'")
    forger.close()

    assert run(["restore", str(backup)]) == 2
    assert names() == ["Ada", "Léa"]


@pytest.mark.promises("S4")
def test_a_store_in_use_is_neither_restored_nor_backed_up(filled, tmp_path, capsys):
    import subprocess
    import sys

    run(["backup", str(tmp_path / "b.duckdb")])
    holder = subprocess.Popen(
        [sys.executable, "-c", "from data.store import open_store; open_store(); print('up', flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    holder.stdout.readline()

    assert run(["restore", str(tmp_path / "b.duckdb")]) == 3
    assert run(["backup"]) == 3
    assert f"PID {holder.pid}" in capsys.readouterr().err

    holder.communicate("\n")
    assert names() == ["Ada", "Léa"]


def test_a_backup_never_writes_over_a_file(filled, tmp_path, capsys):
    (tmp_path / "b.duckdb").write_text("mine")

    assert run(["backup", str(tmp_path / "b.duckdb")]) == 2

    assert (tmp_path / "b.duckdb").read_text() == "mine"
    assert "already there" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["backup"], ["verify"], ["verify", "nowhere.duckdb"], ["restore", "nowhere.duckdb"]]
)
def test_a_file_that_is_not_there_is_said_and_not_made(place, command, capsys):
    assert run(command) == 2

    assert "there is no such file" in capsys.readouterr().err
    assert not place.exists()


def test_the_store_itself_can_be_verified(filled, capsys):
    assert run(["verify"]) == 0
    assert "2 changes and 0 values, and the chain holds" in capsys.readouterr().out

    filled.write_bytes(half(filled.read_bytes()))
    assert run(["verify"]) == 2


@pytest.mark.accepts("10.6")
def test_a_register_is_founded_with_the_account_that_signs_in(place):
    identity = ["--issuer", "https://login.example/", "--subject", "ada-1"]
    assert run(["found", "Ada", *identity]) == 0

    store = open_store()
    with store.read() as cursor:
        assert person_by_identity(cursor, "https://login.example/", "ada-1").name == "Ada"
    store.close()


def test_a_register_is_founded_once_and_an_identity_is_whole(place, capsys):
    assert run(["found", "Ada", "--issuer", "https://login.example/"]) == 2
    assert run(["found", "Ada"]) == 0
    assert run(["found", "Eve"]) == 2

    said = capsys.readouterr().err.splitlines()
    assert said == [
        "An identity needs both its issuer and its subject.",
        "Somebody is already registered: sign in, and let an administrator add people.",
    ]
    assert names() == ["Ada"]


@pytest.mark.accepts("9.5")
@pytest.mark.parametrize(("language", "words"), [("fr", "application arrêtée"), ("en", "while the app is stopped")])
def test_help_is_given_in_both_languages(language, words, capsys):
    assert run(["restore", "--help", "--language", language]) == 0

    assert words in capsys.readouterr().out


@pytest.mark.parametrize("given", [["restore"], ["mend"], ["backup", "a", "b"], ["--colour"]])
def test_a_command_that_is_not_understood_ends_in_one_sentence(given, capsys):
    assert run(given) == 2

    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_store_on_a_server_is_refused_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setenv("ESSAIM_LANGUAGE", "en")
    monkeypatch.setenv("ESSAIM_STORE", "ducklake:postgres:host=db;data=/srv/lake")

    assert run(["backup"]) == 2

    assert "A server (postgres:…, s3://…) is not supported yet." in capsys.readouterr().err
