"""A coordinator's morning in a real browser: sign in, register a sample, find it again with the scanner."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from samples.registry import services
from samples.registry.models import Sample
from samples.registry.rules import show_tag
from tests.support.people import PASSWORD, organisation, person


@pytest.fixture
def bench(screen: Page) -> tuple[Page, list[str]]:
    """Return a browser on the sign-in page, and the free tags of an open batch."""
    user = person("field_coordinator", "irel", password=PASSWORD)
    owner = organisation("irel")
    words = {"name": "Site 1", "controlling_body": "KIA", "deposit_type": "Ion-adsorption clay"}
    place = {"latitude": Decimal("26.1"), "longitude": Decimal("98.4")}
    mine = services.add_mine(actor=user, owner=owner, code="M1", **words, **place)
    services.open_batch(actor=user, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="November 2026")
    services.start_tags(actor=user, owner=owner, prefix="KC")
    tags = [show_tag(tag.code) for tag in services.issue_tags(actor=user, owner=owner, count=3)]
    screen.goto("/account/login/")
    return screen, tags


def sign_in(page: Page) -> None:
    page.fill("[name=login]", "field_coordinator@irel.test")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/today/")


@pytest.mark.parametrize("width", [1440, 390])
def test_sign_in_register_and_find_by_scanner(bench, width):
    page, (tag, *_) = bench
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page)
    page.get_by_role("link", name=re.compile("Register")).first.click()
    page.wait_for_url("**/samples/register/**")
    # The scanner types into the tag field, which has the focus, without the tag's hyphens.
    expect(page.locator("[name=tag]")).to_be_focused()
    page.keyboard.type(tag.replace("-", "").lower())
    page.fill("[name=mass_g]", "2150")
    page.get_by_role("button", name="Save and next").click()
    expect(page.locator("main, body").first).to_contain_text(tag)
    assert Sample.objects.get().mass_g == Decimal(2150)
    page.goto("/batches/")
    page.locator("h1").click()  # nothing that takes text has the focus
    page.keyboard.type(tag, delay=3)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/samples/{Sample.objects.get().pk}/")
    expect(page.locator("h1")).to_contain_text(tag)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "no sideways scrolling"


def test_a_mistake_is_named_beside_its_field_and_nothing_typed_is_lost(bench):
    page, (tag, *_) = bench
    sign_in(page)
    page.goto("/samples/register/")
    wrong = tag[:-1] + ("0" if tag[-1] != "0" else "1")
    page.fill("[name=tag]", wrong)
    page.fill("[name=mass_g]", "2150")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main, body").first).to_contain_text("does not fit its check character")
    expect(page.locator("[name=tag]")).to_have_value(wrong)
    expect(page.locator("[name=mass_g]")).to_have_value("2150")
    assert not Sample.objects.exists()
