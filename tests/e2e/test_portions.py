"""Portions in a browser: the balance runs along while masses are typed, with keyboard only."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.assays.quality.conftest import bench, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture
from tests.assays.runs.portions.conftest import TAKEN, store  # noqa: F401  # a fixture
from tests.support.people import PASSWORD, person


@pytest.fixture
def technician(screen: Page, store) -> Page:  # noqa: F811  # a fixture
    """Return the page of a technician who has signed in."""
    person("technician", "nfc")
    user = store.technician
    from lims.verbs import SystemActor, acting  # noqa: PLC0415  # models exist only once Django is set up

    with acting(SystemActor("tests"), verb_name="set_password"):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    screen.goto("/account/login/")
    screen.fill("[name=login]", user.email)
    screen.fill("[name=password]", PASSWORD)
    screen.keyboard.press("Enter")
    screen.wait_for_url("**/runs/")
    return screen


def test_the_balance_runs_along_as_masses_are_typed(technician, store):  # noqa: F811  # a fixture
    bag = store.bag("2134.5", place=store.place("Room 2, shelf 4"))
    technician.goto(f"/portions/{bag.pk}/split/")
    technician.fill("[name=part-0-mass_g]", "1620.0")
    expect(technician.locator("#balance")).to_contain_text("514.5 g to go")
    technician.fill("[name=part-1-mass_g]", "255.5")
    technician.fill("[name=part-2-mass_g]", "250")
    technician.fill("[name=loss_g]", "6")
    expect(technician.locator("#balance")).to_contain_text("Balances within 10.6725 g")
    technician.get_by_role("button", name="Split it").click()
    expect(technician.get_by_text("Print 3 labels")).to_be_visible()
    assert sorted(bag.children.values_list("left_g", flat=True)) == [250, Decimal("255.5"), 1620]


def test_no_page_of_portions_is_wider_than_a_phone(technician, store):  # noqa: F811  # a fixture
    store.rule("COARSE", 0)
    bag = store.bag("2134.5", place=store.place("Room 2, shelf 4"))
    split = store.split(bag, "COARSE 1620", "PULP 255.5", "PULP 250", loss_g="6")
    pulp = split.portions.get(label__endswith="-P1")
    store.split(pulp, "ALIQUOT 0.2513", rest_g=Decimal("255.2487"), at=TAKEN + timedelta(hours=2))
    technician.set_viewport_size({"width": 360, "height": 740})
    for path in (
        "",
        "take-up/",
        "due/",
        "store/",
        f"of/{bag.sample_id}/",
        f"{pulp.pk}/",
        f"{pulp.pk}/split/",
    ):
        technician.goto(f"/portions/{path}")
        wide = technician.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, (path, wide)
