"""The whole journey in a real browser, as four people: coordinator, receptionist, technician with reviewer, manager.

Every step uses the real database, broker, worker, file and browser; nothing is made behind their backs but what was
there before: people, a mine, printed tags, NFC's catalogue and IREL's policy.
"""

import re
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page, expect

from assays.grading.models import Decision
from samples.registry import services
from samples.registry.rules import show_tag
from tests.assays.grading.ground import GOOD_QC, RICH, Ground, make_catalogue, make_policy
from tests.support.people import PASSWORD, organisation, person
from tests.support.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

PAPERS = ("Export paper", "Plant-quarantine permit for soil", "Radiological survey", "Due-diligence file")


def as_(screen: Page, role: str, where: str) -> Page:
    """Sign in as somebody else."""
    person(role, where, password=PASSWORD)
    screen.context.clear_cookies()
    screen.goto("/account/login/")
    screen.fill("[name=login]", f"{role}@{where}.test")
    screen.fill("[name=password]", PASSWORD)
    screen.press("[name=password]", "Enter")
    screen.wait_for_url(lambda address: "login" not in address)
    return screen


def scanned(page: Page, *codes: str) -> None:
    """Type as scanner and scale do: each ends with Enter."""
    for code in codes:
        page.keyboard.type(code)
        page.keyboard.press("Enter")


@pytest.fixture
def tags(screen: Page) -> list[str]:
    """Return four printed tags of IREL's; the mine is there, the batch is not yet."""
    manager, owner = person("manager", "irel", password=PASSWORD), organisation("irel")
    make_catalogue(organisation("nfc"))
    make_policy(manager, owner)
    services.add_mine(
        actor=manager,
        owner=owner,
        code="PN-1",
        name="Pangwa North",
        latitude=Decimal("26.1"),
        longitude=Decimal("98.4"),
        controlling_body="Cooperative",
        deposit_type="Ion-adsorption clay",
    )
    organisation("hillroad")
    services.start_tags(actor=manager, owner=owner, prefix="KC")
    return [show_tag(tag.code) for tag in services.issue_tags(actor=manager, owner=owner, count=4)]


def registered(screen: Page, tags: list[str]) -> None:
    """Open a batch and register four bags of four pits, the defaults carried over."""
    page = as_(screen, "field_coordinator", "irel")
    page.goto("/batches/add/")
    page.select_option("[name=material_type]", "ION_ADSORPTION_CLAY")
    page.fill("[name=campaign]", "Post-monsoon grid")
    page.fill("[name=planned_count]", "4")
    page.locator("main form").get_by_role("button").first.click()
    page.get_by_role("link", name=re.compile("Register sample")).first.click()
    for number, tag in enumerate(tags):
        page.fill("[name=tag]", tag)
        page.fill("[name=mass_g]", "2150")
        page.fill("[name=site]", f"Pit {number + 1}")
        page.get_by_role("button", name="Save and next").click()
        expect(page.locator("main, body").first).to_contain_text(f"{tag} is registered")


def dispatched(page: Page, tags: list[str]) -> None:
    """Seal and pack by scanner, tick the papers, measure the dose rate, dispatch."""
    page.goto("/consignments/new/")
    page.select_option("[name=carrier]", label="Hill Road Carriers")
    page.select_option("[name=destination]", label="Hyderabad Assay Laboratory")
    page.locator("main form").get_by_role("button").first.click()
    page.wait_for_url(re.compile(r"/consignments/[0-9a-f-]{36}/"))
    here = re.search(r"/consignments/[0-9a-f-]{36}/", page.url)
    assert here is not None
    page.goto(f"{here[0]}pack/")
    for number, tag in enumerate(tags):
        expect(page.locator("[name=tag]")).to_be_focused()
        scanned(page, tag, f"A-10{number}", "2160", *(["Acme"] if number == 0 else []))
        expect(page.locator("#packing h2").first).to_contain_text(f"{number + 1} bag")
    page.goto(here[0])
    for paper in PAPERS:
        page.get_by_text("Add a paper").click()
        page.select_option("[name=kind]", label=paper)
        page.fill("[name=reference]", "2026-117")
        page.get_by_role("button", name="Keep this paper").click()
        expect(page.locator("main")).to_contain_text(paper)
    page.get_by_text("Record the dose rate").click()
    page.fill("[name=instrument]", "Survey meter 7")
    page.fill("[name=surface_usv_h]", "0.31")
    page.fill("[name=at_1m_usv_h]", "0.12")
    page.get_by_role("button", name="Keep the dose rate").click()
    page.goto(f"{here[0]}dispatch/")
    page.get_by_role("button", name="Dispatch 4 bags").click()
    page.wait_for_url(f"**{here[0]}")


