"""Building a run in a browser: the rack by keyboard, by pointer and by its buttons; two who change it at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.building.conftest import hall, strip  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture
from tests.assays.runs.portions.conftest import store  # noqa: F401  # a fixture
from tests.support.people import PASSWORD


@pytest.fixture
def technician(screen: Page, hall) -> Page:  # noqa: F811  # a fixture
    """Return the page of a technician who has signed in."""
    from lims.verbs import SystemActor, acting  # noqa: PLC0415  # models exist only once Django is set up

    with acting(SystemActor("tests"), verb_name="set_password"):
        hall.technician.set_password(PASSWORD)
        hall.technician.save(update_fields=["password"])
    screen.goto("/account/login/")
    screen.fill("[name=login]", hall.technician.email)
    screen.fill("[name=password]", PASSWORD)
    screen.keyboard.press("Enter")
    screen.wait_for_url("**/runs/")
    return screen


def order(page: Page) -> list[str]:
    """Return the ids of the rack's items as they are shown."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('[data-rack] [data-item]')].map(one => one.dataset.item)"
    )
    return found


def place_of(run, pk: str) -> int:
    """Return where an item stands in the record."""
    return int(run.items.get(pk=pk).position)


def test_a_run_is_built_and_begun_from_its_pages(technician, hall):  # noqa: F811  # a fixture
    pulps = hall.pulps(3)
    technician.goto(f"/runs/new/?method={hall.method.pk}")
    for one in pulps:
        technician.get_by_label(f"Choose {one.label}", exact=True).check()
    technician.get_by_role("button", name="Build the run").click()
    expect(technician.get_by_text("Look at its rack, then begin it.")).to_be_visible()
    assert len(order(technician)) == 6
    technician.locator("#id_begin_reason").fill("No coarse reject is kept")
    technician.get_by_role("button", name="Begin the run").click()
    expect(technician.get_by_role("link", name="Run sheet")).to_be_visible()


def test_an_item_moves_by_alt_and_an_arrow_and_keeps_the_focus(technician, hall):  # noqa: F811  # a fixture
    run = hall.build(3)
    technician.goto(f"/runs/{run.pk}/rack/")
    first, second, *rest = order(technician)
    technician.locator(f"[data-item='{first}']").focus()
    technician.keyboard.press("Alt+ArrowRight")
    expect(technician.locator("[data-said]")).to_have_text("Now at position 2")
    assert order(technician) == [second, first, *rest]
    assert technician.evaluate("document.activeElement.dataset.item") == first
    technician.keyboard.press("Alt+ArrowLeft")
    expect(technician.locator("[data-said]")).to_have_text("Now at position 1")
    assert order(technician) == [first, second, *rest]
    assert place_of(run, first) == 1


def test_an_item_is_dragged_to_where_it_is_let_go(technician, hall):  # noqa: F811  # a fixture
    run = hall.build(3)
    technician.goto(f"/runs/{run.pk}/rack/")
    before = order(technician)
    carried, target = before[0], before[3]
    start = technician.locator(f"[data-item='{carried}'] .strip-head").bounding_box()
    end = technician.locator(f"[data-item='{target}'] .strip-head").bounding_box()
    assert start is not None
    assert end is not None
    technician.mouse.move(start["x"] + 5, start["y"] + 5)
    technician.mouse.down()
    technician.mouse.move(end["x"] + 5, end["y"] + 5, steps=8)
    technician.mouse.up()
    expect(technician.locator("[data-said]")).to_have_text("Now at position 4")
    assert order(technician) == [*before[1:4], carried, *before[4:]]
    assert place_of(run, carried) == 4


def test_buttons_do_the_same_without_a_script(technician, hall, chromium, site):  # noqa: F811  # a fixture
    run = hall.build(3)
    context = chromium.new_context(
        java_script_enabled=False, base_url=site, storage_state=technician.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"/runs/{run.pk}/rack/")
    item = page.locator("[data-item]").first
    pk = item.get_attribute("data-item")
    item.get_by_role("button", name="Later").click()
    page.wait_for_url(re.compile("/rack/$"))
    assert pk is not None
    assert place_of(run, pk) == 2
    context.close()


def test_a_rack_that_somebody_else_changed_is_not_overwritten(technician, hall):  # noqa: F811  # a fixture
    from assays.runs.building import services  # noqa: PLC0415  # models exist only once Django is set up

    run = hall.build(3)
    technician.goto(f"/runs/{run.pk}/rack/")
    before = order(technician)
    theirs = run.items.get(pk=before[5])
    services.move_item(actor=hall.technician, run=run, version=hall.version(run), item=theirs, to=1)
    technician.locator(f"[data-item='{before[0]}']").focus()
    technician.keyboard.press("Alt+ArrowRight")
    expect(technician.get_by_text("Nothing was changed")).to_be_visible()
    assert order(technician) == [before[5], *before[:5]], "the rack as it stands is shown"
    assert place_of(run, before[5]) == 1


def test_no_page_of_building_is_wider_than_a_phone(technician, hall):  # noqa: F811  # a fixture
    hall.pulps(2)
    planned, begun = hall.build(3), hall.begin(hall.build(2))
    technician.set_viewport_size({"width": 360, "height": 740})
    for path in ("/runs/new/", f"/runs/{planned.pk}/rack/", f"/runs/{begun.pk}/rack/", f"/runs/{begun.pk}/"):
        technician.goto(path)
        wide = technician.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, (path, wide)
