"""The public pages: what a sceptic reads, without an account, years later."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import zipfile
from html import unescape

import pytest

from data import records
from data.access import Forbidden, Permission, Refused
from data.decisions import pin_decision
from data.publications import frozen_files, is_intact, publication, withdraw
from data.types import Analysis, DecisionType, Direction, Experiment, Metric, Site
from pages.evidence import routes
from pages.evidence.publishing_act import publish_experiment
from tests.pages.trial_panel import one_of_each
from tests.pages.trials import NEIGHBOUR, START, registry
from tests.tools.asking import ask

PUBLISHED = dt.datetime(2026, 5, 18, 9, tzinfo=dt.UTC)
LANGUAGES = ("fr", "en")


@pytest.fixture
def known(tmp_path, monkeypatch):
    made = registry(str(tmp_path / "essaim.duckdb"))
    monkeypatch.setattr(routes, "the_store", lambda: made.store)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """One trial of each outcome, published, and one that runs."""
    made = registry(str(tmp_path_factory.mktemp("shelf") / "essaim.duckdb"), synthetic=True)
    for slug, trial in {
        "helped": made.trial(-2.7),
        "nothing": made.trial(0.0, title="Second check", metric="errors", weight=40.0, verdict=None),
        "harmful": made.trial(2.0, site="metz", title="Batch orders", verdict="retire"),
        "abandoned": made.trial(0.0, site="metz", metric="errors", weight=40.0, title="New screen",
                                abandoned="The supplier failed."),
        "short": made.trial(0.0, site="far", weeks_after=4, title="Too short", verdict=None),
    }.items():  # fmt: skip
        publish(made, trial, slug)
    made.trial(0.0, site="far", metric="errors", weight=40.0, title="Evening shift", running=True)
    yield made
    made.store.close()


@pytest.fixture
def public(shelf, monkeypatch):
    monkeypatch.setattr(routes, "the_store", lambda: shelf.store)
    return shelf


def publish(known, trial: Experiment, slug: str = "e-01", **choices):
    known.clock.moment = PUBLISHED
    return publish_experiment(known.store, known.leader, trial.id, slug=slug, **choices)


def get(address: str, **headers: str):
    return ask(routes.ROUTES, address, **headers)


def words(page: str) -> str:
    """A page as it is read: no markup, single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


@pytest.mark.accepts("8.1")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_opens_without_account_script_or_cookie(public, language):
    page = get(f"/evidence/helped?lang={language}")

    assert page.status == 200
    assert f'<html lang="{language}">' in page.text
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert "set-cookie" not in page.headers
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.accepts("8.1")
def test_a_page_can_only_be_read(public):
    assert all(get("/evidence/helped", method=method).status in (404, 405) for method in ("POST", "PUT", "DELETE"))


@pytest.mark.accepts("5.3")
def test_the_effect_stands_in_unit_and_per_cent_with_its_interval(public):
    english, french = (words(get(f"/evidence/helped?lang={language}").text) for language in ("en", "fr"))

    assert re.search(r"−2\.\d d, or −2\d\.\d% \(95% interval from −\d\.\d d to −\d\.\d d, or −\d+\.\d%", english)
    assert re.search(r"−2,\d j, soit −2\d,\d % \(intervalle à 95 % : de −\d,\d j à −\d,\d j, soit de", french)


@pytest.mark.accepts("5.5", "8.9")
def test_method_and_limits_stand_in_plain_words(public):
    page = words(get("/evidence/helped?lang=en").text)

    assert "the interval allows for each point resembling the one before it" in page
    assert "One site, not drawn by lot: it was chosen." in page
    assert "1 period was not measured: week of 22 Sep 2025." in page


