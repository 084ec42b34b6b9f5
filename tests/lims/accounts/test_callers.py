"""Who calls the API: browsers, tokens good and bad; and that what is sent twice happens once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import get_token_model

from lims.accounts import services
from lims.accounts.models import Organisation, User
from lims.verbs import SystemActor, acting
from tests.support.people import organisation

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def administrator(person: Callable[..., User]) -> User:
    return person("administrator", "mines")


@pytest.fixture
def office(administrator: User, signed_in: Callable[[User], Client]) -> Client:
    """Return the administrator's browser."""
    return signed_in(administrator)


def send(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"{API}/{path}/", body, content_type="application/json", headers=headers)


def codes(answer: Any) -> set[tuple[str, str | None]]:
    return {(problem["code"], problem.get("field")) for problem in answer.json()["problems"]}


def script(secret: str) -> Client:
    return Client(headers={"Authorization": f"Token {secret}"})


def test_a_stranger_is_asked_who_it_is():
    answer = Client().get(f"{API}/me/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not-authenticated"


def test_a_browser_needs_its_form_token(administrator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert send(client, "organisations", {"name": "N", "code": "NN", "kind": "SPONSOR"}).status_code == 403
    assert not Organisation.objects.filter(code="NN").exists()


def test_a_token_needs_none_and_acts_as_its_person(administrator):
    _, secret = services.issue_token(actor=administrator, user=administrator, days=1)
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {secret}"})
    assert send(client, "organisations", {"name": "N", "code": "NN", "kind": "SPONSOR"}).status_code == 201
    assert client.get("/me/").status_code == 302  # of the pages it opens none


def test_an_expired_token_is_refused_and_stays(person):
    user = person("technician", "nfc")
    token, secret = services.issue_token(actor=user, user=user, days=1)
    with acting(SystemActor("tests"), verb_name="age_token"):
        get_token_model().objects.filter(pk=token.pk).update(expiry=timezone.now() - timedelta(seconds=1))
    answer = script(secret).get(f"{API}/me/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert get_token_model().objects.filter(pk=token.pk).exists()


@pytest.mark.parametrize("header", ["Token", "Token x", "Token lims_" + "0" * 64, "Token a b", "Bearer x"])
def test_a_wrong_token_is_a_stranger(header):
    assert Client(headers={"Authorization": header}).get(f"{API}/me/").status_code == 401


def test_the_token_of_whoever_is_locked_out_is_worth_nothing(person):
    user = person("technician", "nfc")
    _, secret = services.issue_token(actor=user, user=user, days=1)
    with acting(SystemActor("tests"), verb_name="lock_out"):
        User.objects.filter(pk=user.pk).update(is_active=False)
    assert script(secret).get(f"{API}/me/").status_code == 401


@pytest.mark.parametrize("what", ["people", "organisations", "invitations", "memberships"])
def test_lists_cost_the_same_for_one_and_three(office, administrator, person, what):
    def more(nick: str) -> None:
        person("technician", "nfc", nick=nick)
        services.create_organisation(actor=administrator, name=nick, code=nick, kind="CARRIER")
        email, nfc = f"{nick}@x.test", organisation("nfc")
        services.invite(actor=administrator, email=email, name=nick, organisation=nfc, role="REVIEWER")

    more("ANNA")
    office.get(f"{API}/{what}/")
    with CaptureQueriesContext(connection) as few:
        first = len(office.get(f"{API}/{what}/").json()["results"])
    more("BINA")
    more("CHAI")
    with CaptureQueriesContext(connection) as many:
        assert len(office.get(f"{API}/{what}/").json()["results"]) == first + 2
    assert len(many) == len(few)


def test_an_unknown_field_is_refused_by_name(office):
    answer = send(office, "people", {"email": "a@b.test", "name": "A", "is_superuser": True})
    assert (answer.status_code, codes(answer)) == (422, {("field-unknown", "is_superuser")})
    assert not User.objects.filter(email="a@b.test").exists()


def test_missing_and_malformed_fields_are_named(office):
    assert codes(send(office, "people", {})) == {("field-required", "email"), ("field-required", "name")}
    assert codes(send(office, "people", {"email": "a", "name": "A"})) == {("email-malformed", "email")}
    assert send(office, "people", "{").status_code == 400


def test_a_person_is_made_once_for_one_key(office):
    body = {"email": "Ada@Lab.test", "name": "Ada"}
    first, again = (send(office, "people", body, **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.json()["email"], again["Idempotency-Replayed"]) == ("ada@lab.test", "true")
    other = send(office, "people", body | {"name": "Eve"}, **{"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    twice = send(office, "people", body)
    assert (twice.status_code, twice.json()["code"]) == (409, "user-email-once")
    assert User.objects.filter(email="ada@lab.test").count() == 1
