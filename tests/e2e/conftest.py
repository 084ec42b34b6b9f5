"""Browser tests: left out with SKIP_BROWSER=1, failing with a word on what is missing otherwise."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.support import browser as support


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test here as a browser test; leave them out when asked to."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
    if os.environ.get("SKIP_BROWSER") == "1":
        config.hook.pytest_deselected(items=here)
        items[:] = [item for item in items if item not in here]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve this worker's database; return the address."""
    yield from support.serve(tmp_path_factory.mktemp("site") / "gunicorn.log")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Run the system's Chromium without a window."""
    patch = pytest.MonkeyPatch()
    # Playwright keeps an event loop in this thread; Django would take our database calls for asynchronous ones.
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=support.chromium(), args=[*support.OPTIONS, *root]
        )
        yield running
        running.close()
    patch.undo()


@pytest.fixture
def screen(chromium: Browser, site: str, transactional_db: None) -> Iterator[Page]:
    """Return a page of 1440 × 900 that fails the test on any error in its console, CSP violations included."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site)
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refusal (4xx) is an answer; a page that breaks its own rules is not.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
