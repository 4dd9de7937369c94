"""What never reaches a public page: planted canaries are looked for on everything an anonymous reader can open."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator

import pytest

from data.decisions import pin_decision
from pages.evidence import routes
from pages.evidence.publishing_act import publish_experiment
from tests.pages.trials import JUDGE, NEIGHBOUR, PRIVATE_MAIL, PRIVATE_NOTE, START, registry
from tests.tools.asking import ask

CANARIES = (PRIVATE_NOTE, PRIVATE_MAIL, "example.org", "Claire Diallo", "Ada", "canary-decision")


@pytest.fixture
def known(tmp_path, monkeypatch):
    made = registry(str(tmp_path / "essaim.duckdb"))
    monkeypatch.setattr(routes, "the_store", lambda: made.store)
    yield made
    made.store.close()


def crawl(*starts: str) -> Iterator[tuple[str, str]]:
    """Open every address that public pages lead to, from the register on, in both languages."""
    waiting, seen = ["/evidence", *starts], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = ask(routes.ROUTES, address)
        yield address, readable(answer.content)
        if "html" in answer.headers.get("content-type", ""):
            found = re.findall(r'href="(/evidence[^"]*|\?[^"]*)"', answer.text)
            waiting += [link if link.startswith("/") else address.partition("?")[0] + link for link in found]


def readable(content: bytes) -> str:
    """A file with what it carries inside."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as folder:
            return "".join(name + readable(folder.read(name)) for name in folder.namelist())
    text = content.decode()
    inside = re.findall(r"data:(?:text/csv|image/svg\+xml);base64,([A-Za-z0-9+/=]+)", text)
    return text + "".join(base64.b64decode(part).decode() for part in inside)


def publish(known, trial, slug, **choices):
    known.clock.moment = dt.datetime(2026, 5, 18, 9, tzinfo=dt.UTC)
    return publish_experiment(known.store, known.leader, trial.id, slug=slug, **choices)


@pytest.mark.promises("A9")
@pytest.mark.accepts("8.10", "10.3")
def test_nothing_private_is_reachable_without_an_account(known):
    trial = known.trial(-2.7)
    pin_decision(known.store, known.keeper, type="decision", title="canary-decision", note=PRIVATE_NOTE,
                 owner_id="keeper", applies_on=START, site_id="nantes", experiment_id=trial.id)  # fmt: skip
    publish(known, trial, "e-01")
    known.trial(0.0, site="metz", metric="errors", weight=40.0, title=f"Late shift at {NEIGHBOUR}", running=True)

    pages = dict(crawl())

    assert {"/evidence", "/evidence/e-01?lang=fr", "/evidence/e-01/data.csv", "/evidence/style.css"} <= pages.keys()
    leaked = [(address, canary) for address, text in pages.items() for canary in CANARIES if canary in text]
    assert leaked == []
    assert not any(NEIGHBOUR in text for text in pages.values())


@pytest.mark.promises("A9")
@pytest.mark.accepts("8.10")
def test_masked_sites_are_named_nowhere(known):
    trial = known.trial(
        -2.7, title="Freeze the plan in NANTES", hypothesis="Nantes does as Metz and NAN9 did.",
        comparison_site_ids=("metz",),
    )  # fmt: skip
    publish(known, trial, "e-01", masked=True)

    for address, text in crawl():
        named = re.findall(rf"(?i)\b(nantes|metz|nan9|met9|{NEIGHBOUR}|{JUDGE})\b", text)
        assert (address, named) == (address, [])
    page = ask(routes.ROUTES, "/evidence/e-01?lang=en").text
    assert "site A (masked)" in page
    assert "Validated by a metric keeper on 15 May 2026." in page


@pytest.mark.accepts("8.10")
@pytest.mark.promises("A9")
def test_ratios_over_a_handful_of_cases_are_held_back(known):
    trial = known.trial(0.0, metric="errors", weight=3.0)
    publish(known, trial, "e-01")

    rows = ask(routes.ROUTES, "/evidence/e-01/data.csv").text.splitlines()[1:]

    assert all(row.split(",")[1] == "" for row in rows)
    assert "held back, so that nobody can be recognised" in ask(routes.ROUTES, "/evidence/e-01?lang=en").text


@pytest.mark.accepts("8.11")
def test_a_decision_marked_public_stands_on_the_picture(known):
    trial = known.trial(-2.7)
    pin_decision(known.store, known.keeper, type="decision", title="Freeze the plan", owner_id="keeper",
                 applies_on=START, site_id="nantes", experiment_id=trial.id, public=True)  # fmt: skip
    publish(known, trial, "e-01")

    assert ">D-01<" in ask(routes.ROUTES, "/evidence/e-01/chart.en.svg").text
    assert "D-01 · Freeze the plan · 5 Jan 2026" in ask(routes.ROUTES, "/evidence/e-01?lang=en").text
