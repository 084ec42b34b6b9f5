"""Bags on their road in a real browser: packed by scanner, handed over by phone, received with Enter alone."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from samples.custody import services
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, Incident
from samples.custody.rules import DocumentKind
from samples.registry import sample_services
from samples.registry import services as registry
from samples.registry.rules import show_tag
from tests.support.people import PASSWORD, organisation, person


class Road(NamedTuple):
    """A consignment that is being packed, with papers and dose rate, and the tags of three bags."""

    consignment: Consignment
    tags: list[str]
    sign_in: Callable[[str, str], Page]


@pytest.fixture
def road(screen: Page) -> Road:
    """Return three registered bags and an empty consignment that lacks nothing else."""
    user = person("field_coordinator", "irel", password=PASSWORD)
    owner = organisation("irel")
    words = {"name": "Pangwa North", "controlling_body": "Cooperative", "deposit_type": "Ion-adsorption clay"}
    place = {"latitude": Decimal("26.1"), "longitude": Decimal("98.4")}
    mine = registry.add_mine(actor=user, owner=owner, code="M1", **words, **place)
    batch = registry.open_batch(
        actor=user, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="November 2026"
    )
    registry.start_tags(actor=user, owner=owner, prefix="KC")
    tags = [tag.code for tag in registry.issue_tags(actor=user, owner=owner, count=3)]
    for tag in tags:
        sample_services.register_sample(
            actor=user, batch=batch, tag_code=tag, mass_g=Decimal(2150), collected_at=timezone.now()
        )
    made = services.start_consignment(
        actor=user,
        owner=owner,
        carrier=organisation("hillroad"),
        destination=organisation("nfc"),
        planned_arrival=timezone.now() + timedelta(days=6),
    )
    for kind in DocumentKind:
        services.record_document(actor=user, consignment=made, kind=kind, reference=f"{kind[:2]}-2026-117")
    services.record_dose_rate(
        actor=user,
        consignment=made,
        instrument="Survey meter 7",
        surface_usv_h=Decimal("0.31"),
        at_1m_usv_h=Decimal("0.12"),
    )

    def sign_in(role: str, where: str) -> Page:
        person(role, where, password=PASSWORD)
        screen.context.clear_cookies()
        screen.goto("/account/login/")
        screen.fill("[name=login]", f"{role}@{where}.test")
        screen.fill("[name=password]", PASSWORD)
        screen.press("[name=password]", "Enter")
        screen.wait_for_url(lambda address: "login" not in address)
        return screen

    return Road(made, [show_tag(tag) for tag in tags], sign_in)


def fits(page: Page) -> None:
    """Check on a desk's screen and on a phone's that nothing has to be scrolled sideways."""
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        # A page that was just opened may still be laid out for the width before.
        page.wait_for_load_state()
        for _ in range(50):
            if (wide := _too_wide(page)) == 0:
                break
            page.wait_for_timeout(100)
        assert wide == 0, f"{page.url} at {width} px: {wide} px too wide"


def _too_wide(page: Page) -> int | None:
    """Return how many px stick out; None in between two pages, where there is no document at all."""
    found: int | None = page.evaluate(
        """() => {
          const root = document.documentElement;
          return root ? root.scrollWidth - root.clientWidth : null;
        }"""
    )
    return found


def scanned(page: Page, *codes: str) -> None:
    """Type as scanner and scale do: each ends with Enter."""
    for code in codes:
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def packed_and_dispatched(road: Road) -> None:
    """Seal and pack three bags with the keyboard alone, then dispatch them."""
    page = road.sign_in("field_coordinator", "irel")
    page.goto(f"/consignments/{road.consignment.pk}/pack/")
    fits(page)
    for n, tag in enumerate(road.tags):
        expect(page.locator("[name=tag]")).to_be_focused()
        # The maker is asked for once, after the mass of the first bag.
        scanned(page, tag, f"A-10{n}", "2160", *(["Acme"] if n == 0 else []))
        expect(page.locator("#packing h2").first).to_contain_text(f"{n + 1} bag")
    fits(page)
    page.goto(f"/consignments/{road.consignment.pk}/dispatch/")
    fits(page)
    page.get_by_role("button", name="Dispatch 3 bags").click()
    page.wait_for_url(f"**/consignments/{road.consignment.pk}/")
    fits(page)


def handed_over(road: Road) -> None:
    """Tick every seal, write who takes over, agree to the summary."""
    page = road.sign_in("custodian", "hillroad")
    page.goto(f"/consignments/{road.consignment.pk}/hand-over/")
    fits(page)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.fill("[name=to_name]", "Zaw Win")
    page.fill("[name=to_document]", "12/A 334")
    page.get_by_role("button", name="Show the summary").click()
    expect(page.locator("main")).to_contain_text("3 of 3")
    fits(page)
    page.get_by_label("Not confirmed").check()
    page.get_by_role("button", name="We both agree").click()
    page.wait_for_url(f"**/consignments/{road.consignment.pk}/")


def received(road: Road) -> Page:
    """Receive two of the three bags by scanner; the second one has lost 160 g on its way."""
    page = road.sign_in("receptionist", "nfc")
    page.goto("/receiving/")
    fits(page)
    page.get_by_role("link", name="Receive", exact=True).click()
    for n, tag in enumerate(road.tags[:2]):
        expect(page.locator("[name=tag]")).to_be_focused()
        scanned(page, tag.replace("-", "").lower())
        expect(page.locator("#in-hand")).to_contain_text(f"Acme A-10{n}")
        fits(page)
        scanned(page, "2160" if n == 0 else "2000", f"A-10{n}")
        expect(page.locator(".last-tag")).to_have_text(tag)
    fits(page)
    return page


def test_three_bags_from_the_packing_table_to_the_laboratory(road):
    packed_and_dispatched(road)
    handed_over(road)
    assert CustodyEvent.objects.filter(to_outsider__name="Zaw Win").count() == 1
    page = received(road)
    expect(page.locator("#desk")).to_contain_text("Mass out of tolerance")
    assert Incident.objects.get().kind == "MASS_OUT_OF_TOLERANCE"
    assert ConsignmentItem.objects.filter(state="RECEIVED").count() == 2
    page.get_by_role("button", name="Finish with 1 missing").click()
    page.wait_for_url(f"**/consignments/{road.consignment.pk}/")
    expect(page.locator("main")).to_contain_text("Partly received")
    fits(page)
    page.get_by_role("link", name="Look at it").click()
    fits(page)
    page.get_by_role("link", name="Mass out of tolerance").click()
    fits(page)
    page.fill("[name=explanation]", "The bag was damp and dried on the way.")
    page.get_by_role("button", name="Keep the explanation").click()
    expect(page.locator("main")).to_contain_text("How it came about")


def test_an_incident_is_cleared_by_a_manager_and_the_bag_tells_its_road(road):
    packed_and_dispatched(road)
    page = received(road)
    incident = Incident.objects.get()
    page.goto(f"/incidents/{incident.pk}/")
    page.fill("[name=explanation]", "The bag was damp and dried on the way.")
    page.get_by_role("button", name="Keep the explanation").click()
    page = road.sign_in("manager", "irel")
    page.goto(f"/incidents/{incident.pk}/")
    page.fill("[name=reason]", "The mass of the dry bag agrees.")
    fits(page)
    page.get_by_role("button", name="Clear: it counts again").click()
    expect(page.locator("main")).to_contain_text("Not any more")
    for address in ("/consignments/", f"/samples/{incident.sample_id}/"):
        page.goto(address)
        fits(page)


def test_a_wrong_scan_stays_where_it_is_and_the_next_one_corrects_it(road):
    page = road.sign_in("field_coordinator", "irel")
    page.goto(f"/consignments/{road.consignment.pk}/pack/")
    wrong = road.tags[0][:-1] + ("0" if road.tags[0][-1] != "0" else "1")
    scanned(page, wrong, "A-100", "2160", "Acme")
    expect(page.locator("#packing")).to_contain_text("does not fit its check character")
    expect(page.locator("[name=tag]")).to_be_focused()
    expect(page.locator("[name=number]")).to_have_value("A-100")
    page.keyboard.press("Control+A")
    scanned(page, road.tags[0])
    expect(page.locator("#packing h2").first).to_contain_text("1 bag packed")
