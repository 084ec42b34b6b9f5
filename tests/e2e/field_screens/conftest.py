"""A coordinator's phone in a real browser: 360 × 740, touched, somewhere in Kachin; joined and open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.support.people import PASSWORD, organisation, person

PIN = "280461"
PLACE = {"latitude": 26.0512, "longitude": 98.6021, "accuracy": 8}


@dataclass(frozen=True)
class Mine:
    """What the office has made ready."""

    coordinator: Any
    batch: Any
    tags: list[str]
    scale: Any


@pytest.fixture(scope="session", autouse=True)
def _opening_key() -> None:
    """Make the key that opens what phones seal, in this run's own folder, before the site is asked for it."""
    from django.conf import settings  # noqa: PLC0415

    file = Path(settings.FIELD_KEY_FILE)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        private = generate_private_key(SECP256R1())
        file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.fixture
def mine(transactional_db: None) -> Mine:
    """Open a batch with a plan of two sites, give the coordinator ten tags and a scale."""
    from samples.custody.scales.services import add_scale  # noqa: PLC0415  # Django is set up by now
    from samples.registry import services  # noqa: PLC0415
    from samples.registry.models import Tag  # noqa: PLC0415
    from samples.registry.plans.rules import SiteDraft  # noqa: PLC0415
    from samples.registry.plans.services import make_plan  # noqa: PLC0415
    from samples.registry.tags.services import reserve_tags  # noqa: PLC0415

    user, owner = person("field_coordinator", "irel", password=PASSWORD), organisation("irel")
    person("custodian", "hillroad", nick="naw_seng")
    organisation("nfc")
    words = {"name": "Pangwa east", "controlling_body": "KIA", "deposit_type": "Ion-adsorption clay"}
    place = {"latitude": Decimal("26.05"), "longitude": Decimal("98.6")}
    site = services.add_mine(actor=user, owner=owner, code="PNG", **words, **place)
    batch = services.open_batch(
        actor=user, mine=site, material_type="ION_ADSORPTION_CLAY", campaign="November 2026"
    )
    make_plan(actor=user, batch=batch, sites=[SiteDraft("Pit 1", 12), SiteDraft("Heap A", 8)])
    services.start_tags(actor=user, owner=owner, prefix="KC")
    block = reserve_tags(actor=user, owner=owner, coordinator=user, count=10)
    scale = add_scale(actor=user, owner=owner, name="Kern 6 kg", division_g=Decimal(1))
    tags = list(Tag.objects.filter(block=block).order_by("code").values_list("code", flat=True))
    return Mine(user, batch, tags, scale)


def sign_in(page: Page, mine: Mine) -> None:
    """Sign in as the coordinator; the session is the browser's from now on."""
    page.goto("/account/login/")
    page.fill("[name=login]", mine.coordinator.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/today/")


def press_pin(page: Page, pin: str = PIN) -> None:
    """Press a PIN on the pad."""
    for digit in pin:
        page.click(f"[data-key='{digit}']")
    page.click("[data-key=done]")


def join(page: Page) -> None:
    """Make the browser the coordinator's phone, and wait until it knows the batch."""
    page.goto("/field/")
    page.fill("#f-name", "Test phone")
    page.click("#choose-pin")
    press_pin(page)
    press_pin(page)
    page.wait_for_selector("#go-register")
    page.wait_for_selector("a.card", timeout=20_000)


def contexts(browser: Browser, site: str) -> BrowserContext:
    """Return a context like a small phone's."""
    return browser.new_context(
        viewport={"width": 360, "height": 740},
        base_url=site,
        has_touch=True,
        locale="en-GB",
        geolocation=PLACE,
        permissions=["geolocation"],
    )


def listening(page: Page) -> list[str]:
    """Return the list into which everything goes that the page complains of."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refusal (4xx) and a lost network are answers; a page that breaks its own rules is not.
        answered = "the server responded with a status of 4" in message.text or "net::ERR_" in message.text
        if message.type == "error" and not answered:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.fixture
def phone(chromium: Browser, site: str, mine: Mine) -> Iterator[Page]:
    """Return the joined phone at its home screen; any complaint of the page fails the test."""
    context = contexts(chromium, site)
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints = listening(page)
    sign_in(page, mine)
    join(page)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def to(phone: Page) -> Callable[[str], None]:
    """Return a function that goes to a screen of the application."""

    def go(path: str) -> None:
        phone.evaluate("path => { location.hash = path; }", path)
        phone.wait_for_selector("h1")
        phone.wait_for_timeout(150)

    return go


@pytest.fixture
def reopened(phone: Page) -> Callable[[], None]:
    """Return a function that loads the application anew, as after a kill, and opens it with the PIN."""

    def again() -> None:
        phone.reload()
        phone.wait_for_selector("[data-key='1']")
        press_pin(phone)
        phone.wait_for_selector("a.status")

    return again
