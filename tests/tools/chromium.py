"""Find a Chromium for the end-to-end tests, or install one: `python -m tests.tools.chromium`.

Order: the CHROMIUM variable, one on the PATH, Debian's package where this user may install it, Playwright's own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium's own calls home are turned off: the tests reach nothing but this machine.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)


def installed() -> str | None:
    """The path of a Chromium on this machine, None if there is none but perhaps Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


def launch_options() -> dict[str, object]:
    """Arguments for `playwright.chromium.launch`."""
    options: dict[str, object] = {"args": list(QUIET)}
    if os.geteuid() == 0:
        options["args"] = [*QUIET, "--no-sandbox"]
    path = installed()
    if path:
        options["executable_path"] = path
    return options


def install() -> None:
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, **quiet)
    if not installed():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def playwright_has_one() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        return Path(play.chromium.executable_path).exists()


def main() -> int:
    if not installed() and not playwright_has_one():
        install()
    print(f"Chromium: {installed() or 'installed by Playwright'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
