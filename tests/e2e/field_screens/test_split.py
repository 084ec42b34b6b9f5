"""A consignment is split on the road, without a network: some bags travel on as a consignment of their own."""

import pytest
from playwright.sync_api import expect

from samples.custody.models import Consignment, ConsignmentItem
from samples.registry.rules import show_tag
from tests.e2e.field_screens.test_road import PAPERS, sent, write

DRAFTED = """([key, note]) => import("/static/field/store.js").then((store) => store.draft(key))
  .then((kept) => kept?.note === note)"""


def registered(phone, to, tag, number, mass_g):
    to("/register")
    phone.fill("#f-tag", tag)
    phone.press("#f-tag", "Enter")
    write(phone, "mass_g", "2150")
    phone.click("#save-seal")
    write(phone, "maker", "ACME")
    write(phone, "number", number)
    write(phone, "mass_g", mass_g)
    phone.click("#save-seal")
    expect(phone.locator("#f-tag")).to_be_focused()


@pytest.fixture
def on_road(phone, mine, to):
    """Return the phone, without a network from now on, and the consignment of three bags that it sent off."""
    for at in range(3):
        registered(phone, to, mine.tags[at], f"8823{at}", f"216{at}")
    to("/new-consignment")
    phone.select_option("#f-carrier", label="Hill Road Carriers")
    phone.select_option("#f-destination", label="Hyderabad Assay Laboratory")
    phone.click("#save-start")
    phone.click("#add-bags")
    expect(phone.get_by_role("checkbox")).to_have_count(3)
    for at in range(3):
        phone.get_by_role("checkbox").nth(at).click()
    phone.click("#save-pack")
    phone.wait_for_selector("#go-dispatch")
    road = phone.url.split("/consignment/")[1]
    expect(phone.locator("#go-split")).to_have_count(0)
    for kind in PAPERS:
        to(f"/paper/{road}/{kind}")
        write(phone, "reference", f"{kind}-1")
        phone.click("#save-paper")
        phone.wait_for_selector("#go-dispatch")
    to(f"/dose/{road}")
    write(phone, "instrument", "RadEye 7")
    write(phone, "surface_usv_h", "0.21")
    write(phone, "at_1m_usv_h", "0.12")
    phone.click("#save-dose")
    phone.click("#go-dispatch")
    phone.click("#save-dispatch")
    phone.wait_for_selector("#go-split")
    assert sent(phone) == []
    phone.context.set_offline(True)
    return phone, road


def bags(consignment, *states):
    rows = ConsignmentItem.objects.filter(consignment=consignment, state__in=states)
    return sorted(rows.values_list("sample__tag__code", flat=True))


def test_the_bags_that_are_chosen_travel_on_by_themselves(on_road, mine, to):
    phone, road = on_road
    phone.click("#go-split")
    expect(phone.locator("#save-split")).to_be_disabled()
    phone.click(f"[data-tag='{mine.tags[0]}']")
    phone.keyboard.type(mine.tags[2], delay=2)
    phone.keyboard.press("Enter")
    expect(phone.locator("#save-split")).to_have_text("Split off 2 bags, 4\u202f322\u00a0g")
    phone.click(f"[data-tag='{mine.tags[1]}']")
    expect(phone.locator("#save-split")).to_be_disabled()
    expect(phone.locator("#save-split")).to_have_text("One bag must stay at least")
    phone.click(f"[data-tag='{mine.tags[1]}']")
    write(phone, "place", "Myitkyina")
    write(phone, "note", "The second car was full")
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    phone.click("#save-split")
    expect(phone.locator("#said")).to_contain_text("2 bags split off")
    part = phone.url.split("/consignment/")[1]
    assert part != road
    expect(phone.locator(".content")).to_contain_text(show_tag(mine.tags[2]))
    to(f"/consignment/{road}")
    expect(phone.locator(".content")).not_to_contain_text(show_tag(mine.tags[2]))
    expect(phone.locator("#go-split")).to_have_count(0)
    assert not Consignment.objects.filter(pk=part).exists()

    phone.context.set_offline(False)
    assert sent(phone) == []
    made = Consignment.objects.get(pk=part)
    assert (str(made.split_from_id), made.state) == (road, "DISPATCHED")
    assert bags(part, "PACKED") == sorted([mine.tags[0], mine.tags[2]])
    assert (bags(road, "PACKED"), bags(road, "MOVED")) == (
        [mine.tags[1]],
        sorted([mine.tags[0], mine.tags[2]]),
    )
    event = made.split_from.events.get(kind="SPLIT")
    assert event.place == "Myitkyina"
    assert event.note == f"2 bags travel on as {made}. The second car was full"
    to(f"/consignment/{part}")
    expect(phone.locator("h1")).to_have_text(made.code)


def test_what_was_chosen_is_still_chosen_after_a_kill(on_road, mine, to, reopened):
    phone, road = on_road
    phone.click("#go-split")
    phone.click(f"[data-tag='{mine.tags[1]}']")
    write(phone, "note", "Half a load")
    phone.wait_for_function(DRAFTED, arg=[f"split.{road}", "Half a load"])
    phone.context.set_offline(False)
    reopened()
    to(f"/split/{road}")
    expect(phone.locator("[aria-checked=true]")).to_contain_text(show_tag(mine.tags[1]))
    expect(phone.locator("#f-note")).to_have_value("Half a load")
