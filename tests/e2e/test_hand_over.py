"""Two parties at one screen: a signature drawn with a finger, a PIN; bags split off, turned back, a code made."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lims import files
from lims.accounts import handover
from samples.custody import services
from samples.custody.happenings import Here
from samples.custody.models import Consignment, CustodyEvent
from samples.registry.models import Sample
from tests.e2e.test_custody import Road, fits, road
from tests.support.people import person

__all__ = ["road"]


def pictured(page: Page, name: str) -> None:
    """Keep a picture of the page for whoever asks for one (PICTURES names a folder)."""
    folder = os.environ.get("PICTURES")
    if folder:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.fixture
def sent(road: Road) -> Road:
    """Return the consignment on the road with three sealed bags."""
    user = road.consignment.created_by
    assert user is not None
    here = Here(road.consignment.created_at)
    for n, sample in enumerate(Sample.objects.order_by("tag__code")):
        services.seal_sample(
            actor=user, sample=sample, maker="Acme", number=f"A-10{n}", mass_g=sample.mass_g, here=here
        )
    services.pack(actor=user, consignment=road.consignment, samples=list(Sample.objects.all()))
    services.dispatch(actor=user, consignment=road.consignment, here=here)
    return road


def summary_of(page: Page, road: Road, **fields: str) -> None:
    page.goto(f"/consignments/{road.consignment.pk}/hand-over/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    pictured(page, "hand-over")
    page.get_by_role("button", name="Show the summary").click()
    expect(page.locator("main")).to_contain_text("3 of 3")


def test_an_outsider_signs_with_a_finger(sent):
    page = sent.sign_in("custodian", "hillroad")
    summary_of(page, sent, to_name="Zaw Win", to_document="12/A 334")
    expect(page.locator("[name=secret]")).to_be_hidden()
    page.get_by_role("button", name="We both agree").click()
    expect(page.locator("main")).to_contain_text("Nobody signed")
    box = page.locator("canvas").bounding_box()
    assert box is not None
    for dx, dy in ((20, 20), (90, 70)):
        page.mouse.move(box["x"] + dx, box["y"] + dy)
        page.mouse.down()
        page.mouse.move(box["x"] + dx + 120, box["y"] + dy + 30, steps=8)
        page.mouse.up()
    pictured(page, "signed")
    fits(page)
    page.get_by_role("button", name="We both agree").click()
    page.wait_for_url(f"**/consignments/{sent.consignment.pk}/")
    event = CustodyEvent.objects.get(to_outsider__name="Zaw Win")
    assert event.confirmed_how == "SIGNATURE"
    assert event.to_outsider is not None
    assert files.get(event.to_outsider.signature_sha256).startswith(b"\x89PNG")
    fits(page)
    pictured(page, "consignment")


def test_a_colleague_types_a_pin(sent):
    taker = person("manager", "hillroad")
    handover.set_pin(actor=taker, pin="4071")
    page = sent.sign_in("custodian", "hillroad")
    page.goto(f"/consignments/{sent.consignment.pk}/hand-over/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.select_option("[name=to_person]", label=taker.name)
    page.get_by_role("button", name="Show the summary").click()
    expect(page.locator("canvas")).to_be_hidden()
    page.fill("[name=secret]", "4072")
    page.get_by_role("button", name="We both agree").click()
    expect(page.locator("main")).to_contain_text("This is not Manager of HILLROAD's")
    pictured(page, "wrong-pin")
    fits(page)
    page.fill("[name=secret]", "4071")
    page.get_by_role("button", name="We both agree").click()
    page.wait_for_url(f"**/consignments/{sent.consignment.pk}/")
    assert CustodyEvent.objects.get(to_person=taker).confirmed_how == "PIN"


def test_bags_are_split_off_and_the_rest_turned_back(sent):
    page = sent.sign_in("manager", "irel")
    page.goto(f"/consignments/{sent.consignment.pk}/split/")
    page.get_by_role("checkbox").first.check()
    fits(page)
    pictured(page, "split")
    page.get_by_role("button", name="Let these bags go on alone").click()
    expect(page.locator("main")).to_contain_text("Split off")
    assert Consignment.objects.filter(split_from=sent.consignment).count() == 1
    page.goto(f"/consignments/{sent.consignment.pk}/turn-back/")
    page.fill("[name=reason]", "The bridge at Myitsone is out.")
    fits(page)
    pictured(page, "turn-back")
    page.get_by_role("button", name="Turn").click()
    expect(page.locator("main")).to_contain_text("On the way back")
    fits(page)
    pictured(page, "turned-back")
    bag = sent.consignment.items.filter(state="PACKED").first()
    assert bag is not None
    for act in ("", "seal-anew/", "store/", "dispose/"):
        page.goto(f"/bags/{bag.sample_id}/{act}" if act else f"/samples/{bag.sample_id}/")
        fits(page)
        pictured(page, f"bag-{act.strip('/') or 'sample'}")


def test_a_personal_code_is_made_and_scans(sent):
    page = sent.sign_in("custodian", "hillroad")
    page.goto("/me/hand-over-code/")
    fits(page)
    page.get_by_role("button", name="Make a code").click()
    expect(page.locator(".qr-card svg")).to_be_visible()
    fits(page)
    pictured(page, "code")
    secret = page.get_by_text("LIMS-HO-").inner_text()
    assert handover.whose_code(secret) == person("custodian", "hillroad")
