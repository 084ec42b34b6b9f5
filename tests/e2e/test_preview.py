"""The preview in a browser: problems and suggestions by keys, one line beside its file, a layout taught by hand."""

import pytest
from playwright.sync_api import Page, expect

from tests.assays.certificates.conftest import FIRST, Desk, desk  # noqa: F401  # a fixture
from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture
from tests.e2e.test_grid_entry import signed_in


@pytest.fixture
def technician(screen: Page, desk: Desk) -> Page:  # noqa: F811  # a fixture
    """Return a page on which the technician is signed in."""
    return signed_in(screen, desk.technician)


def test_keys_go_from_problem_to_problem_and_accept_a_suggestion(technician, desk):  # noqa: F811  # a fixture
    one, two = desk.bench.sample(), desk.bench.sample()
    if one.tag.code[-1] == two.tag.code[-2]:
        # Without its check character two's code is one slip away from one's as well: rightly not a sure suggestion.
        two = desk.bench.sample()
    rows = [(one.tag.code, ["x?", "1"]), (two.tag.code[:-1], ["2", "3"])]
    upload = desk.preview(rows)
    page = technician
    page.goto(f"/certificates/{upload.pk}/")
    page.keyboard.press("n")
    expect(page.locator(f"#r{FIRST}c2")).to_be_focused()
    expect(page.locator(f"#open-{FIRST + 1}")).not_to_have_class("open-row is-settled")
    # Keys that follow faster than a person's are a scanner's.
    page.wait_for_timeout(300)
    page.keyboard.press("y")
    expect(page.locator(f"#open-{FIRST + 1}")).to_have_class("open-row is-settled")
    expect(page.locator(f"#r{FIRST + 1} .match")).to_contain_text(str(two))
    expect(page.locator("#commit-words")).to_contain_text("Commit 1 sample, 2\u202fvalues")


def test_a_key_typed_into_a_field_stays_there(technician, desk):  # noqa: F811  # a fixture
    upload = desk.preview([(desk.bench.sample().tag.code[:-1], ["2", "3"])])
    page = technician
    page.goto(f"/certificates/{upload.pk}/")
    page.locator(f"#open-{FIRST} summary").click()
    page.locator(f"#label-{FIRST}").press_sequentially("nyp")
    expect(page.locator(f"#label-{FIRST}")).to_have_value("nyp")
    expect(page.locator(f"#open-{FIRST}")).to_have_class("open-row")


def test_sure_suggestions_are_accepted_with_one_button(technician, desk):  # noqa: F811  # a fixture
    samples = [desk.bench.sample() for _ in range(3)]
    upload = desk.preview([(one.tag.code[:-1], ["2", "3"]) for one in samples])
    page = technician
    page.goto(f"/certificates/{upload.pk}/")
    page.get_by_role("button", name="Accept 3 sure suggestions").click()
    expect(page.locator("#open-head")).to_have_text("Every row is settled")
    expect(page.locator("#commit-words")).to_contain_text("Commit 3 samples, 6\u202fvalues")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_line_stands_beside_its_file_at_any_width(technician, desk, width):  # noqa: F811  # a fixture
    columns = ", ".join(f"ME-MS81 {name} ppm" for name in ("La", "Ce", "Nd", "Dy", "Yb"))
    tags = [desk.bench.sample().tag.code for _ in range(3)]
    rows = [(tag, ["10", "20", "8", "1", "0.5"]) for tag in tags[:2]]
    rows += [(tags[2], ["20", "40", "16000", "2", "<1"])]
    upload = desk.previewed(desk.file(rows, columns=columns))
    page = technician
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/certificates/{upload.pk}/rows/{FIRST + 2}/?column=4")
    expect(page.locator(".own-lines td.is-focus")).to_have_text("16000")
    expect(page.get_by_text("Nd is 1000 times more")).to_be_visible()
    expect(page.locator("svg.pattern circle")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
