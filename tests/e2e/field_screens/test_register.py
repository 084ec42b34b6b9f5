"""Registering on the phone: few taps, a scanner that types, drafts that survive, tags that are misread."""

import struct
import zlib

import pytest
from playwright.sync_api import expect

from samples.registry.rules import show_tag

TAPS = """() => { window.taps = 0; addEventListener("pointerdown", () => (window.taps += 1), true);
  addEventListener("keydown", () => (window.taps += 1), true); }"""
KEPT = """() => import("/static/field/outbox.js").then((outbox) => outbox.list({ limit: 50 }))"""


def png(width: int, height: int) -> bytes:
    """Return a picture in PNG, of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xb0\x60\x20" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


PHOTOGRAPH = {"name": "bag.png", "mimeType": "image/png", "buffer": png(2400, 1800)}


def scan(page, code):
    page.keyboard.type(code, delay=2)
    page.keyboard.press("Enter")


def begin(page):
    """Open the form; it is ready once the tag's field waits for the scanner."""
    page.click("#go-register")
    expect(page.locator("#f-tag")).to_be_focused()


def registered(page):
    return [one for one in page.evaluate(KEPT) if one["kind"] == "register_sample"]


def first_sample(page, mine):
    """Register the first sample, with what the next ones carry over."""
    begin(page)
    scan(page, mine.tags[0])
    page.keyboard.type("2150")
    page.select_option("#f-scale", str(mine.scale.pk))
    page.click("[data-value='Pit 1']")
    page.click("#save-next")
    expect(page.locator("#said")).to_contain_text(show_tag(mine.tags[0]))
    expect(page.locator("#f-tag")).to_have_value("")
    expect(page.locator("#f-tag")).to_be_focused()


def test_a_sample_after_the_first_takes_at_most_twelve_taps(phone, mine):
    first_sample(phone, mine)
    phone.evaluate(TAPS)
    phone.locator("#f-tag").evaluate("(field, code) => field.take(code)", mine.tags[1])  # the camera saw it
    expect(phone.locator("#f-mass_g")).to_be_focused()
    phone.keyboard.type("2218")  # four taps
    with phone.expect_file_chooser() as chooser:
        phone.tap("label.picker")  # one; the camera's own shutter and tick are two more
    chooser.value.set_files(PHOTOGRAPH)
    phone.wait_for_selector(".picture img")
    phone.tap("#save-next")  # one
    expect(phone.locator("#said")).to_contain_text(show_tag(mine.tags[1]))
    assert phone.evaluate("window.taps") + 2 <= 12
    made = registered(phone)
    assert [one["body"]["tag"] for one in made] == [mine.tags[1], mine.tags[0]]
    body = made[0]["body"]
    assert (body["mass_g"], body["site"], body["scale"]) == ("2218", "Pit 1", str(mine.scale.pk))
    assert body["collector"] == mine.coordinator.name
    assert body["here"]["latitude"] == "26.051200"
    assert body["here"]["accuracy_m"] == "8"


def test_digits_of_the_tag_and_one_press_are_enough_to_type_it(phone, mine):
    first_sample(phone, mine)
    phone.evaluate(TAPS)
    phone.keyboard.type(mine.tags[2][5:8])
    phone.get_by_role("button", name=show_tag(mine.tags[2])).tap()
    phone.keyboard.type("1990")
    phone.tap("#save-next")
    expect(phone.locator("#said")).to_contain_text(show_tag(mine.tags[2]))
    assert phone.evaluate("window.taps") <= 12
    assert registered(phone)[0]["body"]["tag"] == mine.tags[2]


def test_a_scanner_is_heard_in_whatever_field(phone, mine):
    begin(phone)
    phone.click("#f-mass_g")
    phone.keyboard.type("21", delay=90)
    scan(phone, mine.tags[3])
    expect(phone.locator("#f-tag")).to_have_value(show_tag(mine.tags[3]))
    expect(phone.locator("#f-mass_g")).to_have_value("21")
    expect(phone.locator("#f-mass_g")).to_be_focused()


def test_a_label_s_address_is_a_tag(phone, mine, site):
    begin(phone)
    scan(phone, f"{site}/t/{mine.tags[4]}")
    expect(phone.locator("#f-tag")).to_have_value(show_tag(mine.tags[4]))


def test_a_wrong_check_character_is_named_and_nothing_is_kept(phone, mine):
    wrong = mine.tags[0][:8] + ("A" if mine.tags[0][8] != "A" else "B")
    begin(phone)
    scan(phone, wrong)
    expect(phone.locator("#f-tag-fault")).to_contain_text(f"check character {wrong[8]}")
    phone.fill("#f-mass_g", "2150")
    phone.click("#save-next")
    expect(phone.locator(".faults")).to_contain_text("Not kept yet")
    expect(phone.locator("#f-tag")).to_be_focused()
    assert registered(phone) == []


@pytest.mark.parametrize(
    ("mass", "said"),
    [("0", "more than 0 g"), ("100001", "Over 100 kg"), ("2.1.5", "no mass"), ("", "missing")],
)
def test_a_mass_that_no_bag_has_is_refused_on_the_phone(phone, mine, mass, said):
    begin(phone)
    scan(phone, mine.tags[0])
    phone.fill("#f-mass_g", mass)
    phone.click("#save-next")
    expect(phone.locator("#f-mass_g-fault")).to_contain_text(said)
    assert registered(phone) == []


def test_a_tag_that_is_on_a_bag_is_not_taken_twice(phone, mine):
    first_sample(phone, mine)
    scan(phone, mine.tags[0])
    expect(phone.locator("#f-tag-fault")).to_contain_text("on a bag already")


def test_every_keystroke_survives_a_kill(phone, mine, reopened, to):
    begin(phone)
    scan(phone, mine.tags[0])
    for count, digit in enumerate("2150", 1):
        phone.keyboard.type(digit)
        phone.wait_for_timeout(200)
        reopened()
        to("/register")
        expect(phone.locator("#f-tag")).to_have_value(show_tag(mine.tags[0]))
        expect(phone.locator("#f-mass_g")).to_have_value("2150"[:count])
        phone.locator("#f-mass_g").focus()
        phone.keyboard.press("End")
    to("/bags")
    expect(phone.locator(".content")).to_contain_text("Begun, not saved")


def test_a_photograph_taken_survives_a_kill(phone, reopened, to):
    begin(phone)
    phone.set_input_files("label.picker input", PHOTOGRAPH)
    phone.wait_for_selector(".picture img")
    phone.wait_for_timeout(300)
    reopened()
    to("/register")
    size = phone.locator(".picture img").evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
    assert size == [1600, 1200]


def test_a_blind_item_needs_its_material_and_goes_along(phone, mine):
    begin(phone)
    scan(phone, mine.tags[0])
    phone.keyboard.type("500")
    phone.click("summary >> text=Depth")
    phone.click("[data-value=BLANK]")
    phone.click("#save-next")
    expect(phone.locator("#f-material-fault")).to_contain_text("missing")
    phone.fill("#f-material", "Quartz sand")
    phone.click("#save-next")
    expect(phone.locator("#said")).to_contain_text(show_tag(mine.tags[0]))
    assert registered(phone)[0]["body"]["blind"] == {"kind": "BLANK", "material": "Quartz sand"}
