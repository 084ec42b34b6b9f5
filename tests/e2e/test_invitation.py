"""An invitation in a real browser: the link, the form with its CSRF check, and the first page inside."""

import re

from playwright.sync_api import Page, expect

from lims.accounts.models import User
from lims.accounts.services import invite
from tests.support.people import organisation, person


def test_an_invited_person_comes_in(screen: Page):
    _, secret = invite(
        actor=person("administrator", "mines"),
        email="tara@lab.test",
        name="Tara",
        organisation=organisation("nfc"),
        role="TECHNICIAN",
    )
    screen.goto(f"/invitation/{secret}/")
    expect(screen.locator("h1")).to_have_text("Welcome, Tara")
    screen.fill("[name=password]", "clay from the eastern hills")
    screen.get_by_role("button", name="Begin").click()
    screen.wait_for_url(re.compile("^(?!.*invitation)"))
    assert [str(m) for m in User.objects.get(email="tara@lab.test").roles] == [
        "Laboratory technician, Hyderabad Assay Laboratory"
    ]
    screen.goto("/me/")
    expect(screen.locator("main")).to_contain_text("tara@lab.test")
