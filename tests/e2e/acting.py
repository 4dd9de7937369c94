"""What people do in a browser, named once: signing in, choosing from a list, waiting for a chart."""

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 30_000
WIDTHS = {"desk": 1440, "phone": 390}
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
CHART = "[data-testid=stVegaLiteChart]"


def sign_in(page: Page, url: str, name: str) -> None:
    """Pick a person from the register, as one does on this machine; without waiting for the first screen."""
    page.goto(f"{url}/sign-in")
    page.get_by_role("button", name=name).click(no_wait_after=True)
    page.wait_for_url(lambda address: "/sign-in" not in address, wait_until="commit")


def opened(page: Page, address: str) -> Locator:
    """Open a screen and wait until its run has ended; return its title."""
    page.goto(address)
    return settled(page)


def settled(page: Page) -> Locator:
    """Wait until the page has its title and its run has ended."""
    title = page.locator("h1.es-title")
    expect(title).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=PATIENCE_MS
    )
    return title


def choose(page: Page, field: Locator, option: str) -> None:
    """Choose an option of a list; a list that a redraw has closed again is opened by its key."""
    wanted = page.get_by_role("option", name=option).first
    field.click()
    try:
        expect(wanted).to_be_visible(timeout=4_000)
    except AssertionError:
        field.focus()
        page.keyboard.press("ArrowDown")
    wanted.click()


def chart_ready(page: Page, nth: int = 0) -> Locator:
    """Wait until a chart is drawn."""
    chart = page.locator(CHART).locator("canvas, svg").nth(nth)
    expect(chart).to_be_visible(timeout=PATIENCE_MS)
    return chart


def charts_drawn(page: Page) -> None:
    """Wait until every chart of the page is drawn."""
    page.wait_for_function(
        f"[...document.querySelectorAll('{CHART}')].every(chart => chart.querySelector('canvas, svg'))",
        timeout=PATIENCE_MS,
    )


def fits(page: Page) -> bool:
    """Tell whether nothing of the page has to be scrolled sideways; Streamlit scrolls its main part, not the document."""
    return page.evaluate(
        "[document.documentElement, ...document.querySelectorAll('[data-testid=stMain]')]"
        ".every(part => part.scrollWidth <= window.innerWidth)"
    )


def words_of(locator: Locator) -> str:
    """Read what a reader sees, with plain spaces."""
    return " ".join(locator.inner_text().replace("\xa0", " ").split())
