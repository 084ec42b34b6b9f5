"""What is shown when something goes wrong."""

import pytest
from django import forms
from django.contrib.messages import storage
from django.db import OperationalError
from django.shortcuts import render
from django.test import Client, RequestFactory

from lims.errors import Invalid, Place, Problem
from lims.web import pages
from lims.web.forms import add_problems

HANDLERS = [
    (pages.bad_request, 400, "That request made no sense"),
    (pages.permission_denied, 403, "This is not yours to see"),
    (pages.page_not_found, 404, "There is nothing here"),
]


@pytest.mark.parametrize(("handler", "status", "words"), HANDLERS)
def test_pages(handler, status, words):
    answer = handler(RequestFactory().get("/x"), exception=ValueError())
    assert answer.status_code == status
    assert f"<h1>{words}</h1>" in answer.content.decode()
    assert 'data-page="error"' in answer.content.decode()


class Down:
    """A session or a person whose database does not answer."""

    def __getattr__(self, name):
        raise OperationalError("the database does not answer")


@pytest.mark.parametrize(("headers", "begins"), [({}, "<!doctype html>"), ({"HX-Request": "true"}, "<div")])
def test_our_fault_needs_no_session_and_no_database(headers, begins):
    request = RequestFactory().get("/x", headers=headers)
    request.session = request.user = Down()
    request._messages = storage.default_storage(request)
    answer = pages.server_error(request)
    assert (answer.status_code, answer.content.decode().strip()[: len(begins)]) == (500, begins)
    assert "That was our fault" in answer.content.decode()


def test_fragments_get_a_fragment():
    answer = pages.page_not_found(
        RequestFactory().get("/x", headers={"HX-Request": "true"}), exception=ValueError()
    )
    assert answer.status_code == 404
    assert answer.content.startswith(b"<div")


@pytest.mark.django_db
def test_an_address_that_is_none(person, signed_in):
    for client in (Client(), signed_in(person("manager", "irel"))):
        answer = client.get("/no/such/place/")
        assert (answer.status_code, "There is nothing here" in answer.content.decode()) == (404, True)


@pytest.mark.django_db
def test_a_form_without_its_token(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        person("manager", "irel"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    answer = client.post("/notices/read/")
    assert answer.status_code == 403
    assert "This form was open too long" in answer.content.decode()


class Weighing(forms.Form):
    mass_g = forms.DecimalField()


def test_problems_of_a_service_stand_beside_their_fields():
    form = Weighing({"mass_g": "1"})
    assert form.is_valid()
    refusal = Invalid(
        Problem("mass", "The mass is 0 g.", "Weigh it again.", Place(field="mass_g")),
        Problem("tag", "The tag is unknown.", "Scan it again.", Place(field="tag")),
        Problem("late", "It is too late."),
    )
    add_problems(form, refusal)
    assert form.errors == {
        "mass_g": ["The mass is 0 g. Weigh it again."],
        "__all__": ["The tag is unknown. Scan it again.", "It is too late."],
    }


# --- The style guide draws ----------------------------------------------------------


@pytest.mark.django_db
def test_the_style_guide_on_a_trial(settings):
    page = Client().get("/styleguide/").content.decode()
    assert page.count("outcome-sign") == 7
    assert "KC-0412-T" in page
    assert Client().get("/styleguide/progress/").status_code == 200
    settings.TRIAL = False
    settings.SECURE_SSL_REDIRECT = False
    assert Client().get("/styleguide/").status_code == 404


@pytest.mark.parametrize(
    ("name", "words"), [("429.html", "Wait five minutes"), ("account/locked.html", "15 minutes")]
)
def test_too_many_tries(name, words):
    page = render(RequestFactory().get("/account/login/"), name).content.decode()
    assert "<h1>Too many tries</h1>" in page
    assert words in page