@pytest.mark.accepts("8.6", "5.2")
@pytest.mark.parametrize(
    ("language", "before", "unchanged"),
    [
        ("en", "12 days before the start , 24 Dec 2025", "Plan changed since no"),
        ("fr", "12 jours avant le départ , 24 décembre 2025", "Plan modifié depuis non"),
    ],
)
def test_the_promise_stands_beside_how_long_before_it_was_registered(public, language, before, unchanged):
    page = words(get(f"/evidence/helped?lang={language}").text)

    assert before in page
    assert unchanged in page
    assert "If the plan no longer moves, cycle time falls by at least one day." in page


@pytest.mark.accepts("5.2")
def test_an_amendment_after_the_start_is_told_point_by_point(known):
    trial = known.trial(
        -2.7, amend=lambda plan: plan.model_copy(update={"smallest_effect": 0.5, "expected_direction": Direction.UP})
    )
    publish(known, trial)

    page = words(get("/evidence/e-01?lang=en").text)

    assert "amendment 1, 12 Jan 2026, after the start" in page
    assert "smallest worthwhile effect “1.0 d”, now “0.5 d”" in page
    assert "expected direction “lower is better”, now “higher is better”" in page


@pytest.mark.accepts("5.17")
@pytest.mark.parametrize("slug", ["nothing", "harmful", "abandoned", "short"])
def test_whatever_came_out_the_page_has_the_same_parts(public, slug):
    def parts(name):
        return re.findall(r"<(h2|dt|section|details|ul)\b[^>]*>([^<]*)", get(f"/evidence/{name}?lang=en").text)

    assert parts(slug) == parts("helped")


@pytest.mark.parametrize(
    ("slug", "title"),
    [
        ("helped", r"Freeze the plan at D-2: cycle time −2\.\d d, an improvement\."),
        ("nothing", r"Second check: no visible effect on errors\."),
        ("harmful", r"Batch orders: harmful, cycle time \+1\.\d d\."),
        ("abandoned", r"New screen: abandoned before its end\. Given up on 15 May 2026: The supplier failed\."),
        ("short", r"Too short: the effect on cycle time cannot be computed\. Too few points after the change: 4"),
    ],
)
def test_the_title_is_the_finding(public, slug, title):
    assert re.search(title, words(get(f"/evidence/{slug}?lang=en").text))


def test_the_verdict_names_who_validated_it_and_when(public):
    assert "Validated by Léa Roux, metric keeper, on 15 May 2026." in words(get("/evidence/helped?lang=en").text)
    assert "Nobody has put their name to it." in words(get("/evidence/nothing?lang=en").text)


def test_a_trial_that_was_given_up_counts_until_that_day(known):
    publish(known, known.trial(-2.7, abandoned="No room.", over_on=dt.date(2026, 3, 6)))

    page = words(get("/evidence/e-01?lang=en").text)
    last_row = get("/evidence/e-01/data.csv").text.splitlines()[-1]

    assert "Given up on 6 Mar 2026: No room." in page
    assert "given up before its end: this is not a result" in page
    assert "a real change" not in page
    assert last_row.startswith("2026-03-02,")


@pytest.mark.accepts("8.3")
def test_what_is_restated_renamed_or_judged_later_does_not_change_the_page(known):
    publish(known, known.trial(-2.7))
    addresses = [f"/evidence/e-01{rest}" for rest in ("?lang=fr", "?lang=en", "/data.csv", "/chart.fr.svg")]
    before = [get(address).content for address in addresses]

    known.load(1.5, seed=99)
    with known.store.change(known.admin, Permission.MANAGE_CATALOGUE) as tx:
        tx.revise(Metric, "cycle", name_fr="tout autre chose", name_en="something else", unit="h")
        tx.revise(Site, "nantes", name="Renamed")
    with known.store.change(known.keeper, Permission.PLAN_EXPERIMENT, somewhere=True) as tx:
        tx.revise(Experiment, get_experiment(known), title="Another title")

    assert [get(address).content for address in addresses] == before
    with known.store.read() as cursor:
        page = publication(cursor, "e-01")
        assert is_intact(cursor, page)
    hashes = " ".join(page.content_hash[start : start + 16] for start in range(0, 64, 16))
    assert f"<code>{hashes}</code>" in get("/evidence/e-01").text


