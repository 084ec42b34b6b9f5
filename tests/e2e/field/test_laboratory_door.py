"""Bags received on a phone without a network: at the laboratory's door, over its screens, and how fast they open."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from samples.custody import services
from samples.custody.happenings import Here
from samples.custody.models import Consignment, ConsignmentItem
from samples.custody.rules import DocumentKind
from samples.registry import sample_services
from tests.e2e.field.conftest import PIN, Phone, joined, new_context, world
from tests.support.people import PASSWORD, organisation, person
from tests.support.wire import Wire


@pytest.fixture
def sent(transactional_db: None) -> tuple[Consignment, list[str]]:
    """Return a consignment of two bags on its way to the laboratory, and their tags."""
    coordinator, batch, tags = world()
    bags = []
    for number in range(2):
        bag = sample_services.register_sample(
            actor=coordinator,
            batch=batch,
            tag_code=tags[number],
            mass_g=Decimal(2000),
            collected_at=timezone.now(),
        )
        facts = {"maker": "Acme", "number": f"A-{number}", "mass_g": Decimal(2150)}
        services.seal_sample(actor=coordinator, sample=bag, here=Here(timezone.now()), **facts)
        bags.append(bag)
    made = services.start_consignment(
        actor=coordinator,
        owner=batch.owner,
        carrier=organisation("hillroad"),
        destination=organisation("nfc"),
    )
    services.pack(actor=coordinator, consignment=made, samples=bags)
    for kind in DocumentKind:
        services.record_document(actor=coordinator, consignment=made, kind=kind, reference="17")
    services.record_dose_rate(
        actor=coordinator,
        consignment=made,
        instrument="7",
        surface_usv_h=Decimal("0.3"),
        at_1m_usv_h=Decimal("0.1"),
    )
    services.dispatch(actor=coordinator, consignment=made, here=Here(timezone.now()))
    return made, tags[:2]


@pytest.fixture
def door(chromium: Browser, line: Wire, sent: tuple[Consignment, list[str]]) -> Phone:
    """Return the receptionist's phone, without a network from now on."""
    receptionist = person("receptionist", "nfc", password=PASSWORD)
    context = new_context(chromium, line)
    phone = joined(context, line, (receptionist, None, sent[1]), email="receptionist@nfc.test")
    context.set_offline(True)
    yield phone
    context.close()


def test_received_bag_by_bag_and_sent_later(door: Phone, sent: tuple[Consignment, list[str]]):
    made, tags = sent
    door.open()
    page = door.page
    page.goto(f"/field/#/receive/{made.pk}")
    for tag in tags:
        page.fill("#f-tag", tag)
        page.press("#f-tag", "Enter")
        page.fill("#f-mass_g", "2148")
        page.get_by_role("radio", name="Seal Acme").click()
        page.click("#save-receive")
        expect(page.locator("#f-tag")).to_have_value("")
    expect(page.locator("#app")).to_contain_text("All bags are here")
    assert not ConsignmentItem.objects.filter(state="RECEIVED").exists()
    door.context.set_offline(False)
    page.wait_for_function("navigator.onLine")
    assert door.run("sync", "m.now()") is None
    assert door.counts()["unsent"] == 0
    items = ConsignmentItem.objects.order_by("sample__tag__code")
    assert [(item.state, item.received_mass_g, item.condition) for item in items] == [
        ("RECEIVED", Decimal(2148), "INTACT")
    ] * 2


def test_it_opens_without_a_network(door: Phone, record_property: Callable[[str, object], None]):
    page = door.page
    page.goto("about:blank")
    page.goto("/field/")
    page.wait_for_selector("[data-key=done]")
    shown_ms = page.evaluate("Math.round(performance.now())")
    unlock = f"() => import('/static/field/store.js').then((store) => store.unlock('{PIN}'))"
    page.evaluate(unlock)
    begun = page.evaluate("performance.now()")
    page.evaluate("location.hash = '/more'; location.hash = '/'")
    page.wait_for_selector(".tally")
    home_ms = round(page.evaluate("performance.now()") - begun)
    # How long it took is told, and decides nothing: the machine may be busy.
    told = {"offline start to the PIN, ms": shown_ms, "from the open store to the home screen, ms": home_ms}
    for name, value in told.items():
        record_property(name, value)
    print(told)  # noqa: T201  # with pytest's -s or -rP
    paints = page.evaluate("performance.getEntriesByType('paint').map((one) => one.name)")
    assert "first-contentful-paint" in paints
    assert page.evaluate("navigator.onLine") is False
    expect(page.locator("a.status")).to_be_visible()
