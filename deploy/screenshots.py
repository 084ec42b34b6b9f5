"""Take the pictures of the README: `make screenshots`.

Starts a trial of its own with the demonstration (loopback, a free port, a folder that is removed afterwards), signs in
as each role with the system's Chromium, and writes PNG files to docs/images.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
IMAGES: Final = ROOT / "docs" / "images"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def free_port() -> int:
    """Return a TCP port of the loopback that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def trial() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Run a trial; yield its address and the passwords by e-mail address."""
    with tempfile.TemporaryDirectory(prefix="lims-shots-") as folder:
        port = free_port()
        environment = os.environ | {"DATA_DIR": folder, "PORT": str(port)}
        log = Path(folder) / "trial.log"
        with log.open("wb") as file:
            running = subprocess.Popen(
                [sys.executable, "-m", "config.trial"], cwd=ROOT, env=environment, stdout=file, stderr=file
            )
        try:
            until = time.monotonic() + 240
            while "is at http" not in log.read_text(errors="replace"):
                if running.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"The trial does not start:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.5)
            logins = json.loads((Path(folder) / "run" / "demonstration.json").read_text())
            yield f"http://127.0.0.1:{port}", {one["email"]: one["password"] for one in logins}
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


class Camera:
    """Looks at a trial as one person after another."""

    def __init__(self, browser: Browser, address: str, passwords: Mapping[str, str]) -> None:
        self.browser, self.address, self.passwords = browser, address, passwords

    @contextmanager
    def person(self, email: str, size: Mapping[str, int] = WIDE) -> Iterator[Page]:
        """Yield a page on which this person is signed in."""
        context = self.browser.new_context(
            viewport=dict(size), base_url=self.address, reduced_motion="reduce"
        )  # type: ignore[arg-type]  # width and height
        page = context.new_page()
        page.goto("/account/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", self.passwords[email])
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "login" not in url)
        yield page
        context.close()


def settled(page: Page) -> None:
    """Let every chart come into view, so that it draws, then go back to the top."""
    page.wait_for_load_state("networkidle")
    for chart in page.locator("[data-chart]").all():
        if not chart.is_visible():
            continue
        chart.scroll_into_view_if_needed()
        chart.locator("svg").first.wait_for()
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(300)


def shoot(page: Page, name: str, path: str = "", *, whole: bool = False) -> None:
    """Write one picture; `path` is opened first."""
    if path:
        page.goto(path)
    settled(page)
    page.screenshot(path=IMAGES / f"{name}.png", full_page=whole)
    print(f"{name}.png, {(IMAGES / f'{name}.png').stat().st_size // 1024} kB")  # noqa: T201  # a command's answer


def first(page: Page, text: str) -> None:
    """Follow the first link in the page's content that says `text`."""
    page.locator("main").get_by_role("link", name=re.compile(text)).first.click()
    page.wait_for_load_state()


def pictures(camera: Camera) -> None:
    """Take them all, in the order of the journey."""
    with camera.person("field.coordinator@irel.example", NARROW) as page:
        shoot(page, "coordinator-home")
        shoot(page, "register", "/samples/register/")
    with camera.person("custodian@hillroad.example") as page:
        page.goto("/consignments/")
        first(page, r"^C\d\d-0010")
        shoot(page, "consignment")
    with camera.person("receptionist@deccan.example") as page:
        page.goto("/receiving/")
        first(page, "Receive")
        shoot(page, "receiving")
    with camera.person("technician@deccan.example") as page:
        page.goto("/certificates/")
        first(page, "DAL26-0440")
        shoot(page, "certificate")
    with camera.person("reviewer@deccan.example") as page:
        page.goto("/review/")
        first(page, "DAL26-0437")
        shoot(page, "review")
    with camera.person("manager@irel.example") as page:
        shoot(page, "dashboard", "/dashboard/")
        page.goto("/decisions/")
        first(page, r"^B\d\d-0001")
        shoot(page, "grade-report")
    with camera.person("manager@midwest.example", NARROW) as page:
        shoot(page, "dashboard-phone", "/dashboard/")


def main() -> None:
    """Take every picture of the README."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise SystemExit("No Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with trial() as (address, passwords), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--disable-gpu", *root])
        pictures(Camera(browser, address, passwords))
        browser.close()


if __name__ == "__main__":
    main()