def get_experiment(known) -> str:
    with known.store.read() as cursor:
        return publication(cursor, "e-01").experiment_id


@pytest.mark.accepts("8.3")
def test_a_page_whose_bytes_were_touched_is_not_shown(known):
    publish(known, known.trial(-2.7))
    with known.store.read() as cursor:
        cursor.execute("UPDATE publication_file SET content = 'nothing'::BLOB WHERE name = 'data.csv'")

    page = get("/evidence/e-01?lang=en")

    assert page.status == 500
    assert "no longer has the hash it was published with" in words(page.text)


@pytest.mark.accepts("8.3")
def test_anyone_can_compute_the_hash_again_from_the_frozen_files(public):
    digest = hashlib.sha256()
    with zipfile.ZipFile(io.BytesIO(get("/evidence/helped/frozen.zip").content)) as folder:
        for name in sorted(folder.namelist()):
            content = folder.read(name)
            digest.update(f"{name}\n{len(content)}\n".encode() + content)

    shown = re.search(r"<code>([0-9a-f ]+)</code>", get("/evidence/helped").text)[1]

    assert digest.hexdigest() == shown.replace(" ", "")


@pytest.mark.accepts("8.7")
def test_the_data_behind_a_page_come_as_csv(public):
    answer = get("/evidence/helped/data.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert (len(rows), rows[0]["period_start"], rows[0]["part"]) == (34, "2025-08-18", "before")
    assert {row["part"] for row in rows if row["period_start"] >= START.isoformat()} == {"after"}
    assert [row["value"] for row in rows if row["used"] == "no"] == [""]


@pytest.mark.accepts("8.7", "9.6")
@pytest.mark.parametrize(("language", "month"), [("fr", "févr."), ("en", "Feb")])
def test_the_picture_comes_as_svg_in_the_readers_language(public, language, month):
    answer = get(f"/evidence/helped/chart.{language}.svg")

    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg")
    assert f">{month}<" in answer.text


@pytest.mark.accepts("9.7", "9.9")
def test_the_picture_has_its_finding_and_its_values_in_words(public):
    page = get("/evidence/helped?lang=en").text

    assert re.search(r'<figure role="img" aria-label="Difference after the change: −2\.\d', page)
    assert page.count('<tr><th scope="row">week of') == 34
    assert "not measured" in page


@pytest.mark.accepts("8.13")
def test_one_file_holds_the_whole_page(public):
    answer = get("/evidence/helped/page.fr.html")
    outside = re.findall(r'(?:src|href)="(?!data:)([^"]*)"|url\((?!"?data:)([^)]*)', answer.text)

    assert "attachment" in answer.headers["content-disposition"]
    assert outside == []
    assert "font/woff2;base64" in answer.text
    assert "text/csv;base64" in answer.text


def test_nothing_is_sent_again_while_a_page_stays_the_same(public):
    for address in ("/evidence", "/evidence/helped", "/evidence/helped/data.csv", "/evidence/style.css"):
        first = get(address)

        again = get(address, if_none_match=first.headers["etag"])

        assert "public" in first.headers["cache-control"]
        assert (again.status, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


def test_a_withdrawn_page_leaves_a_notice_with_date_and_reason(known):
    page = publish(known, known.trial(-2.7))
    known.clock.moment = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
    tag = get("/evidence/e-01").headers["etag"]
    withdraw(known.store, known.leader, page.id, reason="The <scale> was wrong.")

    for address in ("/evidence/e-01?lang=en", "/evidence/e-01/data.csv?lang=en", "/evidence/e-01/page.en.html?lang=en"):
        notice = get(address, if_none_match=tag)
        assert notice.status == 410
        assert "It was withdrawn on 1 Jun 2026. Reason: The <scale> was wrong." in words(notice.text)
    assert "retiré le 1er juin 2026" in words(get("/evidence?lang=fr").text)


@pytest.mark.parametrize("address", ["/evidence/unknown", "/evidence/helped/other.txt", "/evidence/a/b/c/d"])
@pytest.mark.parametrize(("language", "said"), [("en", "nothing at this address"), ("fr", "rien à cette adresse")])
def test_an_address_where_nothing_stands_says_so(public, address, language, said):
    answer = get(f"{address}?lang={language}")

    assert answer.status == 404
    assert said in words(answer.text).replace("Il n’y a ", "")


@pytest.mark.accepts("9.5")
def test_the_page_speaks_the_readers_language(public):
    assert '<html lang="en">' in get("/evidence/helped", accept_language="de,en-GB;q=0.8").text
    assert '<html lang="fr">' in get("/evidence/helped?lang=fr", accept_language="en").text
    assert '<html lang="fr">' in get("/evidence/helped", accept_language="de").text


@pytest.mark.accepts("8.5")
def test_the_register_counts_outcomes_first_and_leaves_no_trial_out(public):
    page = words(get("/evidence?lang=en").text)

    assert (
        "6 registered trials: 1 helped, 2 did not, 1 was abandoned, 1 could not be computed, 1 has no public result."
        in page
    )
    assert "1 helped 1 no visible effect 1 harmful 1 not computable 1 abandoned 1 running" in page
    assert all(f"E-0{number} " in page for number in range(1, 7))
    assert page.count("12 days") == 6


def test_a_trial_that_ended_stands_in_the_register_though_nobody_published_it(known):
    known.trial(2.0)

    page = words(get("/evidence?lang=en").text)

    assert "Freeze the plan at D-2" in page
    assert "ended, result not published yet" in page


def test_an_empty_register_says_so(known):
    assert "No trial has been registered yet." in words(get("/evidence?lang=en").text)


def test_made_up_figures_are_called_so_on_every_page(public):
    for address in ("/evidence", "/evidence/helped", "/evidence/helped/page.en.html"):
        assert "Worked example: synthetic data." in words(get(f"{address}?lang=en").text)


@pytest.mark.promises("F4")
def test_markup_in_names_is_shown_as_text(known):
    trial = known.trial(-2.7, title='<img src=x onerror="a()">', hypothesis="<script>b()</script> {{ 7 * 7 }}")
    publish(known, trial)

    for address in ("/evidence", "/evidence/e-01?lang=en", "/evidence/e-01/page.en.html"):
        page = get(address).text
        assert "<img src=x" not in page
        assert "<script" not in page
    assert "<script>b()</script> {{ 7 * 7 }}" in unescape(get("/evidence/e-01?lang=en").text)


def test_only_a_finished_trial_can_be_published(known):
    with pytest.raises(Refused, match="experiment_not_over"):
        publish(known, known.trial(0.0, running=True))


@pytest.mark.accepts("10.4")
def test_only_who_may_publish_does(known):
    trial = known.trial(-2.7)

    with pytest.raises(Forbidden):
        publish_experiment(known.store, known.keeper, trial.id, slug="e-01")
    assert get("/evidence/e-01").status == 404


@pytest.fixture(scope="module")
def over_sites(tmp_path_factory):
    """A trial beside comparison sites and one of sites that start one after another, both public, sites masked."""
    made = one_of_each(str(tmp_path_factory.mktemp("over-sites") / "essaim.duckdb"))
    with made.store.read() as cursor:
        ids = {trial.label: trial.id for trial in records.current(cursor, Experiment)}
    made.clock.moment = PUBLISHED + dt.timedelta(days=7)
    publish_experiment(made.store, made.leader, ids["E-02"], slug="beside")
    publish_experiment(made.store, made.leader, ids["E-03"], slug="in-turn", masked=True)
    yield made
    made.store.close()


@pytest.mark.accepts("5.6")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trial_beside_other_sites_is_published_with_each_of_them(over_sites, monkeypatch, language):
    monkeypatch.setattr(routes, "the_store", lambda: over_sites.store)

    page = get(f"/evidence/beside?lang={language}").text
    table = list(csv.DictReader(io.StringIO(get("/evidence/beside/data.csv").text)))

    assert "Canaryville, Lyon, Lille, Dijon" in words(page)
    assert "collapsed_did 1" in page
    assert page.count("<figure") == 2
    assert {(row["site"], row["role"]) for row in table} == {
        ("Metz", "treated"), *((site, "comparison") for site in ("Canaryville", "Lyon", "Lille", "Dijon"))
    }  # fmt: skip
    assert len(table) == 5 * 50
    assert sum(row["part"] == "after" for row in table) == 5 * 20


@pytest.mark.accepts("5.7", "5.8")
def test_sites_one_after_another_are_published_with_their_starts_and_without_a_masked_name(over_sites, monkeypatch):
    monkeypatch.setattr(routes, "the_store", lambda: over_sites.store)

    page = get("/evidence/in-turn?lang=en").text
    data = get("/evidence/in-turn/data.csv").text

    said = words(page)
    assert "Start by site site A (masked) 5 Jan 2026, site B (masked) 26 Jan 2026" in said
    assert "imputation 1" in page
    assert re.search(r"errors −1\.\d", said)
    for private in ("Nantes", "Metz", NEIGHBOUR, "Lyon", "Lille", "nantes", "metz"):
        assert private not in page + data
    assert page.count("<figure") == 2


def test_another_change_is_doubted_in_public_without_its_place_or_its_tag(over_sites, monkeypatch):
    monkeypatch.setattr(routes, "the_store", lambda: over_sites.store)
    with over_sites.store.read() as cursor:
        (trial,) = (trial for trial in records.current(cursor, Experiment) if trial.label == "E-01")
    for day, metric in ((START, "cycle"), (START + dt.timedelta(weeks=10), "errors")):
        pin_decision(over_sites.store, over_sites.keeper, type=DecisionType.PROCESS_CHANGE, title="New tool",
                     owner_id="keeper", applies_on=day, site_id="nantes", metric_id=metric)  # fmt: skip
    publish_experiment(over_sites.store, over_sites.leader, trial.id, slug="doubted", masked=True)

    pages = [get(f"/evidence/doubted?lang={language}").text for language in LANGUAGES]
    with over_sites.store.read() as cursor:
        kept = b"".join(frozen_files(cursor, publication(cursor, "doubted").id).values()).decode()

    assert "un changement du processus, dès le 5 janvier 2026" in words(pages[0])
    assert "a change of the process, from 5 Jan 2026" in words(pages[1])
    assert "E-03" in words(pages[1]), "trials are in the public register by their number"
    assert not any(private in kept for private in ("D-01", "D-02", "New tool", "Nantes", "Metz"))


@pytest.mark.promises("F3", "F4")
def test_a_site_named_like_a_formula_or_like_markup_is_only_a_name(known):
    with known.store.change(known.admin, Permission.MANAGE_CATALOGUE) as tx:
        tx.append_all([Site(id="formula", name="=1+1"), Site(id="markup", name="<b>Bold</b>")])
    changes = {"analysis": Analysis.COMPARISON, "comparison_site_ids": ("metz", "formula", "markup")}
    trial = known.trial(-2.7, **changes)
    for place, site in enumerate(("metz", "formula", "markup")):
        known.load(0.0, site=site, seed=20 + place)
    publish(known, trial)

    page, data = get("/evidence/e-01?lang=en").text, get("/evidence/e-01/data.csv").text

    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "<b>Bold" not in page
    names = {row["site"] for row in csv.DictReader(io.StringIO(data))}
    assert not any(name.startswith("=") for name in names)
    assert len(names) == 4
