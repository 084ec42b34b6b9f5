"""A day without a network: registered, photographed, the tab killed, and sent over a line that breaks, twice."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from lims import files
from samples.field.models import Refusal
from samples.registry.models import Photograph, Sample
from tests.e2e.field.conftest import Phone
from tests.support.worker import until

BAGS = 20


def register(phone: Phone, tag: str, mass: int, photograph: Path) -> None:
    """Register one bag on its screen, as a person does."""
    page = phone.page
    page.fill("#f-tag", tag)
    page.fill("#f-mass_g", str(mass))
    page.set_input_files(".picture input[type=file]", photograph)
    expect(page.locator(".picture img")).to_be_visible()
    page.click("#save-next")
    expect(page.locator("#f-tag")).to_have_value("")


def sending(phone: Phone) -> bool:
    """Let the phone try to send; how that ends is looked at elsewhere."""
    phone.run("sync", "m.now()")
    return True


def test_twenty_samples_with_photographs_none_lost_and_none_doubled(phone: Phone, photograph: Path):
    phone.context.set_offline(True)
    phone.open()
    phone.page.goto("/field/#/register")
    for number in range(BAGS):
        if number == 8:
            # Half a sample is typed when the page is loaded anew: every keystroke is there again.
            phone.page.fill("#f-mass_g", "2222")
            phone.page.wait_for_timeout(300)
            phone.open()
            phone.page.goto("/field/#/register")
            expect(phone.page.locator("#f-mass_g")).to_have_value("2222")
        if number == 14:
            phone.again()
            phone.page.goto("/field/#/register")
        register(phone, phone.tags[number], 2000 + number, photograph)
    counts = phone.counts()
    assert (counts["unsent"], counts["refused"]) == (2 * BAGS, 0)
    assert not Sample.objects.exists()

    phone.again()
    # It breaks in the middle of what is sent, and in the middle of an answer: the server has done it, nobody was told.
    phone.line.break_sending(250_000)
    phone.context.set_offline(False)
    until(lambda: sending(phone) and phone.line.broken == 1)
    phone.line.break_answering(900)
    until(lambda: sending(phone) and phone.line.broken == 2)
    until(lambda: sending(phone) and phone.counts()["unsent"] == 0, within_s=60)
    assert phone.counts()["byState"]["applied"] == 2 * BAGS
    assert phone.run("sync", "m.now()") is None

    samples = Sample.objects.order_by("tag__code").select_related("tag")
    assert [(sample.tag.code, int(sample.mass_g)) for sample in samples] == [
        (phone.tags[number], 2000 + number) for number in range(BAGS)
    ]
    assert {(str(sample.latitude), str(sample.longitude)) for sample in samples} == {
        ("26.049800", "98.351200")
    }
    pictures = Photograph.objects.all()
    assert pictures.count() == BAGS == pictures.values("sample").distinct().count()
    assert not Refusal.objects.exclude(code="photograph-awaited").exists()
    for one in pictures:
        content = files.get(one.sha256)
        assert (len(content) <= 400_000, max(one.width, one.height) <= 1600) == (True, True)
        assert b"CAMERAMAKER" not in content
        assert not Image.open(io.BytesIO(content)).getexif()


def test_what_arrived_leaves_only_a_card(phone: Phone, photograph: Path):
    phone.open()
    phone.page.goto("/field/#/register")
    register(phone, phone.tags[0], 2150, photograph)
    assert phone.run("sync", "m.now()") is None
    left = phone.run(
        "base",
        "(async () => { const db = await m.base(); return [await db.count('photographs'), await db.count('operations')]; })()",
    )
    assert left == [0, 2]
