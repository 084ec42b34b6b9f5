"""The manager's screens in a real browser: charts are drawn under the strict policy, and the numbers are there without them."""

import pytest
from playwright.sync_api import Page, expect

from tests.assays.reports import made
from tests.support.people import PASSWORD, person

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(screen: Page) -> None:
    person("manager", "irel", password=PASSWORD)
    screen.goto("/")
    screen.goto("/account/login/")
    screen.fill("[name=login]", "manager@irel.test")
    screen.fill("[name=password]", PASSWORD)
    screen.press("[name=password]", "Enter")
    screen.wait_for_url("**/dashboard/")


def test_the_charts_of_a_report_are_drawn_and_fit_a_phone(screen: Page) -> None:
    person("manager", "irel", password=PASSWORD)
    decision = made.decided()
    sign_in(screen)
    screen.get_by_role("link", name=decision.batch.code).click()
    expect(screen.get_by_text("The batch holds enough.")).to_be_visible()
    charts = screen.locator("[data-chart]")
    expect(charts).to_have_count(5)
    for number in range(5):
        charts.nth(number).scroll_into_view_if_needed()
        expect(charts.nth(number)).to_have_attribute("data-state", "drawn")
        expect(charts.nth(number).locator("svg")).to_be_visible()
    expect(charts.first).to_contain_text("threshold 25 ppm")
    expect(charts.first).to_contain_text("Flagged")
    screen.set_viewport_size({"width": 390, "height": 844})
    assert screen.evaluate("document.documentElement.scrollWidth") <= 390


def test_hovering_a_sample_names_it(screen: Page) -> None:
    person("manager", "irel", password=PASSWORD)
    decision = made.decided()
    sign_in(screen)
    screen.goto(f"/decisions/{decision.pk}/")
    strip = screen.locator('[data-chart="strip-0"]')
    strip.scroll_into_view_if_needed()
    expect(strip).to_have_attribute("data-state", "drawn")
    strip.locator("svg path[aria-roledescription='point']").first.hover()
    expect(screen.locator("#vg-tooltip-element")).to_contain_text(decision.case["samples"][0]["id"])
