"""Typed results in a browser: paste, errors in place, saved as one types, keyboard only, two people, a phone."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.assays.certificates.entry.conftest import typing  # noqa: F401  # a fixture
from tests.assays.quality.conftest import bench, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture
from tests.support.people import PASSWORD

LANTHANIDES = ["La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Er", "Tm", "Yb", "Lu", "Y"]
SAVED = "[data-state][data-is=saved]"


def signed_in(page: Page, user) -> Page:
    """Sign a person in on a page."""
    from lims.verbs import SystemActor, acting  # noqa: PLC0415  # models exist only once Django is set up

    with acting(SystemActor("tests"), verb_name="set_password"):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    page.goto("/account/login/")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/")
    return page


def opened(page: Page, made) -> Page:
    """Open the grid of a run and wait until it can be typed in."""
    page.goto(f"/runs/{made.run.pk}/typed/")
    expect(page.locator(".tabulator-row").first).to_be_visible()
    expect(page.locator("[data-plain]")).to_have_count(0)
    return page


def cell(page: Page, row: int, column: int):
    """Return a cell of the grid, both from 1."""
    return page.locator(f".tabulator-row >> nth={row - 1}").locator(f"[tabulator-field=c{column - 1}]")


def paste(page: Page, text: str) -> None:
    """Paste a text with the keyboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


@pytest.fixture
def wide(typing) -> Callable[..., object]:  # noqa: F811  # a fixture
    """Return a function that makes a run of 20 items, for which the method reports 16 analytes."""

    def make():
        from assays.catalogue import services  # noqa: PLC0415  # models exist only once Django is set up

        made = typing(19)
        for analyte in LANTHANIDES:
            services.set_method_analyte(
                actor=made.bench.manager,
                method=made.method,
                analyte=analyte,
                unit="ppm",
                lower_limit=Decimal("0.1"),
                upper_limit=Decimal(1000),
            )
        return made

    return make


@pytest.fixture
def at_bench(screen: Page) -> Callable[..., Page]:
    """Return a function that opens the grid of a run for its technician."""
    return lambda made: opened(signed_in(screen, made.technician), made)


def test_a_block_of_20_by_16_is_pasted_kept_and_submitted(at_bench, wide):
    made = wide()
    grid = made.begun()
    page = at_bench(made)
    cell(page, 1, 1).click()
    rows = [[str(row * 10 + column) for column in range(1, 17)] for row in range(1, 21)]
    paste(page, "\r\n".join("\t".join(line) for line in rows) + "\r\n")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("320 cells in 20 rows and 16 columns.")
    assert made.texts(grid) == {}
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(SAVED)).to_be_visible()
    expect(page.locator("[data-counts]")).to_contain_text("320 of 320 cells")
    texts = made.texts(grid)
    assert len(texts) == 320
    assert texts == {
        (f"R-7-{row:02}", at): rows[row - 1][at - 1] for row in range(1, 21) for at in range(1, 17)
    }
    # 201 to 216 % of Nd2O3 do not go into a sample: the column of % must be corrected first.
    expect(page.locator("[data-problems]")).to_contain_text("more than the whole sample")


def test_what_is_wrong_is_said_in_place_and_kept_through_a_reload(at_bench, typing):  # noqa: F811
    made = typing(2)
    made.begun()
    page = at_bench(made)
    cell(page, 2, 1).click()
    page.keyboard.type("what")
    page.keyboard.press("Tab")
    page.keyboard.type("2000")
    page.keyboard.press("Enter")
    expect(page.locator(SAVED)).to_be_visible()
    expect(page.locator(".is-bad[tabulator-field=c0]")).to_have_count(1)
    expect(page.locator(".is-warn[tabulator-field=c1]")).to_have_text("2000")
    expect(page.locator("[data-problems]")).to_contain_text("“what” is no number and no known word.")
    expect(page.locator("[data-problems]")).to_contain_text("2000 is above the ME-MS81 limit of 1000 ppm.")
    opened(page, made)
    expect(cell(page, 2, 1)).to_have_text("what")
    expect(page.locator("[data-counts]")).to_have_text("2 of 9 cells · 1 to correct · 1 to look at")
    # From the list to the cell.
    page.locator("[data-problems] button").first.click()
    expect(page.locator("[data-cell]")).to_contain_text("R-7-02, Dy in ppm")


