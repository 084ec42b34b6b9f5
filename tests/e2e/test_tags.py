"""Tags in a browser: a block reserved and printed, a tag scanned by an ordinary camera, one that was torn off."""

from playwright.sync_api import expect
from pypdf import PdfReader

from samples.custody.models import TagReplacement
from samples.registry.models import Sample, TagBlock
from samples.registry.rules import show_tag
from tests.e2e.test_custody import Road, fits, road
from tests.e2e.test_hand_over import pictured
from tests.samples.registry.test_photographs import picture

__all__ = ["road"]


def test_a_block_is_reserved_printed_and_released(road: Road) -> None:
    page = road.sign_in("manager", "irel")
    page.goto("/tags/")
    expect(page.locator("main")).to_contain_text("No tags are reserved.")
    reserve = page.locator("form[action='/tags/reserve/']")
    reserve.locator("[name=count]").fill("30")
    reserve.locator("[name=note]").fill("Pangwa, December")
    reserve.get_by_role("button", name="Reserve tags").click()
    expect(page.locator("main")).to_contain_text("Pangwa, December")
    pictured(page, "tags")
    fits(page)
    block = TagBlock.objects.get()
    page.get_by_role("link", name="Labels of").click()
    page.wait_for_url("**/tags/labels/?block=*")
    expect(page.locator("main")).to_contain_text(
        f"30 tags, {show_tag(block.first)} to {show_tag(block.last)}"
    )
    expect(page.get_by_label("From tag")).to_have_count(0)
    page.get_by_label("A second label").check()
    pictured(page, "labels")
    fits(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="A4 sheets, PDF").click()
    text = "".join(sheet.extract_text() for sheet in PdfReader(waiting.value.path()).pages)
    assert text.count("Inside the bag") == 30
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Label printer, ZPL").click()
    assert waiting.value.suggested_filename == f"labels_{block.first}_{block.last}.zpl"
    page.goto("/tags/labels/")
    expect(page.get_by_label("From tag")).to_be_visible()
    page.goto("/tags/")
    page.get_by_role("button", name="Release").click()
    expect(page.locator("main")).to_contain_text("Released")


def test_a_tag_that_was_torn_off_is_replaced_and_still_leads_to_the_bag(road: Road) -> None:
    page = road.sign_in("manager", "irel")
    page.goto("/tags/")
    issue = page.locator("form[action='/tags/issue/']")
    issue.locator("[name=count]").fill("1")
    issue.get_by_role("button", name="Issue tags").click()
    old = Sample.objects.order_by("tag__code")[0]
    number = int(road.tags[-1][3:9]) + 1
    page.goto("/tags/?only=free")
    new = page.locator("td.tag").first.inner_text().strip()
    assert int(new[3:9]) == number
    page.goto(f"/t/{new.replace('-', '')}")
    expect(page.locator("main")).to_contain_text("This tag is on no bag yet")
    pictured(page, "free-tag")
    fits(page)
    page.goto(f"/t/{old.tag.code}")
    page.wait_for_url(f"**/samples/{old.pk}/")
    page.get_by_role("link", name="Put another tag on").click()
    for name, value in {
        "new_tag": new,
        "reason": "Torn off at the checkpoint",
        "name_one": "Naw Seng",
        "document_one": "9/KaMaYa 1",
        "name_two": "Hkun La",
    }.items():
        page.fill(f"[name={name}]", value)
    page.set_input_files(
        "[name=photograph]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    pictured(page, "another-tag")
    fits(page)
    page.get_by_role("button", name="Put the new tag on").click()
    page.wait_for_url(f"**/samples/{old.pk}/")
    expect(page.locator("main")).to_contain_text(f"{show_tag(old.tag.code)} is {new} from now on.")
    made = TagReplacement.objects.get()
    assert (made.witness_one.name, made.photograph.sample_id) == ("Naw Seng", old.pk)
    page.goto(f"/t/{old.tag.code}")
    expect(page.locator("main")).to_contain_text(f"was replaced: this bag's tag is {new} now")
    pictured(page, "replaced")
    fits(page)
