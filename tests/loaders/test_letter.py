"""A load summed up for an e-mail: what was taken, left out and restated, and the signals it causes, in both languages."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy

import pytest

from data.access import actor_for
from data.observations import undo_load
from data.people import first_person
from data.store import open_store
from loaders import ingest
from loaders.letter import load_letter

QUIET = [10, 12, 11, 12, 10, 11, 12, 10, 11, 12, 10, 11]


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_TODAY", "2026-06-01")
    opened = open_store(str(tmp_path / "essaim.duckdb"), clock=lambda: dt.datetime(2026, 6, 1, 8, 30, tzinfo=dt.UTC))
    yield opened
    opened.close()


@pytest.fixture
def keeper(store):
    founder = first_person(store, "Ana", language="en")
    with store.read() as cursor:
        return actor_for(cursor, founder.id, store.today())


def weekly(values, start=dt.date(2026, 1, 5), site="Lyon"):
    rows = [f"{start + dt.timedelta(weeks=n)};{site};{value}" for n, value in enumerate(values)]
    return "\n".join(["semaine;site;délai (j)", *rows]).encode()


def load(store, keeper, data, name="delais.csv", **how):
    return ingest.load(ingest.understand(data, name, store, keeper), store, keeper, **how).batch


@pytest.fixture
def quiet(store, keeper):
    return load(store, keeper, weekly(QUIET))


@pytest.mark.accepts("1.23")
def test_a_letter_counts_what_was_taken_left_out_and_restated_and_names_the_signals(store, keeper, quiet):
    done = load(
        store, keeper, weekly([*QUIET[:-1], 12, "oui", 28, 29]), "mars.csv", reason="late orders", leave_out=True
    )  # fmt: skip

    letter = load_letter(store, done.id, "en")

    assert letter.subject == "mars.csv: 3 values taken, 1 new signal"
    assert letter.text.splitlines() == [
        "mars.csv was loaded by Ana on 1 Jun 2026, 08:30 (UTC).",
        "",
        "What came of it:",
        "- 2 new values",
        "- 11 values known already",
        "- 1 value restated",
        "- 1 cell left out for a fault",
        "- reason given: late orders",
        "- 1 row left out: totals, headings, notes",
        "",
        "1 new signal comes with it:",
        "- Lyon, délai: no direction since 6 Apr 2026 (outside the limits)",
    ]


@pytest.mark.accepts("1.23", "9.5")
def test_a_letter_is_written_in_french_too(store, keeper, quiet):
    letter = load_letter(store, quiet.id, "fr")

    plain = letter.text.replace("\xa0", " ")
    assert letter.subject.replace("\xa0", " ") == "delais.csv : 12 valeurs prises, aucun nouveau signal"
    assert "- 12 valeurs nouvelles" in plain
    assert "Aucun nouveau signal n’en résulte." in plain


@pytest.mark.accepts("1.23")
def test_a_letter_leads_back_when_the_address_is_known(store, keeper, quiet, monkeypatch):
    monkeypatch.setenv("ESSAIM_PUBLIC_ADDRESS", "https://essaim.example.org")

    letter = load_letter(store, quiet.id, "en")

    assert letter.text.endswith("See the load, or undo it: https://essaim.example.org/upload?lang=en\n")


def test_the_letter_of_a_load_that_was_undone_says_so(store, keeper, quiet):
    done = load(store, keeper, weekly([40], dt.date(2026, 3, 30)), "mars.csv")
    undo_load(store, keeper, done.id, "wrong file")

    letter = load_letter(store, done.id, "en")

    assert letter.subject == "mars.csv: load undone"
    assert "It was undone by Ana on 1 Jun 2026, 08:30 (UTC): wrong file" in letter.text
    assert "signal" not in letter.text


@pytest.mark.accepts("1.23")
def test_a_letter_opens_in_a_mail_program_ready_to_be_sent(store, keeper, quiet):
    message = message_from_bytes(load_letter(store, quiet.id, "fr").eml(), policy=policy.default)

    assert message["Subject"].startswith("delais.csv")
    assert message["X-Unsent"] == "1"
    assert "12\xa0valeurs" in message.get_content() or "12 valeurs" in message.get_content()


def test_a_file_name_with_a_line_break_cannot_add_a_header(store, keeper):
    done = load(store, keeper, weekly(QUIET), "delais\r\nBcc: all@example.org\r\n.csv")

    message = message_from_bytes(load_letter(store, done.id, "en").eml(), policy=policy.default)

    assert message["Bcc"] is None


def test_no_letter_for_a_load_that_nobody_made(store):
    assert load_letter(store, "unknown", "en") is None