def test_keyboard_only_from_the_first_cell_to_the_submitted_run(at_bench, typing):  # noqa: F811
    made = typing(2)
    grid = made.begun()
    page = at_bench(made)
    cell(page, 1, 1).click()
    press, write = page.keyboard.press, page.keyboard.type
    write("20.1")
    press("Enter")
    write("28.4")
    press("Tab")
    write("9")
    press("Escape")  # leaves the cell as it was
    write("5.1")
    press("Enter")
    press("ArrowLeft")
    write("7")
    press("Enter")
    expect(page.locator(SAVED)).to_be_visible()
    assert made.texts(grid) == {
        ("R-7-01", 1): "20.1",
        ("R-7-02", 1): "28.4",
        ("R-7-02", 2): "5.1",
        ("R-7-03", 1): "7",
    }
    press("F2")
    write("5")
    press("Enter")
    expect(cell(page, 3, 1)).to_have_text("75")
    press("Control+z")
    expect(cell(page, 3, 1)).to_have_text("7")
    press("Control+y")
    expect(cell(page, 3, 1)).to_have_text("75")
    press("Delete")
    expect(cell(page, 3, 1)).to_have_text("")
    press("Control+z")
    expect(cell(page, 3, 1)).to_have_text("75")
    expect(page.locator(SAVED)).to_be_visible()
    press("Escape")  # leaves the grid, to what is done next
    press("Enter")
    page.wait_for_url(f"**/runs/{made.run.pk}/")
    expect(page.get_by_text("values of 3 items are in")).to_be_visible()
    from assays.certificates.models import Determination  # noqa: PLC0415

    raws = Determination.objects.exclude(raw="").values_list("item__label", "raw")
    assert sorted(raws) == [("R-7-01", "20.1"), ("R-7-02", "28.4"), ("R-7-02", "5.1"), ("R-7-03", "75")]


def test_headings_and_ids_of_a_spreadsheet_are_found(at_bench, typing):  # noqa: F811
    made = typing(3)
    grid = made.begun()
    page = at_bench(made)
    cell(page, 1, 1).click()
    text = (
        "\tME-MS81\t\tME-XRF\t\n"
        "Sample\tHo\tDy\tNd2O3\tHf\n"
        "\tppb\tppm\t%\tppm\n"
        'R-7-03\t1\t"28.4"\t0.61\t3\nr-7-02\t2\t<0.05\tNSS\t4\nOther\t9\t9\t9\t9\n'
    )
    paste(page, text)
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("4 cells in 2 rows and 2 columns.")
    expect(dialog).to_contain_text("Rows go where their ids stand; columns go by their headings.")
    expect(dialog).to_contain_text("“ME-MS81 Ho ppb”: the unit is another one than the column's.")
    expect(dialog).to_contain_text("“ME-XRF Hf ppm”: no column of this run.")
    expect(dialog).to_contain_text("“Other”: no item of this run.")
    dialog.get_by_role("button", name="Leave").click()
    assert made.texts(grid) == {}
    paste(page, text)
    page.keyboard.press("Enter")
    expect(page.locator("[data-counts]")).to_contain_text("4 of 12 cells")
    expect(page.locator(SAVED)).to_be_visible()
    assert made.texts(grid) == {
        ("R-7-03", 1): "28.4",
        ("R-7-03", 3): "0.61",
        ("R-7-02", 1): "<0.05",
        ("R-7-02", 3): "NSS",
    }


