"""Every screen on a small phone: it fits, it can be pressed with gloves, read in the sun, and said aloud."""

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from samples.field.shell import files
from samples.registry.rules import make_tag, read_tag

PATHS = [
    "/",
    "/more",
    "/register",
    "/bags",
    "/consignments",
    "/new-consignment",
    "/handover",
    "/road",
    "/receive",
    "/inspection",
    "/losttag",
    "/lost",
    "/incident",
    "/scale",
    "/outbox",
    "/carry",
    "/settings",
    "/pin",
    "/wipe",
]
SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=file]), select, textarea, summary")]
  .filter((one) => one.checkVisibility() && !one.closest("label.picker"))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 48 || box.width < 48).map(([name]) => name)"""
NAMELESS = """() => [...document.querySelectorAll("a, button, input, select, textarea")]
  .filter((one) => one.checkVisibility() && !one.innerText?.trim() && !one.getAttribute("aria-label")
    && !(one.labels?.length)).map((one) => one.outerHTML.slice(0, 80))"""
FIELD = Path(__file__).resolve().parents[3] / "samples" / "field" / "static" / "field"


@pytest.mark.parametrize("language", ["en", "my", "hi"])
def test_every_screen_fits_and_can_be_pressed_and_said(phone, to, language):
    to("/settings")
    phone.click(f"button[lang={language}]")
    for path in PATHS:
        to(path)
        assert phone.evaluate("document.documentElement.scrollWidth") == 360, path
        assert phone.evaluate(SMALL) == [], path
        assert phone.evaluate(NAMELESS) == [], path
        assert phone.evaluate("document.querySelectorAll('h1').length") == 1, path


def luminance(colour):
    def linear(part):
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_stand_out_in_the_sun():
    css = (FIELD / "field.css").read_text(encoding="utf-8")
    tokens = {}
    for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", css):
        tokens[name] = value if len(value) == 7 else "#" + "".join(sign * 2 for sign in value[1:])
    pairs = [("ink", "paper"), ("ink-2", "paper"), ("ink-2", "sunk"), ("accent", "paper")]
    pairs += [("on-accent", "accent"), ("ochre", "petrol")]
    pairs += [(tone, f"{tone}-ground") for tone in ("good", "warn", "bad", "info")]
    assert {
        pair: contrast(tokens[pair[0]], tokens[pair[1]])
        for pair in pairs
        if contrast(*map(tokens.get, pair)) < 6
    } == {}


def test_the_first_load_is_small():
    loaded = [file for file in files(FIELD) if file.suffix != ".wasm"]
    packed = {file.name: len(gzip.compress(file.read_bytes(), 6)) for file in loaded}
    assert len(packed) > 30
    assert sum(packed.values()) < 350_000, sorted(packed.items(), key=lambda one: -one[1])[:5]


def test_nothing_is_fetched_from_anybody_else(phone, site, to):
    asked = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.reload()
    phone.wait_for_selector("[data-key='1']")
    phone.wait_for_timeout(500)
    assert asked
    assert [url for url in asked if not url.startswith((site, "blob:", "data:"))] == []


def test_the_phone_s_check_characters_are_the_server_s(phone):
    codes = [make_tag(prefix, number) for prefix in ("KC", "AZ", "ZA") for number in range(0, 999_999, 9_871)]
    made = phone.evaluate(
        """stems => import("/static/field/screens/tag.js").then((tag) => stems.map((stem) => tag.checkCharacter(stem)))""",
        [code[:8] for code in codes],
    )
    assert made == [code[8] for code in codes]
    read = phone.evaluate(
        """texts => import("/static/field/screens/tag.js").then((tag) => texts.map((text) => tag.readTag(text).code))""",
        [" kc-000123-j ", "KC 000123 J", "KC\u2013000123\u2013J", "kc000123j"],
    )
    assert read == [read_tag(" kc-000123-j ")] * 4


def test_the_pin_opens_a_wrong_one_does_not_and_two_presses_wipe(phone, to):
    to("/settings")
    phone.click("#lock-now")
    phone.wait_for_selector("[data-key='1']")
    for digit in "999998":
        phone.click(f"[data-key='{digit}']")
    phone.click("[data-key=done]")
    expect(phone.locator(".pin-word")).to_contain_text("not the PIN")
    phone.click("text=Wipe this phone")
    phone.click("#wipe-arm")
    phone.click("#wipe-now")
    expect(phone.locator("#choose-pin")).to_be_visible()
    assert phone.evaluate("indexedDB.databases().then((all) => all.length)") <= 1


def test_home_says_how_much_waits_and_since_when(phone, to):
    expect(phone.locator(".tally")).to_contain_text("Everything has arrived")
    phone.context.set_offline(True)
    phone.evaluate(
        """() => import("/static/field/outbox.js").then((outbox) => outbox.add("report_incident", {
          incident_id: crypto.randomUUID(), kind: "LOST", detail: "A bag fell into the river", consignment: crypto.randomUUID() }))"""
    )
    to("/more")
    to("/")
    expect(phone.locator(".tally")).to_contain_text("1 not sent yet")
    expect(phone.locator(".tally")).to_contain_text("the oldest for")
    expect(phone.locator(".status")).to_have_text("1")
    expect(phone.locator(".gauges")).to_contain_text("Free")
    expect(phone.locator("a.card")).to_contain_text("0 of 20 planned")
