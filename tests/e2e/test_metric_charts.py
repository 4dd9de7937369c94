"""A keeper chooses how a series is charted, freezes its limits and leaves a point out; everybody reads why."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import CHART, chart_ready, choose, fits, opened, settled, sign_in

pytestmark = pytest.mark.e2e

ON_TIME = "/metric?site=demo-reims&metric=demo-on_time&span=all"


@pytest.mark.accepts("2.2", "2.3", "2.5", "2.15", "2.17")
def test_a_keeper_chooses_the_chart_freezes_its_limits_and_leaves_a_point_out(app, open_page):
    page = open_page("desk", language="en")
    sign_in(page, app.url, "Léa Roux")
    opened(page, f"{app.url}{ON_TIME}&lang=en")
    chart_ready(page)
    drawn = page.locator(CHART).first
    expect(page.get_by_text("band: limits for each number of cases (p)")).to_be_visible()
    for line in (r"^Upper limit \d", r"^Mean \d", r"^Lower limit \d"):
        expect(drawn.get_by_text(re.compile(line)).first).to_be_visible()

    choose(page, page.get_by_label("Chart", exact=True), "XmR: individual values")
    expect(page.get_by_text("band: natural limits (XmR, 2.66)")).to_be_visible()
    choose(page, page.get_by_label("Rules", exact=True), "Limits alone (Shewhart)")
    expect(page.get_by_text("Rules (Limits alone (Shewhart)): a point outside the limits.")).to_be_visible()
    assert {"chart=xmr", "rules=limits"} <= set(page.url.partition("?")[2].split("&"))

    settled(page)
    page.get_by_role("button", name="Freeze the limits…").click()
    dialog = page.get_by_role("dialog")
    choose(page, dialog.get_by_label("Owner"), "Inès Caron")
    dialog.get_by_label(re.compile("^Why")).fill("The process is steady")
    dialog.get_by_role("button", name="Pin it").click()
    expect(dialog).to_be_hidden()
    frozen = page.get_by_text(re.compile(r"Limits frozen \(D-\d+\), last period week of"))
    expect(frozen).to_be_visible()

    settled(page)
    page.get_by_role("button", name="Pin…").first.click()
    choose(page, dialog.get_by_label("Kind"), "point left out of the limits")
    dialog.get_by_label("What did you decide?").fill("A strike says nothing of the process")
    choose(page, dialog.get_by_label("Owner"), "Inès Caron")
    dialog.get_by_label(re.compile("^Why")).fill("a strike")
    dialog.get_by_role("button", name="Pin it").click()
    expect(dialog).to_be_hidden()
    counted = page.get_by_text(re.compile(r"1 point left out of the limits: week of .+, a strike \(D-\d+\)\."))
    expect(counted).to_be_visible()

    phone = open_page("phone", language="fr")
    sign_in(phone, app.url, "Léa Roux")
    opened(phone, f"{app.url}{ON_TIME}&lang=fr")
    chart_ready(phone)
    assert fits(phone)
    expect(phone.get_by_text(re.compile(r"1\spoint laissé hors des limites"))).to_be_visible()
