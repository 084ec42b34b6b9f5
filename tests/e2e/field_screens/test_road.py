"""From the seal to another's hands, on the phone, and taken by the server record by record."""

import pytest
from playwright.sync_api import expect

from samples.custody.models import Consignment, CustodyEvent
from samples.registry.rules import show_tag

PAPERS = ("EXPORT_PAPER", "PLANT_QUARANTINE", "RADIOLOGICAL_SURVEY", "DUE_DILIGENCE")
STATES = """() => import("/static/field/outbox.js").then((outbox) => outbox.list({ limit: 100 }))
  .then((all) => all.filter((one) => one.state !== "applied").map((one) => [one.kind, one.state, one.answer?.code, one.answer?.field]))"""
SEND = """() => import("/static/field/sync.js").then((sync) => sync.now())"""


def write(page, name, value):
    page.fill(f"#f-{name}", value)


def sent(page):
    """Send what waits; return what the server did not take."""
    page.evaluate(SEND)
    return page.evaluate(STATES)


@pytest.fixture
def sealed(phone, mine):
    """Return the phone with one bag registered and sealed."""
    phone.click("#go-register")
    expect(phone.locator("#f-tag")).to_be_focused()
    phone.keyboard.type(mine.tags[0])
    phone.keyboard.press("Enter")
    write(phone, "mass_g", "2150")
    phone.click("#save-seal")
    write(phone, "maker", "ACME")
    write(phone, "number", "88231")
    write(phone, "mass_g", "2162")
    phone.click("#save-seal")
    expect(phone.locator("#f-tag")).to_be_focused()
    return phone


@pytest.fixture
def packing(sealed, mine, to):
    """Return the phone with that bag in a consignment, its papers and its dose rate recorded."""
    to("/new-consignment")
    sealed.select_option("#f-carrier", label="Hill Road Carriers")
    sealed.select_option("#f-destination", label="Hyderabad Assay Laboratory")
    sealed.click("#save-start")
    sealed.click("#add-bags")
    expect(sealed.locator("#save-pack")).to_be_disabled()
    sealed.wait_for_timeout(300)  # the screen listens for a scanner once it is drawn
    sealed.keyboard.type(mine.tags[0], delay=2)
    sealed.keyboard.press("Enter")
    sealed.click("#save-pack")
    sealed.wait_for_selector("#go-dispatch")
    road = sealed.url.split("/consignment/")[1]
    for kind in PAPERS:
        to(f"/paper/{road}/{kind}")
        write(sealed, "reference", f"{kind}-1")
        sealed.click("#save-paper")
        sealed.wait_for_selector("#go-dispatch")
    to(f"/dose/{road}")
    write(sealed, "instrument", "RadEye 7")
    write(sealed, "surface_usv_h", "0.21")
    write(sealed, "at_1m_usv_h", "0.12")
    sealed.click("#save-dose")
    sealed.wait_for_selector("#go-dispatch")
    return sealed, road


def test_a_bag_is_sealed_packed_and_dispatched_and_the_server_takes_it_all(packing):
    phone, road = packing
    phone.click("#go-dispatch")
    expect(phone.locator(".content .card")).to_contain_text(
        "1 bags, 2\u202f162\u00a0g, go to Hill Road Carriers"
    )
    phone.click("#save-dispatch")
    expect(phone.locator("#said")).to_contain_text("Dispatched")
    assert sent(phone) == []
    assert Consignment.objects.get(pk=road).state == "DISPATCHED"


def test_a_consignment_is_handed_over_with_a_signature(packing):
    phone, road = packing
    phone.click("#go-dispatch")
    phone.click("#save-dispatch")
    phone.get_by_role("button", name="Hand over").click()
    phone.click("#seal-whole")
    expect(phone.locator(".content")).to_contain_text("All 1 seals were looked at")
    phone.click("#seals-done")
    write(phone, "mass_g", "2160")
    write(phone, "to_name", "Lahpai Tu")
    write(phone, "to_document", "N-77120")
    phone.click("#turn")
    expect(phone.locator(".turned")).to_contain_text("Lahpai Tu, you take over")
    field = phone.locator("canvas.signature")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    phone.mouse.move(box["x"] + 30, box["y"] + 60)
    phone.mouse.down()
    for step in range(20):
        phone.mouse.move(box["x"] + 30 + step * 9, box["y"] + 60 + (step % 5) * 7)
    phone.mouse.up()
    phone.click("#signed")
    expect(phone.locator("#said")).to_contain_text("Lahpai Tu has 1 bags")
    assert sent(phone) == []
    event = CustodyEvent.objects.get(consignment=road, kind="HANDED_OVER", to_outsider__isnull=False)
    assert (event.gross_mass_g, event.confirmed_how) == (2160, "SIGNATURE")
    assert event.seals_found == [["ACME", "88231"]]


def test_a_refused_record_says_why_and_goes_in_once_corrected(phone, mine, to):
    phone.evaluate(
        """([batch, tag]) => import("/static/field/outbox.js").then((outbox) => outbox.add("register_sample", {
          sample_id: "01a20a61-a35e-78b3-8547-e4cd528d6a4c", batch, tag, mass_g: "0", here: { at: new Date().toISOString() } }))""",
        [str(mine.batch.pk), mine.tags[5]],
    )
    phone.evaluate(SEND)
    to("/outbox?show=refused")
    phone.click(".row >> nth=0")
    expect(phone.locator(".notice.bad")).to_contain_text("The mass is 0")
    phone.click("#correct")
    write(phone, "mass_g", "2044")
    phone.click("#save-correct")
    expect(phone.locator("#said")).to_contain_text("Corrected")
    assert sent(phone) == []
    to("/bags")
    expect(phone.locator(".content")).to_contain_text(show_tag(mine.tags[5]))
