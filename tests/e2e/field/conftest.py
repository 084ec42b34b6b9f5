"""A phone of a field coordinator: Chromium at 360 px with a place, behind a line that can be cut."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import piexif
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.people import PASSWORD, organisation, person
from tests.support.wire import Wire, wire

PIN = "271828"
PLACE = {"latitude": 26.0498, "longitude": 98.3512, "accuracy": 9}


@dataclass
class Phone:
    """A phone that has joined, and what it works with."""

    page: Page
    context: BrowserContext
    line: Wire
    coordinator: Any
    batch: Any
    tags: list[str]

    def run(self, module: str, call: str, given: Any = None) -> Any:
        """Run `call` of a module of the application as `m`; faults come back as {"fault": code}."""
        script = (
            f"async (given) => {{ const m = await import('/static/field/{module}.js');"
            f" try {{ return await ({call}); }} catch (error) {{ return {{fault: error.code || String(error)}}; }} }}"
        )
        return self.page.evaluate(script, given)

    def open(self) -> None:
        """Open the application, as after a tap on its icon, and type the PIN."""
        self.page.goto("/field/")
        self.page.wait_for_selector("h1, .starting ~ *, #app > *:not(.starting)")
        assert self.run("store", f"m.unlock('{PIN}')") is None
        self.page.goto("/field/#/more")
        self.page.goto("/field/#/")

    def again(self) -> None:
        """Take another page of the same phone, as after its tab was killed."""
        self.page.close()
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.open()

    def counts(self) -> Any:
        """Return the application's own numbers."""
        return self.run("outbox", "m.counts()")


@pytest.fixture
def line(site: str) -> Iterator[Wire]:
    """Return a line to the site that can be cut."""
    with wire(site) as laid:
        yield laid


def world() -> tuple[Any, Any, list[str]]:
    """Return a coordinator of IREL's, an open batch, and twenty-five tags of theirs."""
    from samples.registry import services  # noqa: PLC0415  # models exist only once Django is set up

    coordinator = person("field_coordinator", "irel", password=PASSWORD)
    owner = organisation("irel")
    words = {"name": "Pangwa North", "controlling_body": "Cooperative", "deposit_type": "Ion-adsorption clay"}
    place = {"latitude": Decimal("26.1"), "longitude": Decimal("98.4")}
    mine = services.add_mine(actor=coordinator, owner=owner, code="M1", **words, **place)
    batch = services.open_batch(
        actor=coordinator, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="November 2026"
    )
    services.start_tags(actor=coordinator, owner=owner, prefix="KC")
    tags = [tag.code for tag in services.issue_tags(actor=coordinator, owner=owner, count=25)]
    return coordinator, batch, tags


def joined(
    context: BrowserContext,
    line: Wire,
    made: tuple[Any, Any, list[str]],
    email: str = "field_coordinator@irel.test",
) -> Phone:
    """Return a phone of a fresh browser that has joined and heard from the office once."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto("/account/login/?next=/field/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/field/**")
    phone = Phone(page, context, line, *made)
    assert phone.run("store", f"m.enrol({{name: 'Redmi 9', pin: '{PIN}'}})") is None
    assert phone.run("sync", "m.now()") is None
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return phone


@pytest.fixture
def phone(chromium: Browser, line: Wire, transactional_db: None) -> Iterator[Phone]:
    """Return a phone that has joined."""
    context = new_context(chromium, line)
    yield joined(context, line, world())
    context.close()


def new_context(chromium: Browser, line: Wire) -> BrowserContext:
    """Return a fresh phone's browser."""
    return chromium.new_context(
        viewport={"width": 360, "height": 740},
        base_url=line.address,
        has_touch=True,
        is_mobile=True,
        geolocation=PLACE,
        permissions=["geolocation"],
    )


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """Return a camera's picture: large, turned, with a place inside."""
    pixels = random.Random(11).randbytes(900 * 700 * 3)  # no secret, only a busy picture
    image = Image.frombytes("RGB", (900, 700), pixels).resize((2400, 1866))
    gps = {piexif.GPSIFD.GPSLatitudeRef: b"N", piexif.GPSIFD.GPSLatitude: ((26, 1), (2, 1), (59, 1))}
    exif = piexif.dump({"0th": {piexif.ImageIFD.Make: b"CAMERAMAKER"}, "GPS": gps})
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, exif=exif)
    path = tmp_path / "bag.jpg"
    path.write_bytes(out.getvalue())
    return path