def test_two_people_never_overwrite_each_other(at_bench, typing, chromium: Browser, site):  # noqa: F811
    made = typing(2)
    grid = made.begun()
    page = at_bench(made)
    cell(page, 2, 1).click()
    made.type(grid, "2 1 28.4", actor=made.other)
    page.keyboard.type("82.4")
    page.keyboard.press("Enter")
    clashes = page.locator("[data-clashes]")
    expect(clashes).to_contain_text("R-7-02, Dy in ppm: you typed 82.4; Second of NFC typed 28.4")
    assert made.texts(grid) == {("R-7-02", 1): "28.4"}
    clashes.get_by_role("button", name="Keep mine").click()
    expect(clashes).to_be_hidden()
    expect(page.locator(SAVED)).to_be_visible()
    assert made.texts(grid) == {("R-7-02", 1): "82.4"}
    # What the other types elsewhere appears by itself; theirs may be kept as well.
    made.type(grid, "3 2 0.5", actor=made.other)
    expect(cell(page, 3, 2)).to_have_text("0.5")
    made.type(grid, "2 1 30", actor=made.other, seen=2)
    cell(page, 2, 1).click()
    page.keyboard.type("31")
    page.keyboard.press("Enter")
    clashes.get_by_role("button", name="Keep theirs").click()
    expect(cell(page, 2, 1)).to_have_text("30")
    assert made.texts(grid) == {("R-7-02", 1): "30", ("R-7-03", 2): "0.5"}


def test_what_others_type_while_one_is_at_a_cell_is_told(at_bench, typing):  # noqa: F811
    made = typing(2)
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    page = at_bench(made)
    cell(page, 2, 1).click()
    page.keyboard.press("F2")
    made.type(grid, "2 1 30", "2 2 5", actor=made.other, seen=1)
    page.wait_for_timeout(6000)  # the grid has looked meanwhile
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(page.locator("[data-clashes]")).to_contain_text("you typed 28.49; Second of NFC typed 30")
    expect(cell(page, 2, 2)).to_have_text("5")
    # Whoever leaves the cell as it was sees what stands there now.
    page.locator("[data-clashes]").get_by_role("button", name="Keep theirs").click()
    page.keyboard.press("F2")
    made.type(grid, "2 1 31", actor=made.other, seen=2)
    page.wait_for_timeout(6000)
    page.keyboard.press("Escape")
    expect(cell(page, 2, 1)).to_have_text("31")
    # Undo leaves alone what somebody else has typed.
    page.keyboard.press("Control+z")
    page.wait_for_timeout(1000)
    assert made.texts(grid)["R-7-02", 1] == "31"


def test_without_a_connection_nothing_is_lost(at_bench, typing):  # noqa: F811
    made = typing(2)
    grid = made.begun()
    page = at_bench(made)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no line')); }")
    cell(page, 2, 1).click()
    page.keyboard.type("28.4")
    page.keyboard.press("Enter")
    expect(page.locator("[data-state]")).to_contain_text("kept in this browser")
    opened(page, made)
    expect(cell(page, 2, 1)).to_have_text("28.4")
    expect(page.locator(SAVED)).to_be_visible()
    assert made.texts(grid) == {("R-7-02", 1): "28.4"}


def test_the_grid_fits_a_phone(at_bench, wide):
    made = wide()
    made.begun()
    page = at_bench(made)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        opened(page, made)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_script_the_form_does_it(chromium: Browser, site, transactional_db, typing):  # noqa: F811
    made = typing(2)
    grid = made.begun()
    context = chromium.new_context(java_script_enabled=False, base_url=site)
    page = signed_in(context.new_page(), made.technician)
    page.goto(f"/runs/{made.run.pk}/typed/")
    page.get_by_label("R-7-02, Dy in ppm").fill("28.4")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("Kept. Nothing counts before it is submitted.")).to_be_visible()
    assert made.texts(grid) == {("R-7-02", 1): "28.4"}
    page.get_by_role("button", name="Submit 1 value of 1 item").click()
    expect(page.get_by_text("a second person reviews them")).to_be_visible()
    context.close()
