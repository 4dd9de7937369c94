"""What people do in a browser, named once: signing in, choosing from a list, waiting for a chart."""

from playwright.sync_api import Locator, Page, expect

SECONDS = 30_000


def sign_in(page: Page, url: str, name: str) -> None:
    """Pick a person from the register, as one does on this machine."""
    page.goto(f"{url}/sign-in")
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SECONDS)


def choose(page: Page, field: Locator, option: str) -> None:
    """Choose an option of a list."""
    field.click()
    page.get_by_role("option", name=option).first.click()


def chart_ready(page: Page) -> Locator:
    """Wait until the first chart is drawn."""
    chart = page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first
    expect(chart).to_be_visible(timeout=SECONDS)
    return chart


def no_sideways_scroll(page: Page) -> bool:
    """Tell whether the page fits its width."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
