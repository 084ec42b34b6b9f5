"""Who may open a page, and what a refusal looks like."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.utils import timezone

from lims.errors import Invalid, NotFound, NotPermitted, Place, Problem, conflict
from lims.web.access import access_of, page, zone_of

pytestmark = pytest.mark.django_db


def ask(access, user, view=None, **headers: str):
    guarded = page(access)(view or (lambda _request: HttpResponse("in")))
    request = RequestFactory().get("/somewhere/?x=1", headers=headers)
    request.user = user
    return guarded(request)


def test_anyone():
    assert ask("anyone", AnonymousUser()).content == b"in"


@pytest.mark.parametrize("access", ["signed-in", "record.read"])
def test_strangers_are_asked_to_sign_in(access):
    answer = ask(access, AnonymousUser())
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/somewhere/%3Fx%3D1")


def test_a_fragment_of_a_stranger_loads_the_page_again():
    answer = ask("signed-in", AnonymousUser(), **{"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (401, "true")


def test_a_permission(person):
    assert ask("record.read", person("auditor", "irel")).content == b"in"
    with pytest.raises(PermissionDenied):
        ask("record.read", person("manager", "irel"))


def test_an_unknown_permission_lets_nobody_in(person):
    with pytest.raises(PermissionDenied):
        ask("no.such", person("administrator", "irel"))


def test_the_declaration_can_be_read():
    assert access_of(page("signed-in")(lambda _request: HttpResponse())) == "signed-in"
    assert access_of(lambda _request: HttpResponse()) is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid(Problem("mass", "The mass is 0 g.", "Weigh it again.", Place(field="mass_g"))), 422),
        (NotPermitted(Problem("not-yours", "The mass is 0 g.", "Weigh it again.")), 403),
        (NotFound(Problem("gone", "The mass is 0 g.", "Weigh it again.")), 404),
        (conflict("used", "The mass is 0 g.", "Weigh it again."), 409),
    ],
)
def test_a_refusal_becomes_the_problem_page(person, error, status):
    def refuse(_request):
        raise error

    whole = ask("signed-in", person("manager", "irel"), refuse)
    part = ask("signed-in", person("manager", "irel"), refuse, **{"HX-Request": "true"})
    assert (whole.status_code, part.status_code) == (status, status)
    for answer in (whole, part):
        assert "The mass is 0 g." in answer.content.decode()
        assert "Weigh it again." in answer.content.decode()
    assert whole.content.startswith(b"<!doctype html>")
    assert part.content.strip().startswith(b'<div class="callout callout-bad" data-problem>')


def test_times_are_in_the_readers_zone(person):
    seen = []
    reader = person("manager", "irel")
    reader.time_zone = "Asia/Yangon"
    ask(
        "anyone", reader, lambda _request: seen.append(timezone.get_current_timezone_name()) or HttpResponse()
    )
    ask(
        "anyone",
        AnonymousUser(),
        lambda _request: seen.append(timezone.get_current_timezone_name()) or HttpResponse(),
    )
    assert seen == ["Asia/Yangon", "Asia/Kolkata"]
    assert timezone.get_current_timezone_name() == "Asia/Kolkata"


def test_a_lazy_page_is_rendered_in_the_readers_zone(person):
    reader = person("manager", "irel")
    reader.time_zone = "Asia/Yangon"
    answer = ask("anyone", reader, lambda request: TemplateResponse(request, "errors/404.html"))
    assert answer.is_rendered


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "Asia"])
def test_an_unknown_zone_is_indian_time(person, name):
    reader = person("manager", "irel")
    reader.time_zone = name
    assert zone_of(reader).key == "Asia/Kolkata"
