"""What is done on the road besides: an inspection, a lost tag, the scale's check, an incident, a hand-over by PIN."""

import pytest
from playwright.sync_api import expect

from samples.custody.models import (
    CustodyEvent,
    Incident,
    IncidentAttachment,
    ScaleCheck,
    Seal,
    TagReplacement,
)
from samples.registry.models import Sample
from samples.registry.rules import show_tag
from tests.e2e.field_screens.test_register import PHOTOGRAPH
from tests.e2e.field_screens.test_road import packing, sealed, sent, write  # noqa: F401  # fixtures
from tests.support.people import person
from tests.support.worker import until

CONTACTS = """() => import("/static/field/store.js").then((store) => store.ref("contacts")).then((all) => all.length)"""


def photographed(phone):
    phone.set_input_files("label.picker input", PHOTOGRAPH)
    phone.wait_for_selector(".picture img")


@pytest.fixture
def away(phone, to):
    """Return the phone without a network, and how it comes back: what it then could not send."""

    def back():
        phone.context.set_offline(False)
        return sent(phone)

    phone.context.set_offline(True)
    return back


def test_a_bag_is_opened_at_an_inspection_and_sealed_again(sealed, mine, to, away):  # noqa: F811
    to("/inspection")
    sealed.keyboard.type(mine.tags[0])
    sealed.keyboard.press("Enter")
    expect(sealed.locator(".content")).to_contain_text("seal ACME 88231")
    write(sealed, "note", "Customs at the bridge looked into it")
    write(sealed, "place", "Mali bridge")
    photographed(sealed)
    sealed.click("#save-open")
    write(sealed, "number", "88240")
    write(sealed, "mass_g", "2150")
    sealed.click("#save-reseal")
    expect(sealed.locator("#said")).to_contain_text("Seal 88240 is on")
    assert not CustodyEvent.objects.filter(kind="OPENED").exists()
    assert away() == []
    opened = CustodyEvent.objects.get(kind="OPENED")
    assert (opened.place, opened.note) == ("Mali bridge", "Customs at the bridge looked into it")
    assert opened.photographs.count() == 1
    assert sorted(Seal.objects.values_list("number", "state")) == [("88231", "REMOVED"), ("88240", "APPLIED")]
    assert list(Incident.objects.values_list("kind", flat=True)) == ["OPENED_OUTSIDE"]


def test_a_lost_tag_is_replaced_before_two_witnesses_with_a_photograph(sealed, mine, to, away):  # noqa: F811
    to("/losttag")
    write(sealed, "tag", mine.tags[0])
    write(sealed, "new_tag", mine.tags[7])
    write(sealed, "reason", "Torn off by the strap; the seal is ACME 88231")
    for which, name in (("one", "Naw Seng"), ("two", "Hkun La")):
        write(sealed, f"name_{which}", name)
        write(sealed, f"document_{which}", f"N-{which}")
    sealed.click("#save-replace")
    expect(sealed.locator(".content")).to_contain_text("A photograph of the bag with its new tag is needed")
    photographed(sealed)
    sealed.click("#save-replace")
    expect(sealed.locator("#said")).to_contain_text(f"{show_tag(mine.tags[7])} replaces")
    assert away() == []
    made = TagReplacement.objects.select_related("witness_one", "witness_two", "photograph").get()
    assert (made.witness_one.name, made.witness_two.name) == ("Naw Seng", "Hkun La")
    assert made.photograph.width <= 1600
    assert Sample.objects.get().tag.code == mine.tags[7]


def test_the_scales_daily_check_says_at_once_how_far_it_is_off(phone, mine, to, away):
    to("/scale")
    phone.select_option("#f-scale", str(mine.scale.pk))
    write(phone, "nominal_g", "2000")
    write(phone, "read_g", "2003")
    expect(phone.locator(".notice.warn")).to_contain_text("3 g off; one division of this scale is 1 g")
    phone.click("#save-scale")
    expect(phone.locator("#said")).to_contain_text("Check recorded")
    assert away() == []
    check = ScaleCheck.objects.get()
    assert (check.scale, check.nominal_g, check.read_g, check.passed) == (mine.scale, 2000, 2003, False)


def test_an_incident_goes_in_with_its_photograph(sealed, mine, to, away):  # noqa: F811
    to("/incident")
    sealed.select_option("#f-kind", index=1)
    kind = sealed.locator("#f-kind").input_value()
    write(sealed, "detail", "The bag fell into the river and was dried")
    write(sealed, "tag", mine.tags[0])
    photographed(sealed)
    sealed.click("#save-incident")
    expect(sealed.locator("#said")).to_contain_text("Incident reported")
    assert away() == []
    incident = Incident.objects.get()
    assert (incident.kind, incident.sample.tag.code) == (kind, mine.tags[0])
    assert incident.detail == "The bag fell into the river and was dried"
    attached = IncidentAttachment.objects.get(incident=incident)
    assert attached.media_type == "image/jpeg"
    assert attached.size <= 400 * 1024


def given_on(phone, road, to, taker):
    """Hand the consignment over as far as the receiver's turn."""
    phone.click("#go-dispatch")
    phone.click("#save-dispatch")
    assert sent(phone) == []
    # Whom the phone may hand on to comes down with the consignment.
    until(lambda: sent(phone) == [] and phone.evaluate(CONTACTS) > 0)
    to(f"/handover/{road}")
    phone.click("#seal-whole")
    phone.click("#seals-done")
    phone.locator(f"[data-value='{taker.pk}']").click()
    phone.click("#turn")
    expect(phone.locator(".turned")).to_contain_text(f"{taker.name}, you take over")
    phone.context.set_offline(True)
    phone.click("#by-pin")


@pytest.mark.parametrize(
    ("typed", "how", "incidents"), [("739154", "PIN", []), ("739155", "", ["CUSTODY_GAP"])]
)
def test_the_receivers_pin_is_checked_when_it_arrives(packing, mine, to, typed, how, incidents):  # noqa: F811
    from lims.accounts.handover import set_pin  # noqa: PLC0415  # Django is set up by now

    phone, road = packing
    taker = person("custodian", "hillroad", nick="naw_seng")
    set_pin(actor=taker, pin="739154")
    given_on(phone, road, to, taker)
    for digit in typed:
        phone.locator("main").locator(f"[data-key='{digit}']").click()
    phone.locator("main").locator("[data-key=done]").click()
    expect(phone.locator("#said")).to_contain_text(f"{taker.name} has 1 bags")
    phone.context.set_offline(False)
    assert sent(phone) == []
    event = CustodyEvent.objects.get(consignment=road, kind="HANDED_OVER", to_person=taker)
    assert event.confirmed_how == how
    assert list(Incident.objects.values_list("kind", flat=True)) == incidents
    assert typed not in str(list(event.__dict__.values()))
    assert event.seals_found == [["ACME", "88231"]]