def received(screen: Page, tags: list[str]) -> None:
    """Receive all four bags by scanner."""
    page = as_(screen, "receptionist", "nfc")
    page.goto("/receiving/")
    page.get_by_role("link", name="Receive", exact=True).click()
    for number, tag in enumerate(tags):
        expect(page.locator("[name=tag]")).to_be_focused()
        scanned(page, tag.replace("-", "").lower())
        expect(page.locator("#in-hand")).to_contain_text(f"Acme A-10{number}")
        scanned(page, "2160", f"A-10{number}")
        expect(page.locator(".last-tag")).to_have_text(tag)
    page.get_by_role("button", name=re.compile("^Finish")).click()
    page.wait_for_load_state()


def committed(screen: Page, content: bytes, number: str, says: str) -> None:
    """Drop a certificate, say who issued it, look at the preview, commit it."""
    page = as_(screen, "technician", "nfc")
    page.goto("/certificates/")
    page.set_input_files("[name=file]", {"name": f"{number}.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Read the certificate").click()
    expect(page.locator("table.cells")).to_be_visible(timeout=30_000)
    page.select_option("[name=laboratory]", label="Hyderabad Assay Laboratory")
    page.fill("[name=number]", number)
    page.get_by_role("button", name="Keep it").click()
    commit = page.get_by_role("button", name=says)
    expect(commit).to_be_visible(timeout=30_000)
    commit.click()
    expect(page.locator("main")).to_contain_text("Waiting for review", timeout=30_000)


def approved(screen: Page, number: str) -> None:
    """Approve a run from the queue, as a second person."""
    page = as_(screen, "reviewer", "nfc")
    page.goto("/review/")
    page.get_by_role("link", name=number).first.click()
    page.locator("#id_approveform_password").fill(PASSWORD)
    page.get_by_role("button", name="Approve these results").click()
    expect(page.locator("main")).to_contain_text("are approved")


def test_from_the_bag_to_the_grade_report(
    screen: Page, worker: Worker, tags: list[str], tmp_path: Path
) -> None:
    registered(screen, tags)
    dispatched(screen, tags)
    received(screen, tags)
    codes = [tag.replace("-", "") for tag in tags]
    committed(
        screen, Ground.content("NFC26-77", codes, RICH, GOOD_QC), "NFC26-77", "Commit 4 samples, 3 QC items"
    )
    approved(screen, "NFC26-77")
    page = as_(screen, "manager", "irel")
    page.wait_for_url("**/dashboard/")
    expect(page.locator("h1")).to_contain_text("1 batch flagged", timeout=30_000)
    decision = Decision.objects.get()
    page.get_by_role("link", name=decision.batch.code).first.click()
    expect(page.get_by_text("The batch holds enough.")).to_be_visible()
    chart = page.locator("[data-chart]").first
    expect(chart).to_have_attribute("data-state", "drawn")
    page.goto(f"/decisions/{decision.pk}/")
    report = page.get_by_role("link", name="Report, PDF")
    expect(report).to_be_visible(timeout=40_000)
    with page.expect_download() as coming:
        report.click()
    coming.value.save_as(tmp_path / "report.pdf")
    text = "".join(leaf.extract_text() for leaf in pypdf.PdfReader(tmp_path / "report.pdf").pages)
    assert decision.batch.code in text
    assert decision.report.code in text
    assert tags[0] in text
