"""The shell in a real browser: keys, scanner, drafts, fragments, and no sideways scrolling on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from lims.verbs import SystemActor
from lims.web.services import tell
from tests.support.people import PASSWORD, person

KEPT = "() => Object.keys(localStorage).filter((key) => key.startsWith('draft:'))"


@pytest.fixture
def inside(screen: Page) -> Page:
    user = person("administrator", "irel", password=PASSWORD)
    tell(actor=SystemActor("tests"), user=user, kind="test", title="Leg 3 is overdue", url="/search/")
    screen.goto("/account/login/")
    screen.fill("[name=login]", user.email)
    screen.fill("[name=password]", PASSWORD)
    screen.click("main button")
    screen.wait_for_url(re.compile("^(?!.*login)"))
    screen.goto("/notices/")
    return screen


def scan(page: Page, code: str) -> None:
    page.keyboard.type(code, delay=3)
    page.keyboard.press("Enter")


def test_slash_goes_to_the_search_and_escape_leaves(inside):
    inside.keyboard.press("/")
    expect(inside.locator("#search-box")).to_be_focused()
    inside.keyboard.type("KC-1")
    inside.keyboard.press("Escape")
    expect(inside.locator("#search-box")).not_to_be_focused()
    inside.keyboard.press("/")
    inside.keyboard.type("KC-2", delay=60)
    inside.keyboard.press("Enter")
    inside.wait_for_url("**/search/?q=KC-2")


def test_a_scanner_is_heard_where_nothing_has_the_focus(inside):
    scan(inside, "KC-0412-T")
    inside.wait_for_url("**/search/?q=KC-0412-T")


def test_a_scanner_does_not_press_the_focused_link(inside):
    inside.locator(".bell").focus()
    scan(inside, "890123456")
    inside.wait_for_url("**/search/?q=890123456")


def test_slow_keys_are_no_scanner(inside):
    inside.keyboard.type("12345", delay=120)
    inside.keyboard.press("Enter")
    inside.wait_for_timeout(200)
    assert inside.url.endswith("/notices/")


def test_a_letter_goes_to_a_place(inside):
    link = inside.locator(".places a[data-letter]").first
    letter, address = link.get_attribute("data-letter"), link.get_attribute("href")
    inside.keyboard.press("g")
    inside.wait_for_timeout(120)
    inside.keyboard.press(letter)
    inside.wait_for_url(f"**{address}")


def test_a_menu_opens_and_closes(inside):
    menu = inside.locator("details.person-rail")
    menu.locator("summary").click()
    expect(menu.get_by_text("Sign out")).to_be_visible()
    inside.keyboard.press("Escape")
    expect(menu.get_by_text("Sign out")).not_to_be_visible()
    menu.locator("summary").click()
    inside.locator("h1").click()
    expect(menu.get_by_text("Sign out")).not_to_be_visible()


def test_a_draft_is_kept_and_can_be_dropped(inside):
    form = inside.locator("form[data-draft]")
    inside.goto("/styleguide/")
    form.locator("[name=tag]").fill("KC-0412-T")
    form.locator("[name=basis][value=leachable]").check()
    inside.reload()
    expect(form.locator("[name=tag]")).to_have_value("KC-0412-T")
    expect(form.locator("[name=basis][value=leachable]")).to_be_checked()
    form.get_by_text("Start afresh").click()
    expect(form.locator("[name=tag]")).to_have_value("")
    inside.reload()
    expect(form.locator("[name=tag]")).to_have_value("")


def test_a_draft_goes_once_the_server_has_it(inside):
    inside.goto("/styleguide/")
    inside.locator("form[data-draft] [name=tag]").fill("KC-0412-T")
    assert len(inside.evaluate(KEPT)) == 1
    inside.evaluate("sessionStorage.setItem('draft-sent', 'styleguide')")
    inside.goto("/notices/")
    assert inside.evaluate(KEPT) == []


def test_a_lost_session_loses_no_draft(inside):
    inside.goto("/styleguide/")
    form = inside.locator("form[data-draft]")
    form.locator("[name=tag]").fill("KC-0412-T")
    inside.evaluate("sessionStorage.setItem('draft-sent', 'styleguide')")
    email = inside.locator(".menu-who .muted").first.text_content()
    inside.context.clear_cookies()
    inside.goto("/notices/")
    inside.wait_for_url("**/account/login/**")
    inside.goto("/styleguide/")
    expect(form.locator("[name=tag]")).to_have_value("")  # nobody's, or another person's, page shows nothing
    inside.goto("/account/login/")
    inside.fill("[name=login]", email)
    inside.fill("[name=password]", PASSWORD)
    inside.click("main button")
    inside.wait_for_url(re.compile("^(?!.*login)"))
    inside.goto("/styleguide/")
    expect(form.locator("[name=tag]")).to_have_value("KC-0412-T")


def test_arrows_go_from_row_to_row_and_the_heading_stays(inside):
    inside.goto("/styleguide/")
    links = inside.locator("#tables tbody a")
    links.nth(0).focus()
    inside.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    inside.keyboard.press("ArrowUp")
    inside.keyboard.press("ArrowUp")
    expect(links.nth(0)).to_be_focused()
    links.nth(4).evaluate("(link) => window.scrollTo(0, link.getBoundingClientRect().top + scrollY - 140)")
    assert (
        inside.locator("#tables th").first.evaluate("(cell) => Math.round(cell.getBoundingClientRect().top)")
        == 64
    )


def test_progress_asks_until_it_is_done(inside):
    inside.goto("/styleguide/")
    expect(inside.locator(".progress-count")).to_have_text("2310 of 2310")
    expect(inside.locator(".progress-card")).not_to_have_attribute("hx-get", re.compile(".*"))


def test_a_fragment_is_put_in(inside):
    inside.route(
        "**/fragment/", lambda route: route.fulfill(status=200, content_type="text/html", body="<p>fine</p>")
    )
    inside.evaluate("htmx.ajax('GET', '/fragment/', {target: 'h1', swap: 'innerHTML'})")
    expect(inside.locator("h1")).to_have_text("fine")


@pytest.mark.parametrize(
    "address", ["/styleguide/", "/notices/", "/search/?q=KC-1", "/", "/account/second-factor/"]
)
def test_a_phone_never_scrolls_sideways(inside, address):
    inside.set_viewport_size({"width": 390, "height": 844})
    inside.goto(address)
    assert inside.evaluate("document.documentElement.scrollWidth") == 390


def test_targets_on_a_phone_are_large(inside):
    inside.set_viewport_size({"width": 390, "height": 844})
    inside.goto("/styleguide/")
    small = inside.evaluate(
        """[...document.querySelectorAll('.btn, .bell, .chip, .form-control, .form-select, summary, .bottom-bar a')]
           .filter((e) => e.checkVisibility() && Math.round(e.getBoundingClientRect().height) < 48)
           .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_a_failing_fragment_is_said_in_the_corner(chromium, site, transactional_db):
    """A page of its own: the browser writes the failing answer to the console, as it should."""
    context = chromium.new_context(base_url=site)
    page = context.new_page()
    page.goto("/account/login/")
    page.evaluate("htmx.ajax('GET', '/no/such/place/', 'h1')")
    expect(page.locator("#toasts .callout")).to_contain_text("There is nothing here")
    page.get_by_label("Close").click()
    expect(page.locator("#toasts .callout")).to_have_count(0)
    context.close()
