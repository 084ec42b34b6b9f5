"""A consignment's custody record in a real browser: map and chart are drawn under the strict policy, from here alone."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from samples.custody import receiving, road_services, services
from samples.custody.happenings import Here
from samples.custody.models import Consignment
from samples.custody.routes.rules import read_legs
from samples.custody.routes.services import add_route, take_route
from samples.custody.rules import DocumentKind
from samples.registry import sample_services
from samples.registry import services as registry
from tests.support.people import PASSWORD, organisation, person

pytestmark = pytest.mark.django_db(transaction=True)
WAY = """Pangwa; Tengchong; road; 9; 4; 26.05, 98.35; 25.02, 98.49
Tengchong; Ruili; road; 5; 2; 25.02, 98.49; 24.01, 97.85
Ruili; Hyderabad; air; 30; 12; 24.01, 97.85; 17.38, 78.46; 22.57, 88.36"""


@pytest.fixture
def travelled() -> Consignment:
    """Return a consignment that came by two places, of which one bag is received too light."""
    user, boss = person("field_coordinator", "irel"), person("manager", "irel", password=PASSWORD)
    owner, left = organisation("irel"), timezone.now() - timedelta(hours=40)
    words = {"name": "Pangwa North", "controlling_body": "Cooperative", "deposit_type": "Ion-adsorption clay"}
    mine = registry.add_mine(
        actor=user, owner=owner, code="M1", **words, latitude=Decimal("26.1"), longitude=Decimal("98.4")
    )
    batch = registry.open_batch(
        actor=user, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="November"
    )
    registry.start_tags(actor=user, owner=owner, prefix="KC")
    tags = [tag.code for tag in registry.issue_tags(actor=user, owner=owner, count=2)]
    bags = [
        sample_services.register_sample(
            actor=user,
            batch=batch,
            tag_code=tag,
            mass_g=Decimal(2150),
            collected_at=left - timedelta(hours=9),
        )
        for tag in tags
    ]
    for number, bag in enumerate(bags):
        services.seal_sample(
            actor=user,
            sample=bag,
            maker="Acme",
            number=f"A-{number}",
            mass_g=Decimal(2150),
            here=Here(left - timedelta(hours=8)),
        )
    made = services.start_consignment(
        actor=user, owner=owner, carrier=organisation("hillroad"), destination=organisation("nfc")
    )
    services.pack(actor=user, consignment=made, samples=bags)
    for kind in DocumentKind:
        services.record_document(actor=user, consignment=made, kind=kind, reference=f"{kind[:2]}-117")
    services.record_dose_rate(
        actor=user,
        consignment=made,
        instrument="Meter 7",
        surface_usv_h=Decimal("0.31"),
        at_1m_usv_h=Decimal("0.12"),
    )
    route = add_route(actor=boss, owner=owner, name="By Ruili", legs=read_legs(WAY))
    take_route(actor=user, consignment=made, route=route)
    services.dispatch(actor=user, consignment=made, here=Here(left))
    driver = person("custodian", "hillroad")
    for hours, north, east, place in (
        (10, "25.021", "98.492", "Tengchong"),
        (15, "24.012", "97.851", "Ruili"),
    ):
        here = Here(left + timedelta(hours=hours), Decimal(north), Decimal(east), Decimal(12), place=place)
        road_services.record_event(actor=driver, consignment=made, kind="CHECKPOINT", here=here)
    receiving.receive_bag(
        actor=person("receptionist", "nfc"),
        consignment=made,
        tag=tags[0],
        mass_g=Decimal(2050),
        seals=[("Acme", "A-0")],
        condition="INTACT",
        here=Here(left + timedelta(hours=39)),
    )
    return made


def sign_in(screen: Page) -> None:
    screen.goto("/account/login/")
    screen.fill("[name=login]", "manager@irel.test")
    screen.fill("[name=password]", PASSWORD)
    screen.press("[name=password]", "Enter")
    screen.wait_for_url("**/dashboard/")


def test_map_and_chart_are_drawn_from_here_alone(screen: Page, travelled: Consignment) -> None:
    hosts: set[str] = set()

    def heard(request: Request) -> None:
        if request.url.startswith("http"):
            hosts.add(request.url.split("/")[2])

    screen.on("request", heard)
    sign_in(screen)
    screen.goto(f"/consignments/{travelled.pk}/custody/")
    drawn = screen.locator("[data-map]")
    drawn.scroll_into_view_if_needed()
    expect(drawn).to_have_attribute("data-state", "drawn", timeout=30_000)
    # Two places, and every polygon of the outlines below them.
    expect(drawn.locator(".leaflet-overlay-pane path[stroke='#ffffff']")).to_have_count(2)
    outlines = json.loads(Path(finders.find("vendor/outlines-asia.json")).read_text(encoding="utf-8"))
    polygons = sum(len(shape["arcs"]) for shape in outlines["objects"]["countries"]["geometries"])
    assert drawn.locator(".leaflet-tile-pane path").count() == polygons > 100
    expect(screen.get_by_text("Done, 1.0 h late").first).to_be_visible()
    assert hosts == {screen.url.split("/")[2]}
    assert screen.evaluate("document.documentElement.scrollWidth") <= 1440
    sample = travelled.items.order_by("sample__tag__code")[0].sample
    screen.goto(f"/samples/{sample.pk}/custody/")
    chart = screen.locator("[data-chart]")
    chart.scroll_into_view_if_needed()
    expect(chart).to_have_attribute("data-state", "drawn", timeout=30_000)
    for width in (390, 1440):
        screen.set_viewport_size({"width": width, "height": 900})
        assert screen.evaluate("document.documentElement.scrollWidth") <= width
