"""People, organisations, roles, invitations and tokens over the API."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from knox.models import get_token_model

from lims.accounts import services
from lims.accounts.models import Membership, Organisation, User
from lims.api.models import IdempotencyKey
from tests.support.people import organisation

pytestmark = pytest.mark.django_db
UNKNOWN = "01900000-0000-7000-8000-000000000000"


class Caller:
    """Somebody's browser at the API."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __call__(self, method: str, address: str, body: Any = None, **headers: str) -> Any:
        sent = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(self.client, method)(f"/api/v1/{address}", headers=headers or None, **sent)


@pytest.fixture
def office(person, signed_in):
    return Caller(signed_in(person("administrator", "mines")))


def test_who_calls(person, signed_in):
    user = person("technician", "nfc")
    told = Caller(signed_in(user))("get", "me/").json()
    assert (told["email"], told["time_zone"]) == ("technician@nfc.test", "Asia/Kolkata")
    assert [(m["role"], m["organisation"]["code"]) for m in told["memberships"]] == [("TECHNICIAN", "NFC")]
    assert Caller(Client())("get", "me/").status_code == 401


def test_a_profile_is_changed_field_by_field(person, signed_in):
    user = person("technician", "nfc")
    call = Caller(signed_in(user))
    assert call("patch", "me/", {"time_zone": "Asia/Yangon"}).json()["time_zone"] == "Asia/Yangon"
    assert User.objects.get(pk=user.pk).name == user.name
    for body, code in (
        ({"time_zone": "Mars"}, "time-zone-unknown"),
        ({"email": "x@y.test"}, "field-unknown"),
    ):
        answer = call("patch", "me/", body)
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, code)


def test_an_organisation_is_added_once(office):
    body = {"name": "Deccan Assay", "code": "deccan", "kind": "LABORATORY"}
    first = office("post", "organisations/", body, **{"Idempotency-Key": "k-1"})
    again = office("post", "organisations/", body, **{"Idempotency-Key": "k-1"})
    assert (first.status_code, first.json()) == (201, again.json())
    assert Organisation.objects.filter(code="DECCAN").count() == 1
    refused = office("post", "organisations/", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "organisation-name-once")


def test_organisations_are_those_one_may_know_of(person, signed_in, office):
    person("manager", "irel")
    call = Caller(signed_in(person("technician", "nfc")))
    assert [row["code"] for row in call("get", "organisations/").json()["results"]] == ["NFC"]
    irel = organisation("irel")
    assert call("get", f"organisations/{irel.pk}/").status_code == 404
    assert office("get", f"organisations/{irel.pk}/").json()["code"] == "IREL"
    assert [row["code"] for row in office("get", "organisations/?kind=SPONSOR").json()["results"]] == ["IREL"]


def test_a_person_is_added_given_a_role_and_let_go(office):
    made = office("post", "people/", {"email": "Tara@Lab.test", "name": "Tara"}).json()
    assert (made["email"], made["memberships"]) == ("tara@lab.test", [])
    where = organisation("nfc")
    role = {"user": made["id"], "organisation": str(where.pk), "role": "TECHNICIAN"}
    given = office("post", "memberships/", role)
    assert (given.status_code, given.json()["user"]["email"]) == (201, "tara@lab.test")
    listed = office("get", f"memberships/?user={made['id']}").json()["results"]
    assert [row["id"] for row in listed] == [given.json()["id"]]
    assert office("post", "memberships/", role).json()["code"] == "membership-once"
    assert office("post", "memberships/", role | {"role": "AUDITOR"}).json()["code"] == "role-does-not-fit"
    assert office("delete", f"memberships/{given.json()['id']}/").status_code == 204
    assert not Membership.objects.filter(user_id=made["id"]).exists()
    assert office("post", f"people/{made['id']}/deactivate/").json()["is_active"] is False
    assert office("post", f"people/{made['id']}/reactivate/").json()["is_active"] is True


def test_locking_out_ends_sessions_and_tokens(office, person, signed_in):
    user = person("technician", "nfc")
    client = signed_in(user)
    services.issue_token(actor=user, user=user, days=3)
    assert office("post", f"people/{user.pk}/deactivate/").status_code == 200
    assert client.get("/api/v1/me/").status_code == 401
    assert not get_token_model().objects.filter(user=user).exists()
    assert str(user.pk) not in {s.get_decoded().get("_auth_user_id") for s in Session.objects.all()}


def test_an_invitation_is_sent_listed_and_withdrawn(office, django_capture_on_commit_callbacks):
    body = {
        "email": "T@lab.test",
        "name": "T",
        "organisation": str(organisation("nfc").pk),
        "role": "REVIEWER",
    }
    with django_capture_on_commit_callbacks(execute=True):
        made = office("post", "invitations/", body)
    assert (made.status_code, [message.to for message in mail.outbox]) == (201, [["t@lab.test"]])
    assert "secret" not in made.content.decode()
    assert [row["id"] for row in office("get", "invitations/").json()["results"]] == [made.json()["id"]]
    address = f"invitations/{made.json()['id']}/"
    assert [office("delete", address).status_code for _ in range(2)] == [204, 409]
    assert office("get", "invitations/").json()["results"] == []


# --- Tokens -------------------------------------------------------------------------------------------


def test_a_token_is_issued_by_a_session_only(person, signed_in):
    user = person("technician", "nfc")
    call = Caller(signed_in(user))
    made = call("post", "tokens/", {"days": 3}).json()
    assert made["token"].startswith(made["token_key"])
    bearer = {"Authorization": f"Token {made['token']}"}
    nobody = Caller(Client())
    listed = nobody("get", "tokens/", **bearer)
    assert [row["token_key"] for row in listed.json()] == [made["token_key"]]
    assert made["token"] not in listed.content.decode()
    refused = nobody("post", "tokens/", {"days": 3}, **bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "token-by-token")
    assert nobody("delete", f"tokens/{made['token_key']}/", **bearer).status_code == 204
    assert nobody("get", "tokens/", **bearer).status_code == 401


def test_a_token_takes_no_key_because_its_secret_is_not_kept(person, signed_in):
    call = Caller(signed_in(person("technician", "nfc")))
    refused = call("post", "tokens/", {"days": 3}, **{"Idempotency-Key": "k-1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-refused")
    assert not get_token_model().objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_somebody_elses_token_is_not_there(person, signed_in):
    owner, other = person("technician", "nfc"), person("reviewer", "nfc")
    token, _ = services.issue_token(actor=owner, user=owner, days=3)
    assert Caller(signed_in(other))("delete", f"tokens/{token.token_key}/").status_code == 404


# --- What nobody should send -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "x",
        None,
        7,
        {"user": "x", "organisation": "x", "role": "x"},
        {"email": "a\x00b", "name": "\x00"},
        {"name": "x" * 300, "code": "é" * 20, "kind": []},
        {"days": 10**400},
        {"days": "NaN"},
    ],
)
@pytest.mark.parametrize("address", ["organisations/", "people/", "memberships/", "invitations/", "tokens/"])
def test_no_body_breaks_anything(office, address, body):
    assert office("post", address, body).status_code in {400, 415, 422}


@pytest.mark.parametrize(
    "address",
    [
        "people/?email=%00",
        "people/?is_active=x",
        "memberships/?user=x",
        "organisations/?kind=x",
        "people/x/",
        "tokens/%00/",
        f"people/{UNKNOWN}/",
        "people/?cursor=x",
        "people/?sort=email",
        "organisations/x/",
    ],
)
def test_no_address_breaks_anything(office, address):
    assert office("get", address).status_code in {200, 400, 404, 405, 422}
